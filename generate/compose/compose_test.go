package compose

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// shop is a web application with a worker, a release step and two services.
func shop() *detect.Findings {
	services := []detect.Service{
		{Kind: "postgresql", Required: true, Env: map[string]string{"url": "DATABASE_URL"}},
		{Kind: "redis", Required: true, Env: map[string]string{"host": "REDIS_HOST"}},
	}
	web := detect.Component{
		Name: "web", Path: ".", Stack: "ruby", Role: detect.Is(detect.Web), Port: detect.Is(3000), HealthPath: detect.Is("/up"), Services: services,
		Env: []detect.EnvVar{{Name: "PRICE", Value: "5$ or ${more}"}, {Name: "RAILS_MASTER_KEY", Required: true, Secret: true}},
		Processes: []detect.Process{
			{Name: "web", Command: []string{"bundle", "exec", "puma"}}, {Name: "release", Command: []string{"sh", "-c", "echo $HOME"}},
		},
		Writes: []detect.Value[string]{detect.Is("public/uploads"), detect.Is("tmp/cache")},
	}
	worker := detect.Component{
		Name: "worker", Path: ".", Stack: "ruby", Role: detect.Is(detect.Worker), Services: services[:1],
		Processes: []detect.Process{{Name: "worker", Command: []string{"bundle", "exec", "sidekiq"}}},
	}
	return &detect.Findings{Location: "/src/shop", Components: []detect.Component{web, worker}}
}

func newPlan(t testing.TB, f *detect.Findings) *plan.Plan {
	t.Helper()
	p, err := plan.New(f, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustGenerate(t testing.TB, target Target, p *plan.Plan) map[string]generate.Artifact {
	t.Helper()
	artifacts, err := generate.Run(context.Background(), p, []generate.Target{target})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range target.Check(artifacts) {
		t.Errorf("%+v\n%s", problem, artifacts[0].Content)
	}
	byPath := map[string]generate.Artifact{}
	for _, a := range artifacts {
		byPath[a.Path] = a
	}
	return byPath
}

// load reads compose.yaml as Docker Compose does.
func load(t testing.TB, content []byte, env types.Mapping) *types.Project {
	t.Helper()
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir: "/src/shop", ConfigFiles: []types.ConfigFile{{Filename: FileName, Content: content}}, Environment: env,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, content)
	}
	return project
}

var secrets = types.Mapping{"POSTGRES_PASSWORD": "pw", "RAILS_MASTER_KEY": "key"}

