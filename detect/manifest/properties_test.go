package manifest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func pairs(p *Properties) []string {
	var out []string
	p.Each(func(k, v string, line int) { out = append(out, fmt.Sprintf("%s=%s@%d", k, v, line)) })
	return out
}

func TestParseProperties(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
		bad      []int
	}{
		{"plain", "# c\n! d\na=1\n b : 2\nc 3\nempty=\n", []string{"a=1@3", "b=2@4", "c=3@5", "empty=@6"}, nil},
		{"dos", "a=1\r\nb=2\r\n", []string{"a=1@1", "b=2@2"}, nil},
		{"continued", "a=one,\\\n   two,\\\n   three\nb=2\n", []string{"a=one,two,three@1", "b=2@4"}, nil},
		{"continued at the end", "a=1\\", []string{"a=1@1"}, nil},
		{"continued comment", "# c \\\na=1\n", []string{"a=1@2"}, nil},
		{"backslashes", "p=C:\\\\temp\\\\\nq=1\n", []string{"p=C:\\temp\\@1", "q=1@2"}, nil},
		{"escapes", "k\\ e\\:y=a\\tb\\u00e9\n", []string{"k e:y=a\tbé@1"}, nil},
		{"raw placeholders", "u=${DB_URL:jdbc:x://${h}/}\nv=${v}\n", []string{"u=${DB_URL:jdbc:x://${h}/}@1", "v=${v}@2"}, nil},
		{"latin 1", "n=caf\xe9\n", []string{"n=café@1"}, nil},
		{"utf-8", "n=café\n", []string{"n=café@1"}, nil},
		{"last wins", "a=1\nb=2\na=3\n", []string{"b=2@2", "a=3@3"}, nil},
		{"bad escape", "a=1\nb=\\u12\nc=3\n", []string{"a=1@1", "c=3@3"}, []int{2}},
		{"trailing blanks", "a=1  \t\n", []string{"a=1@1"}, nil},
		{"nothing", "", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, bad, err := ParseProperties([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := pairs(p); !reflect.DeepEqual(got, tt.want) || !reflect.DeepEqual(bad, tt.bad) {
				t.Errorf("got %q, bad %v; want %q, %v", got, bad, tt.want, tt.bad)
			}
		})
	}
	p, _, _ := ParseProperties([]byte("a=1\na=2\n"))
	if v, line, ok := p.Get("a"); v != "2" || line != 2 || !ok {
		t.Errorf("%q %d %v", v, line, ok)
	}
	if _, _, ok := p.Get("b"); ok {
		t.Error("b is not there")
	}
	var none *Properties
	if _, _, ok := none.Get("a"); ok {
		t.Error("nil is empty")
	}
	none.Each(func(string, string, int) { t.Error("nil has nothing") })
	for _, in := range []string{"a\x00b", strings.Repeat("a", maxInput+1)} {
		if _, _, err := ParseProperties([]byte(in)); err == nil {
			t.Errorf("%.5q is accepted", in)
		}
	}
}

func FuzzParseProperties(f *testing.F) {
	f.Add([]byte("a = b\\\n  c\nk\\u00e9=\\\\\n#x\\\n"))
	f.Add([]byte("x\r\ry:\\u12\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, bad, err := ParseProperties(data)
		if err != nil {
			return
		}
		last := strings.Count(string(data), "\n") + 1
		p.Each(func(k, _ string, line int) {
			if line < 1 || line > last {
				t.Fatalf("%q at line %d of %d", k, line, last)
			}
			if _, at, ok := p.Get(k); !ok || at != line {
				t.Fatalf("%q told at %d, found at %d", k, line, at)
			}
		})
		for _, l := range bad {
			if l < 1 || l > last {
				t.Fatalf("bad line %d of %d", l, last)
			}
		}
	})
}
