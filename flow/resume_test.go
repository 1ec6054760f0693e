package flow

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/plan"
)

// TestResume decides, dies, and goes on with the same plan.
func TestResume(t *testing.T) {
	isolate(t)
	dir := copyApp(t, "rails-shop")
	k := Keep(NewJob(Options{}), map[string][]string{"no-verify": {"true"}})
	if _, err := k.Open(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	for path, value := range map[string]string{"components.web.port": "4000", "components.worker.role": "library"} {
		if err := k.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Unset("services.db.kind"); err != nil {
		t.Fatal(err)
	}
	if err := k.SetTargets([]string{"compose"}); err != nil {
		t.Fatal(err)
	}
	k.At("decisions")
	want, err := k.Plan().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if list := Interrupted(); len(list) != 0 {
		t.Errorf("a wizard at work counts as interrupted: %+v", list)
	}
	_ = k.lock.Unlock() // what the system does when a process ends, however it ends

	s, err := Latest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Location != dir || s.Step != "decisions" || len(s.Changes) != 4 || s.Summary == "" || s.Flags["no-verify"][0] != "true" {
		t.Errorf("session %+v", s)
	}
	s.Changes = append(s.Changes, Change{Path: "components.gone.port", Value: "1"})
	again := Keep(NewJob(Options{}), nil)
	defer again.Close()
	again.Resume(s)
	if _, err := again.Open(t.Context(), s.Location, nil); err != nil {
		t.Fatal(err)
	}
	got, err := again.Plan().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the resumed plan (-want +got):\n%s", diff)
	}
	if r := again.Refused(); len(r) != 1 || !strings.Contains(r[0], "gone") {
		t.Errorf("refused %q", r)
	}
	again.End(false)
	if _, err := Latest(""); err == nil {
		t.Error("a session that was ended can be resumed")
	}
	if left, _ := filepath.Glob(filepath.Join(sessionDir(), "*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

// TestCorrectionsAndEdits: drydock.yaml says what a decision stands in place of, on its own and after it was read again.
func TestCorrectionsAndEdits(t *testing.T) {
	isolate(t)
	dir := copyApp(t, "rails-shop")
	j := NewJob(Options{})
	defer j.Close()
	if _, err := j.Open(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"4000", "4001"} {
		if err := j.Set("components.web.port", v); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := j.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "Dockerfile")); err == nil {
		t.Error("saving the answers writes more than drydock.yaml")
	}
	name := filepath.Join(dir, plan.FileName)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if want := "port: 4001 # chosen: instead of 3000, config/puma.rb:4"; !strings.Contains(string(data), want) {
		t.Errorf("drydock.yaml lacks %q:\n%s", want, data)
	}
	edited := strings.Replace(string(data), "4001", "4002", 1)
	if err := os.WriteFile(name, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := j.Reread(t.Context()); err != nil || j.plan.Component("web").Port.V != 4002 {
		t.Errorf("port %d, error %v", j.plan.Component("web").Port.V, err)
	}
	if err := os.WriteFile(name, []byte("components: [\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := j.Reread(t.Context()); err == nil || j.plan.Component("web").Port.V != 4002 {
		t.Errorf("a broken drydock.yaml is taken, error %v", err)
	}
}

func TestLastingHidesPasswords(t *testing.T) {
	if got := lasting("https://me:secret@git.example.com/x#main"); got != "https://me@git.example.com/x#main" {
		t.Error(got)
	}
}

func TestEditor(t *testing.T) {
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", `code --wait "a b"`)
	c, err := Editor("/x/Dockerfile")
	if err != nil || strings.Join(c.Args, "|") != "code|--wait|a b|/x/Dockerfile" {
		t.Errorf("%v %v", c, err)
	}
}

// TestUndo: what is undone has never been, in the plan, in what a session is resumed from, and on the command line; after the plan was
// written, the command line says what is against it.
func TestUndo(t *testing.T) {
	isolate(t)
	dir := copyApp(t, "rails-shop")
	k := Keep(NewJob(Options{Set: []string{"components.web.healthPath=/up"}}), nil)
	defer k.Close()
	if _, err := k.Open(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	defer k.End(false)
	state := func() string {
		text, err := k.Plan().Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + strings.Join(k.Command(), " ") + fmt.Sprint(k.session.Changes)
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var states []string
	for _, step := range []func() error{
		func() error { return k.Set("components.web.port", "4000") },
		func() error { return k.Set("components.web.port", "4001") },
		func() error { return k.Unset("services.redis.kind") },
		func() error { return k.SetTargets([]string{"compose", "helm"}) },
		func() error { return k.Set("components.web.env.EXTRA", "1") },
	} {
		states = append(states, state())
		do(step())
	}
	if err := k.Set("components.web.port", "none"); err == nil {
		t.Error("a port that is none is taken")
	}
	for i := len(states) - 1; i >= 0; i-- {
		c, ok := k.Undo()
		if got := state(); !ok || got != states[i] {
			t.Fatalf("undo %d, of %v:\n%s", i, c, cmp.Diff(states[i], got))
		}
	}
	if c, ok := k.Undo(); ok {
		t.Errorf("the command line's own decision is undone: %v", c)
	}

	do(k.Set("components.web.port", "4000"))
	_, err := k.Save(t.Context())
	do(err)
	if got := strings.Join(k.Command(), " "); strings.Contains(got, "--set") {
		t.Errorf("%s says what drydock.yaml says", got)
	}
	if _, ok := k.Undo(); !ok {
		t.Error("what was saved is not undone")
	}
	if got := strings.Join(k.Command(), " "); !strings.Contains(got, "--set 'components.web.port=3000'") {
		t.Errorf("%s does not say what is against drydock.yaml", got)
	}
	if c := k.session.Changes; len(c) != 1 || c[0] != (Change{Path: "components.web.port", Value: "3000"}) {
		t.Errorf("the session keeps %v", c)
	}
}
