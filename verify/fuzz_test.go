package verify

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	control "github.com/moby/buildkit/api/services/control"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/progress"
)

// hostile reads the samples of a folder of testdata/hostile/verify.
func hostile(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../testdata/hostile/verify/" + folder + "/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples in %s: %v", folder, err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = data
	}
	return out
}

// small leaves out samples that the fuzzer would spend its time on making smaller.
func small(samples map[string][]byte) [][]byte {
	var out [][]byte
	for _, s := range samples {
		if len(s) < 2<<10 {
			out = append(out, s)
		}
	}
	return out
}

// TestHostileLogs takes each sample as what a container prints.
func TestHostileLogs(t *testing.T) {
	for name, data := range hostile(t, "log") {
		w := &lineWriter{emit: func(l string) {
			if !harmless(l) || len(l) > 3*maxLine+len(longLine) {
				t.Errorf("%s: %q", name, l)
			}
		}}
		_, _ = w.Write(data)
		w.Flush()
	}
}

// TestHostileDockerfiles takes each sample as the repository's own Dockerfile through the checks.
func TestHostileDockerfiles(t *testing.T) {
	for name, data := range hostile(t, "dockerfile") {
		v, err := Check(context.Background(), Input{Plan: webPlan(0), Tree: tree(map[string]string{"a": "a"}),
			Artifacts: []generate.Artifact{{Path: "Dockerfile", Content: data, Target: "dockerfile"}}})
		if v == nil || !v.Checked {
			t.Errorf("%s: %+v", name, v)
		}
		text := strings.Join(v.Problems, "")
		if err != nil {
			text += strings.ReplaceAll(err.Error(), "\n", "")
		}
		if !harmless(text) {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// harmless says that a text can be shown on a terminal.
func harmless(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029
	})
}

func FuzzLines(f *testing.F) {
	for _, data := range small(hostile(f, "log")) {
		f.Add(data, 7)
	}
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		w := &lineWriter{emit: func(l string) {
			if !harmless(l) || len(l) > 3*maxLine+len(longLine) {
				t.Errorf("%q", l)
			}
			diagnose(phaseRun, []string{l})
		}}
		piece = max(1, piece)
		for len(data) > 0 {
			n := min(piece, len(data))
			_, _ = w.Write(data[:n])
			data = data[n:]
		}
		w.Flush()
		if cap(w.buf) > 2*maxLine {
			t.Errorf("the buffer has grown to %d", cap(w.buf))
		}
	})
}

func FuzzDockerfile(f *testing.F) {
	for _, data := range small(hostile(f, "dockerfile")) {
		f.Add(data, "[build 2/3] RUN x")
	}
	f.Fuzz(func(t *testing.T, data []byte, step string) {
		if len(data) > 64<<10 {
			return
		}
		d, line, err := parseDockerfile(data)
		if err != nil {
			if line < 0 {
				t.Error(line)
			}
			return
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, at := range []int{d.line(step), d.line("Step 2/3 : x")} {
			if at < 0 || at > lines {
				t.Errorf("line %d of %d", at, lines)
			}
		}
		for _, b := range d.bases() {
			canonical(b.image)
		}
		d.sources()
		d.needsBuildKit()
	})
}

func FuzzIgnore(f *testing.F) {
	f.Add("*.log\n!a/b\n**/x", "a/b/c")
	f.Add("[a-\n", "a")
	f.Add("!\n/\n.\n..\n**", "Dockerfile")
	f.Fuzz(func(t *testing.T, ignore, name string) {
		if !fs.ValidPath(name) || name == "." || len(ignore) > 4096 || name == "Dockerfile" || strings.HasPrefix(name, "Dockerfile/") || name == ".dockerignore" || strings.HasPrefix(name, ".dockerignore/") {
			return
		}
		c, err := newContext(context.Background(), tree(map[string]string{name: "x", ".dockerignore": ignore}), dockerfileOf("FROM x"), webPlan(0).ImageGroups()[0])
		if err != nil {
			return
		}
		seen := 0
		if err := (contextFS{c}).Walk(context.Background(), "", func(string, fs.DirEntry, error) error { seen++; return nil }); err != nil || seen != len(c.entries) {
			t.Errorf("%d of %d: %v", seen, len(c.entries), err)
		}
		if err := c.writeTar(context.Background(), io.Discard); err != nil && !strings.Contains(err.Error(), "archive/tar") {
			t.Error(err)
		}
	})
}

func FuzzSockets(f *testing.F) {
	f.Add("   0: 00000000:1F90 00000000:0000 0A 00000000:00000000\n")
	f.Fuzz(func(_ *testing.T, table string) {
		s := parseSockets(table)
		s.others(1)
		s.onlyLoopback(8080)
	})
}

// FuzzTrace gives an engine's build messages to the decoder.
func FuzzTrace(f *testing.F) {
	raw, err := (&control.StatusResponse{Vertexes: []*control.Vertex{{Digest: "sha256:1", Name: "[1/2] RUN x"}}, Logs: []*control.VertexLog{{Vertex: "sha256:1", Msg: []byte("x\n")}}}).MarshalVT()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		aux, err := json.Marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrace(func(e progress.Event) {
			if !harmless(e.Name) || !harmless(e.Text) {
				t.Errorf("%+v", e)
			}
		}, "web", masker{})
		_ = tr.decode(aux) // bytes that are no message are an error
		tr.failed()
		tr.counts()
	})
}
