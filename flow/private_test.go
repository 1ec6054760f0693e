package flow

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1" //nolint:gosec // what registries of npm and Maven name
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"github.com/drydock-cli/drydock/ask"
)

// The login of the throw-away registry, which must not be found in any image.
const (
	registryUser     = "harbour"
	registryPassword = "tide-table-4711"
)

// privateSource is an application whose packages come from a registry that asks for a login.
type privateSource struct {
	name   string
	from   string            // a fixture that it begins with; empty: nothing
	files  map[string]string // of the application; $HOST is the registry's host with its port
	remove []string
	id     string // of the secret
	secret string
	mount  string // in the Dockerfile
}

func privateSources() []privateSource {
	auth := base64.StdEncoding.EncodeToString([]byte(registryUser + ":" + registryPassword))
	return []privateSource{
		{
			name: "pip.conf", id: "pip_conf", mount: "target=/etc/pip.conf",
			files: map[string]string{
				"requirements.txt": "--extra-index-url http://$HOST/simple/\nFlask==2.2.5\nWerkzeug==2.2.3\nharbourtides==1.0\n",
				"app.py":           "import flask\nimport harbourtides\n\napp = flask.Flask(__name__)\n\n\n@app.route('/')\ndef tides():\n    return harbourtides.HIGH\n",
				"runtime.txt":      "python-3.11\n",
			},
			secret: "[global]\nextra-index-url = http://" + registryUser + ":" + registryPassword + "@$HOST/simple/\ntrusted-host = $NAME\n",
		},
		{
			name: ".npmrc", id: "npmrc", mount: "target=/root/.npmrc",
			files: map[string]string{
				"package.json": `{"name": "tides", "version": "1.0.0", "engines": {"node": "20.x"}, "scripts": {"start": "node server.js"}, "dependencies": {"@harbour/tides": "1.0.0"}}`,
				"server.js":    "const http = require('http')\nconst tides = require('@harbour/tides')\nhttp.createServer((req, res) => res.end(tides.high)).listen(process.env.PORT || 3000)\n",
				".npmrc":       "@harbour:registry=http://$HOST/npm/\n//$HOST/npm/:_authToken=${NPM_TOKEN}\n",
			},
			secret: "@harbour:registry=http://$HOST/npm/\n//$HOST/npm/:_auth=" + auth + "\n",
		},
		{
			name: "settings.xml", from: "spring-petstore-war", id: "maven_settings", mount: "target=/root/.m2/settings.xml",
			files: map[string]string{"pom.xml": ""},
			secret: "<settings><servers><server><id>harbour</id><username>" + registryUser + "</username><password>" + registryPassword + "</password></server></servers>" +
				"<mirrors><mirror><id>harbour</id><mirrorOf>harbour</mirrorOf><url>http://$HOST/maven/</url></mirror></mirrors></settings>\n",
		},
		{
			name: "auth.json", id: "composer_auth", mount: "target=/root/.composer/auth.json",
			files: map[string]string{
				"composer.json": `{"name": "harbour/board", "require": {"php": ">=8.2", "harbour/tides": "1.0.0"}, "config": {"secure-http": false},
  "repositories": [{"type": "composer", "url": "http://$HOST/composer"}, {"packagist.org": false}]}`,
				"index.php": "<?php\nrequire 'vendor/autoload.php';\necho file_get_contents('vendor/harbour/tides/high.txt');\n",
			},
			secret: `{"http-basic": {"$HOST": {"username": "` + registryUser + `", "password": "` + registryPassword + `"}}}`,
		},
		{
			// The mirror of the stand-in images answers for every gem server: the Gemfile itself asks for the login.
			name: "bundle config", from: "rails-notices", id: "bundle_config", mount: "target=/root/.bundle/config",
			files: map[string]string{"Gemfile": "source 'https://rubygems.org'\nsource 'https://gems.harbour.example' do\nend\n" +
				"raise 'no login for gems.harbour.example' if ARGV.first == 'install' && Bundler.settings['gems.harbour.example'] != '" + registryUser + ":' + 'tide-table-' + '4711'\n" +
				"ruby '3.1.7'\ngem 'rails', '~> 6.1.7'\ngem 'pg', '>= 0.18', '< 2.0'\ngem 'puma', '~> 5.0'\ngem 'net-imap', require: false\ngem 'net-pop', require: false\ngem 'net-smtp', require: false\n"},
			remove: []string{"Gemfile.lock"},
			secret: "---\nBUNDLE_GEMS__HARBOUR__EXAMPLE: \"" + registryUser + ":" + registryPassword + "\"\n",
		},
	}
}

