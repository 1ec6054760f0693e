package generate

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// memDisk is a Disk in memory that can be told to fail.
type memDisk struct {
	files map[string]string
	fail  error
}

func (m *memDisk) ReadFile(name string) ([]byte, error) {
	s, ok := m.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(s), nil
}

func (m *memDisk) Replace(_ context.Context, changes []Change) error {
	if m.fail != nil {
		return m.fail
	}
	for _, c := range changes {
		if c.Remove {
			delete(m.files, c.Path)
			continue
		}
		m.files[c.Path] = string(c.Content)
	}
	return nil
}

func TestMerge(t *testing.T) {
	const base = "a\nb\nc\nd\ne\n"
	for _, tt := range []struct {
		name, ours, theirs, want string
		conflict                 bool
	}{
		{name: "nothing changed", ours: base, theirs: base, want: base},
		{name: "edit alone", ours: "a\nB\nc\nd\ne\n", theirs: base, want: "a\nB\nc\nd\ne\n"},
		{name: "news alone", ours: base, theirs: "a\nb\nc\nd\nE\n", want: "a\nb\nc\nd\nE\n"},
		{name: "edit above news", ours: "A\nb\nc\nd\ne\n", theirs: "a\nb\nc\nd\nE\n", want: "A\nb\nc\nd\nE\n"},
		{name: "edit below news", ours: "a\nb\nc\nd\nE\n", theirs: "A\nb\nc\nd\ne\n", want: "A\nb\nc\nd\nE\n"},
		{name: "the same on both sides", ours: "a\nX\nc\nd\ne\n", theirs: "a\nX\nc\nd\ne\n", want: "a\nX\nc\nd\ne\n"},
		{name: "the same and one more", ours: "a\nX\nc\nd\ne\nours\n", theirs: "a\nX\nc\nd\ne\n", want: "a\nX\nc\nd\ne\nours\n"},
		{name: "one line two ways", ours: "a\nX\nc\nd\ne\n", theirs: "a\nY\nc\nd\ne\n", conflict: true},
		{name: "neighbouring lines", ours: "a\nX\nc\nd\ne\n", theirs: "a\nb\nY\nd\ne\n", conflict: true},
		{name: "edit inside what is deleted", ours: "a\nb\nX\nd\ne\n", theirs: "a\ne\n", conflict: true},
		{name: "two insertions at one place", ours: "a\nb\nx\nc\nd\ne\n", theirs: "a\nb\ny\nc\nd\ne\n", conflict: true},
		{name: "lines above the first", ours: "mine\na\nb\nc\nd\ne\n", theirs: "a\nb\nc\nD\ne\n", want: "mine\na\nb\nc\nD\ne\n"},
		{name: "lines below the last", ours: "a\nb\nc\nd\ne\nmine\n", theirs: "a\nB\nc\nd\ne\n", want: "a\nB\nc\nd\ne\nmine\n"},
		{name: "lines between two changes", ours: "a\nb\nc\nmine\nd\ne\n", theirs: "A\nb\nc\nd\nE\n", want: "A\nb\nc\nmine\nd\nE\n"},
		{name: "a line taken out, another changed", ours: "a\nc\nd\ne\n", theirs: "a\nb\nc\nd\nE\n", want: "a\nc\nd\nE\n"},
		{name: "a line taken out that changes", ours: "a\nb\nd\ne\n", theirs: "a\nb\nC\nd\ne\n", conflict: true},
		{name: "both take the same line out", ours: "a\nb\nd\ne\n", theirs: "a\nb\nd\ne\n", want: "a\nb\nd\ne\n"},
		{name: "edit right below news", ours: "a\nb\nX\nd\ne\n", theirs: "a\nB\nc\nd\ne\n", conflict: true},
		{name: "an insertion at the edge of news", ours: "a\nb\nmine\nc\nd\ne\n", theirs: "a\nB\nc\nd\ne\n", conflict: true},
		{name: "news at several places around an edit", ours: "a\nb\nX\nd\ne\n", theirs: "new\na\nb\nc\nd\ne\nnew\n", want: "new\na\nb\nX\nd\ne\nnew\n"},
		{name: "line ends of another system", ours: "a\r\nb\r\nc\r\nd\r\ne\r\n", theirs: "a\nb\nC\nd\ne\n", conflict: true},
		{name: "everything taken out", ours: "", theirs: "a\nb\nc\nd\nE\n", conflict: true},
		{name: "edit across what changes", ours: "a\nX\nX\nX\ne\n", theirs: "a\nb\nY\nd\ne\n", conflict: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, conflict := Merge([]byte(base), []byte(tt.ours), []byte(tt.theirs))
			if conflict != tt.conflict || string(got) != tt.want {
				t.Errorf("Merge = %q, conflict %v; want %q, %v", got, conflict, tt.want, tt.conflict)
			}
		})
	}
}

