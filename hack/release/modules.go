package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	dirs := map[string]map[string]bool{} // of the packages, by module
	roots := map[string]string{}
	r := release{source: source}
	for _, goos := range []string{"linux", "darwin", "windows"} {
		out, err := r.run(ctx, []string{"CGO_ENABLED=0", "GOOS=" + goos, "GOARCH=amd64", "GOFLAGS="}, "go", "list", "-deps", "-json=Dir,Module", "./cmd/drydock")
		if err != nil {
			return nil, err
		}
		d := json.NewDecoder(bytes.NewReader(out))
		for {
			var p struct {
				Dir    string
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
			if m == nil || m.Main {
				continue
			}
			if dirs[m.Path] == nil {
				found[m.Path] = module{path: m.Path, version: m.Version, sum: m.Sum}
				dirs[m.Path], roots[m.Path] = map[string]bool{}, m.Dir
			}
			above(dirs[m.Path], p.Dir, m.Dir)
		}
	}
	for path, m := range found {
		known, err := licensed(m, roots[path], dirs[path])
		if err != nil {
			return nil, err
		}
		found[path] = known
	}
	out := make([]module, 0, len(found))
	for _, m := range found {
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].path < out[j].path })
	return out, nil
}

// above notes a package's directory and those between it and its module's own. What was copied into a module lies there, with the
// licence of those whom it was copied from.
func above(dirs map[string]bool, dir, root string) {
	for ; len(dir) > len(root) && !dirs[dir]; dir = filepath.Dir(dir) {
		dirs[dir] = true
	}
}

// licensed is a module with its licences: those of its root, one of which has to be known, and those of the packages in dirs.
func licensed(m module, root string, dirs map[string]bool) (module, error) {
	ids, text, err := licence(root)
	if err != nil {
		id := stated[m.path+"@"+m.version]
		if id == "" {
			return module{}, fmt.Errorf("%s %s: %w", m.path, m.version, err)
		}
		ids, text = []string{id}, "Its README states "+id+".\n"
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		more, nested, err := licence(dir)
		if errors.Is(err, errNoLicence) && nested == "" {
			continue // as in most: that of the module covers it
		}
		rel := filepath.ToSlash(strings.TrimPrefix(dir, root+string(filepath.Separator)))
		if err != nil {
			return module{}, fmt.Errorf("%s %s: %s: %w", m.path, m.version, rel, err)
		}
		ids, text = append(ids, more...), fmt.Sprintf("%s\nIn %s:\n\n%s", text, rel, nested)
	}
	slices.Sort(ids)
	m.licences, m.text = slices.Compact(ids), text
	return m, nil
}

// standard is the library that Go itself brings. Its version is that of the Go release, so no page of the repository names it.
func standard(ctx context.Context, source string) (module, error) {
	r := release{source: source}
	out, err := r.run(ctx, nil, "go", "env", "GOROOT", "GOVERSION")
	if err != nil {
		return module{}, err
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	m, err := licensed(module{path: "std", version: strings.TrimPrefix(version, "go")}, root, nil)
	if err != nil {
		return module{}, fmt.Errorf("%w; a release is made with Go as its authors publish it", err)
	}
	return m, nil
}

// unlisted reads what Go wrote into a program about its modules, and returns those that modules lacks or has in another version.
func unlisted(program string, modules []module) ([]string, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, fmt.Errorf("read the modules of the program: %w", err)
	}
	known := map[string]bool{}
	for _, m := range modules {
		known[m.path+"@"+m.version] = true
	}
	var out []string
	for _, d := range info.Deps {
		if name := d.Path + "@" + d.Version; !known[name] {
			out = append(out, name)
		}
	}
	return out, nil
}

// errNoLicence is that of a directory in which no file is a licence that is known.
var errNoLicence = errors.New("no file of it is a licence that is known")

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
		return nil, b.String(), errNoLicence
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
	b.WriteString("Drydock is made with Go's own library (std) and the modules below. Each stands under its own licence.\n")
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