// TestPrivateSources holds that an application whose packages are behind a login builds when whoever builds gives the file that the
// package manager itself would read, and that nothing of the file is in the image.
func TestPrivateSources(t *testing.T) {
	api := engine(t)
	isolate(t)
	docker := plainDocker(t)
	host := privateRegistry(t, api)
	name, _, _ := net.SplitHostPort(host)
	fill := func(s string) string { return strings.NewReplacer("$HOST", host, "$NAME", name).Replace(s) }
	for _, x := range privateSources() {
		t.Run(x.name, func(t *testing.T) {
			dir := t.TempDir()
			if x.from != "" {
				dir = copyApp(t, x.from)
			}
			for file, text := range x.files {
				if file == "pom.xml" {
					pom, err := os.ReadFile(filepath.Join(dir, file))
					if err != nil {
						t.Fatal(err)
					}
					text = strings.Replace(string(pom), "<dependencies>", "<repositories><repository><id>harbour</id><url>http://$HOST/maven/</url></repository></repositories>\n"+
						"  <dependencies>\n    <dependency><groupId>org.harbour</groupId><artifactId>tides</artifactId><version>1.0</version></dependency>", 1)
				}
				if err := os.WriteFile(filepath.Join(dir, file), []byte(fill(text)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, file := range x.remove {
				if err := os.Remove(filepath.Join(dir, file)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Run(t.Context(), dir, Options{}, Stages{Generate: true, Write: true}, ask.Defaults(), nil); err != nil {
				t.Fatal(err)
			}
			for file, want := range map[string]string{"Dockerfile": x.mount, "compose.yaml": x.id} {
				if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !strings.Contains(string(text), want) {
					t.Fatalf("%s says nothing of %s: %v\n%s", file, want, err, text)
				}
			}
			secret := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(secret, []byte(fill(x.secret)), 0o600); err != nil {
				t.Fatal(err)
			}
			tag := "drydock-test-private:" + x.id
			cmd := exec.CommandContext(t.Context(), docker, "build", "--progress", "plain", "--secret", "id="+x.id+",src="+secret, "-t", tag, dir)
			cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Cleanup(func() { _ = exec.Command(docker, "image", "rm", tag).Run() })
			withoutSecret(t, docker, tag)
		})
	}
}

// withoutSecret reads an image, its layers and its history, for the password as it is and as it is sent.
func withoutSecret(t *testing.T, docker, tag string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), docker, "save", tag)
	image, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	words := [][]byte{[]byte(registryPassword), []byte(base64.StdEncoding.EncodeToString([]byte(registryUser + ":" + registryPassword)))}
	r := bufio.NewReaderSize(image, 1<<20)
	var rest []byte
	part := make([]byte, 1<<20)
	for {
		n, err := r.Read(part)
		window := append(rest, part[:n]...)
		for _, w := range words {
			if bytes.Contains(window, w) {
				t.Errorf("the image holds %q", w)
			}
		}
		rest = append([]byte(nil), window[max(0, len(window)-128):]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// privateRegistry serves packages to the engine's builds, each behind the login, and returns its host and port.
func privateRegistry(t *testing.T, api *client.Client) string {
	t.Helper()
	bridge, err := api.NetworkInspect(t.Context(), "bridge", network.InspectOptions{})
	if err != nil || len(bridge.IPAM.Config) == 0 {
		t.Fatalf("the engine's network: %v", err)
	}
	gateway := bridge.IPAM.Config[0].Gateway
	if gateway == "" { // an engine that has just made its bridge names the subnet alone, whose first address it took
		subnet, err := netip.ParsePrefix(bridge.IPAM.Config[0].Subnet)
		if err != nil {
			t.Fatalf("the engine's network: %v", err)
		}
		gateway = subnet.Masked().Addr().Next().String()
	}
	l, err := net.Listen("tcp", net.JoinHostPort(gateway, "0"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the engine must be on this machine, so that its builds reach a registry here:", err)
		}
		t.Skip("the engine is not on this machine:", err)
	}
	host := l.Addr().String()
	files := registryFiles(t, host)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, ok := r.BasicAuth(); !ok || user != registryUser || password != registryPassword {
			w.Header().Set("WWW-Authenticate", `Basic realm="harbour"`)
			http.Error(w, "log in", http.StatusUnauthorized)
			return
		}
		name := strings.Trim(r.URL.EscapedPath(), "/")
		data, ok := files[strings.ReplaceAll(name, "%2f", "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.HasPrefix(name, "simple/") {
			w.Header().Set("Content-Type", "text/html")
		}
		_, _ = w.Write(data)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Shutdown(context.Background()) })
	return host
}

// registryFiles are one package for each package manager.
func registryFiles(t *testing.T, host string) map[string][]byte {
	t.Helper()
	wheel := zipped(t, map[string]string{
		"harbourtides.py":                     "HIGH = '06:12'\n",
		"harbourtides-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: harbourtides\nVersion: 1.0\n",
		"harbourtides-1.0.dist-info/WHEEL":    "Wheel-Version: 1.0\nGenerator: tides\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		"harbourtides-1.0.dist-info/RECORD":   "harbourtides.py,,\nharbourtides-1.0.dist-info/METADATA,,\nharbourtides-1.0.dist-info/WHEEL,,\nharbourtides-1.0.dist-info/RECORD,,\n",
	})
	module := tarball(t, map[string]string{"package/package.json": `{"name": "@harbour/tides", "version": "1.0.0", "main": "index.js"}`, "package/index.js": "exports.high = '06:12'\n"})
	jar := zipped(t, map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "tides.txt": "06:12\n"})
	pom := []byte("<project><modelVersion>4.0.0</modelVersion><groupId>org.harbour</groupId><artifactId>tides</artifactId><version>1.0</version></project>\n")
	dist := zipped(t, map[string]string{"tides/composer.json": `{"name": "harbour/tides", "version": "1.0.0"}`, "tides/high.txt": "06:12\n"})
	return map[string][]byte{
		"simple/harbourtides":                            []byte(`<a href="/wheels/harbourtides-1.0-py3-none-any.whl">harbourtides-1.0-py3-none-any.whl</a>`),
		"wheels/harbourtides-1.0-py3-none-any.whl":       wheel,
		"npm/@harbour/tides":                             []byte(fmt.Sprintf(`{"name": "@harbour/tides", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {"name": "@harbour/tides", "version": "1.0.0", "main": "index.js", "dist": {"tarball": "http://%s/npm/tides-1.0.0.tgz", "shasum": "%s"}}}}`, host, sum(module))),
		"npm/tides-1.0.0.tgz":                            module,
		"maven/org/harbour/tides/1.0/tides-1.0.pom":      pom,
		"maven/org/harbour/tides/1.0/tides-1.0.pom.sha1": []byte(sum(pom)),
		"maven/org/harbour/tides/1.0/tides-1.0.jar":      jar,
		"maven/org/harbour/tides/1.0/tides-1.0.jar.sha1": []byte(sum(jar)),
		"composer/packages.json":                         []byte(fmt.Sprintf(`{"packages": {"harbour/tides": {"1.0.0": {"name": "harbour/tides", "version": "1.0.0", "dist": {"type": "zip", "url": "http://%s/composer/tides.zip"}}}}}`, host)),
		"composer/tides.zip":                             dist,
	}
}

func sum(data []byte) string {
	h := sha1.Sum(data) //nolint:gosec // see above
	return hex.EncodeToString(h[:])
}

func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarball(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	w := tar.NewWriter(g)
	for name, text := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))})
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []io.Closer{w, g} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}
