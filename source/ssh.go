package source

import (
	"context"
	"errors"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/transport"
	gitssh "github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"github.com/skeema/knownhosts"
	sshagent "github.com/xanzy/ssh-agent"
	"golang.org/x/crypto/ssh"
)

const maxKeyFile = 64 << 10 // bytes; a private key has 3 KB at most

// sshKeys are what this machine has to show to an SSH server: the keys of ssh-agent, and
// those in ~/.ssh that have no passphrase.
type sshKeys struct {
	loc   Location
	agent net.Conn
}

func (k *sshKeys) close() {
	if k.agent != nil {
		_ = k.agent.Close()
	}
}

// auth never asks: the server's key must be in known_hosts already.
func (k *sshKeys) auth(context.Context) (transport.AuthMethod, error) {
	host, address := sshAddress(k.loc)
	check, algorithms := hostKeys(k.loc, address)
	return &gitssh.PublicKeysCallback{
		User:                  sshUser(k.loc, host),
		Callback:              func() ([]ssh.Signer, error) { return k.signers(host), nil },
		HostKeyCallbackHelper: gitssh.HostKeyCallbackHelper{HostKeyCallback: check, HostKeyAlgorithms: algorithms},
	}, nil
}

// sshAddress is the host as written, and the address that go-git dials after a look at ~/.ssh/config.
func sshAddress(loc Location) (host, address string) {
	e := loc.endpoint()
	host = e.Host
	name, port := host, e.Port
	if port == 0 {
		port = gitssh.DefaultPort
	}
	if real := gitssh.DefaultSSHConfig.Get(host, "Hostname"); real != "" {
		name = real
		if p, err := strconv.Atoi(gitssh.DefaultSSHConfig.Get(host, "Port")); err == nil {
			port = p
		}
	}
	return host, net.JoinHostPort(name, strconv.Itoa(port))
}

func sshUser(loc Location, host string) string {
	if loc.user != "" {
		return loc.user
	}
	if name := gitssh.DefaultSSHConfig.Get(host, "User"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "git"
}

func (k *sshKeys) signers(host string) []ssh.Signer {
	var all []ssh.Signer
	if sshagent.Available() {
		if agent, conn, err := sshagent.New(); err == nil {
			k.close()
			k.agent = conn
			if keys, err := agent.Signers(); err == nil {
				all = append(all, keys...)
			}
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return all
	}
	files := []string{gitssh.DefaultSSHConfig.Get(host, "IdentityFile"), "~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"}
	for _, file := range files {
		if rest, ok := strings.CutPrefix(file, "~/"); ok {
			file = filepath.Join(home, rest)
		}
		pem := readSmall(file, maxKeyFile)
		if signer, err := ssh.ParsePrivateKey(pem); err == nil { // one with a passphrase is for the agent
			all = append(all, signer)
		}
	}
	return all
}

// hostKeys checks a server's key against known_hosts, and names the algorithms of the keys that are known, so that the
// server shows one of these.
func hostKeys(loc Location, address string) (ssh.HostKeyCallback, []string) {
	unknown := func(key ssh.PublicKey) error {
		name := loc.hostname()
		port := ""
		if _, p, err := net.SplitHostPort(address); err == nil && p != "22" {
			port = "-p " + p + " "
		}
		return &Error{Kind: NoAccess, Err: errorf("the key of the host %s is not in known_hosts (it shows %s %s)", name, key.Type(), ssh.FingerprintSHA256(key)),
			Try: "compare that fingerprint with the one that the host's owner publishes, then: ssh-keyscan " + port + name + " >> ~/.ssh/known_hosts"}
	}
	db, err := gitssh.NewKnownHostsDb()
	if err != nil { // there is no such file: no host is known
		return func(_ string, _ net.Addr, key ssh.PublicKey) error { return unknown(key) }, nil
	}
	check := db.HostKeyCallback()
	return func(name string, remote net.Addr, key ssh.PublicKey) error {
		err := check(name, remote, key)
		switch {
		case err == nil:
			return nil
		case knownhosts.IsHostUnknown(err):
			return unknown(key)
		case knownhosts.IsHostKeyChanged(err):
			return &Error{Kind: NoAccess, Err: errorf("the host %s shows another key (%s %s) than the one in known_hosts: somebody may be listening in", loc.hostname(), key.Type(), ssh.FingerprintSHA256(key)),
				Try: "ask the host's owner before you change known_hosts"}
		}
		return err
	}, db.HostKeyAlgorithms(address)
}

// explainSSH recognises what SSH itself says. Nil: it is something else.
func explainSSH(err error, loc Location) error {
	if loc.Scheme != "ssh" {
		return nil
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "unable to authenticate"):
		return fail(NoAccess, loc, "clone", authHelp(loc), "the server takes none of the SSH keys of this machine")
	case strings.Contains(text, "ssh: handshake failed"), strings.Contains(text, "ssh: unexpected"):
		if cause := errors.Unwrap(err); cause != nil && cause.Error() == "EOF" {
			return fail(Unreachable, loc, "clone", "the same again; the server may limit connections", "the server hung up")
		}
		return fail(Unreachable, loc, "clone", "ssh -v with the same host, which says more", "no SSH connection came about: %s", firstWords(err))
	}
	return nil
}
