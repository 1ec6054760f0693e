package source

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/google/go-cmp/cmp"
)

func TestRefs(t *testing.T) {
	alone(t)
	dir, _, _ := workTree(t)
	gitRun(t, dir, "tag", "v2")
	want := []Ref{{Name: "main", Default: true}, {Name: "release-1"}, {Name: "v2", Tag: true}, {Name: "v1", Tag: true}}
	for name, location := range map[string]string{
		"server": gitServer(t, dir, nil), "git protocol": gitProto(t, filepath.Join(dir, ".git")), "work tree": dir,
		"bare": filepath.Join(dir, ".git"), "what is named does not matter": dir + "#nope",
	} {
		got, err := Refs(context.Background(), location, Options{})
		// Lightweight and annotated tags of the fixture are listed alike.
		got = slices.DeleteFunc(got, func(r Ref) bool { return r.Tag && r.Name != "v1" && r.Name != "v2" })
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestRefsErrors(t *testing.T) {
	alone(t)
	dir, _, _ := workTree(t)
	locked := gitServer(t, dir, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	})
	for location, kind := range map[string]Kind{locked: NoAccess, t.TempDir(): BadRef} {
		_, err := Refs(context.Background(), location, Options{})
		var known *Error
		if !errors.As(err, &known) || known.Kind != kind {
			t.Errorf("%s: %v", location, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Refs(ctx, gitServer(t, dir, nil), Options{}); err == nil {
		t.Error("it does not stop")
	}
}

func TestSortRefsLeavesHostileNamesOut(t *testing.T) {
	got := sortRefs([]plumbing.ReferenceName{"refs/heads/a\x1b[2J", "refs/heads/b", "refs/tags/v\u202e1", "refs/pull/1/head", "HEAD"}, "")
	if diff := cmp.Diff([]Ref{{Name: "b"}}, got); diff != "" {
		t.Error(strings.TrimSpace(diff))
	}
}
