package dockerfile

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/templates"
)

func facts(pairs ...string) map[string]detect.Value[string] {
	m := map[string]detect.Value[string]{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = detect.Is(pairs[i+1])
	}
	return m
}

// rubyApp is a Rails application with everything that its template knows.
func rubyApp() detect.Component {
	return detect.Component{
		Name: "web", Path: ".", Stack: "ruby", Role: detect.Is(detect.Web), Language: detect.Is("ruby"),
		LanguageVersion: detect.Is("3.1.2", detect.Evidence{File: ".ruby-version", Line: 1}), Framework: detect.Is("rails"), Build: detect.Is("bundler"),
		Port: detect.Is(3000), HealthPath: detect.Is("/up"),
		SystemPackages: []detect.SystemPackage{{Name: "libpq", Build: []string{"libpq-dev"}, Run: []string{"libpq5"}, Why: "pg", Evidence: []detect.Evidence{{File: "Gemfile.lock", Line: 9}}}},
		Env:            []detect.EnvVar{{Name: "SECRET_KEY_BASE", Required: true, Secret: true}, {Name: "RAILS_ENV", Value: "production"}},
		Processes:      []detect.Process{{Name: "web", Command: []string{"bundle", "exec", "puma"}, From: detect.Declared}},
		Writes:         []detect.Value[string]{detect.Infer("log", "Rails"), detect.Infer("public/uploads", "CarrierWave")},
		Facts:          facts("lockfile", "Gemfile.lock", "assets", "sprockets", "node", "18"),
	}
}

// warApp is a war for Tomcat, built by Maven in a module.
func warApp() detect.Component {
	return detect.Component{
		Name: "web", Path: "web", Root: ".", Stack: "java", Role: detect.Is(detect.Web), Language: detect.Is("java"), LanguageVersion: detect.Is("8"),
		Framework: detect.Is("spring-mvc"), Build: detect.Is("maven"), Packaging: detect.Is("war"), AppServer: detect.Is("tomcat"), Port: detect.Is(8080), HealthPath: detect.Guess("/", "a guess"),
		Facts: facts("artifact", "web/target/shop-*.war", "buildCommand", "mvn -B -DskipTests package", "manifests", "pom.xml web/pom.xml", "contextPath", "/", "servletApi", "javax"),
	}
}

func newPlan(t testing.TB, c detect.Component) *plan.Plan {
	t.Helper()
	p, err := plan.New(&detect.Findings{Location: "/src/shop", Components: []detect.Component{c}}, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Components) != 1 {
		t.Fatalf("no component: %v", p.Warnings)
	}
	return p
}

var target = Target{Templates: templates.FS()}

func mustGenerate(t testing.TB, p *plan.Plan) []generate.Artifact {
	t.Helper()
	artifacts, err := generate.Run(context.Background(), p, []generate.Target{target})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range target.Check(artifacts) {
		t.Errorf("%+v\n%s", problem, artifacts[0].Content)
	}
	return artifacts
}

// mustHold checks that a file has some texts in it and others not.
func mustHold(t testing.TB, file string, want, not []string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(file, w) {
			t.Errorf("no %q in\n%s", w, file)
		}
	}
	for _, w := range not {
		if strings.Contains(file, w) {
			t.Errorf("%q in\n%s", w, file)
		}
	}
}