func TestWhatComposeReads(t *testing.T) {
	files := mustGenerate(t, Target{}, newPlan(t, shop()))
	project := load(t, files[FileName].Content, secrets)
	web, worker, release, db := project.Services["web"], project.Services["worker"], project.Services["release"], project.Services["db"]
	env := func(s types.ServiceConfig, name string) string {
		if v := s.Environment[name]; v != nil {
			return *v
		}
		return ""
	}
	for what, ok := range map[string]bool{
		"secret from the environment":   env(web, "DATABASE_URL") == "postgresql://app:pw@db:5432/app",
		"a dollar stays a dollar":       env(web, "PRICE") == "5$ or ${more}",
		"host of a service":             env(web, "REDIS_HOST") == "redis",
		"command of the image":          web.Command == nil,
		"command of the worker":         slices.Equal(worker.Command, []string{"bundle", "exec", "sidekiq"}),
		"command of the release step":   slices.Equal(release.Command, []string{"sh", "-c", "echo $HOME"}),
		"release runs once":             release.Restart == "no",
		"web waits for the release":     web.DependsOn["release"].Condition == types.ServiceConditionCompletedSuccessfully,
		"worker waits for the release":  worker.DependsOn["release"].Condition == types.ServiceConditionCompletedSuccessfully,
		"web waits for the database":    web.DependsOn["db"].Condition == types.ServiceConditionHealthy,
		"worker needs no redis":         worker.DependsOn["redis"].Condition == "",
		"one image":                     web.Image == "shop-web" && worker.Image == "shop-web" && worker.Build != nil,
		"init":                          web.Init != nil && *web.Init,
		"published port":                len(web.Ports) == 1 && web.Ports[0].Published == "3000" && web.Ports[0].Target == 3000,
		"only the web listens":          len(worker.Ports) == 0 && len(db.Ports) == 0,
		"uploads on a volume":           len(web.Volumes) == 1 && web.Volumes[0].Source == "web-public-uploads" && web.Volumes[0].Target == "/app/public/uploads",
		"database on a volume":          len(db.Volumes) == 1 && db.Volumes[0].Source == "db-data",
		"health of the database":        db.HealthCheck != nil && strings.Contains(strings.Join(db.HealthCheck.Test, " "), `"$POSTGRES_USER"`),
		"health of the web":             strings.Contains(strings.Join(web.HealthCheck.Test, " "), "/up"),
		"no health of the worker":       worker.HealthCheck.Disable,
		"memory limit":                  web.Deploy.Resources.Limits.MemoryBytes == 1024<<20,
		"no new privileges":             slices.Contains(web.SecurityOpt, "no-new-privileges:true") && slices.Contains(web.CapDrop, "ALL"),
		"no version line":               !bytes.Contains(files[FileName].Content, []byte("version:")),
		"example of the secrets":        bytes.Contains(files[".env.example"].Content, []byte("\nRAILS_MASTER_KEY=\n")) && bytes.Contains(files[".env.example"].Content, []byte("you must supply it")),
		"no .env without randomness":    files[".env"].Path == "",
		"no .gitignore without a look":  files[".gitignore"].Path == "",
		"writable root unless decided":  !web.ReadOnly,
		"stopped with time to finish":   web.StopGracePeriod != nil,
		"restarted":                     web.Restart == "unless-stopped",
		"project name":                  project.Name == "shop",
		"the release has its database":  release.DependsOn["db"].Condition == types.ServiceConditionHealthy && release.DependsOn["release"].Condition == "",
		"volumes are declared":          len(project.Volumes) == 3,
		"the image's Dockerfile":        web.Build.Dockerfile == "Dockerfile" && web.Build.Context == "/src/shop",
		"the release step has settings": env(release, "DATABASE_URL") != "",
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	_, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{WorkingDir: "/", ConfigFiles: []types.ConfigFile{{Filename: FileName, Content: files[FileName].Content}}, Environment: types.Mapping{}})
	if err == nil || !strings.Contains(err.Error(), "in .env") {
		t.Errorf("without secrets: %v", err)
	}
}

