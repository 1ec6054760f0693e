package dockerfile

import (
	"context"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// goApp is a module whose program serves.
func goApp(pairs ...string) detect.Component {
	return detect.Component{
		Name: "web", Path: ".", Stack: "golang", Role: detect.Is(detect.Web), Language: detect.Is("go"), LanguageVersion: detect.Is("1.14"), Framework: detect.Is("gin"), Build: detect.Is("go-modules"),
		Port: detect.Is(8080), Processes: []detect.Process{{Name: "web", Command: []string{"/app/shop"}, From: detect.Inferred}},
		Facts: facts(append([]string{"mode", "modules", "packages", "./cmd/shop", "binary", "shop", "manifests", "go.mod go.sum"}, pairs...)...),
	}
}

// rustApp is a package of Cargo.
func rustApp(pairs ...string) detect.Component {
	c := goApp()
	c.Stack, c.Language, c.LanguageVersion, c.Build = "rust", detect.Is("rust"), detect.Is("1.56"), detect.Is("cargo")
	c.Facts = facts(append([]string{"package", "shop", "binary", "shop", "binaries", "shop", "lockfile", "Cargo.lock"}, pairs...)...)
	return c
}

// nativeApp is a daemon in C.
func nativeApp(system string, pairs ...string) detect.Component {
	c := goApp()
	c.Stack, c.Language, c.LanguageVersion, c.Build = "native", detect.Is("c"), detect.Value[string]{}, detect.Is("make")
	c.Facts = facts(append([]string{"system", system, "program", "pumpd"}, pairs...)...)
	return c
}

// cobolApp is a batch.
func cobolApp(pairs ...string) detect.Component {
	c := nativeApp("", "programs", "load:src/LOAD.cbl")
	c.Language, c.Port = detect.Is("cobol"), detect.Value[int]{}
	for k, v := range facts(pairs...) {
		c.Facts[k] = v
	}
	return c
}

func TestCompiled(t *testing.T) {
	version := func(c detect.Component, v string) detect.Component { c.LanguageVersion = detect.Is(v); return c }
	tests := map[string]struct {
		component detect.Component
		want, not []string
	}{
		"module": {goApp(), []string{"FROM golang:1.26-bookworm AS build", "ENV CGO_ENABLED=0", "COPY go.mod go.sum ./", "go mod download", "go build -trimpath -ldflags='-s -w' -o /out/ ./cmd/shop", "FROM debian:bookworm-slim\n", "USER 10001:0", `CMD ["/app/shop"]`},
			[]string{"GO111MODULE", "-mod=", "netrc"}},
		"a Go of tomorrow":     {version(goApp(), "1.27.1"), []string{"FROM golang:1.27-bookworm"}, nil},
		"older packages":       {goApp("newestGo", "1.24"), []string{"FROM golang:1.24-bookworm"}, nil},
		"vendored module":      {goApp("vendor", "true"), []string{"go build -mod=vendor "}, []string{"go mod download"}},
		"without go.sum":       {goApp("moduleMode", "mod"), []string{"go build -mod=mod "}, nil},
		"with C":               {goApp("cgo", "true"), []string{"CGO_ENABLED=1"}, nil},
		"private modules":      {goApp("privateModules", "git.corp.example"), []string{"ENV GOPRIVATE=git.corp.example", "--mount=type=secret,id=netrc,target=/root/.netrc"}, nil},
		"in a directory":       {goApp("moduleDir", "app", "manifests", "app/go.mod lib/go.mod"), []string{"COPY app/go.mod ./app/\nCOPY lib/go.mod ./lib/\nWORKDIR /src/app", "COPY . .\nWORKDIR /src/app"}, nil},
		"GOPATH":               {goApp("mode", "gopath", "importPath", "github.com/acme/shop"), []string{"WORKDIR /go/src/github.com/acme/shop", "GO111MODULE=off"}, []string{"go mod"}},
		"GOPATH as repository": {goApp("mode", "workspace"), []string{"GOPATH=/src:/src/vendor"}, []string{"go mod"}},
		"lock of a tool":       {goApp("mode", "convert", "importPath", "github.com/acme/shop", "manifests", "Gopkg.lock"), []string{"FROM golang:1.21-bookworm AS modules", "COPY Gopkg.lock ./", "go mod init github.com/acme/shop", "COPY --from=modules /src/go.mod ./", "-mod=mod"}, nil},
		"no versions":          {goApp("mode", "init", "importPath", "shop"), []string{"go mod init shop && go mod tidy", "-mod=mod"}, nil},
		"what it reads":        {goApp("runtimeFiles", "conf templates"), []string{"COPY --from=build /src/conf ./conf\nCOPY --from=build /src/templates ./templates\n"}, nil},

		"crate":        {rustApp(), []string{"FROM rust:1.96-slim-bookworm AS build", "cargo build --release --locked --package shop --bin shop \\\n", "cp target/release/shop /out/"}, nil},
		"new Rust":     {version(rustApp(), "1.97.1"), []string{"FROM rust:1.97.1-slim-bookworm"}, nil},
		"old crates":   {rustApp("newest", "1.79"), []string{"FROM rust:1.79-slim-bookworm"}, nil},
		"its features": {rustApp("features", "sqlite", "crateDir", "server", "runtimeFiles", "pages"), []string{"--features sqlite", "COPY --from=build /src/server/pages ./pages"}, nil},

		"autotools":         {nativeApp("autotools", "bootstrap", "autogen.sh"), []string{"NOCONFIGURE=1 sh ./autogen.sh", "./configure --prefix=/usr/local --sysconfdir=/etc", "make install DESTDIR=/out"}, nil},
		"without bootstrap": {nativeApp("autotools"), []string{"RUN autoreconf --force --install"}, nil},
		"configured":        {nativeApp("autotools", "configured", "true"), []string{"./configure"}, []string{"autoreconf"}},
		"cmake":             {nativeApp("cmake", "install", "true"), []string{"cmake -S . -B /build", "DESTDIR=/out cmake --install /build", "-name pumpd"}, nil},
		"make":              {nativeApp("make", "builtAs", "bin/pumpd", "sbin", "true", "configFile", "pumpd.conf", "configSource", "etc/pumpd.conf"), []string{"install -D bin/pumpd /out/usr/local/sbin/pumpd", "install -D -m 644 etc/pumpd.conf /out/etc/pumpd/pumpd.conf"}, []string{"make install"}},

		"COBOL":            {cobolApp(), []string{"cobc -x -O -std=default -o /out/bin/load src/LOAD.cbl"}, []string{"cobc -m", "EXPOSE"}},
		"COBOL of old IBM": {cobolApp("modules", "CHECK:src/CHECK.cbl", "copybooks", "copy more/copy", "dialect", "ibm", "freeFormat", "src/CHECK.cbl"), []string{"cobc -m -O -std=ibm -free -I copy -I more/copy -o /out/lib/CHECK.so src/CHECK.cbl", "cobc -x -O -std=ibm -I copy"}, nil},
		"hostile":          {cobolApp("programs", "a;b:$(id).cbl", "copybooks", "`id`"), []string{`-o '/out/bin/a;b' '$(id).cbl'`, "-I '`id`'"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := string(mustGenerate(t, newPlan(t, tt.component))[0].Content)
			mustHold(t, text, tt.want, tt.not)
		})
	}
}

func TestCompiledRefuses(t *testing.T) {
	tests := map[string]struct {
		component detect.Component
		want      string
	}{
		"no package":     {goApp("packages", ""), "set facts.packages"},
		"no such path":   {goApp("mode", "gopath", "importPath", "a b"), "a plain path is wanted there"},
		"leaves GOPATH":  {goApp("mode", "gopath", "importPath", "../../etc"), "a plain path is wanted there"},
		"no binaries":    {rustApp("binaries", ""), "set facts.binaries"},
		"build system":   {nativeApp("scons"), "set facts.system"},
		"no program":     {nativeApp("make", "program", ""), "set facts.program"},
		"mainframe":      {cobolApp("unbuildable", "cics sql"), "GnuCOBOL does not have (cics sql)"},
		"COBOL, nothing": {cobolApp("programs", ""), "set facts.programs"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := target.Generate(context.Background(), newPlan(t, tt.component))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
