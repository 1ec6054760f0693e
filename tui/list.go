package tui

import (
	"strconv"

	tea "github.com/charmbracelet/bubbletea"
)

func itoa(n int) string { return strconv.Itoa(n) }

// list is the cursor and the scroll position of rows that are drawn elsewhere.
// Rows that skip reports (headings) are passed over.
type list struct {
	cursor, top int
}

// key moves the cursor; false: the key is not one of moving.
func (l *list) key(msg tea.KeyMsg, keys keymap, n, page int, skip func(int) bool) bool {
	switch {
	case pressed(msg, keys.up):
		l.move(-1, n, skip)
	case pressed(msg, keys.down):
		l.move(1, n, skip)
	case pressed(msg, keys.pageUp):
		l.move(-max(1, page-1), n, skip)
	case pressed(msg, keys.pageDown):
		l.move(max(1, page-1), n, skip)
	case pressed(msg, keys.top):
		l.move(-n, n, skip)
	case pressed(msg, keys.bottom):
		l.move(n, n, skip)
	default:
		return false
	}
	return true
}

// move goes by delta rows and then on, in the same direction, to one that is no heading.
func (l *list) move(delta, n int, skip func(int) bool) {
	if n == 0 {
		l.cursor, l.top = 0, 0
		return
	}
	was := l.cursor
	to := max(0, min(n-1, l.cursor+delta))
	step := 1
	if delta < 0 {
		step = -1
	}
	for at := to; at >= 0 && at < n; at += step {
		if skip == nil || !skip(at) {
			l.cursor = at
			return
		}
	}
	// Nothing but headings that way: the nearest row on the other side, if it is no step back.
	for at := to; at >= 0 && at < n; at -= step {
		if skip == nil || !skip(at) {
			if (at-was)*step >= 0 {
				l.cursor = at
			}
			if step < 0 {
				l.top = 0 // the headings above the first row are worth seeing
			}
			return
		}
	}
}

// settle puts the cursor on a row that exists after rows have changed.
func (l *list) settle(n int, skip func(int) bool) {
	l.cursor = max(0, min(n-1, l.cursor))
	if n > 0 && skip != nil && skip(l.cursor) {
		for at := 0; at < n; at++ {
			if at >= l.cursor && !skip(at) {
				l.cursor = at
				return
			}
		}
		for at := l.cursor; at >= 0; at-- {
			if !skip(at) {
				l.cursor = at
				return
			}
		}
	}
}

// visible returns the rows to draw in a height, the cursor among them.
func (l *list) visible(n, height int) (from, to int) {
	height = max(1, height)
	l.top = max(min(l.top, l.cursor), l.cursor-height+1)
	l.top = max(0, min(l.top, n-height))
	return l.top, min(n, l.top+height)
}
