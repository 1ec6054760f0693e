package java

import (
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// setting is one value of the application's own configuration.
type setting struct {
	key     string // as written; list elements by their index
	norm    string // see canonical
	value   string
	profile string // Spring profile that it belongs to; "" for all
	boot    bool   // of Spring Boot's own files
	file    detect.File
	line    int
}

// at is where the setting stands. It is made when it is asked for: there are thousands of settings and few matter.
func (x setting) at() detect.Evidence { return x.file.Evidence(x.line) }

// settings is the application's configuration.
type settings struct {
	all      []setting
	active   map[string]bool // Spring profiles that are active by default
	override bool            // the environment wins over files (Spring's Environment)
	others   bool            // it hands out the settings of other applications too
}

// Bounds of what is read.
const (
	maxSettingFiles = 150
	maxSettings     = 20000
	maxSettingBytes = 8 << 20
)

// canonical makes the relaxed names of Spring Boot equal: "jdbc-url", "jdbcUrl" and "JDBC_URL" are one.
func canonical(key string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(key))
}

// envName is the variable by which Spring's Environment finds a key: "spring.datasource.url" is SPRING_DATASOURCE_URL.
func envName(key string) string {
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "", "[", "_", "]", "").Replace(key))
}

var (
	bootFile = manifest.Lazy(`^(application|bootstrap)(?:-([\w.-]+?))?\.(properties|yml|yaml)$`)
	// bundle matches files of texts in several languages and of logging, which configure nothing of interest here.
	bundle = manifest.Lazy(`(?i)(messages?|labels?|text|resourcebundle|applicationresources?|validationmessages|strings|i18n|errors?|locale|language)[^/]*\.properties$|_[a-z]{2}(_[A-Z]{2})?\.properties$|(^|/)(log4j2?|logging|commons-logging|junit-platform|mime|jndi)[^/]*\.properties$`)
)

// readSettings reads the configuration of all parts.
func (a *app) readSettings() *settings {
	if a.settings != nil {
		return a.settings
	}
	s := &settings{active: map[string]bool{}}
	_, s.others = a.dep("spring-cloud-config-server")
	a.settings = s
	left := maxSettingBytes
	read := 0
	for _, at := range a.settingFiles() {
		if read++; read > maxSettingFiles || left < 0 || len(s.all) > maxSettings {
			break
		}
		f, ok := a.file(at)
		if !ok {
			continue
		}
		left -= len(f.Data)
		s.read(a.idx.root, f)
	}
	s.activate(a)
	return s
}

// settingFiles lists Spring Boot's files first.
func (a *app) settingFiles() []string {
	var boot, rest []string
	dirs := func(p part) []string {
		return append(append([]string{"."}, p.resources...), p.sources...)
	}
	seen := map[string]bool{}
	for _, p := range a.parts {
		for _, dir := range dirs(p) {
			d, ok := p.dir.Sub(dir)
			if !ok {
				continue
			}
			pattern := "**/*.{properties,yml,yaml,conf,groovy,edn}"
			if dir == "." {
				pattern = "{,config/,conf/,WEB-INF/,WEB-INF/classes/,WEB-INF/config/,WEB-INF/conf/,grails-app/conf/}*.{properties,yml,yaml,conf,groovy}"
			}
			for _, f := range d.Glob(pattern) {
				at := path.Join(d.Path, f)
				if seen[at] || generated(path.Dir(at)) || !configures(at) {
					continue
				}
				seen[at] = true
				if bootFile.MatchString(path.Base(f)) {
					boot = append(boot, at)
				} else if !bundle.MatchString(at) && !buildsOwn(path.Base(f)) {
					rest = append(rest, at)
				}
			}
		}
		for _, w := range p.webRoots {
			d, _ := p.dir.Sub(w)
			for _, f := range d.Glob("{WEB-INF,META-INF}/**/*.{properties,yml,yaml}") {
				if at := path.Join(d.Path, f); !seen[at] && !bundle.MatchString(at) {
					seen[at] = true
					rest = append(rest, at)
				}
			}
		}
	}
	return append(boot, rest...)
}

