package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/drydock-cli/drydock/progress"
)

// View draws the frame; of the rows only those in sight. What stands below what the terminal shows stays there.
func (b *board) View() string {
	if b.quitting && !b.opts.NoAltScreen || b.width <= 0 || b.height <= 0 {
		return ""
	}
	return frame(b.compose(), b.width, b.height)
}

func (b *board) compose() []string {
	head, foot := b.head(), b.foot()
	room := max(0, b.height-len(head)-len(foot))
	var body []string
	switch {
	case room == 0:
	case b.help != nil:
		body = b.helpView(room)
	case b.card && !b.besides():
		body = b.cardView(b.width, room)
	case b.card:
		left := b.width * 9 / 20
		body = beside(b.listView(left, room), left, b.style.dim.Render("│"), b.cardView(b.width-left-1, room), b.width-left-1, room)
	default:
		body = b.listView(b.width, room)
	}
	return append(append(head, stretch(body, room)...), foot...)
}

// page is how many rows a page has.
func (b *board) page() int { return max(1, b.height-len(b.head())-len(b.foot())-1) }

// head is the title, how far the run is, and how many repositories there are of each state. Low terminals lose it from below.
func (b *board) head() []string {
	if b.height < 4 {
		return nil
	}
	left := b.style.accent.Render(" drydock ") + b.style.title.Render(" Workshop board")
	lines := []string{ends(left, b.style.dim.Render(b.clock())+" ", b.width)}
	if b.height >= 10 {
		lines = append(lines, b.bar(), b.counts())
	}
	return lines
}

// clock says how far the run is and how long it takes.
func (b *board) clock() string {
	at, all := itoa(b.done), itoa(len(b.rows))
	if b.over {
		return at + " of " + all + " · took " + progress.Seconds(b.ended.Sub(b.began))
	}
	took := b.now().Sub(b.began)
	if b.done == len(b.rows) {
		return at + " of " + all + " · the reports are made"
	}
	parts := []string{at + " of " + all, progress.Seconds(took.Truncate(time.Second))}
	if ours := b.done - b.first; ours >= 5 {
		left := time.Duration(float64(took) / float64(ours) * float64(len(b.rows)-b.done))
		parts = append(parts, "about "+progress.Seconds(left.Round(time.Second))+" left")
	}
	line := ""
	for _, p := range parts { // as many as fit beside the title
		if ansi.StringWidth(line)+ansi.StringWidth(p)+3 > b.width-28 {
			break
		}
		if line != "" {
			line += " · "
		}
		line += p
	}
	if line == "" && b.width >= 28 {
		line = at + "/" + all
	}
	return line
}

// bar is a rule of which as much is heavy as is done.
func (b *board) bar() string {
	heavy := 0
	if len(b.rows) > 0 {
		heavy = b.width * b.done / len(b.rows)
	}
	return b.style.ok.Render(strings.Repeat("━", heavy)) + b.style.dim.Render(rule(b.width-heavy))
}

// counts takes the longest form that fits.
func (b *board) counts() string {
	line := ""
	for _, form := range []struct {
		gap                     string
		whole, worded, verdicts bool
	}{{"   ", true, true, true}, {"  ", false, true, true}, {"  ", false, false, true}, {" ", false, false, false}} {
		var parts []string
		for s := range rowStates {
			if b.tally[s] == 0 {
				continue
			}
			part := rowWords[s].mark + " " + itoa(b.tally[s])
			switch {
			case form.whole:
				part += " " + rowWords[s].row
			case form.worded, form.verdicts && s > rowWaiting:
				part += " " + rowWords[s].few
			}
			if style := b.stateStyle(s); s == b.only {
				part = b.style.cursor.Render(part)
			} else {
				part = style.Render(part)
			}
			parts = append(parts, part)
		}
		if line = " " + strings.Join(parts, form.gap); ansi.StringWidth(line) <= b.width {
			break
		}
	}
	return cut(line, b.width)
}

