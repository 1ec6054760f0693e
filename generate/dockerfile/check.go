package dockerfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/opencontainers/go-digest"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/templates"
)

// Check parses each Dockerfile as BuildKit does, runs BuildKit's own linter, and
// looks for the sources of COPY in the context.
func (t Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		base := path.Base(a.Path)
		switch {
		case base == "Dockerfile" || strings.HasPrefix(base, "Dockerfile."):
			out = append(out, t.checkFile(a, artifacts)...)
		case base == ".dockerignore":
			if _, err := ignored(a.Content); err != nil {
				out = append(out, generate.Problem{File: a.Path, Rule: "dockerignore", Message: err.Error(), Error: true})
			}
		}
	}
	return out
}

func (t Target) checkFile(a generate.Artifact, all []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	problem := func(line int, rule, message string, fatal bool) {
		out = append(out, generate.Problem{File: a.Path, Line: line, Rule: rule, Message: message, Error: fatal})
	}
	parsed, err := parser.Parse(bytes.NewReader(a.Content))
	if err != nil {
		problem(errorLine(err), "parse", err.Error(), true)
		return out
	}
	if bytes.HasPrefix(bytes.ToLower(bytes.TrimLeft(a.Content, "# \t")), []byte("syntax=")) {
		problem(1, "syntax-line", "a syntax line makes every build pull another image first", true)
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		problem(errorLine(err), "parse", err.Error(), true)
		return out
	}
	if err := lint(a.Content, problem); err != nil {
		problem(errorLine(err), "parse", err.Error(), true)
	}
	t.allowed(stages, problem)
	for _, s := range stages {
		for _, c := range s.Commands {
			if cp, ok := c.(*instructions.CopyCommand); ok && cp.From == "" {
				for _, msg := range t.missing(cp.SourcePaths, path.Dir(a.Path), all) {
					problem(cp.Location()[0].Start.Line, "copy-source", msg, true)
				}
			}
		}
	}
	if len(stages) > 0 && !lastUser(stages[len(stages)-1]) && !onWindows(stages[len(stages)-1]) {
		problem(0, "root-user", "the container runs as root: the last stage has no USER", false)
	}
	return out
}

// allowed holds the house rule about base images: those of stages and those that COPY takes files from.
func (t Target) allowed(stages []instructions.Stage, problem func(line int, rule, message string, fatal bool)) {
	if t.Templates == nil {
		return
	}
	rules, err := templates.ReadRules(t.Templates)
	if err != nil {
		problem(0, "house-rules", err.Error(), true)
		return
	}
	for _, b := range bases(stages) {
		// A digest says which of the images of a name it is, not where it is from.
		if name, _, _ := strings.Cut(b.image, "@"); !rules.Allows(name) && !rules.Allows(b.image) {
			problem(b.line, "allowed-base-image", fmt.Sprintf("the house rules do not allow %s: they allow %s", b.image, strings.Join(rules.AllowedBaseImages, ", ")), true)
		}
	}
}

// base is an image that a Dockerfile stands on and the line that names it.
type base struct {
	image string
	line  int
}

// bases are the images of stages and those that COPY takes files from, without the file's own stages.
func bases(stages []instructions.Stage) []base {
	var out []base
	own := map[string]bool{"scratch": true}
	add := func(image string, at []parser.Range) {
		line := 0
		if len(at) > 0 {
			line = at[0].Start.Line
		}
		if _, err := strconv.Atoi(image); err != nil && !own[strings.ToLower(image)] {
			out = append(out, base{image, line})
		}
	}
	for _, s := range stages {
		add(s.BaseName, s.Location)
		own[strings.ToLower(s.Name)] = true
		for _, c := range s.Commands {
			if cp, ok := c.(*instructions.CopyCommand); ok && cp.From != "" {
				add(cp.From, cp.Location())
			}
		}
	}
	return out
}