func TestVariants(t *testing.T) {
	ruby := func(edit func(*detect.Component)) detect.Component { c := rubyApp(); edit(&c); return c }
	java := func(edit func(*detect.Component)) detect.Component { c := warApp(); edit(&c); return c }
	fact := func(key, value string) func(*detect.Component) {
		return func(c *detect.Component) { c.Facts[key] = detect.Is(value) }
	}
	jar := func(c *detect.Component) {
		c.Packaging, c.Framework = detect.Is("jar"), detect.Is("spring-boot")
		c.Facts["artifact"] = detect.Is("target/shop.jar")
	}
	tests := map[string]struct {
		component detect.Component
		set       map[string]string
		want      []string
		not       []string
	}{
		"ruby": {rubyApp(), nil, []string{
			"FROM node:18-slim AS node", "FROM ruby:3.1-slim AS base", "BUNDLE_FROZEN=1", "COPY Gemfile Gemfile.lock ./", "COPY --from=node /usr/local/bin /usr/local/bin",
			"SECRET_KEY_BASE=unused-while-the-image-is-built \\", "bundle exec rake assets:precompile", "chown -R 10001:0 log public/uploads", "USER 10001:0", "EXPOSE 3000", "HEALTHCHECK", `CMD ["bundle", "exec", "puma"]`,
		}, []string{"--deployment", "git \\", "ENV SECRET", "ARG"}},
		"ruby without a lock file": {ruby(func(c *detect.Component) { delete(c.Facts, "lockfile") }), nil, []string{"COPY Gemfile ./"}, []string{"BUNDLE_FROZEN"}},
		"ruby with gems.rb":        {ruby(fact("lockfile", "gems.locked")), nil, []string{"COPY gems.rb gems.locked ./"}, nil},
		"ruby without assets":      {ruby(func(c *detect.Component) { delete(c.Facts, "assets"); delete(c.Facts, "node") }), nil, nil, []string{"node", "precompile", "EXECJS"}},
		"ruby with gems from Git":  {ruby(fact("gitGems", "true")), nil, []string{"      git \\"}, nil},
		"ruby with a pinned patch": {ruby(func(c *detect.Component) {
			c.LanguageVersion = detect.Is("3.1.2", detect.Evidence{File: "Gemfile", Line: 3})
		}), nil, []string{"FROM ruby:3.1.2-slim AS base"}, nil},
		"old ruby with its Bundler": {ruby(func(c *detect.Component) {
			c.LanguageVersion = detect.Is("2.3.8")
			c.Facts["bundlerVersion"] = detect.Is("1.17.3")
		}), nil, []string{"FROM ruby:2.3 AS base", "gem install bundler --version 1.17.3"}, []string{"apt-get"}},
		"ruby with local gems":          {ruby(fact("manifests", "shop.gemspec lib/shop/version.rb .ruby-version")), nil, []string{"COPY Gemfile Gemfile.lock shop.gemspec .ruby-version ./\nCOPY lib/shop/version.rb ./lib/shop/"}, nil},
		"a lock file of another system": {ruby(fact("lockfilePlatform", "foreign")), nil, []string{"bundle lock --add-platform x86_64-linux", "cp Gemfile.lock /tmp/lockfile\nCOPY . .\nRUN cp /tmp/lockfile Gemfile.lock"}, nil},
		"old ruby with a new Node":      {ruby(func(c *detect.Component) { c.LanguageVersion = detect.Is("2.1"); fact("node", "20")(c) }), nil, []string{"FROM node:16-slim AS node"}, nil},
		"a Node of tomorrow":            {ruby(fact("node", "99")), nil, []string{"FROM node:24-slim AS node"}, nil},
		"a package that is no longer served": {ruby(func(c *detect.Component) {
			c.LanguageVersion = detect.Is("2.3")
			c.SystemPackages = append(c.SystemPackages, detect.SystemPackage{Name: "vips", Build: []string{"libvips-dev"}, Run: []string{"libvips42"}})
		}), nil, []string{"no longer served: libvips-dev, libvips42\n"}, []string{"apt-get"}},
		"no database.yml": {ruby(func(c *detect.Component) { fact("databaseConfig", "missing")(c); fact("databaseAdapter", "mysql2")(c) }), nil,
			[]string{"RUN mkdir -p config \\\n && printf", "'  adapter: mysql2' \\\n", "> config/database.yml\n"}, []string{">> config"}},
		"half a database.yml":     {ruby(func(c *detect.Component) { fact("databaseConfig", "partial")(c); fact("databaseAdapter", "sqlite3")(c) }), nil, []string{"COPY . .\n# config/database.yml has no settings", "db/production.sqlite3' >> config/database.yml"}, []string{"URI"}},
		"ruby with npm":           {ruby(fact("nodePackageManager", "npm")), nil, []string{"COPY package.json package-lock.json* ./", "npm ci"}, nil},
		"ruby with yarn":          {ruby(fact("nodePackageManager", "yarn")), nil, []string{"COPY package.json yarn.lock* ./", "yarn install --frozen-lockfile"}, nil},
		"ruby with pnpm":          {ruby(fact("nodePackageManager", "pnpm")), nil, []string{"pnpm install --frozen-lockfile"}, nil},
		"ruby with a chosen base": {rubyApp(), map[string]string{"components.web.images.run": "registry.example.com/ruby:3.1"}, []string{"FROM registry.example.com/ruby:3.1 AS base"}, nil},
		"from a registry":         {rubyApp(), map[string]string{"registry": "registry.example.com/hub"}, []string{"FROM registry.example.com/hub/ruby:3.1-slim AS base", "FROM registry.example.com/hub/node:18-slim"}, nil},
		"read-only root":          {rubyApp(), map[string]string{"components.web.readOnly": "true"}, []string{`VOLUME ["/app/log", "/tmp"]`}, nil},
		"another port":            {ruby(func(c *detect.Component) { c.Env = append(c.Env, detect.EnvVar{Name: "PORT", Value: "3000"}) }), map[string]string{"components.web.port": "8081"}, []string{"EXPOSE 8081", "PORT=8081", "/dev/tcp/127.0.0.1/8081"}, []string{"3000"}},

		"war": {warApp(), nil, []string{
			"FROM maven:3.9-eclipse-temurin-8 AS build", "--mount=type=cache,target=/root/.m2/repository", "mvn -B -DskipTests package", "for f in web/target/shop-*.war; do",
			"FROM tomcat:9.0-jre8-temurin", "COPY --from=build /out/app webapps/ROOT", `CMD ["catalina.sh", "run"]`,
		}, nil},
		"war under a context path":  {java(fact("contextPath", "/shop/admin")), nil, []string{"webapps/shop#admin"}, nil},
		"war on another port":       {warApp(), map[string]string{"components.web.port": "9090"}, []string{`sed -i 's/port="8080"/port="9090"/' conf/server.xml`}, nil},
		"jakarta war":               {java(func(c *detect.Component) { fact("servletApi", "jakarta")(c); c.LanguageVersion = detect.Is("17") }), nil, []string{"FROM tomcat:10.1-jre17-temurin"}, nil},
		"war for Tomcat 8.5":        {java(func(c *detect.Component) { c.AppServerVersion = detect.Is("8.5.3") }), nil, []string{"FROM tomcat:8.5-jre8-temurin"}, nil},
		"war for WildFly":           {java(func(c *detect.Component) { c.AppServer = detect.Is("wildfly") }), nil, []string{"FROM quay.io/wildfly/wildfly:26.1.3.Final-jdk11", "deployments/ROOT.war", "USER 1000:0"}, nil},
		"executable jar":            {java(jar), nil, []string{"FROM eclipse-temurin:8-jre", "cp target/shop.jar /out/app.jar", "SERVER_PORT=8080", `CMD ["java", "-jar", "/app/app.jar"]`, "MaxRAMPercentage"}, []string{"for f in"}},
		"executable war":            {java(func(c *detect.Component) { c.AppServer = detect.Is("none") }), nil, []string{`CMD ["java", "-jar", "/app/app.war"]`}, []string{"tomcat"}},
		"jar with a chosen command": {java(jar), map[string]string{"components.web.processes.web": "java -cp /app/app.jar shop.Main"}, []string{`CMD ["java", "-cp", "/app/app.jar", "shop.Main"]`}, nil},
		"jar with a configuration": {java(func(c *detect.Component) {
			jar(c)
			fact("configFile", "web/src/conf.yaml")(c)
			c.Processes = []detect.Process{{Name: "web", Command: []string{"java", "-jar", "/app/app.jar", "server", "/app/conf.yaml"}, From: detect.Inferred}}
		}), nil, []string{"COPY --from=build /src/web/src/conf.yaml ./", `CMD ["java", "-jar", "/app/app.jar", "server", "/app/conf.yaml"]`}, nil},
		"Gradle by its wrapper": {java(func(c *detect.Component) {
			jar(c)
			c.Build = detect.Is("gradle")
			fact("wrapper", "true")(c)
			fact("buildCommand", "sh ./gradlew bootJar")(c)
		}), nil, []string{"FROM eclipse-temurin:8-jdk AS build", "GRADLE_USER_HOME=/gradle sh ./gradlew bootJar"}, nil},
		"Gradle 4":        {java(func(c *detect.Component) { jar(c); c.Build = detect.Is("gradle"); fact("buildToolVersion", "4.4.1")(c) }), nil, []string{"FROM gradle:4.10-jdk8 AS build"}, nil},
		"Gradle of today": {java(func(c *detect.Component) { jar(c); c.Build = detect.Is("gradle"); c.LanguageVersion = detect.Is("16") }), nil, []string{"FROM gradle:8.14-jdk17 AS build", "FROM eclipse-temurin:17-jre"}, nil},
		"Ant with a server's jars": {java(func(c *detect.Component) {
			c.Build = detect.Is("ant")
			c.LanguageVersion = detect.Is("1.5")
			fact("artifact", "dist/shop.war")(c)
			fact("buildCommand", "ant war")(c)
			fact("serverHomeProperty", "catalina.home")(c)
		}), nil, []string{"FROM tomcat:9.0-jre8-temurin AS server", "FROM eclipse-temurin:8-jdk AS build", "      ant\n", "RUN ant war -Dcatalina.home=/usr/local/tomcat"}, nil},
		"a build that wants history": {java(fact("gitMetadata", "true")), nil, []string{"      git\n"}, nil},
		"a build of several words":   {java(fact("buildCommand", "mvn -B package && cp a b")), nil, []string{"sh -c 'mvn -B package && cp a b'"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPlan(t, tt.component)
			for k, v := range tt.set {
				if err := p.Set(k, v); err != nil {
					t.Fatal(err)
				}
			}
			text := string(mustGenerate(t, p)[0].Content)
			mustHold(t, text, tt.want, tt.not)
		})
	}
}