func (b *board) stateStyle(s rowState) lipgloss.Style {
	switch s {
	case rowUnderWay:
		return b.style.accent
	case rowReady:
		return b.style.ok
	case rowMinor:
		return b.style.text
	case rowMajor:
		return b.style.warn
	case rowNone, rowError:
		return b.style.bad
	}
	return b.style.dim
}

// foot is what is asked or said, the filter, and the keys.
func (b *board) foot() []string {
	if b.height < 2 {
		return nil
	}
	var lines []string
	room := b.height / 2
	switch {
	case b.stopping:
		lines = []string{
			b.style.warn.Render(cut(" "+spin(b.now())+" stopping: what is done is kept, what is under way ends", b.width)),
			b.style.dim.Render(cut("   ctrl+c again stops at once and may leave something behind", b.width)),
		}
	case b.confirm != nil:
		lines = b.confirm.view(b.common, b.width, room)
	case b.notice != "":
		lines = b.noticeLines(b.notice, b.alarm, room)
	case b.over && (!b.card || b.besides()):
		lines = b.summaryLines()
	}
	lines = lines[:min(len(lines), room)]
	if b.height >= 5 && (b.typing || b.filter.value() != "" || b.only != rowStates) {
		lines = append(lines, b.filterLine())
	}
	if b.height >= 12 {
		lines = append(lines, b.style.dim.Render(rule(b.width)))
	}
	last := ""
	if b.help == nil && b.confirm == nil && !b.stopping && !b.typing {
		last = b.hint(b.keys.help) + " "
	}
	return append(lines, b.hintLine(b.hints(), last))
}

// summaryLines are what the run came to: of more than fit the first and the last, which says where the reports are.
func (b *board) summaryLines() []string {
	b.feed.mu.Lock()
	all := b.feed.summary
	b.feed.mu.Unlock()
	most := b.height/6 - 1
	if most < 1 || len(all) == 0 {
		return nil
	}
	var lines []string
	for i, l := range all {
		for _, part := range wrap(clean(l), b.width-2) {
			if i == 0 {
				part = b.style.title.Render(part)
			}
			lines = append(lines, " "+part)
		}
	}
	if len(lines) > most {
		lines = append(lines[:most-1:most-1], cut(" "+clean(all[len(all)-1]), b.width))
	}
	lines = append([]string{b.style.dim.Render(rule(b.width))}, lines...)
	return lines
}

func (b *board) filterLine() string {
	var parts []string
	if b.only != rowStates {
		parts = append(parts, "only: "+rowWords[b.only].full)
	}
	note := fmt.Sprintf("%d of %d", len(b.order), len(b.rows))
	left := " " + strings.Join(parts, "")
	if b.typing || b.filter.value() != "" {
		if len(parts) > 0 {
			left += "  "
		}
		left += b.style.accent.Render("/ ")
		room := max(4, b.width-ansi.StringWidth(left)-len(note)-4)
		if b.typing {
			left += b.filter.view(b.common, room)
		} else {
			left += cut(clean(b.filter.value()), room)
		}
	}
	return ends(left, b.style.dim.Render(note)+" ", b.width)
}

// boardColumns are the widths of a row's parts; 0: it is left out.
type boardColumns struct{ name, verdict, score, days, stack, places, blockers, took int }

func columnsFor(width int) boardColumns {
	c := boardColumns{verdict: 12, score: 7, took: 8}
	if width < 44 {
		c.score = 0
	}
	if width < 32 {
		c.took = 0
	}
	if width >= 70 {
		c.days = 6
	}
	if width >= 100 {
		c.verdict = 19
	}
	if width >= 110 {
		c.places = 11
	}
	rest := max(4, width-5-c.used())
	switch {
	case width < 70:
		c.name = rest
	case width < 110:
		c.name = min(40, (rest-2)*3/5)
		c.stack = rest - c.name - 2
	default:
		c.name = min(44, (rest-4)/3)
		c.stack = min(48, (rest-4-c.name)/2)
		c.blockers = rest - 4 - c.name - c.stack
	}
	return c
}

