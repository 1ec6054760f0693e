package tui

import (
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/progress"
)

// clean makes text that others wrote safe for one line of the screen. Every
// string from a repository, a log or an error passes through it exactly once.
func clean(s string) string { return progress.Line(s) }

// cut shortens s to a display width, wide characters counted as such.
func cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(s, width, "…")
}

// cutLeft shortens s from the left: the end of a path says more than its start.
func cutLeft(s string, width int) string {
	have := ansi.StringWidth(s)
	if have <= width {
		return s
	}
	if width <= 0 {
		return ""
	}
	if width == 1 {
		return "…"
	}
	return ansi.TruncateLeft(s, have-width+1, "…")
}

// fit cuts s or fills it with spaces to exactly a display width.
func fit(s string, width int) string {
	s = cut(s, width)
	return s + blank(width-ansi.StringWidth(s))
}

// fitRight is fit with the text at the right end.
func fitRight(s string, width int) string {
	s = cut(s, width)
	return blank(width-ansi.StringWidth(s)) + s
}

func blank(n int) string { return strings.Repeat(" ", max(0, n)) }

func rule(n int) string { return strings.Repeat("─", max(0, n)) }

// ends puts one text at each end of a line. The right one gives way first.
func ends(left, right string, width int) string {
	left = cut(left, width)
	room := width - ansi.StringWidth(left) - 2
	if right == "" || room < min(4, ansi.StringWidth(right)) {
		return left
	}
	right = cut(right, room)
	return left + blank(width-ansi.StringWidth(left)-ansi.StringWidth(right)) + right
}

// wrap breaks text into lines of a display width.
func wrap(s string, width int) []string {
	if s == "" {
		return nil
	}
	if width < 1 {
		return []string{""}
	}
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		lines = append(lines, strings.Split(ansi.Wrap(line, width, ""), "\n")...)
	}
	return lines
}

// cleanLines splits text that others wrote into safe lines of a display width.
func cleanLines(s string, width int) []string {
	return wrap(strings.Join(progress.Lines(s), "\n"), width)
}

// flowLines lays parts out in lines of a display width and breaks between them only.
func flowLines(parts []string, gap string, width int) []string {
	var lines []string
	for _, p := range parts {
		last := len(lines) - 1
		if last >= 0 && ansi.StringWidth(lines[last])+ansi.StringWidth(gap)+ansi.StringWidth(p) <= width {
			lines[last] += gap + p
			continue
		}
		lines = append(lines, cut(p, width))
	}
	return lines
}

// commandLines breaks a command line between words, as a shell takes it when it is copied from the screen. A note in brackets after it
// is no part of it.
func commandLines(command string, width int) []string {
	var lines []string
	command, note, noted := strings.Cut(command, "   (")
	for _, word := range strings.Split(command, " ") {
		last := len(lines) - 1
		if last >= 0 && ansi.StringWidth(lines[last])+ansi.StringWidth(word)+3 <= width {
			lines[last] += " " + word
			continue
		}
		if last >= 0 {
			lines[last] += " \\"
		}
		lines = append(lines, strings.Split(ansi.Hardwrap(word, max(1, width-2), true), "\n")...)
	}
	if last := len(lines) - 1; noted && ansi.StringWidth(lines[last])+ansi.StringWidth(note)+4 <= width {
		lines[last] += "   (" + note
	} else if noted {
		lines = append(lines, cut("("+note, width))
	}
	return lines
}

// indent puts spaces before each line.
func indent(lines []string, n int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = blank(n) + l
	}
	return out
}

// clip returns at most n lines, with a last one that says how many are missing.
func clip(lines []string, n int, more func(hidden int) string) []string {
	if len(lines) <= n || n <= 0 {
		return lines[:min(len(lines), max(0, n))]
	}
	out := append([]string{}, lines[:n-1]...)
	return append(out, more(len(lines)-n+1))
}

// stretch cuts lines or adds empty ones until there are n.
func stretch(lines []string, n int) []string {
	n = max(0, n)
	if len(lines) >= n {
		return lines[:n]
	}
	return append(lines[:len(lines):len(lines)], make([]string, n-len(lines))...)
}

// beside puts two columns next to each other with a line between them.
func beside(left []string, leftWidth int, line string, right []string, rightWidth, height int) []string {
	left, right = stretch(left, height), stretch(right, height)
	out := make([]string, height)
	for i := range out {
		out[i] = fit(left[i], leftWidth) + line + cut(right[i], rightWidth)
	}
	return out
}

// window returns the part of s between two columns, for panes that are moved sideways.
func window(s string, from, width int) string {
	if width <= 0 {
		return ""
	}
	if from > 0 {
		s = ansi.Cut(s, from, from+max(width+1, ansi.StringWidth(s)))
	}
	return cut(s, width)
}

// redact hides the password of a URL: a location may be shown on a projector.
func redact(location string) string {
	u, err := url.Parse(location)
	if err != nil { // what is no address may hold a password all the same
		scheme, rest, _ := strings.Cut(location, "://")
		host, path, _ := strings.Cut(rest, "/")
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			user, _, _ := strings.Cut(host[:at], ":")
			location = scheme + "://" + user + ":***" + host[at:] + "/" + path
		}
		return clean(location)
	}
	if u.User == nil {
		return clean(location)
	}
	if _, has := u.User.Password(); !has {
		return clean(location)
	}
	u.User = url.User(u.User.Username())
	return clean(strings.Replace(u.String(), "@", ":***@", 1))
}

// cutPlace shortens a place: whole folders go before anything of the file's name.
func cutPlace(s string, width int) string {
	for ansi.StringWidth(s) > width {
		_, rest, ok := strings.Cut(strings.TrimPrefix(s, "…/"), "/")
		if !ok {
			return cutLeft(s, width)
		}
		s = "…/" + rest
	}
	return s
}

// words joins the texts that are not empty.
func words(texts ...string) string {
	return strings.Join(strings.Fields(strings.Join(texts, " ")), " ")
}

// placeOf writes where evidence is: "Gemfile:3 +1".
func placeOf(file string, line, more int) string {
	if file == "" {
		return "-"
	}
	s := clean(file)
	if line > 0 {
		s += ":" + itoa(line)
	}
	if more > 0 {
		s += " +" + itoa(more)
	}
	return s
}

// ago writes how long ago a time was, in words: "2 days ago".
func ago(when string, now time.Time) string {
	t, err := time.Parse(time.RFC3339, when)
	if err != nil {
		return ""
	}
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return count(int(d.Minutes()), "minute") + " ago"
	case d < 24*time.Hour:
		return count(int(d.Hours()), "hour") + " ago"
	default:
		return count(int(d.Hours()/24), "day") + " ago"
	}
}

// count writes a number with its noun: "1 file", "3 files".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return itoa(n) + " " + noun + "s"
}

// short is a path below the present directory or the home directory as people write it.
func short(path, home string) string {
	if home != "" && (path == home || strings.HasPrefix(path, home+string(filepath.Separator))) {
		return "~" + strings.TrimPrefix(path, home)
	}
	return path
}

// secondsOf is a number of seconds as a duration.
func secondsOf(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
