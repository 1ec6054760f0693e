package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/google/licensecheck"
)

// module is one that is linked into the program on any platform.
type module struct {
	path, version string
	sum           string // as go.sum has it
	licences      []string
	text          string // of its licence and notice files
}

// own is the module that is released.
const own = "github.com/drydock-cli/drydock"

// linked lists the modules whose packages the program is made of, by path. Each has a licence that is known: one that is not is an
// error, as it could not be passed on.
func linked(ctx context.Context, source string) ([]module, error) {
	found := map[string]module{}
	r := release{source: source}
	for _, goos := range []string{"linux", "darwin", "windows"} {
		out, err := r.run(ctx, []string{"CGO_ENABLED=0", "GOOS=" + goos, "GOARCH=amd64", "GOFLAGS="}, "go", "list", "-deps", "-json=Module", "./cmd/drydock")
		if err != nil {
			return nil, err
		}
		d := json.NewDecoder(bytes.NewReader(out))
		for {
			var p struct {
				Module *struct {
					Path, Version, Sum, Dir string
					Main                    bool
				}
			}
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("read what go list prints: %w", err)
			}
			m := p.Module
			if m == nil || m.Main || found[m.Path].path != "" {
				continue
			}
			known := module{path: m.Path, version: m.Version, sum: m.Sum}
			if known.licences, known.text, err = licence(m.Dir); err != nil {
				id := stated[m.Path+"@"+m.Version]
				if id == "" {
					return nil, fmt.Errorf("%s %s: %w", m.Path, m.Version, err)
				}
				known.licences, known.text = []string{id}, known.text+"Its README states "+id+".\n"
			}
			found[m.Path] = known
		}
	}
	out := make([]module, 0, len(found))
	for _, m := range found {
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].path < out[j].path })
	return out, nil
}

// stated are the modules without a file for their licence, whose README names it.
var stated = map[string]string{
	"github.com/mattn/go-localereader@v0.0.1": "MIT",
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense|notice|patents)([-._].*)?$`)

// covered is the part of a file, in percent, that must be the text of a known licence.
const covered = 60

// licence reads the licence files of a module's directory: their identifiers (SPDX) and their text.
func licence(dir string) (ids []string, text string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, "", fmt.Errorf("look for its licence: %w", err)
	}
	seen := map[string]bool{}
	var b strings.Builder
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) || strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, "", fmt.Errorf("read its licence: %w", err)
		}
		fmt.Fprintf(&b, "%s\n", bytes.TrimSpace(data))
		if strings.HasPrefix(strings.ToUpper(e.Name()), "PATENTS") {
			continue // a grant beside the licence, which has no identifier
		}
		cover := licensecheck.Scan(data)
		if cover.Percent < covered {
			continue
		}
		for _, m := range cover.Match {
			if id := strings.TrimSuffix(m.ID, "-Header"); !m.IsURL && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, "", errors.New("no file of it is a licence that is known")
	}
	sort.Strings(ids)
	return ids, b.String(), nil
}

// page is docs/LICENCES.md.
func page(modules []module) string {
	var b strings.Builder
	b.WriteString("# Licences of what is linked in\n\nThe Go modules whose packages the program holds on any platform, with the licence (SPDX) that their own files state. Every archive of a\n" +
		"release carries the texts (`LICENCES.txt`) and lists the modules in its bill of materials. `go run ./hack/release -licences` prints this\npage; `TestLicencesPage` holds it to the code.\n\n" +
		"| module | version | licence |\n| --- | --- | --- |\n")
	for _, m := range modules {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", m.path, m.version, strings.Join(m.licences, ", "))
	}
	return b.String()
}

// texts is LICENCES.txt: what the licences want to be passed on with the program.
func texts(modules []module) []byte {
	var b bytes.Buffer
	b.WriteString("Drydock is made with the modules below. Each stands under its own licence.\n")
	for _, m := range modules {
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n\n%s", strings.Repeat("=", 80), m.path, m.version, strings.Join(m.licences, ", "), m.text)
	}
	return b.Bytes()
}

// billOfMaterials is a CycloneDX document of the program: one component for each module that is linked in.
func billOfMaterials(version string, date time.Time, modules []module) ([]byte, error) {
	bom := cyclonedx.NewBOM()
	program := cyclonedx.Component{BOMRef: purl(own, version), Type: cyclonedx.ComponentTypeApplication, Name: "drydock", Version: version, PackageURL: purl(own, version)}
	bom.Metadata = &cyclonedx.Metadata{Timestamp: date.Format(time.RFC3339), Component: &program}
	components := make([]cyclonedx.Component, 0, len(modules))
	uses := make([]string, 0, len(modules))
	for _, m := range modules {
		c := cyclonedx.Component{BOMRef: purl(m.path, m.version), Type: cyclonedx.ComponentTypeLibrary, Name: m.path, Version: m.version, PackageURL: purl(m.path, m.version)}
		licences := cyclonedx.Licenses{}
		for _, id := range m.licences {
			licences = append(licences, cyclonedx.LicenseChoice{License: &cyclonedx.License{ID: id}})
		}
		c.Licenses = &licences
		if m.sum != "" {
			c.Properties = &[]cyclonedx.Property{{Name: "go:sum", Value: m.sum}}
		}
		components = append(components, c)
		uses = append(uses, c.BOMRef)
	}
	bom.Components = &components
	bom.Dependencies = &[]cyclonedx.Dependency{{Ref: program.BOMRef, Dependencies: &uses}}
	var b bytes.Buffer
	if err := cyclonedx.NewBOMEncoder(&b, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom); err != nil {
		return nil, fmt.Errorf("write the bill of materials: %w", err)
	}
	return b.Bytes(), nil
}

// purl names a module as package URLs do.
func purl(path, version string) string { return "pkg:golang/" + path + "@" + version }
