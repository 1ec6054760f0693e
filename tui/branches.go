package tui

import (
	"context"
	"errors"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/flow"
)

// branches is the list of branches and tags below the source's input. What is typed after "#" filters it.
type branches struct {
	location string // whose they are: the input before "#"; empty: the list is not up
	waiting  bool   // they are still asked for
	refs     []flow.Ref
	pick     list
}

// splitRef takes a source apart: what is opened, the branch or tag, and ":folder".
func splitRef(text string) (location, ref, folder string) {
	at := strings.LastIndexByte(text, '#')
	if at < 0 {
		return text, "", ""
	}
	ref, folder = text[at+1:], ""
	if colon := strings.IndexByte(ref, ':'); colon >= 0 {
		ref, folder = ref[:colon], ref[colon:]
	}
	return text[:at], ref, folder
}

// askBranches has the list come up.
func (s *sourceScreen) askBranches() tea.Cmd {
	text := strings.TrimSpace(s.input.value())
	location, _, _ := splitRef(text)
	if !s.free() {
		return nil
	}
	if location == text {
		s.input.set(text + "#")
	}
	s.candidates, s.err = nil, nil
	s.branches = branches{location: location, waiting: true}
	d, location := s.opts.Driver, expand(location)
	return s.watch(s.jobs.add(job{what: "the list of branches", long: true, run: func(ctx context.Context) tea.Msg {
		refs, err := d.Refs(ctx, location)
		return refsMsg{location, refs, err}
	}}))
}

// listed takes the list, unless nobody waits for it any more.
func (s *sourceScreen) listed(msg refsMsg) {
	if !s.branches.waiting || expand(s.branches.location) != msg.location {
		return
	}
	if msg.err != nil {
		s.branches = branches{}
		if !errors.Is(msg.err, context.Canceled) {
			s.err = msg.err
		}
		return
	}
	s.branches.waiting, s.branches.refs = false, msg.refs
}

// fitting are the branches and tags that hold what is typed after "#".
func (s *sourceScreen) fitting() []flow.Ref {
	_, typed, _ := splitRef(s.input.value())
	var refs []flow.Ref
	for _, r := range s.branches.refs {
		if strings.Contains(strings.ToLower(r.Name), strings.ToLower(typed)) {
			refs = append(refs, r)
		}
	}
	return refs
}

// branchKey handles a key while the list is up; false: it is one of typing.
func (s *sourceScreen) branchKey(k tea.KeyMsg) bool {
	refs := s.fitting()
	switch {
	case k.Type == tea.KeyEsc:
		s.closeBranches()
	case s.branches.waiting:
		return false
	case k.Type == tea.KeyUp, k.Type == tea.KeyDown, k.Type == tea.KeyPgUp, k.Type == tea.KeyPgDown:
		s.branches.pick.key(k, s.keys, len(refs), 8, nil)
	case (k.Type == tea.KeyEnter || pressed(k, s.keys.complete)) && len(refs) > 0:
		_, _, folder := splitRef(s.input.value())
		s.branches.pick.settle(len(refs), nil)
		s.input.set(s.branches.location + "#" + refs[s.branches.pick.cursor].Name + folder)
		s.closeBranches()
	default:
		return false
	}
	return true
}

// closeBranches takes the list away, and stops asking for it.
func (s *sourceScreen) closeBranches() {
	if s.branches.waiting {
		s.jobs.stop()
	}
	s.branches = branches{}
}

// typedOn keeps the list in step with what is typed.
func (s *sourceScreen) typedOn() {
	if s.branches.location == "" {
		return
	}
	if location, _, _ := splitRef(strings.TrimSpace(s.input.value())); location != s.branches.location || !strings.Contains(s.input.value(), "#") {
		s.closeBranches()
		return
	}
	s.branches.pick = list{}
}

// branchLines draws the list.
func (s *sourceScreen) branchLines(width, height int) []string {
	if s.branches.waiting {
		return []string{"    " + s.style.accent.Render(spin(s.now())) + cut(" asking for branches and tags", width-6), ""}
	}
	refs := s.fitting()
	head := itoa(len(refs)) + " of " + count(len(s.branches.refs), "name")
	lines := []string{"    " + s.style.title.Render(cut("Branches and tags", width-5)) + s.style.dim.Render(cut("  "+head, width-22))}
	if len(refs) == 0 {
		return append(lines, "    "+s.style.dim.Render(cut("none is like that; a commit can be named too", width-5)), "")
	}
	s.branches.pick.settle(len(refs), nil)
	from, to := s.branches.pick.visible(len(refs), max(1, height-2))
	name := 40
	for _, r := range refs[from:to] {
		name = max(name, ansi.StringWidth(r.Name))
	}
	name = min(name, max(8, width-26))
	for i := from; i < to; i++ {
		mark, style := "    ", s.style.text
		if i == s.branches.pick.cursor {
			mark, style = "  "+s.style.accent.Render("> "), s.style.selected
		}
		kind := "branch"
		switch {
		case refs[i].Default:
			kind = "branch, the default"
		case refs[i].Tag:
			kind = "tag"
		}
		lines = append(lines, mark+style.Render(fit(clean(refs[i].Name), name))+" "+s.style.dim.Render(cut(kind, max(1, width-name-6))))
	}
	return append(lines, "")
}
