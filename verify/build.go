package verify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/pkg/jsonmessage"
	control "github.com/moby/buildkit/api/services/control"
	"github.com/moby/buildkit/identity"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/auth/authprovider"
	"github.com/moby/buildkit/session/filesync"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/session/sshforward"
	"github.com/moby/buildkit/session/sshforward/sshprovider"

	"github.com/drydock-cli/drydock/progress"
)

// buildRequest is one image to build.
type buildRequest struct {
	image     string // the plan's name, for messages and events
	tag       string
	context   *buildContext
	file      *dockerfile
	secrets   map[string][]byte // for RUN --mount=type=secret, by id
	agent     string            // socket of an SSH agent for RUN --mount=type=ssh; empty: none
	noCache   bool
	network   string // "none", or empty for the engine's own
	sink      progress.Sink
	mask      masker
	component string
}

// built is the outcome of a build.
type built struct {
	id      string // sha256:…
	seconds float64
	steps   int
	cached  int
}

// build builds an image. The error is a *BuildError, a *BaseImageError, an *EngineError or the context's.
func (e *engine) build(ctx context.Context, req buildRequest) (*built, error) {
	begin := time.Now()
	n, size := req.context.files()
	req.sink.Emit(progress.Event{Stage: progress.Build, Component: req.component, Step: "context", State: progress.Done,
		Name: fmt.Sprintf("context of %d files", n), Current: size, Total: size, Unit: "bytes"})
	var b *built
	var err error
	if e.buildkit() {
		b, err = e.buildWithBuildKit(ctx, req)
	} else {
		b, err = e.buildClassic(ctx, req)
	}
	if err != nil {
		return nil, err
	}
	b.seconds = time.Since(begin).Seconds()
	return b, nil
}

// buildWithBuildKit builds with the engine's own BuildKit. A session carries what the engine asks back for:
// the files, as docker build sends them, registry logins and secrets.
func (e *engine) buildWithBuildKit(ctx context.Context, req buildRequest) (*built, error) {
	s, err := e.openSession(ctx, req)
	if err != nil {
		return nil, e.check(ctx, "open a BuildKit session", err)
	}
	defer s.close()
	id := identity.NewID()
	response, err := e.api.ImageBuild(ctx, nil, build.ImageBuildOptions{
		Version:       build.BuilderBuildKit,
		SessionID:     s.ID(),
		BuildID:       id,
		RemoteContext: "client-session",
		Dockerfile:    path.Base(req.context.dockerfile.path),
		Tags:          []string{req.tag},
		BuildArgs:     e.proxyArgs(),
		NoCache:       req.noCache,
		NetworkMode:   req.network,
		Remove:        true,
	})
	if err != nil {
		return nil, e.check(ctx, "build "+req.image, err)
	}
	defer response.Body.Close()
	tr := newTrace(req.sink, req.component, req.mask)
	image, err := readBuild(response.Body, tr)
	if err == nil {
		steps, cached := tr.counts()
		return &built{id: image, steps: steps, cached: cached}, nil
	}
	if ctx.Err() != nil {
		e.cancelBuild(ctx, id)
	}
	return nil, e.buildFailure(ctx, req, tr, err)
}

// cancelTimeout bounds what is still asked of the engine after an interruption.
const cancelTimeout = 5 * time.Second

// cancelBuild stops a build for certain: an engine need not notice a connection that was closed.
func (e *engine) cancelBuild(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	_ = e.api.BuildCancel(ctx, id) // best effort: the connection is closed as well
}

// buildSession is a running BuildKit session.
type buildSession struct {
	*session.Session
	done chan struct{} // closed when it has ended; err says how
	err  error
}

