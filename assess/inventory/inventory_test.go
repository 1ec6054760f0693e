package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	full := Item{Location: "git@h:a/b.git", Name: "B", Owner: "team", Criticality: "high", Tags: []string{"x", "y"}}
	for name, c := range map[string]struct {
		text string
		want []Item
	}{
		"lines":      {"# owned\n\n a/b \r\nhttps://h/c.git#main:web\n", []Item{{Location: "a/b"}, {Location: "https://h/c.git#main:web"}}},
		"csv":        {"\xef\xbb\xbfName,URL,criticality,Owner,tags,more\nB,git@h:a/b.git,high,team,\"x,y\",1\n", []Item{full}},
		"semicolon":  {"location;owner\na;\"o;p\"\nb\n", []Item{{Location: "a", Owner: "o;p"}, {Location: "b"}}},
		"tab":        {"repo\towner\na\to\n", []Item{{Location: "a", Owner: "o"}}},
		"one column": {"url\nhttps://h/x\n", []Item{{Location: "https://h/x"}}},
		"json":       {`[{"location":"git@h:a/b.git","name":"B","owner":"team","criticality":"high","tags":["x","y"]},"plain",{"url":"u"}]`, []Item{full, {Location: "plain"}, {Location: "u"}}},
		"document":   {`{"schemaVersion":1,"repositories":[{"location":"a","verdict":"ready"}]}`, []Item{{Location: "a"}}},
		"empty":      {"", nil},
	} {
		got, err := Read(strings.NewReader(c.text), name)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
	for _, bad := range []string{`[{"owner":"x"}]`, `[1`, `{"repositories":[7]}`, "\xff\xfe", "location,owner\n\"a"} {
		if got, err := Read(strings.NewReader(bad), "bad"); err == nil || !strings.Contains(err.Error(), "bad") {
			t.Errorf("%q is read as %+v, %v", bad, got, err)
		}
	}
}

