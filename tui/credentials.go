package tui

import (
	"context"
	"strings"
	"sync"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Credentials carries a Git server's wish for a user and password to the wizard, and the answer back. Nothing is kept.
type Credentials struct {
	mu      sync.Mutex
	waiting *credentialAsk
}

// credentialAsk is one such wish.
type credentialAsk struct {
	url   string
	reply chan [2]string
}

// Ask waits for the person. An empty user and password say that there are none. It fits flow.Options.Credentials.
func (c *Credentials) Ask(ctx context.Context, url string) (user, password string, err error) {
	a := &credentialAsk{url, make(chan [2]string, 1)}
	c.set(a)
	defer c.set(nil)
	select {
	case got := <-a.reply:
		return got[0], got[1], nil
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
}

func (c *Credentials) set(a *credentialAsk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = a
}

func (c *Credentials) asked() *credentialAsk {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting
}

// login is the form for a user and a password over the fetch screen.
type login struct {
	ask            *credentialAsk
	user, password input
	second         bool // the password is being typed
	answered       bool
}

func newLogin(a *credentialAsk) *login {
	return &login{ask: a, user: newInput(""), password: newInput("")}
}

// update takes a key; false: the form is done.
func (l *login) update(k tea.KeyMsg) bool {
	field := &l.user
	if l.second {
		field = &l.password
	}
	switch k.Type {
	case tea.KeyEsc:
		l.ask.reply <- [2]string{}
		return false
	case tea.KeyTab, tea.KeyShiftTab, tea.KeyUp, tea.KeyDown:
		l.second = !l.second
	case tea.KeyEnter:
		if !l.second {
			l.second = true
			return true
		}
		l.ask.reply <- [2]string{l.user.value(), l.password.value()}
		return false
	default:
		field.update(k)
	}
	return true
}

func (l *login) view(c *common, width int) []string {
	mark := func(here bool) string {
		if here {
			return c.style.accent.Render("> ")
		}
		return "  "
	}
	hidden := newInput(strings.Repeat("•", len([]rune(l.password.value()))))
	shown := []string{l.user.view(c, width-16), hidden.view(c, width-16)}
	other := 1
	if l.second {
		other = 0
	}
	shown[other] = cut([]string{clean(l.user.value()), hidden.value()}[other], width-16)
	return []string{
		"", " " + c.style.title.Render(cut(redact(l.ask.url)+" wants to know who you are", width-1)), "",
		"   " + mark(!l.second) + "user      " + shown[0],
		"   " + mark(l.second) + "password  " + shown[1],
		"", c.style.dim.Render(cut(" A token counts as a password. It is used for this once and kept nowhere.", width)),
	}
}

func (l *login) hints(k keymap) []key.Binding {
	return []key.Binding{as(k.enter, "next"), as(k.pane, "other field"), bindEsc("without credentials"), as(k.interrupt, "quit")}
}
