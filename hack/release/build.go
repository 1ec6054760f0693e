package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

// release is one run: what is built from where, and where the files go.
type release struct {
	source, out string
	version     string
	targets     []platform
	env         []string // further variables for every command

	date time.Time // of the commit: no file of a release carries another
}

// file is an entry of an archive.
type file struct {
	name string
	data []byte
	mode os.FileMode
}

// make writes the archives, the bill of materials and the checksums.
func (r *release) make(ctx context.Context) error {
	if err := r.describe(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(r.out); err != nil {
		return fmt.Errorf("empty %s: %w", r.out, err)
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return fmt.Errorf("write a release: %w", err)
	}
	modules, err := linked(ctx, r.source)
	if err != nil {
		return err
	}
	std, err := standard(ctx, r.source)
	if err != nil {
		return err
	}
	all := append([]module{std}, modules...)
	common, err := r.common(ctx, all)
	if err != nil {
		return err
	}
	for _, t := range r.targets {
		if err := r.archive(ctx, t, modules, common); err != nil {
			return err
		}
	}
	bom, err := billOfMaterials(r.version, r.date, all)
	if err != nil {
		return err
	}
	if err := r.write("drydock_"+r.version+".cdx.json", bom); err != nil {
		return err
	}
	return r.checksums()
}

// describe asks Git for the version and the date of the commit.
func (r *release) describe(ctx context.Context) error {
	if r.version == "" {
		v, err := r.run(ctx, nil, "git", "describe", "--tags", "--always", "--dirty")
		if err != nil {
			return err
		}
		r.version = strings.TrimPrefix(strings.TrimSpace(string(v)), "v")
	}
	seconds, err := r.run(ctx, nil, "git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(seconds)), 10, 64)
	if err != nil {
		return fmt.Errorf("the date of the commit: %w", err)
	}
	r.date = time.Unix(n, 0).UTC()
	return nil
}

// run starts a command in the sources and returns what it prints.
func (r *release) run(ctx context.Context, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = r.source
	cmd.Env = append(append(os.Environ(), r.env...), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

// compile builds the program for a platform. What the caller's environment may say of processors and experiments does not reach it.
func (r *release) compile(ctx context.Context, t platform, to string) error {
	_, err := r.run(ctx, []string{"CGO_ENABLED=0", "GOOS=" + t.os, "GOARCH=" + t.arch, "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFLAGS="},
		"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.version="+r.version, "-o", to, "./cmd/drydock")
	return err
}

// common are the files that every archive holds: what the program itself prints, and the licences.
func (r *release) common(ctx context.Context, modules []module) ([]file, error) {
	dir, err := os.MkdirTemp("", "drydock-release-")
	if err != nil {
		return nil, fmt.Errorf("make a release: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program := filepath.Join(dir, "drydock")
	host, err := r.run(ctx, nil, "go", "env", "GOHOSTOS", "GOHOSTARCH")
	if err != nil {
		return nil, err
	}
	words := strings.Fields(string(host))
	if err := r.compile(ctx, platform{words[0], words[1]}, program); err != nil {
		return nil, err
	}
	readme, err := os.ReadFile(filepath.Join(r.source, "README.md"))
	if err != nil {
		return nil, fmt.Errorf("make a release: %w", err)
	}
	out := []file{{"README.md", readme, 0o644}, {"LICENCES.txt", texts(modules), 0o644}}
	man := filepath.Join(dir, "man")
	if _, err := r.run(ctx, []string{"SOURCE_DATE_EPOCH=" + strconv.FormatInt(r.date.Unix(), 10)}, program, "man", man); err != nil {
		return nil, err
	}
	pages, err := os.ReadDir(man)
	if err != nil {
		return nil, fmt.Errorf("make a release: %w", err)
	}
	for _, p := range pages {
		data, err := os.ReadFile(filepath.Join(man, p.Name()))
		if err != nil {
			return nil, fmt.Errorf("make a release: %w", err)
		}
		out = append(out, file{"man/man1/" + p.Name(), data, 0o644})
	}
	for shell, name := range map[string]string{"bash": "drydock.bash", "zsh": "_drydock", "fish": "drydock.fish", "powershell": "drydock.ps1"} {
		data, err := r.run(ctx, nil, program, "completion", shell)
		if err != nil {
			return nil, err
		}
		out = append(out, file{"completions/" + name, data, 0o644})
	}
	return out, nil
}

// archive writes what one platform downloads.
func (r *release) archive(ctx context.Context, t platform, modules []module, common []file) error {
	dir, err := os.MkdirTemp("", "drydock-release-")
	if err != nil {
		return fmt.Errorf("make a release: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program := filepath.Join(dir, "drydock")
	if err := r.compile(ctx, t, program); err != nil {
		return fmt.Errorf("for %s: %w", t, err)
	}
	missing, err := unlisted(program, modules)
	if err != nil {
		return fmt.Errorf("for %s: %w", t, err)
	}
	if len(missing) > 0 {
		return fmt.Errorf("for %s: the program holds %s, which the bill of materials lacks", t, strings.Join(missing, ", "))
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return fmt.Errorf("for %s: %w", t, err)
	}
	name := "drydock"
	if t.os == "windows" {
		name += ".exe"
	}
	base := fmt.Sprintf("drydock_%s_%s_%s", r.version, t.os, t.arch)
	files := append([]file{{name, data, 0o755}}, common...)
	sort.Slice(files, func(i, j int) bool { return files[i].name < files[j].name })
	if t.os == "windows" {
		packed, err := zipped(base, files, r.date)
		if err != nil {
			return fmt.Errorf("for %s: %w", t, err)
		}
		return r.write(base+".zip", packed)
	}
	packed, err := tarred(base, files, r.date)
	if err != nil {
		return fmt.Errorf("for %s: %w", t, err)
	}
	return r.write(base+".tar.gz", packed)
}

func (r *release) write(name string, data []byte) error {
	if err := os.WriteFile(filepath.Join(r.out, name), data, 0o644); err != nil {
		return fmt.Errorf("write a release: %w", err)
	}
	return nil
}

// checksums writes SHA256SUMS, which sha256sum --check reads.
func (r *release) checksums() error {
	sums, err := sumsOf(r.out)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, s := range sums {
		fmt.Fprintf(&b, "%s  %s\n", s.sum, s.name)
	}
	return r.write("SHA256SUMS", []byte(b.String()))
}

type sum struct{ name, sum string }

// sumsOf are the checksums of the files of a directory, by name.
func sumsOf(dir string) ([]sum, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("sum up a release: %w", err)
	}
	var out []sum
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("sum up a release: %w", err)
		}
		h := sha256.Sum256(data)
		out = append(out, sum{e.Name(), hex.EncodeToString(h[:])})
	}
	return out, nil
}

// compareBuilds makes the release of the last commit twice, each from a copy in another directory and with an empty build cache, and
// says which files differ.
func compareBuilds(ctx context.Context, version string, targets []platform) error {
	dir, err := os.MkdirTemp("", "drydock-release-")
	if err != nil {
		return fmt.Errorf("compare two builds: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var all [2][]sum
	for i, name := range []string{"first", "the/second"} {
		r := release{source: filepath.Join(dir, name, "source"), out: filepath.Join(dir, name, "dist"), version: version, targets: targets,
			env: []string{"GOCACHE=" + filepath.Join(dir, name, "cache")}}
		here := release{source: "."}
		if _, err := here.run(ctx, nil, "git", "clone", "-q", "--no-hardlinks", ".", r.source); err != nil {
			return err
		}
		if err := r.make(ctx); err != nil {
			return err
		}
		if all[i], err = sumsOf(r.out); err != nil {
			return err
		}
	}
	var differ []string
	for i, s := range all[0] {
		if i >= len(all[1]) || all[1][i] != s {
			differ = append(differ, s.name)
		}
	}
	if len(differ) > 0 || len(all[0]) != len(all[1]) {
		return fmt.Errorf("two builds of one commit differ in %s", strings.Join(differ, ", "))
	}
	for _, s := range all[0] {
		fmt.Printf("%s  %s\n", s.sum, s.name)
	}
	fmt.Printf("%d files, the same bytes twice\n", len(all[0]))
	return nil
}