// used is what all but name, stack and blockers take, with the gaps before them.
func (c boardColumns) used() int {
	n := 0
	for _, w := range []int{c.verdict, c.score, c.days, c.places, c.took} {
		if w > 0 {
			n += w + 2
		}
	}
	return n
}

// listView draws the heading and the rows in sight.
func (b *board) listView(width, height int) []string {
	c := columnsFor(width)
	var lines []string
	if height >= 4 {
		lines = append(lines, b.heading(c, width))
	}
	room := height - len(lines)
	from, to := b.list.visible(len(b.order), room)
	for at := from; at < to; at++ {
		lines = append(lines, b.row(&b.rows[b.order[at]], at == b.list.cursor, c, width))
	}
	if len(b.order) == 0 {
		lines = append(lines, b.style.dim.Render(cut("     no repository is like that: esc shows all", width)))
	}
	return lines
}

// heading names the columns; an arrow stands at the one that the rows are sorted by.
func (b *board) heading(c boardColumns, width int) string {
	name := func(s boardSort, text string) string {
		falls := s == sortNews || s == sortEffort || s == sortTime // the most first
		switch {
		case s != b.sort:
			return text
		case falls != b.reversed:
			return text + " ▼"
		}
		return text + " ▲"
	}
	first := name(sortName, "repository")
	switch b.sort {
	case sortNews:
		first = name(sortNews, "latest first")
	case sortList:
		first = name(sortList, "as listed")
	}
	line := "     " + fit(first, c.name) + "  " + fit(name(sortState, "verdict"), c.verdict)
	if c.score > 0 {
		line += "  " + fitRight(name(sortScore, "score"), c.score)
	}
	if c.days > 0 {
		line += "  " + fitRight(name(sortEffort, "days"), c.days)
	}
	if c.stack > 0 {
		line += "  " + fit("stack", c.stack)
	}
	if c.places > 0 {
		line += "  " + fit("belongs", c.places)
	}
	if c.blockers > 0 {
		line += "  " + fit("blockers", c.blockers)
	}
	if c.took > 0 {
		line += "  " + fitRight(name(sortTime, "time"), c.took)
	}
	return b.style.dim.Render(cut(line, width))
}

// row draws one repository.
func (b *board) row(r *boardRow, here bool, c boardColumns, width int) string {
	pointer, name := "  ", fit(r.name, c.name)
	if here {
		pointer, name = b.style.accent.Render(" >"), b.style.selected.Render(name)
	}
	mark := rowWords[r.state].mark
	if r.state == rowUnderWay {
		mark = spin(b.now())
	}
	style := b.stateStyle(r.state)
	word := rowWords[r.state].row
	if c.verdict >= 19 {
		word = rowWords[r.state].full
	}
	line := pointer + " " + style.Render(mark) + " " + name
	room := width - 5 - c.name
	if c.took > 0 {
		room -= c.took + 2
	}
	switch tight := width < 100; { // what it is at, and why it failed, need the room: their marks say the rest
	case tight && r.state == rowUnderWay:
		line += "  " + fit(r.at(), room-2)
	case tight && r.state == rowError:
		line += "  " + style.Render("error") + fit(": "+r.why(), room-7)
	default:
		line += "  " + style.Render(fit(word, c.verdict)) + b.middle(r, c, room-2-c.verdict)
	}
	if c.took > 0 {
		line += "  " + b.style.dim.Render(fitRight(b.tookOf(r), c.took))
	}
	return line
}