// openSession starts a session and waits until the engine has taken it.
func (e *engine) openSession(ctx context.Context, req buildRequest) (*buildSession, error) {
	// The key says which earlier copy of the context may be reused by comparing times and sizes. All times are the
	// same here, so a copy must never be reused.
	s, err := session.NewSession(ctx, identity.NewID())
	if err != nil {
		return nil, err
	}
	s.Allow(authprovider.NewDockerAuthProvider(authprovider.DockerAuthProviderConfig{ConfigFile: e.config}))
	s.Allow(filesync.NewFSSyncProvider(filesync.StaticDirSource{
		"context":    contextFS{req.context},
		"dockerfile": req.context.dockerfileFS(),
	}))
	s.Allow(secretsprovider.FromMap(req.secrets))
	if req.agent != "" && req.file.wantsSSH() { // nothing else is to reach the keys
		agent, err := sshprovider.NewSSHAgentProvider([]sshprovider.AgentConfig{{ID: sshforward.DefaultID, Paths: []string{req.agent}}})
		if err != nil {
			return nil, fmt.Errorf("forward the SSH agent at %s: %w", req.agent, err)
		}
		s.Allow(agent)
	}
	open := &buildSession{Session: s, done: make(chan struct{})}
	dialled := make(chan struct{})
	go func() {
		defer close(open.done)
		open.err = s.Run(context.WithoutCancel(ctx), func(_ context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			conn, err := e.api.DialHijack(ctx, "/session", proto, meta)
			if err == nil {
				close(dialled)
			}
			return conn, err
		})
	}()
	select {
	case <-dialled:
		return open, nil
	case <-open.done:
		return nil, cmp.Or(open.err, errors.New("the engine closed the session"))
	case <-ctx.Done():
		// The library cannot be interrupted while it waits for the engine's answer: it ends with the connection.
		return nil, ctx.Err()
	}
}

func (s *buildSession) close() {
	_ = s.Session.Close()
	<-s.done
}

// proxyArgs are the proxy settings of the user's Docker configuration, which docker build hands on in the same way. They
// are not part of the image nor of the cache's keys.
func (e *engine) proxyArgs() map[string]*string {
	return e.config.ParseProxyConfig(e.url, nil)
}

// errNoEnd says that the engine's answer broke off.
var errNoEnd = errors.New("the engine's answer broke off before the build was done")

// solveError is the engine's own word on a failed build.
type solveError struct{ text string }

func (e *solveError) Error() string { return e.text }

// readBuild reads the engine's answer to the end and returns the image's id.
func readBuild(body io.Reader, tr *trace) (image string, err error) {
	dec := json.NewDecoder(body)
	for {
		var m jsonmessage.JSONMessage
		if err := dec.Decode(&m); err == io.EOF {
			break
		} else if err != nil {
			return "", fmt.Errorf("%w: %w", errNoEnd, err)
		}
		switch {
		case m.Error != nil:
			return "", &solveError{m.Error.Message}
		case m.Aux == nil:
		case m.ID == "moby.image.id":
			var r build.Result
			if err := json.Unmarshal(*m.Aux, &r); err != nil {
				return "", fmt.Errorf("read the image's id: %w", err)
			}
			image = r.ID
		case m.ID == "moby.buildkit.trace":
			if err := tr.decode(*m.Aux); err != nil {
				return "", err
			}
		}
	}
	if image == "" {
		return "", errNoEnd
	}
	return image, nil
}

// decode takes in one trace message: base64 of a StatusResponse.
func (t *trace) decode(aux json.RawMessage) error {
	var raw []byte
	if err := json.Unmarshal(aux, &raw); err != nil {
		return fmt.Errorf("read BuildKit's trace: %w", err)
	}
	var s control.StatusResponse
	if err := s.UnmarshalVT(raw); err != nil {
		return fmt.Errorf("read BuildKit's trace: %w", err)
	}
	t.add(&s)
	return nil
}

var (
	metadataStep = lazy(`^\[internal\] load metadata for (\S+)`)
	fromStep     = lazy(`^\[[^\]]*\] FROM (\S+)`)
	exitCode     = lazy(`exit code: (\d+)`)
	solvePrefix  = lazy(`^(failed to solve( with frontend [^:]+)?: |failed to (create|read) LLB definition: |rpc error: code = \w+ desc = )+`)
)

// selfCancelled is what an engine says of a build that it ends because it is itself ended.
var selfCancelled = lazy(`context canceled$|transport is closing|error reading from server: EOF|connection is shutting down`)

