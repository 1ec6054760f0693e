package generate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// StateDir is where drydock keeps, beside what it wrote, what it needs to remember.
const StateDir = ".drydock"

// LocalNote is the first line of a file of values for one machine (.env), which is written once and never remembered.
const LocalNote = "# Values for this machine only. Git and the images leave this file out."

// generatedDir holds a copy of each file as it was last generated: the base of the three-way merge.
const generatedDir = StateDir + "/generated"

// Disk is the output directory. Paths are slash-separated and relative to it; an implementation
// refuses those that lead out of it, also through links.
type Disk interface {
	// ReadFile returns a regular file's content; fs.ErrNotExist when there is none.
	ReadFile(name string) ([]byte, error)
	// Replace makes all changes or, when one fails, none.
	Replace(ctx context.Context, changes []Change) error
}

// Copier is a Disk on which files may be copies of what is kept elsewhere: the work tree that is made of a source that lies in
// another place. Replacing a copy loses nothing, so it is no conflict; it is kept as NAME.orig.
type Copier interface {
	Copied(name string, content []byte) bool
}

// Change is one file to be written, or removed when Remove is set.
type Change struct {
	Path    string
	Mode    fs.FileMode
	Content []byte
	Remove  bool
}

// Action is what writing does to one file.
type Action string

// The actions, as file lists print them.
const (
	New      Action = "new"      // it was not there
	Same     Action = "same"     // it is there already, byte for byte
	Update   Action = "update"   // replaced: nobody edited it
	Merged   Action = "merge"    // edits kept, news merged in
	Conflict Action = "conflict" // edited where it would change, or not drydock's
	Forced   Action = "force"    // replaced in spite of edits, or a copy of the source's own; the old one is NAME.orig
	Kept     Action = "keep"     // left as it is: edited, and nothing new to merge; local values; or deleted by a person
	Removed  Action = "remove"   // taken back by undo
	Restored Action = "restore"  // put back by undo
)

// FileChange is what writing one artifact does.
type FileChange struct {
	Path   string
	Action Action
	Before []byte // on disk; nil: nothing there
	After  []byte // on disk afterwards; nil: nothing there
	// Theirs is what was generated, before merging.
	Theirs []byte
	Mode   fs.FileMode
	// last is what was generated the time before; nil: nothing was.
	last []byte
	// local says that the file holds values of this machine, which nothing shows.
	local bool
}

// Diff is the unified difference from what is on disk to what would be there; for a conflict, to
// what was generated. Empty when there is none, and for a file that holds local secrets.
func (c FileChange) Diff() string {
	if c.local {
		return ""
	}
	after := c.After
	if c.Action == Conflict {
		after = c.Theirs
	}
	if bytes.Equal(c.Before, after) {
		return ""
	}
	from := c.Path
	if c.Before == nil {
		from = "/dev/null"
	}
	return udiff.Unified(from, c.Path, string(c.Before), string(after))
}

// ConflictError says which files hold edits that would be lost. Nothing was written.
type ConflictError struct {
	Dir   string
	Files []FileChange
}

func (e *ConflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "nothing was written: %d file(s) in %s were not made by drydock, or were edited where they would change", len(e.Files), e.Dir)
	for _, f := range e.Files {
		fmt.Fprintf(&b, "\n  %s", f.Path)
	}
	b.WriteString("\n  try: --diff --dry-run to see the difference, --force to replace them (each is kept as NAME.orig), or -o DIR to write elsewhere")
	return b.String()
}

// WriteOptions say how files are written.
type WriteOptions struct {
	Force bool   // replace edited files, keeping NAME.orig
	RunID string // names the record that Undo reads
	Dir   string // for messages only
}

