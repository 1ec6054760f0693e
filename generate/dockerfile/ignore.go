package dockerfile

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// rule is a block of .dockerignore with the reason for it.
type rule struct {
	why      string
	patterns []string
}

// common are left out of every context.
var common = []rule{
	{"Version control", []string{".git", ".gitattributes", ".gitmodules", "**/.gitignore", ".github", ".gitlab-ci.yml", ".hg", "**/.svn"}},
	{"Secrets: they must never reach an image", []string{
		"**/.env", "**/.env.*", "!**/.env.example", "!**/.env.sample", "**/*.pem", "**/*.key", "**/*.p12", "**/*.pfx", "**/id_rsa*", "**/id_ed25519*", "**/.netrc",
		"**/.aws", "**/.azure", "**/.gcloud", "**/.ssh", "**/.gnupg", "**/*credentials*.json", "**/terraform.tfstate*", "**/*.tfvars",
	}},
	{"Dumps, logs and what editors and systems leave", []string{
		"**/*.log", "**/*.dump", "**/*.sql.gz", "**/*.bak", "**/*.swp", "**/.DS_Store", "**/Thumbs.db", ".idea", "**/*.iml", ".vscode", ".settings",
	}},
	{"What is not part of the application, drydock's own files among them", []string{
		"**/Dockerfile*", ".dockerignore", "compose*.yaml", "docker-compose*.yml", "drydock.yaml", ".drydock", "deploy/fargate", ".circleci", ".travis.yml", "Jenkinsfile", "**/node_modules",
	}},
}

// stackRules leave out what a stack's tools make, because they make it again in the image.
func stackRules(c *plan.Component) []rule {
	switch c.Stack {
	case "ruby":
		made := []string{".bundle", "vendor/bundle", "coverage", "log/*", "!log/.keep", "tmp/*", "!tmp/.keep", "storage/*", "!storage/.keep", "db/*.sqlite3", "db/*.sqlite3-*", "spec/examples.txt"}
		if c.Fact("assets") != "" { // without a pipeline these are the repository's own files
			made = append(made, "public/assets", "public/packs", "public/packs-test")
		}
		return []rule{
			{"What Ruby and its tools make again", made},
			{"The keys that open the credentials", []string{"config/master.key", "config/credentials/*.key"}},
		}
	case "node":
		return []rule{{"What Node's tools make again", []string{"coverage", ".nyc_output", ".next", ".nuxt", ".svelte-kit", ".cache", ".parcel-cache", ".eslintcache", ".meteor/local"}}}
	case "perl":
		return []rule{{"What Perl and its tools make again", []string{".carton", "local", "blib", "_build", "cover_db", "nytprof*", "MYMETA.*", "pm_to_blib", "Makefile.old"}}}
	case "elixir":
		return []rule{
			{"What Mix and the tools of the front end make again", []string{"_build", "deps", "cover", ".elixir_ls", "**/erl_crash.dump"}},
			{"Settings that hold secrets", []string{"config/*.secret.exs", "apps/*/config/*.secret.exs"}},
		}
	case "erlang":
		return []rule{{"What the build tool makes again", []string{"_build", ".rebar", ".rebar3", ".eunit", "logs", "**/erl_crash.dump"}}}
	case "dotnet":
		return dotnetRules(c)
	case "php":
		made := []string{".phpunit.result.cache", ".php_cs.cache", ".php-cs-fixer.cache", "bootstrap/cache/*.php", "storage/framework/views/*.php", "app/storage/views/*", "var/cache/*", "app/cache/*"}
		if c.Fact("composer") != "" { // else the packages are the repository's own files
			made = append([]string{"vendor"}, made...)
		}
		return []rule{
			{"What Composer and the frameworks make again", made},
			{"The logins of private Composer repositories", []string{"**/auth.json"}},
		}
	case "python":
		return []rule{{"What Python and its tools make again", []string{
			"**/__pycache__", "**/*.py[cod]", ".venv", "venv", "**/.tox", "**/.nox", "**/.mypy_cache", "**/.pytest_cache", "**/*.egg-info", ".coverage", "htmlcov",
		}}}
	case "java":
		return []rule{
			{"What the build makes again", append([]string{"**/.gradle"}, outputs(c)...)},
			{"Resources of the application, whatever they are called", []string{"!**/src/main/resources/**", "!**/src/main/webapp/**"}},
		}
	}
	return nil
}

