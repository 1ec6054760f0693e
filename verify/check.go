package verify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/drydock-cli/drydock/generate"
	targets "github.com/drydock-cli/drydock/generate/all"
)

// Check verifies what can be verified without an engine: each Dockerfile parses and passes BuildKit's linter, what it copies is
// in the build context, and each target accepts its files (compose loads, the task definition fits). Nothing is
// run, and the verdict says so. The error is a *BuildError when a Dockerfile cannot be built as it stands.
func Check(ctx context.Context, in Input) (*Verdict, error) {
	begin := time.Now()
	r := newRun(in, nil)
	groups := r.groups()
	sound, err := r.checkFiles(ctx, groups)
	r.onlyChecked(groups, sound && err == nil)
	r.verdict.Seconds = time.Since(begin).Seconds()
	return r.verdict, err
}

// onlyChecked makes the verdict say that files were checked and nothing was run.
func (r *run) onlyChecked(groups []*group, sound bool) {
	r.verdict.Checked, r.verdict.Outcome = true, CheckedOnly
	if !sound {
		r.verdict.Outcome = Failed
	}
	for _, g := range groups {
		for _, p := range g.parts {
			if g.sound {
				p.verdict.Outcome = CheckedOnly
			}
		}
	}
}

// checkFiles reads each image's context and Dockerfile and lets every target check its files. What is objected to goes
// into the verdict, each with its place; sound says that nothing of it is an error. The error is what no build can get past.
func (r *run) checkFiles(ctx context.Context, groups []*group) (sound bool, first error) {
	sound = true
	for _, g := range groups {
		problems, err := r.checkGroup(ctx, g)
		r.verdict.Problems = append(r.verdict.Problems, problems...)
		g.sound = len(problems) == 0 && err == nil
		sound = sound && g.sound
		if err == nil {
			continue
		}
		if err = r.failAll(g, phaseBuild, err); fatal(err) {
			return false, err
		}
		if first == nil {
			first = err
		}
	}
	artifacts := slices.Clone(r.in.Artifacts)
	for i := range artifacts {
		artifacts[i].Content = readable(artifacts[i].Content)
	}
	for _, p := range generate.Check(r.targets(), artifacts) {
		r.verdict.Problems = append(r.verdict.Problems, problemText(p))
		sound = sound && !p.Error
	}
	return sound, first
}

// targets are those whose files there are. They do not look for COPY sources: checkGroup knows the whole context.
func (r *run) targets() []generate.Target {
	made := map[string]bool{}
	for _, a := range r.in.Artifacts {
		made[a.Target] = true
	}
	var out []generate.Target
	for _, t := range targets.Targets(targets.Options{}) {
		if made[t.Name()] {
			out = append(out, t)
		}
	}
	return out
}

func problemText(p generate.Problem) string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s: %s (%s)", at, shorten(p.Message, 400), p.Rule)
}

// checkGroup lists an image's context and parses its Dockerfile.
func (r *run) checkGroup(ctx context.Context, g *group) (problems []string, err error) {
	if g.context, err = newContext(ctx, r.in.Tree, r.in.Artifacts, g.ImageGroup); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &BuildError{Image: g.Name, ID: "context-unreadable", Message: err.Error(), Err: err}
	}
	file, line, err := parseDockerfile(g.context.dockerfile.content)
	if err != nil {
		return nil, &BuildError{Image: g.Name, ID: "dockerfile-syntax", Message: err.Error(), File: g.Dockerfile, Line: line, Err: err}
	}
	g.file = file
	for _, s := range file.sources() {
		if !g.context.has(s.source) {
			problems = append(problems, fmt.Sprintf("%s:%d: %s is not in the build context, or .dockerignore leaves it out (copy-source)", g.Dockerfile, s.line, s.source))
		}
	}
	return problems, nil
}
