package source

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"
)

// sshServer serves the repositories of a folder with git upload-pack to the owner of one key.
type sshServer struct {
	addr    string
	hostKey ssh.Signer
	wg      sync.WaitGroup
}

func newKey(t testing.TB) (ed25519.PrivateKey, ssh.Signer) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, must(ssh.NewSignerFromKey(key))(t)
}

func newSSHServer(t testing.TB, root string, owner ssh.PublicKey) *sshServer {
	t.Helper()
	s := &sshServer{}
	_, s.hostKey = newKey(t)
	config := &ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if c.User() != "git" || string(key.Marshal()) != string(owner.Marshal()) {
			return nil, os.ErrPermission
		}
		return &ssh.Permissions{}, nil
	}}
	config.AddHostKey(s.hostKey)
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	s.addr = l.Addr().String()
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() { s.serve(c, config, root) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.wg.Wait()
	})
	return s
}

func (s *sshServer) serve(c net.Conn, config *ssh.ServerConfig, root string) {
	defer c.Close()
	_, channels, requests, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	s.wg.Go(func() { ssh.DiscardRequests(requests) })
	for offered := range channels {
		ch, reqs, err := offered.Accept()
		if err != nil {
			return
		}
		s.wg.Go(func() {
			for r := range reqs {
				if r.Type != "exec" {
					_ = r.Reply(false, nil)
					continue
				}
				_ = r.Reply(true, nil)
				var command struct{ Line string }
				_ = ssh.Unmarshal(r.Payload, &command)
				name := strings.Trim(strings.TrimPrefix(command.Line, "git-upload-pack "), "'")
				cmd := exec.Command("git", "upload-pack", filepath.Join(root, name))
				in, _ := cmd.StdinPipe()
				cmd.Stdout, cmd.Stderr = ch, ch.Stderr()
				go func() { _, _ = io.Copy(in, ch); _ = in.Close() }()
				status := uint32(0)
				if cmd.Run() != nil {
					status = 128
				}
				_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
				_ = ch.Close()
			}
		})
	}
}

// startAgent serves a key as ssh-agent does.
func startAgent(t testing.TB, key ed25519.PrivateKey) {
	t.Helper()
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(must(os.MkdirTemp("", "agent"))(t), "s")
	l := must(net.Listen("unix", socket))(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { _ = agent.ServeAgent(ring, c); _ = c.Close() })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
		_ = os.RemoveAll(filepath.Dir(socket))
	})
	t.Setenv("SSH_AUTH_SOCK", socket)
}

func TestSSH(t *testing.T) {
	home := alone(t)
	dir, first, second := workTree(t)
	key, signer := newKey(t)
	server := newSSHServer(t, filepath.Dir(dir), signer.PublicKey())
	url := "ssh://git@" + server.addr + "/shop"
	hosts := filepath.Join(home, ".ssh/known_hosts")
	startAgent(t, key)

	t.Run("no known hosts", func(t *testing.T) {
		e := wantKind(t, url, Options{}, NoAccess)
		if !strings.Contains(e.Error(), ssh.FingerprintSHA256(server.hostKey.PublicKey())) || !strings.Contains(e.Error(), "ssh-keyscan -p ") {
			t.Errorf("%v", e)
		}
	})
	t.Run("host not known", func(t *testing.T) {
		_, other := newKey(t)
		write(t, hosts, knownhosts.Line([]string{"example.com"}, other.PublicKey())+"\n")
		if e := wantKind(t, url, Options{}, NoAccess); !strings.Contains(e.Error(), "not in known_hosts") {
			t.Errorf("%v", e)
		}
	})
	t.Run("another key than known", func(t *testing.T) {
		_, other := newKey(t)
		write(t, hosts, knownhosts.Line([]string{server.addr}, other.PublicKey())+"\n")
		if e := wantKind(t, url, Options{}, NoAccess); !strings.Contains(e.Error(), "listening in") {
			t.Errorf("%v", e)
		}
	})
	write(t, hosts, knownhosts.Line([]string{server.addr}, server.hostKey.PublicKey())+"\n")
	for fragment, want := range map[string]string{"": second, "#release-1": first, "#" + first: first, "#" + first[:8]: first} {
		t.Run("agent "+fragment, func(t *testing.T) {
			if tree := open1(t, url+fragment, Options{}); tree.Commit != want || tree.Location != url+fragment {
				t.Errorf("commit %s, location %s", tree.Commit, tree.Location)
			}
		})
	}
	t.Run("no such repository", func(t *testing.T) { wantKind(t, url+"-nope", Options{}, NotFound) })
	t.Run("wrong ref", func(t *testing.T) { wantKind(t, url+"#nope", Options{}, BadRef) })
	t.Run("wrong user", func(t *testing.T) {
		wantKind(t, strings.Replace(url, "git@", "nobody@", 1), Options{}, NoAccess)
	})
	t.Run("no key", func(t *testing.T) {
		t.Setenv("SSH_AUTH_SOCK", "")
		if e := wantKind(t, url, Options{}, NoAccess); !strings.Contains(e.Error(), "ssh-add") {
			t.Errorf("%v", e)
		}
	})
	t.Run("key file", func(t *testing.T) {
		t.Setenv("SSH_AUTH_SOCK", "")
		block := must(ssh.MarshalPrivateKey(key, ""))(t)
		write(t, filepath.Join(home, ".ssh/id_ed25519"), string(pem.EncodeToMemory(block)))
		if tree := open1(t, url, Options{}); tree.Commit != second {
			t.Errorf("commit %s", tree.Commit)
		}
	})
	t.Run("no SSH server", func(t *testing.T) {
		l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
				_ = c.Close()
			}
		}()
		wantKind(t, "ssh://git@"+l.Addr().String()+"/x", Options{}, Unreachable)
	})
}

func TestSSHAddress(t *testing.T) {
	alone(t)
	for location, want := range map[string]string{
		"git@host.example:a/b": "host.example host.example:22", "ssh://git@h:2222/x": "h h:2222", "ssh://git@[::1]/x": "::1 [::1]:22",
	} {
		host, address := sshAddress(must(ParseLocation(location))(t))
		if host+" "+address != want {
			t.Errorf("%s: %s %s", location, host, address)
		}
	}
	if sshUser(Location{user: "x"}, "h") != "x" || sshUser(Location{}, "h") == "" {
		t.Error("user")
	}
}
