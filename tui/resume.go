package tui

import (
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/flow"
)

// resume opens a session's source and goes on where it was.
func (w *wizard) resume(s flow.Session) tea.Cmd {
	if w.opts.Keeper != nil {
		w.opts.Keeper.Resume(s)
	}
	w.opts.Interrupted = slices.DeleteFunc(slices.Clone(w.opts.Interrupted), func(o flow.Session) bool { return o.ID == s.ID })
	w.screens[stepSource].(*sourceScreen).input.set(s.Location)
	cmd := w.fetchSource(s.Location)
	w.resuming = &s
	return cmd
}

// resumed brings up the step at which a session ended. What was under way then is not started by itself.
func (w *wizard) resumed(s flow.Session) tea.Cmd {
	at := step(max(slices.Index(stepIDs[:], s.Step), int(stepFindings)))
	for to := stepSource; to <= min(at, stepFiles); to++ {
		w.seen[to] = true
	}
	w.edits = len(s.Changes)
	cmd := w.show(min(at, stepFiles))
	note := "resumed: " + count(len(s.Changes), "answer") + " back"
	if at >= stepVerify {
		note += "; the verification had begun: v starts it again"
	}
	if w.opts.Keeper == nil {
		return cmd
	}
	if refused := w.opts.Keeper.Refused(); len(refused) > 0 {
		w.edits -= len(refused)
		w.say(note+"; the source has changed and does not take "+count(len(refused), "answer")+": "+strings.Join(refused, "; "), true)
		return cmd
	}
	w.say(note, false)
	return cmd
}

// save writes drydock.yaml alone.
func (w *wizard) save() tea.Cmd {
	if !w.free() {
		return nil
	}
	return w.watch(w.savePlan())
}

func (w *wizard) savedPlan(msg savedMsg) tea.Cmd {
	if msg.err != nil {
		w.say(msg.err.Error(), true)
		return nil
	}
	w.edits, w.saved, w.generated = 0, true, -1
	w.snap.command = msg.command
	w.say("your answers are in "+filepath.Join(msg.dir, "drydock.yaml"), false)
	return nil
}

// editedMsg says that the person's editor has ended.
type editedMsg struct {
	name string
	err  error
}

// openEditor hands the terminal to the person's editor. What is edited must be on the disk.
func (w *wizard) openEditor(path string) tea.Cmd {
	if !w.free() {
		return nil
	}
	name := filepath.Join(w.outputDir, filepath.FromSlash(path))
	command, err := flow.Editor(name)
	if err != nil {
		w.say(err.Error(), true)
		return nil
	}
	return tea.ExecProcess(command, func(err error) tea.Msg { return editedMsg{path, err} })
}

// edited looks anew at the files when the editor has ended.
func (w *wizard) edited(msg editedMsg) tea.Cmd {
	if msg.err != nil {
		w.say("the editor for "+msg.name+" failed: "+msg.err.Error()+" (EDITOR names it)", true)
		return nil
	}
	return w.watch(w.reread())
}

// tookIn takes the plan after an editor.
func (w *wizard) tookIn(msg rereadMsg) tea.Cmd {
	if msg.err != nil {
		w.say(msg.err.Error(), true)
		return nil
	}
	w.adopt(msg.view)
	w.generated = -1
	return nil // afterJob makes the files anew
}

// report writes the verdict as a page.
func (w *wizard) report() tea.Cmd {
	if w.verdict == nil {
		w.say("there is no verdict yet", false)
		return nil
	}
	if !w.free() {
		return nil
	}
	return w.watch(w.writeReport())
}

func (w *wizard) reported(msg reportMsg) tea.Cmd {
	if msg.err != nil {
		w.say(msg.err.Error(), true)
		return nil
	}
	w.say("the report is "+msg.name, false)
	return nil
}

// reject takes a finding out of the plan.
func (w *wizard) reject(f fact) tea.Cmd {
	if len(f.drops) == 0 {
		w.say("nothing is made of this that could be rejected; space leaves its whole component out", false)
		return nil
	}
	if !w.free() {
		return nil
	}
	w.say("rejected: "+f.label+" "+f.value+" (u undoes it)", false)
	var cmds []tea.Cmd
	for _, c := range f.drops {
		if c.drop {
			cmds = append(cmds, w.dropField(c.path))
		} else {
			cmds = append(cmds, w.setField(c.path, c.after))
		}
	}
	return tea.Batch(cmds...)
}

// skip leaves a component out, or takes it in again.
func (w *wizard) skip(component string) tea.Cmd {
	if !w.free() {
		return nil
	}
	path := "components." + component + ".role"
	f, ok := w.snap.field(path)
	switch {
	case !ok || f.Path != path:
		return nil
	case f.Value != skippedRole:
		if w.taking() < 2 {
			w.say("this is the only component: without it there is nothing to make", true)
			return nil
		}
		w.say(component+" is left out; space takes it in again", false)
		return w.setField(path, skippedRole)
	}
	if was, ok := w.found[path]; ok && was.value != skippedRole {
		return w.setField(path, was.value)
	}
	w.say(component+" is a library; e gives it another role", false)
	return nil
}

// taking counts the components that are not left out.
func (w *wizard) taking() int {
	n := 0
	for _, f := range w.snap.fields {
		if strings.HasPrefix(f.Path, "components.") && strings.HasSuffix(f.Path, ".role") && f.Value != skippedRole {
			n++
		}
	}
	return n
}

// undo takes the last change back.
func (w *wizard) undo() tea.Cmd {
	if !w.free() {
		return nil
	}
	return w.undoLast()
}

// undone takes the plan as it was before a change.
func (w *wizard) undone(msg undoneMsg) tea.Cmd {
	for _, path := range msg.retaken { // defaults that were taken on the way are open again
		delete(w.taken, path)
	}
	w.adopt(msg.view)
	if msg.path == "" {
		w.say("nothing has been changed", false)
		return nil
	}
	if w.edits > 0 {
		w.edits--
	} else {
		w.edits++ // it was written already
	}
	w.say("back to "+msg.path+"="+msg.value, false)
	// The screens look anew at what they show.
	w.screens[stepDecisions].(*decisionsScreen).rebuild()
	findings := w.screens[stepFindings].(*findingsScreen)
	findings.rows.settle(len(findings.shown()), nil)
	return nil
}
