package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/LICENCES.md")

func TestLicencesPage(t *testing.T) {
	modules, err := linked(context.Background(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	const file = "../../docs/LICENCES.md"
	want := page(modules)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("the page differs from what is linked in; write it anew by go test ./hack/release -update:\n%s", diff)
	}
	for _, m := range modules {
		for _, id := range m.licences {
			if strings.Contains(id, "GPL") {
				t.Errorf("%s is under %s, which would bind whoever passes the program on", m.path, id)
			}
		}
	}
}

func TestLicence(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := licence(dir); err == nil {
		t.Error("a module without a licence is passed on")
	}
	if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("All rights reserved. Ask us.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := licence(dir); err == nil {
		t.Error("a licence that nobody knows is taken for one")
	}
}

func TestLicensedNested(t *testing.T) {
	std, err := standard(context.Background(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(std.text, "Additional IP Rights") // the grant that follows the licence
	root := t.TempDir()
	deep := filepath.Join(root, "internal", "copied")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(root, "LICENSE"), filepath.Join(deep, "LICENSE")} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dirs := map[string]bool{}
	above(dirs, deep, root)
	m, err := licensed(module{path: "example.com/a", version: "v1.0.0"}, root, dirs)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.text, "\nIn internal/copied:\n") || len(m.licences) != 1 {
		t.Errorf("%v:\n%s", m.licences, m.text)
	}
	if err := os.WriteFile(filepath.Join(deep, "LICENSE"), []byte("All rights reserved. Ask us.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := licensed(m, root, dirs); err == nil {
		t.Error("a copied package under a licence that nobody knows is passed on")
	}
}

// TestUnlisted reads this test's own program, which is made of modules too.
func TestUnlisted(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	missing, err := unlisted(program, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(missing) == 0 {
		t.Skip("this program does not name its modules")
	}
	var all []module
	for _, name := range missing {
		path, version, _ := strings.Cut(name, "@")
		all = append(all, module{path: path, version: version})
	}
	if missing, err = unlisted(program, all[1:]); err != nil || len(missing) != 1 || missing[0] != all[0].path+"@"+all[0].version {
		t.Errorf("%v, %v", missing, err)
	}
}

// TestDockerignore holds that the image's context has every directory that the program is built from.
func TestDockerignore(t *testing.T) {
	ignore, err := os.ReadFile("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	r := release{source: "../.."}
	for _, goos := range []string{"linux", "windows"} {
		out, err := r.run(context.Background(), []string{"GOOS=" + goos, "CGO_ENABLED=0"}, "go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}", "./cmd/drydock")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range strings.Fields(string(out)) {
			top, _, _ := strings.Cut(strings.TrimPrefix(path, own+"/"), "/")
			if !strings.Contains(string(ignore), "\n!"+top+"\n") {
				t.Errorf(".dockerignore keeps %s out of the image's build, which %s needs", top, path)
			}
		}
	}
}

func TestArchives(t *testing.T) {
	date := time.Unix(1_500_000_000, 0).UTC()
	files := []file{{"drydock", []byte("program"), 0o755}, {"man/man1/drydock.1", []byte("page"), 0o644}}
	packed, err := tarred("drydock_1_linux_amd64", files, date)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tarred("drydock_1_linux_amd64", files, date)
	if err != nil || !bytes.Equal(packed, again) {
		t.Errorf("two archives of the same files differ (%v)", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	var names []string
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Uname != "" || !h.ModTime.Equal(date) {
			t.Errorf("%s: owner %d %q, date %s", h.Name, h.Uid, h.Uname, h.ModTime)
		}
		names = append(names, h.Name+" "+h.FileInfo().Mode().String())
	}
	want := []string{"drydock_1_linux_amd64/drydock -rwxr-xr-x", "drydock_1_linux_amd64/man/man1/drydock.1 -rw-r--r--"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	packed, err = zipped("drydock_1_windows_amd64", files, date)
	if err != nil {
		t.Fatal(err)
	}
	zr, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	if len(zr.File) != 2 || !zr.File[0].Modified.Equal(date) || zr.File[0].Mode() != 0o755 {
		t.Errorf("%+v", zr.File[0].FileHeader)
	}
}

func TestBillOfMaterials(t *testing.T) {
	modules := []module{{path: "example.com/a", version: "v1.2.3", sum: "h1:x", licences: []string{"MIT"}}}
	data, err := billOfMaterials("1.0.0", time.Unix(0, 0).UTC(), modules)
	if err != nil {
		t.Fatal(err)
	}
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(data), cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	c := (*bom.Components)[0]
	if c.PackageURL != "pkg:golang/example.com/a@v1.2.3" || (*c.Licenses)[0].License.ID != "MIT" || bom.SerialNumber != "" || bom.Metadata.Timestamp != "1970-01-01T00:00:00Z" {
		t.Errorf("%s", data)
	}
}

func TestPlatforms(t *testing.T) {
	got, err := parsePlatforms(platforms)
	if err != nil || len(got) != 6 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "linux", "linux/", "/amd64", "linux/amd64,"} {
		if _, err := parsePlatforms(bad); err == nil {
			t.Errorf("%q is a list of platforms", bad)
		}
	}
}
