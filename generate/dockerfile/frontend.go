package dockerfile

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
)

// FrontendDir is the directory of the front end that is built into the component, relative to the build context. It is
// written where no quoting is possible, so one that is no plain path is refused.
func (v *view) FrontendDir() (string, error) {
	dir := v.inContext(v.c.Fact(detect.FactFrontend))
	if dir == "" || strings.Contains(dir, "*") || !plainPath().MatchString(dir) {
		return "", &generate.UnsupportedError{Message: "the front end's directory is no plain path inside the build context: set facts.frontend", Field: "facts.frontend"}
	}
	return dir, nil
}

// FrontendResult is what the front end's build makes, relative to the build context; empty: not known.
func (v *view) FrontendResult() string {
	out := v.c.Fact(detect.FactFrontendOutput)
	if out == "" {
		return ""
	}
	if out = v.inContext(path.Join(v.c.Fact(detect.FactFrontend), out)); out == "." {
		return ""
	}
	return out
}

// FrontendApart reports whether the front end builds from its own directory alone.
func (v *view) FrontendApart() bool {
	dir, err := v.FrontendDir()
	return err == nil && dir != "." && v.FrontendResult() != ""
}

// FrontendManifests are the arguments of the COPY lines that bring in what the installation of the packages reads. The
// settings of package managers are copied where they are: a pattern that matches nothing is no error beside a file.
func (v *view) FrontendManifests() ([]string, error) {
	dir, err := v.FrontendDir()
	if err != nil {
		return nil, err
	}
	at := func(name string) string { return path.Join(dir, name) }
	lock := v.c.Fact(detect.FactFrontendLockfile)
	var files []string
	switch v.c.Fact(detect.FactFrontendPackageManager) {
	case "bower":
		files = []string{at("bower.json"), at("package.json*"), at(".bowerrc*")}
	case "yarn":
		files = []string{at("package.json"), at(".yarnrc*"), at(".npmrc*")}
	default:
		files = []string{at("package.json"), at(".npmrc*")}
	}
	if lock != "" {
		files = append(files, at(lock))
	}
	line, err := copyPaths(append(files, "./")...)
	return []string{line}, err
}

// inContext turns a path relative to the component's directory into one relative to the build context; empty when it
// leaves it.
func (v *view) inContext(rel string) string {
	p := path.Join(v.c.Path, rel)
	if root := v.c.Context(); root != "." {
		if p == root {
			return "."
		}
		var ok bool
		if p, ok = strings.CutPrefix(p, root+"/"); !ok {
			return ""
		}
	}
	if p == ".." || strings.HasPrefix(p, "../") || path.IsAbs(p) {
		return ""
	}
	return p
}
