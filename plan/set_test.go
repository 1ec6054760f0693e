package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
)

func TestSet(t *testing.T) {
	tests := []struct{ path, value, shown string }{
		{"name", "shop-2", ""},
		{"targets", "compose, dockerfile", "compose,dockerfile"},
		{"registry", "registry.example.com/hub", ""},
		{"components.web.role", "batch", ""},
		{"components.web.port", "8080", ""},
		{"components.web.languageVersion", "3.1", ""},
		{"components.web.framework", "sinatra", ""},
		{"components.web.packaging", "war", ""},
		{"components.web.healthPath", "/up?deep=1", ""},
		{"components.web.platform", "windows", ""},
		{"components.web.cpu", "1024", ""},
		{"components.web.memory", "2048", ""},
		{"components.web.readOnly", "true", ""},
		{"components.web.env.NAME", "value with spaces, and commas", ""},
		{"components.web.env.DATABASE_URL", "postgresql://u:${POSTGRES_PASSWORD}@h/d", ""},
		{"components.web.processes.web", "bundle exec puma", ""},
		{"components.web.processes.web", `bundle exec 'a b' "c\"d" e\ f`, `bundle exec 'a b' 'c"d' 'e f'`},
		{"components.web.processes.clock", "bundle exec clockwork config/clock.rb", ""},
		{"components.web.processes.web", "cd app && exec puma -p $PORT", `sh -c 'cd app && exec puma -p $PORT'`},
		{"components.web.schedules.nightly", "0 3 * * 1-5 bundle exec rake 'a b'", ""},
		{"components.web.schedules.sweep", " */5 *  * * *   cd x && y", "*/5 * * * * sh -c 'cd x && y'"},
		{"components.web.images.run", "ruby:3.1-slim", ""},
		{"components.web.images.run", "registry.example.com:5000/x/ruby@sha256:" + strings.Repeat("a", 64), ""},
		{"components.web.systemPackages.run", "libpq5, libvips42", "libpq5,libvips42"},
		{"components.web.systemPackages.build", "build-essential", ""},
		{"components.web.facts.assets", "webpacker", ""},
		{"components.web.writes", "log,/var/data", "/var/data,log"},
		{"services.db.image", "postgres:15", ""},
		{"services.db.port", "5433", ""},
		{"services.db.for", "web", ""},
		{"services.db.command", "postgres -c password_encryption=md5", "postgres -c 'password_encryption=md5'"},
		{"services.db.env.POSTGRES_INITDB_ARGS", "--auth-host=md5", ""},
		{"services.cache.kind", "memcached", ""},
		{"secrets.RAILS_MASTER_KEY", "generate", ""},
		{"secrets.NEW_SECRET", "supply", ""},
	}
	for _, tt := range tests {
		p := mustPlan(t, railsFindings())
		if err := p.Set(tt.path, tt.value); err != nil {
			t.Error(err)
			continue
		}
		f, ok := p.Field(tt.path)
		if want := tt.shown; !ok || (want == "" && f.Value != tt.value) || (want != "" && f.Value != want) {
			t.Errorf("%s = %q after setting %q", tt.path, f.Value, tt.value)
		}
	}
}

