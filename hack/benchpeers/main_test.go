package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTable runs programs that stand in for the peers.
func TestTable(t *testing.T) {
	bin, tree := t.TempDir(), t.TempDir()
	for name, script := range map[string]string{
		"drydock": "exit 0", "nixpacks": "exit 3", "railpack": "sleep 0.05",
		"docker": `case "$1" in image) [ "$2" = inspect ] && echo 123456789 ;; esac; exit 0`, "pack": "exit 1",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	var b strings.Builder
	if err := run(t.Context(), &b, []string{"-n", "2", "-build", tree}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`\| drydock \| \d\.\d{3} s \| \d\.\d{3} s \| \d+ MiB \| 123 MB \| \d\.\d s \|`, `\| railpack \| 0\.\d{3} s .*\| 123 MB \|`, `\| nixpacks \| failed \| – \| – \| not built \| – \|`, `\| pack \| – \| – \| – \| not built \| – \|`,
	} {
		if !regexp.MustCompile(want).MatchString(b.String()) {
			t.Errorf("no row %s in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "alizer") || strings.Count(b.String(), "\n") != 6 {
		t.Errorf("a program that is not there has a row:\n%s", b.String())
	}
	for _, bad := range [][]string{nil, {"-n", "0", tree}, {filepath.Join(tree, "none")}, {"-drydock"}} {
		if err := run(t.Context(), &b, bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
