package targettest

import (
	"context"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/templates"
)

// Template is one of the pieces that Dockerfiles are made of.
type Template struct {
	File   string // "java/tomcat.tmpl"
	Define string // "java-tomcat"; empty: the file itself, with which a stack or platform begins
}

// String is "java/tomcat.tmpl" or "java/tomcat.tmpl (java-tomcat)".
func (x Template) String() string {
	if x.Define == "" {
		return x.File
	}
	return x.File + " (" + x.Define + ")"
}

var define = regexp.MustCompile(`\{\{-?\s*(?:/\*[^*]*\*/\s*-?\}\}\s*\{\{-?\s*)?define "([^"]+)"\s*-?\}\}`)

// Templates lists all that there are: every file that a Dockerfile begins with, and everything that any file defines.
func Templates(t testing.TB) []Template {
	t.Helper()
	files := templates.FS()
	names, err := fs.Glob(files, "*/*.tmpl")
	if err != nil || len(names) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	var out []Template
	for _, name := range names {
		if base := path.Base(name); base == "Dockerfile.tmpl" || base == "windows.tmpl" {
			out = append(out, Template{File: name})
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range define.FindAllSubmatch(data, -1) {
			out = append(out, Template{name, string(m[1])})
		}
	}
	return out
}

// reached is the error of a template that Uses has marked.
const reached = "the marked template is used"

// Uses reports whether a Dockerfile of a plan is made with a template: it is generated with one that fails there.
func (x Template) Uses(t testing.TB, p *plan.Plan) bool {
	t.Helper()
	data, err := fs.ReadFile(templates.FS(), x.File)
	if err != nil {
		t.Fatal(err)
	}
	fail := `{{fail "` + reached + `"}}`
	text := string(data)
	if x.Define == "" {
		text = fail + text
	} else {
		at := 0
		for _, m := range define.FindAllStringSubmatchIndex(text, -1) {
			if text[m[2]:m[3]] == x.Define {
				at = m[1]
			}
		}
		text = text[:at] + fail + text[at:]
	}
	marked := templates.Overlay(fstest.MapFS{x.File: {Data: []byte(text)}}, templates.FS())
	_, err = dockerfile.Target{Templates: marked}.Generate(context.Background(), p)
	return err != nil && strings.Contains(err.Error(), reached)
}
