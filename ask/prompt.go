package ask

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// maxAnswer bounds a line of input in bytes: an answer is short, and whatever is
// piped in must not grow without end.
const maxAnswer = 4096

// Prompt asks on a terminal line by line: numbered choices, plain text, nothing
// redrawn. It serves people whose terminal or reader cannot follow a screen that
// changes, too.
type Prompt struct {
	in  io.Reader
	out io.Writer
	// Check, when set, judges an answer before it is taken; its error is shown and
	// the question asked again. With it an answer outside the options may be typed.
	Check func(q Question, answer string) error

	pending chan line // a read that a cancelled question left behind
}

// line is what one read of the input gave.
type line struct {
	text string
	err  error
}

// NewPrompt returns an Asker that writes questions to out and reads one line
// each from in. It never reads beyond the line it needs. Check may be set
// before the first question.
func NewPrompt(in io.Reader, out io.Writer) *Prompt { return &Prompt{in: in, out: out} }

// Ask puts q until the answer is acceptable. An empty line takes the default. At
// the end of the input the error is an *Unanswered; a cancelled ctx is returned as
// its own error at once, though the read that waits for input cannot be taken
// back: the next question gets its line.
func (p *Prompt) Ask(ctx context.Context, q Question) (string, error) {
	labels := choiceLabels(q.Options)
	if err := p.print(p.render(q, labels)); err != nil {
		return "", err
	}
	for {
		text, err := p.read(ctx)
		if errors.Is(err, io.EOF) {
			return "", &Unanswered{Questions: []Question{q}}
		}
		if err != nil {
			return "", fmt.Errorf("ask %q: %w", q.ID, err)
		}
		answer, complaint := p.judge(q, labels, strings.TrimSpace(text))
		if complaint == "" {
			return answer, nil
		}
		if err := p.print("  " + printable(complaint) + "\n" + invitation(q, labels)); err != nil {
			return "", err
		}
	}
}

// judge turns what was typed into an answer, or says what is wrong with it.
func (p *Prompt) judge(q Question, labels []string, text string) (answer, complaint string) {
	answer, known := match(q, labels, text)
	switch {
	case text == "" && q.Default == "":
		return "", "An answer is needed: there is no default."
	case !known && p.Check == nil:
		return "", fmt.Sprintf("%q is not one of the choices.", text)
	}
	if p.Check != nil {
		if err := p.Check(q, answer); err != nil {
			return "", err.Error()
		}
	}
	return answer, ""
}

// match finds the answer that text stands for, and whether it is one of those
// that the question offers. To a question without options any text is.
func match(q Question, labels []string, text string) (answer string, known bool) {
	if text == "" {
		return q.Default, true
	}
	for i, o := range q.Options {
		if text == labels[i] || strings.EqualFold(text, o.Value) {
			return o.Value, true
		}
	}
	for _, o := range q.Options {
		if strings.EqualFold(text, o.Label) {
			return o.Value, true
		}
	}
	return text, len(q.Options) == 0
}

// choiceLabels numbers the options. When an option's value could itself be taken
// for such a number (Java 8 as the third choice of ten), letters serve instead.
func choiceLabels(options []Option) []string {
	labels := make([]string, len(options))
	letters := false
	for i, o := range options {
		labels[i] = strconv.Itoa(i + 1)
		if n, err := strconv.Atoi(o.Value); err == nil && n >= 1 && n <= len(options) {
			letters = true
		}
	}
	for i := range labels {
		if letters && i < 26 {
			labels[i] = string(rune('a' + i))
		}
	}
	return labels
}

func (p *Prompt) render(q Question, labels []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", printable(q.Text))
	if q.Why != "" {
		fmt.Fprintf(&b, "  Why: %s\n", printable(q.Why))
	}
	for i, o := range q.Options {
		name := printable(o.Value)
		switch {
		case o.Label == "" || o.Label == o.Value:
		case strings.Contains(o.Label, o.Value): // who listens hears it once
			name = printable(o.Label)
		default:
			name = printable(o.Label) + " (" + name + ")"
		}
		if o.Value == q.Default {
			name += "  [default]"
		}
		fmt.Fprintf(&b, "  %s) %s\n", labels[i], name)
	}
	if q.Default != "" {
		fmt.Fprintf(&b, "  Default: %s", printable(q.Default))
		if q.Because != "" {
			fmt.Fprintf(&b, ", because %s", printable(q.Because))
		}
		b.WriteByte('\n')
	}
	b.WriteString(invitation(q, labels))
	return b.String()
}

// invitation is the start of the line on which the answer is typed.
func invitation(q Question, labels []string) string {
	s := "Answer"
	switch n := len(labels); {
	case n == 1:
		s += " (" + labels[0] + ")"
	case n > 1:
		s += " (" + labels[0] + "-" + labels[n-1] + ")"
	}
	if q.Default != "" {
		s += " [Enter: " + printable(q.Default) + "]"
	}
	return s + ": "
}

func (p *Prompt) print(s string) error {
	if _, err := io.WriteString(p.out, s); err != nil {
		return fmt.Errorf("write question: %w", err)
	}
	return nil
}

// read waits for one line or for the end of ctx.
func (p *Prompt) read(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if p.pending == nil {
		p.pending = make(chan line, 1)
		go func(to chan<- line) {
			text, err := readLine(p.in)
			to <- line{text, err}
		}(p.pending)
	}
	select {
	case l := <-p.pending:
		p.pending = nil
		return l.text, l.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// readLine reads up to a line end, byte by byte: what follows belongs to whoever
// reads next. A last line without an end counts; io.EOF means that nothing came.
func readLine(in io.Reader) (string, error) {
	var text []byte
	one := make([]byte, 1)
	for idle := 0; idle < 100; {
		n, err := in.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return string(text), nil
		case n == 1:
			idle = 0
			if len(text) < maxAnswer {
				text = append(text, one[0])
			}
		case errors.Is(err, io.EOF) && len(text) > 0:
			return string(text), nil
		case err != nil:
			return "", err
		default:
			idle++
		}
	}
	return "", io.ErrNoProgress
}

// printable makes text that may come from a repository safe to write to a
// terminal: one line, no control characters, nothing that turns its direction.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return '·'
		}
		return r
	}, s)
}
