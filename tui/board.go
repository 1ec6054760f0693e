package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/drydock-cli/drydock/assess"
)

// BoardOptions are what the workshop board shows.
type BoardOptions struct {
	Sources []assess.Source
	// Run assesses the sources, wherever that is done, and tells the watch. What it returns stands on the board when all is done, a line
	// each. When its context ends it stops, keeping what is done.
	Run func(ctx context.Context, watch BoardWatch) (summary []string, err error)
	// Open shows the wizard on one source until it is left; nil: sources cannot be opened.
	Open func(ctx context.Context, location string) (Result, error)
	// In and Out are the terminal; nil: standard input and output.
	In          io.Reader
	Out         io.Writer
	NoColor     bool
	NoAltScreen bool
	Mouse       bool
}

// BoardResult is what a board left behind.
type BoardResult struct {
	// Interrupted says that it was left before all was done: exit code 130. What is done is kept.
	Interrupted bool
	Done, All   int
	Summary     []string // as Run returned it
}

// RunBoard shows the board while the sources are assessed and until the person leaves it. The error is Run's, or about the terminal. When it
// returns, Run has ended, unless the person pressed Ctrl-C twice.
func RunBoard(ctx context.Context, opts BoardOptions) (BoardResult, error) {
	if opts.In == nil {
		opts.In = os.Stdin
	}
	if opts.Out == nil {
		opts.Out = os.Stdout
	}
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	screen := Options{In: opts.In, Out: opts.Out, NoColor: opts.NoColor, NoAltScreen: opts.NoAltScreen, Mouse: opts.Mouse}
	b := newBoard(opts, terminalCommon(screen), cancel)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.feed.end(opts.Run(work, b.feed.watch()))
	}()
	err := b.show(ctx, screen)
	cancel()
	if !b.hard {
		<-ended
	}
	b.feed.mu.Lock()
	defer b.feed.mu.Unlock()
	result := BoardResult{Interrupted: b.interrupted, Done: b.done, All: len(b.rows), Summary: b.feed.summary}
	if b.feed.err != nil && !errors.Is(b.feed.err, context.Canceled) {
		err = errors.Join(b.feed.err, err)
	}
	return result, err
}

// show alternates between the board and the wizards that are opened from it.
func (b *board) show(ctx context.Context, screen Options) error {
	for {
		b.opening = -1
		program := tea.NewProgram(b, programOptions(screen)...)
		stop := forwardInterrupts(ctx, program)
		_, err := program.Run()
		stop()
		b.ticking = false
		if err != nil {
			b.interrupted = b.interrupted || !b.over
			return fmt.Errorf("draw the board: %w", err)
		}
		if b.opening < 0 {
			return nil
		}
		result, err := b.opts.Open(ctx, b.opts.Sources[b.opening].Location)
		b.quitting = false
		b.back(result, err)
	}
}

// back comes from a wizard to the board.
func (b *board) back(r Result, err error) {
	name := b.rows[b.opening].name
	switch {
	case r.Interrupted:
		b.leave()
	case err != nil:
		b.say(name+": "+err.Error(), true)
	case r.Verdict != nil:
		b.say(name+": "+string(r.Verdict.Outcome)+"; "+count(len(r.Written), "file")+" written to "+r.OutputDir, false)
	case len(r.Written) > 0:
		b.say(name+": "+count(len(r.Written), "file")+" written to "+r.OutputDir, false)
	case r.Err != nil:
		b.say(name+": "+r.Err.Error(), true)
	}
}

