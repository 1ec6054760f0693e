package generate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/drydock-cli/drydock/plan"
)

// The marks around the reasons at the end of a template's line.
const (
	markOpen  = "⟦"
	markClose = "⟧"
)

// UnsupportedError says what a plan asks for that no template can make, and what to do instead.
type UnsupportedError struct {
	Message string
	// Field is the plan field to change, by its path ("components.web.languageVersion"), or from the component on
	// ("languageVersion") until the component is known; empty: none in particular.
	Field string
}

func (e *UnsupportedError) Error() string { return e.Message }

// Template is a template file to be rendered. The other *.tmpl of its folder and of common
// are parsed with it, so that it can use what they define.
type Template struct {
	FS    fs.FS
	Name  string // "ruby/Dockerfile.tmpl"
	Funcs template.FuncMap
	Data  any
	// Resolve says why for a field named in a mark; nil: FieldOrigin of Plan and Scope.
	Resolve func(field string) Origin
	Plan    *plan.Plan
	Scope   string // what the fields of the marks are relative to: "components.web"
}

// Render executes the template. A line may end with ⟦field, field | sentence⟧, before the
// backslash if it is continued: the mark is taken off, and the fields, with their evidence, and the sentence become the line's origin.
func (t Template) Render() ([]byte, []Origin, error) {
	parsed, err := t.parse()
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, t.Data); err != nil {
		if unsupported := (*UnsupportedError)(nil); errors.As(err, &unsupported) {
			return nil, nil, unsupported // where in the template it was found out helps nobody
		}
		return nil, nil, fmt.Errorf("template %s: %w", t.Name, err)
	}
	return t.takeMarks(out.String())
}

// Parse reads the template without rendering it.
func (t Template) Parse() error {
	_, err := t.parse()
	return err
}

func (t Template) parse() (*template.Template, error) {
	shared, err := fs.Glob(t.FS, "common/*.tmpl")
	if err != nil {
		return nil, err
	}
	parsed, err := template.New(path.Base(t.Name)).Funcs(t.Funcs).Option("missingkey=error").ParseFS(t.FS, append(shared, path.Dir(t.Name)+"/*.tmpl")...)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", t.Name, err)
	}
	return parsed, nil
}

// takeMarks strips the marks and joins runs of blank lines, which conditions leave behind.
func (t Template) takeMarks(text string) ([]byte, []Origin, error) {
	var out bytes.Buffer
	var origins []Origin
	blank := true
	for _, line := range strings.Split(strings.TrimSpace(text)+"\n", "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" && blank {
			continue
		}
		blank = line == ""
		var origin Origin
		end := strings.TrimSuffix(line, ` \`)
		if i := strings.Index(end, markOpen); i >= 0 && strings.HasSuffix(end, markClose) {
			origin = t.origin(strings.TrimSuffix(end[i+len(markOpen):], markClose))
			line = strings.TrimRight(end[:i], " \t") + line[len(end):]
		}
		if strings.Contains(line, markOpen) {
			return nil, nil, fmt.Errorf("template %s: a mark is not at the end of the line %q", t.Name, line)
		}
		out.WriteString(line + "\n")
		origins = append(origins, origin)
	}
	content := bytes.TrimRight(out.Bytes(), "\n")
	origins = origins[:bytes.Count(content, []byte("\n"))+1]
	return append(content, '\n'), origins, nil
}

// origin resolves "field, field | sentence".
func (t Template) origin(mark string) Origin {
	names, sentence, _ := strings.Cut(mark, "|")
	var o Origin
	var whys []string
	if s := strings.TrimSpace(sentence); s != "" {
		whys = append(whys, s)
	}
	for _, name := range strings.Split(names, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		f := t.resolve(name)
		o.Fields = append(o.Fields, f.Fields...)
		for _, e := range f.Evidence {
			if !slices.Contains(o.Evidence, e) {
				o.Evidence = append(o.Evidence, e)
			}
		}
		if f.Why != "" {
			whys = append(whys, f.Why)
		}
	}
	o.Why = strings.Join(whys, "; ")
	return o
}

func (t Template) resolve(name string) Origin {
	if t.Resolve != nil {
		if o := t.Resolve(name); !o.empty() {
			return o
		}
	}
	if o := FieldOrigin(t.Plan, name); !o.empty() {
		return o
	}
	return FieldOrigin(t.Plan, t.Scope+"."+name)
}
