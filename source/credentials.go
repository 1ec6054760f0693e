package source

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// webOffers are the places where credentials for a web URL may be found, in the order in which they are tried. Without
// credentials in the URL the first try is made without any: most servers serve public repositories to all.
func webOffers(loc Location, opts Options) []offer {
	var list []offer
	if loc.user != "" || loc.password != "" {
		list = append(list, offer{"the URL", func(context.Context) (transport.AuthMethod, error) { return basic(loc.user, loc.password), nil }})
	} else {
		list = append(list, offer{"", anonymous})
	}
	if secure(loc) {
		list = append(list,
			offer{"DRYDOCK_GIT_TOKEN", func(context.Context) (transport.AuthMethod, error) { return fromEnvironment(loc.hostname()), nil }},
			offer{"~/.netrc", func(context.Context) (transport.AuthMethod, error) { return fromNetrc(loc.hostname()), nil }})
	}
	if loc.Scheme == "https" {
		list = append(list, offer{"Git's credential helper", func(ctx context.Context) (transport.AuthMethod, error) { return fromHelper(ctx, loc), nil }})
	}
	if opts.Credentials != nil {
		list = append(list, offer{"what was entered", func(ctx context.Context) (transport.AuthMethod, error) {
			shown := loc
			shown.Ref, shown.Subdir = "", ""
			user, password, err := opts.Credentials(ctx, shown.String())
			if err != nil {
				return nil, &Error{Kind: NoAccess, Err: fmt.Errorf("ask for credentials: %w", err), Try: authHelp(loc)}
			}
			return basic(user, password), nil
		}})
	}
	return list
}

// secure: what is kept on this machine is not sent in the clear to another one.
func secure(loc Location) bool {
	host := loc.hostname()
	ip := net.ParseIP(host)
	return loc.Scheme == "https" || host == "localhost" || ip != nil && ip.IsLoopback()
}

// basic is nil, and not a nil pointer in an interface, when there is nothing to send.
func basic(user, password string) transport.AuthMethod {
	if user == "" && password == "" {
		return nil
	}
	return &githttp.BasicAuth{Username: user, Password: password}
}

// fromEnvironment is DRYDOCK_GIT_TOKEN. Where DRYDOCK_GIT_TOKEN_HOST is set, the token goes to
// these hosts (comma-separated) alone; that is wise where the sources come from a list.
func fromEnvironment(host string) transport.AuthMethod {
	token := strings.TrimSpace(os.Getenv("DRYDOCK_GIT_TOKEN"))
	if token == "" {
		return nil
	}
	if hosts := os.Getenv("DRYDOCK_GIT_TOKEN_HOST"); hosts != "" {
		if !slices.ContainsFunc(strings.Split(hosts, ","), func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), host) }) {
			return nil
		}
	}
	// GitHub, GitLab, Gitea, Bitbucket and Azure DevOps take a token with any user name but an empty one.
	return basic("x-access-token", token)
}

const maxNetrc = 1 << 20 // bytes

// fromNetrc looks a host up in ~/.netrc, or in the file that NETRC names.
func fromNetrc(host string) transport.AuthMethod {
	file := os.Getenv("NETRC")
	if file == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		file = filepath.Join(home, ".netrc")
		if runtime.GOOS == "windows" {
			file = filepath.Join(home, "_netrc")
		}
	}
	return basic(netrc(string(readSmall(file, maxNetrc)), host))
}

// netrc finds a host's login and password: those of its own entry, else those of the
// default entry. See curl's and ftp's manual for the form.
func netrc(text, host string) (user, password string) {
	var fallback [2]string
	for len(text) > 0 {
		var name string
		var isDefault, isOurs bool
		var word string
		word, text = netrcWord(text)
		switch word {
		case "machine":
			name, text = netrcWord(text)
			isOurs = strings.EqualFold(name, host)
		case "default":
			isDefault = true
		case "macdef":
			_, text, _ = strings.Cut(text, "\n\n") // a macro ends at an empty line
			continue
		default:
			continue
		}
		var login, secret string
		login, secret, text = netrcEntry(text)
		switch {
		case isOurs && secret != "":
			return login, secret
		case isDefault && fallback[1] == "":
			fallback = [2]string{login, secret}
		}
	}
	if fallback[1] == "" {
		return "", ""
	}
	return fallback[0], fallback[1]
}

// netrcEntry reads what follows a machine's name, and returns what follows that.
func netrcEntry(text string) (login, password, rest string) {
	for {
		word, after := netrcWord(text)
		switch word {
		case "login":
			login, text = netrcWord(after)
		case "password":
			password, text = netrcWord(after)
		case "account":
			_, text = netrcWord(after)
		default:
			return login, password, text
		}
	}
}

func netrcWord(text string) (word, rest string) {
	text = strings.TrimLeft(text, " \t\r\n")
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
		text = strings.TrimLeft(text, " \t\r\n")
	}
	if i := strings.IndexAny(text, " \t\r\n"); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// helperTimeout bounds Git's credential helper. One that shows a window may take a person's time.
const helperTimeout = 60 * time.Second

// fromHelper asks the credential helper that this machine's Git is configured with. Git runs where no repository is, so that
// none can name a helper of its own, and is kept from asking on the terminal.
func fromHelper(ctx context.Context, loc Location) transport.AuthMethod {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, helperTimeout)
	defer cancel()
	var answer bytes.Buffer
	cmd := exec.CommandContext(ctx, git, "credential", "fill")
	cmd.Dir = filepath.VolumeName(os.TempDir()) + string(filepath.Separator)
	cmd.Env = helperEnvironment(os.Environ())
	cmd.Stdin = strings.NewReader("protocol=https\nhost=" + loc.Host + "\npath=" + strings.TrimPrefix(loc.Path, "/") + "\n\n")
	cmd.Stdout = &answer
	cmd.WaitDelay = time.Second // a helper of the helper may keep the pipe open
	if err := cmd.Run(); err != nil {
		return nil
	}
	var user, password string
	for line := range strings.Lines(answer.String()) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		switch key {
		case "username":
			user = value
		case "password":
			password = value
		}
	}
	return basic(user, password)
}

// helperEnvironment takes out what would tie Git to a repository, and turns off its questions.
func helperEnvironment(env []string) []string {
	var out []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ASKPASS", "SSH_ASKPASS", "GIT_TERMINAL_PROMPT":
			continue
		}
		out = append(out, v)
	}
	return append(out, "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "GCM_INTERACTIVE=never", "GIT_CEILING_DIRECTORIES="+string(filepath.Separator))
}