// board is the workshop board: many repositories, a row each. It implements tea.Model.
type board struct {
	*common
	opts   BoardOptions
	feed   *boardFeed
	cancel func()

	rows  []boardRow
	tally [rowStates]int
	done  int // rows that are finished
	first int // of those, the ones that an earlier run had made

	order    []int // what is shown, as places in rows
	list     list
	held     bool // the cursor stays with its row, wherever that moves
	chosen   int  // the row under the cursor
	sort     boardSort
	reversed bool
	only     rowState // rowStates: all
	filter   input
	typing   bool

	card    bool // the row's findings are open
	focus   bool // and have the keys
	scroll  int
	help    *list
	confirm *confirm
	notice  string
	alarm   bool

	began       time.Time
	ended       time.Time
	over        bool // the run has ended
	ticking     bool
	stopping    bool
	quitting    bool
	interrupted bool
	hard        bool // it left without waiting
	opening     int  // the row to open in the wizard; -1: none
}

func newBoard(opts BoardOptions, c *common, cancel func()) *board {
	b := &board{common: c, opts: opts, cancel: cancel, only: rowStates, filter: newInput(""), opening: -1, began: c.now()}
	seen := map[string]bool{}
	b.opts.Sources = nil
	for _, s := range opts.Sources {
		if !seen[s.Location] {
			seen[s.Location] = true
			b.opts.Sources = append(b.opts.Sources, s)
			b.rows = append(b.rows, newBoardRow(s))
		}
	}
	b.feed = newBoardFeed(b.opts.Sources)
	b.tally[rowWaiting] = len(b.rows)
	b.arrange()
	return b
}

// Init starts looking at what happens.
func (b *board) Init() tea.Cmd {
	if b.quitting { // it was left from a wizard, and nothing runs
		return tea.Quit
	}
	b.ticking = true
	return b.after(0)
}

// Update takes one message.
func (b *board) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if b.quitting {
		return b, tea.Quit
	}
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		b.width, b.height = msg.Width, msg.Height
	case tea.KeyMsg:
		var cmds []tea.Cmd
		for _, k := range single(msg) {
			cmds = append(cmds, b.key(k))
		}
		return b, tea.Batch(cmds...)
	case tea.MouseMsg:
		return b, wheel(msg, b.key)
	case interruptMsg:
		return b, b.leave()
	case tickMsg:
		return b, b.tick()
	}
	return b, nil
}

// tick looks at what happened, and again soon while something runs.
func (b *board) tick() tea.Cmd {
	b.look()
	switch {
	case b.over && (b.stopping || b.feed.failed()):
		return b.quit()
	case b.over:
		b.ticking = false
		return nil
	}
	// With each repository that is done all rows move: that is drawn five times a second, so that a slow link keeps up. Keys are drawn at
	// once.
	return b.after(6 * frameInterval)
}

func (f *boardFeed) failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err != nil
}

// look takes in what happened.
func (b *board) look() {
	moved := false
	over := b.feed.drain(func(i int, n *boardNews) {
		r := &b.rows[i]
		was, had := r.state, r.brief != nil
		moved = r.take(n, func() int { return b.done + 1 }) || moved
		b.tally[was]--
		b.tally[r.state]++
		if r.brief != nil && !had {
			b.done++
			if r.brief.kept {
				b.first++
			}
		}
	})
	if over && !b.over {
		b.over, b.ended, moved = true, b.now(), true
	}
	if moved {
		b.arrange()
	}
}

// arrange puts the rows that are to be seen into their order, the cursor staying with its row.
func (b *board) arrange() {
	sought := strings.Fields(strings.ToLower(clean(b.filter.value())))
	b.order = b.order[:0]
	for i := range b.rows {
		if (b.only == rowStates || b.rows[i].state == b.only) && b.rows[i].matches(sought) {
			b.order = append(b.order, i)
		}
	}
	b.sort.sorted(b.rows, b.order, b.reversed)
	if b.held {
		for at, i := range b.order {
			if i == b.chosen {
				b.list.top += at - b.list.cursor
				b.list.cursor = at
			}
		}
	}
	b.settle()
}

// settle puts the cursor on a row that is there.
func (b *board) settle() {
	b.list.settle(len(b.order), nil)
	was := b.chosen
	if b.chosen = -1; len(b.order) > 0 {
		b.chosen = b.order[b.list.cursor]
	}
	if b.chosen != was {
		b.scroll = 0
	}
}