func TestSetRefuses(t *testing.T) {
	tests := []struct{ path, value, want string }{
		{"components.web.prot", "80", "the nearest: components.web.port"},
		{"component.web.port", "80", "the nearest: components.web.port"},
		{"nothing.at.all.like.it", "x", "drydock plan writes them all"},
		{strings.Repeat("x", 300), "x", "no such field"},
		{"components.web.", "x", "no such field"},
		{"components.wbe.port", "80", `no component "wbe"; the nearest: web`},
		{"services.bd.image", "x", `no service "bd"; the nearest: db`},
		{"components.web.path", "x", "found, not chosen"},
		{"name", "Shop", "not a name"},
		{"targets", "", "no target is named"},
		{"targets", "kompose", `"kompose" is not a target; there are compose, dockerfile, fargate`},
		{"targets", "a b", "not a plain word"},
		{"registry", "https://x", "not a registry"},
		{"registry", "x/", "not a registry"},
		{"components.web.role", "webb", "there are web, worker"},
		{"components.web.port", "0", "from 1 to 65535"},
		{"components.web.port", "65536", "from 1 to 65535"},
		{"components.web.port", "80x", "from 1 to 65535"},
		{"components.web.memory", "1", "MiB from 4"},
		{"components.web.cpu", "lots", "1/1024 of a core"},
		{"components.web.readOnly", "yes", "neither true nor false"},
		{"components.web.languageVersion", "3.1\nRUN x", "not a version"},
		{"components.web.languageVersion", "~> 3", "not a version"},
		{"components.web.framework", "a;b", "not a plain word"},
		{"components.web.healthPath", "up", "starts with /"},
		{"components.web.healthPath", "/a b", "no space"},
		{"components.web.env.A-B", "x", "not a name of an environment variable"},
		{"components.web.env.A", "x\ny", "control character"},
		{"components.web.env.A", "\xff", "not valid UTF-8"},
		{"components.web.env.A", strings.Repeat("x", maxValue+1), "longer than"},
		{"components.web.env.A", "⟦port⟧", "control character"},
		{"components.web.processes.web", "", "the command is empty"},
		{"components.web.processes.web", "a 'b", "not a command"},
		{"components.web.processes.web", "a\nb", "control character"},
		{"components.web.processes.a b", "x", "not a plain word"},
		{"components.web.schedules.nightly", "0 3 * * *", "not five fields of cron and a command"},
		{"components.web.schedules.nightly", "61 3 * * * x", "not a time of cron"},
		{"components.web.schedules.Nightly", "0 3 * * * x", "not a name of a schedule"},
		{"components.web.schedules.nightly", "0 3 * * * a 'b", "not a command"},
		{"components.web.images.runn", "x", `no stage "runn"; the nearest: run`},
		{"components.web.images.run", "Ruby:3", "not the name of an image"},
		{"components.web.images.run", "ruby:3\nRUN x", "control character"},
		{"components.web.systemPackages.run", "libpq5,UPPER", "not a name of a Debian package"},
		{"components.web.systemPackages.run", "$(x)", "not a name of a Debian package"},
		{"components.web.facts.assets", "a\x1b[0m", "control character"},
		{"components.web.facts.a b", "x", "not a name of a fact"},
		{"components.web.writes", "../x", "not a path below"},
		{"components.web.writes", "/a/../b", "not a clean path"},
		{"components.web.writes", "a//b", "not a path below"},
		{"services.db.image", "", "not the name of an image"},
		{"services.db.port", "x", "not a port"},
		{"services.db.for", "nobody", `no component "nobody"`},
		{"services.db.env.a b", "x", "not a name"},
		{"services.x.kind", "oracle", "no kind of service that can be started"},
		{"services.x.kind", "postgre", "the nearest: postgresql"},
		{"services.X.kind", "redis", "not a name"},
		{"services.web.kind", "redis", "the name of a component"},
		{"secrets.A", "hunter2", "never written down"},
		{"secrets.a-b", "supply", "not a name"},
	}
	for _, tt := range tests {
		p := mustPlan(t, railsFindings())
		before := marshal(t, p)
		err := p.Set(tt.path, tt.value)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s=%q: %v, want %q", tt.path, tt.value, err, tt.want)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: the message holds a control character: %q", tt.path, err)
		}
		if after := marshal(t, p); after != before {
			t.Errorf("%s=%q changed the plan", tt.path, tt.value)
		}
	}
}

