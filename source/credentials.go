package source

import (
	"bufio"
	"context"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"
)

// helperTimeout bounds Git's credential helper: it must not wait for a person.
const helperTimeout = 15 * time.Second

// credentials are where a user and password come from, in the order in which they are tried. A
// source that has none returns nil. For SSH there is one: the agent, which go-git asks by itself.
func (c *cloner) credentials() []func(context.Context) (transport.AuthMethod, error) {
	none := func(context.Context) (transport.AuthMethod, error) { return nil, nil }
	u, err := url.Parse(c.loc.URL)
	if !c.isHTTP() || err != nil {
		return []func(context.Context) (transport.AuthMethod, error){none}
	}
	list := []func(context.Context) (transport.AuthMethod, error){}
	if u.User != nil {
		password, _ := u.User.Password()
		list = append(list, func(context.Context) (transport.AuthMethod, error) {
			return &http.BasicAuth{Username: u.User.Username(), Password: password}, nil
		})
	} else {
		list = append(list, none)
	}
	basic := func(user, password string) transport.AuthMethod {
		if password == "" {
			return nil
		}
		return &http.BasicAuth{Username: user, Password: password}
	}
	return append(list,
		func(context.Context) (transport.AuthMethod, error) {
			return orNil(basic("git", os.Getenv("DRYDOCK_GIT_TOKEN")))
		},
		func(context.Context) (transport.AuthMethod, error) { return orNil(basic(fromNetrc(u.Hostname()))) },
		func(ctx context.Context) (transport.AuthMethod, error) { return orNil(basic(fromHelper(ctx, u))) },
		func(context.Context) (transport.AuthMethod, error) {
			if c.opts.Credentials == nil {
				return nil, nil
			}
			user, password, err := c.opts.Credentials(WithoutCredentials(c.loc.URL))
			if err != nil {
				return nil, err
			}
			return orNil(basic(user, password))
		})
}

// orNil turns a nil *http.BasicAuth in an interface into a nil interface.
func orNil(a transport.AuthMethod) (transport.AuthMethod, error) { return a, nil }

// fromNetrc looks a host up in ~/.netrc.
func fromNetrc(host string) (user, password string) {
	file := os.Getenv("NETRC")
	if file == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", ""
		}
		file = filepath.Join(home, ".netrc")
	}
	f, err := os.Open(file)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	return parseNetrc(io.LimitReader(f, 1<<20), host)
}

// parseNetrc finds the login and password of a host, or of the default entry.
func parseNetrc(r io.Reader, host string) (user, password string) {
	words := bufio.NewScanner(r)
	words.Split(bufio.ScanWords)
	match := false
	for words.Scan() {
		switch word := words.Text(); word {
		case "machine", "default":
			if password != "" {
				return user, password
			}
			match = word == "default" || words.Scan() && words.Text() == host
			user = ""
		case "login", "password", "account":
			if !words.Scan() {
				return "", ""
			}
			if match && word == "login" {
				user = words.Text()
			}
			if match && word == "password" {
				password = words.Text()
			}
		}
	}
	return user, password
}

// fromHelper asks the credential helper that Git is configured with. It runs Git, which is not
// part of any repository, and never lets it ask a person.
func fromHelper(ctx context.Context, u *url.URL) (user, password string) {
	program, err := exec.LookPath("git")
	if err != nil {
		return "", ""
	}
	ctx, cancel := context.WithTimeout(ctx, helperTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "credential", "fill")
	cmd.Dir = os.TempDir() // not a repository: its configuration must not name a helper
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "SSH_ASKPASS=true", "GIT_CEILING_DIRECTORIES="+filepath.Dir(os.TempDir()))
	cmd.Stdin = strings.NewReader("protocol=" + u.Scheme + "\nhost=" + u.Host + "\n\n")
	out, err := cmd.Output()
	if err != nil {
		return "", ""
	}
	for _, line := range strings.Split(string(out), "\n") {
		key, value, _ := strings.Cut(line, "=")
		switch key {
		case "username":
			user = value
		case "password":
			password = value
		}
	}
	return user, password
}