func TestReadOnlyAndModules(t *testing.T) {
	f := shop()
	f.Components = f.Components[:1]
	f.Components[0].Path, f.Components[0].Root = "shop/web", "shop"
	f.Components[0].HealthPath = detect.Value[string]{}
	p := newPlan(t, f)
	for k, v := range map[string]string{"components.web.readOnly": "true", "registry": "registry.example.com/hub"} {
		if err := p.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	project := load(t, mustGenerate(t, Target{}, p)[FileName].Content, secrets)
	web := project.Services["web"]
	if !web.ReadOnly || !slices.Equal(web.Tmpfs, []string{"/tmp"}) {
		t.Errorf("read only %v, tmpfs %v", web.ReadOnly, web.Tmpfs)
	}
	if web.Build.Context != "/src/shop/shop" || web.Build.Dockerfile != "web/Dockerfile" {
		t.Errorf("build %+v", web.Build)
	}
	if got := project.Services["db"].Image; got != "registry.example.com/hub/postgres:15" {
		t.Error(got)
	}
}

func TestToolsAreStartedWhenAskedFor(t *testing.T) {
	f := shop()
	f.Components[1].Role = detect.Is(detect.CLI)
	f.Components[0].Env = append(f.Components[0].Env, detect.EnvVar{Name: "SMTP_PORT", Required: true})
	worker := mustGenerate(t, Target{}, newPlan(t, f))[FileName]
	if text := string(worker.Content); !strings.Contains(text, "    restart: \"no\"\n    profiles:\n      - tools\n") {
		t.Error(text)
	}
}

func TestReleasesOfTwoApplications(t *testing.T) {
	f := shop()
	other := f.Components[0]
	other.Name, other.Path = "admin", "admin"
	f.Components = append(f.Components, other)
	project := load(t, mustGenerate(t, Target{}, newPlan(t, f))[FileName].Content, secrets)
	if project.Services["web"].DependsOn["web-release"].Condition == "" || project.Services["admin"].DependsOn["admin-release"].Condition == "" || project.Services["admin"].DependsOn["web-release"].Condition != "" {
		t.Errorf("%v, %v", project.Services["web"].DependsOn, project.Services["admin"].DependsOn)
	}
}

func TestLocalValues(t *testing.T) {
	target := Target{Random: bytes.NewReader(bytes.Repeat([]byte{0xab}, 100)), ReadFile: func(string) ([]byte, error) { return []byte("/log\n*.tmp"), nil }}
	files := mustGenerate(t, target, newPlan(t, shop()))
	local := files[".env"]
	if !local.Ephemeral || local.Mode != 0o600 || !strings.Contains(string(local.Content), "POSTGRES_PASSWORD="+strings.Repeat("ab", 16)+"\n") || !strings.HasSuffix(string(local.Content), "RAILS_MASTER_KEY=\n") {
		t.Errorf("%+v\n%s", local, local.Content)
	}
	ignore := files[".gitignore"]
	if string(ignore.Content) != "/log\n*.tmp\n# local values of compose.yaml's secrets\n/.env\n" || string(ignore.Base) != "/log\n*.tmp" {
		t.Errorf("%q from %q", ignore.Content, ignore.Base)
	}
	for name, content := range files {
		if name != ".env" && bytes.Contains(content.Content, []byte("abababab")) {
			t.Errorf("%s holds a secret", name)
		}
	}
	if _, err := (Target{Random: strings.NewReader("short")}).Generate(context.Background(), newPlan(t, shop())); err == nil {
		t.Error("no error without enough randomness")
	}
	for content, covered := range map[string]bool{
		".env\n": true, "/.env": true, ".env*": true, "*.env": true, ".env\n!.env\n": false, "env\n": false, "": false, "config/.env": false,
	} {
		if ignores([]byte(content)) != covered {
			t.Errorf("%q: covered %v", content, !covered)
		}
	}
	missing := Target{ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}
	if files := mustGenerate(t, missing, newPlan(t, shop())); len(files[".gitignore"].Content) == 0 || files[".gitignore"].Base != nil {
		t.Errorf("%+v", files[".gitignore"])
	}
}

func TestEveryLineKnowsItsPlace(t *testing.T) {
	p := newPlan(t, shop())
	artifacts, err := generate.Run(context.Background(), p, []generate.Target{Target{}})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(artifacts[0].Content), "\n")
	for start, field := range map[string]string{
		"      DATABASE_URL:": "components.web.env.DATABASE_URL", `      - "${WEB_PORT`: "components.web.port", "    image: postgres": "services.db.image",
		"          memory:": "components.web.memory", "      - web-public": "components.web.writes",
	} {
		n := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, start) }) + 1
		if o, ok := generate.Explain(artifacts, FileName, n); !ok || !slices.Contains(o.Fields, field) {
			t.Errorf("line %d (%s): %+v, want %s", n, start, o, field)
		}
	}
}

