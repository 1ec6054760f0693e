package ask_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/ask"
)

var (
	ruby = ask.Question{
		ID: "components.web.languageVersion", Text: "Which Ruby does web use?", Why: "the Gemfile allows several",
		Default: "2.7", Because: "Rails 5.2 runs on it",
		Options: []ask.Option{{Value: "2.7"}, {Value: "2.6", Label: "as CI tests it"}, {Value: "2.5"}},
	}
	java  = ask.Question{ID: "components.web.languageVersion", Text: "Which Java?", Options: []ask.Option{{Value: "8"}, {Value: "2"}, {Value: "17"}}}
	port  = ask.Question{ID: "components.web.port", Text: "Which port?", Default: "8080"}
	start = ask.Question{ID: "components.web.processes.web", Text: "Which command starts web?"}
)

func TestDefaultsAndNever(t *testing.T) {
	answers, err := ask.All(t.Context(), ask.Defaults(), []ask.Question{ruby, port})
	if diff := cmp.Diff(map[string]string{ruby.ID: "2.7", port.ID: "8080"}, answers); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	_, err = ask.All(t.Context(), ask.Defaults(), []ask.Question{port, start})
	var open *ask.Unanswered
	if !errors.As(err, &open) || len(open.Questions) != 1 || open.Questions[0].ID != start.ID {
		t.Errorf("error %v", err)
	}
	_, err = ask.All(t.Context(), ask.Never(), []ask.Question{ruby, port, start})
	want := `3 question(s) need an answer:
  Which Ruby does web use?
    --set components.web.languageVersion=2.7|2.6|2.5
  Which port?
    --set components.web.port=8080
  Which command starts web?
    --set components.web.processes.web=VALUE`
	if err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
}

func TestAllStopsAtAnErrorThatIsNoMissingAnswer(t *testing.T) {
	broken := errors.New("no terminal")
	asked := 0
	_, err := ask.All(t.Context(), ask.Func(func(context.Context, ask.Question) (string, error) {
		asked++
		return "", broken
	}), []ask.Question{ruby, port})
	if !errors.Is(err, broken) || asked != 1 {
		t.Errorf("%d questions, error %v", asked, err)
	}
}

func TestPromptScreen(t *testing.T) {
	var out strings.Builder
	answer, err := ask.NewPrompt(strings.NewReader("2\n"), &out).Ask(t.Context(), ruby)
	want := `
Which Ruby does web use?
  Why: the Gemfile allows several
  1) 2.7  [default]
  2) as CI tests it (2.6)
  3) 2.5
  Default: 2.7, because Rails 5.2 runs on it
Answer (1-3) [Enter: 2.7]: `
	if diff := cmp.Diff(want, out.String()); err != nil || answer != "2.6" || diff != "" {
		t.Errorf("%q %v %s", answer, err, diff)
	}
}

func TestPromptAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		q      ask.Question
		input  string
		answer string
		says   string // in what is printed
	}{
		{"number", ruby, "3\n", "2.5", ""},
		{"value", ruby, " 2.6 \r\n", "2.6", ""},
		{"label", ruby, "AS CI tests it\n", "2.6", ""},
		{"empty takes the default", ruby, "\n", "2.7", ""},
		{"not a choice, then one", ruby, "9\n3.3\n1\n", "2.7", `"3.3" is not one of the choices`},
		{"last line without its end", ruby, "2", "2.6", ""},
		{"letters where numbers would be values", java, "8\n", "8", "a) 8"},
		{"a number that is a value is the value", java, "2\n", "2", "Answer (a-c): "},
		{"letter", java, "c\n", "17", ""},
		{"needed", start, "\n\nrails s\n", "rails s", "An answer is needed"},
		{"free text", port, "9090\n", "9090", "Answer [Enter: 8080]: "},
		{"one choice", ask.Question{Text: "Sure?", Options: []ask.Option{{Value: "yes"}}}, "1\n", "yes", "Answer (1): "},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			answer, err := ask.NewPrompt(strings.NewReader(c.input), &out).Ask(t.Context(), c.q)
			if err != nil || answer != c.answer || !strings.Contains(out.String(), c.says) {
				t.Errorf("answer %q, error %v, printed\n%s", answer, err, out.String())
			}
		})
	}
}

func TestPromptChecksAnswers(t *testing.T) {
	var out strings.Builder
	p := ask.NewPrompt(strings.NewReader("9\n3.4\n"), &out)
	p.Check = func(q ask.Question, answer string) error {
		if q.ID == ruby.ID && answer == "9" {
			return errors.New("9 is not a version\x1b[2J")
		}
		return nil
	}
	answer, err := p.Ask(t.Context(), ruby)
	if err != nil || answer != "3.4" || !strings.Contains(out.String(), "9 is not a version·[2J\n") {
		t.Errorf("answer %q, error %v, printed\n%s", answer, err, out.String())
	}
}

func TestPromptAtTheEndOfInput(t *testing.T) {
	_, err := ask.All(t.Context(), ask.NewPrompt(strings.NewReader("1\n"), io.Discard), []ask.Question{ruby, port, start})
	var open *ask.Unanswered
	if !errors.As(err, &open) || len(open.Questions) != 2 {
		t.Errorf("error %v", err)
	}
}

func TestPromptReadsNoFurtherThanItsLine(t *testing.T) {
	in := strings.NewReader("1\nfor somebody else")
	if _, err := ask.NewPrompt(in, io.Discard).Ask(t.Context(), ruby); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(in); string(rest) != "for somebody else" {
		t.Errorf("left over: %q", rest)
	}
}

func TestPromptEndsWithItsContext(t *testing.T) {
	in, feed := io.Pipe()
	p := ask.NewPrompt(in, io.Discard)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := p.Ask(ctx, ruby)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := p.Ask(ctx, ruby); !errors.Is(err, context.Canceled) {
		t.Errorf("a question after the end: %v", err)
	}
	go func() {
		_, _ = io.WriteString(feed, "3\n") // the read that was left behind takes it
		_ = feed.Close()
	}()
	if answer, err := p.Ask(t.Context(), ruby); err != nil || answer != "2.5" {
		t.Errorf("the next question: %q %v", answer, err)
	}
}

func TestPromptWithstandsHostileText(t *testing.T) {
	var out strings.Builder
	hostile := "a\x1b[2J\nb\u202ec\x9b"
	q := ask.Question{Text: hostile, Why: hostile, Default: hostile, Because: hostile, Options: []ask.Option{{Value: hostile, Label: hostile}, {Value: "2", Label: hostile}}}
	long := strings.Repeat("x", 1<<20)
	if _, err := ask.NewPrompt(strings.NewReader(long+"\n"+hostile+"\n\n"), &out).Ask(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.String() {
		if r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x202e) {
			t.Fatalf("%U is printed:\n%q", r, out.String())
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestPromptReportsABrokenTerminal(t *testing.T) {
	if _, err := ask.NewPrompt(strings.NewReader("1\n"), brokenWriter{}).Ask(t.Context(), ruby); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
	if _, err := ask.NewPrompt(io.MultiReader(brokenReader{}), io.Discard).Ask(t.Context(), ruby); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, nil }