// configures reports whether a file with an ending that other files have too holds settings: those of HOCON and of
// Grails are known by their names, or by the directory that they lie in.
func configures(at string) bool {
	base := path.Base(at)
	switch path.Ext(base) {
	case ".conf":
		name := strings.ToLower(base)
		return strings.HasPrefix(name, "application") || strings.HasPrefix(name, "prod") || strings.HasPrefix(name, "reference") || strings.HasPrefix(name, "database") || strings.HasPrefix(name, "db")
	case ".groovy":
		return base == "DataSource.groovy" || base == "Config.groovy" || base == "application.groovy"
	case ".edn":
		return strings.HasPrefix(base, "config") || base == "system.edn" || strings.HasPrefix(base, "prod")
	}
	return true
}

// buildsOwn reports whether a file configures the build, the CI or an IDE rather than the application.
func buildsOwn(base string) bool {
	switch base {
	case "gradle.properties", "local.properties", "build.properties", "default.properties", "sonar-project.properties", "lombok.config", "maven-wrapper.properties", "gradle-wrapper.properties", "system.properties",
		"crowdin.yml", "codecov.yml", "mkdocs.yml", "_config.yml", "appveyor.yml", "circle.yml", "app.yaml", "manifest.yml", "lerna.json", "release.properties":
		return true
	}
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose.") || strings.HasPrefix(base, "skaffold") || strings.HasPrefix(base, "cloudbuild")
}

// read adds a file's values.
func (s *settings) read(root detect.Dir, f detect.File) {
	m := bootFile.FindStringSubmatch(path.Base(f.Path))
	profile := ""
	if m != nil {
		profile = m[2]
	}
	add := func(key, value, profile string, line int) {
		if rest, ok := strings.CutPrefix(key, "environments."); ok { // Grails' own profiles
			env, k, nested := strings.Cut(rest, ".")
			if nested && (env == "development" || env == "test" || env == "production") {
				if key = k; env != "production" {
					profile = env
				}
			}
		}
		if len(s.all) < maxSettings {
			s.all = append(s.all, setting{key, canonical(key), value, profile, m != nil, f, line})
		}
	}
	switch path.Ext(f.Path) {
	case ".conf":
		for _, v := range parseHocon(string(f.Data)) {
			add(v.key, v.value, profile, v.line)
		}
		return
	case ".groovy":
		for _, st := range scanGradle(string(f.Data)) {
			addGroovy(st, func(key, value string, line int) { add(key, value, "", line) })
		}
		return
	case ".edn":
		readEDNSettings(f, func(key, value string, line int) { add(key, value, "", line) })
		return
	}
	if strings.HasSuffix(f.Path, ".properties") {
		p, bad, err := manifest.ParseProperties(f.Data)
		if err != nil {
			warn(root, f.Path, err)
			return
		}
		for _, line := range bad {
			root.Warn(f.Path, line, "malformed \\u escape: the line is left out")
		}
		p.Each(func(k, v string, line int) { add(k, v, profile, line) })
		return
	}
	y, err := manifest.ParseYAML(f.Data)
	if err != nil {
		if m != nil || strings.Contains(f.Path, "/resources/") && !strings.Contains(string(f.Data), "{{") {
			warn(root, f.Path, err)
		}
		return
	}
	for _, d := range y.Documents() {
		own := profile
		for _, at := range [][]string{{"spring", "profiles"}, {"spring", "config", "activate", "on-profile"}, {"spring.profiles"}, {"spring.config.activate.on-profile"}} {
			if v, _, ok := d.Get(at...); ok && v != "" {
				own = v
			} else if l := d.List(at...); len(l) > 0 {
				own = l[0].Value
			}
		}
		d.Each(func(p []string, v string, line int) { add(strings.Join(p, "."), v, own, line) })
	}
}