// dotnetRules leave out what MSBuild and Visual Studio make: below each project, since a directory called "bin" elsewhere may
// hold what the application needs. The SDK that global.json names is the image's, of another patch level.
func dotnetRules(c *plan.Component) []rule {
	made := []string{".vs", "**/TestResults", "**/*.user", "**/*.suo", "artifacts"}
	for _, manifest := range strings.Fields(c.Fact("manifests")) {
		switch strings.ToLower(path.Ext(manifest)) {
		case ".csproj", ".vbproj", ".fsproj":
			dir := path.Dir(manifest)
			made = append(made, path.Join(dir, "bin"), path.Join(dir, "obj"))
		}
	}
	slices.Sort(made)
	out := []rule{{"What MSBuild and Visual Studio make again", slices.Compact(made)}}
	if name := c.Fact("globalJson"); name != "" {
		out = append(out, rule{"The image brings its own SDK, which need not be the very one that is named here", []string{name}})
	}
	if dir := c.Fact("packagesDir"); dir != "" {
		out = append(out, rule{"Packages, which are restored again", []string{dir}})
	}
	return out
}

// outputs are the directories that the build tool writes to, one for each module: a pattern for any depth would
// also hide packages that are called "target" or "build".
func outputs(c *plan.Component) []string {
	name := map[string]string{"maven": "target", "gradle": "build"}[c.Build.V]
	if name == "" {
		return []string{c.Fact("artifact")}
	}
	out := []string{name}
	for _, manifest := range strings.Fields(c.Fact("manifests")) {
		if dir := path.Join(path.Dir(manifest), name); !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// ignoreFile makes the .dockerignore of a context from the stacks of the images built in it.
func ignoreFile(root string, groups []plan.ImageGroup) generate.Artifact {
	rules := slices.Clone(common)
	var needed []string
	for _, g := range groups {
		if g.Root != root {
			continue
		}
		c := g.Components[0]
		needed = append(needed, needs(c)...)
		for _, r := range stackRules(c) {
			if !slices.ContainsFunc(rules, func(x rule) bool { return x.why == r.why && slices.Equal(x.patterns, r.patterns) }) {
				rules = append(rules, r)
			}
		}
	}
	var b strings.Builder
	var origins []generate.Origin
	line := func(text, why string) {
		b.WriteString(text + "\n")
		origins = append(origins, generate.Origin{Why: why})
	}
	for i, r := range rules {
		if i > 0 {
			line("", "")
		}
		line("# "+r.why, r.why)
		for _, pattern := range r.patterns {
			if safePattern(pattern) && !hides(pattern, needed) {
				line(pattern, r.why)
			}
		}
	}
	return generate.Artifact{Path: path.Join(root, ".dockerignore"), Mode: 0o644, Content: []byte(b.String()), Origins: origins, Target: "dockerfile"}
}

// needs are the paths of the context that a build reads whatever a rule says.
func needs(c *plan.Component) []string {
	out := strings.Fields(c.Fact("manifests"))
	if c.Fact("gitMetadata") != "" {
		out = append(out, ".git")
	}
	return out
}

// safePattern refuses what would be another line or a comment.
func safePattern(p string) bool { return p != "" && p[0] != '#' && oneLine(p) == nil }

// hides reports whether a pattern names a path that is needed, or a directory above it.
func hides(pattern string, needed []string) bool {
	return slices.ContainsFunc(needed, func(n string) bool {
		return n == pattern || strings.HasPrefix(n, pattern+"/")
	})
}
