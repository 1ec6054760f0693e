package java

import (
	"bytes"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// jdbcURL is the parts of a JDBC URL.
type jdbcURL struct {
	kind     string // contract vocabulary; "" for one that is not known
	scheme   string // "jdbc:postgresql"
	embedded bool   // the database runs inside the process
	host     string
	port     string
	name     string
	file     string // of SQLite
}

// protocols maps JDBC's subprotocols to the contract's services.
var protocols = map[string]string{"postgresql": "postgresql", "pgsql": "postgresql", "mysql": "mysql", "mariadb": "mariadb", "sqlserver": "sqlserver",
	"microsoft:sqlserver": "sqlserver", "jtds:sqlserver": "sqlserver", "oracle:thin": "oracle", "oracle:oci": "oracle", "db2": "db2", "sqlite": "sqlite",
	"google:mysql": "mysql", "cassandra": "cassandra", "neo4j": "neo4j", "as400": "db2"}

var jdbcHost = manifest.Lazy(`^(?:[^/@]*@)?([^:/;?,]*)(?::([^/;?:,]+))?(?:[/:]([^?;&]*))?`)

// parseJDBC takes a JDBC URL apart; false when s is none.
func parseJDBC(s string) (jdbcURL, bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), "jdbc:")
	if !ok {
		return jdbcURL{}, false
	}
	for _, wrapper := range []string{"log4jdbc:", "p6spy:", "otel:", "tracing:", "aws-wrapper:", "mysql:aws:"} {
		rest = strings.TrimPrefix(rest, wrapper)
	}
	sub, rest, ok := strings.Cut(rest, ":")
	if !ok {
		return jdbcURL{}, false
	}
	switch sub {
	case "h2", "hsqldb", "derby":
		remote := strings.HasPrefix(rest, "tcp:") || strings.HasPrefix(rest, "hsql:") || sub == "derby" && strings.HasPrefix(rest, "//")
		return jdbcURL{embedded: !remote}, true
	case "oracle", "jtds", "microsoft", "google":
		second, tail, _ := strings.Cut(rest, ":")
		sub, rest = sub+":"+second, tail
	case "mysql", "mariadb":
		for _, mode := range []string{"loadbalance:", "replication:", "aurora:", "sequential:"} {
			rest = strings.TrimPrefix(rest, mode)
		}
	}
	u := jdbcURL{kind: protocols[sub], scheme: "jdbc:" + sub}
	if u.kind == "" {
		return u, true
	}
	u.split(sub, rest)
	return u, true
}

func (u *jdbcURL) split(sub, rest string) {
	switch {
	case u.kind == "sqlite":
		u.file, _, _ = strings.Cut(rest, "?")
		u.embedded = strings.HasPrefix(rest, ":memory:") || rest == ""
		return
	case u.kind == "oracle":
		rest = rest[strings.IndexByte(rest, '@')+1:]
	}
	rest = strings.TrimPrefix(rest, "//")
	if strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, "address=") { // key=value lists of MySQL and Oracle
		return
	}
	if strings.HasPrefix(rest, "/") { // jdbc:postgresql:///name
		u.host, u.name = "localhost", strings.TrimPrefix(rest, "/")
	} else if !strings.ContainsAny(rest, "/:@?;") && sub == "postgresql" { // jdbc:postgresql:name
		u.host, u.name = "localhost", rest
	} else if m := jdbcHost.FindStringSubmatch(rest); m != nil {
		u.host, u.port, u.name = m[1], m[2], m[3]
	}
	u.name, _, _ = strings.Cut(u.name, "?")
	if u.kind == "sqlserver" {
		for _, p := range strings.Split(rest, ";") {
			if k, v, ok := strings.Cut(p, "="); ok && strings.EqualFold(strings.TrimSpace(k), "databaseName") || strings.EqualFold(strings.TrimSpace(k), "database") {
				u.name = v
			}
		}
	}
}

// dbSource is a place that says which database is used.
type dbSource struct {
	raw      string // as written, with placeholders
	url      jdbcURL
	key      string // of a setting
	boot     bool
	applies  bool // without asking for a profile
	env      map[string]string
	literal  bool // nothing from outside can change it
	ev       []detect.Evidence
	resolved string
}

