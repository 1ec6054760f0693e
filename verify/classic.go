package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/registry"
	"github.com/docker/docker/pkg/jsonmessage"

	"github.com/drydock-cli/drydock/progress"
)

// buildClassic builds on an engine without BuildKit: the context goes there as an archive, and the answer is text.
func (e *engine) buildClassic(ctx context.Context, req buildRequest) (*built, error) {
	if line, what := req.file.needsBuildKit(); line > 0 && !e.podman {
		return nil, &BuildError{Image: req.image, ID: "no-buildkit", File: req.context.sourceFile, Line: line, Command: what,
			Message: fmt.Sprintf("the engine %s has no BuildKit, which this instruction needs: use Docker 20.10 or newer for Linux", e.version)}
	}
	ctx, cancel := context.WithCancel(ctx)
	body, sent := req.context.stream(ctx)
	defer func() {
		cancel()
		_ = body.Close()
		<-sent
	}()
	response, err := e.api.ImageBuild(ctx, body, build.ImageBuildOptions{
		Version:     build.BuilderV1,
		Dockerfile:  req.context.dockerfile.path,
		Tags:        []string{req.tag},
		AuthConfigs: e.logins(),
		BuildArgs:   e.proxyArgs(),
		NoCache:     req.noCache,
		NetworkMode: req.network,
		Remove:      true,
		ForceRemove: true,
	})
	if err != nil {
		return nil, e.check(ctx, "build "+req.image, err)
	}
	defer response.Body.Close()
	c := &classicTrace{trace: newTrace(req.sink, req.component, req.mask)}
	image, err := c.read(response.Body)
	if err != nil {
		return nil, e.buildFailure(ctx, req, c.trace, err)
	}
	steps, cached := c.counts()
	return &built{id: image, steps: steps, cached: cached}, nil
}

// stream writes the context as an archive to the returned reader; sent is closed when that has ended.
func (c *buildContext) stream(ctx context.Context) (r *io.PipeReader, sent <-chan struct{}) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := c.writeTar(ctx, w)
		if err != nil && ctx.Err() == nil && !errors.Is(err, io.ErrClosedPipe) {
			c.fail(c.sourceFile, err)
		}
		_ = w.CloseWithError(err)
	}()
	return r, done
}

// logins are the registries' logins of the user's Docker configuration. A helper that fails leaves its registry out.
func (e *engine) logins() map[string]registry.AuthConfig {
	all, err := e.config.GetAllCredentials()
	if err != nil {
		return nil
	}
	out := make(map[string]registry.AuthConfig, len(all))
	for host, a := range all {
		out[host] = registry.AuthConfig(a)
	}
	return out
}

// classicTrace reads the classic builder's text as steps.
type classicTrace struct {
	*trace
	now   *buildStep
	began time.Time
}

var (
	classicCache = lazy(`^ ---> Using cache`)
	classicDone  = lazy(`^Successfully built ([0-9a-f]+)`)
)

func (c *classicTrace) read(body io.Reader) (image string, err error) {
	lines := &lineWriter{emit: func(line string) {
		if m := classicDone().FindStringSubmatch(line); m != nil {
			image = m[1]
		}
		c.line(line)
	}}
	dec := json.NewDecoder(body)
	for {
		var m jsonmessage.JSONMessage
		if err := dec.Decode(&m); err == io.EOF {
			break
		} else if err != nil {
			return "", fmt.Errorf("%w: %w", errNoEnd, err)
		}
		_, _ = lines.Write([]byte(m.Stream))
		if m.Error != nil {
			lines.Flush()
			c.finish(m.Error.Message)
			return "", &solveError{m.Error.Message}
		}
		var r build.Result
		if m.Aux != nil && json.Unmarshal(*m.Aux, &r) == nil && r.ID != "" {
			image = r.ID
		}
	}
	lines.Flush()
	c.finish("")
	if image == "" {
		return "", errNoEnd
	}
	return image, nil
}

// line takes in one line: the start of a step, the word that it came from the cache, or its output.
func (c *classicTrace) line(text string) {
	if m := classicStep().FindStringSubmatch(text); m != nil {
		c.finish("")
		c.now, c.began = c.step("classic-"+m[1]), time.Now()
		if c.now == nil {
			return
		}
		c.now.name = c.mask.mask(text)
		c.now.started = true
		c.now.number, _ = strconv.Atoi(m[1])
		c.counted, _ = strconv.Atoi(m[2])
		c.emit(c.now, progress.Event{State: progress.Started})
		return
	}
	if c.now == nil {
		return
	}
	if classicCache().MatchString(text) {
		c.now.cached = true
	} else if text = c.mask.mask(text); text != "" && !strings.HasPrefix(text, " ---> ") {
		c.now.log.add(text)
		c.emit(c.now, progress.Event{State: progress.Log, Text: text})
	}
}

// finish ends the present step.
func (c *classicTrace) finish(failure string) {
	if c.now == nil || c.now.ended {
		return
	}
	c.now.ended, c.now.err = true, failure
	e := progress.Event{State: progress.Done, Elapsed: time.Since(c.began)}
	switch {
	case failure != "":
		e.State, e.Text = progress.Failed, c.mask.mask(shorten(failure, 400))
	case c.now.cached:
		e.State = progress.Cached
	}
	c.emit(c.now, e)
}
