package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var pageHTML string

// HTML writes the report as one page without scripts, fonts, images or any other request: it can be mailed, printed and hung on a wall.
func HTML(w io.Writer, in Input) error {
	t, err := template.New("report").Parse(pageHTML)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, newPage(in)); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}