func TestRelativeTo(t *testing.T) {
	items := []Item{{Location: "a/b#main"}, {Location: "/abs"}, {Location: "https://h/c"}, {Location: "git@h:c.git"}, {Location: "~/x"}}
	RelativeTo("lists", items)
	if got := fmt.Sprint(items[0].Location, items[1].Location, items[2].Location, items[3].Location, items[4].Location); got != "lists/a/b#main/abshttps://h/cgit@h:c.git~/x" {
		t.Error(got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a\nb")
	f.Add("url,owner\n\"a\",b")
	f.Add(`[{"location":"a"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		items, err := Read(strings.NewReader(text), "x")
		for _, i := range items {
			if err == nil && strings.TrimSpace(i.Location) == "" && !strings.HasPrefix(strings.TrimSpace(text), "[") && !strings.HasPrefix(strings.TrimSpace(text), "{") {
				t.Errorf("an item without a location from %q", text)
			}
		}
	})
}

func TestBelow(t *testing.T) {
	top := t.TempDir()
	for _, file := range []string{"tree/.git/HEAD", "bare.git/HEAD", "bare.git/objects/x", "team/deep/app/.git", "plain/pom.xml", "old.war", ".hidden/x", "notes.txt"} {
		p := filepath.Join(top, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	items, err := Below(top)
	var names []string
	for _, i := range items {
		names = append(names, i.Name)
	}
	if err != nil || !reflect.DeepEqual(names, []string{"bare", "old.war", "team/deep/app", "tree", "plain"}) {
		t.Errorf("%q, %v", names, err)
	}
	for _, one := range []string{"tree", "bare.git", "plain"} {
		if items, err := Below(filepath.Join(top, one)); err != nil || len(items) > 0 {
			t.Errorf("%s is taken for a folder of repositories: %+v, %v", one, items, err)
		}
	}
	if _, err := Below(filepath.Join(top, "none")); err == nil {
		t.Error("a folder that is not there holds repositories")
	}
}

// server plays the APIs: two pages, a busy moment, and a token that only it may see.
func server(t *testing.T) (*httptest.Server, *[]string) {
	t.Helper()
	var asked []string
	busy := 0
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, r *http.Request, first, second any) {
		asked = append(asked, r.Header.Get("Authorization"))
		if busy++; busy == 1 {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if r.URL.Query().Get("page") == "2" {
			_ = json.NewEncoder(w).Encode(second)
			return
		}
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=2>; rel="next", <http://%s/x>; rel="last"`, r.Host, r.URL.EscapedPath(), r.Host))
		_ = json.NewEncoder(w).Encode(first)
	}
	hub := func(name string, extra map[string]any) map[string]any {
		m := map[string]any{"full_name": "acme/" + name, "clone_url": "https://h/acme/" + name + ".git", "topics": []string{"t"}, "owner": map[string]any{"login": "acme"}}
		for k, v := range extra {
			m[k] = v
		}
		return m
	}
	mux.HandleFunc("/orgs/acme/repos", func(w http.ResponseWriter, r *http.Request) {
		page(w, r, []any{hub("one", nil), hub("old", map[string]any{"archived": true}), hub("fork", map[string]any{"fork": true})}, []any{hub("two", nil)})
	})
	mux.HandleFunc("/users/jo/repos", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode([]any{hub("mine", nil)}) })
	mux.HandleFunc("/groups/{group}/projects", func(w http.ResponseWriter, r *http.Request) {
		page(w, r, []any{map[string]any{"path_with_namespace": "acme/sub/a", "http_url_to_repo": "https://h/acme/sub/a.git", "namespace": map[string]any{"full_path": "acme/sub"}}},
			[]any{map[string]any{"path_with_namespace": "acme/sub/empty", "http_url_to_repo": "https://h/e.git", "empty_repo": true}})
	})
	mux.HandleFunc("/orgs/away/repos", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", `<http://elsewhere.example/steal>; rel="next"`)
		fmt.Fprint(w, "[]")
	})
	mux.HandleFunc("/orgs/secret/repos", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"message":"Bad credentials"}`)
	})
	mux.HandleFunc("/orgs/odd/repos", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s, &asked
}

func TestForge(t *testing.T) {
	s, asked := server(t)
	ctx := context.Background()
	var waited time.Duration
	f := Forge{Base: s.URL + "/", Token: "t0ken", Client: s.Client(), Wait: func(_ context.Context, d time.Duration) error { waited += d; return nil }}
	names := func(items []Item, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, i := range items {
			out = append(out, i.Name+" "+i.Owner)
		}
		return strings.Join(out, ", ")
	}
	if got := names(f.GitHub(ctx, "acme")); got != "acme/one acme, acme/two acme" {
		t.Error(got)
	}
	if waited != 7*time.Second || (*asked)[0] != "Bearer t0ken" {
		t.Errorf("waited %s, sent %q", waited, *asked)
	}
	f.Archived, f.Forks = true, true
	if got := names(f.GitHub(ctx, "acme")); got != "acme/one acme, acme/old acme, acme/fork acme, acme/two acme" {
		t.Error(got)
	}
	if got := names(f.GitHub(ctx, "jo")); got != "acme/mine acme" {
		t.Error(got)
	}
	if got := names(f.GitLab(ctx, "acme/sub")); got != "acme/sub/a acme/sub" {
		t.Error(got)
	}
	for org, want := range map[string]string{"away": "does not get the token", "secret": "Bad credentials", "odd": "not what the API promises", "none": "404"} {
		if _, err := f.GitHub(ctx, org); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("%s: %v, want %q", org, err, want)
		}
	}
	if _, err := (Forge{Base: "ftp://x"}).GitHub(ctx, "a"); err == nil {
		t.Error("an address that is none is asked")
	}
	var status *StatusError
	if _, err := f.GitHub(ctx, "secret"); !errors.As(err, &status) || status.Code != http.StatusUnauthorized {
		t.Errorf("%v is no StatusError", err)
	}
}