// FuzzMerge holds what a merge must never do: lose an edit in silence when the news are elsewhere.
func FuzzMerge(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nB\nc\n", "a\nb\nC\n")
	f.Add("", "x", "y")
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		got, conflict := Merge([]byte(base), []byte(ours), []byte(theirs))
		if conflict && got != nil {
			t.Fatal("a conflict returned content")
		}
		if base == theirs && (conflict || string(got) != ours) {
			t.Fatalf("nothing new, yet %q became %q", ours, got)
		}
		if base == ours && (conflict || string(got) != theirs) {
			t.Fatalf("no edit, yet %q became %q", theirs, got)
		}
	})
}

func write(t *testing.T, d *memDisk, run, content string, force bool) (Action, error) {
	t.Helper()
	changes, err := Write(context.Background(), d, []Artifact{{Path: "Dockerfile", Mode: 0o644, Content: []byte(content)}},
		WriteOptions{Force: force, RunID: run, Dir: "out"})
	if len(changes) != 1 {
		t.Fatalf("%d changes", len(changes))
	}
	return changes[0].Action, err
}

// TestWrite follows one file through its life: made, made again, changed by drydock, edited, both, in conflict, forced, deleted.
func TestWrite(t *testing.T) {
	d := &memDisk{files: map[string]string{}}
	step := func(run, content string, force bool, want Action, wantDisk string) {
		t.Helper()
		got, err := write(t, d, run, content, force)
		if want == Conflict {
			var c *ConflictError
			if !errors.As(err, &c) || !strings.Contains(err.Error(), "Dockerfile") {
				t.Errorf("run %s: error %v, want a conflict that names the file", run, err)
			}
		} else if err != nil {
			t.Errorf("run %s: %v", run, err)
		}
		if got != want {
			t.Errorf("run %s: %s, want %s", run, got, want)
		}
		if d.files["Dockerfile"] != wantDisk {
			t.Errorf("run %s: on disk %q, want %q", run, d.files["Dockerfile"], wantDisk)
		}
	}
	step("1", "a\nb\nc\n", false, New, "a\nb\nc\n")
	step("2", "a\nb\nc\n", false, Same, "a\nb\nc\n")
	step("3", "a\nb\nC\n", false, Update, "a\nb\nC\n")
	d.files["Dockerfile"] = "mine\na\nb\nC\n"
	step("4", "a\nb\nC\n", false, Kept, "mine\na\nb\nC\n")
	step("5", "a\nb\nD\n", false, Merged, "mine\na\nb\nD\n")
	d.files["Dockerfile"] = "a\nb\nmine\n"
	step("6", "a\nb\nE\n", false, Conflict, "a\nb\nmine\n")
	step("7", "a\nb\nE\n", true, Forced, "a\nb\nE\n")
	if d.files["Dockerfile.orig"] != "a\nb\nmine\n" {
		t.Errorf("forced: the edited file was not kept: %q", d.files["Dockerfile.orig"])
	}
	delete(d.files, "Dockerfile")
	step("8", "a\nb\nF\n", false, Kept, "")
	step("9", "a\nb\nG\n", false, Kept, "") // and again
	if _, there := d.files["Dockerfile"]; there {
		t.Error("what a person deleted is back")
	}
	step("10", "a\nb\nG\n", true, New, "a\nb\nG\n") // --force asks for it
}

