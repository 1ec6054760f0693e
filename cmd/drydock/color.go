package main

import (
	"fmt"
	"strings"
)

// The escape sequences of a terminal's own colours, which a person has chosen to be readable.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	dim    = "\x1b[2m"
	plain  = "\x1b[0m"
)

// colours reports whether stdout gets colour: it is a terminal, or CLICOLOR_FORCE says so, and nothing says otherwise.
func (a *app) colours() bool {
	switch {
	case a.flags.noColor || a.environ("NO_COLOR") != "":
		return false
	case a.environ("CLICOLOR_FORCE") != "" && a.environ("CLICOLOR_FORCE") != "0":
		return true
	}
	return a.outTTY && a.environ("TERM") != "dumb" && a.environ("CLICOLOR") != "0"
}

// paint colours a text where there are colours.
func (a *app) paint(colour, text string) string {
	if colour == "" || text == "" || !a.colours() {
		return text
	}
	return colour + text + plain
}

// action is what happens to a file, in the colour of how much it matters.
func (a *app) action(name string) string {
	colour := map[string]string{"new": green, "update": yellow, "merge": yellow, "restore": yellow, "conflict": red, "force": red, "remove": red, "same": dim, "keep": dim}[name]
	return a.paint(colour, fmt.Sprintf("%-8s", name))
}

// diff is a unified difference, coloured as Git colours it.
func (a *app) diff(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		switch {
		case i < 2 && (strings.HasPrefix(l, "--- ") || strings.HasPrefix(l, "+++ ")):
			lines[i] = a.paint(bold, l)
		case strings.HasPrefix(l, "@@"):
			lines[i] = a.paint(cyan, l)
		case strings.HasPrefix(l, "+"):
			lines[i] = a.paint(green, l)
		case strings.HasPrefix(l, "-"):
			lines[i] = a.paint(red, l)
		}
	}
	return strings.Join(lines, "\n")
}
