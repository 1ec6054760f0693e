package manifest

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseTOML(t *testing.T) {
	in := "# c\nname = \"shop\"\n[tools]\nruby = \"3.1.2\"\r\n'odd key' = [1,\n  2.5]\na.b = true\n[tools.deep]\nx = {y = 1, z = 'two'}\n[[package]]\nname = 'one'\n[[package]]\nname = 'two'\n[package.sub]\nd = 1979-05-27\n"
	d, err := ParseTOML([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"name=shop@2", "tools.ruby=3.1.2@4", "tools.odd key.0=1@5", "tools.odd key.1=2.5@6", "tools.a.b=true@7",
		"tools.deep.x.y=1@9", "tools.deep.x.z=two@9", "package.0.name=one@11", "package.1.name=two@13", "package.1.sub.d=1979-05-27@15"}
	if got := flat(d); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestParseTOMLErrors(t *testing.T) {
	for in, want := range map[string]string{
		"a = 1\nb = \n":         "line 2",
		"a = 1\n<<<<<<< HEAD\n": "line 2",
		"a = 1\n[a]\n":          "no table",
		"a = 1\n[[a]]\n":        "no list",
		"a = 1\na.b = 2\n":      "no table",
		"a = " + strings.Repeat("[", 300) + strings.Repeat("]", 300): "nested deeper",
		strings.Repeat("a.", 300) + "a = 1":                          "nested deeper",
		"[" + strings.Repeat("a.", 300) + "a]":                       "nested deeper",
		"\x00":                                                       "NUL",
	} {
		if _, err := ParseTOML([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: got %v, want %q", in, err, want)
		}
	}
}

func FuzzParseTOML(f *testing.F) {
	f.Add([]byte("[tools]\nruby = \"3.1\"\n[[a]]\nb = [1, {c = 2}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseTOML(data)
		if err != nil {
			return
		}
		lines := strings.Count(string(data), "\n") + 1
		d.Each(func(p []string, _ string, line int) {
			if line < 1 || line > lines {
				t.Fatalf("%v at line %d of %d", p, line, lines)
			}
		})
	})
}
