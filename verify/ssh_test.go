package verify

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEngineOverSSH reaches a real engine as ssh:// does, through `ssh HOST docker system dial-stdio`, and verifies an application there. The ssh of the
// test stays on this machine; what goes through it, the session of BuildKit too, is what an SSH connection carries.
func TestEngineOverSSH(t *testing.T) {
	if _, err := exec.LookPath("docker"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	onEngines(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		said := filepath.Join(dir, "said")
		script := "#!/bin/sh\necho \"$@\" >>" + said + "\nexec docker --host " + url + " system dial-stdio\n"
		if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte(script), 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		t.Setenv("DOCKER_HOST", "ssh://deploy@localhost:2222")
		v, rec, err := runOn(t, "", Input{Plan: webPlan(8080), Tree: tree(map[string]string{"index.html": "hello"}), Options: short(), Artifacts: busybox("RUN echo "+randomHex(8), serve)})
		if err != nil || v.Outcome != Healthy {
			t.Fatalf("%v\n%s", err, rec.text())
		}
		args, err := os.ReadFile(said)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"-l deploy", "-p 2222", "localhost", "docker system dial-stdio"} {
			if !strings.Contains(string(args), want) {
				t.Errorf("ssh was called without %s: %s", want, args)
			}
		}
	})
}