// BaseImages lists the images that the Dockerfiles among artifacts stand on, as they are pulled, sorted.
func BaseImages(artifacts []generate.Artifact) ([]string, error) {
	var out []string
	for _, a := range artifacts {
		if name := path.Base(a.Path); name != "Dockerfile" && !strings.HasPrefix(name, "Dockerfile.") {
			continue
		}
		parsed, err := parser.Parse(bytes.NewReader(a.Content))
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", a.Path, err)
		}
		stages, _, err := instructions.Parse(parsed.AST, nil)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", a.Path, err)
		}
		for _, b := range bases(stages) {
			out = append(out, b.image)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// lint converts the file as a build does, with every stage and all of BuildKit's rules, without
// asking any registry: the base images are taken to be empty ones for Linux.
func lint(content []byte, problem func(line int, rule, message string, fatal bool)) error {
	_, _, _, _, err := dockerfile2llb.Dockerfile2LLB(context.Background(), content, dockerfile2llb.ConvertOpt{
		Config:       dockerui.Config{},
		MetaResolver: noRegistry{},
		AllStages:    true,
		Warn: func(rule, _, _, message string, at []parser.Range) {
			line := 0
			if len(at) > 0 {
				line = at[0].Start.Line
			}
			problem(line, rule, message, false)
		},
	})
	return err
}

// noRegistry answers for every image with an empty configuration.
type noRegistry struct{}

// ResolveImageConfig says that the image is for Linux on amd64 and nothing more.
func (noRegistry) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := []byte(`{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers"}}`)
	return ref, digest.FromBytes(config), config, nil
}

// onWindows reports a stage on an image of Windows, where root means nothing and IIS starts as the administrator.
func onWindows(s instructions.Stage) bool {
	return strings.Contains(s.BaseName, "windowsservercore") || strings.Contains(s.BaseName, "nanoserver")
}

func lastUser(s instructions.Stage) bool {
	return slices.ContainsFunc(s.Commands, func(c instructions.Command) bool {
		u, ok := c.(*instructions.UserCommand)
		return ok && u.User != "root" && u.User != "0"
	})
}

// errorLine is the line that a parser's error points at, or 0.
func errorLine(err error) int {
	var at *parser.LocationError
	if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		return at.Locations[0][0].Start.Line
	}
	return 0
}

// missing says which plain sources of a COPY are not in the context.
func (t Target) missing(sources []string, dir string, all []generate.Artifact) []string {
	if t.Exists == nil {
		return nil
	}
	root, matcher := t.contextOf(dir, all)
	var out []string
	for _, s := range sources {
		s = strings.TrimSuffix(strings.TrimPrefix(s, "/"), "/")
		if s == "." || s == "" || strings.ContainsAny(s, `*?[\$`) {
			continue
		}
		if !t.Exists(path.Join(root, s)) && !isGenerated(path.Join(root, s), all) {
			out = append(out, fmt.Sprintf("%s is not in the build context %s", s, root))
			continue
		}
		if matcher != nil {
			if hidden, err := matcher.MatchesOrParentMatches(s); err == nil && hidden {
				out = append(out, fmt.Sprintf("%s is kept out of the build context by .dockerignore", s))
			}
		}
	}
	return out
}

// isGenerated reports whether a path is a file among artifacts, or a directory with one.
func isGenerated(name string, all []generate.Artifact) bool {
	return slices.ContainsFunc(all, func(a generate.Artifact) bool { return a.Path == name || strings.HasPrefix(a.Path, name+"/") })
}

// contextOf is the build context of a Dockerfile's directory: the nearest one above that has a .dockerignore of ours.
func (t Target) contextOf(dir string, all []generate.Artifact) (string, *patternmatcher.PatternMatcher) {
	for root := dir; ; root = path.Dir(root) {
		for _, a := range all {
			if a.Path == path.Join(root, ".dockerignore") {
				m, err := ignored(a.Content)
				if err != nil {
					return root, nil
				}
				return root, m
			}
		}
		if root == "." {
			return dir, nil
		}
	}
}

func ignored(content []byte) (*patternmatcher.PatternMatcher, error) {
	patterns, err := ignorefile.ReadAll(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return patternmatcher.New(patterns)
}
