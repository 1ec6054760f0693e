package golang

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/go-orders"), fstest.MapFS{
		"go.mod":         {Data: []byte("module example.com/shop\n\ngo 1.14\n\nrequire github.com/gin-gonic/gin v1.6.3\n")},
		"go.sum":         {Data: []byte("github.com/gin-gonic/gin v1.6.3 h1:x=\n")},
		"cmd/web/x.go":   {Data: []byte("package main\n\nimport (\n\t\"os\"\n\t\"github.com/gin-gonic/gin\"\n\t_ \"github.com/mattn/go-sqlite3\"\n)\n\nfunc main() {\n\tr := gin.Default()\n\tr.Run(\":\" + os.Getenv(\"PORT\"))\n}\n")},
		"Gopkg.lock":     {Data: []byte("[[projects]]\n  name = \"github.com/gin-gonic/gin\"\n  version = \"v1.6.3\"\n")},
		"config.yaml":    {Data: []byte("server:\n  port: 9000\n")},
		"Procfile":       {Data: []byte("web: web serve\n")},
		".go-version":    {Data: []byte("1.15.2\n")},
		".env.example":   {Data: []byte("PORT=80\nAPI_TOKEN=\n")},
		"Dockerfile":     {Data: []byte("FROM golang:1.16\nEXPOSE 8080\nCMD [\"web\"]\n")},
		"Makefile":       {Data: []byte("all:\n\tgo build ./...\n")},
		"glide.lock":     {Data: []byte("imports:\n- name: a.b/c\n  version: v1.0.0\n")},
		"views/a.html":   {Data: []byte("x")},
		"cmd/job/job.go": {Data: []byte("package main\n\nimport \"github.com/streadway/amqp\"\n\nfunc main() {\n\tvar c *amqp.Channel\n\tc.Consume(\"q\", \"\", true, false, false, false, nil)\n}\n")},
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

const (
	mod    = "module example.com/shop\n\ngo 1.14\n"
	server = "package main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.ListenAndServe(\":9100\", nil)\n}\n"
	tool   = "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println()\n}\n"
)

func programText(imports, body string) string {
	return "package main\n\nimport (\n" + imports + ")\n\nfunc main() {\n" + body + "}\n"
}