// say shows a line until the next key; alarm says that something went wrong.
func (b *board) say(text string, alarm bool) { b.notice, b.alarm = clean(text), alarm }

// key routes a key to what is on top.
func (b *board) key(k tea.KeyMsg) tea.Cmd {
	if pressed(k, b.keys.interrupt) {
		return b.leave()
	}
	if b.stopping {
		return nil
	}
	b.notice = ""
	switch {
	case pressed(k, b.keys.redraw):
		return tea.ClearScreen
	case b.confirm != nil:
		act, over := b.confirm.update(b.common, k)
		if over {
			b.confirm = nil
		}
		if act != nil {
			return act()
		}
		return nil
	case b.help != nil:
		b.helpKey(k)
		return nil
	case b.typing:
		b.typed(k)
		return nil
	case pressed(k, b.keys.help):
		b.help = &list{}
	case pressed(k, b.keys.quit):
		return b.askLeave()
	case b.card && b.cardKey(k):
	default:
		return b.listKey(k)
	}
	return nil
}

func (b *board) helpKey(k tea.KeyMsg) {
	if pressed(k, b.keys.help, b.keys.back, b.keys.quit, b.keys.enter) {
		b.help = nil
		return
	}
	b.help.key(k, b.keys, len(b.helpLines()), max(1, b.height-4), nil)
}

// typed takes a key of the filter, which works while it is typed.
func (b *board) typed(k tea.KeyMsg) {
	switch {
	case k.Type == tea.KeyEsc:
		b.typing = false
		b.seek("")
	case k.Type == tea.KeyEnter:
		b.typing = false
	case k.Type == tea.KeyUp, k.Type == tea.KeyDown:
		b.typing = false
		b.listKey(k)
	default:
		if b.filter.update(k) {
			b.arrange()
		}
	}
}

func (b *board) seek(text string) {
	b.filter.set(text)
	b.arrange()
}

// listKey is a key of the rows.
func (b *board) listKey(k tea.KeyMsg) tea.Cmd {
	switch {
	case pressed(k, b.keys.enter):
		b.openCard()
	case pressed(k, b.keys.open):
		return b.openWizard()
	case pressed(k, b.keys.filter):
		b.typing = true
	case pressed(k, b.keys.order):
		b.sort, b.reversed = (b.sort+1)%sortCount, false
		b.reorder()
	case pressed(k, b.keys.reverse):
		b.reversed = !b.reversed
		b.reorder()
	case pressed(k, b.keys.only):
		b.nextState()
	case pressed(k, b.keys.copy):
		return b.copyLocation()
	case pressed(k, b.keys.back):
		b.clear()
	default:
		if b.list.key(k, b.keys, len(b.order), b.page(), nil) {
			b.held = b.list.cursor > 0
			b.settle()
		}
	}
	return nil
}

// reorder shows the start of a new order.
func (b *board) reorder() {
	b.held, b.list = false, list{}
	b.arrange()
	way := ""
	if b.reversed {
		way = ", reversed"
	}
	b.say("sorted: "+sortWords[b.sort]+way, false)
}

// nextState shows the repositories of one state alone: the next one that there is.
func (b *board) nextState() {
	for {
		b.only = (b.only + 1) % (rowStates + 1)
		if b.only == rowStates || b.tally[b.only] > 0 {
			break
		}
	}
	b.list = list{}
	b.arrange()
}

// clear takes back, one after the other, what hides rows.
func (b *board) clear() {
	switch {
	case b.filter.value() != "":
		b.seek("")
	case b.only != rowStates:
		b.only = rowStates
		b.arrange()
	default:
		b.list = list{}
		b.held = false
		b.settle()
	}
}

func (b *board) openCard() {
	if b.chosen < 0 {
		return
	}
	b.card, b.held, b.scroll, b.focus = true, true, 0, false
}

// besides reports whether the screen is wide enough for rows and findings.
func (b *board) besides() bool { return b.width >= 120 }

