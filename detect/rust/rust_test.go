package rust

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/rust-visits"), fstest.MapFS{
		"Cargo.toml":            {Data: []byte("[workspace]\nmembers = [\"server\", \"store\"]\n\n[workspace.package]\nrust-version = \"1.70\"\n\n[workspace.dependencies]\nstore = { path = \"store\" }\n")},
		"Cargo.lock":            {Data: []byte("version = 4\n\n[[package]]\nname = \"time\"\nversion = \"0.3.9\"\n\n[[package]]\nname = \"pq-sys\"\nversion = \"0.4.6\"\n")},
		"server/Cargo.toml":     {Data: []byte("[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nrocket = \"0.5\"\nstore = { workspace = true }\n")},
		"server/src/main.rs":    {Data: []byte("use std::env;\n#[launch]\nfn rocket() -> _ {\n    env::var(\"DATABASE_URL\").unwrap();\n    rocket::build()\n}\n")},
		"server/Rocket.toml":    {Data: []byte("[default]\nport = 9000\n")},
		"server/.env.example":   {Data: []byte("SECRET_KEY=\n")},
		"server/src/bin/x.rs":   {Data: []byte("fn main() {}\n")},
		"store/Cargo.toml":      {Data: []byte("[package]\nname = \"store\"\nversion = \"0.1.0\"\n\n[dependencies]\ndiesel = { version = \"1\", features = [\"postgres\"] }\n")},
		"store/src/lib.rs":      {Data: []byte("pub fn open() {}\n")},
		"server/rust-toolchain": {Data: []byte("1.72.0\n")},
		".travis.yml":           {Data: []byte("rust:\n  - 1.70.0\n")},
	})
}

func find(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	return detecttest.Find(t, Detector{}, files)
}

func one(t *testing.T, files map[string]string) detect.Component {
	t.Helper()
	f := find(t, files)
	if len(f.Components) == 0 {
		t.Fatalf("nothing found; warnings %v", f.Warnings)
	}
	return f.Components[0]
}

// crate is a manifest with dependencies.
func crate(deps ...string) string {
	return "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n\n[dependencies]\n" + strings.Join(deps, "\n") + "\n"
}

func TestRolesAndPorts(t *testing.T) {
	tests := map[string]struct {
		deps []string
		main string
		more map[string]string
		role detect.Role
		port int
	}{
		"actix":      {[]string{`actix-web = "4"`}, `HttpServer::new(app).bind(("0.0.0.0", 8081))`, nil, detect.Web, 8081},
		"actix 1":    {[]string{`actix-web = "1.0"`}, "HttpServer::new(app)\n.bind(\"0.0.0.0:8088\")", nil, detect.Web, 8088},
		"axum":       {[]string{`axum = "0.7"`}, "let addr = SocketAddr::from(([0, 0, 0, 0], 3000));\naxum::serve(l, app);", nil, detect.Web, 3000},
		"warp":       {[]string{`warp = "0.3"`}, "warp::serve(r).run(([127, 0, 0, 1], 3030))", nil, detect.Web, 3030},
		"rocket":     {[]string{`rocket = "0.4"`}, "rocket::ignite().launch();", nil, detect.Web, 8000},
		"its file":   {[]string{`rocket = "0.4"`}, "rocket::ignite().launch();", map[string]string{"Rocket.toml": "[development]\nport = 1000\n[production]\nport = 8443\n"}, detect.Web, 8443},
		"a bound":    {[]string{`actix-web = "4"`}, "static DEFAULT_PORT: u16 = 8021;\nlet n = env::var(\"CHUNK_SIZE\")\n.unwrap_or_else(|_| \"1000\".to_string());\nHttpServer::new(a)", nil, detect.Web, 8021},
		"variable":   {[]string{`actix-web = "4"`}, `let p = env::var("PORT").unwrap_or_else(|_| "5055".into()); HttpServer::new(a)`, nil, detect.Web, 5055},
		"plain TCP":  {nil, `let l = TcpListener::bind("0.0.0.0:7878");`, nil, detect.Web, 7878},
		"client":     {[]string{`hyper = "0.14"`}, `Client::new().get("http://127.0.0.1:1234")`, nil, detect.CLI, 0},
		"queue":      {[]string{`lapin = "2"`}, "c.basic_consume()", nil, detect.Worker, 0},
		"lambda":     {[]string{`lambda_runtime = "0.8"`}, "run()", nil, detect.Function, 0},
		"tool":       {[]string{`clap = "4"`}, `println!("")`, nil, detect.CLI, 0},
		"Procfile":   {nil, `println!("")`, map[string]string{"Procfile": "web: ./target/release/prepare && bin/start-proxy ./target/release/shop --quiet\n", "src/bin/prepare.rs": "fn main() {}\n"}, detect.Web, 0},
		"its worker": {nil, `println!("")`, map[string]string{"Procfile": "worker: ./target/release/shop\n"}, detect.CLI, 0},
		"conduit":    {[]string{`civet = "0.9"`}, "Server::start(c, app)", nil, detect.Web, 0},
		"Dockerfile": {[]string{`axum = "0.7"`}, "axum::serve(l, app);", map[string]string{"Dockerfile": "FROM rust:1.70\nEXPOSE 8099\n"}, detect.Web, 8099},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"Cargo.toml": crate(tt.deps...), "src/main.rs": "fn main() {\n" + tt.main + "\n}\n"}
			for k, v := range tt.more {
				files[k] = v
			}
			c := one(t, files)
			if c.Role.V != tt.role || c.Port.V != tt.port || c.Framework.V != "none" || c.Build.V != "cargo" {
				t.Errorf("%s %d %s %s; want %s %d", c.Role.V, c.Port.V, c.Framework.V, c.Build.V, tt.role, tt.port)
			}
		})
	}
}