// buildFailure says what a failed build means.
func (e *engine) buildFailure(ctx context.Context, req buildRequest, tr *trace, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("build %s: %w", req.image, ctx.Err())
	}
	if fileErr := req.context.failure(); fileErr != nil {
		return fileErr
	}
	var said *solveError
	if checked := e.check(ctx, "build "+req.image, err); !errors.As(err, &said) || isEngineError(checked) {
		return checked
	}
	if selfCancelled().MatchString(said.text) {
		// Nobody here has cancelled it: the engine is on its way down, though it may still answer.
		return &EngineError{Kind: Lost, While: "build " + req.image, Tried: []string{withoutPassword(e.url)}, Err: flatten(err), Try: []string{
			"see the engine's own log (`journalctl -u docker`), and run the same command once more",
		}}
	}
	text := req.mask.mask(solvePrefix().ReplaceAllString(said.text, ""))
	step := tr.failed()
	if image, ok := baseOf(step, text); ok {
		at, _ := req.file.base(image)
		return &BaseImageError{Image: at.image, File: req.context.sourceFile, Line: at.line, Reason: whyNotPulled(text), Err: errors.New(shorten(text, 400))}
	}
	return newBuildError(req, step, text)
}

func isEngineError(err error) bool {
	var e *EngineError
	return errors.As(err, &e)
}

// baseOf is the image that could not be had, when that is why the build failed.
func baseOf(step *buildStep, text string) (image string, ok bool) {
	if step != nil {
		for _, re := range []*regexp.Regexp{metadataStep(), fromStep()} {
			if m := re.FindStringSubmatch(step.name); m != nil {
				image, _, _ = strings.Cut(m[1], "@")
				return image, !strings.Contains(text, "no space left on device")
			}
		}
		return "", false
	}
	// The classic builder and very early failures say it in the text alone.
	if m := pullFailure().FindStringSubmatch(text); m != nil {
		return cmp.Or(m[1], m[2], m[3]), true
	}
	return "", false
}

var pullFailure = lazy(`^(?:pull access denied for ([^,\s]+)|manifest for (\S+) not found|(\S+): (?:not found|failed to resolve source metadata))`)

func newBuildError(req buildRequest, step *buildStep, text string) *BuildError {
	be := &BuildError{Image: req.image, File: req.context.sourceFile, Err: errors.New(shorten(text, 400))}
	if m := exitCode().FindStringSubmatch(text); m != nil {
		be.ExitCode, _ = strconv.Atoi(m[1])
	}
	if step != nil {
		be.Step, be.Tail, be.Line = step.name, step.log.last(keepLog), req.file.line(step.name)
		be.Log = telling(be.Tail)
		be.Command = stepCommand(step.name)
	}
	be.ID, be.Message = diagnose(phaseBuild, append(slices.Clone(be.Tail[max(0, len(be.Tail)-showLog):]), text))
	if be.ID == "" {
		be.ID, be.Message = diagnose(phaseBuild, be.Tail) // the cause may stand far above what follows from it
	}
	if be.ID == "" {
		be.ID, be.Message = "build-failed", shorten(text, 300)
		if be.ExitCode != 0 {
			be.Message = fmt.Sprintf("the command ended with exit code %d", be.ExitCode)
		}
	}
	return be
}

// whyNotPulled reads the reason from what registries and engines say.
func whyNotPulled(text string) BaseImageProblem {
	t := strings.ToLower(text)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(t, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("toomanyrequests", "too many requests", "rate limit"):
		return ImageRateLimited
	case has("no match for platform", "no matching manifest"):
		return ImageOtherPlatform
	case has("no such host", "connection refused", "i/o timeout", "network is unreachable", "tls handshake", "deadline exceeded", "x509:", "temporary failure in name resolution", "client.timeout", "proxyconnect"):
		return RegistryUnreached
	case has("pull access denied", "authorization failed", "unauthorized", "insufficient_scope", "denied", "403 forbidden"):
		return ImageDenied
	case has("not found", "manifest unknown", "name unknown", "does not exist"):
		return ImageNotFound
	}
	return ImageNotPulled
}
