package detect

import (
	"context"
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
)

// tree makes a Tree of files given as name and content.
func tree(files map[string]string) *source.Tree {
	m := fstest.MapFS{}
	var entries []source.Entry
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		entries = append(entries, source.Entry{Path: name, Mode: 0o644, Size: int64(len(text))})
	}
	return source.NewTree(m, entries, nil)
}

// fake is a detector whose answer a test chooses.
type fake struct {
	markers []string
	detect  func(Dir) ([]Component, error)
}

func (f fake) Name() string      { return "fake" }
func (f fake) Markers() []string { return f.markers }
func (f fake) Detect(_ context.Context, d Dir) ([]Component, error) {
	return f.detect(d)
}

func TestRunOffersDirectories(t *testing.T) {
	tr := tree(map[string]string{
		"Gemfile": "", "b/Gemfile": "", "a/Gemfile": "", "a/x/Shop.csproj": "", "vendor/gem/Gemfile": "",
		"a/spec/dummy/Gemfile": "", "node_modules/x/Gemfile": "", "Samples/Gemfile": "", "other.txt": "",
	})
	var dirs []string
	d := fake{[]string{"Gemfile", "*.csproj"}, func(d Dir) ([]Component, error) {
		dirs = append(dirs, d.Path)
		return []Component{{Role: Is(Web)}}, nil
	}}
	var steps []progress.State
	f, err := Run(context.Background(), tr, []Detector{d}, func(e progress.Event) { steps = append(steps, e.State) })
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{".", "a", "b", "a/x"}; !reflect.DeepEqual(dirs, want) {
		t.Errorf("offered %q, want %q", dirs, want)
	}
	if want := []progress.State{progress.Started, progress.Done}; !reflect.DeepEqual(steps, want) {
		t.Errorf("events %v", steps)
	}
	var names []string
	for _, c := range f.Components {
		names = append(names, c.Path+":"+c.Name+":"+c.Stack)
	}
	if want := []string{".:web:fake", "a:a:fake", "a/x:x:fake", "b:b:fake"}; !reflect.DeepEqual(names, want) {
		t.Errorf("components %q, want %q", names, want)
	}
	if f.Files != 9 || len(f.LookedFor) != 1 || f.LookedFor[0] != "fake (Gemfile, *.csproj)" {
		t.Errorf("%d files, looked for %q", f.Files, f.LookedFor)
	}
}

