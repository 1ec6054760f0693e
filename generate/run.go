package generate

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/plan"
)

// Run makes the files of the targets, in the targets' order. Two targets that
// make the same file must agree on its content. A plan that its own rules refuse is a *plan.Error.
func Run(ctx context.Context, p *plan.Plan, targets []Target) ([]Artifact, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	var all []Artifact
	index := map[string]int{}
	for _, t := range targets {
		artifacts, err := t.Generate(ctx, p)
		if err != nil {
			var u *UnsupportedError
			if errors.As(err, &u) && u.Field == "" && t.Name() != "dockerfile" {
				u.Field = "targets" // the platform cannot: another can
			}
			return nil, fmt.Errorf("generate %s: %w", t.Name(), err)
		}
		for _, a := range artifacts {
			if !inside(a.Path) {
				return nil, fmt.Errorf("generate %s: %q is not a path below the output directory", t.Name(), a.Path)
			}
			a.Target = cmp.Or(a.Target, t.Name())
			a.Mode = cmp.Or(a.Mode, 0o644)
			at, ok := index[a.Path]
			switch {
			case !ok:
				index[a.Path] = len(all)
				all = append(all, a)
			case !bytes.Equal(all[at].Content, a.Content):
				return nil, fmt.Errorf("generate %s: %s is also made by %s, with another content", t.Name(), a.Path, all[at].Target)
			}
		}
	}
	return all, nil
}

func inside(p string) bool {
	return p != "" && p != "." && !path.IsAbs(p) && path.Clean(p) == p && p != ".." && !strings.HasPrefix(p, "../")
}

// Check runs every target's check over the artifacts, sorted by file and line.
func Check(targets []Target, artifacts []Artifact) []Problem {
	var out []Problem
	for _, t := range targets {
		out = append(out, t.Check(artifacts)...)
	}
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out
}

// Explain says why a line of a file is as it is. Line is from 1; 0 asks for the
// file as a whole. A line without a reason of its own gets the one of the
// nearest line above that has one within its block; of a Dockerfile, within its instruction and the comment over it. False: no such
// file or line.
func Explain(artifacts []Artifact, file string, line int) (Origin, bool) {
	at := slices.IndexFunc(artifacts, func(a Artifact) bool { return a.Path == file })
	if at < 0 {
		return Origin{}, false
	}
	a := artifacts[at]
	if line == 0 {
		return a.whole(), true
	}
	lines := strings.Split(strings.TrimSuffix(string(a.Content), "\n"), "\n")
	if line < 1 || line > len(lines) {
		return Origin{}, false
	}
	for i := line - 1; i >= 0; i-- {
		if i < len(a.Origins) && !a.Origins[i].empty() {
			return a.Origins[i], true
		}
		if i != line-1 && strings.TrimSpace(lines[i]) == "" || i > 0 && strings.HasPrefix(path.Base(file), "Dockerfile") && !goesOn(lines[i-1]) {
			break
		}
	}
	return Origin{Why: "part of what the " + a.Target + " target always writes"}, true
}

// goesOn says that a line of a Dockerfile is about the next one too: the instruction goes on, or it is a comment.
func goesOn(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasSuffix(line, "\\") || strings.HasPrefix(line, "#")
}

// whole joins the reasons of all lines.
func (a Artifact) whole() Origin {
	out := Origin{Why: "made by the " + a.Target + " target"}
	for _, o := range a.Origins {
		for _, f := range o.Fields {
			if !slices.Contains(out.Fields, f) {
				out.Fields = append(out.Fields, f)
			}
		}
		for _, e := range o.Evidence {
			if !slices.Contains(out.Evidence, e) {
				out.Evidence = append(out.Evidence, e)
			}
		}
	}
	return out
}

func (o Origin) empty() bool { return o.Why == "" && len(o.Fields) == 0 && len(o.Evidence) == 0 }

// FieldOrigin is the reason that a plan's field gives.
func FieldOrigin(p *plan.Plan, paths ...string) Origin {
	var o Origin
	var whys []string
	for _, name := range paths {
		f, ok := p.Field(name)
		if !ok {
			continue
		}
		o.Fields = append(o.Fields, f.Path)
		o.Evidence = append(o.Evidence, f.Evidence...)
		whys = append(whys, reason(f))
	}
	o.Why = strings.Join(whys, "; ")
	return o
}

// OriginOf is the reason that a field gives which was already looked up.
func OriginOf(f plan.Field) Origin {
	return Origin{Fields: []string{f.Path}, Why: reason(f), Evidence: f.Evidence}
}

// reason is a field's value and how it came about, in one sentence.
func reason(f plan.Field) string {
	text := f.Label + " " + f.Value
	switch {
	case f.From == "chosen" && f.Why == "":
		return text + ": chosen"
	case f.From == "default":
		return text + ": a guess: " + f.Why
	case f.Why != "":
		return text + ": " + f.Why
	case len(f.Evidence) > 0:
		e := f.Evidence[0]
		if e.Line > 0 {
			return fmt.Sprintf("%s: %s:%d", text, e.File, e.Line)
		}
		return text + ": " + e.File
	}
	return text
}
