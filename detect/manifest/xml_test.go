package manifest

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

const pomXML = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment
     of two lines -->
<project xmlns="http://maven.apache.org/POM/4.0.0"
         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="a b">
  <name>caf&eacute;</name>
  <dependencies>
    <dependency
        type="jar">
      <version>

        1.2
      </version>
    </dependency>
    <dependency><version><![CDATA[ 3 ]]></version></dependency>
  </dependencies>
</project>
`

func TestParseXML(t *testing.T) {
	root, err := ParseXML([]byte(pomXML))
	if err != nil {
		t.Fatal(err)
	}
	if root.Name != "project" || root.Line != 4 || root.Attr("schemaLocation") != "a b" || root.Attr("xmlns") != "" {
		t.Errorf("root: %+v", root)
	}
	deps := root.All("dependencies", "dependency")
	if len(deps) != 2 || deps[0].Line != 9 || deps[1].Line != 16 || deps[0].Attr("type") != "jar" {
		t.Fatalf("dependencies: %+v", deps)
	}
	if v, line := deps[0].Get("version"); v != "1.2" || line != 13 {
		t.Errorf("version: %q at %d", v, line)
	}
	if v, line := deps[1].Get("version"); v != "3" || line != 16 {
		t.Errorf("CDATA: %q at %d", v, line)
	}
	if v, _ := root.Get("name"); v != "café" {
		t.Errorf("entity: %q", v)
	}
	if v, line := root.Get("no", "such"); v != "" || line != 0 {
		t.Error("what is not there is empty")
	}
	n := 0
	root.Each(func(*Element) { n++ })
	if n != 7 {
		t.Errorf("%d elements", n)
	}
	var none *Element
	none.Each(func(*Element) { t.Error("nil has nothing") })
	if none.Find("a") != nil || none.All("a") != nil || none.Attr("a") != "" {
		t.Error("nil is empty")
	}
}

func TestXMLEncodings(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<a>\né</a>"))
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"latin 1":           "<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>\n\xe9</a>",
		"windows":           "<?xml version='1.0' encoding=\"windows-1252\"?>\n<a>\n\xe9</a>",
		"utf-16":            string(utf16),
		"utf-16 no mark":    string(utf16[2:]),
		"utf-16 big endian": swap(string(utf16)),
		"converted before":  "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<a>\né</a>",
		"byte order mark":   "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<a>\né</a>",
		"no declaration":    "\n<a>\né</a>",
	} {
		t.Run(name, func(t *testing.T) {
			root, err := ParseXML([]byte(in))
			if err != nil {
				t.Fatal(err)
			}
			if root.Text != "é" || root.Line != 2 || root.TextLine != 3 {
				t.Errorf("%+v", root)
			}
		})
	}
}

func swap(s string) string {
	b := []byte(s)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

func TestXMLEntities(t *testing.T) {
	in := `<!DOCTYPE project [
  <!ENTITY common SYSTEM "file:///etc/passwd">
  <!ENTITY v "1.5">
  <!ENTITY lol "&v;&v;">
]>
<project a="&v;">&common;x&lol;</project>`
	root, err := ParseXML([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if root.Attr("a") != "1.5" || root.Text != "x&v;&v;" || root.Line != 6 {
		t.Errorf("%+v", root)
	}
}

func TestParseXMLErrors(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"empty":      {"", "no XML element"},
		"comment":    {"<!-- -->", "no XML element"},
		"open":       {"<a>\n<b>\n", "line 3: unexpected EOF"},
		"crossed":    {"<a>\n<b>\n</a>", "line 3: element <b> closed by </a>"},
		"two roots":  {"<a/>\n<b/>", "line 2: a second root"},
		"no such":    {"<a>\n&nosuch;</a>", "line 2: invalid character entity"},
		"conflict":   {"<a>\n<<<<<<< HEAD\n</a>", "line 2"},
		"encoding":   {"<?xml version='1.0' encoding='klingon'?>\n<a/>", "not known"},
		"replaced":   {"<?xml version='1.0' encoding='iso-2022-kr'?>\n<a/>", "not supported"},
		"deep":       {strings.Repeat("<a>", 300), "nested deeper"},
		"many":       {"<a>" + strings.Repeat("<b/>", maxElements+1), "more than"},
		"large":      {strings.Repeat(" ", maxInput+1), "larger than"},
		"large wide": {"<\x00" + strings.Repeat(" \x00", maxInput+1), "larger than"},
		"binary":     {"<a>\x00</a>", "NUL"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseXML([]byte(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzParseXML(f *testing.F) {
	f.Add([]byte(pomXML))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b SYSTEM 'c'>]><a>&b;</a>"))
	f.Add([]byte("<?xml version='1.0' encoding='UTF-16'?><a/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := ParseXML(data)
		if err != nil {
			return
		}
		// Decoding can only make fewer line ends of the same bytes, never more.
		last := strings.Count(string(data), "\n") + 1
		root.Each(func(e *Element) {
			if e.Line < 1 || e.Line > last || e.TextLine < e.Line || e.TextLine > last {
				t.Fatalf("%s at line %d, text %d of %d", e.Name, e.Line, e.TextLine, last)
			}
		})
	})
}
