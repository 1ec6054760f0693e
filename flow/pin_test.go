package flow

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/verify"
)

// TestPinDigests pins the images of an application and holds that the digests stay, without an engine, until they are asked for anew.
func TestPinDigests(t *testing.T) {
	engine(t)
	dir := copyApp(t, "static-almanac")
	run := func(o Options) (string, error) {
		o.Targets = []string{"compose"}
		_, err := Run(t.Context(), dir, o, Stages{Generate: true, Write: true}, ask.Defaults(), nil)
		text, readErr := os.ReadFile(filepath.Join(dir, "Dockerfile"))
		return string(text), errors.Join(err, readErr)
	}
	pinned, err := run(Options{PinDigests: true})
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^FROM nginx:[\d.]+@sha256:[0-9a-f]{64}$`).MatchString(pinned) {
		t.Errorf("%s", pinned)
	}
	again, err := run(Options{Engine: "unix:///nowhere.sock"})
	if err != nil || again != pinned {
		t.Errorf("%v\n%s", err, again)
	}
	var unreachable *verify.EngineError
	if _, err := run(Options{PinDigests: true, Engine: "unix:///nowhere.sock"}); !errors.As(err, &unreachable) {
		t.Error(err)
	}
	var missing *verify.BaseImageError
	if _, err := run(Options{PinDigests: true, Set: []string{"components.static.images.server=registry.invalid/none:1"}}); !errors.As(err, &missing) {
		t.Error(err)
	}
}

func TestSecretsOfVerification(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	values, build, err := Options{EnvFile: file("env", "# mine\nA=1\nB='two'\n"), BuildSecrets: []string{"npmrc=" + file("npmrc", "token")}}.verifySecrets()
	if err != nil || values["A"] != "1" || values["B"] != "two" || string(build["npmrc"]) != "token" {
		t.Error(values, build, err)
	}
	for name, o := range map[string]Options{
		"is ID=FILE":           {BuildSecrets: []string{"npmrc"}},
		"no such file":         {BuildSecrets: []string{"npmrc=" + dir + "/none"}},
		"no such file or":      {EnvFile: dir + "/none"},
		"that is not NAME=VAL": {EnvFile: file("broken", "hunter2 is the password\n")},
	} {
		_, _, err := o.verifySecrets()
		var usage *UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
