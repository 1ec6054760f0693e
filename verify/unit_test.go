package verify

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"
	dockercontext "github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/system"
	fstypes "github.com/tonistiigi/fsutil/types"
	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/source"
)

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		want []string
	}{
		{"plain", []string{"a\nb\n"}, []string{"a", "b"}},
		{"in pieces", []string{"a", "b\nc", "\n"}, []string{"ab", "c"}},
		{"no line end", []string{"a"}, []string{"a"}},
		{"DOS", []string{"a\r\nb\r", "\n"}, []string{"a", "b"}},
		{"progress", []string{" 1%\r 50%\r", "100%\n"}, []string{"100%"}},
		{"colour", []string{"\x1b[31mred\x1b[0m and \x1b]0;title\x07more\n"}, []string{"red and more"}},
		{"control characters", []string{"a\x00b\x08c\u202ed\u2028e\n"}, []string{"abcde"}},
		{"not UTF-8", []string{"a\xffb\n"}, []string{"a\uFFFDb"}},
		{"empty", []string{"\n\n"}, []string{"", ""}},
		{"long", []string{strings.Repeat("x", maxLine), "yyy\nnext\n"}, []string{strings.Repeat("x", maxLine) + "…", "next"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			w := &lineWriter{emit: func(l string) { got = append(got, l) }}
			for _, p := range c.in {
				if n, err := w.Write([]byte(p)); n != len(p) || err != nil {
					t.Fatal(n, err)
				}
			}
			w.Flush()
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRing(t *testing.T) {
	r := newRing(3)
	for _, l := range []string{"", "a", "b", "c", ""} {
		r.add(l)
	}
	if got := r.last(10); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("%q", got)
	}
	if got := r.last(1); !slices.Equal(got, []string{"c"}) {
		t.Errorf("%q", got)
	}
	if got := newRing(3).last(2); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestMasker(t *testing.T) {
	m := newMasker("hunter2hunter2", "hunter2", "p@ss word/1", "abc", "", "line1\nline2")
	for in, want := range map[string]string{
		"x hunter2hunter2 y":     "x *** y",
		"hunter2":                "***",
		"p%40ss+word%2F1":        "***",
		"p@ss word/1":            "***",
		"abc is too short":       "abc is too short",
		"line1 and line2":        "*** and ***",
		"nothing to see":         "nothing to see",
		"redis://:hunter2@redis": "redis://:***@redis",
	} {
		if got := m.mask(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := (masker{}).mask("x"); got != "x" {
		t.Error(got)
	}
}

func TestThrowAwaySecrets(t *testing.T) {
	p := &plan.Plan{Secrets: []plan.Secret{{Name: "A", Length: 64}, {Name: "B"}, {Name: "C", Length: 1 << 30}, {Name: "D", Length: 7}, {Name: "GIVEN"}}}
	one, two := throwAway(p, map[string]string{"GIVEN": "mine"}), throwAway(p, nil)
	for name, length := range map[string]int{"A": 64, "B": defaultSecret, "C": defaultSecret, "D": 7} {
		if len(one[name]) != length || one[name] == two[name] {
			t.Errorf("%s: %q, %q", name, one[name], two[name])
		}
	}
	if one["GIVEN"] != "mine" {
		t.Error(one["GIVEN"])
	}
	env := environment(p, []plan.Setting{{Name: "URL", Value: "x://${GIVEN}@h/${Z}"}}, one)
	if !slices.Equal(env, []string{"URL=x://mine@h/${Z}"}) {
		t.Errorf("%q", env)
	}
	p.Components = []plan.Component{{Settings: []plan.Setting{{Name: "K", Value: "literal-secret", Secret: true}}}}
	p.Services = []plan.Service{{Settings: []plan.Setting{{Name: "L", Value: "other-secret", Secret: true}}}}
	if v := secretValues(p, nil); !slices.Equal(v, []string{"literal-secret", "other-secret"}) {
		t.Errorf("%q", v)
	}
}

// TestDiagnose reads the real logs of testdata/failures.yaml.
func TestDiagnose(t *testing.T) {
	data, err := os.ReadFile("testdata/failures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		ID, Phase, Says string
		Log             []string
	}
	if err := yaml.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.ID] = true
		id, message := diagnose(phase(c.Phase), c.Log)
		if id != c.ID || !strings.Contains(message, c.Says) {
			t.Errorf("%q in %s: %s: %q; want %s: …%q…", c.Log[len(c.Log)-1], c.Phase, id, message, c.ID, c.Says)
		}
	}
	for _, s := range symptoms {
		if !seen[s.id] {
			t.Errorf("%s has no log in testdata/failures.yaml", s.id)
		}
	}
}

func TestDockerfileLines(t *testing.T) {
	d, _, err := parseDockerfile([]byte(`ARG RUBY=3.1
ARG BASE=ruby:${RUBY}-slim
FROM ${BASE} AS build
ENV A=1
WORKDIR /app
RUN --mount=type=cache,target=/x --mount=from=busybox:1,target=/y \
    true
COPY Gemfile $OTHER lib/*.rb ./
ADD http://example.com/x git@example.com:x /y
FROM build AS assets
RUN echo assets
FROM scratch
COPY --from=build /app /app
COPY --from=assets /a /a
COPY --from=nginx:1.22 /b /b
COPY --from=0 --chmod=644 /c /c
`))
	if err != nil {
		t.Fatal(err)
	}
	for step, want := range map[string]int{
		"[build 1/5] FROM docker.io/library/ruby:3.1-slim@sha256:0":    3,
		"[build 2/5] WORKDIR /app":                                     5,
		"[linux/amd64 build 3/5] RUN --mount=type=cache true":          6,
		"[build 4/5] COPY Gemfile ./":                                  8,
		"[assets 1/1] RUN echo assets":                                 11,
		"[stage-2 1/4] COPY --from=build /app /app":                    13,
		"[stage-2 3/4] COPY --from=nginx:1.22 /b /b":                   15,
		"[stage-2 9/4] COPY":                                           0,
		"[other 1/1] RUN x":                                            0,
		"[internal] load metadata for docker.io/library/ruby:3.1-slim": 0,
		"Step 1/14 : ARG RUBY=3.1":                                     1,
		"Step 3/14 : FROM ${BASE} AS build":                            3,
		"Step 6/14 : RUN":                                              6,
		"Step 99/14 : RUN":                                             0,
		"[build 99999999999999999999/5] RUN":                           0,
	} {
		if got := d.line(step); got != want {
			t.Errorf("%s: line %d, want %d", step, got, want)
		}
	}
	var images []string
	for _, b := range d.bases() {
		images = append(images, fmt.Sprintf("%s:%d", b.image, b.line))
	}
	if want := []string{"ruby:3.1-slim:3", "busybox:1:6", "nginx:1.22:15"}; !slices.Equal(images, want) {
		t.Errorf("bases %q, want %q", images, want)
	}
	for name, line := range map[string]int{"docker.io/library/nginx:1.22": 15, "ruby:3.1-slim": 3, "other": 0, "NOT A NAME": 0} {
		if at, ok := d.base(name); at.line != line || ok != (line > 0) {
			t.Errorf("%s: %+v", name, at)
		}
	}
	if got := fmt.Sprint(d.sources()); got != "[{Gemfile 8} {lib/*.rb 8}]" {
		t.Errorf("sources %s", got)
	}
	if line, what := d.needsBuildKit(); line != 6 || what != "RUN --mount" {
		t.Errorf("%d %s", line, what)
	}
}

func TestDockerfileErrors(t *testing.T) {
	for content, line := range map[string]int{"": 0, "FROM x\nFORM y": 2, "FROM x\nCOPY a": 2, "RUN x": 1, "ARG A=1": 0} {
		if _, at, err := parseDockerfile([]byte(content)); err == nil || at != line || strings.Contains(err.Error(), "parse error on line") {
			t.Errorf("%q: line %d, %v", content, at, err)
		}
	}
	only, _, err := parseDockerfile([]byte("FROM a\nCOPY --chmod=755 x y"))
	if err != nil {
		t.Fatal(err)
	}
	if line, _ := only.needsBuildKit(); line != 2 || only.line("[2/2] COPY x y") != 2 {
		t.Error(line)
	}
}

func testContext(t *testing.T, tr *source.Tree, artifacts []generate.Artifact, g plan.ImageGroup) *buildContext {
	t.Helper()
	c, err := newContext(context.Background(), tr, artifacts, g)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func paths(c *buildContext) []string {
	var out []string
	for _, e := range c.entries {
		out = append(out, e.path)
	}
	return out
}

func TestContextOfASubdirectory(t *testing.T) {
	tr := tree(map[string]string{"a/app.rb": "x", "a/lib/b.rb": "y", "a-b/other": "z", "root": "r", "a/.dockerignore": "ignored by the other", "a/x.log": "l"})
	artifacts := []generate.Artifact{
		{Path: "a/deploy/Dockerfile", Content: []byte("FROM busybox\nCOPY app.rb lib /\nCOPY x.log /"), Target: "dockerfile"},
		{Path: "a/deploy/Dockerfile.dockerignore", Content: []byte("*.log\n")},
		{Path: "b/outside", Content: []byte("o")},
	}
	g := plan.ImageGroup{Name: "a", Path: "a", Root: "a", Dockerfile: "a/deploy/Dockerfile"}
	c := testContext(t, tr, artifacts, g)
	want := []string{".dockerignore", "app.rb", "deploy", "deploy/Dockerfile", "deploy/Dockerfile.dockerignore", "lib", "lib/b.rb"}
	if got := paths(c); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for source, want := range map[string]bool{"app.rb": true, "/lib/": true, "lib/*.rb": true, ".": true, "x.log": false, "../root": false, "l*": true, "[": false, "*.py": false} {
		if got := c.has(source); got != want {
			t.Errorf("has %s: %v", source, got)
		}
	}
	if n, size := c.files(); n != 5 || size == 0 {
		t.Errorf("%d files of %d bytes", n, size)
	}
}

// TestContextIsDeterministic sees that the same source gives the same archive, and that it holds what a classic builder needs.
func TestContextIsDeterministic(t *testing.T) {
	files := map[string]string{".dockerignore": "Dockerfile\n.dockerignore\nsecret", "secret": "s", "b/x": "1", "b.c": "2", "a": "#!/bin/sh"}
	sum := func() (string, []string) {
		c := testContext(t, tree(files), dockerfileOf("FROM x"), webPlan(0).ImageGroups()[0])
		var b bytes.Buffer
		if err := c.writeTar(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		var names []string
		r := tar.NewReader(bytes.NewReader(b.Bytes()))
		for h, err := r.Next(); err != io.EOF; h, err = r.Next() {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, fmt.Sprintf("%s %o %s", h.Name, h.Mode, h.ModTime.UTC().Format("2006")))
		}
		return fmt.Sprintf("%x", sha256.Sum256(b.Bytes())), names
	}
	first, names := sum()
	for range 5 {
		if again, _ := sum(); again != first {
			t.Fatal("the archives differ")
		}
	}
	if want := []string{"a 755 2000", "b/ 755 2000", "b/x 644 2000", "b.c 644 2000", "Dockerfile 644 2000", ".dockerignore 644 2000"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := testContext(t, tree(files), dockerfileOf("FROM x"), webPlan(0).ImageGroups()[0])
	if err := c.writeTar(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestContextErrors(t *testing.T) {
	g := webPlan(0).ImageGroups()[0]
	for name, c := range map[string]struct {
		files     map[string]string
		artifacts []generate.Artifact
		want      string
	}{
		"no Dockerfile":      {map[string]string{"a": "a"}, nil, "neither generated nor in the source"},
		"a huge Dockerfile":  {map[string]string{"Dockerfile": strings.Repeat("#", maxDockerfile+1)}, nil, "larger than 1024 KiB"},
		"a bad pattern":      {map[string]string{".dockerignore": "[a"}, dockerfileOf("FROM x"), ".dockerignore"},
		"a huge ignore file": {map[string]string{".dockerignore": strings.Repeat("a\n", maxIgnoreFile)}, dockerfileOf("FROM x"), "larger than"},
		"a pattern of !":     {map[string]string{".dockerignore": "!"}, dockerfileOf("FROM x"), ".dockerignore"},
	} {
		if _, err := newContext(context.Background(), tree(c.files), c.artifacts, g); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := newContext(ctx, tree(map[string]string{"a": "a"}), dockerfileOf("FROM x"), g); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// brokenFS fails to read.
type brokenFS struct{ fstest.MapFS }

type brokenFile struct{ fs.File }

func (brokenFile) Read([]byte) (int, error) { return 0, errors.New("the disk is broken") }

func (b brokenFS) Open(name string) (fs.File, error) {
	f, err := b.MapFS.Open(name)
	if name == "unopenable" {
		return nil, errors.New("it cannot be opened")
	}
	if err == nil && name == "unreadable" {
		return brokenFile{f}, nil
	}
	return f, err
}

func TestUnreadableFilesAreNotSentEmpty(t *testing.T) {
	for _, name := range []string{"unreadable", "unopenable"} {
		b := brokenFS{fstest.MapFS{name: {Data: []byte("x")}}}
		tr := source.NewTree(b, []source.Entry{{Path: name, Mode: 0o644, Size: 1}}, nil)
		c := testContext(t, tr, dockerfileOf("FROM x"), webPlan(0).ImageGroups()[0])
		if f, err := (contextFS{c}).Open(name); err == nil {
			_, _ = io.ReadAll(f)
			_ = f.Close()
		}
		if err := c.failure(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if err := c.writeTar(context.Background(), io.Discard); err == nil {
			t.Errorf("%s: the archive was written", name)
		}
	}
	tr := source.NewTree(fstest.MapFS{}, []source.Entry{{Path: "gone", Mode: 0o644, Size: -1}}, nil)
	if _, err := newContext(context.Background(), tr, dockerfileOf("FROM x"), webPlan(0).ImageGroups()[0]); err == nil {
		t.Error("a file without a size is taken")
	}
}

func TestWalk(t *testing.T) {
	c := testContext(t, tree(map[string]string{"a/1": "", "a/b/2": "", "a-c": "", "d": ""}), []generate.Artifact{{Path: "Dockerfile", Content: []byte("FROM x")}}, webPlan(0).ImageGroups()[0])
	walk := func(target string, answer map[string]error) (seen []string, err error) {
		err = contextFS{c}.Walk(context.Background(), target, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if _, ok := info.Sys().(*fstypes.Stat); !ok {
				t.Errorf("%s has no stat", p)
			}
			seen = append(seen, p)
			return answer[p]
		})
		return seen, err
	}
	boom := errors.New("boom")
	for name, w := range map[string]struct {
		target string
		answer map[string]error
		want   string
		err    error
	}{
		"all":             {"/", nil, "Dockerfile a a/1 a/b a/b/2 a-c d", nil},
		"a directory":     {"a", nil, "a a/1 a/b a/b/2", nil},
		"a file":          {"/d", nil, "d", nil},
		"nothing":         {"x", nil, "", nil},
		"skip a folder":   {"", map[string]error{"a/b": fs.SkipDir}, "Dockerfile a a/1 a/b a-c d", nil},
		"skip the rest":   {"", map[string]error{"a/1": fs.SkipDir}, "Dockerfile a a/1 a-c d", nil},
		"skip at the top": {"", map[string]error{"a-c": fs.SkipDir}, "Dockerfile a a/1 a/b a/b/2 a-c", nil},
		"skip all":        {"", map[string]error{"a/1": fs.SkipAll}, "Dockerfile a a/1", nil},
		"an error":        {"", map[string]error{"a": boom}, "Dockerfile a", boom},
	} {
		if seen, err := walk(w.target, w.answer); strings.Join(seen, " ") != w.want || !errors.Is(err, w.err) {
			t.Errorf("%s: %q, %v", name, seen, err)
		}
	}
	if _, err := (contextFS{c}).Open("../etc/passwd"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestGeneratedFileBelowALink(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "real/x", "x")
	if err := os.Symlink("real", filepath.Join(dir, "config")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(dir, "outside")); err != nil {
		t.Fatal(err)
	}
	c := testContext(t, open(t, dir), append(dockerfileOf("FROM x"), generate.Artifact{Path: "config/new", Content: []byte("n")}), webPlan(0).ImageGroups()[0])
	if got := strings.Join(paths(c), " "); got != "Dockerfile config real real/x" {
		t.Errorf("%s", got)
	}
}

func TestWrittenDirs(t *testing.T) {
	const c, a, d = container.ChangeModify, container.ChangeAdd, container.ChangeDelete
	got := writtenDirs([]container.FilesystemChange{
		{Kind: c, Path: "/etc"}, {Kind: a, Path: "/etc/hosts"}, {Kind: c, Path: "/sbin"}, {Kind: a, Path: "/sbin/docker-init"}, {Kind: c, Path: "/dev"}, {Kind: a, Path: "/dev/console"},
		{Kind: c, Path: "/app"}, {Kind: c, Path: "/app/tmp"}, {Kind: a, Path: "/app/tmp/cache"}, {Kind: a, Path: "/app/tmp/cache/x"},
		{Kind: c, Path: "/app/tmp/pids"}, {Kind: a, Path: "/app/tmp/pids/1"},
		{Kind: c, Path: "/app/log"}, {Kind: c, Path: "/app/log/production.log"},
		{Kind: d, Path: "/var/old"}, {Kind: a, Path: "/new"}, {Kind: a, Path: "/new/\x1b[31mfile"},
	})
	if want := []string{"/", "/app/log", "/app/tmp", "/var"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	var many []container.FilesystemChange
	for i := range 1000 {
		many = append(many, container.FilesystemChange{Kind: c, Path: fmt.Sprintf("/d%d/f\x07", i)})
	}
	if got := writtenDirs(many); len(got) != maxWrites {
		t.Errorf("%d", len(got))
	}
}

func TestWorkingSet(t *testing.T) {
	for name, c := range map[string]struct {
		json string
		want uint64
	}{
		"cgroup v1":            {`{"usage":100,"max_usage":500,"stats":{"total_inactive_file":30,"inactive_file":1}}`, 70},
		"cgroup v2":            {`{"usage":100,"stats":{"inactive_file":40}}`, 60},
		"more cache than used": {`{"usage":10,"stats":{"inactive_file":40}}`, 10},
		"nothing":              {`{}`, 0},
	} {
		var m container.MemoryStats
		if err := json.Unmarshal([]byte(c.json), &m); err != nil {
			t.Fatal(err)
		}
		if got := workingSet(&m); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestSizing(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		of          measured
		cpu, memory int
		pair        FargateSize
	}{
		{measured{peak: 1}, 256, 128, FargateSize{256, 512}},
		{measured{peak: 300 * mib}, 256, 512, FargateSize{256, 512}},
		{measured{peak: 301 * mib}, 256, 512, FargateSize{256, 512}}, // a step is a step
		{measured{peak: 342 * mib}, 256, 576, FargateSize{256, 1024}},
		{measured{peak: 100 * mib, cores: 0.2}, 512, 192, FargateSize{512, 1024}},
		{measured{peak: 100 * mib, cores: 0.1, startCPU: 3}, 256, 192, FargateSize{256, 512}},
		{measured{peak: 400 * mib, startCPU: 14}, 1024, 640, FargateSize{1024, 2048}}, // a heavy start on a quarter of a core would take a minute
		{measured{peak: 200 << 30}, 256, 307200, FargateSize{16384, 122880}},
	} {
		if got := c.of.size(); got.Fargate != c.pair || got.CPU != c.cpu || got.Memory != c.memory || got.From != "measured" {
			t.Errorf("%+v: %+v", c.of, got)
		}
	}
	if got := defaultSize(0, 0); got.Fargate != (FargateSize{512, 1024}) || got.From != "default" {
		t.Errorf("%+v", got)
	}
}

func TestSockets(t *testing.T) {
	const head = "  sl  local_address rem_address   st tx_queue rx_queue\n"
	for name, c := range map[string]struct {
		rows     []string
		port     int
		on, loop bool
		others   int
	}{
		"everywhere":        {[]string{"00000000:1F90 00000000:0000 0A"}, 8080, true, false, 0},
		"loopback":          {[]string{"0100007F:1F90 00000000:0000 0A"}, 8080, true, true, 0},
		"loopback, IPv6":    {[]string{"00000000000000000000000001000000:1F90 0:0 0A"}, 8080, true, true, 0},
		"mapped loopback":   {[]string{"0000000000000000FFFF00000100007F:1F90 0:0 0A"}, 8080, true, true, 0},
		"both":              {[]string{"0100007F:1F90 0:0 0A", "00000000000000000000000000000000:1F90 0:0 0A"}, 8080, true, false, 0},
		"another":           {[]string{"00000000:2382 0:0 0A"}, 8080, false, false, 1},
		"a connection":      {[]string{"0100007F:1F90 0:0 01"}, 8080, false, false, 0},
		"the engine's DNS":  {[]string{"0B00007F:A2B3 0:0 0A"}, 8080, false, false, 0},
		"not a table":       {[]string{"\x00\xff garbage : : :", "a b c d"}, 8080, false, false, 0},
		"an absurd address": {[]string{"zz:zz 0:0 0A", "0100007F 0:0 0A"}, 8080, false, false, 0},
	} {
		table := head
		for i, r := range c.rows {
			table += fmt.Sprintf("   %d: %s\n", i, r)
		}
		s := parseSockets(table)
		if s.on(c.port) != c.on || s.onlyLoopback(c.port) != c.loop || len(s.others(c.port)) != c.others {
			t.Errorf("%s: %v", name, s)
		}
	}
	if sockets(nil).on(1) || sockets(nil).onlyLoopback(1) {
		t.Error("nothing is known, and something is said")
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"<html><TITLE lang=en>\n HTTP Status 404 &#8211; Not\tFound </TITLE>": "HTTP Status 404 – Not Found",
		"<p>Whitelabel</p><b>Error</b>":                                       "Whitelabel Error",
		"\x1b]0;x\x07plain\x00 text":                                          "plain text",
		"":                                                                    "",
		"<title>" + strings.Repeat("é", 500):                                  strings.Repeat("é", 60) + "…",
	} {
		if got := titleOf([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestNonRoot(t *testing.T) {
	for user, want := range map[string]bool{"": false, "root": false, "0": false, "0:0": false, "root:app": false, "00": false, "1001": true, "app": true, "app:root": true, "1001:0": true} {
		if nonRoot(user) != want {
			t.Errorf("%q", user)
		}
	}
}

func TestTags(t *testing.T) {
	r := newRun(Input{Plan: &plan.Plan{Name: "shop", Commit: "0123456789abcdef0123456789abcdef01234567"}, Options: Options{RunID: "a b/c"}}, nil)
	if got := r.tag(&group{ImageGroup: plan.ImageGroup{Name: "shop-web"}}); got != "drydock/shop-web:0123456789ab" {
		t.Error(got)
	}
	if got := r.name("web"); got != "drydock-a-b-c-web" {
		t.Error(got)
	}
	if id := (Options{}).withDefaults().RunID; len(id) < 10 {
		t.Error(id)
	}
}

func TestEmptyPlan(t *testing.T) {
	for _, run := range []func() (*Verdict, error){
		func() (*Verdict, error) { return Run(context.Background(), Input{Plan: &plan.Plan{}}, nil) },
	} {
		if v, err := run(); err == nil || v.Outcome != Failed {
			t.Errorf("%v %+v", err, v)
		}
	}
}

func TestCheck(t *testing.T) {
	files := map[string]string{"app.rb": "x"}
	good := Input{Plan: webPlan(8080), Tree: tree(files), Artifacts: dockerfileOf("FROM busybox:latest", "COPY app.rb /", "USER 1000", `CMD ["true"]`)}
	v, err := Check(context.Background(), good)
	if err != nil || v.Outcome != CheckedOnly || !v.Checked || v.Components[0].Outcome != CheckedOnly || len(v.Problems) != 0 {
		t.Errorf("%v %+v", err, v)
	}
	doubtful := good
	doubtful.Artifacts = dockerfileOf("FROM busybox:latest", "COPY app.rb absent /", "USER 1000", "CMD true")
	v, err = Check(context.Background(), doubtful)
	if err != nil || v.Outcome != Failed || len(v.Problems) != 2 || !strings.HasPrefix(v.Problems[0], "Dockerfile:2: absent is not in the build context") || !strings.Contains(v.Problems[1], "JSONArgsRecommended") {
		t.Errorf("%v %+v", err, v)
	}
	bad := good
	bad.Artifacts = dockerfileOf("FROM busybox:latest", "COPPY app.rb /")
	v, err = Check(context.Background(), bad)
	var be *BuildError
	if !errors.As(err, &be) || be.Line != 2 || be.ID != "dockerfile-syntax" || v.Outcome != Failed || !v.Checked || len(v.Components[0].Attempts) != 1 {
		t.Errorf("%v %+v", err, v)
	}
	none := good
	none.Artifacts = nil
	if v, err = Check(context.Background(), none); !errors.As(err, &be) || be.ID != "context-unreadable" || v.Outcome != Failed {
		t.Errorf("%v %+v", err, v)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = Check(ctx, good); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestVerdictIsTheContracts sees that the JSON has the contract's fields, lists included when they are empty.
func TestVerdictIsTheContracts(t *testing.T) {
	v, _ := Check(context.Background(), Input{Plan: webPlan(8080), Tree: tree(nil), Artifacts: dockerfileOf("FROM x")})
	v.Components[0].Run = &RunResult{Writes: []string{}}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"schemaVersion":1`, `"verdict":"checked"`, `"attempts":[]`, `"writes":[]`, `"sizing":{"fargate":{"cpu":512,"memory":1024},"from":"default","cpu":512,"memory":1024}`, `"checkedOnly":true`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s is not in %s", want, data)
		}
	}
}

// withDocker gives the test a Docker configuration of its own.
func withDocker(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		write(t, dir, name, content)
	}
	before := config.Dir()
	config.SetDir(dir)
	t.Cleanup(func() { config.SetDir(before) })
	for _, name := range []string{"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "XDG_RUNTIME_DIR"} {
		t.Setenv(name, "")
	}
	return dir
}

func TestFindEndpoints(t *testing.T) {
	dir := withDocker(t, map[string]string{"config.json": `{"currentContext":"lab"}`})
	s := store.New(config.ContextStoreDir(), store.NewConfig(func() any { return &map[string]any{} }, store.EndpointTypeGetter(dockercontext.DockerEndpoint, func() any { return &dockercontext.EndpointMeta{} })))
	for name, host := range map[string]string{"lab": "tcp://lab.example.com:2376", "shell": "ssh://me@build.example.com"} {
		if err := s.CreateOrUpdate(store.Metadata{Name: name, Endpoints: map[string]any{dockercontext.DockerEndpoint: dockercontext.EndpointMeta{Host: host}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CreateOrUpdate(store.Metadata{Name: "empty", Endpoints: map[string]any{}}); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	find := func(flag, env, ctxName string) string {
		t.Setenv("DOCKER_HOST", env)
		t.Setenv("DOCKER_CONTEXT", ctxName)
		list, err := findEndpoints(flag, cfg)
		if err != nil {
			var e *EngineError
			if !errors.As(err, &e) || e.Kind != BadReference || len(e.Try) == 0 {
				t.Errorf("%s %s %s: error %T %v", flag, env, ctxName, err, err)
			}
			return "error: " + err.Error()
		}
		return list[0].String()
	}
	for _, c := range []struct{ flag, env, ctxName, want string }{
		{"unix:///x.sock", "tcp://h:1", "shell", "unix:///x.sock (--engine)"},
		{"tcp://user:pw@h:2376", "", "", "tcp://user:xxxxx@h:2376 (--engine)"},
		{"ssh://me@h", "", "", "ssh://me@h (--engine)"},
		{"", "tcp://h:1", "shell", "tcp://h:1 (DOCKER_HOST)"},
		{"", "", "shell", "ssh://me@build.example.com (Docker context shell)"},
		{"", "", "", "tcp://lab.example.com:2376 (Docker context lab)"},
		{"", "", "default", "unix:///var/run/docker.sock (default)"},
	} {
		if got := find(c.flag, c.env, c.ctxName); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	for _, c := range []struct{ flag, env, ctxName string }{
		{"nonsense", "", ""}, {"", "://", ""}, {"ssh://", "", ""}, {"", "", "absent"}, {"", "", "empty"}, {"ssh://me@h/\x00", "", ""},
	} {
		if got := find(c.flag, c.env, c.ctxName); !strings.HasPrefix(got, "error: ") {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if _, err := connect(context.Background(), "nonsense"); err == nil {
		t.Error("connected to nonsense")
	}
}

func TestUsualSockets(t *testing.T) {
	f := newFake(t)
	dir := filepath.Dir(strings.TrimPrefix(f.url, "unix://"))
	if err := os.Symlink(filepath.Join(dir, "s"), filepath.Join(dir, "docker.sock")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if got := usualSockets(); !slices.Contains(got, "unix://"+filepath.Join(dir, "docker.sock")) {
		t.Errorf("%q", got)
	}
}

func TestTLSFromTheEnvironment(t *testing.T) {
	withDocker(t, nil)
	t.Setenv("DOCKER_CERT_PATH", filepath.Join(t.TempDir(), "none"))
	_, err := connect(context.Background(), "tcp://127.0.0.1:1")
	var e *EngineError
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "DOCKER_CERT_PATH") {
		t.Errorf("error %v", err)
	}
}

func TestProblems(t *testing.T) {
	for kind, err := range map[EngineProblem]error{
		Denied:      &os.PathError{Op: "dial", Path: "/s", Err: syscall.EACCES},
		Unreachable: errors.New("connection refused"),
		Unsuitable:  errors.New("client version 1.51 is too new. Maximum supported API version is 1.12"),
	} {
		got := problemOf(fmt.Errorf("ping: %w", err))
		if got != kind {
			t.Errorf("%v: %s", err, got)
		}
		for _, url := range []string{"unix:///s", "tcp://h:1", "ssh://h"} {
			if len(cures(got, endpoint{url: url})) == 0 {
				t.Errorf("%s at %s has no cure", got, url)
			}
		}
		for _, e := range []*EngineError{{Kind: kind, Err: err}, {Kind: Lost, While: "build"}} {
			if e.Error() == "" {
				t.Error("no message")
			}
		}
	}
	if host, local := reachedAt("tcp://build.example.com:2376"); host != "build.example.com" || local {
		t.Error(host, local)
	}
	if host, _ := reachedAt("tcp://"); host != "127.0.0.1" {
		t.Error(host)
	}
	if !atLeast("x", 41) || atLeast("1.40", 41) || !atLeast("2.0", 41) {
		t.Error("versions")
	}
}

// TestDoctorFindings holds what is said of engines and machines that lack something.
func TestDoctorFindings(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		t.Setenv(name, "")
	}
	e := &engine{apiV: "1.38", os: "windows", url: "tcp://u:secret@h:2376", config: configfile.New("config.json")}
	e.config.CredentialsStore = "absent"
	e.config.CredentialHelpers = map[string]string{"gcr.example.com": "here"}
	e.config.AuthConfigs = map[string]types.AuthConfig{"registry.example.com": {Username: "u", Password: "hunter2"}}
	bin := t.TempDir()
	write(t, bin, "docker-credential-here", "#!/bin/sh")
	t.Setenv("PATH", bin)
	info := system.Info{MemTotal: 1 << 30, DockerRootDir: "/absent", HTTPProxy: "http://u:secret@proxy:3128"}
	var all []Finding
	all = append(all, e.engineFinding(info), e.buildkitFinding(), e.proxies(info), mirrors(info))
	all = append(all, e.resources(info)...)
	all = append(all, e.credentials()...)
	e.local = true
	all = append(all, e.resources(info)[1])
	info.HTTPProxy = ""
	t.Setenv("HTTPS_PROXY", "http://u:secret@proxy:3128")
	e.config.Proxies = map[string]configfile.ProxyConfig{"default": {HTTPProxy: "http://proxy"}}
	all = append(all, e.proxies(info))
	text := fmt.Sprintf("%+v", all)
	if strings.Contains(text, "secret") || strings.Contains(text, "hunter2") {
		t.Errorf("a password is shown: %s", text)
	}
	problems := 0
	for _, f := range all {
		if f.State == Problem {
			problems++
		}
	}
	if problems != 4 { // too old, no BuildKit, little memory, a helper that is missing
		t.Errorf("%d problems: %s", problems, text)
	}
	for _, want := range []string{"docker-credential-absent is set", "kept by docker-credential-here", "logins for registry.example.com", "builds use that of Docker's configuration"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing of %q in %s", want, text)
		}
	}
}

func TestLogins(t *testing.T) {
	e := &engine{config: configfile.New("config.json")}
	e.config.AuthConfigs = map[string]types.AuthConfig{dockerHub: {Username: "hub", Password: "p"}, "registry.example.com": {Username: "own", Password: "p"}}
	if e.login("postgres:15") == e.login("registry.example.com/postgres:15") || e.login("NOT A NAME") != "" {
		t.Error("the login does not go by the registry")
	}
	if got := e.logins(); len(got) != 2 || got[dockerHub].Username != "hub" {
		t.Errorf("%+v", got)
	}
	e.config.CredentialsStore = "absent"
	if e.logins() != nil || e.login("postgres:15") != "" {
		t.Error("a helper that is not there gives logins")
	}
}

func TestIsStale(t *testing.T) {
	now := time.Now()
	labels := runLabels("r", false, now)
	if isStale(labels, true) {
		t.Error("this process lives")
	}
	dead := runLabels("r", true, now)
	dead[labelPID] = "4194304"
	if isStale(dead, false) || !isStale(dead, true) {
		t.Error("what is kept")
	}
	reused := runLabels("r", false, now.Add(-365*24*time.Hour))
	if started, err := processStart(os.Getpid()); err == nil && (!isStale(reused, false) || time.Since(started) > 24*time.Hour || time.Since(started) < 0) {
		t.Errorf("the number of this process was used before it, it started at %v", started)
	}
	for _, broken := range []map[string]string{{}, {labelRun: "r", labelPID: "x"}, {labelRun: "r", labelPID: "4194304"}, {labelPID: "4194304", labelStarted: now.Format(time.RFC3339)}} {
		if isStale(broken, true) {
			t.Errorf("%v", broken)
		}
	}
}

func TestProbePaths(t *testing.T) {
	c := &plan.Component{Component: detect.Component{HealthPath: detect.Is("up"), Facts: map[string]detect.Value[string]{"contextPath": detect.Is("/shop")}}}
	if got := probePaths(c); !slices.Equal(got, []string{"/up", "/shop/", "/"}) {
		t.Errorf("%q", got)
	}
	if got := probePaths(&plan.Component{}); !slices.Equal(got, []string{"/"}) {
		t.Errorf("%q", got)
	}
}

func TestFailures(t *testing.T) {
	if _, ok := failureOf(fmt.Errorf("x: %w", context.Canceled)); ok {
		t.Error("an interruption is no failure")
	}
	for id, err := range map[string]error{
		"timeout": fmt.Errorf("x: %w", context.DeadlineExceeded), "unexpected": io.EOF, "engine-lost": &EngineError{Kind: Lost, Err: io.EOF}, "base-image-not-found": &BaseImageError{Image: "x"},
	} {
		if f, ok := failureOf(err); !ok || f.ID != id || f.Message == "" || f.Log == nil {
			t.Errorf("%s: %+v", id, f)
		}
	}
	for _, err := range []error{&EngineError{Err: io.EOF}, &BuildError{Err: io.EOF}, &BaseImageError{Err: io.EOF}, &UnhealthyError{Err: io.EOF}} {
		if !errors.Is(err, io.EOF) {
			t.Errorf("%T hides its cause", err)
		}
	}
	log := make([]string, 100)
	if got := (&UnhealthyError{Log: log}).Error(); strings.Count(got, "\n") != showLog/2 {
		t.Errorf("%d lines", strings.Count(got, "\n"))
	}
	if got := shorten("a\n  b "+strings.Repeat("é", 10), 7); got != "a b é…" {
		t.Errorf("%q", got)
	}
	if (&BuildError{Image: "x", File: "Dockerfile", Message: "m"}).Error() != "build x: Dockerfile: m" {
		t.Error((&BuildError{Image: "x", File: "Dockerfile", Message: "m"}).Error())
	}
}
