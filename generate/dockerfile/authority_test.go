package dockerfile

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/templates"
)

func house(t *testing.T) Target {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, x, x, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return Target{Templates: templates.Overlay(fstest.MapFS{
		templates.RulesFile: {Data: []byte("caCertificates: [corp.pem]\n")},
		"corp.pem":          {Data: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})},
	}, templates.FS())}
}

func TestEveryStageTrustsTheHouse(t *testing.T) {
	mine := house(t)
	liberty := warApp()
	liberty.AppServer = detect.Is("wildfly")
	scratch := rubyApp()
	tests := map[string]struct {
		app    detect.Component
		images map[string]detect.Value[string]
		runs   int // how often the script is run: once in each stage with an image of its own
		want   string
	}{
		"ruby":            {rubyApp(), nil, 2, "FROM ruby:3.1-slim AS base\nRUN --mount=type=bind,source=house-certificates,target=/run/house-certificates \\\n    sh /run/house-certificates/trust.sh\nENV NODE_EXTRA_CA_CERTS="},
		"not as root":     {liberty, nil, 2, "\nUSER 0\nRUN --mount=type=bind,source=house-certificates,target=/run/house-certificates \\\n    sh /run/house-certificates/trust.sh\nENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \\\n    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt\nUSER 1000:0\n"},
		"without a shell": {scratch, map[string]detect.Value[string]{"node": detect.Is("registry.example.com/distroless/node:1")}, 1, "AS node\nCOPY house-certificates/*.crt /etc/ssl/certs/\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPlan(t, tt.app)
			p.Components[0].BaseImages = tt.images
			artifacts, err := mine.Generate(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			text := string(artifacts[0].Content)
			if n := strings.Count(text, "/trust.sh"); n != tt.runs || !strings.Contains(text, tt.want) {
				t.Errorf("%d times\n%s", n, text)
			}
			if got := strings.Count(text, "\n"); got != len(artifacts[0].Origins) {
				t.Errorf("%d origins for %d lines", len(artifacts[0].Origins), got)
			}
			var files []string
			for _, a := range artifacts {
				files = append(files, a.Path)
			}
			if got := strings.Join(files, " "); strings.TrimPrefix(got, "web/") != "Dockerfile .dockerignore house-certificates/trust.sh house-certificates/corp.crt" {
				t.Error(got)
			}
			for _, problem := range mine.Check(artifacts) {
				if problem.Error {
					t.Errorf("%+v", problem)
				}
			}
		})
	}
	plain, err := Target{Templates: templates.FS()}.Generate(context.Background(), newPlan(t, rubyApp()))
	if err != nil || len(plain) != 2 || strings.Contains(string(plain[0].Content), "trust.sh") {
		t.Errorf("without the rule: %d files, %v", len(plain), err)
	}
}

// TestTrustScript holds the script's last case, an image that has neither tool, and that it is plain POSIX.
func TestTrustScript(t *testing.T) {
	if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(trustScript), "trust.sh"); err != nil {
		t.Error(err)
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	here := filepath.Join(root, "here")
	if err := os.Mkdir(here, 0o755); err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer(" /etc/", " "+root+"/etc/", "=/etc/", "="+root+"/etc/", " /usr/local/", " "+root+"/usr/local/", "command -v ", "command -v none-").Replace(trustScript)
	for name, text := range map[string]string{"trust.sh": script, "a.crt": "A\n", "b.crt": "B\n"} {
		if err := os.WriteFile(filepath.Join(here, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), shell, filepath.Join(here, "trust.sh")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := os.ReadFile(filepath.Join(root, bundle)); err != nil || string(got) != "A\nB\n" {
		t.Errorf("%q, %v", got, err)
	}
}
