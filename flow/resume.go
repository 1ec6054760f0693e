package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/progress"
)

// Session is a wizard's run as it is kept on disk from one change to the next, so that whatever ends the wizard — Ctrl-C, a closed
// terminal, kill -9 — ends no answer with it.
type Session struct {
	ID       string
	Location string // the source, as an absolute path where it is a directory; never with a password
	Dir      string // the working directory, which relative paths of flags and the output start from
	Flags    map[string][]string
	Step     string // where it was: "findings"
	Summary  string // "Rails 4.2"
	Changes  []Change
	When     string // of the last change, RFC 3339
}

// Change is one decision of a person.
type Change struct {
	Path  string
	Value string
	Drop  bool // the finding was rejected
}

// maxSessions is how many interrupted sessions are kept.
const maxSessions = 8

func sessionDir() string { return filepath.Join(xdg.StateHome, "drydock", "sessions") }

// Interrupted lists the sessions that ended before their time, the last one first. Those of wizards that are still at work are none.
func Interrupted() []Session {
	names, err := filepath.Glob(filepath.Join(sessionDir(), "*.json"))
	if err != nil {
		return nil
	}
	var list []Session
	for _, name := range names {
		if s, err := readSession(name); err == nil && !atWork(name) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return cmp.Or(strings.Compare(b.When, a.When), strings.Compare(b.ID, a.ID)) })
	for _, old := range list[min(len(list), maxSessions):] {
		Forget(old.ID)
	}
	return list[:min(len(list), maxSessions)]
}

func readSession(name string) (Session, error) {
	var s Session
	data, err := readLimited(name)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("read %s: %w", name, err)
	}
	if s.Location == "" || s.ID+".json" != filepath.Base(name) {
		return s, fmt.Errorf("read %s: it is no session", name)
	}
	s.Summary, s.Step = detect.Printable(s.Summary, 80), detect.Printable(s.Step, 20)
	return s, nil
}

// atWork reports whether the wizard of a session still lives: the system lets go of its lock however it ends.
func atWork(name string) bool {
	l := flock.New(strings.TrimSuffix(name, ".json") + ".lock")
	ok, err := l.TryLock()
	if ok {
		_ = l.Unlock()
	}
	return err == nil && !ok
}

// Forget removes an interrupted session.
func Forget(id string) {
	base := filepath.Join(sessionDir(), filepath.Base(id))
	_ = os.Remove(base + ".json")
	_ = os.Remove(base + ".lock")
}

// Keeper is a job whose decisions are written down as they are made. It implements Driver.
type Keeper struct {
	*Job
	mu      sync.Mutex
	session Session
	lock    *flock.Flock
	resume  *Session // taken up by the next Open of its source
	flags   map[string][]string
	refused []string
	past    [][]Change // the decisions before each of those that Undo takes back
}

var _ Driver = (*Keeper)(nil)

// Keep returns a job that is kept. flags are those that the command line gave, for whoever resumes it.
func Keep(job *Job, flags map[string][]string) *Keeper { return &Keeper{Job: job, flags: flags} }

// Resume makes the next Open of the session's source take its decisions up again.
func (k *Keeper) Resume(s Session) { k.resume = &s }

// Refused are the decisions of a resumed session that the source, as it is now, does not take.
func (k *Keeper) Refused() []string { return k.refused }

// Open opens the source, and lays the decisions of the session to be resumed over its plan.
func (k *Keeper) Open(ctx context.Context, location string, sink progress.Sink) (*Findings, error) {
	found, err := k.Job.Open(ctx, location, sink)
	if err != nil {
		return found, err
	}
	k.refused = nil
	old := k.resume
	k.resume = nil
	k.End(false)
	k.begin(location, summary(found))
	if old == nil || old.Location != k.session.Location {
		return found, nil
	}
	for _, c := range old.Changes {
		if err := k.apply(c); err != nil {
			k.refused = append(k.refused, err.Error())
		}
	}
	k.At(old.Step)
	Forget(old.ID)
	return found, nil
}

func (k *Keeper) apply(c Change) error {
	switch {
	case c.Drop:
		return k.Unset(c.Path)
	case c.Path == "targets":
		return k.SetTargets(strings.FieldsFunc(c.Value, func(r rune) bool { return r == ',' }))
	}
	return k.Set(c.Path, c.Value)
}