func TestRolesAndPorts(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		role  detect.Role
		port  int
		fw    string
	}{
		"net/http":       {map[string]string{"go.mod": mod, "main.go": server}, detect.Web, 9100, "none"},
		"tool":           {map[string]string{"go.mod": mod, "main.go": tool}, detect.CLI, 0, "none"},
		"library":        {map[string]string{"go.mod": mod, "shop.go": "package shop\n"}, detect.Library, 0, "none"},
		"gin by default": {map[string]string{"go.mod": mod, "main.go": programText("\t\"github.com/gin-gonic/gin\"\n", "\tr := gin.Default()\n\tr.Run()\n")}, detect.Web, 8080, "gin"},
		"echo v4":        {map[string]string{"go.mod": mod, "main.go": programText("\t\"github.com/labstack/echo/v4\"\n", "\te := echo.New()\n\te.Start(\":1323\")\n")}, detect.Web, 1323, "echo"},
		"macaron":        {map[string]string{"main.go": programText("\t\"gopkg.in/macaron.v1\"\n", "\tm := macaron.Classic()\n\tm.Run()\n")}, detect.Web, 4000, "macaron"},
		"beego":          {map[string]string{"main.go": programText("\t\"github.com/astaxie/beego\"\n", "\tbeego.Run()\n"), "conf/app.conf": "appname = x\nhttpport = 8081\n"}, detect.Web, 8081, "beego"},
		"two listeners":  {map[string]string{"go.mod": mod, "main.go": programText("\t\"net/http\"\n", "\thttp.ListenAndServe(conf.Public.ListenURL, nil)\n"), "config.json": "{\n  \"admin\": {\n    \"listen_url\": \"127.0.0.1:3333\"\n  },\n  \"public\": {\n    \"listen_url\" : \"0.0.0.0:8085\",\n    \"tls\": true\n  }\n}\n"}, detect.Web, 8085, "none"},
		"loopback alone": {map[string]string{"go.mod": mod, "main.go": programText("\t\"net/http\"\n", "\thttp.ListenAndServe(conf.Addr, nil)\n"), "config.json": "{\n  \"addr\": \"127.0.0.1:3334\"\n}\n"}, detect.Web, 3334, "none"},
		"beego's orm":    {map[string]string{"main.go": programText("\t\"github.com/astaxie/beego/orm\"\n", "\torm.RunSyncdb()\n")}, detect.CLI, 0, "none"},
		"flag":           {map[string]string{"go.mod": mod, "main.go": programText("\t\"flag\"\n\t\"net/http\"\n", "\taddr := flag.String(\"listen\", \":8443\", \"\")\n\thttp.ListenAndServe(*addr, nil)\n")}, detect.Web, 8443, "none"},
		"variable":       {map[string]string{"go.mod": mod, "main.go": programText("\t\"net/http\"\n", "\thttp.ListenAndServe(\":\"+getenv(\"PORT\", \"5050\"), nil)\n")}, detect.Web, 5050, "none"},
		"any port":       {map[string]string{"go.mod": mod, "main.go": programText("\t\"net/http\"\n\t\"os\"\n", "\thttp.ListenAndServe(\":\"+os.Getenv(\"PORT\"), nil)\n")}, detect.Web, 8080, "none"},
		"database flag":  {map[string]string{"go.mod": mod, "main.go": programText("\t\"flag\"\n\t\"net/http\"\n", "\tdb := flag.Int(\"port\", 5432, \"\")\n\thttp.ListenAndServe(a, nil)\n")}, detect.Web, 0, "none"},
		"gRPC":           {map[string]string{"go.mod": mod, "main.go": programText("\t\"google.golang.org/grpc\"\n", "\ts := grpc.NewServer()\n\ts.Serve(l)\n")}, detect.Web, 0, "none"},
		"queue":          {map[string]string{"go.mod": mod, "main.go": programText("\t\"github.com/nsqio/go-nsq\"\n", "\tnsq.NewConsumer(\"a\", \"b\", nil)\n")}, detect.Worker, 0, "none"},
		"lambda":         {map[string]string{"go.mod": mod, "main.go": programText("\t\"github.com/aws/aws-lambda-go/lambda\"\n", "\tlambda.Start(handle)\n")}, detect.Function, 0, "none"},
		"by Dockerfile":  {map[string]string{"go.mod": mod, "main.go": tool, "Dockerfile": "FROM golang:1.14\nEXPOSE 1025 8025\nENTRYPOINT [\"/go/bin/shop\"]\n"}, detect.Web, 8025, "none"},
		"in a package":   {map[string]string{"go.mod": mod, "cmd/shop/main.go": programText("\t\"example.com/shop/web\"\n", "\tweb.Serve()\n"), "web/web.go": strings.Replace(server, "package main", "package web", 1)}, detect.Web, 9100, "none"},
		"other systems":  {map[string]string{"go.mod": mod, "main.go": tool, "main_windows.go": server, "ignored.go": "// +build ignore\n\n" + server}, detect.CLI, 0, "none"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := one(t, tt.files)
			if c.Role.V != tt.role || c.Port.V != tt.port || c.Framework.V != tt.fw {
				t.Errorf("role %s, port %d, framework %s; want %s, %d, %s", c.Role.V, c.Port.V, c.Framework.V, tt.role, tt.port, tt.fw)
			}
		})
	}
}

