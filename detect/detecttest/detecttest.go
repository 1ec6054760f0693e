// Package detecttest is the conformance suite of detectors: what every Detector promises whatever it recognises. A
// detector's test calls Run with one or more applications that it recognises:
//
//	func TestConformance(t *testing.T) {
//		detecttest.Run(t, ruby.Detector{}, os.DirFS("../../testdata/apps/rails-shop"))
//	}
package detecttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	validate "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/source"
)

// Run checks a detector against applications that it recognises:
//
//   - two runs say the same;
//   - every finding that is not a default has evidence, and every piece of evidence is a line of the tree, shown as it is
//     and free of control characters;
//   - the output fits the schema;
//   - a file is opened once, and never read beyond detect.MaxFile;
//   - no file that it reads can make it panic or fail, whatever stands in it: nothing, binary data, half of it, a merge conflict, 50 MiB,
//     terminal escapes, text nested without end, an error on reading;
//   - UTF-16 and DOS line ends change nothing.
func Run(t *testing.T, d detect.Detector, apps ...fs.FS) {
	t.Helper()
	if d.Name() == "" || len(d.Markers()) == 0 {
		t.Fatal("a detector has a name and markers")
	}
	schema := CompileSchema(t, detect.Schema)
	for i, app := range apps {
		files := load(t, app)
		t.Run(fmt.Sprint("app", i), func(t *testing.T) {
			c := &checker{detector: d, files: files, schema: schema}
			c.plain(t)
			c.hostile(t)
		})
	}
	t.Run("nothing", func(t *testing.T) {
		c := &checker{detector: d, files: map[string][]byte{"README": []byte("nothing here\n")}, schema: schema}
		if f := c.run(t, first(c.tree(nil))); len(f.Components) > 0 {
			t.Errorf("found %d components in nothing", len(f.Components))
		}
	})
}

type checker struct {
	detector detect.Detector
	files    map[string][]byte
	schema   *validate.Schema
}

// load reads a whole application into memory.
func load(t *testing.T, app fs.FS) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(app, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(app, p)
		files[p] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("an application without files")
	}
	return files
}

// tree is the application with some files in another form.
func (c *checker) tree(changed map[string]content) (*source.Tree, *recorder) {
	r := &recorder{files: map[string]content{}, opened: map[string]int{}, read: map[string]int64{}}
	var entries []source.Entry
	for p, data := range c.files {
		r.files[p] = content{data: data}
		entries = append(entries, source.Entry{Path: p, Mode: 0o644, Size: int64(len(data))})
	}
	for p, v := range changed {
		r.files[p] = v
	}
	return source.NewTree(r, entries, nil), r
}

func (c *checker) run(t *testing.T, tree *source.Tree) *detect.Findings {
	t.Helper()
	f, err := detect.Run(context.Background(), tree, []detect.Detector{c.detector}, nil)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	for _, w := range f.Warnings {
		if strings.Contains(w.Text, "internal error") {
			t.Errorf("panic: %s", w.Text)
		}
	}
	return f
}

// plain checks the application as it is.
func (c *checker) plain(t *testing.T) {
	tree, rec := c.tree(nil)
	f := c.run(t, tree)
	if len(f.Components) == 0 {
		t.Fatal("the application is not recognised")
	}
	for p, n := range rec.opened {
		if n > 1 {
			t.Errorf("%s is opened %d times", p, n)
		}
	}
	c.check(t, f, tree)
	c.proven(t, f)
	again := c.run(t, first(c.tree(nil)))
	if a, b := document(t, f), document(t, again); !bytes.Equal(a, b) {
		t.Error("two runs differ")
	}
}

func first(tree *source.Tree, _ *recorder) *source.Tree { return tree }

