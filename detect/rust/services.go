package rust

import (
	"path"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// driver says which service a crate talks to; feature: only with it.
type driver struct {
	crate, feature, kind string
	required             bool
}

// drivers are tried in order. Sources: each crate's own description.
var drivers = []driver{
	{"postgres", "", "postgresql", true}, {"tokio-postgres", "", "postgresql", true}, {"deadpool-postgres", "", "postgresql", true}, {"r2d2_postgres", "", "postgresql", true}, {"bb8-postgres", "", "postgresql", true},
	{"diesel", "postgres", "postgresql", true}, {"diesel-async", "postgres", "postgresql", true}, {"sqlx", "postgres", "postgresql", true}, {"sea-orm", "sqlx-postgres", "postgresql", true}, {"rocket_contrib", "diesel_postgres_pool", "postgresql", true},
	{"rocket_sync_db_pools", "diesel_postgres_pool", "postgresql", true}, {"rocket_db_pools", "sqlx_postgres", "postgresql", true}, {"rocket_db_pools", "deadpool_postgres", "postgresql", true},
	{"mysql", "", "mysql", true}, {"mysql_async", "", "mysql", true}, {"diesel", "mysql", "mysql", true}, {"sqlx", "mysql", "mysql", true}, {"sea-orm", "sqlx-mysql", "mysql", true}, {"rocket_contrib", "diesel_mysql_pool", "mysql", true}, {"rbatis", "mysql", "mysql", true},
	{"rusqlite", "", "sqlite", true}, {"diesel", "sqlite", "sqlite", true}, {"sqlx", "sqlite", "sqlite", true}, {"sea-orm", "sqlx-sqlite", "sqlite", true}, {"r2d2_sqlite", "", "sqlite", true}, {"rocket_contrib", "diesel_sqlite_pool", "sqlite", true}, {"sqlite", "", "sqlite", true},
	{"tiberius", "", "sqlserver", true}, {"oracle", "", "oracle", true}, {"mongodb", "", "mongodb", true}, {"wither", "", "mongodb", true},
	{"redis", "", "redis", true}, {"deadpool-redis", "", "redis", true}, {"redis-async", "", "redis", true}, {"fred", "", "redis", true}, {"bb8-redis", "", "redis", true}, {"r2d2_redis", "", "redis", true}, {"actix-redis", "", "redis", true},
	{"memcache", "", "memcached", true}, {"elasticsearch", "", "elasticsearch", true}, {"elastic", "", "elasticsearch", true}, {"opensearch", "", "opensearch", true},
	{"lapin", "", "rabbitmq", true}, {"amiquip", "", "rabbitmq", true}, {"amqprs", "", "rabbitmq", true}, {"rdkafka", "", "kafka", true}, {"kafka", "", "kafka", true},
	{"nats", "", "nats", true}, {"async-nats", "", "nats", true}, {"cdrs", "", "cassandra", true}, {"scylla", "", "cassandra", true}, {"neo4rs", "", "neo4j", true}, {"influxdb", "", "influxdb", true}, {"zookeeper", "", "zookeeper", true},
	{"rusoto_s3", "", "s3", false}, {"aws-sdk-s3", "", "s3", false}, {"rust-s3", "", "s3", false}, {"aws-sdk-sqs", "", "sqs", true}, {"rusoto_sqs", "", "sqs", true}, {"lettre", "", "smtp", false}, {"ldap3", "", "ldap", false}, {"imap", "", "imap", false},
}

var relational = map[string]bool{"postgresql": true, "mysql": true, "sqlserver": true, "oracle": true, "sqlite": true}

// services lists what the crates talk to. Of several databases the first is the one, the others are what it could use instead.
func (p *project) services() []detect.Service {
	var out []detect.Service
	have := map[string]bool{}
	chosen := false
	for _, d := range drivers {
		dep, ev, ok := p.has(d.crate)
		if !ok || have[d.kind] || d.feature != "" && !contains(dep.features, d.feature) {
			continue
		}
		have[d.kind] = true
		s := detect.Service{Kind: d.kind, Required: d.required && !dep.optional, From: detect.Declared, Why: "the crate " + d.crate + " talks to it", Evidence: []detect.Evidence{ev}}
		if relational[d.kind] && s.Required {
			s.Required = !chosen
			chosen = true
		}
		out = append(out, s)
	}
	more := p.switched(have)
	if !chosen {
		p.choose(more)
	}
	return append(out, more...)
}

// choose takes one of the databases that features switch on, when none is by default: SQLite, which needs nothing beside the
// program, else the first.
func (p *project) choose(services []detect.Service) {
	best := -1
	for i, s := range services {
		if relational[s.Kind] && (best < 0 || s.Kind == "sqlite") {
			best = i
		}
	}
	if best >= 0 {
		services[best].Required = true
		p.feature = detect.Infer(p.switches[services[best].Kind], "none of the features for a database is on by default", services[best].Evidence...)
	}
}

// switched are databases that a feature of the package's own switches on: a program that is built without any of them has
// none of them, and the first is taken.
func (p *project) switched(have map[string]bool) []detect.Service {
	var out []detect.Service
	for _, feature := range p.cargo.Keys("features") {
		for _, f := range p.cargo.List("features", feature) {
			crate, name, ok := strings.Cut(f.Value, "/")
			if !ok {
				continue
			}
			for _, d := range drivers {
				if d.crate == crate && d.feature == name && !have[d.kind] {
					have[d.kind] = true
					p.switches[d.kind] = feature
					out = append(out, detect.Service{Kind: d.kind, From: detect.Inferred, Why: "the feature " + detect.Printable(feature, 60) + " switches it on", Evidence: []detect.Evidence{p.file.Evidence(f.Line)}})
				}
			}
		}
	}
	return out
}

// native is a crate that links a C library; without: the feature that brings the library along.
type native struct {
	crate, without, name string
	build, run           []string
}

// natives by Debian 12's packages. Sources: each crate's README and build script.
var natives = []native{
	{"openssl-sys", "openssl-src", "openssl", []string{"libssl-dev", "pkg-config"}, []string{"libssl3"}},
	{"pq-sys", "pq-src", "libpq", []string{"libpq-dev"}, []string{"libpq5"}},
	{"mysqlclient-sys", "mysqlclient-src", "mariadb-client", []string{"default-libmysqlclient-dev", "pkg-config"}, []string{"libmariadb3"}},
	{"libz-sys", "", "zlib", []string{"zlib1g-dev", "pkg-config"}, []string{"zlib1g"}},
	{"curl-sys", "", "libcurl", []string{"libcurl4-openssl-dev", "pkg-config"}, []string{"libcurl4"}},
	{"libsqlite3-sys", "", "sqlite3", []string{"libsqlite3-dev", "pkg-config"}, []string{"libsqlite3-0"}},
	{"rdkafka-sys", "", "cmake", []string{"cmake", "g++", "zlib1g-dev"}, nil},
	{"libgit2-sys", "", "libgit2", []string{"libssl-dev", "cmake", "pkg-config"}, nil},
	{"libdbus-sys", "", "dbus", []string{"libdbus-1-dev", "pkg-config"}, []string{"libdbus-1-3"}},
	{"libsodium-sys", "", "libsodium", []string{"libsodium-dev", "pkg-config"}, []string{"libsodium23"}},
	{"sodiumoxide", "", "libsodium", []string{"libsodium-dev", "pkg-config"}, []string{"libsodium23"}},
	{"magick_rust", "", "imagemagick", []string{"libmagickwand-dev", "clang", "pkg-config"}, []string{"libmagickwand-6.q16-6"}},
	{"zmq-sys", "zeromq-src", "zeromq", []string{"libzmq3-dev", "pkg-config"}, []string{"libzmq5"}},
	{"pcap", "", "libpcap", []string{"libpcap-dev"}, []string{"libpcap0.8"}},
	{"bindgen", "", "clang", []string{"clang", "libclang-dev"}, nil},
	{"prost-build", "", "protobuf", []string{"protobuf-compiler", "libprotobuf-dev"}, nil},
	{"tonic-build", "", "protobuf", []string{"protobuf-compiler", "libprotobuf-dev"}, nil},
	{"aws-lc-sys", "", "cmake", []string{"cmake", "g++"}, nil},
	{"cmake", "", "cmake", []string{"cmake", "g++"}, nil},
	{"ffmpeg-sys", "", "ffmpeg", []string{"libavcodec-dev", "libavformat-dev", "libavutil-dev", "clang", "pkg-config"}, []string{"ffmpeg"}},
	{"openblas-src", "", "openblas", []string{"libopenblas-dev"}, []string{"libopenblas0"}},
	{"pam-sys", "", "linux-pam", []string{"libpam0g-dev"}, []string{"libpam0g"}},
	{"alsa-sys", "", "alsa", []string{"libasound2-dev", "pkg-config"}, []string{"libasound2"}},
}

// dependents are crates of a manifest that bring a native one, for packages without a lock file.
var dependents = map[string]string{"openssl": "openssl-sys", "native-tls": "openssl-sys", "diesel:postgres": "pq-sys", "diesel:mysql": "mysqlclient-sys", "diesel:sqlite": "libsqlite3-sys", "rusqlite": "libsqlite3-sys", "curl": "curl-sys", "git2": "libgit2-sys", "zmq": "zmq-sys", "rdkafka": "rdkafka-sys"}

// systemPackages are the C libraries that the crates link.
func (p *project) systemPackages() []detect.SystemPackage {
	var out []detect.SystemPackage
	for _, n := range natives {
		ev, ok := p.links(n.crate)
		if _, bundled := p.lock[n.without]; n.without != "" && bundled || !ok {
			continue
		}
		if n.crate == "libsqlite3-sys" && p.bundledSQLite() {
			continue
		}
		have := false
		for _, o := range out {
			have = have || o.Name == n.name
		}
		if !have {
			out = append(out, detect.SystemPackage{Name: n.name, Build: n.build, Run: n.run, Why: "the crate " + n.crate + " links it", Evidence: []detect.Evidence{ev}})
		}
	}
	return out
}

// links reports whether a native crate is among those that are built.
func (p *project) links(crate string) (detect.Evidence, bool) {
	if p.lockF.Path != "" {
		l, ok := p.lock[crate]
		return p.lockF.Evidence(l.line), ok
	}
	if _, ev, ok := p.has(crate); ok {
		return ev, true
	}
	for _, name := range sortedKeys(dependents) {
		if dependents[name] != crate {
			continue
		}
		base, feature, _ := strings.Cut(name, ":")
		if d, ev, ok := p.has(base); ok && (feature == "" || contains(d.features, feature)) {
			return ev, true
		}
	}
	return detect.Evidence{}, false
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func (p *project) bundledSQLite() bool {
	for _, crate := range []string{"rusqlite", "libsqlite3-sys"} {
		if d, ok := p.deps[crate]; ok && (contains(d.features, "bundled") || contains(d.features, "bundled-full")) {
			return true
		}
	}
	_, sqlx := p.deps["sqlx"] // it always brings SQLite's source
	return sqlx
}

var (
	envRead    = manifest.Lazy(`(?:env::var(?:_os)?|std::env::var|dotenv::var|dotenvy::var|var)\(\s*"([A-Z][A-Z0-9_]*)"\s*\)|\benv\s*=\s*"([A-Z][A-Z0-9_]*)"|env_or\w*\(\s*"([A-Z][A-Z0-9_]*)"`)
	envDefault = manifest.Lazy(`unwrap_or(?:_else)?\(\s*(?:\|_\|\s*)?(?:String::from\()?"([^"]*)"|default_value\s*=\s*"([^"]*)"`)
	envMust    = manifest.Lazy(`\)\s*\.(?:expect|unwrap)\(|\)\?`)
	secretName = manifest.Lazy(`(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|_PASS$|(?:^|_)KEY(?:$|_)|APIKEY|SALT$|_DSN$)`)
	publicName = manifest.Lazy(`(?:PUBLIC|_KEY_ID$|_PATH$|_FILE$|_LENGTH$|_TTL$|_EXPIR\w*$|_TIMEOUT$|_ENABLED$)`)
	notSetting = manifest.Lazy(`^(?:PATH|HOME|USER|PWD|SHELL|TERM|TMPDIR|HOSTNAME|CI|CARGO\w*|OUT_DIR|TARGET|PROFILE|RUSTC\w*|RUST_BACKTRACE|NO_COLOR|XDG_\w+|APPDATA|HTTPS?_PROXY|GITHUB_\w+|DOCS_RS)$`)
)

// env lists the variables that the sources read.
func (p *project) env(c *detect.Component) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	add := func(name string, ev detect.Evidence) *detect.EnvVar {
		e := all[name]
		if e == nil {
			e = &detect.EnvVar{Name: name, Secret: secretName.MatchString(name) && !publicName.MatchString(name)}
			all[name] = e
		}
		if len(e.Evidence) < 3 {
			e.Evidence = append(e.Evidence, ev)
		}
		return e
	}
	for _, h := range p.all(300, envRead.Regexp(), "var(", "var_os(", "env = \"", "env_or") {
		name := h.match[1] + h.match[2] + h.match[3]
		if notSetting.MatchString(name) || path.Base(h.file.Path) == "build.rs" {
			continue
		}
		e := add(name, h.evidence())
		if m := envDefault.FindStringSubmatch(h.text); m != nil && e.Default == "" && detect.Printable(m[1]+m[2], 200) == m[1]+m[2] {
			e.Default = m[1] + m[2]
		} else if envMust.MatchString(h.text) && h.match[1] != "" {
			e.Required = true
		}
	}
	for _, name := range []string{".env.example", ".env.sample", ".env.dist", ".env.template"} {
		f, ok := p.read(name)
		if !ok {
			continue
		}
		vars, err := manifest.ParseDotenv(f.Data)
		if err != nil {
			p.warn(f, err)
		}
		for _, v := range vars {
			if !notSetting.MatchString(v.Name) {
				add(v.Name, f.Evidence(v.Line))
			}
		}
		break
	}
	p.known(c, add)
	if e := all["PORT"]; e != nil && c.Port.V > 0 {
		e.Value = itoa(c.Port.V)
	}
	return detect.SortedEnv(all)
}

// known adds variables that crates read by themselves.
func (p *project) known(c *detect.Component, add func(string, detect.Evidence) *detect.EnvVar) {
	if _, ev, ok := p.has("rocket"); ok {
		e := add("ROCKET_ADDRESS", ev)
		e.Value, e.Why = "0.0.0.0", "Rocket listens on the loopback address unless it is told"
		if c.Port.V > 0 {
			e = add("ROCKET_PORT", ev)
			e.Value, e.Why = itoa(c.Port.V), "the port it listens on"
		}
	}
	for _, s := range c.Services {
		if relational[s.Kind] && s.Kind != "sqlite" && len(s.Evidence) > 0 {
			for _, crate := range []string{"diesel", "sqlx", "sea-orm"} {
				if _, ev, ok := p.has(crate); ok {
					add("DATABASE_URL", ev)
					break
				}
			}
		}
	}
}

var suffixes = []struct{ end, role string }{{"_URL", "url"}, {"_URI", "url"}, {"_DSN", "url"}, {"_HOST", "host"}, {"_PORT", "port"}, {"_DATABASE", "name"}, {"_DBNAME", "name"}, {"_NAME", "name"}, {"_DB", "name"},
	{"_USERNAME", "user"}, {"_USER", "user"}, {"_PASSWORD", "password"}, {"_PASS", "password"}}

var prefixes = map[string][]string{"postgresql": {"DATABASE", "DB", "POSTGRES", "PG"}, "mysql": {"DATABASE", "DB", "MYSQL", "MARIADB"}, "sqlserver": {"DATABASE", "DB", "MSSQL"}, "mongodb": {"MONGO", "MONGODB", "DATABASE"},
	"redis": {"REDIS"}, "memcached": {"MEMCACHE"}, "rabbitmq": {"AMQP", "RABBITMQ", "RABBIT"}, "kafka": {"KAFKA"}, "elasticsearch": {"ELASTIC", "ES"}, "nats": {"NATS"}, "smtp": {"SMTP", "MAIL"}, "s3": {"S3", "AWS"}, "cassandra": {"CASSANDRA", "SCYLLA"}}

// setRoles says which variables name which service.
func (p *project) setRoles(c *detect.Component) {
	for i := range c.Services {
		s := &c.Services[i]
		roles := map[string]string{}
		for j := range c.Env {
			e := &c.Env[j]
			for _, prefix := range prefixes[s.Kind] {
				if !strings.HasPrefix(e.Name, prefix) || strings.Contains(e.Name, "TEST") {
					continue
				}
				for _, x := range suffixes {
					if strings.HasSuffix(e.Name, x.end) && roles[x.role] == "" {
						roles[x.role] = e.Name
						e.Secret = e.Secret || x.role == "url" || x.role == "password"
						break
					}
				}
				break
			}
		}
		s.Env = roles
		if s.Kind == "postgresql" {
			s.Scheme = "postgres"
		}
	}
}
