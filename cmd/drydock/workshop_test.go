package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWorkshop runs the commands of docs/WORKSHOP.md, one after the other, as they stand there. Those that build and run an application are only held to their
// flags: other tests do that.
func TestWorkshop(t *testing.T) {
	page, err := os.ReadFile("../../docs/WORKSHOP.md")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	bin := filepath.Dir(installed(t, root))
	err = os.Mkdir(filepath.Join(root, "testdata"), 0o755)
	if err == nil {
		err = os.CopyFS(filepath.Join(root, "testdata", "apps"), os.DirFS("../../testdata/apps"))
	}
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(root, "home")
	script := []string{"set -eu"}
	commands := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "drydock containerize ") {
				line += " --help"
			}
			if strings.HasPrefix(line, "drydock ") {
				commands++
			}
			script = append(script, line)
		}
	}
	if commands < 12 {
		t.Errorf("%d commands: the expression that finds them is wrong", commands)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-xc", strings.Join(script, "\n"))
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+home, "XDG_STATE_HOME="+home, "XDG_CONFIG_HOME="+home)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out[max(0, len(out)-3000):])
	}
	for _, want := range []string{"32 repositories", "postgresql", "/petstore/", "major-work", "0 better, 0 worse, 32 as they were", "mean score 84.9, was 84.9"} {
		if !strings.Contains(string(out), want) || !strings.Contains(string(page), want) {
			t.Errorf("%q is not what is printed, or not on the page", want)
		}
	}
}
