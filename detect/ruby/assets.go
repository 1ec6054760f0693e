package ruby

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Node versions that are taken when nothing states one.
const (
	nodeForWebpack4 = "16" // webpack 4 uses a hash that OpenSSL 3, and so Node 17 and later, refuses
	nodeDefault     = "20"
)

// assetFacts says how assets are compiled and what that needs.
func (a *app) assetFacts(fw framework, facts map[string]detect.Value[string]) {
	kind, ok := a.assetKind(fw)
	if ok {
		facts["assets"] = kind
	}
	why, ev, ok := a.needsNode(kind.V)
	if !ok {
		return
	}
	facts["node"] = a.nodeVersion(kind.V, why, ev)
	if _, doc, ok := a.json("package.json"); ok && (len(doc.Keys("dependencies")) > 0 || len(doc.Keys("devDependencies")) > 0) {
		facts["nodePackageManager"] = a.packageManager(kind.V)
	}
}

// assetKind says what compiles the assets: what needs most comes first.
func (a *app) assetKind(fw framework) (detect.Value[string], bool) {
	for _, k := range []struct{ kind, gem string }{
		{"webpacker", "webpacker"}, {"webpacker", "shakapacker"}, {"webpacker", "simpacker"}, {"jsbundling", "jsbundling-rails"}, {"jsbundling", "vite_rails"},
		{"cssbundling", "cssbundling-rails"}, {"importmap", "importmap-rails"}, {"propshaft", "propshaft"},
	} {
		if g, ok := a.gem(k.gem); ok {
			return detect.Value[string]{V: k.kind, From: g.from, Evidence: g.evidence}, true
		}
	}
	if !fw.rails() || below(fw.version, "3.1") {
		return detect.Value[string]{}, false
	}
	if _, _, off := a.grep("config/application.rb", disabledAssets.MatchString); off {
		return detect.Value[string]{}, false
	}
	if _, _, single := a.grep("config/application.rb", singleRailties.MatchString); single {
		if _, _, loaded := a.grep("config/application.rb", sprocketsRailtie.MatchString); !loaded {
			return detect.Value[string]{}, false // the task that compiles them is not there
		}
	}
	if g, ok := a.gem("sprockets-rails"); ok && (a.dir.HasDir("app/assets") || a.lock != nil) {
		return detect.Value[string]{V: "sprockets", From: g.from, Evidence: g.evidence}, true
	}
	if files := a.dir.Glob("app/assets/**/*.{js,css,scss,sass,coffee,less,erb}"); len(files) > 0 && below(fw.version, "7.0") {
		return detect.Infer("sprockets", "app/assets is compiled by Sprockets", a.whole(files[0])), true
	}
	return detect.Value[string]{}, false
}

// An application that loads the parts of Rails one by one has only those.
var (
	singleRailties   = manifest.Lazy(`^require ["'](?:action_controller|active_record|active_model)/railtie["']`)
	sprocketsRailtie = manifest.Lazy(`^require ["'](?:sprockets/railtie|rails/all)["']`)
)

var disabledAssets = manifest.Lazy(`^config\.assets\.enabled\s*=\s*false`)

// runtimes are gems that bring a JavaScript engine of their own.
var runtimes = []string{"therubyracer", "therubyrhino", "mini_racer", "duktape", "libv8-node"}

// needsNode says whether compiling assets takes Node.
func (a *app) needsNode(kind string) (string, []detect.Evidence, bool) {
	switch kind {
	case "webpacker", "jsbundling":
		return "the assets are bundled by JavaScript tools", nil, true
	case "cssbundling":
		return "the style sheets are built by JavaScript tools", nil, true
	}
	g, ok := a.gem("execjs")
	if !ok {
		g, ok = a.firstGem("uglifier", "coffee-rails", "coffee-script", "terser", "autoprefixer-rails", "react-rails", "babel-transpiler", "less-rails", "ember-rails")
		if !ok || a.lock != nil {
			return "", nil, false
		}
	}
	for _, r := range runtimes {
		if a.has(r) {
			return "", nil, false
		}
	}
	return "the gem " + g.name + " runs JavaScript and no gem brings an engine", g.evidence, true
}

var majorVersion = manifest.Lazy(`(\d+)`)

// nodeVersion returns the major version of Node.
func (a *app) nodeVersion(kind, why string, ev []detect.Evidence) detect.Value[string] {
	f, doc, ok := a.json("package.json")
	if ok {
		for _, path := range [][]string{{"engines", "node"}, {"volta", "node"}} {
			if v, line, ok := doc.Get(path...); ok {
				if m := majorVersion.FindString(v); m != "" {
					return detect.Is(m, f.Evidence(line))
				}
			}
		}
	}
	for _, name := range []string{".nvmrc", ".node-version"} {
		if f, ok := a.read(name); ok {
			if m := majorVersion.FindString(strings.SplitN(string(f.Data), "\n", 2)[0]); m != "" {
				return detect.Is(m, f.Evidence(1))
			}
		}
	}
	if v, ev := a.tool("nodejs", "node"); v != "" {
		if m := majorVersion.FindString(v); m != "" {
			return detect.Is(m, ev)
		}
	}
	for _, ci := range a.ci {
		for _, v := range ci.Versions {
			if m := majorVersion.FindString(v.Version); v.Language == "node" && m != "" {
				return detect.Infer(m, "the tests run with it", ci.file.Evidence(v.Line))
			}
		}
	}
	return a.nodeByEra(kind, why, ev)
}

// nodeByEra is the guess when nothing states a Node.
func (a *app) nodeByEra(kind, why string, ev []detect.Evidence) detect.Value[string] {
	v := nodeDefault
	if g, ok := a.gem("webpacker"); kind == "webpacker" && (!ok || below(g.version, "6.0")) {
		v, why = nodeForWebpack4, why+"; webpack 4 runs on Node "+nodeForWebpack4+" at most"
	}
	out := detect.Guess(v, why+"; nothing states which Node")
	out.Evidence = ev
	return out
}

// packageManager says what installs the packages of package.json.
func (a *app) packageManager(kind string) detect.Value[string] {
	if f, doc, ok := a.json("package.json"); ok {
		if v, line, ok := doc.Get("packageManager"); ok {
			name, _, _ := strings.Cut(v, "@")
			if name == "npm" || name == "yarn" || name == "pnpm" {
				return detect.Is(name, f.Evidence(line))
			}
		}
	}
	for _, lock := range []struct{ file, name string }{{"yarn.lock", "yarn"}, {"pnpm-lock.yaml", "pnpm"}, {"package-lock.json", "npm"}, {"npm-shrinkwrap.json", "npm"}} {
		if a.dir.Has(lock.file) {
			if p, ok := a.dir.Rel(lock.file); ok {
				return detect.Is(lock.name, detect.Evidence{File: p})
			}
		}
	}
	if kind == "webpacker" {
		return detect.Guess("yarn", "webpacker installs its packages with yarn")
	}
	return detect.Guess("npm", "package.json without a lock file")
}