func TestSetFollowsThrough(t *testing.T) {
	f := railsFindings()
	f.Components[0].Env = append(f.Components[0].Env, detect.EnvVar{Name: "PORT", Value: "3000"})
	p := mustPlan(t, f)
	if err := p.Set("components.web.port", "8080"); err != nil {
		t.Fatal(err)
	}
	if got := settingOf(p.Component("web").Settings, "PORT"); got != "8080" {
		t.Errorf("PORT = %q", got)
	}
	if err := p.SetBecause("components.web.systemPackages.build", "build-essential,libpq-dev,libxml2-dev", detect.Inferred, "nokogiri compiles against it"); err != nil {
		t.Fatal(err)
	}
	if got := p.Component("web").Packages("build"); !slices.Equal(got, []string{"build-essential", "libpq-dev", "libxml2-dev"}) {
		t.Errorf("%v", got)
	}
	if ev := p.Component("web").SystemPackages[0].Evidence; len(ev) != 1 || ev[0].File != "Gemfile.lock" {
		t.Errorf("the finding's evidence is gone: %v", ev)
	}
	if err := p.Set("services.mem.kind", "memcached"); err != nil {
		t.Fatal(err)
	}
	if got := p.Service("mem").For; !slices.Equal(got, []string{"web"}) {
		t.Errorf("for %v", got)
	}
	if err := p.Set("services.db.kind", "mysql"); err != nil {
		t.Fatal(err)
	}
	if s := p.Service("db"); s.Image.V != "mysql:8.0" || s.Port != 3306 {
		t.Errorf("%+v", s)
	}
	for path, want := range map[string]string{"components.web.nothing": "no such field", "components.web.path": "found, not chosen", "components.web.images.x": "no stage"} {
		if err := p.Unset(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("unset %s: %v", path, err)
		}
	}
}

func TestFields(t *testing.T) {
	f := railsFindings()
	f.Components[0].LanguageVersion.Others = []detect.Value[string]{detect.Is("2.7.0", detect.Evidence{File: "Dockerfile", Line: 1})}
	p := mustPlan(t, f)
	byPath := map[string]Field{}
	var order []string
	for _, f := range p.Fields() {
		byPath[f.Path] = f
		order = append(order, f.Path)
		if f.Label == "" || f.From == "" {
			t.Errorf("%+v", f)
		}
	}
	if first, last := order[0], order[len(order)-1]; first != "name" || !strings.HasPrefix(last, "secrets.") {
		t.Errorf("from %s to %s", first, last)
	}
	version := byPath["components.web.languageVersion"]
	want := Field{Path: "components.web.languageVersion", Keys: []string{"components", "web", "languageVersion"}, Label: "language version", Value: "3.1.2", From: detect.Declared, Evidence: []detect.Evidence{{File: ".ruby-version", Line: 1}}, Options: []string{"3.1.2", "2.7.0"}, Editable: true}
	if diff := cmp.Diff(want, version); diff != "" {
		t.Error(diff)
	}
	if f := byPath["components.web.path"]; f.Editable {
		t.Error("a path can be edited")
	}
	if f := byPath["components.web.processes.web"]; f.Label != "process web" || f.Value != "bundle exec puma -C config/puma.rb" {
		t.Errorf("%+v", f)
	}
	if f, ok := p.Field("components.web.env"); !ok || f.Path != "components.web.env.DATABASE_URL" {
		t.Errorf("%+v", f)
	}
	if _, ok := p.Field("components.web.nothing"); ok {
		t.Error("a field that is not there")
	}
	for _, f := range p.Fields() {
		if f.Editable && f.From != detect.Chosen {
			if err := p.Clone().Set(f.Path, f.Value); err != nil {
				t.Errorf("a field refuses its own value: %v", err)
			}
		}
	}
}