func TestPrograms(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"one of several": {map[string]string{"go.mod": mod, "cmd/shopd/main.go": server, "cmd/shopctl/main.go": tool, "hack/x/main.go": server, "examples/y/main.go": server}, "web . shopd"},
		"two":            {map[string]string{"go.mod": mod, "cmd/api/main.go": server, "cmd/worker/main.go": programText("\t\"github.com/nsqio/go-nsq\"\n", "\tnsq.NewConsumer(\"a\", \"b\", nil)\n")}, "api cmd/api api, worker cmd/worker worker"},
		"an admin's":     {map[string]string{"go.mod": mod, "cmd/tail/main.go": server, "cmd/shopadmin/main.go": programText("\t\"example.com/shop/web\"\n", "\tweb.Serve()\n"), "web/web.go": strings.Replace(server, "package main", "package web", 1)}, "shopadmin cmd/shopadmin shopadmin, tail cmd/tail tail"},
		"client":         {map[string]string{"go.mod": mod, "cmd/wtf/main.go": programText("\t\"example.com/shop/web\"\n", "\tweb.Get()\n"), "cmd/wtfd/main.go": programText("\t\"example.com/shop/web\"\n", "\tweb.Serve()\n"), "web/web.go": strings.Replace(server, "package main", "package web", 1)}, "web . wtfd"},
		"stray":          {map[string]string{"package.json": "{}", "src/emoji/gen.go": "package main\n\nfunc main() {}\n", "emoji/gen.go": tool}, ""},
		"modules":        {map[string]string{"a/go.mod": mod, "a/main.go": server, "b/go.mod": mod, "b/main.go": server}, "a a shop, b b shop"},
		"vendored":       {map[string]string{"vendor/github.com/x/y/main.go": server, "_examples/z/main.go": server}, ""},
		"major version":  {map[string]string{"go.mod": "module example.com/shop/v2\n", "main.go": server}, "web . shop"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range find(t, tt.files).Components {
				got = append(got, c.Name+" "+c.Path+" "+c.Facts["binary"].V)
			}
			if g := strings.Join(got, ", "); g != tt.want {
				t.Errorf("%q, want %q", g, tt.want)
			}
		})
	}
}