// middle is what stands between verdict and time: the values of a row that is done, else what it is at or why it failed.
func (b *board) middle(r *boardRow, c boardColumns, width int) string {
	switch {
	case r.state == rowUnderWay:
		return "  " + fit(r.at(), width-2)
	case r.state == rowError && r.brief != nil:
		return "  " + fit(r.why(), width-2)
	case r.brief == nil:
		return blank(width)
	}
	v := r.brief
	line := ""
	if c.score > 0 {
		line += "  " + fitRight(itoa(v.score), c.score)
	}
	if c.days > 0 {
		line += "  " + fitRight(daysWord(v.days), c.days)
	}
	if c.stack > 0 {
		what := v.stack
		if v.verified != "" {
			what = v.verified + " · " + what
		}
		line += "  " + fit(what, c.stack)
	}
	if c.places > 0 {
		line += "  " + fit(v.places, c.places)
	}
	if c.blockers > 0 {
		line += "  " + fit(strings.Join(v.blockers, ", "), c.blockers)
	}
	return fit(line, width)
}

func daysWord(days float64) string {
	if days == 0 {
		return "–"
	}
	return fmt.Sprintf("%g d", days)
}

// tookOf is how long a row has taken so far.
func (b *board) tookOf(r *boardRow) string {
	switch {
	case r.state == rowUnderWay:
		return progress.Seconds(b.now().Sub(r.began).Truncate(time.Second / 10))
	case r.brief == nil:
		return ""
	case r.brief.kept:
		return "kept"
	case r.cached:
		return "cached"
	}
	return progress.Seconds(r.took)
}

// cardView draws the findings and the verdict of the row under the cursor, from where they are scrolled to.
func (b *board) cardView(width, height int) []string {
	if b.chosen < 0 || width < 8 {
		return nil
	}
	lines := b.cardLines(&b.rows[b.chosen], width)
	b.scroll = max(0, min(b.scroll, len(lines)-height))
	out := lines[b.scroll:min(len(lines), b.scroll+height)]
	if left := len(lines) - b.scroll - height; left > 0 && height > 2 {
		out = append(append([]string{}, out[:height-1]...), b.style.dim.Render(cut(" … "+count(left+1, "more line"), width)))
	}
	return out
}

// scrollable is one more than how far the findings can be scrolled.
func (b *board) scrollable() int {
	if b.chosen < 0 {
		return 0
	}
	width := b.width
	if b.besides() {
		width -= b.width*9/20 + 1
	}
	return len(b.cardLines(&b.rows[b.chosen], width))
}

func (b *board) cardLines(r *boardRow, width int) []string {
	style := b.stateStyle(r.state)
	lines := []string{cut(" "+style.Render(rowWords[r.state].mark)+" "+b.style.title.Render(cut(r.name, width-4)), width), b.style.dim.Render(cut("   "+cutLeft(r.location, width-4), width))}
	if r.brief == nil {
		return append(lines, b.unfinishedLines(r, width)...)
	}
	v := r.brief
	facts := []string{style.Render(rowWords[r.state].full)}
	if r.state != rowError {
		facts = append(facts, fmt.Sprintf("score %d", v.score), "effort "+daysWord(v.days))
	}
	if v.files > 0 {
		facts = append(facts, count(v.files, "file"))
	}
	if v.commit != "" {
		facts = append(facts, "commit "+v.commit[:min(9, len(v.commit))])
	}
	lines = append(lines, indent(flowLines(facts, " · ", width-4), 3)...)
	if v.cause != "" {
		lines = append(lines, "")
		lines = append(lines, indent(wrap(v.cause, width-4), 3)...)
	}
	add := func(title string, texts []string, mark string) {
		if len(texts) == 0 {
			return
		}
		lines = append(lines, "", " "+b.style.title.Render(title))
		for _, t := range texts {
			for i, l := range wrap(t, width-5) {
				if i == 0 {
					l = mark + l
				} else {
					l = blank(ansi.StringWidth(mark)) + l
				}
				lines = append(lines, "   "+l)
			}
		}
	}
	if v.stack != "" {
		add("Holds", []string{v.stack}, "")
	}
	if v.verified != "" {
		add("Built and run", append([]string{v.verified}, v.unwell...), "")
	}
	lines = append(lines, b.findingLines(v, width)...)
	add("Where it belongs", v.placement, "")
	add("Effort", v.effort, "")
	add("End of life", v.lives, "! ")
	if len(v.services) > 0 {
		add("Needs", []string{strings.Join(v.services, ", ")}, "")
	}
	if len(v.images) > 0 {
		add("Would stand on", []string{strings.Join(v.images, ", ")}, "")
	}
	return lines
}

