package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/connhelper"
	dockercontext "github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/client"
)

// connectTimeout bounds the first question to an engine. Reaching one over ssh takes a handshake.
const connectTimeout = 20 * time.Second

// engine is a Docker engine that answers.
type engine struct {
	api     client.APIClient
	url     string // "unix:///var/run/docker.sock"
	host    string // where published ports are reached: "127.0.0.1", or the remote engine's name
	local   bool   // reached over a socket of this machine
	version string // "20.10.24"
	apiV    string // negotiated: "1.41"
	os      string
	podman  bool
	config  *configfile.ConfigFile // the user's Docker configuration: logins, proxies
}

// endpoint is a place where an engine may be.
type endpoint struct {
	url  string
	from string // "--engine", "DOCKER_HOST", "Docker context lab", "default"
	opts []client.Opt
}

func (e endpoint) String() string { return fmt.Sprintf("%s (%s)", withoutPassword(e.url), e.from) }

// connect finds an engine: the URL when there is one, else DOCKER_HOST, else the current Docker
// context, else the usual sockets. The error is an *EngineError, or the context's.
func connect(ctx context.Context, engineURL string) (*engine, error) {
	cfg := config.LoadDefaultConfigFile(io.Discard)
	endpoints, err := findEndpoints(engineURL, cfg)
	if err != nil {
		return nil, err
	}
	failed := &EngineError{Kind: Unreachable, While: "connect"}
	for _, ep := range endpoints {
		e, err := dial(ctx, ep, cfg)
		if err == nil {
			return e, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		failed.Tried = append(failed.Tried, ep.String())
		// "Permission denied" on a socket that is there says more than the absence of another.
		if kind := problemOf(err); failed.Err == nil || kind == Denied {
			failed.Kind, failed.Err = kind, err
		}
	}
	failed.Try = cures(failed.Kind, endpoints[0])
	return nil, failed
}

// findEndpoints lists the places to try, best first.
func findEndpoints(engineURL string, cfg *configfile.ConfigFile) ([]endpoint, error) {
	if engineURL != "" {
		ep, err := endpointAt(engineURL, "--engine")
		return []endpoint{ep}, err
	}
	if host := os.Getenv(client.EnvOverrideHost); host != "" {
		ep, err := endpointAt(host, client.EnvOverrideHost)
		return []endpoint{ep}, err
	}
	if name := cmp.Or(os.Getenv("DOCKER_CONTEXT"), cfg.CurrentContext); name != "" && name != "default" {
		ep, err := endpointOfContext(name)
		return []endpoint{ep}, err
	}
	var list []endpoint
	for _, u := range usualSockets() {
		ep, err := endpointAt(u, "default")
		if err != nil {
			return nil, err
		}
		list = append(list, ep)
	}
	return list, nil
}

// usualSockets are Docker's own address and, where they exist, those of a rootless engine and of Docker Desktop.
func usualSockets() []string {
	list := []string{client.DefaultDockerHost}
	var more []string
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		more = append(more, filepath.Join(dir, "docker.sock"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		more = append(more, filepath.Join(home, ".docker", "run", "docker.sock"), filepath.Join(home, ".docker", "desktop", "docker.sock"))
	}
	for _, p := range more {
		if info, err := os.Stat(p); err == nil && info.Mode()&fs.ModeSocket != 0 {
			list = append(list, "unix://"+p)
		}
	}
	return list
}

func endpointAt(engineURL, from string) (endpoint, error) {
	ep := endpoint{url: engineURL, from: from}
	helper, err := connhelper.GetConnectionHelper(engineURL)
	if err != nil {
		return ep, badReference(ep, err)
	}
	if helper != nil { // ssh://
		ep.opts = []client.Opt{
			client.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: helper.Dialer}}),
			client.WithHost(helper.Host),
			client.WithDialContext(helper.Dialer),
		}
		return ep, nil
	}
	if _, err := client.ParseHostURL(engineURL); err != nil {
		return ep, badReference(ep, err)
	}
	if !isSocket(engineURL) {
		ep.opts = append(ep.opts, client.WithTLSClientConfigFromEnv())
	}
	ep.opts = append(ep.opts, client.WithHost(engineURL))
	return ep, nil
}

func endpointOfContext(name string) (endpoint, error) {
	ep := endpoint{from: "Docker context " + name}
	s := store.New(config.ContextStoreDir(), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter(dockercontext.DockerEndpoint, func() any { return &dockercontext.EndpointMeta{} }),
	))
	meta, err := s.GetMetadata(name)
	if err != nil {
		return ep, badReference(ep, err)
	}
	epMeta, err := dockercontext.EndpointFromContext(meta)
	if err != nil {
		return ep, badReference(ep, err)
	}
	ep.url = epMeta.Host
	full, err := dockercontext.WithTLSData(s, name, epMeta)
	if err != nil {
		return ep, badReference(ep, err)
	}
	if ep.opts, err = full.ClientOpts(); err != nil {
		return ep, badReference(ep, err)
	}
	return ep, nil
}