func TestModes(t *testing.T) {
	self := programText("\t\"github.com/acme/shop/web\"\n\t\"github.com/gorilla/mux\"\n\t\"net/http\"\n", "\thttp.ListenAndServe(\":80\", nil)\n")
	files := func(more map[string]string) map[string]string {
		all := map[string]string{"main.go": self, "web/web.go": "package web\n"}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	tests := map[string]struct {
		files              map[string]string
		mode, build, vexed string
	}{
		"modules":   {files(map[string]string{"go.mod": "module github.com/acme/shop\nrequire github.com/gorilla/mux v1.8.0\n"}), "modules", "go-modules", "no-lockfile"},
		"dep":       {files(map[string]string{"Gopkg.lock": "[[projects]]\n  name = \"github.com/gorilla/mux\"\n  version = \"v1.6.0\"\n", "Gopkg.toml": ""}), "convert", "dep", "dependency-tool-retired"},
		"glide":     {files(map[string]string{"glide.yaml": "package: github.com/acme/shop\n", "glide.lock": "imports: []\n"}), "convert", "glide", "dependency-tool-retired"},
		"godep":     {files(map[string]string{"Godeps/Godeps.json": `{"ImportPath": "github.com/acme/shop", "GoVersion": "go1.6", "Deps": []}`, "vendor/github.com/gorilla/mux/mux.go": "package mux\n"}), "gopath", "gopath", "gopath-build"},
		"govendor":  {files(map[string]string{"vendor/vendor.json": `{"rootPath": "github.com/acme/shop", "package": []}`, "vendor/github.com/gorilla/mux/mux.go": "package mux\n", "Makefile": "build:\n\tgo build\n"}), "gopath", "make", "gopath-build"},
		"nothing":   {files(nil), "init", "gopath", "no-lockfile"},
		"workspace": {map[string]string{"src/shop/main.go": programText("\t\"shop/web\"\n\t\"net/http\"\n", "\thttp.ListenAndServe(\":80\", nil)\n"), "src/shop/web/web.go": "package web\n"}, "workspace", "gopath", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := one(t, tt.files)
			if c.Facts["mode"].V != tt.mode || c.Build.V != tt.build {
				t.Errorf("mode %s, build %s; want %s, %s", c.Facts["mode"].V, c.Build.V, tt.mode, tt.build)
			}
			if p := c.Facts["importPath"].V; tt.mode != "modules" && tt.mode != "workspace" && p != "github.com/acme/shop" {
				t.Errorf("import path %q", p)
			}
			var ids []string
			for _, r := range c.Readiness {
				ids = append(ids, r.ID)
			}
			if tt.vexed != "" && !strings.Contains(strings.Join(ids, " "), tt.vexed) {
				t.Errorf("readiness %v, want %s", ids, tt.vexed)
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
		"go line":    {map[string]string{"go.mod": mod, ".travis.yml": "go: 1.16\n"}, "1.14", detect.Declared},
		"toolchain":  {map[string]string{"go.mod": "module x\ngo 1.21\ntoolchain go1.22.3\n"}, "1.22.3", detect.Locked},
		"travis":     {map[string]string{".travis.yml": "go:\n  - 1.9.x\n  - '1.10'\n  - tip\n"}, "1.10", detect.Inferred},
		"dockerfile": {map[string]string{"Dockerfile": "FROM golang:1.7-alpine\n"}, "1.7", detect.Inferred},
		"goenv":      {map[string]string{".go-version": "1.13.4\n", ".travis.yml": "go: 1.12\n"}, "1.13.4", detect.Declared},
		"godep":      {map[string]string{"Godeps/Godeps.json": `{"GoVersion": "go1.5.2"}`}, "1.5.2", detect.Declared},
		"nothing":    {map[string]string{}, defaultGo, detect.Default},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.files["main.go"] = server
			c := one(t, tt.files)
			if c.LanguageVersion.V != tt.want || c.LanguageVersion.From != tt.from {
				t.Errorf("%s %s, want %s %s", c.LanguageVersion.V, c.LanguageVersion.From, tt.want, tt.from)
			}
		})
	}
	for in, want := range map[string]string{"go1.8.3": "1.8.3", "1.12.x": "1.12", "^1.13.1": "1.13.1", "1.21rc2": "1.21", "tip": "", "2.0": "", "1": "", "": "", ">=1.17": "1.17"} {
		if got := goVersion(in); got != want {
			t.Errorf("goVersion(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestServices(t *testing.T) {
	drivers := "\t\"net/http\"\n\t_ \"github.com/go-sql-driver/mysql\"\n\t_ \"github.com/lib/pq\"\n\t\"github.com/go-redis/redis/v8\"\n\t\"os\"\n"
	body := "\tos.Getenv(\"REDIS_URL\")\n\tos.Getenv(\"DB_HOST\")\n\tos.Getenv(\"DB_PASSWORD\")\n\thttp.ListenAndServe(\":80\", nil)\n"
	c := one(t, map[string]string{"go.mod": mod + "require github.com/lib/pq v1.0.0\n", "main.go": programText(drivers, body), "config.yaml": "db:\n  driver: postgres\n"})
	got := map[string]detect.Service{}
	for _, s := range c.Services {
		got[s.Kind] = s
	}
	if s := got["postgresql"]; !s.Required || s.Env["host"] != "DB_HOST" || s.Env["password"] != "DB_PASSWORD" || s.Version != "13" {
		t.Errorf("postgresql %+v", s)
	}
	if s := got["mysql"]; s.Required {
		t.Errorf("mysql %+v", s)
	}
	if s := got["redis"]; !s.Required || s.Env["url"] != "REDIS_URL" {
		t.Errorf("redis %+v", s)
	}
	for _, e := range c.Env {
		if e.Name == "DB_PASSWORD" && !e.Secret {
			t.Errorf("%+v", e)
		}
	}
}

func TestNeeds(t *testing.T) {
	c := one(t, map[string]string{"go.mod": mod + "require golang.org/x/tools v0.1.0\nrequire git.corp.example/team/lib v1.0.0\n", "main.go": programText("\t\"net/http\"\n\t_ \"github.com/mattn/go-sqlite3\"\n\t\"os\"\n\t\"os/exec\"\n", "\texec.Command(\"ffmpeg\")\n\tos.MkdirAll(\"uploads/img\", 0755)\n\ttemplate.ParseGlob(\"views/*.html\")\n\thttp.ListenAndServe(\"127.0.0.1:80\", nil)\n"),
		"views/a.html": "", "other/b.html": ""})
	for fact, want := range map[string]string{"cgo": "true", "newestGo": "1.24", "runtimeFiles": "views", "privateModules": "git.corp.example"} {
		if got := c.Facts[fact].V; got != want {
			t.Errorf("%s: %q, want %q", fact, got, want)
		}
	}
	if len(c.SystemPackages) != 1 || c.SystemPackages[0].Name != "ffmpeg" {
		t.Errorf("packages %+v", c.SystemPackages)
	}
	var ids, writes []string
	for _, r := range c.Readiness {
		ids = append(ids, r.ID)
	}
	for _, w := range c.Writes {
		writes = append(writes, w.V)
	}
	if got := strings.Join(ids, " "); got != "local-file-storage embedded-database loopback-only no-lockfile private-registry" {
		t.Error(got)
	}
	if got := strings.Join(writes, " "); got != "uploads/img data" {
		t.Error(got)
	}
}

func TestWide(t *testing.T) {
	c := one(t, map[string]string{"lib/go.mod": "module example.com/lib\n", "lib/lib.go": "package lib\n", "app/go.mod": "module example.com/app\nreplace example.com/lib => ../lib\n", "app/main.go": server})
	if c.Path != "app" || c.Root != "." || c.Facts["moduleDir"].V != "app" || c.Facts["manifests"].V != "app/go.mod lib/go.mod" {
		t.Errorf("%s %s %v", c.Path, c.Root, c.Facts)
	}
}

func TestStart(t *testing.T) {
	cobra := programText("\t\"github.com/spf13/cobra\"\n\t\"net/http\"\n", "\tx := &cobra.Command{Use: \"serve\"}\n\thttp.ListenAndServe(\":80\", nil)\n")
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"command":    {map[string]string{"main.go": cobra}, "/app/shop serve"},
		"Procfile":   {map[string]string{"main.go": cobra, "Procfile": "web: shop --quiet run\n"}, "/app/shop --quiet run"},
		"Dockerfile": {map[string]string{"main.go": server, "Dockerfile": "FROM golang\nENTRYPOINT [\"/go/bin/shop\"]\nCMD [\"-v\"]\n"}, "/app/shop -v"},
		"its paths":  {map[string]string{"main.go": server, "Dockerfile": "FROM golang\nCMD [\"/go/bin/shop\", \"-c\", \"/etc/shop.conf\"]\n"}, "/app/shop"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.files["go.mod"] = mod
			c := one(t, tt.files)
			if got := strings.Join(c.Processes[0].Command, " "); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzDetect puts any text into any file of a program.
func FuzzDetect(f *testing.F) {
	names := []string{"go.mod", "main.go", "web/web.go", "Gopkg.lock", "Gopkg.toml", "glide.lock", "glide.yaml", "Godeps/Godeps.json", "vendor/vendor.json", ".travis.yml", "Dockerfile", "Procfile", "config.yaml", "conf/app.ini", ".go-version", ".tool-versions", ".env.example", "Makefile"}
	f.Add(uint8(0), mod)
	f.Add(uint8(1), server)
	f.Add(uint8(5), "imports:\n- name: a\n  version: v1\n")
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		files := map[string]string{"go.mod": mod, "main.go": programText("\t\"example.com/shop/web\"\n", "\tweb.Serve()\n"), "web/web.go": strings.Replace(server, "package main", "package web", 1)}
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

// FuzzMod reads any text as a go.mod.
func FuzzMod(f *testing.F) {
	f.Add([]byte(mod + "require (\n\ta v1 // indirect\n)\nreplace a => ../a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := parseMod(data)
		for _, r := range m.requires {
			if r.path == "" || r.line < 1 {
				t.Fatalf("%+v", r)
			}
		}
	})
}

// TestSharedImage tells the ports of several programs in one image apart, and a service from its clients.
func TestSharedImage(t *testing.T) {
	queue := func(port string) string {
		return programText("\t\"net\"\n\t\"github.com/nsqio/go-nsq\"\n", "\taddr := Options{\n\t\tAddress: \"0.0.0.0:"+port+"\",\n\t}\n\tnsq.NewConsumer(\"a\", \"b\", nil)\n\tnet.Listen(\"tcp\", addr.Address)\n")
	}
	f := find(t, map[string]string{"go.mod": mod, "cmd/queued/main.go": queue("4151"), "cmd/relayd/main.go": queue("7005"), "Dockerfile": "FROM golang:1.9\nEXPOSE 4151 7005 7006\n"})
	var got []string
	for _, c := range f.Components {
		got = append(got, fmt.Sprintf("%s %d %d", c.Name, c.Port.V, len(c.Services)))
	}
	if s := strings.Join(got, ", "); s != "queued 4151 0, relayd 7005 1" {
		t.Error(s)
	}
}
