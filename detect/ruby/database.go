package ruby

import (
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// database is what the application says about its main database.
type database struct {
	adapter  string // as database.yml names it: postgresql, mysql2, sqlite3
	kind     string // contract vocabulary
	from     detect.Origin
	why      string
	evidence []detect.Evidence
	roles    map[string]string // role of Service.Env to variable
	literal  []detect.Evidence // connection settings that no variable can change
	name     string            // database name
	file     string            // SQLite's file
	missing  bool              // config/database.yml is not there
	partial  bool              // it is there, without settings of production
	sample   string            // the sample that stands for it
	secret   detect.Evidence   // a password that is written down
}

// adapters maps the adapters of ActiveRecord, and the gems that carry them, to services.
var adapters = []struct{ gem, adapter, kind string }{
	{"pg", "postgresql", "postgresql"}, {"activerecord-jdbcpostgresql-adapter", "postgresql", "postgresql"}, {"postgres", "postgresql", "postgresql"},
	{"activerecord-postgis-adapter", "postgis", "postgresql"},
	{"mysql2", "mysql2", "mysql"}, {"trilogy", "trilogy", "mysql"}, {"activerecord-trilogy-adapter", "trilogy", "mysql"}, {"mysql", "mysql", "mysql"},
	{"activerecord-jdbcmysql-adapter", "mysql", "mysql"}, {"ruby-mysql", "mysql", "mysql"},
	{"activerecord-sqlserver-adapter", "sqlserver", "sqlserver"}, {"tiny_tds", "sqlserver", "sqlserver"},
	{"activerecord-oracle_enhanced-adapter", "oracle_enhanced", "oracle"}, {"ruby-oci8", "oracle_enhanced", "oracle"},
	{"ibm_db", "ibm_db", "db2"},
	{"sqlite3", "sqlite3", "sqlite"}, {"sqlite3-ruby", "sqlite3", "sqlite"}, {"activerecord-jdbcsqlite3-adapter", "sqlite3", "sqlite"},
}

// kindOf returns the service of an adapter's name, empty when it is not known.
func kindOf(adapter string) string {
	adapter = strings.ToLower(strings.TrimPrefix(adapter, "jdbc"))
	switch adapter {
	case "postgres", "pg":
		return "postgresql"
	case "mssql":
		return "sqlserver"
	}
	for _, a := range adapters {
		if a.adapter == adapter {
			return a.kind
		}
	}
	return ""
}

// findDatabase decides which database production uses: what database.yml says for production, else the one gem that is
// always installed, else the sample of database.yml, else a gem under a condition.
func (a *app) findDatabase(fw framework) (database, bool) {
	if fw.rails() && a.withoutRecords() {
		return database{}, false
	}
	file, have := a.databaseFile()
	if have {
		if d, ok := a.databaseBlock(file, "production"); ok {
			d.complete(a, fw)
			return d, true
		}
	}
	gem, sure := a.databaseGem(false)
	if !sure {
		if d, ok := a.databaseSample(); ok && !have {
			d.complete(a, fw)
			return d, true
		}
		if gem, sure = a.databaseGem(true); !sure {
			return a.databaseBlockAny(file, have)
		}
	}
	gem.missing, gem.partial = !have, have
	if have {
		gem.why = "config/database.yml has no production settings; " + gem.why
	} else if fw.rails() {
		gem.why = "there is no config/database.yml; " + gem.why
	}
	gem.complete(a, fw)
	return gem, true
}

var (
	loadsPart    = manifest.Lazy(`^require\s*\(?\s*["'](?:action_controller|action_mailer|action_view|sprockets|active_model|active_job)/railtie["']`)
	loadsRecords = manifest.Lazy(`^require\s*\(?\s*["'](?:rails/all|active_record(?:/railtie)?)["']`)
)

// withoutRecords reports whether the application names the parts of Rails that it loads and Active Record is none of them,
// nor is there a driver for it: its database.yml is what the generator left.
func (a *app) withoutRecords() bool {
	ss, _, ok := a.statements("config/application.rb")
	if !ok {
		return false
	}
	parts := false
	for _, s := range ss {
		if loadsRecords.MatchString(s.text) {
			return false
		}
		parts = parts || loadsPart.MatchString(s.text)
	}
	if !parts {
		return false
	}
	for _, ad := range adapters {
		if a.has(ad.gem) {
			return false
		}
	}
	return true
}

// databaseFile returns config/database.yml, or where Sinatra applications keep it.
func (a *app) databaseFile() (detect.File, bool) {
	for _, name := range []string{"config/database.yml", "config/database.yml.erb", "database.yml", "db/config.yml"} {
		if f, ok := a.read(name); ok {
			return f, true
		}
	}
	return detect.File{}, false
}

// databaseSample reads a sample of database.yml ("database.yml.example", "database.postgres.yml"). Of several that differ
// the first one counts. Some leave the format out: "database.example".
func (a *app) databaseSample() (database, bool) {
	names := a.dir.Glob("config/database*")
	sort.SliceStable(names, func(i, j int) bool { return sampleRank(names[i]) < sampleRank(names[j]) })
	for _, name := range names[:min(len(names), 10)] {
		f, ok := a.read(name)
		if base := path.Base(name); !ok || !strings.Contains(base, "yml") && !strings.Contains(base, "yaml") && manifest.WithoutSample(base) == base {
			continue
		}
		d, ok := a.databaseBlock(f, "production")
		if !ok {
			continue
		}
		d.missing, d.sample, d.from, d.literal, d.secret = true, name, detect.Inferred, nil, detect.Evidence{}
		d.why = "there is no config/database.yml; " + path.Base(name) + " is its sample"
		return d, true
	}
	return database{}, false
}

// sampleRank puts samples that are meant to be copied as they are first.
func sampleRank(name string) int {
	for i, word := range []string{"example", "sample", "template", "dist", "default", "production", "docker"} {
		if strings.Contains(name, word) {
			return i
		}
	}
	// One sample for each database: of those that most applications of their time ran on, the first.
	for i, word := range []string{"mysql", "postgres", "pg.", "sqlite"} {
		if strings.Contains(name, word) {
			return 50 + i
		}
	}
	return 100
}

// databaseGem returns the database of the gems that production gets; conditional says that gems inside conditions count.
// Several databases are no answer, except that SQLite gives way to a server.
func (a *app) databaseGem(conditional bool) (database, bool) {
	var out []database
	for _, ad := range adapters {
		g, ok := a.gem(ad.gem)
		if !ok || (!conditional && (!g.direct || a.conditionalGem(ad.gem))) {
			continue
		}
		d := database{adapter: ad.adapter, kind: ad.kind, from: detect.Inferred, evidence: g.evidence,
			why: "the gem " + ad.gem + " is the only database driver that production installs"}
		if len(out) > 0 && (out[0].kind == d.kind || d.kind == "sqlite") {
			continue
		}
		out = append(out, d)
	}
	if len(out) == 0 || (len(out) > 1 && !conditional) {
		return database{}, false
	}
	if len(out) > 1 {
		out[0].from, out[0].why = detect.Default, "several database drivers may be installed; "+out[0].kind+" is a guess"
	}
	return out[0], true
}

// otherDriver reports whether a gem is the driver of another database than the chosen one and stands under a condition:
// it is not installed then.
func (a *app) otherDriver(gem string, db database) bool {
	for _, ad := range adapters {
		if ad.gem == gem {
			return db.kind != "" && ad.kind != db.kind && a.conditionalGem(gem)
		}
	}
	return false
}

// conditionalGem reports whether every line that asks for a gem stands under a condition.
func (a *app) conditionalGem(name string) bool {
	seen := false
	for _, l := range a.gemLines() {
		if l.name == name && l.production() {
			if !l.conditional {
				return false
			}
			seen = true
		}
	}
	return seen
}

// databaseBlockAny takes the development settings when nothing else names a database.
func (a *app) databaseBlockAny(f detect.File, have bool) (database, bool) {
	if !have {
		return database{}, false
	}
	d, ok := a.databaseBlock(f, "development")
	if ok {
		d.partial = true
		d.from, d.why, d.literal, d.roles = detect.Default, "only the development settings of "+f.Path+" name a database", nil, nil
	}
	return d, ok
}

var (
	envName    = manifest.Lazy(`ENV(?:\.fetch)?\s*[\[(]\s*["']([A-Za-z_][A-Za-z0-9_]*)["']`)
	envDefault = manifest.Lazy(`ENV\.fetch\(\s*["'][^"']+["']\s*(?:,\s*|\)\s*\{\s*)["']?([^"'})]*?)["']?\s*[})]|ENV\[["'][^"']+["']\](?:\.presence)?\s*(?:\|\||or)\s*["']?([^"'\s)]*)["']?`)
)

// keysOf are the settings of database.yml by the role of Service.Env that they play.
var keysOf = []struct{ role, key string }{{"url", "url"}, {"host", "host"}, {"port", "port"}, {"name", "database"}, {"user", "username"}, {"password", "password"}}

// databaseBlock reads an environment of a database.yml. With several databases the one named primary counts.
func (a *app) databaseBlock(f detect.File, environment string) (database, bool) {
	clean, exprs := manifest.StripERB(f.Data)
	doc, err := manifest.ParseYAML(clean)
	if err != nil {
		a.warn(f, err)
		return database{}, false
	}
	prefix := []string{environment}
	if len(doc.Keys(environment)) == 0 {
		return database{}, false
	}
	if doc.Has(environment, "primary", "adapter") || doc.Has(environment, "primary", "url") || doc.Has(environment, "primary", "database") {
		prefix = append(prefix, "primary")
	}
	d := database{from: detect.Declared, roles: map[string]string{}}
	b := yamlBlock{doc: doc, exprs: exprs, prefix: prefix, file: f}
	adapter, ev, ok := b.get("adapter")
	if ok {
		if name := envDefaultOf(adapter); name != "" {
			d.from, d.why = detect.Inferred, "the default of the variable that chooses the adapter"
			adapter = name
		}
		for _, l := range append([]string{adapter}, literalsOf(adapter)...) { // "RUBY_PLATFORM =~ /java/ ? 'jdbcmysql' : 'mysql2'"
			if kindOf(l) != "" {
				d.adapter, d.kind, d.evidence = l, kindOf(l), []detect.Evidence{ev}
			}
		}
	}
	a.settings(&d, b)
	if d.kind == "" && !a.adapterFromGem(&d, f.Evidence(doc.Line(prefix...))) {
		return database{}, false
	}
	return d, true
}

// adapterFromGem completes a block that names no adapter, or one that only a variable knows.
func (a *app) adapterFromGem(d *database, block detect.Evidence) bool {
	g, ok := a.databaseGem(true)
	if !ok {
		return false
	}
	d.adapter, d.kind, d.from = g.adapter, g.kind, detect.Inferred
	d.why = "the settings of production do not name the adapter; " + g.why
	d.evidence = append(g.evidence, block)
	return true
}

// settings reads which connection settings come from variables and which are written down.
func (a *app) settings(d *database, b yamlBlock) {
	for _, k := range keysOf {
		value, ev, ok := b.get(k.key)
		if !ok {
			continue
		}
		if m := envName.FindStringSubmatch(value); m != nil {
			d.roles[k.role] = m[1]
			if k.role == "name" {
				d.name = envDefaultOf(value)
			}
			continue
		}
		if k.role == "name" {
			d.name, d.file = value, value
			continue
		}
		if strings.TrimSpace(value) == "" || strings.Contains(value, "<%") {
			continue
		}
		d.literal = append(d.literal, ev)
		if k.role == "password" {
			d.secret = ev
		}
	}
}

// yamlBlock is a map of a YAML file with ERB.
type yamlBlock struct {
	doc    *manifest.Doc
	exprs  []manifest.ERB
	prefix []string
	file   detect.File
}

// get returns a setting with its ERB expression in place of the template's mark ("ENV['X'] || 'y'").
func (b yamlBlock) get(key string) (string, detect.Evidence, bool) {
	v, line, ok := b.doc.Get(append(b.prefix[:len(b.prefix):len(b.prefix)], key)...)
	if !ok || v == "" {
		return "", detect.Evidence{}, false
	}
	if e := manifest.ERBIn(v, b.exprs); len(e) > 0 {
		v, line = e[0].Expr, e[0].Line
		if !strings.Contains(v, "ENV") {
			v = "<%=" + v
		}
	}
	return v, b.file.Evidence(line), true
}

// envDefaultOf returns the default that an expression gives to a variable, empty when there is none.
func envDefaultOf(expr string) string {
	m := envDefault.FindStringSubmatch(expr)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m[1] + m[2])
}