func TestQuestions(t *testing.T) {
	ask := func(edit func(c *detect.Component)) []Question {
		f := railsFindings()
		f.Components = f.Components[:1]
		edit(&f.Components[0])
		return mustPlan(t, f).Questions()
	}
	tests := map[string]struct {
		edit func(c *detect.Component)
		want []Question
	}{
		"nothing open": {func(*detect.Component) {}, nil},
		"a guess": {func(c *detect.Component) { c.LanguageVersion = detect.Guess("2.2", "Rails 3.2 runs up to 2.2") }, []Question{
			{ID: "components.web.languageVersion", Text: "Which version of ruby does web use?", Why: "nothing in the repository says so", Default: "2.2", Because: "Rails 3.2 runs up to 2.2"},
		}},
		"a guess that shapes nothing": {func(c *detect.Component) { c.FrameworkVersion = detect.Guess("6", "x") }, nil},
		"a contradiction": {func(c *detect.Component) {
			c.LanguageVersion.Others = []detect.Value[string]{detect.Is("2.7", detect.Evidence{File: "Gemfile", Line: 3}), detect.Is("3.1.2"), detect.Guess("1", "")}
		}, []Question{
			{ID: "components.web.languageVersion", Text: "Which version of ruby does web use?", Why: "the repository contradicts itself: 3.1.2 (.ruby-version:1), 2.7 (Gemfile:3)", Default: "3.1.2", Because: ".ruby-version:1", Options: []string{"3.1.2", "2.7"}},
		}},
		"no port": {func(c *detect.Component) { c.Port = detect.Value[int]{} }, []Question{
			{ID: "components.web.port", Text: "On which port does web listen?", Why: "nothing in the repository says so"},
		}},
		"no command": {func(c *detect.Component) { c.Processes = nil }, []Question{
			{ID: "components.web.processes.web", Text: "Which command starts web?", Why: "no Procfile, server or start script was found"},
		}},
		"a library": {func(c *detect.Component) { c.Role, c.Processes = detect.Is(detect.Library), nil }, nil},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, ask(tt.edit)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	f := railsFindings()
	f.Components[0].LanguageVersion = detect.Guess("2.2", "x")
	p := mustPlan(t, f)
	if err := p.Set("components.web.languageVersion", "2.2"); err != nil {
		t.Fatal(err)
	}
	if q := p.Questions(); len(q) != 0 {
		t.Errorf("answered, and asked again: %+v", q)
	}
}

func TestHostileFindings(t *testing.T) {
	evil := "1.0\nRUN evil"
	f := railsFindings()
	c := &f.Components[0]
	c.Name = "We b!"
	c.LanguageVersion = detect.Is(evil, detect.Evidence{File: ".ruby-version", Line: 1})
	c.FrameworkVersion.Others = []detect.Value[string]{detect.Is(evil)}
	c.Port = detect.Is(700000)
	c.Env = append(c.Env, detect.EnvVar{Name: "A B", Value: "x"}, detect.EnvVar{Name: "GOOD", Value: evil})
	c.Processes = append(c.Processes, detect.Process{Name: "x y", Command: []string{"a"}}, detect.Process{Name: "evil", Command: []string{evil}})
	c.Writes = append(c.Writes, detect.Is("../../etc"), detect.Is("/"))
	c.SystemPackages = append(c.SystemPackages, detect.SystemPackage{Name: "x", Build: []string{"good", "e vil"}})
	c.Services = append(c.Services, detect.Service{Kind: "re dis"}, detect.Service{Kind: "redis", Env: map[string]string{"url": "A B"}}, detect.Service{Kind: "unheard-of", Required: true})
	c.Facts["evil"], c.Facts["e vil"] = detect.Is(evil), detect.Is("x")
	away := f.Components[1]
	away.Path = "../away"
	f.Components = append(f.Components, away)
	p := mustPlan(t, f)
	if len(p.Components) != 2 {
		t.Errorf("components: %d", len(p.Components))
	}
	text := marshal(t, p)
	if strings.Contains(text, "evil") || strings.Contains(text, "e vil") || strings.Contains(text, "etc") {
		t.Errorf("%s", text)
	}
	if len(p.Warnings) < 12 {
		t.Errorf("%d warnings: %v", len(p.Warnings), p.Warnings)
	}
	if p.Component("we-b") == nil {
		t.Error("no clean name")
	}
}

func TestNewOptions(t *testing.T) {
	for want, opts := range map[string]Options{
		"project name": {Name: "A B"}, "not a registry": {Registry: "x y"}, "is not a target": {Targets: []string{"x"}, Known: []string{"y"}},
	} {
		if _, err := New(railsFindings(), opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", opts, err)
		}
	}
	for location, want := range map[string]string{
		"https://h/shop/storefront.git#v4": "storefront", "git@h:billing/ledger": "ledger", "/src/My App/": "my-app", "petstore.war": "petstore", `C:\src\shop`: "shop", "": "app", "2048": "app-2048",
	} {
		if got := projectName(location); got != want {
			t.Errorf("%s: %s, want %s", location, got, want)
		}
	}
	p, err := New(railsFindings(), Options{Name: "other", Registry: "registry.example.com/hub", Images: func(*Component) map[string]detect.Value[string] {
		return map[string]detect.Value[string]{"run": detect.Infer("ruby:3.1-slim", "so it is")}
	}})
	if err != nil || p.Name != "other" {
		t.Fatal(p, err)
	}
	if text := marshal(t, p); !strings.Contains(text, "#   run: ruby:3.1-slim (so it is)\n  web:\n") {
		t.Error(text)
	}
	for image, want := range map[string]string{
		"ruby:3": "registry.example.com/hub/ruby:3", "a/b:1": "registry.example.com/hub/a/b:1", "docker.io/library/x": "registry.example.com/hub/library/x", "quay.io/x/y:1": "quay.io/x/y:1", "localhost/x": "localhost/x", "h:5000/x": "h:5000/x",
	} {
		if got := p.Pull(image); got != want {
			t.Errorf("%s: %s, want %s", image, got, want)
		}
	}
	p.Registry = ""
	if p.Pull("ruby:3") != "ruby:3" {
		t.Error("without a registry the name stays")
	}
}

func TestCatalogue(t *testing.T) {
	for kind, r := range catalogue() {
		if r.External != "" || r.Embedded {
			continue
		}
		switch {
		case checkName(r.Name) != nil, r.Port == 0, len(r.Health) == 0, len(r.Tags) == 0, r.URL == "":
			t.Errorf("%s: %+v", kind, r)
		case checkImage(r.Image+":"+r.Default) != nil:
			t.Errorf("%s: no image %s:%s", kind, r.Image, r.Default)
		}
		for i := 1; i < len(r.Tags); i++ {
			if compareTo(r.Tags[i-1], r.Tags[i]) >= 0 {
				t.Errorf("%s: tags are not ascending: %v", kind, r.Tags)
			}
		}
	}
	for _, tt := range []struct{ kind, version, want string }{
		{"postgresql", "9.6.24", "9.6"}, {"postgresql", "12.3", "12"}, {"postgresql", "8.4", "9.4"}, {"postgresql", "99", "17"}, {"postgresql", "9", "9.4"},
		{"mysql", "5.7.33", "5.7"}, {"mysql", "8", "8.0"}, {"mysql", "8.0.25", "8.0"}, {"mysql", "5.1", "5.5"}, {"redis", "3.0.7", "3.2"}, {"elasticsearch", "7.10.2", "7.17.28"}, {"mariadb", "10.1", "10.3"}, {"rabbitmq", "3", "3.7"},
	} {
		if got := closest(catalogue()[tt.kind].Tags, tt.version); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.kind, tt.version, got, tt.want)
		}
	}
}

