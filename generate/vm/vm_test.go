package vm_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/generate/vm"
	"github.com/drydock-cli/drydock/plan"
)

func decode(t *testing.T, text string) vm.Config {
	t.Helper()
	var c vm.Config
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConformance(t *testing.T) {
	made := targettest.Run(t, vm.Target{})
	shop := decode(t, targettest.Text(t, made["rails-shop"], vm.ConfigFile))
	var cron string
	for _, f := range shop.WriteFiles {
		if strings.HasSuffix(f.Path, "-env") {
			if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(f.Content), f.Path); err != nil || !strings.Contains(f.Content, "SECRET_KEY_BASE") {
				t.Errorf("%v\n%s", err, f.Content)
			}
		}
		if strings.HasPrefix(f.Path, "/etc/cron.d/") {
			cron = f.Content
		}
	}
	if want := "15 4 * * * root cd /opt/rails-shop && docker compose -f compose.yaml -f compose.production.yaml run --rm --no-deps -T web bundle exec rake orders:cleanup\n"; !strings.HasSuffix(cron, want) {
		t.Errorf("%s\nwant %s", cron, want)
	}

	cloudInit := os.Getenv("DRYDOCK_CLOUD_INIT")
	if cloudInit == "" {
		const how = `DRYDOCK_CLOUD_INIT is not set: run the tests with DRYDOCK_CLOUD_INIT="$(hack/cloud-init)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	dir := t.TempDir()
	schema := func(name, content string) (string, error) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(cloudInit, "schema", "--config-file", file).CombinedOutput()
		return string(out), err
	}
	for app, artifacts := range made {
		if out, err := schema(app, targettest.Text(t, artifacts, vm.ConfigFile)); err != nil || !strings.Contains(out, "Valid") {
			t.Errorf("%s: %v\n%s", app, err, out)
		}
	}
	if out, err := schema("bad", strings.Replace(good, "permissions:", "perms:", 1)); err == nil {
		t.Errorf("cloud-init takes everything: %s", out)
	}
}

// TestLarge holds that what is too large for a cloud is packed, and that it unpacks to the same.
func TestLarge(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "vm")
	for i := range 300 {
		p.Components[0].Settings = append(p.Components[0].Settings, plan.Setting{Name: fmt.Sprintf("SETTING_%03d", i), Value: "the same text again and again"})
	}
	c := decode(t, targettest.Text(t, targettest.Generate(t, vm.Target{}, p), vm.ConfigFile))
	f := c.WriteFiles[0]
	raw, err := base64.StdEncoding.DecodeString(f.Content)
	if err != nil || f.Encoding != "gz+b64" {
		t.Fatal(err, f.Encoding)
	}
	r, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil || !strings.Contains(string(text), "SETTING_299: \"the same text") {
		t.Errorf("%v\n%.500s", err, text)
	}
}

func TestFit(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "vm") // two components of 1 GiB, two services, the system
	if ec2, gce, azure, nova := vm.Fit(p); ec2 != "t3.medium" || gce != "e2-medium" || azure != "Standard_B2als_v2" || nova != "2 vCPUs, 4 GiB" {
		t.Error(ec2, gce, azure, nova)
	}
	p.Components[0].Memory.V = 999999
	if ec2, _, _, _ := vm.Fit(p); ec2 != "m7i.8xlarge" {
		t.Error(ec2)
	}
}

const good = `#cloud-config
packages: [docker.io]
ssh_pwauth: false
write_files:
  - path: /opt/x/compose.yaml
    permissions: "0644"
    encoding: text/plain
    content: |
      services: {}
      KEY: ${API_KEY}
runcmd:
  - [systemctl, daemon-reload]
`

func TestRules(t *testing.T) {
	targettest.Rules(t, vm.Target{}, vm.ConfigFile, good, vm.Rules(), []targettest.Sample{
		{Rule: "first-line", Old: "#cloud-config\n", New: "# cloud-config\n"},
		{Rule: "size", Old: "services: {}", New: strings.Repeat("x", 17000)},
		{Rule: "syntax", Old: "packages: [", New: "packages: [["},
		{Rule: "nothing", Old: good[strings.Index(good, "write_files:"):], New: ""},
		{Rule: "write-path", Old: "/opt/x/compose.yaml", New: "compose.yaml"},
		{Rule: "permissions", Old: `"0644"`, New: "0644"},
		{Rule: "encoding", Old: "text/plain", New: "utf-8"},
		{Rule: "command", Old: "[systemctl, daemon-reload]", New: "[true]"},
		{Rule: "password-login", Old: "ssh_pwauth: false", New: "ssh_pwauth: true"},
		{Rule: "secret-in-file", Old: "services: {}", New: "DB_PASSWORD=hunter2"},
	})
}