func document(t *testing.T, f *detect.Findings) []byte {
	t.Helper()
	data, err := f.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// hostile changes each file that the detector reads, one at a time.
func (c *checker) hostile(t *testing.T) {
	tree, rec := c.tree(nil)
	want := values(c.run(t, tree))
	for _, p := range rec.names() {
		if !bytes.Equal(c.files[p], bytes.ToValidUTF8(c.files[p], nil)) {
			continue // binary as it is
		}
		for _, v := range variants(c.files[p]) {
			t.Run(v.name+"/"+strings.ReplaceAll(p, "/", "_"), func(t *testing.T) {
				tree, rec := c.tree(map[string]content{p: v.content})
				f := c.run(t, tree)
				if rec.read[p] > detect.MaxFile+1 {
					t.Errorf("%d bytes were read", rec.read[p])
				}
				c.check(t, f, tree)
				if v.same && !reflect.DeepEqual(values(f), want) {
					t.Errorf("the findings differ:\n%s", difference(values(f), want))
				}
				if v.warned && len(f.Warnings) == 0 {
					t.Error("nobody is told")
				}
			})
		}
	}
}

// variant is another form of a file.
type variant struct {
	name    string
	content content
	same    bool // it says the same
	warned  bool // people must be told that it was not read
}

func variants(data []byte) []variant {
	text := string(data)
	unix := strings.ReplaceAll(text, "\r\n", "\n")
	middle := len(text) / 2
	if i := strings.IndexByte(text[middle:], '\n'); i >= 0 {
		middle += i + 1
	}
	conflict := text[:middle] + "<<<<<<< HEAD\n" + text[middle:] + "\n=======\n" + text[middle:] + "\n>>>>>>> other\n"
	out := []variant{
		{name: "empty"},
		{name: "dos", content: content{data: []byte(strings.ReplaceAll(unix, "\n", "\r\n"))}, same: true},
		{name: "utf16", content: content{data: toUTF16(text)}, same: true},
		{name: "mac", content: content{data: []byte(strings.ReplaceAll(unix, "\n", "\r"))}},
		{name: "binary", content: content{data: bytes.Repeat([]byte{0, 0xff, 0x80, '\n', 'a', 0x1b}, 500)}},
		{name: "latin1", content: content{data: append([]byte("# caf\xe9\n"), data...)}},
		{name: "conflict", content: content{data: []byte(conflict)}},
		{name: "escapes", content: content{data: []byte("# \x1b]0;x\x07\u202e\n" + strings.ReplaceAll(unix, " ", " \x1b[31m"))}},
		{name: "nested", content: content{data: []byte(strings.Repeat("[{(<a>\"", 20_000))}},
		{name: "longline", content: content{data: bytes.Repeat([]byte("a: 'b' "), 100_000)}},
		{name: "huge", content: content{data: data, pad: 50 << 20}, warned: true},
		{name: "unreadable", content: content{data: data, fail: true}, warned: true},
	}
	for i := 1; i < 5; i++ {
		out = append(out, variant{name: fmt.Sprint("cut", i), content: content{data: data[:len(data)*i/5]}})
	}
	return out
}

func toUTF16(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// check looks at what holds of any findings.
func (c *checker) check(t *testing.T, f *detect.Findings, tree *source.Tree) {
	t.Helper()
	data := document(t, f)
	v, err := validate.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.schema.Validate(v); err != nil {
		t.Errorf("the output does not fit the schema: %v", err)
	}
	dir := detect.NewDir(tree, ".")
	walk(reflect.ValueOf(f.Components), func(e detect.Evidence) { c.evidence(t, e, dir) })
}

// evidence checks that a place exists and is shown as it is.
func (c *checker) evidence(t *testing.T, e detect.Evidence, dir detect.Dir) {
	t.Helper()
	if _, ok := c.files[e.File]; !ok {
		t.Errorf("evidence %+v: no such file", e)
		return
	}
	for _, r := range e.Text {
		if r < 0x20 || r == 0x7f || r == 0x202e {
			t.Errorf("evidence %+v holds control characters", e)
			break
		}
	}
	if e.Line == 0 {
		return
	}
	file, err := dir.Read(e.File)
	if err != nil {
		t.Errorf("evidence %+v: %v", e, err)
		return
	}
	if lines := 1 + bytes.Count(file.Data, []byte{'\n'}); e.Line < 0 || e.Line > lines {
		t.Errorf("evidence %+v: the file has %d lines", e, lines)
	}
	if want := file.Evidence(e.Line); want != e {
		t.Errorf("evidence %+v: the line is %q", e, want.Text)
	}
}

// proven checks that every finding that is not a default has evidence.
func (c *checker) proven(t *testing.T, f *detect.Findings) {
	t.Helper()
	for i := range f.Components {
		comp := &f.Components[i]
		claims(t, comp)
		d := comp.Document()
		for field, from := range d.From {
			if from != detect.Default && len(d.Evidence[field]) == 0 {
				t.Errorf("%s: %s is %s without evidence", comp.Name, field, from)
			}
			if (from == detect.Default || from == detect.Inferred) && d.Why[field] == "" {
				t.Errorf("%s: %s is %s without a reason", comp.Name, field, from)
			}
		}
		for field, v := range map[string]int{"services": len(d.Services), "systemPackages": len(d.SystemPackages), "env": len(d.Env),
			"processes": len(d.Processes), "writes": len(d.Writes)} {
			if v > 0 && len(d.Evidence[field]) == 0 {
				t.Errorf("%s: %s has no evidence", comp.Name, field)
			}
		}
		for _, s := range comp.Services {
			if len(s.Evidence) == 0 && s.From != detect.Default {
				t.Errorf("%s: the service %s has no evidence", comp.Name, s.Kind)
			}
		}
		for _, e := range comp.Env {
			if e.Secret && (e.Default != "" || e.Value != "") {
				t.Errorf("%s: the secret %s is written down", comp.Name, e.Name)
			}
		}
		for _, r := range comp.Readiness {
			if len(r.Evidence) == 0 || r.Message == "" {
				t.Errorf("%s: %s has no evidence or no message", comp.Name, r.ID)
			}
		}
	}
}

// claims checks that the lines which are shown for what a repository states itself contain it: the number that a version
// begins with, the port, the path, the variable's name.
func claims(t *testing.T, c *detect.Component) {
	t.Helper()
	version := func(field string, v detect.Value[string]) {
		if number := regexp.MustCompile(`\d+`).FindString(v.V); number != "" {
			contains(t, c, field, v.From, v.Evidence, number)
		}
	}
	version("languageVersion", c.LanguageVersion)
	version("frameworkVersion", c.FrameworkVersion)
	version("appServerVersion", c.AppServerVersion)
	contains(t, c, "port", c.Port.From, c.Port.Evidence, strconv.Itoa(c.Port.V))
	contains(t, c, "healthPath", c.HealthPath.From, c.HealthPath.Evidence, path.Base(c.HealthPath.V))
	for _, e := range c.Env {
		if e.Why != "" || e.Value != "" {
			continue // it follows from what the line says: the framework reads it
		}
		contains(t, c, "env", detect.Declared, e.Evidence, e.Name)
	}
}

// contains checks that one of the lines that prove a value has a text in it, whatever stands between its letters and digits. Proof that
// is a whole file is not looked into.
func contains(t *testing.T, c *detect.Component, field string, from detect.Origin, proof []detect.Evidence, text string) {
	t.Helper()
	if from != detect.Locked && from != detect.Declared || len(proof) == 0 {
		return
	}
	want := alphanumeric(text)
	for _, e := range proof {
		// A line is shown up to 200 bytes, without what looks like a secret.
		if e.Line == 0 || strings.Contains(alphanumeric(e.Text), want) || len(e.Text) >= 190 || strings.Contains(e.Text, "***") {
			return
		}
	}
	t.Errorf("%s: no line that is shown for %s contains %q: %+v", c.Name, field, text, proof)
}

func alphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// walk calls fn for every Evidence below a value.
func walk(v reflect.Value, fn func(detect.Evidence)) {
	if v.Type() == reflect.TypeFor[detect.Evidence]() {
		fn(v.Interface().(detect.Evidence))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			walk(v.Field(i), fn)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), fn)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			walk(v.MapIndex(k), fn)
		}
	}
}

// values are the findings without their evidence: line ends and encodings may show there.
func values(f *detect.Findings) []detect.ComponentDocument {
	var out []detect.ComponentDocument
	for i := range f.Components {
		d := f.Components[i].Document()
		d.Evidence, d.Others = nil, nil
		for i := range d.Services {
			d.Services[i].Evidence = nil
		}
		for i := range d.Env {
			d.Env[i].Evidence = nil
		}
		for i := range d.Readiness {
			d.Readiness[i].Evidence = nil
		}
		out = append(out, d)
	}
	return out
}

// difference shows the first lines in which two findings differ.
func difference(got, want []detect.ComponentDocument) string {
	a, _ := json.MarshalIndent(got, "", " ")
	b, _ := json.MarshalIndent(want, "", " ")
	la, lb := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return fmt.Sprintf("got  %s\nwant %s", strings.Join(la[i:min(i+3, len(la))], "\n"), strings.Join(lb[i:min(i+3, len(lb))], "\n"))
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(la), len(lb))
}

// CompileSchema reads a JSON Schema, for tests that hold documents against it.
func CompileSchema(t *testing.T, schema func() ([]byte, error)) *validate.Schema {
	t.Helper()
	raw, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validate.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := validate.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}
