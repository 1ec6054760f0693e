// Package ask puts the questions of a run to whoever answers them: a person in
// the wizard or at a prompt, a file of answers, or the defaults.
package ask

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Question is one decision that evidence did not settle.
type Question struct {
	ID      string   // path of the plan field it decides, which is also the --set key: "components.web.languageVersion"
	Text    string   // one line: what is asked
	Why     string   // one line: why it is asked
	Default string   // taken by --yes; empty: there is no sensible default
	Because string   // why the default is the default
	Options []Option // sensible answers; empty: free text
}

// Option is one sensible answer.
type Option struct {
	Value string
	Label string // for people; empty: Value
}

// Asker answers questions.
type Asker interface {
	Ask(ctx context.Context, q Question) (string, error)
}

// Func makes a function an Asker.
type Func func(ctx context.Context, q Question) (string, error)

// Ask calls f.
func (f Func) Ask(ctx context.Context, q Question) (string, error) { return f(ctx, q) }

// Defaults answers every question with its default: what --yes means. A
// question without a default is an *Unanswered error.
func Defaults() Asker {
	return Func(func(_ context.Context, q Question) (string, error) {
		if q.Default == "" {
			return "", &Unanswered{Questions: []Question{q}}
		}
		return q.Default, nil
	})
}

// Never answers nothing: what --no-input means. Every question is an
// *Unanswered error.
func Never() Asker {
	return Func(func(_ context.Context, q Question) (string, error) {
		return "", &Unanswered{Questions: []Question{q}}
	})
}

// Unanswered says which questions nobody answered. Its message lists each with
// the flag that answers it.
type Unanswered struct{ Questions []Question }

func (e *Unanswered) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d question(s) need an answer:", len(e.Questions))
	for _, q := range e.Questions {
		fmt.Fprintf(&b, "\n  %s\n    --set %s=", q.Text, q.ID)
		switch {
		case len(q.Options) > 0:
			values := make([]string, len(q.Options))
			for i, o := range q.Options {
				values[i] = o.Value
			}
			b.WriteString(strings.Join(values, "|"))
		case q.Default != "":
			b.WriteString(q.Default)
		default:
			b.WriteString("VALUE")
		}
	}
	return b.String()
}

// All puts every question to a and returns the answers by question id. The
// questions that nobody answers are collected into one *Unanswered error, so
// that they are all listed at once.
func All(ctx context.Context, a Asker, questions []Question) (map[string]string, error) {
	answers := make(map[string]string, len(questions))
	var open Unanswered
	for _, q := range questions {
		answer, err := a.Ask(ctx, q)
		var u *Unanswered
		switch {
		case errors.As(err, &u):
			open.Questions = append(open.Questions, u.Questions...)
		case err != nil:
			return nil, err
		default:
			answers[q.ID] = answer
		}
	}
	if len(open.Questions) > 0 {
		return nil, &open
	}
	return answers, nil
}
