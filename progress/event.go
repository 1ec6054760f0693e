// Package progress carries what every stage of a run reports while it works,
// and renders it for people who have no live screen (plain lines) and for
// machines (JSON lines). The wizard renders the same events itself.
package progress

import "time"

// State is what an Event says about its step.
type State string

// The states a step goes through: Started, then any number of Running and Log,
// then exactly one of Done, Cached, Skipped or Failed.
const (
	Started State = "started"
	Running State = "running" // Current and Total (when known) have moved
	Log     State = "log"     // Text is one line of output, without its line end
	Done    State = "done"
	Cached  State = "cached" // done without work, from a cache
	Skipped State = "skipped"
	Failed  State = "failed" // Text says why
	Warning State = "warning"
)

// Stage is the part of a run that an Event belongs to.
type Stage string

// The stages in the order in which a run goes through them.
const (
	Fetch    Stage = "fetch"    // open the source: clone, unpack, index
	Detect   Stage = "detect"   // find components
	Plan     Stage = "plan"     // findings and answers become decisions
	Generate Stage = "generate" // decisions become files
	Write    Stage = "write"    // files reach the disk
	Pull     Stage = "pull"     // base and service images arrive
	Build    Stage = "build"    // the image is built
	Services Stage = "services" // databases and the like start and become healthy
	Release  Stage = "release"  // migrations and other one-off steps
	Start    Stage = "start"    // the application's container starts
	Probe    Stage = "probe"    // it is asked whether it works
	Measure  Stage = "measure"  // what it uses
	Stop     Stage = "stop"     // SIGTERM and the time until it has ended
	Clean    Stage = "clean"    // everything that was created is removed
	Repair   Stage = "repair"   // a remedy is applied to the plan
	Assess   Stage = "assess"   // one repository of many, from its source to its row: Component is its name, Step its location
)

// Event is one thing that happened. Step identifies it within its stage and
// component, so that a renderer can join the events of one step; Name is for
// people. Text may hold bytes from a scanned repository or a container:
// renderers neutralise control characters.
type Event struct {
	Time      time.Time     `json:"time"`
	Stage     Stage         `json:"stage"`
	Component string        `json:"component,omitempty"`
	Step      string        `json:"step,omitempty"`
	Name      string        `json:"name,omitempty"`
	State     State         `json:"state"`
	Current   int64         `json:"current,omitempty"` // in Unit
	Total     int64         `json:"total,omitempty"`   // in Unit; 0: not known
	Unit      string        `json:"unit,omitempty"`    // "bytes", "steps", "files"
	Elapsed   time.Duration `json:"elapsedNs,omitempty"`
	Text      string        `json:"text,omitempty"`
	Source    string        `json:"source,omitempty"` // location of the repository, in a run over many
}

// Sink receives events. It is called from several goroutines at once and must
// not block for long.
type Sink func(Event)

// Emit sends e, stamped with the present time if it has none. A nil Sink
// discards.
func (s Sink) Emit(e Event) {
	if s == nil {
		return
	}
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	s(e)
}

// Step emits Started for a step and returns the function that ends it: Done
// for a nil error, Failed otherwise. The error is returned unchanged.
func (s Sink) Step(stage Stage, component, step, name string) func(error) error {
	begin := time.Now()
	s.Emit(Event{Stage: stage, Component: component, Step: step, Name: name, State: Started})
	return func(err error) error {
		e := Event{Stage: stage, Component: component, Step: step, Name: name, State: Done, Elapsed: time.Since(begin)}
		if err != nil {
			e.State, e.Text = Failed, err.Error()
		}
		s.Emit(e)
		return err
	}
}
