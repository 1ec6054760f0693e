package verify

import (
	"strings"
	"time"

	control "github.com/moby/buildkit/api/services/control"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/drydock-cli/drydock/progress"
)

// trace follows a BuildKit build: status messages become events, and what each step printed last is kept.
// It is used by one goroutine.
type trace struct {
	sink      progress.Sink
	component string
	mask      masker
	steps     map[string]*buildStep // by digest
	order     []*buildStep
	counted   int // steps of the Dockerfile seen so far
}

// buildStep is a vertex of BuildKit's graph.
type buildStep struct {
	digest  string
	name    string
	number  int // from 1, in the order in which BuildKit told of them; 0: BuildKit's own work
	started bool
	ended   bool
	cached  bool
	err     string
	log     *ring
	streams map[int64]*lineWriter
	bytes   map[string][2]int64 // current and total of each transfer
	told    time.Time           // when its transfers were last reported
}

// maxSteps bounds the graph: the engine is asked to build a file of at most maxDockerfile bytes, so more is an engine gone mad.
const maxSteps = 10_000

func newTrace(sink progress.Sink, component string, mask masker) *trace {
	return &trace{sink: sink, component: component, mask: mask, steps: map[string]*buildStep{}}
}

// add takes in one status message.
func (t *trace) add(s *control.StatusResponse) {
	for _, v := range s.Vertexes {
		t.vertex(v)
	}
	for _, st := range s.Statuses {
		t.status(st)
	}
	for _, l := range s.Logs {
		t.log(l)
	}
	// Output that comes with the end of a step is in the same message: the end is told last.
	for _, v := range s.Vertexes {
		if v.Completed != nil {
			t.end(t.steps[v.Digest], v)
		}
	}
}

// step finds or makes the step of a digest; nil beyond maxSteps.
func (t *trace) step(digest string) *buildStep {
	if s, ok := t.steps[digest]; ok || len(t.steps) >= maxSteps {
		return s
	}
	s := &buildStep{digest: digest, log: newRing(keepLog), streams: map[int64]*lineWriter{}, bytes: map[string][2]int64{}}
	t.steps[digest] = s
	t.order = append(t.order, s)
	return s
}

func (t *trace) vertex(v *control.Vertex) {
	s := t.step(v.Digest)
	if s == nil {
		return
	}
	if s.name == "" {
		s.name = t.mask.mask(cleanLine([]byte(v.Name)))
		if isInstruction(s.name) {
			t.counted++
			s.number = t.counted
		}
	}
	if v.Started != nil && !s.started {
		s.started = true
		t.emit(s, progress.Event{State: progress.Started})
	}
}

// isInstruction tells a step of the Dockerfile from BuildKit's own work ("[internal] load …", "exporting to image").
func isInstruction(name string) bool {
	return strings.HasPrefix(name, "[") && !strings.HasPrefix(name, "[internal]") && !strings.HasPrefix(name, "[auth]")
}

func (t *trace) end(s *buildStep, v *control.Vertex) {
	if s == nil || s.ended && (v.Error == "" || s.err != "") {
		return
	}
	for _, w := range s.streams {
		w.Flush()
	}
	s.ended, s.cached, s.err = true, v.Cached, v.Error
	e := progress.Event{State: progress.Done, Elapsed: between(v.Started, v.Completed)}
	switch {
	case v.Error != "":
		e.State, e.Text = progress.Failed, t.mask.mask(shorten(v.Error, 400))
	case v.Cached:
		e.State = progress.Cached
	}
	t.emit(s, e)
}

func between(from, to *timestamppb.Timestamp) time.Duration {
	if from == nil || to == nil {
		return 0
	}
	return max(0, to.AsTime().Sub(from.AsTime()))
}

// tellEvery is how often the bytes of a transfer are reported.
const tellEvery = 100 * time.Millisecond

// status takes in how far a transfer of a step has come: a layer of a base image, the context.
func (t *trace) status(st *control.VertexStatus) {
	s := t.step(st.Vertex)
	if s == nil || len(s.bytes) >= maxSteps {
		return
	}
	s.bytes[st.ID] = [2]int64{st.Current, st.Total}
	if now := time.Now(); now.Sub(s.told) >= tellEvery {
		s.told = now
		var current, total int64
		for _, b := range s.bytes {
			current, total = current+b[0], total+b[1]
		}
		if current > 0 {
			t.emit(s, progress.Event{State: progress.Running, Current: current, Total: total, Unit: "bytes"})
		}
	}
}

func (t *trace) log(l *control.VertexLog) {
	s := t.step(l.Vertex)
	if s == nil {
		return
	}
	w, ok := s.streams[l.Stream]
	if !ok {
		w = &lineWriter{emit: func(line string) {
			line = t.mask.mask(line)
			s.log.add(line)
			t.emit(s, progress.Event{State: progress.Log, Text: line})
		}}
		s.streams[l.Stream] = w
	}
	_, _ = w.Write(l.Msg)
}

// emit sends an event of a step, with its place among the Dockerfile's steps unless the event counts something else.
func (t *trace) emit(s *buildStep, e progress.Event) {
	e.Stage, e.Component, e.Step, e.Name = progress.Build, t.component, shortDigest(s.digest), s.name
	if e.Unit == "" && s.number > 0 {
		e.Current, e.Total, e.Unit = int64(s.number), int64(t.counted), "steps"
	}
	t.sink.Emit(e)
}

func shortDigest(d string) string {
	d = strings.TrimPrefix(d, "sha256:")
	return d[:min(12, len(d))]
}

// failed is the step that ended the build, or nil. Steps that ran beside it are cancelled and say so; they are not the cause.
func (t *trace) failed() *buildStep {
	var cancelled *buildStep
	for _, s := range t.order {
		switch {
		case s.err == "":
		case strings.Contains(s.err, "context canceled"):
			cancelled = s
		default:
			return s
		}
	}
	return cancelled
}

// counts are the Dockerfile's steps that were done, and how many of them came from the cache.
func (t *trace) counts() (steps, cached int) {
	for _, s := range t.order {
		if s.number > 0 && s.ended {
			steps++
			if s.cached {
				cached++
			}
		}
	}
	return steps, cached
}