func TestWiring(t *testing.T) {
	tests := map[string]struct {
		service detect.Service
		want    map[string]string
	}{
		"parts": {detect.Service{Kind: "mysql", Database: "ledger", Env: map[string]string{"host": "H", "port": "P", "name": "N", "user": "U", "password": "W"}},
			map[string]string{"H": "db", "P": "3306", "N": "ledger", "U": "app", "W": "${MYSQL_PASSWORD}"}},
		"jdbc":            {detect.Service{Kind: "postgresql", Scheme: "jdbc:postgresql", Database: "x", Env: map[string]string{"url": "U"}}, map[string]string{"U": "jdbc:postgresql://db:5432/x"}},
		"its own scheme":  {detect.Service{Kind: "mysql", Scheme: "mysql2", Env: map[string]string{"url": "U"}}, map[string]string{"U": "mysql2://app:${MYSQL_PASSWORD}@db:3306/app"}},
		"a strange name":  {detect.Service{Kind: "postgresql", Database: "a b;", Env: map[string]string{"name": "N"}}, map[string]string{"N": "app"}},
		"memcached":       {detect.Service{Kind: "memcached", Env: map[string]string{"url": "U"}}, map[string]string{"U": "memcached:11211"}},
		"rabbitmq":        {detect.Service{Kind: "rabbitmq", Env: map[string]string{"url": "U"}}, map[string]string{"U": "amqp://app:${RABBITMQ_PASSWORD}@rabbitmq:5672"}},
		"mongodb":         {detect.Service{Kind: "mongodb", Database: "db1", Env: map[string]string{"url": "U", "user": "V"}}, map[string]string{"U": "mongodb://mongo:27017/app", "V": ""}},
		"solr":            {detect.Service{Kind: "solr", Env: map[string]string{"url": "U"}}, map[string]string{"U": "http://solr:8983/solr/app"}},
		"not ours to run": {detect.Service{Kind: "oracle", Env: map[string]string{"url": "U", "password": "W"}}, map[string]string{"U": "${U}", "W": "${W}"}},
		"in the process":  {detect.Service{Kind: "sqlite", Env: map[string]string{"url": "U"}}, map[string]string{"U": ""}},
	}
	for name, tt := range tests {
		f := railsFindings()
		f.Components = f.Components[:1]
		tt.service.Required = true
		f.Components[0].Services = []detect.Service{tt.service}
		p := mustPlan(t, f)
		for variable, want := range tt.want {
			if got := settingOf(p.Component("web").Settings, variable); got != want {
				t.Errorf("%s: %s = %q, want %q", name, variable, got, want)
			}
		}
	}
}