func TestCheckFindsWhatComposeRefuses(t *testing.T) {
	tests := map[string]struct {
		content, rule string
		fatal         bool
	}{
		"no YAML":           {"services: [", "load", true},
		"unknown key":       {"services:\n  a:\n    image: x:1\n    imgae: y\n", "load", true},
		"unknown service":   {"services:\n  a:\n    image: x:1\n    depends_on: [b]\n", "load", true},
		"unknown volume":    {"services:\n  a:\n    image: x:1\n    volumes: ['data:/data']\n", "load", true},
		"no image":          {"services:\n  a:\n    restart: always\n", "load", true},
		"latest":            {"services:\n  a:\n    image: x:latest\n", "latest", false},
		"no tag":            {"services:\n  a:\n    image: registry.example.com:5000/x\n", "latest", false},
		"no health check":   {"services:\n  a:\n    image: x:1\n    depends_on: {b: {condition: service_healthy}}\n  b: {image: 'y:1'}\n", "health-missing", true},
		"never completes":   {"services:\n  a:\n    image: x:1\n    depends_on: {b: {condition: service_completed_successfully}}\n  b: {image: 'y:1', restart: always}\n", "never-completes", true},
		"secret in file":    {"services:\n  a:\n    image: x:1\n    environment: {DB_PASSWORD: hunter2}\n", "secret-in-file", true},
		"privileged":        {"services:\n  a: {image: 'x:1', privileged: true}\n", "privileged", true},
		"engine's socket":   {"services:\n  a: {image: 'x:1', volumes: ['/var/run/docker.sock:/var/run/docker.sock']}\n", "engine-socket", true},
		"port twice":        {"services:\n  a: {image: 'x:1', ports: ['80:80']}\n  b: {image: 'x:1', ports: ['80:81']}\n", "port-twice", true},
		"not a port number": {"services:\n  a: {image: 'x:1', ports: ['eighty']}\n", "load", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			problems := Target{}.Check([]generate.Artifact{{Path: FileName, Content: []byte("name: t\n" + tt.content)}, {Path: "Dockerfile"}})
			if !slices.ContainsFunc(problems, func(p generate.Problem) bool { return p.Rule == tt.rule && p.Error == tt.fatal }) {
				t.Errorf("%+v", problems)
			}
		})
	}
	if p := (Target{}).Check([]generate.Artifact{{Path: FileName, Content: []byte("name: t\nservices:\n  a: {image: 'x:1', environment: {MYSQL_RANDOM_ROOT_PASSWORD: '1', A_TOKEN: '${A_TOKEN}'}}\n")}}); len(p) != 0 {
		t.Errorf("%+v", p)
	}
}

// FuzzShape puts one string wherever a repository's words reach compose.yaml, past the plan's own checks:
// the file loads, has the same services, and the values arrive as they are.
func FuzzShape(f *testing.F) {
	for _, s := range []string{"x", "a\nservices: {}", "${X}", "$X", "$$", "a: b", "- x", "#c", "\"'", "!!bool true", "&a *a", "yes", "1e3", "\\", "{{x}}", "\t"} {
		f.Add(s)
	}
	base := newPlan(f, shop())
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsFunc(s, func(r rune) bool { return r == 0xFFFD || r < 0x20 && r != '\n' && r != '\t' }) || !clean(s) {
			return // YAML cannot hold it, and the plan refuses it
		}
		p := base.Clone()
		web := p.Component("web")
		web.Settings[1].Value = s
		worker := p.Component("worker")
		worker.Processes = []detect.Process{{Name: "worker", Command: []string{"run", s}}}
		artifacts, err := Target{}.Generate(context.Background(), p)
		if err != nil {
			if errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			return
		}
		project := load(t, artifacts[0].Content, secrets)
		if len(project.Services) != 5 {
			t.Fatalf("%d services\n%s", len(project.Services), artifacts[0].Content)
		}
		if got := project.Services["worker"].Command; len(got) != 2 || got[1] != s {
			t.Fatalf("command %q, want %q\n%s", got, s, artifacts[0].Content)
		}
		want := p.Expand(s, nil, func(name string) string { return secrets[name] })
		if got := project.Services["web"].Environment[web.Settings[1].Name]; got == nil || *got != want {
			t.Fatalf("%s = %q, want %q\n%s", web.Settings[1].Name, *got, want, artifacts[0].Content)
		}
	})
}

func clean(s string) bool {
	return strings.ToValidUTF8(s, "") == s && !strings.ContainsFunc(s, func(r rune) bool {
		return r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r >= 0xfffe
	})
}

// loadOver reads compose.yaml with another file over it.
func loadOver(t *testing.T, files map[string]generate.Artifact, over string, env types.Mapping) *types.Project {
	t.Helper()
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  "/src/shop",
		ConfigFiles: []types.ConfigFile{{Filename: FileName, Content: files[FileName].Content}, {Filename: over, Content: files[over].Content}}, Environment: env,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, files[over].Content)
	}
	return project
}