// begin starts a session of its own, under a lock that lasts as long as the process.
func (k *Keeper) begin(location, what string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	dir, err := os.Getwd()
	if err != nil {
		dir = ""
	}
	k.session = Session{ID: newRunID(time.Now()), Location: lasting(location), Dir: dir, Flags: k.flags, Summary: what, Step: "findings"}
	if os.MkdirAll(sessionDir(), 0o700) != nil {
		return // without a place to write there is nothing to come back to, and the job goes on
	}
	k.lock = flock.New(filepath.Join(sessionDir(), k.session.ID+".lock"), flock.SetPermissions(0o600))
	if ok, err := k.lock.TryLock(); err != nil || !ok {
		k.lock = nil
		return
	}
	k.save()
}

// lasting is a location that means the same from everywhere, without its password.
func lasting(location string) string {
	if u, err := url.Parse(location); err == nil && u.User != nil && u.Scheme != "" {
		u.User = url.User(u.User.Username())
		return u.String()
	}
	if info, err := os.Stat(location); err == nil && info != nil {
		if abs, err := filepath.Abs(location); err == nil {
			return abs
		}
	}
	return location
}

// save writes the session down. A failure costs no more than the resuming.
func (k *Keeper) save() {
	if k.lock == nil {
		return
	}
	k.session.When = time.Now().UTC().Format(time.RFC3339Nano)
	data, err := json.MarshalIndent(k.session, "", "  ")
	if err == nil {
		_ = replaceFile(filepath.Join(sessionDir(), k.session.ID+".json"), data, 0o600)
	}
}

// note writes a change down; an earlier one of the same field no longer counts.
func (k *Keeper) note(c Change) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.past = append(k.past, slices.Clone(k.session.Changes))
	k.session.Changes = append(slices.DeleteFunc(k.session.Changes, func(o Change) bool { return o.Path == c.Path }), c)
	k.save()
}

// Set changes a field and writes that down.
func (k *Keeper) Set(path, value string) error {
	err := k.Job.Set(path, value)
	if err == nil {
		k.note(Change{Path: path, Value: value})
	}
	return err
}

// Unset rejects a finding and writes that down.
func (k *Keeper) Unset(path string) error {
	err := k.Job.Unset(path)
	if err == nil {
		k.note(Change{Path: path, Drop: true})
	}
	return err
}

// SetTargets chooses what is generated and writes that down.
func (k *Keeper) SetTargets(names []string) error {
	err := k.Job.SetTargets(names)
	if err == nil {
		k.note(Change{Path: "targets", Value: strings.Join(names, ",")})
	}
	return err
}

// Undo takes the last decision back, and what was written down of it.
func (k *Keeper) Undo() (Change, bool) {
	c, ok := k.Job.Undo()
	if !ok {
		return c, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if last := len(k.past) - 1; last >= 0 {
		k.session.Changes, k.past = k.past[last], k.past[:last]
	} else { // drydock.yaml holds it: only a decision against it takes it back
		k.session.Changes = append(k.session.Changes, c)
	}
	k.save()
	return c, true
}

// Write writes the files; from then on drydock.yaml holds the decisions.
func (k *Keeper) Write(ctx context.Context, force bool) ([]FileState, error) {
	files, err := k.Job.Write(ctx, force)
	return files, k.written(err)
}

// Save writes drydock.yaml; from then on that holds the decisions.
func (k *Keeper) Save(ctx context.Context) ([]FileState, error) {
	files, err := k.Job.Save(ctx)
	return files, k.written(err)
}

func (k *Keeper) written(err error) error {
	if err == nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.session.Changes, k.past = nil, nil
		k.save()
	}
	return err
}

// At writes down which step is up.
func (k *Keeper) At(step string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.session.ID != "" && k.session.Step != step {
		k.session.Step = step
		k.save()
	}
}

// End ends the session. With kept it can be resumed; otherwise nothing of it stays.
func (k *Keeper) End(kept bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lock != nil {
		_ = k.lock.Unlock()
	}
	if !kept && k.session.ID != "" {
		Forget(k.session.ID)
	}
	k.lock, k.session = nil, Session{}
}

// ErrNoSession says that there is nothing to resume.
var ErrNoSession = errors.New("there is no interrupted wizard to resume\n  try: drydock SOURCE starts one")

// Latest is the session to resume: the last one, or the last one of a source.
func Latest(location string) (Session, error) {
	for _, s := range Interrupted() {
		if location == "" || s.Location == lasting(location) {
			return s, nil
		}
	}
	return Session{}, &UsageError{ErrNoSession}
}
