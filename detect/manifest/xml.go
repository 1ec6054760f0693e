package manifest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// maxElements bounds the elements of one XML file.
const maxElements = 200_000

// Element is an XML element. Its methods work on nil, so that a path that does not exist needs no check on the way.
type Element struct {
	Name     string // without a namespace prefix
	Line     int    // of its "<", from 1
	Attrs    []Attr
	Text     string // its own text, without that of its children; trimmed
	TextLine int    // line of the first word of Text; Line when there is none
	Children []*Element
}

// Attr is an attribute of an Element.
type Attr struct {
	Name  string // without a namespace prefix
	Value string
}

// ParseXML reads an XML file and returns its root. Encodings other than UTF-8 are converted. Entities that the file
// itself defines with a text are replaced, external ones are never fetched: they are empty. The error is an *Error.
func ParseXML(data []byte) (*Element, error) {
	data, err := xmlText(data)
	if err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.Entity = maps.Clone(xml.HTMLEntity) // Maven knows them by name, without a definition
	dec.CharsetReader = xmlCharset
	b := &xmlBuilder{dec: dec}
	for {
		line, _ := dec.InputPos()
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, xmlError(err, line)
		}
		if err := b.add(t, line); err != nil {
			return nil, err
		}
	}
	if b.root == nil {
		return nil, &Error{Msg: "no XML element"}
	}
	return b.root, nil
}

// xmlText refuses what is no text and converts UTF-16: the decoder reads a declaration only when it is ASCII.
func xmlText(data []byte) ([]byte, error) {
	order, bom := unicode.BigEndian, true
	switch {
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		order = unicode.LittleEndian
	case bytes.HasPrefix(data, []byte{0, '<'}):
		bom = false
	case bytes.HasPrefix(data, []byte{'<', 0}):
		order, bom = unicode.LittleEndian, false
	default:
		return bytes.TrimPrefix(data, []byte{0xEF, 0xBB, 0xBF}), checkInput(data)
	}
	if len(data) > 2*maxInput {
		return nil, &Error{Msg: fmt.Sprintf("larger than %d MiB", 2*maxInput>>20)}
	}
	policy := unicode.IgnoreBOM
	if bom {
		policy = unicode.ExpectBOM
	}
	out, err := unicode.UTF16(order, policy).NewDecoder().Bytes(data)
	if err != nil {
		return nil, &Error{Msg: "not readable as UTF-16: " + err.Error()}
	}
	return out, checkInput(out)
}

// xmlCharset converts what the declaration names. A declaration of UTF-16 that can be read at all stands in a file
// that was converted before.
func xmlCharset(label string, in io.Reader) (io.Reader, error) {
	if strings.HasPrefix(strings.ToLower(label), "utf-16") {
		return in, nil
	}
	enc, err := htmlindex.Get(strings.TrimSpace(label))
	if err != nil {
		return nil, fmt.Errorf("encoding %q is not known", label)
	}
	if enc == encoding.Replacement {
		return nil, fmt.Errorf("encoding %q is not supported", label)
	}
	return enc.NewDecoder().Reader(in), nil
}

func xmlError(err error, line int) error {
	var syn *xml.SyntaxError
	if errors.As(err, &syn) {
		return &Error{Line: syn.Line, Msg: syn.Msg}
	}
	return &Error{Line: line, Msg: strings.TrimPrefix(err.Error(), "xml: ")}
}

// xmlBuilder makes the tree.
type xmlBuilder struct {
	dec  *xml.Decoder
	root *Element
	open []*Element
	text [][]byte // of the open elements
	made int
}

func (b *xmlBuilder) add(t xml.Token, line int) error {
	switch t := t.(type) {
	case xml.StartElement:
		return b.start(t, line)
	case xml.EndElement:
		top := len(b.open) - 1
		e := b.open[top]
		e.Text = strings.TrimSpace(string(b.text[top]))
		if e.TextLine == 0 {
			e.TextLine = e.Line
		}
		b.open, b.text = b.open[:top], b.text[:top]
	case xml.CharData:
		if top := len(b.open) - 1; top >= 0 {
			e := b.open[top]
			lead := len(t) - len(bytes.TrimLeft(t, " \t\r\n"))
			if e.TextLine == 0 && lead < len(t) {
				e.TextLine = line + bytes.Count(t[:lead], []byte{'\n'})
			}
			b.text[top] = append(b.text[top], t...)
		}
	case xml.Directive:
		for _, m := range xmlEntity.FindAllSubmatch(t, maxValues) {
			name := string(m[1])
			if _, known := b.dec.Entity[name]; !known && len(b.dec.Entity) < 2000 && len(m[2]) < 4096 {
				b.dec.Entity[name] = strings.Trim(string(m[2]), `"'`)
			}
		}
	}
	return nil
}

// xmlEntity is a general entity of a DOCTYPE: with a text of its own, or external and then without one.
var xmlEntity = regexp.MustCompile(`<!ENTITY\s+([\w.:-]+)\s+("[^"]*"|'[^']*')?`)

func (b *xmlBuilder) start(t xml.StartElement, line int) error {
	if b.made++; b.made > maxElements {
		return &Error{line, fmt.Sprintf("more than %d elements", maxElements)}
	}
	if len(b.open) >= maxDepth {
		return &Error{line, fmt.Sprintf("nested deeper than %d levels", maxDepth)}
	}
	e := &Element{Name: t.Name.Local, Line: line}
	for _, a := range t.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			e.Attrs = append(e.Attrs, Attr{a.Name.Local, a.Value})
		}
	}
	switch top := len(b.open) - 1; {
	case top >= 0:
		b.open[top].Children = append(b.open[top].Children, e)
	case b.root == nil:
		b.root = e
	default:
		return &Error{line, "a second root element"}
	}
	b.open, b.text = append(b.open, e), append(b.text, nil)
	return nil
}

// Find returns the first element at a path of names below e; nil when there is none.
func (e *Element) Find(path ...string) *Element {
	if e == nil || len(path) == 0 {
		return e
	}
	for _, c := range e.Children {
		if c.Name == path[0] {
			if f := c.Find(path[1:]...); f != nil {
				return f
			}
		}
	}
	return nil
}

// All returns every element at a path of names below e, in the order of the file.
func (e *Element) All(path ...string) []*Element {
	if e == nil {
		return nil
	}
	if len(path) == 0 {
		return []*Element{e}
	}
	var out []*Element
	for _, c := range e.Children {
		if c.Name == path[0] {
			out = append(out, c.All(path[1:]...)...)
		}
	}
	return out
}

// Get returns the text of the element at a path and its line; "" and 0 when there is none.
func (e *Element) Get(path ...string) (string, int) {
	if f := e.Find(path...); f != nil {
		return f.Text, f.TextLine
	}
	return "", 0
}

// Attr returns the value of an attribute; "" when there is none.
func (e *Element) Attr(name string) string {
	if e != nil {
		for _, a := range e.Attrs {
			if a.Name == name {
				return a.Value
			}
		}
	}
	return ""
}

// Each calls fn for e and every element below it, in the order of the file.
func (e *Element) Each(fn func(*Element)) {
	if e == nil {
		return
	}
	fn(e)
	for _, c := range e.Children {
		c.Each(fn)
	}
}

// validText makes text of bytes that may be ISO-8859-1, as Java's older files are.
func validText(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	out := make([]rune, len(data))
	for i, c := range data {
		out[i] = rune(c)
	}
	return string(out)
}