func TestServicesOfTwoComponents(t *testing.T) {
	two := func(a, b string) *Plan {
		f := railsFindings()
		for i, database := range []string{a, b} {
			f.Components[i].Path = []string{"shop", "admin"}[i]
			f.Components[i].Services = []detect.Service{{Kind: "postgresql", Required: true, Database: database, Env: map[string]string{"url": "DATABASE_URL"}}}
		}
		return mustPlan(t, f)
	}
	if p := two("shop", "shop"); len(p.Services) != 1 || len(p.Services[0].For) != 2 {
		t.Errorf("%+v", p.Services)
	}
	if p := two("shop", ""); len(p.Services) != 1 {
		t.Errorf("%+v", p.Services)
	}
	p := two("shop", "admin")
	if len(p.Services) != 2 || p.Services[1].Name != "worker-db" || settingOf(p.Component("worker").Settings, "DATABASE_URL") != "postgresql://app:${POSTGRES_PASSWORD}@worker-db:5432/admin" {
		t.Errorf("%+v", p.Services)
	}
	if err := p.Unset("services.worker-db.kind"); err != nil || len(p.Secrets) == 0 || !slices.ContainsFunc(p.Secrets, func(s Secret) bool { return s.Name == "POSTGRES_PASSWORD" }) {
		t.Errorf("%v: %+v", err, p.Secrets)
	}
	later := railsFindings()
	later.Components[0].Services = []detect.Service{{Kind: "redis", Required: true, Env: map[string]string{"url": "R"}}}
	later.Components[1].Services = []detect.Service{{Kind: "redis", Required: true, Version: "6.2", Env: map[string]string{"url": "R"}}}
	if got := mustPlan(t, later).Service("redis").Image.V; got != "redis:6.2" {
		t.Errorf("a stated version loses against a guess: %s", got)
	}
}

