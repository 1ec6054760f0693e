package tui

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/muesli/termenv"
)

// maxPainted bounds what is coloured, in bytes: a lexer's time grows with its input.
const maxPainted = 256 << 10

// painter colours the lines of a file by its name. It runs away from the screen.
type painter func(name string, lines []string) []string

func (w *wizard) painter() painter {
	if w.style.plain {
		return func(_ string, lines []string) []string { return lines }
	}
	colours := palette(w.style.depth, w.style.dark)
	return func(name string, lines []string) []string { return paint(name, lines, colours) }
}

// colours hold what a kind of token begins with on this terminal. What is not in it keeps the terminal's own colours: white
// text would vanish on a light terminal that did not say that it is one.
type colours map[chroma.TokenType]string

// palette returns the colours for a terminal's depth, on its light or dark background. Each pair was
// chosen for a contrast of at least 4.5 to 1 on white and on black.
func palette(depth termenv.Profile, dark bool) colours {
	c := colours{}
	for _, p := range []struct {
		kind        chroma.TokenType
		light, dark string
	}{
		{chroma.Comment, "#626262", "#949494"},
		{chroma.Keyword, "#b4232f", "#ff7b72"},
		{chroma.LiteralString, "#0b4f8a", "#9ccbff"},
		{chroma.LiteralNumber, "#0550ae", "#79b8ff"},
		{chroma.NameTag, "#116329", "#7ee787"},
		{chroma.NameClass, "#7a3e00", "#ffa657"},
		{chroma.NameVariable, "#6639ba", "#d2a8ff"},
	} {
		hex := p.light
		if dark {
			hex = p.dark
		}
		c[p.kind] = termenv.CSI + depth.Color(hex).Sequence(false) + "m"
	}
	return c
}

// token puts a token's text into its colour.
func (c colours) token(b *strings.Builder, t chroma.Token) {
	start, ok := c[t.Type]
	if !ok || t.Value == "" {
		b.WriteString(t.Value)
		return
	}
	b.WriteString(start)
	b.WriteString(t.Value)
	b.WriteString(termenv.CSI + termenv.ResetSeq + "m")
}

// paint colours safe lines. Whatever goes wrong, the lines come back as they were.
func paint(name string, lines []string, c colours) []string {
	text := strings.Join(lines, "\n") + "\n"
	lexer := lexerFor(name)
	if lexer == nil || len(text) > maxPainted {
		return lines
	}
	tokens, err := lexer.Tokenise(nil, text)
	if err != nil {
		return lines
	}
	split := chroma.SplitTokensIntoLines(tokens.Tokens())
	if len(split) < len(lines) {
		return lines
	}
	out := make([]string, len(lines))
	for i := range lines {
		var b strings.Builder
		for _, t := range split[i] {
			t.Value = strings.TrimSuffix(t.Value, "\n")
			c.token(&b, t)
		}
		out[i] = b.String()
	}
	return out
}