// sources of databases: the application's settings, its XML files and its code.
func (a *app) databaseURLs() []dbSource {
	s := a.readSettings()
	inXML := a.xmlValues() // first: it tells whether the environment wins
	var out []dbSource
	for _, x := range s.all {
		if !strings.Contains(x.value, "jdbc:") && !urlKey(x.norm) {
			continue
		}
		if src, ok := a.databaseURL(x); ok {
			out = append(out, src)
		}
	}
	for _, x := range inXML {
		if src, ok := a.databaseURL(x); ok {
			out = append(out, src)
		}
	}
	out = append(out, a.play1Databases()...)
	for _, m := range a.scan().urls {
		if u, ok := parseJDBC(m.text); ok {
			out = append(out, dbSource{raw: m.text, url: u, applies: true, literal: true, ev: []detect.Evidence{m.ev}, resolved: m.text})
		}
	}
	return out
}

// urlKey reports whether a key usually holds a JDBC URL.
func urlKey(norm string) bool {
	return strings.HasSuffix(norm, "jdbcurl") || strings.HasSuffix(norm, "datasource.url") || strings.HasSuffix(norm, "jdbc.url") || strings.HasSuffix(norm, "db.url") || strings.HasSuffix(norm, "database.url") || strings.HasSuffix(norm, "connection.url")
}

func (a *app) databaseURL(x setting) (dbSource, bool) {
	s := a.settings
	v, ev := s.resolve(a, x.value, 0)
	u, ok := parseJDBC(v)
	if !ok {
		// A variable without a default holds the whole URL: which database it is, the driver tells.
		if segs := segments(v); x.boot && s.applies(x) && wholeURL(segs) && a.unresolved == nil {
			a.unresolved = a.urlRoles(x, 0)
			a.loginRoles(x, a.unresolved)
		}
		return dbSource{}, false
	}
	src := dbSource{raw: x.value, url: u, key: x.key, boot: x.boot, applies: s.applies(x), ev: proof([]detect.Evidence{x.at()}, ev), resolved: v}
	src.env = a.urlRoles(x, 0)
	a.loginRoles(x, src.env)
	src.literal = src.env["url"] == "" && src.env["host"] == ""
	return src, true
}

// wholeURL reports whether one placeholder holds the whole URL but for its options.
func wholeURL(segs []segment) bool {
	return len(segs) == 1 && segs[0].name != "" || len(segs) == 2 && segs[0].name != "" && (strings.HasPrefix(segs[1].lit, "?") || strings.HasPrefix(segs[1].lit, ";"))
}

// urlRoles finds the variables that say where a database is: the whole URL, or its parts.
func (a *app) urlRoles(x setting, depth int) map[string]string {
	roles := map[string]string{}
	segs := segments(x.value)
	if wholeURL(segs) && depth < 8 {
		g := segs[0]
		if upperName.MatchString(g.name) {
			roles["url"] = g.name
		} else if next, ok := a.settings.get(g.name); ok && next.value != x.value {
			return a.urlRoles(next, depth+1)
		} else if x.boot || a.settings.override {
			roles["url"] = envName(g.name)
		}
		return roles
	}
	marks := map[string]string{}
	var b strings.Builder
	for i, g := range segs {
		if g.name == "" {
			b.WriteString(g.lit)
			continue
		}
		name := a.variable(g, x.boot)
		if name == "" {
			v, _, _ := a.settings.reference(a, g, 0)
			b.WriteString(v)
			continue
		}
		mark := "\x01" + string(rune('a'+i%26)) + "\x01"
		marks[mark] = name
		b.WriteString(mark)
	}
	if u, ok := parseJDBC(b.String()); ok {
		for role, part := range map[string]string{"host": u.host, "port": u.port, "name": u.name} {
			if v := marks[part]; v != "" {
				roles[role] = v
			}
		}
	}
	if roles["host"] == "" && x.key != "" && (x.boot || a.settings.override && !strings.HasPrefix(x.key, "<")) {
		roles = map[string]string{"url": envName(x.key)}
	}
	return roles
}

// variable is the environment variable that a placeholder takes its value from; "" when it is none.
func (a *app) variable(g segment, boot bool) string {
	if upperName.MatchString(g.name) {
		return g.name
	}
	if _, ok := a.settings.get(g.name); ok {
		if boot || a.settings.override {
			return envName(g.name)
		}
		return ""
	}
	if (boot || a.settings.override) && g.hasDef {
		return envName(g.name)
	}
	return ""
}

