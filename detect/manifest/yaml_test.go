package manifest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func flat(d *Doc) []string {
	var out []string
	d.Each(func(p []string, v string, line int) {
		out = append(out, fmt.Sprintf("%s=%s@%d", strings.Join(p, "."), v, line))
	})
	return out
}

func TestParseYAML(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nested", "a:\n  b: 1\n  c: [x, y]\n", []string{"a.b=1@2", "a.c.0=x@3", "a.c.1=y@3"}},
		{"dos", "a:\r\n  b: 1\r\n  c: two\r\n", []string{"a.b=1@2", "a.c=two@3"}},
		{"odd breaks", "a: x\u2028y\nb: 2\r\r\nc: 3\n", []string{"a=x y@1", "b=2@2", "c=3@3"}},
		{"merge", "d: &d\n  x: 1\n  y: 2\np:\n  <<: *d\n  y: 3\n", []string{"d.x=1@2", "d.y=2@3", "p.y=3@6", "p.x=1@2"}},
		{"merge list", "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc:\n  <<: [*a, *b]\n", []string{"a.x=1@1", "b.x=2@2", "b.z=3@2", "c.x=1@1", "c.z=3@2"}},
		{"documents", "a: 1\n---\na: 2\n", []string{"a=1@1", "a=2@3"}},
		{"last key wins", "a: 1\na: 2\n", []string{"a=2@2"}},
		{"null", "a:\nb: ~\n", []string{"a=@1", "b=@2"}},
		{"empty", "", nil},
		{"block", "a: |\n  one\n  two\nb: 3\n", []string{"a=one\ntwo\n@1", "b=3@4"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := ParseYAML([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := flat(d); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestYAMLQueries(t *testing.T) {
	d, err := ParseYAML([]byte("# c\nserver:\n  port: 8080\n  ssl:\n    on: true\nrvm:\n  - 2.1\n  - {a: b}\nnode: 4\n---\nextra: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if v, line, ok := d.Get("server", "port"); v != "8080" || line != 3 || !ok {
		t.Errorf("Get: %q %d %v", v, line, ok)
	}
	if v, line, ok := d.Get("extra"); v != "1" || line != 11 || !ok {
		t.Errorf("Get of the second document: %q %d %v", v, line, ok)
	}
	if _, _, ok := d.Get("server"); ok {
		t.Error("a map is no scalar")
	}
	if _, _, ok := d.Get("server", "port", "deep"); ok {
		t.Error("below a scalar is nothing")
	}
	if got := d.Keys("server"); !reflect.DeepEqual(got, []string{"port", "ssl"}) {
		t.Errorf("Keys: %q", got)
	}
	if got := d.List("rvm"); !reflect.DeepEqual(got, []Item{{"2.1", 7}}) {
		t.Errorf("List: %v", got)
	}
	if got := d.List("node"); !reflect.DeepEqual(got, []Item{{"4", 9}}) {
		t.Errorf("List of one: %v", got)
	}
	if d.Line("server", "ssl") != 4 || d.Line("rvm", "1") != 8 || d.Line("none") != 0 {
		t.Errorf("Line: %d %d", d.Line("server", "ssl"), d.Line("rvm", "1"))
	}
	if !d.Has("rvm", "1", "a") || d.Has("rvm", "2") || d.Len("rvm") != 2 || d.Len("x") != 0 || len(d.Documents()) != 2 {
		t.Error("Has, Len or Documents")
	}
	var none *Doc
	if _, _, ok := none.Get("a"); ok || none.Has("a") || none.Documents() != nil {
		t.Error("a nil Doc is empty")
	}
	none.Each(func([]string, string, int) { t.Error("a nil Doc has nothing") })
}

func TestParseYAMLErrors(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i <= 'j'; i++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", i-1), 9), ","))
	}
	var wide strings.Builder
	wide.WriteString("a: &a\n")
	for i := range 400 {
		fmt.Fprintf(&wide, "  k%d: 1\n", i)
	}
	for i := range 400 {
		fmt.Fprintf(&wide, "m%d:\n  <<: *a\n", i)
	}
	tests := []struct{ name, in, want string }{
		{"syntax", "a: 1\nb: [\nc: 2\n", "line "},
		{"bomb", bomb, "aliases expand"},
		{"merge bomb", wide.String(), "aliases expand"},
		{"circle", "a: &a\n  b: *a\n", "contains itself"},
		{"deep", strings.Repeat("[", 300) + strings.Repeat("]", 300), "nested deeper"},
		{"conflict", "a: 1\n<<<<<<< HEAD\nb: 2\n=======\n", "line"},
		{"binary", "a: \x00\x01\n", "NUL"},
		{"big", strings.Repeat("a", maxInput+1), "MiB"},
		{"tab", "a:\n\tb: 1\n", "line 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseYAML([]byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestStripERB(t *testing.T) {
	in := "<% if true %>\nproduction:\n  host: <%= ENV['DB_HOST'] || \"x\" %>\n<%#\n two lines %>\n  url: a<%= ENV.fetch(\"U\") -%>b\n<% end %>\nlast: 1\n"
	out, exprs := StripERB([]byte(in))
	d, err := ParseYAML(out)
	if err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	v, line, _ := d.Get("production", "host")
	if got := ERBIn(v, exprs); line != 3 || len(got) != 1 || got[0] != (ERB{`ENV['DB_HOST'] || "x"`, 3}) {
		t.Errorf("host: %v at %d", got, line)
	}
	v, _, _ = d.Get("production", "url")
	if got := ERBIn(v, exprs); len(got) != 1 || got[0] != (ERB{`ENV.fetch("U")`, 6}) {
		t.Errorf("url: %v", got)
	}
	if _, line, _ := d.Get("last"); line != 8 {
		t.Errorf("last at %d", line)
	}
	if out, exprs := StripERB([]byte("a: 1")); string(out) != "a: 1" || exprs != nil {
		t.Error("plain YAML stays")
	}
}

func TestParseJSON(t *testing.T) {
	d, err := ParseJSON([]byte("{\n \"engines\": {\"node\": \"12.x\"},\n \"n\": 1.50,\n \"l\": [\n  true,\n  null]\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"engines.node=12.x@2", "n=1.50@3", "l.0=true@5", "l.1=@6"}
	if got := flat(d); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if d.Line("l") != 4 {
		t.Errorf("key line %d", d.Line("l"))
	}
	for in, want := range map[string]string{
		"":                          "unexpected EOF",
		"{\n\"a\":\n":               "unexpected EOF",
		"{\n\"a\" 1}":               "line 2",
		"{} {}":                     "more after",
		"{\n]":                      "line 2",
		"[1":                        "unexpected EOF",
		"\x00":                      "NUL",
		strings.Repeat("[", 100000): "nested deeper",
	} {
		if _, err := ParseJSON([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %q", in, err, want)
		}
	}
}

func FuzzParseYAML(f *testing.F) {
	f.Add([]byte("a: &x {b: 1}\nc:\n  <<: *x\n---\nd: [1, 2]\n"))
	f.Add([]byte("production:\n  url: <%= ENV['DATABASE_URL'] %>\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		clean, exprs := StripERB(data)
		d, err := ParseYAML(clean)
		if err != nil {
			return
		}
		lines := strings.Count(string(clean), "\n") + 1
		if have := strings.Count(string(data), "\n") + 1; have != lines {
			t.Fatalf("StripERB moved lines: %d, %d", have, lines)
		}
		d.Each(func(p []string, v string, line int) {
			if line < 0 || line > lines {
				t.Fatalf("%v at line %d of %d", p, line, lines)
			}
			ERBIn(v, exprs)
		})
	})
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte("{\"a\": [1, {\"b\": null}]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseJSON(data)
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