// groovyAssign is a setting of Grails' configuration, which is a script: url = "jdbc:..." in a block dataSource.
var groovyAssign = manifest.Lazy(`^([A-Za-z_][\w.]*)\s*=\s*(?:"([^"\n]*)"|'([^'\n]*)'|(\d+|true|false)|System\.(?:getenv\(\s*["'](\w+)["']\s*\)|getenv\(\)\[["'](\w+)["']\]|env\.(\w+))(?:\s*\?:\s*["']([^"'\n]*)["'])?)`)

// addGroovy adds the setting that a statement of a Groovy configuration makes.
func addGroovy(st statement, add func(key, value string, line int)) {
	m := groovyAssign.FindStringSubmatch(st.text)
	if m == nil {
		return
	}
	parts := []string{}
	for _, b := range st.block {
		if w := firstWord(b); w != "" {
			parts = append(parts, w)
		}
	}
	value := m[2] + m[3] + m[4]
	if name := m[5] + m[6] + m[7]; name != "" {
		if value = "${" + name + "}"; m[8] != "" {
			value = "${" + name + ":" + m[8] + "}"
		}
	}
	add(strings.Join(append(parts, m[1]), "."), value, st.line)
}

// activate finds the profiles that are active when nobody asks for another.
func (s *settings) activate(a *app) {
	for _, name := range []string{"spring.profiles.active", "spring.profiles.default"} {
		v, _, ok := s.plain(a, name)
		if !ok {
			continue
		}
		for _, p := range strings.Split(v, ",") {
			if p = strings.TrimSpace(p); p != "" && !strings.ContainsAny(p, "@#${}") {
				s.active[p] = true
			}
		}
	}
}

// applies reports whether a setting counts when no profile is asked for.
func (s *settings) applies(x setting) bool { return x.profile == "" || s.active[x.profile] }

// plain returns the value that a key has by default: an active profile's before the base's. Filtered values
// ("@name@") come from the build, placeholders from their defaults.
func (s *settings) plain(a *app, key string) (string, []detect.Evidence, bool) {
	x, ok := s.get(key)
	if !ok {
		return "", nil, false
	}
	v, ev := s.resolve(a, x.value, 0)
	return v, proof([]detect.Evidence{x.at()}, ev), true
}

// ofServer reports whether a key sets Spring Boot's own server. Beside a configuration server's own files those with such
// keys are the ones that it hands to other applications.
func ofServer(norm string) bool {
	return strings.HasPrefix(norm, "server.") || strings.HasPrefix(norm, "management.")
}

// get returns the setting that a key has by default.
func (s *settings) get(key string) (setting, bool) {
	norm := canonical(key)
	var base, prof *setting
	for i := range s.all {
		x := &s.all[i]
		if x.norm != norm || !s.applies(*x) || !x.boot && s.others && ofServer(norm) {
			continue
		}
		if x.profile == "" {
			if base == nil || !base.boot && x.boot {
				base = x
			}
		} else if prof == nil {
			prof = x
		}
	}
	if prof != nil {
		return *prof, true
	}
	if base != nil {
		return *base, true
	}
	return setting{}, false
}

// beside returns the setting with a key that stands with another: of the same profile, else of all.
func (s *settings) beside(x setting, key string) (setting, bool) {
	norm := canonical(key)
	for _, y := range s.all {
		if y.norm == norm && y.profile == x.profile && y.file.Path == x.file.Path {
			return y, true
		}
	}
	return s.get(key)
}

// segment is a piece of a value: literal text, or a placeholder with its default.
type segment struct {
	lit    string
	name   string // of a placeholder
	def    string
	hasDef bool
}