// TestWriteAfterAnUpgrade edits files and makes them with templates that have changed in between: an edit of what stayed is kept, the
// news come in, and one file in conflict leaves all of them as they are.
func TestWriteAfterAnUpgrade(t *testing.T) {
	d := &memDisk{files: map[string]string{}}
	write := func(version string, force bool) (map[string]Action, error) {
		changes, err := Write(context.Background(), d, []Artifact{
			{Path: "Dockerfile", Content: []byte("# " + version + "\nFROM a\nRUN x\nUSER 1\nCMD y\n")},
			{Path: "compose.yaml", Content: []byte("a: 1\nb: " + version + "\n")},
		}, WriteOptions{RunID: version, Force: force})
		out := map[string]Action{}
		for _, c := range changes {
			out[c.Path] = c.Action
		}
		return out, err
	}
	if _, err := write("1", false); err != nil {
		t.Fatal(err)
	}
	d.files["Dockerfile"] = "# 1\nFROM a\nRUN x\nUSER 1\nCMD mine\n"
	got, err := write("2", false)
	if err != nil || got["Dockerfile"] != Merged || got["compose.yaml"] != Update || d.files["Dockerfile"] != "# 2\nFROM a\nRUN x\nUSER 1\nCMD mine\n" {
		t.Errorf("%v %v %q", err, got, d.files["Dockerfile"])
	}
	if again, err := write("2", false); err != nil || again["Dockerfile"] != Kept {
		t.Errorf("the same version again: %v %v", err, again)
	}
	d.files["compose.yaml"] = "a: 1\nb: mine\n"
	before := d.files["Dockerfile"]
	got, err = write("3", false)
	var conflict *ConflictError
	if !errors.As(err, &conflict) || got["compose.yaml"] != Conflict || d.files["Dockerfile"] != before || d.files["compose.yaml"] != "a: 1\nb: mine\n" {
		t.Errorf("%v %v %v", err, got, d.files)
	}
	if base := d.files[".drydock/generated/Dockerfile"]; !strings.HasPrefix(base, "# 2") {
		t.Errorf("the base moved on without the files: %q", base)
	}
	if _, err := write("3", true); err != nil || d.files["compose.yaml.orig"] != "a: 1\nb: mine\n" || !strings.HasPrefix(d.files["Dockerfile"], "# 3") || !strings.Contains(d.files["Dockerfile"], "CMD mine") {
		t.Errorf("%v %v", err, d.files)
	}
}

func TestWriteRefusesAFileThatIsNotDrydocks(t *testing.T) {
	d := &memDisk{files: map[string]string{"Dockerfile": "FROM scratch\n"}}
	if got, err := write(t, d, "1", "FROM ruby\n", false); got != Conflict || err == nil {
		t.Fatalf("%s, %v", got, err)
	}
	if len(d.files) != 1 {
		t.Errorf("something was written: %v", d.files)
	}
}

func TestWriteAddsToTheSourcesOwnFile(t *testing.T) {
	ignore := Artifact{Path: ".gitignore", Content: []byte("/log\n/.env\n"), Base: []byte("/log\n")}
	for before, want := range map[string]struct {
		action Action
		after  string
	}{
		"/log\n":       {Update, "/log\n/.env\n"},
		"/tmp\n/log\n": {Merged, "/tmp\n/log\n/.env\n"},
		"":             {New, "/log\n/.env\n"},
	} {
		d := &memDisk{files: map[string]string{}}
		if before != "" {
			d.files[".gitignore"] = before
		}
		changes, err := Preview(d, []Artifact{ignore}, false)
		if err != nil || changes[0].Action != want.action || string(changes[0].After) != want.after {
			t.Errorf("%q: %v %v %q", before, err, changes[0].Action, changes[0].After)
		}
	}
}

