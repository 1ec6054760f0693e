package detecttest

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect"
)

// words recognises a file of words; each line is the name of a variable.
type words struct{}

func (words) Name() string      { return "words" }
func (words) Markers() []string { return []string{"words.txt"} }

func (words) Detect(_ context.Context, dir detect.Dir) ([]detect.Component, error) {
	f, err := dir.Read("words.txt")
	if err != nil {
		return nil, nil
	}
	c := detect.Component{Role: detect.Is(detect.Web, f.Evidence(1)), Language: detect.Infer("static", "words", f.Evidence(1))}
	c.Port = detect.Guess(80, "words have no port")
	c.Services = []detect.Service{{Kind: "redis", From: detect.Declared, Evidence: []detect.Evidence{f.Evidence(1)}}}
	return []detect.Component{c}, nil
}

func TestRun(t *testing.T) {
	Run(t, words{}, fstest.MapFS{"words.txt": {Data: []byte("one\ntwo\n")}, "other": {Data: []byte("x")}})
}

func TestRecorder(t *testing.T) {
	r := &recorder{files: map[string]content{"a": {data: []byte("ab"), pad: 10}, "b": {data: []byte("abcd"), fail: true}}, opened: map[string]int{}, read: map[string]int64{}}
	f, err := r.Open("a")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil || string(data) != "ab##########" || r.read["a"] != 12 || r.opened["a"] != 1 {
		t.Errorf("%q %v %v", data, err, r.read)
	}
	if i, err := f.Stat(); err != nil || i.Size() != 12 || i.IsDir() || i.Name() != "a" || i.Mode() != 0o644 || i.Sys() != nil || !i.ModTime().IsZero() || f.Close() != nil {
		t.Errorf("%v %v", i, err)
	}
	f, _ = r.Open("b")
	if data, err := io.ReadAll(f); err == nil || string(data) != "ab" {
		t.Errorf("%q %v", data, err)
	}
	if _, err := r.Open("none"); err == nil || fmt.Sprint(r.names()) != "[a b]" {
		t.Error("a file that is not there")
	}
}