// cardKey is a key of the open findings; false: it is one of the rows.
func (b *board) cardKey(k tea.KeyMsg) bool {
	scrolls := b.focus || !b.besides()
	switch {
	case pressed(k, b.keys.back), !scrolls && pressed(k, b.keys.enter):
		b.card, b.focus = false, false
	case pressed(k, b.keys.pane) && b.besides():
		b.focus = !b.focus
	case pressed(k, b.keys.next):
		b.step(1)
	case pressed(k, b.keys.findPrev):
		b.step(-1)
	case !b.besides() && pressed(k, b.keys.filter, b.keys.order, b.keys.reverse, b.keys.only): // they are about the rows
		b.card = false
		return false
	case !scrolls:
		return false
	case pressed(k, b.keys.enter):
	default:
		l := list{cursor: b.scroll}
		if !l.key(k, b.keys, b.scrollable(), b.page(), nil) {
			return false
		}
		b.scroll = l.cursor
	}
	return true
}

// step goes to the next row without leaving its findings.
func (b *board) step(by int) {
	b.list.move(by, len(b.order), nil)
	b.held = true
	b.settle()
}

// openWizard leaves the board for the wizard, which comes back to it.
func (b *board) openWizard() tea.Cmd {
	switch {
	case b.chosen < 0:
	case b.opts.Open == nil:
		b.say("the wizard cannot be opened here", true)
	case b.rows[b.chosen].brief == nil:
		b.say(b.rows[b.chosen].name+" is not finished: its wizard opens when it is", false)
	default:
		b.opening, b.held = b.chosen, true
		return b.quit()
	}
	return nil
}

// askLeave is what q does: it asks only when something would be lost.
func (b *board) askLeave() tea.Cmd {
	if b.over {
		return b.quit()
	}
	b.confirm = &confirm{
		title: "Stop and leave?",
		lines: []string{fmt.Sprintf("%d of %d are done and kept: the same command with --resume goes on from there. What is under way (%d) is begun anew then.", b.done, len(b.rows), b.tally[rowUnderWay])},
		choices: []choice{
			{"y", "stop and leave", func() tea.Cmd { return b.leave() }},
			{"n", "stay", nil},
		},
	}
	return nil
}

// leave has the run stop, waits for it, and quits. A second time it does not wait.
func (b *board) leave() tea.Cmd {
	if b.over {
		return b.quit()
	}
	b.interrupted = true
	if b.stopping {
		b.hard = true
		return b.quit()
	}
	b.stopping, b.confirm, b.help, b.typing = true, nil, nil, false
	b.cancel()
	if b.ticking {
		return nil
	}
	b.ticking = true
	return b.after(frameInterval)
}

func (b *board) quit() tea.Cmd {
	b.quitting = true
	return tea.Quit
}

// hints are the keys that matter now, the most useful first.
func (b *board) hints() []key.Binding {
	k := b.keys
	switch {
	case b.stopping:
		return []key.Binding{as(k.interrupt, "stop at once")}
	case b.confirm != nil:
		return b.confirm.hints(k)
	case b.help != nil:
		return []key.Binding{k.move, as(k.back, "close help")}
	case b.typing:
		return []key.Binding{as(k.enter, "keep the filter"), as(k.back, "clear it")}
	case b.card && (b.focus || !b.besides()):
		return []key.Binding{as(k.back, "rows"), as(k.open, "open in the wizard"), as(k.move, "scroll"), as(k.next, "next"), as(k.findPrev, "previous"), k.copy}
	case b.card:
		return []key.Binding{as(k.back, "close"), as(k.open, "open in the wizard"), as(k.pane, "scroll"), k.move, k.filter, k.order, k.only, as(k.quit, "leave")}
	}
	return []key.Binding{as(k.enter, "findings"), as(k.open, "wizard"), k.filter, k.order, k.only, as(k.quit, "leave"), k.reverse, k.copy}
}
