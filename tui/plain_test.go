package tui

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/drydock-cli/drydock/flow"
)

func rendererOf(depth int, dark bool) *lipgloss.Renderer {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(map[int]termenv.Profile{16: termenv.ANSI, 256: termenv.ANSI256}[depth])
	r.SetHasDarkBackground(dark)
	return r
}

// converse runs the plain wizard on a made-up job with these lines as answers.
func converse(t *testing.T, d *fakeDriver, answers string, opts ...func(*Options)) (Result, string) {
	t.Helper()
	var out strings.Builder
	o := Options{Driver: d, In: strings.NewReader(answers), Out: &out, Recent: fakeRecent()}
	for _, f := range opts {
		f(&o)
	}
	r, err := RunPlain(t.Context(), o)
	if err != nil {
		t.Logf("error %v", err)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("control codes in %q", out.String())
	}
	return r, out.String()
}

func TestPlainWholeJob(t *testing.T) {
	d := newFake(t)
	r, said := converse(t, d, strings.Join([]string{
		"/srv/app",
		"evidence", "3", // of the runtime
		"correct", "3", "not a version!", "2.6",
		"reject", "20", "skip", "2", "1", // and on
		"compose,fargate",
		"diff", "2", "show", "1", "1",
	}, "\n")+"\n")
	for _, want := range []string{"Which application?", "Component web", "3. runtime: ruby 2.7", "Gemfile:3", "line 3:", "is not a version", "Taken.", "Targets: one machine",
		"compose: Docker Compose", "Files, to be written to /home/me/src/redmine", "+tmp", "FROM ruby:2.7.8-slim-bookworm AS build", "4 files written", "builds, starts and answers"} {
		if !strings.Contains(said, want) {
			t.Fatalf("it does not say %q:\n%s", want, said)
		}
	}
	if r.Verdict == nil || len(r.Written) != 5 || r.Kept || !contains(d.seen(), "set:components.web.languageVersion=2.6", "settargets:compose,fargate", "write:false", "verify") {
		t.Errorf("%+v\n%s", r, d.seen())
	}
}

// TestPlainKeepsPasswordsToItself: an address of old with a password in it is offered without.
func TestPlainKeepsPasswordsToItself(t *testing.T) {
	r, said := converse(t, newFake(t), "2\n\nleave\n")
	if strings.Contains(said, "secret@") || !strings.Contains(r.Location, "secret@") {
		t.Errorf("%s\n%s", r.Location, said)
	}
}

func TestPlainEndOfInputKeepsTheSession(t *testing.T) {
	r, _ := converse(t, newFake(t), "/srv/app\n")
	if !r.Kept || r.Location != "/srv/app" {
		t.Errorf("%+v", r)
	}
	if r, said := converse(t, newFake(t), "/srv/app\nleave\n"); r.Kept || r.Err != nil {
		t.Errorf("%+v\n%s", r, said)
	}
}

func TestPlainOffersInterruptedSessions(t *testing.T) {
	k := &fakeKeeper{refused: []string{"gone"}}
	old := flow.Session{ID: "7", Location: "/srv/old", Step: "files"}
	_, said := converse(t, newFake(t), "1\nleave\n", func(o *Options) { o.Keeper, o.Interrupted = k, []flow.Session{old} })
	if k.resumed == nil || k.resumed.ID != "7" || !strings.Contains(said, "interrupted at files") || !strings.Contains(said, "does not take an answer: gone") {
		t.Errorf("%+v\n%s", k, said)
	}
}

func TestPlainConflictAsks(t *testing.T) {
	d := newFake(t)
	d.conflict = true
	r, said := converse(t, d, "/srv/app\n1\n\n\n1\nno\n")
	if r.Written != nil || !strings.Contains(said, "compose.yaml") || strings.Contains(d.seen(), "write:") {
		t.Errorf("%+v %s\n%s", r, d.seen(), said)
	}
}

func TestAskCredentialsWithoutATerminal(t *testing.T) {
	user, password, err := AskCredentials(strings.NewReader("me\npw\n"), io.Discard)(context.Background(), "https://git.example.com/x")
	if err != nil || user != "me" || password != "pw" {
		t.Errorf("%q %q %v", user, password, err)
	}
}

// TestPlainAsksForTheBranch: a server's repository is asked for its branches; the default one is the first, others can be typed.
func TestPlainAsksForTheBranch(t *testing.T) {
	for typed, want := range map[string]string{
		"https://git.example.com/redmine\n\n":          "https://git.example.com/redmine",
		"https://git.example.com/redmine\n2\n":         "https://git.example.com/redmine#4.1-stable",
		"https://git.example.com/redmine\n4.2.01\n":    "https://git.example.com/redmine#4.2.01", // one that is not read out
		"https://git.example.com/redmine#4.2-stable\n": "https://git.example.com/redmine#4.2-stable",
		"/srv/app#\n3\n": "/srv/app#4.2-stable",
		"https://git.example.com/redmine#master:folder\n": "https://git.example.com/redmine#master:folder",
	} {
		d := newFake(t)
		r, said := converse(t, d, typed+"leave\n")
		if r.Location != want {
			t.Errorf("%q opens %q, want %q\n%s", typed, r.Location, want, said)
		}
		if asked := strings.Contains(said, "Which branch or tag?"); asked != strings.Contains(d.seen(), "refs ") {
			t.Errorf("%q: asked %v, calls %s", typed, asked, d.seen())
		}
	}
	d := newFake(t)
	d.refsErr = io.ErrUnexpectedEOF // what cannot be listed is for opening to say
	if r, said := converse(t, d, "https://git.example.com/redmine\nleave\n"); r.Location != "https://git.example.com/redmine" {
		t.Errorf("%+v\n%s", r, said)
	}
}

// TestPlainErrorLeadsToItsCure: an error of the files asks for the decision that changes it, and goes on.
func TestPlainErrorLeadsToItsCure(t *testing.T) {
	d := newFake(t)
	d.generateErr = &flow.UnsupportedError{Message: "no image of puma", Field: "components.web.appServerVersion"}
	d.cured = "components.web.appServerVersion"
	r, said := converse(t, d, "/srv/app\n1\n\n\nchange\n4\nwrite\n")
	if len(r.Written) != 5 || r.Err != nil || !strings.Contains(said, "change components.web.appServerVersion, which decides this") {
		t.Errorf("%+v\n%s", r, said)
	}
	d.generateErr, d.cured = io.ErrUnexpectedEOF, ""
	if r, said := converse(t, d, "/srv/app\n1\n\nleave\n"); r.Err == nil || !strings.Contains(said, "The files could not be made") {
		t.Errorf("%+v\n%s", r, said)
	}
}