func TestDevelopmentAndProduction(t *testing.T) {
	found := shop()
	found.Components[0].Facts = map[string]detect.Value[string]{"npmrc": detect.Is("true")}
	found.Components[0].Env = append(found.Components[0].Env, detect.EnvVar{Name: "TAG", Required: true})
	files := mustGenerate(t, Target{}, newPlan(t, found))
	env := types.Mapping{"POSTGRES_PASSWORD": "pw", "RAILS_MASTER_KEY": "key", "REGISTRY": "registry.example.com", "LOCAL_TAG": "7", "TAG": "x"}
	base := load(t, files[FileName].Content, env)
	dev, prod := loadOver(t, files, DevelopmentFile, env), loadOver(t, files, ProductionFile, env)
	db := base.Services["db"]
	published := dev.Services["db"].Ports
	for what, ok := range map[string]bool{
		"services are out of reach":               len(db.Networks) == 1 && base.Networks["back"].Internal && len(db.Ports) == 0,
		"components reach both":                   len(base.Services["web"].Networks) == 2 && len(base.Services["release"].Networks) == 2,
		"a password in a file":                    *db.Environment["POSTGRES_PASSWORD_FILE"] == "/run/secrets/POSTGRES_PASSWORD" && db.Environment["POSTGRES_PASSWORD"] == nil,
		"granted":                                 len(db.Secrets) == 1 && base.Secrets["POSTGRES_PASSWORD"].Environment == "POSTGRES_PASSWORD",
		"a secret of the build":                   base.Services["web"].Build.Secrets[0].Source == "npmrc" && strings.HasSuffix(base.Secrets["npmrc"].File, "/.npmrc"),
		"nothing to watch but in development":     base.Services["web"].Develop == nil && dev.Services["web"].Develop != nil && prod.Services["web"].Develop == nil,
		"in development services are reached":     len(published) == 1 && published[0].HostIP == "127.0.0.1" && published[0].Target == 5432 && len(dev.Services["db"].Networks) == 2,
		"and start when a person wants":           dev.Services["web"].Restart == "no" && dev.Services["db"].Restart == "no",
		"production pulls":                        prod.Services["web"].Build == nil && prod.Services["worker"].Image == "registry.example.com/shop-web:7" && prod.Services["web"].PullPolicy == "always",
		"starts again, but for the release":       prod.Services["web"].Restart == "always" && prod.Services["db"].Restart == "always" && prod.Services["release"].Restart == "no",
		"and bounds its logs":                     prod.Services["release"].Logging.Options["max-size"] == "10m" && prod.Services["db"].Logging.Options["max-size"] == "10m",
		"a secret's name is not taken by another": strings.Contains(string(files[".env.example"].Content), "\nTAG=\n") && strings.Contains(string(files[".env.example"].Content), "\n# LOCAL_TAG=\n"),
	} {
		if !ok {
			t.Errorf("%s\n%s\n%s\n%s", what, files[FileName].Content, files[DevelopmentFile].Content, files[ProductionFile].Content)
		}
	}
	for name, a := range files {
		for _, m := range reference().FindAllSubmatch(bytes.ReplaceAll(a.Content, []byte("$$"), nil), -1) {
			if !bytes.Contains(files[".env.example"].Content, []byte(string(m[1])+"=")) {
				t.Errorf("%s reads %s, which .env.example does not explain", name, m[1])
			}
		}
	}
}

func TestHealthReadsTheFileToo(t *testing.T) {
	found := shop()
	found.Components[0].Services[0] = detect.Service{Kind: "mysql", Required: true, Env: map[string]string{"password": "DB_PASSWORD"}}
	project := load(t, mustGenerate(t, Target{}, newPlan(t, found))[FileName].Content, types.Mapping{"MYSQL_PASSWORD": "pw", "POSTGRES_PASSWORD": "pw", "RAILS_MASTER_KEY": "key"})
	if got := strings.Join(project.Services["db"].HealthCheck.Test, " "); !strings.Contains(got, `-p"$(cat "$MYSQL_PASSWORD_FILE")"`) {
		t.Error(got)
	}
}
