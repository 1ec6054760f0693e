package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Markdown writes the report as Markdown, as GitHub and GitLab read it.
func Markdown(w io.Writer, in Input) error {
	p := newPage(in)
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s: %s\n\n%s\n\n", text(p.Title), text(p.Outcome), text(p.Summary))
	for _, f := range p.Facts {
		fmt.Fprintf(&b, "- %s: %s\n", text(f.Label), text(f.Value))
	}
	if len(p.Problems) > 0 {
		fmt.Fprint(&b, "\n## Problems in the files\n\n")
		for _, x := range p.Problems {
			fmt.Fprintf(&b, "- %s\n", text(x))
		}
	}
	for _, c := range p.Components {
		c.markdown(&b)
	}
	if p.Again != "" {
		fmt.Fprintf(&b, "\n## Again\n\n    %s\n", p.Again)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (c *component) markdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## %s: %s\n", text(c.Name), text(c.Outcome))
	if len(c.Measured) > 0 {
		fmt.Fprint(b, "\n### What was measured\n\n| measurement | seen |\n| --- | --- |\n")
		for _, r := range c.Measured {
			fmt.Fprintf(b, "| %s | %s |\n", text(r.Label), text(r.Value))
		}
	}
	if len(c.Readiness) > 0 {
		fmt.Fprint(b, "\n### What stands in the way\n\n")
		for _, r := range c.Readiness {
			fmt.Fprintf(b, "- **%s** (%s): %s\n", text(r.ID), text(r.Severity), text(r.Message))
			for _, x := range r.Proof {
				fmt.Fprintf(b, "  - %s\n", text(x))
			}
		}
	}
	if len(c.Attempts) > 0 {
		fmt.Fprint(b, "\n### Attempts\n\n")
		for i, a := range c.Attempts {
			a.markdown(b, i+1)
		}
	}
	if len(c.Findings) > 0 {
		fmt.Fprint(b, "\n### Evidence\n\n| what | value | how sure | proof |\n| --- | --- | --- | --- |\n")
		for _, f := range c.Findings {
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", text(f.What), text(f.Value), text(f.Sure), text(f.Proof))
		}
	}
	if len(c.Layers) > 0 {
		fmt.Fprint(b, "\n### Layers of the image\n\n| size | made by |\n| ---: | --- |\n")
		for _, l := range c.Layers {
			fmt.Fprintf(b, "| %s | %s |\n", text(l.Value), text(l.Label))
		}
	}
}

func (a *attempt) markdown(b *bytes.Buffer, n int) {
	fmt.Fprintf(b, "%d. %s: **%s**: %s\n", n, text(a.Phase), text(a.ID), text(a.Message))
	if len(a.Log) > 0 {
		fmt.Fprintln(b)
		for _, l := range a.Log {
			fmt.Fprintf(b, "        %s\n", l) // an indented block: nothing in it means anything
		}
		fmt.Fprintln(b)
	}
	if a.Remedy != "" {
		fmt.Fprintf(b, "   - remedy %s", text(a.Remedy))
		if a.Changes != "" {
			fmt.Fprintf(b, " (%s)", text(a.Changes))
		}
		fmt.Fprintln(b)
	}
}

// text escapes what Markdown, and the HTML that it may hold, would read as more than text. A text has no line ends.
func text(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch r {
		case '&':
			b.WriteString("&amp;")
			continue
		case '<':
			b.WriteString("&lt;")
			continue
		case '\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '#', '+', '!', '|', '~', '>', '@':
			b.WriteByte('\\')
		case ':':
			if strings.HasSuffix(strings.ToLower(b.String()), "http") || strings.HasSuffix(strings.ToLower(b.String()), "https") {
				b.WriteByte('\\') // an address stays a text: nobody clicks on what a repository names
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
