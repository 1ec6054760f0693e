package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ParseJSON reads a JSON file. The error is an *Error.
func ParseJSON(data []byte) (*Doc, error) {
	if err := checkInput(data); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	b := &jsonBuilder{dec: dec, data: data, line: 1}
	root, err := b.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &Error{b.here(), "more after the end of the document"}
	}
	return &Doc{roots: []*node{root}}, nil
}

type jsonBuilder struct {
	dec  *json.Decoder
	data []byte
	at   int // offset up to which lines are counted
	line int
	made int
}

// here returns the line of the token that was read last (where it ends: JSON tokens do not span lines).
func (b *jsonBuilder) here() int {
	off := min(int(b.dec.InputOffset()), len(b.data))
	b.line += bytes.Count(b.data[b.at:off], []byte{'\n'})
	b.at = off
	return b.line
}

func (b *jsonBuilder) token() (json.Token, int, error) {
	t, err := b.dec.Token()
	line := b.here()
	if err == nil {
		return t, line, nil
	}
	var syn *json.SyntaxError
	if errors.As(err, &syn) {
		line = lineAt(b.data, int(syn.Offset))
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, line, &Error{line, err.Error()}
}

func (b *jsonBuilder) value(depth int) (*node, error) {
	t, line, err := b.token()
	if err != nil {
		return nil, err
	}
	if b.made++; b.made > maxValues {
		return nil, &Error{line, fmt.Sprintf("more than %d values", maxValues)}
	}
	if depth > maxDepth {
		return nil, &Error{line, fmt.Sprintf("nested deeper than %d levels", maxDepth)}
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return b.object(line, depth)
		}
		return b.array(line, depth)
	case nil:
		return &node{null: true, line: line}, nil
	default:
		return &node{value: fmt.Sprint(t), line: line}, nil
	}
}

func (b *jsonBuilder) object(line, depth int) (*node, error) {
	out := newMap(line)
	for b.dec.More() {
		k, at, err := b.token()
		if err != nil {
			return nil, err
		}
		name, _ := k.(string)
		v, err := b.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out.put(name, at, v)
	}
	_, _, err := b.token()
	return out, err
}

func (b *jsonBuilder) array(line, depth int) (*node, error) {
	out := &node{kind: list, line: line}
	for b.dec.More() {
		v, err := b.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out.items = append(out.items, v)
	}
	_, _, err := b.token()
	return out, err
}
