package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// keymap names every key of the wizard once, so that help and behaviour agree.
type keymap struct {
	up, down, pageUp, pageDown, top, bottom key.Binding
	move                                    key.Binding // for help: up and down
	back, forward, next, enter, pane        key.Binding
	toggle, filter, help, edit, diff, why   key.Binding
	copy, write, verify, follow, undo       key.Binding
	findNext, findPrev, again, sideways     key.Binding
	left, right, steps, quit, interrupt     key.Binding
	redraw, complete, reject, skip, save    key.Binding
	open, report, foldAll, unfoldAll        key.Binding
	order, reverse, only                    key.Binding // of the board
}

func newKeymap() keymap {
	bind := func(show, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(show, does))
	}
	return keymap{
		up:        bind("↑ k", "up", "up", "k"),
		down:      bind("↓ j", "down", "down", "j"),
		move:      bind("↑↓", "move", "up", "down", "k", "j"),
		pageUp:    bind("pgup", "a page up", "pgup", "ctrl+b"),
		pageDown:  bind("pgdn", "a page down", "pgdown", "ctrl+f"),
		top:       bind("home g", "to the start", "home", "g"),
		bottom:    bind("end G", "to the end", "end", "G"),
		back:      bind("esc", "back", "esc", "left"),
		forward:   bind("→", "forward", "right"),
		next:      bind("n", "next", "n", "right"),
		enter:     bind("enter", "open", "enter"),
		pane:      bind("tab", "pane", "tab", "shift+tab"),
		toggle:    bind("space", "choose", " "),
		filter:    bind("/", "filter", "/"),
		help:      bind("?", "help", "?"),
		edit:      bind("e", "edit", "e"),
		diff:      bind("d", "diff", "d"),
		why:       bind("w", "why", "w"),
		copy:      bind("y", "copy", "y"),
		write:     bind("w", "write", "w"),
		verify:    bind("v", "verify", "v"),
		follow:    bind("f", "follow log", "f"),
		undo:      bind("u", "undo", "u"),
		findNext:  bind("n", "next match", "n"),
		findPrev:  bind("N", "previous match", "N"),
		again:     bind("r", "again", "r"),
		sideways:  bind("shift+←→", "sideways", "shift+left", "shift+right"),
		left:      bind("shift+←", "sideways", "shift+left", "H"),
		right:     bind("shift+→", "sideways", "shift+right", "L"),
		steps:     bind("1-6", "to a step already seen", "1", "2", "3", "4", "5", "6"),
		quit:      bind("q", "leave", "q"),
		interrupt: bind("ctrl+c", "stop and leave", "ctrl+c"),
		reject:    bind("x", "reject", "x"),
		skip:      bind("space", "skip component", " "),
		save:      bind("s", "save answers", "s"),
		open:      bind("o", "open in $EDITOR", "o"),
		report:    bind("r", "report", "r"),
		foldAll:   bind("-", "fold all", "-"),
		unfoldAll: bind("=", "unfold all", "=", "+"),
		redraw:    bind("ctrl+l", "draw again", "ctrl+l"),
		order:     bind("s", "sort", "s"),
		reverse:   bind("S", "reverse", "S"),
		only:      bind("f", "state", "f"),
		complete:  bind("tab", "complete path", "tab"),
	}
}

// as is a binding that means something more special on one screen.
func as(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}

// pressed reports whether msg is a key of a binding.
func pressed(msg tea.KeyMsg, bindings ...key.Binding) bool { return key.Matches(msg, bindings...) }

// single splits keys that a terminal delivered in one read, so that fast typing
// is the same as slow typing. A paste stays whole.
func single(msg tea.KeyMsg) []tea.KeyMsg {
	if msg.Type != tea.KeyRunes || msg.Paste || len(msg.Runes) < 2 {
		return []tea.KeyMsg{msg}
	}
	keys := make([]tea.KeyMsg, 0, len(msg.Runes))
	for _, r := range msg.Runes {
		k := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}
		if r == ' ' {
			k.Type = tea.KeySpace
		}
		keys = append(keys, k)
	}
	return keys
}