func badReference(ep endpoint, err error) *EngineError {
	tried := ep.from
	if ep.url != "" {
		tried = ep.String()
	}
	return &EngineError{Kind: BadReference, While: "connect", Tried: []string{tried}, Err: err, Try: []string{
		"give an address such as unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host with --engine or DOCKER_HOST",
		"`docker context ls` lists the contexts that there are, and `docker context use default` goes back to the socket",
	}}
}

// dial asks an engine who it is.
func dial(ctx context.Context, ep endpoint, cfg *configfile.ConfigFile) (*engine, error) {
	api, err := client.NewClientWithOpts(append(ep.opts, client.WithVersionFromEnv(), client.WithAPIVersionNegotiation(), client.WithUserAgent("drydock"))...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	ping, err := api.Ping(ctx)
	if err != nil {
		_ = api.Close()
		return nil, err
	}
	api.NegotiateAPIVersionPing(ping)
	v, err := api.ServerVersion(ctx)
	if err != nil {
		_ = api.Close()
		return nil, err
	}
	e := &engine{api: api, url: ep.url, version: v.Version, apiV: api.ClientVersion(), os: v.Os, podman: isPodman(v), config: cfg}
	e.host, e.local = reachedAt(ep.url)
	return e, nil
}

func isPodman(v types.Version) bool {
	for _, c := range v.Components {
		if strings.HasPrefix(c.Name, "Podman") {
			return true
		}
	}
	return false
}

// reachedAt is the host name under which ports that the engine publishes are reached from here.
func reachedAt(engineURL string) (host string, local bool) {
	if isSocket(engineURL) {
		return "127.0.0.1", true
	}
	u, err := url.Parse(engineURL)
	if err != nil || u.Hostname() == "" {
		return "127.0.0.1", false
	}
	return u.Hostname(), false
}

// isSocket says that an address is one of this machine: a Unix socket, a named pipe.
func isSocket(engineURL string) bool {
	scheme, _, _ := strings.Cut(engineURL, "://")
	return scheme == "unix" || scheme == "npipe" || scheme == "fd"
}

func withoutPassword(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.User == nil {
		return s
	}
	return u.Redacted()
}

func (e *engine) close() { _ = e.api.Close() }

// name is what the verdict calls the engine.
func (e *engine) name() string { return fmt.Sprintf("%s (API %s)", e.version, e.apiV) }

// buildkit says that the engine can be asked to build with BuildKit. API 1.39 brought it, Windows
// containers do not have it, and Podman takes builds but offers no session.
func (e *engine) buildkit() bool {
	return e.os != "windows" && !e.podman && atLeast(e.apiV, 39)
}

// atLeast says that an API version such as "1.41" is 1.minor or newer. What cannot be read is taken for new.
func atLeast(v string, minor int) bool {
	var a, b int
	if _, err := fmt.Sscanf(v, "%d.%d", &a, &b); err != nil {
		return true
	}
	return a > 1 || b >= minor
}

// pingTimeout is how long an engine may take to say that it is alive.
const pingTimeout = 5 * time.Second

// check turns the error of an API call into what it means: the context's error when the run was
// interrupted, an *EngineError when the engine no longer answers, else the error itself with what was attempted.
func (e *engine) check(ctx context.Context, while string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", while, ctx.Err())
	}
	pingCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTimeout)
	defer cancel()
	if _, pingErr := e.api.Ping(pingCtx); pingErr != nil {
		return &EngineError{Kind: Lost, While: while, Tried: []string{withoutPassword(e.url)}, Err: flatten(err), Try: []string{
			"see the engine's own log (`journalctl -u docker`), start it again, and run the same command once more",
		}}
	}
	return fmt.Errorf("%s: %w", while, err)
}

// flatten keeps an error's text and drops its chain: a dying engine cancels its own contexts, which is no interruption of ours.
func flatten(err error) error { return errors.New(shorten(err.Error(), 400)) }

// problemOf classifies why an engine did not answer.
func problemOf(err error) EngineProblem {
	switch text := err.Error(); {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EACCES), strings.Contains(text, "permission denied"):
		return Denied
	case strings.Contains(text, "client version") && strings.Contains(text, "too"):
		return Unsuitable
	case errors.Is(err, os.ErrNotExist) && !client.IsErrConnectionFailed(err) && strings.Contains(text, "could not"):
		return BadReference
	}
	return Unreachable
}

// cures says what to try when no engine answers.
func cures(kind EngineProblem, first endpoint) []string {
	other := "name another engine with --engine URL, DOCKER_HOST or `docker context use NAME`"
	check := "without an engine the files are checked and nothing is run"
	switch {
	case kind == Denied:
		return []string{"join the group that may: `sudo usermod -aG docker $USER`, then log in again", other}
	case kind == Unsuitable:
		return []string{"use Docker 20.10 or newer", other}
	case strings.HasPrefix(first.url, "ssh://"):
		return []string{"see that `ssh` to that host works without a question and that docker is installed there", other}
	case !isSocket(first.url):
		return []string{"see that the address is right and, with TLS, that DOCKER_TLS_VERIFY and DOCKER_CERT_PATH are set", other}
	}
	return []string{"start it: `sudo systemctl start docker`, or start Docker Desktop", other, check}
}