func TestPrograms(t *testing.T) {
	main := "fn main() { HttpServer::new(a) }\n"
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"package":    {map[string]string{"Cargo.toml": crate(), "src/main.rs": main}, ". shop"},
		"library":    {map[string]string{"Cargo.toml": crate(), "src/lib.rs": ""}, ". "},
		"bin":        {map[string]string{"Cargo.toml": crate() + "[[bin]]\nname = \"shopd\"\npath = \"src/daemon.rs\"\n", "src/daemon.rs": main}, ". shopd"},
		"default":    {map[string]string{"Cargo.toml": strings.Replace(crate(), "version", "default-run = \"b\"\nversion", 1), "src/bin/a.rs": main, "src/bin/b/main.rs": main}, ". b"},
		"Procfile":   {map[string]string{"Cargo.toml": crate(), "Procfile": "web: target/release/prepare && target/release/site\n", "src/bin/prepare.rs": main, "src/bin/site.rs": main}, ". site"},
		"workers":    {map[string]string{"Cargo.toml": crate(), "Procfile": "release: bin/migrate\nweb: ./target/release/site\nmailer: ./target/release/mailer --all\nconsole: sh x\n", "src/bin/mailer.rs": main, "src/bin/site.rs": main}, ". site mailer, . site mailer"},
		"migrations": {map[string]string{"Cargo.toml": crate(), "src/main.rs": main, "src/bin/migrate.rs": main}, ". shop migrate"},
		"workspace": {map[string]string{"Cargo.toml": "[workspace]\nmembers = [\"a\", \"b\"]\n", "a/Cargo.toml": crate(`actix-web = "4"`), "a/src/main.rs": main, "b/Cargo.toml": crate(), "b/src/lib.rs": ""},
			"a shop"},
		"examples": {map[string]string{"examples/x/Cargo.toml": crate(), "examples/x/src/main.rs": main}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range find(t, tt.files).Components {
				got = append(got, c.Path+" "+c.Facts["binaries"].V)
			}
			if g := strings.Join(got, ", "); g != tt.want {
				t.Errorf("%q, want %q", g, tt.want)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  string
		from  detect.Origin
	}{
		"toolchain":    {map[string]string{"rust-toolchain": "1.44.1\n", ".travis.yml": "rust: 1.40.0\n"}, "1.44.1", detect.Declared},
		"toml":         {map[string]string{"rust-toolchain.toml": "[toolchain]\nchannel = \"1.77\"\n"}, "1.77", detect.Declared},
		"stable":       {map[string]string{"rust-toolchain": "stable\n"}, defaultRust, detect.Default},
		"rust-version": {map[string]string{"Cargo.toml": strings.Replace(crate(), "version", "rust-version = \"1.60\"\nversion", 1)}, "1.60", detect.Declared},
		"RustConfig":   {map[string]string{"RustConfig": "VERSION=1.32.0\n", ".travis.yml": "rust: 1.36.0\n"}, "1.32.0", detect.Declared},
		"travis":       {map[string]string{".travis.yml": "rust:\n  - 1.31.0\n  - 1.36.0\n  - nightly\n"}, "1.36.0", detect.Inferred},
		"Dockerfile":   {map[string]string{"Dockerfile": "FROM rust:1.41-slim AS build\n"}, "1.41", detect.Inferred},
		"edition":      {map[string]string{"Cargo.toml": strings.Replace(crate(), "version", "edition = \"2021\"\nversion", 1)}, "1.56", detect.Inferred},
		"nothing":      {map[string]string{}, defaultRust, detect.Default},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.files["Cargo.toml"] == "" {
				tt.files["Cargo.toml"] = crate()
			}
			tt.files["src/main.rs"] = "fn main() {}\n"
			c := one(t, tt.files)
			if c.LanguageVersion.V != tt.want || c.LanguageVersion.From != tt.from {
				t.Errorf("%s %s, want %s %s", c.LanguageVersion.V, c.LanguageVersion.From, tt.want, tt.from)
			}
		})
	}
}