func TestExpand(t *testing.T) {
	p := &Plan{Secrets: []Secret{{Name: "A"}, {Name: "B"}}}
	upper := func(s string) string { return "<" + s + ">" }
	for value, want := range map[string]string{
		"x${A}y": "<x>[A]<y>", "${A}${B}": "[A][B]", "${C} $A ${": "<${C} $A ${>", "$${A}": "<${A}>", "$$${A}": "<$${A}>", "$${": "<${>", "$${A}${B}": "<${A}>[B]", "": "", "plain": "<plain>", "${A": "<${A>",
	} {
		if got := p.Expand(value, upper, func(n string) string { return "[" + n + "]" }); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	if got := p.References("${B}/${A}/${C}"); !slices.Equal(got, []string{"B", "A"}) {
		t.Errorf("%v", got)
	}
}

func TestImageGroups(t *testing.T) {
	f := railsFindings()
	spa := detect.Component{Name: "spa", Path: ".", Stack: "node", Role: detect.Is(detect.SPA)}
	library := detect.Component{Name: "lib", Path: "lib", Stack: "ruby", Role: detect.Is(detect.Library)}
	module := detect.Component{Name: "api", Path: "x/api", Root: "x", Stack: "java", Role: detect.Is(detect.Web)}
	f.Components = append(f.Components, spa, library, module)
	p := mustPlan(t, f)
	var got []string
	for _, g := range p.ImageGroups() {
		got = append(got, g.Name+" "+g.Root+" "+g.Dockerfile)
	}
	if want := []string{"storefront-web . Dockerfile", "storefront-spa . Dockerfile.spa", "storefront-api x x/api/Dockerfile"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	web := p.Component("web")
	if got := web.Command(); len(got) != 5 {
		t.Errorf("%q", got)
	}
	if web.Fact("assets") != "sprockets" || web.Fact("nothing") != "" || web.Process("nothing") != nil || p.Service("nothing") != nil || p.DefaultImages(web) != nil {
		t.Error("look-ups")
	}
}

func TestParseWords(t *testing.T) {
	for s, want := range map[string][]string{
		"a b": {"a", "b"}, `a\ b c`: {"a b", "c"}, `'a $b' "c"`: {"a $b", "c"}, `a"b"'c'`: {"abc"}, "a=b": {"sh", "-c", "a=b"}, "A=b c": {"sh", "-c", "A=b c"}, "a | b": {"sh", "-c", "a | b"},
		"a $B": {"sh", "-c", "a $B"}, `"a $B"`: {"sh", "-c", `"a $B"`}, "a; b": {"sh", "-c", "a; b"}, "a &": {"sh", "-c", "a &"}, "a > b": {"sh", "-c", "a > b"}, "! a": {"sh", "-c", "! a"},
		"a *.rb": {"sh", "-c", "a *.rb"}, "~/a": {"sh", "-c", "~/a"}, "a~b": {"a~b"}, `\*`: {"*"}, `"a\"\\\$"`: {`a"\$`}, "(a)": {"sh", "-c", "(a)"}, "a <<EOF": nil, "": nil, "'": nil,
	} {
		got, err := ParseWords(s)
		if (err != nil) != (want == nil) || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", s, got, err, want)
		}
		if err == nil && want[0] != "sh" {
			if again, err := ParseWords(ShellWords(got)); err != nil || !slices.Equal(again, got) {
				t.Errorf("%q becomes %s and %q, %v", got, ShellWords(got), again, err)
			}
		}
	}
	if got := ShellWords([]string{"a", "b\x00c"}); got != "a 'bc'" {
		t.Errorf("%q", got)
	}
}

func FuzzParseWords(f *testing.F) {
	for _, s := range []string{"bundle exec puma", `a "b\"c" 'd'`, "a && b", "$(x)", "a\\", "<<E"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words, err := ParseWords(s)
		if err != nil {
			return
		}
		again, err := ParseWords(ShellWords(words))
		if err != nil || !slices.Equal(again, words) {
			t.Fatalf("%q: %q, then %q (%v)", s, words, again, err)
		}
	})
}