func TestRunOrdersAndNames(t *testing.T) {
	d := fake{[]string{"m"}, func(Dir) ([]Component, error) {
		return []Component{
			{Name: "a-2", Path: "z"}, {Name: "A", Path: "z"}, {Name: "a!", Path: "z"},
			{Role: Is(Worker), Name: "jobs"}, {Role: Is(Web)}, {Name: "9lives", Path: "y"},
		}, nil
	}}
	f, err := Run(context.Background(), tree(map[string]string{"m": ""}), []Detector{d}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	seen := map[string]bool{}
	for _, c := range f.Components {
		got = append(got, c.Path+":"+c.Name)
		if seen[c.Name] {
			t.Errorf("%s twice", c.Name)
		}
		seen[c.Name] = true
	}
	if want := []string{".:web", ".:jobs", "y:app-9lives", "z:a", "z:a-2", "z:a-2-2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRunGoesOnAfterFailures(t *testing.T) {
	tr := tree(map[string]string{"a/m": "", "b/m": "", "c/m": ""})
	tr.Warnings = []source.Warning{{Path: "big", Text: "left out"}}
	d := fake{[]string{"m"}, func(d Dir) ([]Component, error) {
		switch d.Path {
		case "a":
			panic("odd")
		case "b":
			return nil, errors.New("broken")
		}
		d.Warn("c/m", 3, "doubtful")
		return []Component{{Role: Is(Web)}}, nil
	}}
	f, err := Run(context.Background(), tr, []Detector{d}, nil)
	if err != nil || len(f.Components) != 1 {
		t.Fatalf("%v, %v", f, err)
	}
	var texts []string
	for _, w := range f.Warnings {
		texts = append(texts, w.Text)
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{"left out", "internal error: odd", "detect fake in b: broken", "doubtful"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning %q in %q", want, texts)
		}
	}
}

func TestRunStopsWhenTold(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := fake{[]string{"m"}, func(Dir) ([]Component, error) { cancel(); return nil, nil }}
	if _, err := Run(ctx, tree(map[string]string{"m": ""}), []Detector{d}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("during: %v", err)
	}
	if _, err := Run(ctx, tree(map[string]string{"m": ""}), []Detector{d}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("before: %v", err)
	}
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"Shop": "shop", "": "app", "../../x": "x", "9a": "app-9a", "a__b..c": "a-b-c", "日本": "app",
		strings.Repeat("a", 39) + "-b": strings.Repeat("a", 39), "1" + strings.Repeat("b", 60): "app-1" + strings.Repeat("b", 35),
	} {
		if got := CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMaskSecrets(t *testing.T) {
	for in, want := range map[string]string{
		`password: hunter2`:                               `password: ***`,
		`secret_key_base: abc def`:                        `secret_key_base: ***`,
		`postgres://u:pw@host/db`:                         `postgres://u:***@host/db`,
		`token = ENV['A'] || 'abc'`:                       `token = ***`,
		`x = ENV['SECRET_TOKEN'] || 'abc'`:                `x = ENV['SECRET_TOKEN'] || '***`,
		`x = ENV.fetch("API_KEY", "abc")`:                 `x = ENV.fetch("API_KEY", "***`,
		`set :session_secret, 'abc'`:                      `set :session_secret, '***`,
		`gem 'devise_token_auth', '~> 1.0'`:               `gem 'devise_token_auth', '~> 1.0'`,
		`gem 'rails', '4.2.0'`:                            `gem 'rails', '4.2.0'`,
		`config.secret_key_base = ENV["SECRET_KEY_BASE"]`: `config.secret_key_base = ***`,
	} {
		if got := MaskSecrets(in); got != want {
			t.Errorf("MaskSecrets(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"  a\tb \r": "a b ·", "\x1b[31mred": "·[31mred", "a\u202eb": "a·b", "ééé": "éé…",
	} {
		max := 200
		if strings.HasPrefix(in, "é") {
			max = 5
		}
		if got := Printable(in, max); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDirRead(t *testing.T) {
	tr := tree(map[string]string{
		"a/Gemfile": "one\ntwo\n", "pom.xml": "\xEF\xBB\xBFx", "le": "\xFF\xFEh\x00i\x00\n\x00", "be": "\xFE\xFF\x00h\x00i",
		"big": strings.Repeat("x", MaxFile+1), "a/b/c.rb": "", "ab/d.rb": "",
	})
	d := NewDir(tr, "a")
	if f, err := d.Read("Gemfile"); err != nil || f.Path != "a/Gemfile" || f.Evidence(2) != (Evidence{"a/Gemfile", 2, "two"}) || f.Evidence(9).Text != "" {
		t.Errorf("%v %v", f, err)
	}
	for name, want := range map[string]string{"../pom.xml": "x", "../le": "hi\n", "../be": "hi"} {
		if f, err := d.Read(name); err != nil || string(f.Data) != want {
			t.Errorf("%s: %q %v", name, f.Data, err)
		}
	}
	for _, name := range []string{"../../etc/passwd", "none", "/pom.xml"} {
		if _, err := d.Read(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 {
		if _, err := d.Read("../big"); !errors.Is(err, ErrTooLarge) {
			t.Errorf("big: %v", err)
		}
	}
	if n := len(d.scan.warnings); n != 1 {
		t.Errorf("%d warnings, want one", n)
	}
	if !d.Has("Gemfile") || d.Has("../x") || d.Has("../../x") || !d.HasDir("b") || d.HasDir("c") || d.HasDir("../..") {
		t.Error("Has or HasDir")
	}
	if got := d.Glob("**/*.rb"); !reflect.DeepEqual(got, []string{"b/c.rb"}) {
		t.Errorf("Glob: %q", got)
	}
	if sub, ok := d.Sub(".."); !ok || sub.Path != "." || len(sub.Glob("**/*.rb")) != 2 {
		t.Errorf("Sub: %v", sub.Path)
	}
	if _, ok := d.Sub("../.."); ok {
		t.Error("Sub leaves the tree")
	}
}

func TestOrderOfOneDirectory(t *testing.T) {
	cs := []Component{{Stack: "node", Path: ".", Role: Is(Worker)}, {Stack: "node", Path: ".", Role: Is(Web)}, {Stack: "ruby", Path: ".", Role: Is(Web)}, {Stack: "ruby", Path: ".", Role: Is(Worker)}}
	order(cs)
	var got []string
	for _, c := range cs {
		got = append(got, c.Stack+" "+string(c.Role.V))
	}
	if s := strings.Join(got, ", "); s != "ruby web, node web, ruby worker, node worker" {
		t.Error(s)
	}
}