func TestWriteKeepsLocalValues(t *testing.T) {
	d := &memDisk{files: map[string]string{".env": "PASSWORD=mine\n"}}
	changes, err := Write(context.Background(), d, []Artifact{{Path: ".env", Mode: 0o600, Content: []byte("PASSWORD=new\n"), Ephemeral: true}}, WriteOptions{})
	if err != nil || changes[0].Action != Kept || d.files[".env"] != "PASSWORD=mine\n" {
		t.Errorf("%v %v %q", err, changes, d.files[".env"])
	}
	if _, ok := d.files[".drydock/generated/.env"]; ok {
		t.Error("a copy of local values was kept")
	}
	fresh, err := Preview(&memDisk{files: map[string]string{}}, []Artifact{{Path: ".env", Content: []byte("PASSWORD=new\n"), Ephemeral: true}}, false)
	if err != nil || fresh[0].Action != New || fresh[0].Diff() != "" {
		t.Errorf("a preview shows local values: %v %q", err, fresh[0].Diff())
	}
}

func TestWriteReportsAFailedDisk(t *testing.T) {
	full := errors.New("no space left on device")
	d := &memDisk{files: map[string]string{}, fail: full}
	if _, err := write(t, d, "1", "a\n", false); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

func TestUndo(t *testing.T) {
	d := &memDisk{files: map[string]string{}}
	mustWrite := func(run, content string) {
		t.Helper()
		if _, err := write(t, d, run, content, false); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite("1", "a\n")
	mustWrite("2", "b\n")
	changes, err := Undo(context.Background(), d, "2")
	if err != nil || changes[0].Action != Restored || d.files["Dockerfile"] != "a\n" {
		t.Fatalf("undo 2: %v %v %q", err, changes, d.files["Dockerfile"])
	}
	// What was taken back is again what the next merge starts from.
	if changes, err := Preview(d, []Artifact{{Path: "Dockerfile", Content: []byte("c\n")}}, false); err != nil || changes[0].Action != Update {
		t.Errorf("after undo: %v %v", err, changes)
	}
	changes, err = Undo(context.Background(), d, "1")
	if _, there := d.files["Dockerfile"]; err != nil || changes[0].Action != Removed || there {
		t.Fatalf("undo 1: %v %v", err, changes)
	}
	mustWrite("3", "c\n")
	d.files["Dockerfile"] = "edited\n"
	changes, err = Undo(context.Background(), d, "3")
	if err != nil || changes[0].Action != Kept || d.files["Dockerfile"] != "edited\n" {
		t.Errorf("undo 3 touched an edited file: %v %v", err, changes)
	}
	if _, err := Undo(context.Background(), d, "9"); err == nil {
		t.Error("undo of a run that never was succeeded")
	}
	d.files[".drydock/runs/10.json"] = "{"
	if _, err := Undo(context.Background(), d, "10"); err == nil {
		t.Error("a damaged record was accepted")
	}
}

func TestDiff(t *testing.T) {
	c := FileChange{Path: "Dockerfile", Action: Update, Before: []byte("a\n"), After: []byte("b\n")}
	if d := c.Diff(); !strings.Contains(d, "-a") || !strings.Contains(d, "+b") {
		t.Errorf("diff %q", d)
	}
	if d := (FileChange{Before: []byte("a\n"), After: []byte("a\n")}).Diff(); d != "" {
		t.Errorf("no difference gave %q", d)
	}
	if d := (FileChange{Path: "x", Action: Conflict, Before: []byte("a\n"), After: []byte("a\n"), Theirs: []byte("z\n")}).Diff(); !strings.Contains(d, "+z") {
		t.Errorf("a conflict shows %q", d)
	}
}