func (b *board) findingLines(v *brief, width int) []string {
	if len(v.findings) == 0 {
		if v.cause != "" {
			return nil
		}
		return []string{"", " " + b.style.title.Render("Findings"), "   " + b.style.ok.Render("✓") + " no rule speaks against it"}
	}
	lines := []string{"", " " + b.style.title.Render("Findings")}
	for _, f := range v.findings {
		style := b.style.dim
		switch f.severity {
		case "high":
			style = b.style.bad
		case "medium":
			style = b.style.warn
		}
		note := f.place
		if f.points > 0 {
			note = words(note, fmt.Sprintf("−%d", f.points))
		}
		title := "   " + style.Render(fit(f.severity, 7)) + b.style.selected.Render(f.title)
		if ansi.StringWidth(title)+2+ansi.StringWidth(note) <= width-1 {
			lines = append(lines, ends(title, b.style.dim.Render(note)+" ", width))
		} else {
			lines = append(lines, cut(title, width-1), b.style.dim.Render(cut(blank(10)+note, width-1)))
		}
		for _, m := range f.messages {
			lines = append(lines, indent(wrap(m, max(1, width-12)), 10)...)
		}
	}
	return lines
}

// unfinishedLines say what a repository is at that waits or is under way.
func (b *board) unfinishedLines(r *boardRow, width int) []string {
	if r.state == rowWaiting {
		return []string{"", "   " + b.style.dim.Render("it waits for its turn")}
	}
	lines := []string{"   " + b.style.accent.Render("under way") + " · " + b.tookOf(r), ""}
	for _, t := range r.trail {
		lines = append(lines, cut("   "+t, width))
	}
	if r.doing != "" {
		lines = append(lines, cut("   "+b.style.accent.Render(spin(b.now()))+" "+r.doing, width))
	}
	if r.log != "" {
		lines = append(lines, b.style.dim.Render(cut("     "+r.log, width)))
	}
	return lines
}

func (b *board) helpLines() []string {
	lines := []string{"", " " + b.style.title.Render("Keys of the board")}
	add := func(bindings ...key.Binding) {
		for _, k := range bindings {
			lines = append(lines, "   "+b.style.selected.Render(fit(k.Help().Key, 11))+k.Help().Desc)
		}
	}
	k := b.keys
	add(k.up, k.down, k.pageUp, k.pageDown, k.top, k.bottom, as(k.enter, "verdict and findings of the repository"), as(k.open, "open it in the wizard; leaving that comes back"),
		as(k.filter, "filter by words: name, stack, blocker, service, cause"), as(k.only, "one state alone, the next state, all"), as(k.order, "sort: "+strings.Join(sortWords[:], ", ")),
		as(k.reverse, "the other way round"), as(k.copy, "copy the address"), as(k.back, "back; show all again (also ←)"), k.redraw, k.help, as(k.quit, "leave; asks while something is under way"),
		as(k.interrupt, "stop and leave; what is done is kept for --resume"))
	lines = append(lines, "", " "+b.style.title.Render("In the findings"))
	add(as(k.move, "scroll (beside the rows: after tab)"), as(k.next, "next repository"), as(k.findPrev, "previous repository"), as(k.back, "back to the rows"))
	lines = append(lines, "", " "+b.style.title.Render("Marks"))
	for s := range rowStates {
		lines = append(lines, "   "+b.stateStyle(s).Render(rowWords[s].mark)+"  "+rowWords[s].full)
	}
	return lines
}

func (b *board) helpView(height int) []string {
	lines := b.helpLines()
	from := max(0, min(b.help.cursor, len(lines)-height))
	b.help.cursor = min(b.help.cursor, from+max(0, height-1))
	out := lines[from:min(len(lines), from+height)]
	for i := range out {
		out[i] = cut(out[i], b.width)
	}
	return out
}