func TestNoTemplate(t *testing.T) {
	tests := map[string]struct {
		edit func(*detect.Component)
		base detect.Component
		want string
	}{
		"stack":           {func(c *detect.Component) { c.Stack = "cobol" }, rubyApp(), `no template for the stack "cobol" yet`},
		"Windows":         {func(c *detect.Component) { c.Platform = detect.Is("windows") }, rubyApp(), "no template for Windows"},
		"Ruby version":    {func(c *detect.Component) { c.LanguageVersion = detect.Is("9.9") }, rubyApp(), `no image of ruby is known for version "9.9"`},
		"Ruby's engine":   {func(c *detect.Component) { c.Facts["engine"] = detect.Is("rbx") }, rubyApp(), "engine rbx"},
		"no Gemfile":      {func(c *detect.Component) { c.Build = detect.Is("none") }, rubyApp(), "without a Gemfile"},
		"no command":      {func(c *detect.Component) { c.Processes = nil }, rubyApp(), "set components.web.processes.web"},
		"Java too new":    {func(c *detect.Component) { c.LanguageVersion = detect.Is("99") }, warApp(), "no image of maven"},
		"build tool":      {func(c *detect.Component) { c.Build = detect.Is("make") }, warApp(), "no base image of the build stage is known for language java"},
		"ear":             {func(c *detect.Component) { c.Packaging, c.AppServer = detect.Is("ear"), detect.Is("weblogic") }, warApp(), "no template for an ear on weblogic"},
		"server":          {func(c *detect.Component) { c.AppServer = detect.Is("weblogic") }, warApp(), "set appServer to tomcat"},
		"no artifact":     {func(c *detect.Component) { delete(c.Facts, "artifact") }, warApp(), "set facts.artifact"},
		"no such context": {func(c *detect.Component) { c.Facts["contextPath"] = detect.Is("/a b") }, warApp(), "cannot be the name of a directory"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.edit(&tt.base)
			_, err := target.Generate(context.Background(), newPlan(t, tt.base))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "component web: ") {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if unsupported := (*generate.UnsupportedError)(nil); name != "no such context" && !errors.As(err, &unsupported) {
				t.Errorf("%T", err)
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	artifacts := mustGenerate(t, newPlan(t, rubyApp()))
	lines := strings.Split(string(artifacts[0].Content), "\n")
	tests := map[string]struct{ field, why, file string }{
		"FROM ruby":    {"components.web.images.run", "the newest image of this Ruby", ".ruby-version"},
		"      libpq5": {"components.web.systemPackages", "pg", "Gemfile.lock"},
		"EXPOSE":       {"components.web.port", "port 3000", ""},
		"CMD":          {"components.web.processes.web", "process web", ""},
		"RUN useradd":  {"", "not root", ""},
	}
	for start, want := range tests {
		n := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, start) }) + 1
		o, ok := generate.Explain(artifacts, "Dockerfile", n)
		if !ok || !strings.Contains(o.Why, want.why) || (want.field != "" && !slices.Contains(o.Fields, want.field)) {
			t.Errorf("line %d %q: %+v, want %+v", n, start, o, want)
		}
		if want.file != "" && !slices.ContainsFunc(o.Evidence, func(e detect.Evidence) bool { return e.File == want.file }) {
			t.Errorf("line %q: evidence %v, want %s", start, o.Evidence, want.file)
		}
	}
}