// segments splits a value at its placeholders. Braces inside a default belong to it.
func segments(s string) []segment {
	var out []segment
	for s != "" {
		i := strings.Index(s, "${")
		if i < 0 {
			return append(out, segment{lit: s})
		}
		end, depth := -1, 0
		for j := i; j < len(s); j++ {
			if s[j] == '{' {
				depth++
			} else if s[j] == '}' {
				if depth--; depth == 0 {
					end = j
					break
				}
			}
		}
		if end < 0 {
			return append(out, segment{lit: s})
		}
		if i > 0 {
			out = append(out, segment{lit: s[:i]})
		}
		g := segment{name: s[i+2 : end]}
		if name, def, ok := strings.Cut(g.name, ":"); ok {
			g.name, g.def, g.hasDef = name, strings.TrimPrefix(def, "-"), true
		}
		out = append(out, g)
		s = s[end+1:]
	}
	return out
}

var filtered = manifest.Lazy(`@([\w.-]+)@`)

// resolve replaces placeholders by the application's own settings, the build's properties (where resources are
// filtered) or their defaults. What nothing resolves stays.
func (s *settings) resolve(a *app, value string, depth int) (string, []detect.Evidence) {
	if depth > 8 || len(value) > maxExpanded {
		return value, nil
	}
	var ev []detect.Evidence
	if strings.Contains(value, "@") {
		value = filtered.ReplaceAllStringFunc(value, func(m string) string {
			if t, ok := a.property(m[1 : len(m)-1]); ok && t.known() {
				ev = append(ev, t.ev...)
				return t.s
			}
			return m
		})
	}
	if !strings.Contains(value, "${") {
		return value, ev
	}
	var b strings.Builder
	for _, g := range segments(value) {
		if g.name == "" {
			b.WriteString(g.lit)
			continue
		}
		v, at, ok := s.reference(a, g, depth)
		if !ok {
			v = "${" + g.name + "}"
		}
		ev = append(ev, at...)
		b.WriteString(v)
		if b.Len() > maxExpanded {
			break
		}
	}
	return b.String(), ev
}

// reference resolves one placeholder.
func (s *settings) reference(a *app, g segment, depth int) (string, []detect.Evidence, bool) {
	if x, ok := s.get(g.name); ok && !strings.Contains(x.value, "${"+g.name+"}") {
		v, ev := s.resolve(a, x.value, depth+1)
		return v, append([]detect.Evidence{x.at()}, ev...), true
	}
	if t, ok := a.property(g.name); ok && t.known() {
		return t.s, t.ev, true
	}
	if g.hasDef {
		v, ev := s.resolve(a, g.def, depth+1)
		return v, ev, true
	}
	return "", nil, false
}

// port reads a TCP port from a key; random (0) and none (-1) are no port.
func (s *settings) port(a *app, keys ...string) (int, []detect.Evidence, bool) {
	for _, k := range keys {
		v, ev, ok := s.plain(a, k)
		if !ok {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && n > 0 && n < 65536 {
			return n, ev, true
		}
	}
	return 0, nil, false
}

var upperName = manifest.Lazy(`^[A-Z][A-Z0-9_]*$`)

// variables returns the environment variables that the configuration itself reads: placeholders in capitals.
func (s *settings) variables() []envRead {
	var out []envRead
	for _, x := range s.all {
		if !strings.Contains(x.value, "${") {
			continue
		}
		out = append(out, placeholders(x.value, x.at(), s.applies(x), 0)...)
	}
	return out
}

func placeholders(value string, ev detect.Evidence, applies bool, depth int) []envRead {
	var out []envRead
	for _, g := range segments(value) {
		name := strings.TrimPrefix(strings.TrimPrefix(g.name, "env."), "env:")
		if g.name == "" || depth > 4 {
			continue
		}
		if upperName.MatchString(name) {
			r := envRead{name: name, hasDef: g.hasDef, ev: ev, required: !g.hasDef && applies}
			if !strings.Contains(g.def, "${") {
				r.def = g.def
			}
			out = append(out, r)
		}
		out = append(out, placeholders(g.def, ev, applies, depth+1)...)
	}
	return out
}