// Preview says what Write would do, sorted by path, without doing it.
func Preview(disk Disk, artifacts []Artifact, force bool) ([]FileChange, error) {
	changes := make([]FileChange, 0, len(artifacts))
	for _, a := range artifacts {
		c, err := previewOne(disk, a, force)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	sort.Slice(changes, func(i, j int) bool { return changes[i].Path < changes[j].Path })
	return changes, nil
}

func previewOne(disk Disk, a Artifact, force bool) (FileChange, error) {
	c := FileChange{Path: a.Path, Theirs: a.Content, After: a.Content, Mode: a.Mode, local: a.Ephemeral}
	ours, err := readOrNil(disk, a.Path)
	if err != nil {
		return c, err
	}
	base, err := readOrNil(disk, path.Join(generatedDir, a.Path))
	if err != nil {
		return c, err
	}
	c.Before, c.last = ours, base
	if base == nil {
		base = a.Base
	}
	switch {
	case a.Ephemeral && ours != nil:
		c.Action, c.After = Kept, ours
	case ours == nil && base != nil && a.Base == nil && !a.Ephemeral && !force:
		c.Action, c.After = Kept, nil // a person deleted it: it stays deleted
	case ours == nil:
		c.Action = New
	case bytes.Equal(ours, a.Content):
		c.Action = Same
	case base == nil:
		c.conflict(force || copied(disk, a.Path, ours))
	default:
		c.merge(base, force)
	}
	return c, nil
}

func copied(disk Disk, name string, content []byte) bool {
	c, ok := disk.(Copier)
	return ok && c.Copied(name, content)
}

// Foreign says that a file stands in the way, or was replaced, which drydock has never written.
func (c FileChange) Foreign() bool {
	return (c.Action == Conflict || c.Action == Forced) && c.last == nil
}

func (c *FileChange) merge(base []byte, force bool) {
	merged, conflict := Merge(base, c.Before, c.Theirs)
	switch {
	case conflict:
		c.conflict(force)
	case bytes.Equal(merged, c.Before):
		c.Action, c.After = Kept, c.Before
	case bytes.Equal(base, c.Before):
		c.Action, c.After = Update, merged
	default:
		c.Action, c.After = Merged, merged
	}
}

func (c *FileChange) conflict(force bool) {
	if force {
		c.Action = Forced
		return
	}
	c.Action, c.After = Conflict, c.Before
}

// readOrNil returns nil for a file that is not there and a non-nil slice for one that is.
func readOrNil(disk Disk, name string) ([]byte, error) {
	data, err := disk.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if data == nil {
		data = []byte{}
	}
	return data, nil
}

// Write writes artifacts, merging edits. Either every file is written or none is: an edit that
// cannot be merged is a *ConflictError.
func Write(ctx context.Context, disk Disk, artifacts []Artifact, opts WriteOptions) ([]FileChange, error) {
	changes, err := Preview(disk, artifacts, opts.Force)
	if err != nil {
		return nil, err
	}
	var conflicts []FileChange
	for _, c := range changes {
		if c.Action == Conflict {
			conflicts = append(conflicts, c)
		}
	}
	if len(conflicts) > 0 {
		return changes, &ConflictError{Dir: opts.Dir, Files: conflicts}
	}
	earlier, err := readRecord(disk, opts.RunID)
	if err != nil {
		return changes, err
	}
	if err := disk.Replace(ctx, toDisk(changes, artifacts, opts.RunID, earlier)); err != nil {
		return changes, err
	}
	return changes, nil
}

// toDisk lists all that a run writes: the files, NAME.orig of those replaced by force, the copies
// that the next merge starts from, and the record that undo reads.
func toDisk(changes []FileChange, artifacts []Artifact, run string, earlier record) []Change {
	var out []Change
	rec := record{SchemaVersion: 1, Run: run}
	for _, c := range changes {
		switch c.Action {
		case New, Update, Merged, Forced:
			if c.Action == Forced {
				out = append(out, Change{Path: c.Path + ".orig", Mode: 0o644, Content: c.Before})
			}
			out = append(out, Change{Path: c.Path, Mode: c.Mode, Content: c.After})
			rec.add(c)
		}
	}
	for _, a := range artifacts {
		if !a.Ephemeral {
			out = append(out, Change{Path: path.Join(generatedDir, a.Path), Mode: 0o644, Content: a.Content})
		}
	}
	out = append(out, Change{Path: StateDir + "/.gitignore", Mode: 0o644, Content: []byte("# What undo needs on this machine. generated/ is worth committing: edits are merged against it.\nruns/\n")})
	rec.join(earlier)
	if run != "" && len(rec.Files) > 0 {
		data, err := json.MarshalIndent(rec, "", "  ")
		if err == nil { // a record of strings and bytes always marshals
			out = append(out, Change{Path: recordPath(run), Mode: 0o600, Content: data})
		}
	}
	return out
}

// record is what a run did, so that it can be taken back.
type record struct {
	SchemaVersion int          `json:"schemaVersion"`
	Run           string       `json:"run"`
	Files         []recordFile `json:"files"`
}

type recordFile struct {
	Path   string      `json:"path"`
	Mode   fs.FileMode `json:"mode"`
	Made   bool        `json:"made"`             // it was not there before
	Before []byte      `json:"before,omitempty"` // what was there
	After  string      `json:"after"`            // SHA-256 of what was written
	Last   []byte      `json:"last,omitempty"`   // what was generated the time before, the base of the next merge
}

func (r *record) add(c FileChange) {
	r.Files = append(r.Files, recordFile{Path: c.Path, Mode: c.Mode, Made: c.Before == nil, Before: c.Before, After: sum(c.After), Last: c.last})
}

// join takes in what the same run wrote before: undo goes back to where the run began.
func (r *record) join(earlier record) {
	for _, old := range earlier.Files {
		i := slices.IndexFunc(r.Files, func(f recordFile) bool { return f.Path == old.Path })
		if i < 0 {
			r.Files = append(r.Files, old)
			continue
		}
		f := &r.Files[i]
		f.Made, f.Before, f.Last = old.Made, old.Before, old.Last
	}
}

// readRecord reads what a run has recorded so far; nothing is no error.
func readRecord(disk Disk, run string) (record, error) {
	var rec record
	if run == "" {
		return rec, nil
	}
	data, err := readOrNil(disk, recordPath(run))
	if err != nil || data == nil {
		return rec, err
	}
	if err := json.Unmarshal(data, &rec); err != nil {
		return rec, fmt.Errorf("read the record of run %s: it is damaged: %w", run, err)
	}
	return rec, nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func recordPath(run string) string { return StateDir + "/runs/" + run + ".json" }

// Undo takes back what a run wrote: files that it made are removed, files that it replaced come
// back. A file that was changed since is left alone (Kept).
func Undo(ctx context.Context, disk Disk, run string) ([]FileChange, error) {
	data, err := disk.ReadFile(recordPath(run))
	if err != nil {
		return nil, fmt.Errorf("undo run %s: its record cannot be read: %w", run, err)
	}
	var rec record
	if err := json.Unmarshal(data, &rec); err != nil {
		return nil, fmt.Errorf("undo run %s: its record is damaged: %w", run, err)
	}
	var files []FileChange
	var changes []Change
	for _, f := range rec.Files {
		now, err := readOrNil(disk, f.Path)
		if err != nil {
			return nil, err
		}
		c := FileChange{Path: f.Path, Before: now, Mode: f.Mode}
		generated := Change{Path: path.Join(generatedDir, f.Path), Mode: 0o644, Content: f.Last, Remove: f.Last == nil}
		switch {
		case now == nil || sum(now) != f.After:
			c.Action, c.After = Kept, now
		case f.Made:
			c.Action = Removed
			changes = append(changes, Change{Path: f.Path, Remove: true}, generated)
		default:
			c.Action, c.After = Restored, f.Before
			changes = append(changes, Change{Path: f.Path, Mode: f.Mode, Content: f.Before}, generated)
		}
		files = append(files, c)
	}
	changes = append(changes, Change{Path: recordPath(run), Remove: true})
	if err := disk.Replace(ctx, changes); err != nil {
		return nil, err
	}
	return files, nil
}