func TestModulesShareTheirContext(t *testing.T) {
	web, admin := warApp(), warApp()
	admin.Name, admin.Path = "admin", "admin"
	admin.Facts = facts("artifact", "admin/target/admin.war", "buildCommand", "mvn package", "manifests", "pom.xml admin/pom.xml")
	p, err := plan.New(&detect.Findings{Location: "shop", Components: []detect.Component{admin, web}}, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range mustGenerate(t, p) {
		names = append(names, a.Path)
		if path.Base(a.Path) == ".dockerignore" && !strings.Contains(string(a.Content), "\nadmin/target\n") {
			t.Errorf("%s", a.Content)
		}
	}
	if got := strings.Join(names, " "); got != "admin/Dockerfile web/Dockerfile .dockerignore" {
		t.Error(got)
	}
}

func TestIgnore(t *testing.T) {
	tests := []struct {
		component detect.Component
		path      string
		hidden    bool
	}{
		{rubyApp(), ".git/config", true},
		{rubyApp(), ".env", true},
		{rubyApp(), "config/.env.production", true},
		{rubyApp(), ".env.example", false},
		{rubyApp(), "config/master.key", true},
		{rubyApp(), "config/credentials.yml.enc", false},
		{rubyApp(), "server.pem", true},
		{rubyApp(), ".aws/credentials", true},
		{rubyApp(), "dump.sql.gz", true},
		{rubyApp(), "db/schema.rb", false},
		{rubyApp(), "node_modules/x/index.js", true},
		{rubyApp(), "log/production.log", true},
		{rubyApp(), "tmp/cache/x", true},
		{rubyApp(), "public/assets/app.css", true},
		{rubyApp(), ".drydock/generated/Dockerfile", true},
		{rubyApp(), "drydock.yaml", true},
		{rubyApp(), "app/models/target.rb", false},
		{func() detect.Component { c := rubyApp(); delete(c.Facts, "assets"); return c }(), "public/assets/app.css", false},
		{warApp(), "target/classes/A.class", true},
		{warApp(), "web/target/shop.war", true},
		{warApp(), "web/src/main/java/org/shop/target/Target.java", false},
		{warApp(), "web/src/main/resources/keys/jwt.pem", false},
		{warApp(), "web/pom.xml", false},
		{warApp(), ".git/HEAD", true},
		{func() detect.Component { c := warApp(); c.Facts["gitMetadata"] = detect.Is("true"); return c }(), ".git/HEAD", false},
	}
	for _, tt := range tests {
		artifacts := mustGenerate(t, newPlan(t, tt.component))
		m, err := ignored(artifacts[len(artifacts)-1].Content)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.MatchesOrParentMatches(tt.path); err != nil || got != tt.hidden {
			t.Errorf("%s %s: hidden %v (%v), want %v", tt.component.Stack, tt.path, got, err, tt.hidden)
		}
	}
}

func TestCheckFindsWhatABuildRefuses(t *testing.T) {
	exists := func(p string) bool { return p == "Gemfile" || p == "app/web.xml" || p == "config/master.key" }
	tests := map[string]struct {
		content, rule string
		line          int
		fatal         bool
	}{
		"unknown instruction": {"FROM a:1\nUSER 1\nRUNN x\n", "parse", 3, true},
		"no FROM":             {"RUN x\n", "parse", 1, true},
		"nothing":             {"", "parse", 0, true},
		"syntax line":         {"# syntax=docker/dockerfile:1\nFROM a:1\nUSER 1\n", "syntax-line", 1, true},
		"missing source":      {"FROM a:1\nCOPY Gemfile nowhere ./\nUSER 1\n", "copy-source", 2, true},
		"ignored source":      {"FROM a:1\nCOPY config/master.key ./\nUSER 1\n", "copy-source", 2, true},
		"root":                {"FROM a:1\nUSER root\n", "root-user", 0, false},
		"secret in ENV":       {"FROM a:1\nENV API_SECRET=x\nUSER 1\n", "SecretsUsedInArgOrEnv", 2, false},
		"shell form":          {"FROM a:1\nUSER 1\nCMD run me\n", "JSONArgsRecommended", 3, false},
		"undefined variable":  {"FROM a:1\nCOPY Gemfile $DIR\nUSER 1\n", "UndefinedVar", 2, false},
		"unknown stage":       {"FROM a:1\nCOPY --from=0 a b\nUSER 1\n", "parse", 2, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			problems := Target{Exists: exists}.Check([]generate.Artifact{
				{Path: "Dockerfile", Content: []byte(tt.content)}, {Path: ".dockerignore", Content: []byte("config/*.key\n")},
			})
			if !slices.ContainsFunc(problems, func(p generate.Problem) bool {
				return p.Rule == tt.rule && p.Line == tt.line && p.Error == tt.fatal && p.File == "Dockerfile"
			}) {
				t.Errorf("%+v", problems)
			}
		})
	}
	bad := Target{}.Check([]generate.Artifact{{Path: "x/.dockerignore", Content: []byte("[\n")}})
	if len(bad) != 1 || bad[0].Rule != "dockerignore" {
		t.Errorf("%+v", bad)
	}
}

