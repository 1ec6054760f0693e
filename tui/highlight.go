package tui

import (
	"bytes"
	"path"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/formatters"
	"github.com/alecthomas/chroma/v2/lexers"
	chromastyles "github.com/alecthomas/chroma/v2/styles"
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
	formatter := formatters.TTY256
	switch w.style.depth {
	case termenv.TrueColor:
		formatter = formatters.TTY16m
	case termenv.ANSI:
		formatter = formatters.TTY16
	}
	style := chromastyles.Get("github")
	if w.style.dark {
		style = chromastyles.Get("github-dark")
	}
	style = unpainted(style)
	return func(name string, lines []string) []string { return paint(name, lines, formatter, style) }
}

// unpainted leaves ordinary text and the background in the terminal's own
// colours: white text would vanish on a light terminal that did not say that it is one.
func unpainted(style *chroma.Style) *chroma.Style {
	ordinary := style.Get(chroma.Text).Colour
	plain, err := style.Builder().Transform(func(e chroma.StyleEntry) chroma.StyleEntry {
		if e.Colour == ordinary {
			e.Colour = 0
		}
		e.Background = 0
		return e
	}).Build()
	if err != nil {
		return style
	}
	return plain
}

// paint colours safe lines. Whatever goes wrong, the lines come back as they were.
func paint(name string, lines []string, formatter chroma.Formatter, style *chroma.Style) []string {
	text := strings.Join(lines, "\n") + "\n"
	lexer := lexers.Match(path.Base(name))
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
		row := split[i]
		if n := len(row); n > 0 {
			row[n-1].Value = strings.TrimSuffix(row[n-1].Value, "\n")
		}
		var b bytes.Buffer
		if err := formatter.Format(&b, style, chroma.Literator(row...)); err != nil {
			return lines
		}
		out[i] = b.String()
	}
	return out
}
