package flow

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"

	"github.com/drydock-cli/drydock/generate"
)

// state lists a directory: paths with their contents.
func state(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		if d.IsDir() {
			list = append(list, rel+"/")
			return nil
		}
		data, err := os.ReadFile(p)
		if len(data) > 20 {
			data = data[:20]
		}
		list = append(list, rel+"="+string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(list)
	return strings.Join(list, " ")
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *disk {
	t.Helper()
	d, err := openDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "old"), "old")
	put(t, filepath.Join(dir, "sub/gone"), "gone")
	err := open(t, dir).Replace(context.Background(), []generate.Change{
		{Path: "old", Mode: 0o644, Content: []byte("new")},
		{Path: "a/b/made", Mode: 0o600, Content: []byte("made")},
		{Path: "sub/gone", Remove: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := state(t, dir), "a/ a/b/ a/b/made=made old=new"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	info, err := os.Stat(filepath.Join(dir, "a/b/made"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestReplaceSweeps holds that what a killed run left is gone after the next, that the only copy of a file is put back, and that no other
// file is touched.
func TestReplaceSweeps(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/file": "old", "a/.file.drydock-0123456789ab": "half", "a/.file.drydock-old-0123456789ab": "older", "a/.gone.drydock-old-0123456789ab": "only copy",
		"a/.file.drydock-notes": "mine", "b/.file.drydock-0123456789ab": "not swept",
	} {
		put(t, filepath.Join(dir, name), text)
	}
	if err := open(t, dir).Replace(t.Context(), []generate.Change{{Path: "a/file", Mode: 0o644, Content: []byte("new")}}); err != nil {
		t.Fatal(err)
	}
	if got, want := state(t, dir), "a/ a/.file.drydock-notes=mine a/file=new a/gone=only copy b/ b/.file.drydock-0123456789ab=not swept"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestReplaceTogether lets several write to one directory at once.
func TestReplaceTogether(t *testing.T) {
	dir := t.TempDir()
	failed := make(chan error, 8)
	for n := range cap(failed) {
		d := open(t, dir)
		go func() {
			text := []byte(strings.Repeat("x", n+1))
			failed <- d.Replace(context.Background(), []generate.Change{{Path: "a", Mode: 0o644, Content: text}, {Path: "b", Mode: 0o644, Content: text}})
		}()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	a, _ := os.ReadFile(filepath.Join(dir, "a"))
	if b, _ := os.ReadFile(filepath.Join(dir, "b")); len(a) == 0 || len(a) != len(b) {
		t.Errorf("a has %d letters and b %d", len(a), len(b))
	}
	if got := state(t, dir); strings.Contains(got, "drydock") {
		t.Error(got)
	}
}

// TestReplaceAllOrNothing makes the last of several changes fail, in every way that a disk can, and holds that the
// others leave no trace.
func TestReplaceAllOrNothing(t *testing.T) {
	changes := func(last generate.Change) []generate.Change {
		return []generate.Change{
			{Path: "Dockerfile", Mode: 0o644, Content: []byte("new")},
			{Path: "deep/er/file", Mode: 0o644, Content: []byte("new")},
			{Path: "gone", Remove: true},
			last,
		}
	}
	for _, tt := range []struct {
		name string
		last generate.Change
		ctx  func() context.Context
	}{
		{name: "a file where a folder must be", last: generate.Change{Path: "file/below", Mode: 0o644}},
		{name: "a folder where the file must be", last: generate.Change{Path: "folder", Mode: 0o644}},
		{name: "out of the directory", last: generate.Change{Path: "../evil", Mode: 0o644}},
		{name: "through a link", last: generate.Change{Path: "link/evil", Mode: 0o644}},
		{name: "interrupted", last: generate.Change{Path: "x", Mode: 0o644}, ctx: func() context.Context {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			outside := t.TempDir()
			dir := t.TempDir()
			put(t, filepath.Join(dir, "Dockerfile"), "old")
			put(t, filepath.Join(dir, "gone"), "not yet")
			put(t, filepath.Join(dir, "file"), "x")
			put(t, filepath.Join(dir, "folder/x"), "x")
			d := open(t, dir)
			before := state(t, dir)
			if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			if tt.ctx != nil {
				ctx = tt.ctx()
			}
			if err := d.Replace(ctx, changes(tt.last)); err == nil {
				t.Fatal("it succeeded")
			}
			if err := os.Remove(filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			if got := state(t, dir); got != before {
				t.Errorf("got  %s\nwant %s", got, before)
			}
			if s := state(t, outside); s != "" {
				t.Errorf("something was written outside: %s", s)
			}
		})
	}
}

// TestDiskFull holds the same on a disk that really is full. It needs the right to mount one.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16k"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("mount a small disk:", err)
		}
		t.Skip("mounting a small disk needs root:", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	put(t, filepath.Join(dir, "Dockerfile"), "old")
	d, err := openDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Replace(context.Background(), []generate.Change{
		{Path: "Dockerfile", Mode: 0o644, Content: []byte("new")},
		{Path: "big", Mode: 0o644, Content: make([]byte, 64<<10)},
	})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "try: ") {
		t.Errorf("error %v", err)
	}
	if got := state(t, dir); got != "Dockerfile=old" {
		t.Errorf("left %s", got)
	}
}

func TestOpenDiskThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "x")
	if _, err := openDisk(filepath.Join(dir, "file", "below")); err == nil || !strings.Contains(err.Error(), "-o DIR") {
		t.Errorf("error %v", err)
	}
	d := open(t, filepath.Join(dir, "new", "er"))
	d.Close()
	if got := state(t, dir); got != "file=x" {
		t.Errorf("an empty output directory stayed: %s", got)
	}
}

func TestProjectName(t *testing.T) {
	for in, want := range map[string]string{
		"https://git.example.com/team/Shop.git#v4": "shop",
		"git@git.example.com:ledger":               "ledger",
		"file:///srv/mirrors/team+shop/repo#abc":   "team-shop",
		"/srv/app/":                                "app",
		"shop-1.2.tar.gz":                          "shop-1-2",
		"x.git#main:services/api":                  "api",
		"/":                                        "app",
	} {
		if got := projectName(in); got != want {
			t.Errorf("%s → %s, want %s", in, got, want)
		}
	}
}