func TestServices(t *testing.T) {
	main := "fn main() { env::var(\"DB_HOST\").unwrap(); env::var(\"REDIS_URL\").unwrap(); axum::serve(a) }\n"
	tests := map[string]struct {
		manifest, lock string
		kinds, names   string
		features       string
	}{
		"features":  {crate(`diesel = { version = "1", features = ["postgres"] }`, `redis = "0.20"`), "", "postgresql! redis!", "libpq", ""},
		"two":       {crate(`sqlx = { version = "0.7", features = ["postgres", "mysql"] }`), "", "postgresql! mysql", "", ""},
		"lock":      {crate(`reqwest = "0.11"`), "[[package]]\nname = \"openssl-sys\"\nversion = \"0.9\"\n", "", "openssl", ""},
		"vendored":  {crate(`reqwest = "0.11"`), "[[package]]\nname = \"openssl-sys\"\nversion = \"0.9\"\n[[package]]\nname = \"openssl-src\"\nversion = \"111\"\n", "", "", ""},
		"bundled":   {crate(`rusqlite = { version = "0.29", features = ["bundled"] }`), "", "sqlite!", "", ""},
		"switched":  {crate(`diesel = "2"`) + "[features]\nmy = [\"diesel/mysql\"]\nlite = [\"diesel/sqlite\"]\n", "", "mysql sqlite!", "", "lite"},
		"may do so": {crate(`redis = { version = "0.20", optional = true }`, `lettre = "0.10"`), "", "redis smtp", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"Cargo.toml": tt.manifest, "src/main.rs": main}
			if tt.lock != "" {
				files["Cargo.lock"] = tt.lock
			}
			c := one(t, files)
			var kinds, names []string
			for _, s := range c.Services {
				k := s.Kind
				if s.Required {
					k += "!"
				}
				kinds = append(kinds, k)
			}
			for _, p := range c.SystemPackages {
				names = append(names, p.Name)
			}
			if got := strings.Join(kinds, " "); got != tt.kinds {
				t.Errorf("services %q, want %q", got, tt.kinds)
			}
			if got := strings.Join(names, " "); got != tt.names {
				t.Errorf("packages %q, want %q", got, tt.names)
			}
			if got := c.Facts["features"].V; got != tt.features {
				t.Errorf("features %q", got)
			}
		})
	}
	c := one(t, map[string]string{"Cargo.toml": crate(`tokio-postgres = "0.7"`), "src/main.rs": main})
	if c.Services[0].Env["host"] != "DB_HOST" || !c.Env[0].Required {
		t.Errorf("%+v %+v", c.Services[0], c.Env[0])
	}
}

func TestFactsAndTrouble(t *testing.T) {
	c := one(t, map[string]string{"Cargo.toml": crate(`axum = "0.7"`), "Cargo.lock": "version = 4\n[[package]]\nname = \"time\"\nversion = \"0.3.20\"\n", "rust-toolchain": "nightly-2020-01-01\n", "templates/a.html": "", "other/x": "",
		"src/main.rs": "fn main() { read(\"templates/a.html\"); fs::create_dir_all(\"uploads\"); axum::serve(l); TcpListener::bind(\"127.0.0.1:3000\") }\n"})
	for fact, want := range map[string]string{"minimum": "1.78", "newest": "1.79", "runtimeFiles": "templates", "lockfile": "Cargo.lock"} {
		if got := c.Facts[fact].V; got != want {
			t.Errorf("%s: %q, want %q", fact, got, want)
		}
	}
	var ids []string
	for _, r := range c.Readiness {
		ids = append(ids, r.ID)
	}
	if got := strings.Join(ids, " "); got != "loopback-only old-edition nightly-compiler" || len(c.Writes) != 1 || c.Writes[0].V != "uploads" {
		t.Errorf("%s %+v", got, c.Writes)
	}
}

// FuzzDetect puts any text into any file of a package.
func FuzzDetect(f *testing.F) {
	names := []string{"Cargo.toml", "Cargo.lock", "src/main.rs", "a/Cargo.toml", "Rocket.toml", "rust-toolchain", "rust-toolchain.toml", ".travis.yml", "Dockerfile", "Procfile", ".env.example"}
	f.Add(uint8(0), crate(`axum = { path = "../a" }`, `x = { workspace = true }`))
	f.Add(uint8(1), "version = 4\n[[package]]\nname = \"a\"\n")
	f.Add(uint8(2), "fn main() { bind(\"0.0.0.0:80\") }\n")
	f.Add(uint8(3), "[package]\nname = \"a\"\n[dependencies]\nb = { path = \"../../..\" }\n")
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		files := map[string]string{"Cargo.toml": crate(`rocket = "0.4"`, `a = { path = "a" }`), "a/Cargo.toml": crate(), "a/src/lib.rs": "", "src/main.rs": "fn main() { rocket::ignite().launch(); }\n"}
		files[names[int(which)%len(names)]] = text
		found := find(t, files)
		for _, w := range found.Warnings {
			if strings.Contains(w.Text, "internal error") {
				t.Fatal(w.Text)
			}
		}
		if _, err := found.JSON(); err != nil {
			t.Fatal(err)
		}
	})
}