// complete decides how the application learns where its database is, once kind and settings are known.
func (d *database) complete(a *app, fw framework) {
	full := d.roles["url"] != "" || d.roles["host"] != "" && d.roles["password"] != "" && d.roles["user"] != ""
	if full || d.kind == "sqlite" {
		d.trim()
		return
	}
	if fw.rails() && (atLeast(fw.version, "3.2") || fw.version == "") {
		// Rails itself lets DATABASE_URL win over database.yml: since 3.2 in ActiveRecord's railtie, since 4.1 merged
		// with the file and also without it (guides.rubyonrails.org/configuring.html).
		d.roles = map[string]string{"url": "DATABASE_URL"}
		d.literal = nil
		return
	}
	if fw.name == "hanami" || a.has("sinatra-activerecord") && d.missing || a.readsVariable("DATABASE_URL") {
		d.roles, d.literal = map[string]string{"url": "DATABASE_URL"}, nil
		return
	}
	if named := a.namedRoles("database", false); len(d.literal) == 0 && (named["url"] != "" || named["host"] != "") {
		d.roles = named
		d.trim()
		return
	}
	if d.roles["host"] == "" {
		d.roles = nil
	}
}

// trim leaves only the address when there is one: its parts would be set twice.
func (d *database) trim() {
	d.literal = nil
	if url := d.roles["url"]; url != "" {
		d.roles = map[string]string{"url": url}
	}
}

// scheme is what the address of the database begins with, as ActiveRecord wants it.
func (d *database) scheme() string {
	switch d.adapter {
	case "mysql2", "trilogy", "postgis", "sqlserver", "mysql":
		return d.adapter
	case "oracle_enhanced":
		return "oracle-enhanced"
	}
	return ""
}