func TestUserTemplates(t *testing.T) {
	over := fstest.MapFS{"ruby/Dockerfile.tmpl": {Data: []byte("FROM {{.Image \"run\"}} ⟦languageVersion⟧\nUSER {{user}}\n")}}
	mine := Target{Templates: templates.Overlay(over, templates.FS())}
	artifacts, err := mine.Generate(context.Background(), newPlan(t, rubyApp()))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(artifacts[0].Content); got != "FROM ruby:3.1-slim\nUSER 10001\n" {
		t.Errorf("%q", got)
	}
	if o := artifacts[0].Origins[0]; len(o.Evidence) != 1 {
		t.Errorf("origin %+v", o)
	}
	for name, text := range map[string]string{
		"does not parse": "{{", "no such field": "{{.Nothing}}", "a mark in the middle": "a ⟦port⟧ b\n",
	} {
		over["ruby/Dockerfile.tmpl"].Data = []byte(text)
		if _, err := mine.Generate(context.Background(), newPlan(t, rubyApp())); err == nil || !strings.Contains(err.Error(), "ruby/Dockerfile.tmpl") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	over["ruby/images.yaml"] = &fstest.MapFile{Data: []byte("run: 3")}
	if _, err := mine.Generate(context.Background(), newPlan(t, rubyApp())); err == nil || !strings.Contains(err.Error(), "images.yaml") {
		t.Errorf("error %v", err)
	}
}

func TestImagesShowWhatTheTemplateChooses(t *testing.T) {
	p := newPlan(t, rubyApp())
	images := Images(templates.FS())
	got := images(&p.Components[0])
	if got["run"].V != "ruby:3.1-slim" || got["node"].V != "node:18-slim" || got["run"].Why == "" {
		t.Errorf("%+v", got)
	}
	p.Components[0].Stack = "nothing"
	if images(&p.Components[0]) != nil {
		t.Error("images of a stack that has none")
	}
}

func TestConditions(t *testing.T) {
	tests := []struct {
		condition, value string
		want             bool
	}{
		{"war", "war", true}, {"war|ear", "ear", true}, {"war", "jar", false}, {"", "", true}, {"", "x", false}, {"*", "x", true}, {"*", "", false},
		{"|tomcat", "", true}, {"<2.6", "2.5.9", true}, {"<2.6", "2.6", false}, {"<2.6", "", false}, {">=8.5 <9", "8.5.3", true}, {">=8.5 <9", "9", false},
		{"<=8", "8", true}, {">8", "11", true}, {">8", "x", false},
	}
	for _, tt := range tests {
		if got := holds(tt.condition, tt.value); got != tt.want {
			t.Errorf("holds(%q, %q) = %v", tt.condition, tt.value, got)
		}
	}
}

// instructionNames lists the instructions of a Dockerfile, in order.
func instructionNames(t testing.TB, content []byte) string {
	t.Helper()
	parsed, err := parser.Parse(strings.NewReader(string(content)))
	if err != nil {
		t.Fatalf("%v\n%s", err, content)
	}
	var names []string
	for _, n := range parsed.AST.Children {
		if len(n.Heredocs) > 0 {
			t.Fatalf("a heredoc: %+v\n%s", n.Heredocs, content)
		}
		names = append(names, strings.ToUpper(n.Value))
	}
	return strings.Join(names, " ")
}

// FuzzNoInjection puts one string wherever a repository's words reach a Dockerfile, past the
// plan's own checks. It is refused, or the file has the same instructions as ever.
func FuzzNoInjection(f *testing.F) {
	for _, s := range []string{"x", "x\nRUN evil", "x\r\nUSER root", "$(evil)", "`evil`", "a\\", "a \\", "<<EOF", "\"]", "x\"]\nRUN evil", "'; evil '", "${HOME}", "# escape=`", "⟦port⟧", "*", "a b", "--from=evil", "\u2028RUN evil", "{{evil}}", "\x00"} {
		f.Add(s)
	}
	ruby, java := newPlan(f, rubyApp()), newPlan(f, warApp())
	want := map[*plan.Plan]string{}
	for _, p := range []*plan.Plan{ruby, java} {
		want[p] = instructionNames(f, mustGenerate(f, p)[0].Content)
	}
	v := func(s string) detect.Value[string] { return detect.Is(s) }
	edits := []struct {
		base  *plan.Plan
		shape bool // the field decides which of the template's own lines are there
		edit  func(c *plan.Component, s string)
	}{
		{ruby, false, func(c *plan.Component, s string) { c.Image = s }},
		{ruby, true, func(c *plan.Component, s string) { c.LanguageVersion = v(s) }},
		{ruby, true, func(c *plan.Component, s string) { c.BaseImages = map[string]detect.Value[string]{"run": v(s)} }},
		{ruby, false, func(c *plan.Component, s string) { c.Processes[0].Command = []string{"run", s} }},
		{ruby, false, func(c *plan.Component, s string) { c.HealthPath = v("/" + s) }},
		{ruby, false, func(c *plan.Component, s string) { c.SystemPackages[0].Build[0] = s }},
		{ruby, false, func(c *plan.Component, s string) { c.Writes[0].V = s }},
		{ruby, true, func(c *plan.Component, s string) { c.Facts["lockfile"] = v(s) }},
		{ruby, true, func(c *plan.Component, s string) { c.Settings[0].Value = s }},
		{ruby, true, func(c *plan.Component, s string) { c.Settings[0].Name = s; c.Env[1].Name = s }},
		{java, false, func(c *plan.Component, s string) { c.Facts["buildCommand"] = v(s) }},
		{java, true, func(c *plan.Component, s string) { c.Facts["artifact"] = v(s + "*") }},
		{java, true, func(c *plan.Component, s string) { c.Facts["artifact"] = v(s) }},
		{java, false, func(c *plan.Component, s string) { c.Facts["contextPath"] = v(s) }},
		{java, true, func(c *plan.Component, s string) { c.Packaging = v(s) }},
		{java, false, func(c *plan.Component, s string) { c.Path = s }},
	}
	f.Fuzz(func(t *testing.T, s string) {
		for i, e := range edits {
			p := e.base.Clone()
			e.edit(&p.Components[0], s)
			artifacts, err := target.Generate(context.Background(), p)
			if err != nil {
				continue
			}
			got := instructionNames(t, artifacts[0].Content)
			if got == want[e.base] {
				continue
			}
			for _, name := range strings.Fields(got) {
				if !e.shape || strings.Count(got, name) > strings.Count(want[e.base], name)+1 {
					t.Fatalf("edit %d of %q: %s, want %s\n%s", i, s, got, want[e.base], artifacts[0].Content)
				}
			}
		}
	})
}