// loginRoles adds the variables of user and password: of the keys beside the URL's.
func (a *app) loginRoles(x setting, roles map[string]string) {
	if strings.HasPrefix(x.key, "<") {
		if segs := segments(x.value); len(segs) == 1 && segs[0].name != "" {
			if next, ok := a.settings.get(segs[0].name); ok {
				a.loginRoles(next, roles)
			}
		}
		return
	}
	cut := strings.LastIndexAny(x.key, "._")
	if cut < 0 {
		return
	}
	prefix := x.key[:cut+1]
	for role, names := range map[string][]string{"user": {"username", "user", "userName", "login"}, "password": {"password", "pass", "passwd", "pwd"}} {
		for _, n := range names {
			y, ok := a.settings.beside(x, prefix+n)
			if !ok {
				continue
			}
			if v := a.singleVariable(y); v != "" {
				roles[role] = v
			}
			break
		}
	}
	if x.boot && strings.HasPrefix(x.norm, "spring.datasource.") && roles["url"] != "" {
		for role, key := range map[string]string{"user": "SPRING_DATASOURCE_USERNAME", "password": "SPRING_DATASOURCE_PASSWORD"} {
			if roles[role] == "" {
				roles[role] = key
			}
		}
	}
}

// singleVariable is the variable that gives a setting its whole value.
func (a *app) singleVariable(y setting) string {
	if segs := segments(y.value); len(segs) == 1 && segs[0].name != "" {
		if v := a.variable(segs[0], y.boot); v != "" {
			return v
		}
	}
	if y.boot || a.settings.override {
		return envName(y.key)
	}
	return ""
}

// Bounds of the XML configuration that is searched.
const (
	maxXMLFiles = 150
	maxXMLBytes = 8 << 20
)

// xmlValues are the attributes and texts of the application's XML files that hold a JDBC URL, or a placeholder where
// one belongs. Their key begins with "<". What is commented out does not count.
func (a *app) xmlValues() []setting {
	if a.xmlRead {
		return a.xmlFound
	}
	a.xmlRead = true
	left := maxXMLBytes
	files := a.files(func(p part) []string { return append(append([]string{}, p.resources...), p.sources...) }, maxListed, "**/*.xml")
	files = append(files, a.files(webRoots, maxListed, "{WEB-INF,META-INF}/**/*.xml")...)
	files = append(files, a.files(func(part) []string { return []string{"."} }, maxListed, "{,META-INF/,conf/,config/}*.xml")...)
	seen := map[string]bool{}
	for i, at := range files {
		if i >= maxXMLFiles || left < 0 {
			break
		}
		if seen[at] || path.Base(at) == "pom.xml" || path.Base(at) == "build.xml" || generated(path.Dir(at)) {
			continue
		}
		seen[at] = true
		f, ok := a.file(at)
		if !ok {
			continue
		}
		left -= len(f.Data)
		a.readXML(f)
	}
	return a.xmlFound
}

// xmlWords are parts of words of which a file must hold one to be worth parsing.
var xmlWords = []string{"jdbc", "river", "ialect", "embedded-database", "EmbeddedDatabase", "laceholder", "ppender", "connection-url", "connection.url"}

func (a *app) readXML(f detect.File) {
	worth := false
	for _, w := range xmlWords {
		worth = worth || bytes.Contains(f.Data, []byte(w))
	}
	if !worth {
		return
	}
	x, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(a.idx.root, f.Path, err)
		return
	}
	a.xmlDocs = append(a.xmlDocs, descriptor{f, x})
	x.Each(func(e *manifest.Element) {
		keep := func(name, v string, line int) {
			if strings.Contains(v, "jdbc:") || strings.Contains(v, "${") && strings.HasSuffix(strings.ToLower(name), "url") {
				a.xmlFound = append(a.xmlFound, setting{key: "<" + name, norm: "<" + canonical(name), value: v, file: f, line: line})
			}
		}
		for _, at := range e.Attrs {
			name := at.Name
			if name == "value" && e.Attr("name") != "" {
				name = e.Attr("name")
			}
			keep(name, at.Value, e.Line)
		}
		name := e.Name
		if e.Attr("name") != "" {
			name = e.Attr("name")
		}
		keep(name, e.Text, e.TextLine)
		if e.Name == "embedded-database" || strings.HasSuffix(e.Attr("class"), "EmbeddedDatabaseFactoryBean") {
			a.embedded = append(a.embedded, f.Evidence(e.Line))
		}
		a.springOverride(e)
	})
}

// springOverride notes whether Spring's placeholders look at the environment: since 3.1 they do, unless told to work
// as before.
func (a *app) springOverride(e *manifest.Element) {
	switch {
	case e.Name == "property-placeholder":
		mode := e.Attr("system-properties-mode")
		a.settings.override = a.settings.override || mode == "" || mode == "ENVIRONMENT"
	case strings.HasSuffix(e.Attr("class"), ".PropertySourcesPlaceholderConfigurer"):
		a.settings.override = true
	}
}
