package verify

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// dockerfile is a parsed Dockerfile, which knows the lines that BuildKit's steps come from.
type dockerfile struct {
	stages  []instructions.Stage
	globals []string // NAME=value of the ARGs before the first FROM that have a default
	args    []int    // their lines
	lex     *shell.Lex
}

// parseDockerfile parses as BuildKit does. The error is for people; line is where, or 0.
func parseDockerfile(content []byte) (d *dockerfile, line int, err error) {
	parsed, err := parser.Parse(bytes.NewReader(readable(content)))
	if err != nil {
		return nil, errorLine(err), plainError(err)
	}
	stages, args, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil, errorLine(err), plainError(err)
	}
	if len(stages) == 0 {
		return nil, 0, errors.New("it has no FROM instruction")
	}
	d = &dockerfile{stages: stages, lex: shell.NewLex(parsed.EscapeToken)}
	for _, a := range args {
		d.args = append(d.args, firstLine(a.Location()))
		for _, kv := range a.Args {
			if kv.Value != nil {
				d.globals = append(d.globals, kv.Key+"="+d.expand(*kv.Value))
			}
		}
	}
	return d, 0, nil
}

// readable replaces what is not UTF-8, in a comment in Latin-1 for one: BuildKit's packages complain of it on stderr,
// in the midst of whatever is shown there.
func readable(content []byte) []byte { return bytes.ToValidUTF8(content, []byte("\uFFFD")) }

// expand fills in the ARGs that stand before the first FROM.
func (d *dockerfile) expand(word string) string {
	out, _, err := d.lex.ProcessWord(word, shell.EnvsFromSlice(d.globals))
	if err != nil {
		return word
	}
	return out
}

// errorLine is the line that a parser's error points at, or 0.
func errorLine(err error) int {
	var at *parser.LocationError
	if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		return at.Locations[0][0].Start.Line
	}
	return 0
}

// plainError drops the "dockerfile parse error on line 3: " that repeats what file:line says.
func plainError(err error) error {
	return errors.New(parsePrefix().ReplaceAllString(err.Error(), ""))
}

var parsePrefix = lazy(`^(dockerfile )?parse error on line \d+: `)

// fromRef is a place that names an image of a registry.
type fromRef struct {
	image string // as written, with ARGs filled in
	line  int
}

// bases lists the images that the file stands on: FROM, COPY --from and RUN --mount=from.
func (d *dockerfile) bases() []fromRef {
	var out []fromRef
	names := map[string]bool{"scratch": true}
	add := func(image string, line int) {
		image = d.expand(image)
		if _, err := strconv.Atoi(image); err == nil || image == "" || names[strings.ToLower(image)] {
			return
		}
		out = append(out, fromRef{image, line})
	}
	for _, s := range d.stages {
		add(s.BaseName, firstLine(s.Location))
		if s.Name != "" {
			names[strings.ToLower(s.Name)] = true
		}
		for _, c := range s.Commands {
			switch c := c.(type) {
			case *instructions.CopyCommand:
				add(c.From, firstLine(c.Location()))
			case *instructions.RunCommand:
				for _, m := range instructions.GetMounts(c) {
					add(m.From, firstLine(c.Location()))
				}
			}
		}
	}
	return out
}

// wantsSSH reports whether a step asks for an SSH agent: RUN --mount=type=ssh.
func (d *dockerfile) wantsSSH() bool {
	for _, s := range d.stages {
		for _, c := range s.Commands {
			run, ok := c.(*instructions.RunCommand)
			if !ok || run.Expand(func(word string) (string, error) { return d.expand(word), nil }) != nil { // before, a mount's type is not known
				continue
			}
			for _, m := range instructions.GetMounts(run) {
				if m.Type == instructions.MountTypeSSH {
					return true
				}
			}
		}
	}
	return false
}

// base finds where an image is named, by any spelling of its name.
func (d *dockerfile) base(image string) (fromRef, bool) {
	want := canonical(image)
	for _, b := range d.bases() {
		if canonical(b.image) == want {
			return b, true
		}
	}
	return fromRef{image: image}, false
}

// canonical spells an image's name out: "ruby:3.1" is "docker.io/library/ruby:3.1".
func canonical(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return image
	}
	return reference.TagNameOnly(named).String()
}

func firstLine(at []parser.Range) int {
	if len(at) == 0 {
		return 0
	}
	return at[0].Start.Line
}

// stepName is BuildKit's name of a step: "[build 3/9] RUN bundle install".
var stepName = lazy(`^\[(?:[a-z0-9]+/[a-z0-9/>-]+ )?(?:([^\s\]]+) +)?(\d+)/(\d+)\] (.*)`)

// classicStep is the classic builder's name of a step.
var classicStep = lazy(`^Step (\d+)/(\d+) : (.*)`)

// stepCommand is a step's name without its number.
func stepCommand(step string) string {
	if m := stepName().FindStringSubmatch(step); m != nil {
		return m[4]
	}
	if m := classicStep().FindStringSubmatch(step); m != nil {
		return m[3]
	}
	return step
}

// line finds the instruction of a step by its stage and number: BuildKit counts FROM as the first
// and then ADD, COPY, RUN and WORKDIR. 0: not found.
func (d *dockerfile) line(step string) int {
	if m := classicStep().FindStringSubmatch(step); m != nil {
		n, _ := strconv.Atoi(m[1])
		return d.nth(n)
	}
	m := stepName().FindStringSubmatch(step)
	if m == nil {
		return 0
	}
	s := d.stage(m[1])
	n, err := strconv.Atoi(m[2])
	if s == nil || err != nil {
		return 0
	}
	if !d.isStage(s.BaseName) && s.BaseName != "scratch" {
		if n--; n == 0 {
			return firstLine(s.Location)
		}
	}
	for _, c := range s.Commands {
		switch c.(type) {
		case *instructions.AddCommand, *instructions.CopyCommand, *instructions.RunCommand, *instructions.WorkdirCommand:
			if n--; n == 0 {
				return firstLine(c.Location())
			}
		}
	}
	return 0
}

// nth finds the line of an instruction by its number in the whole file, as the classic builder counts.
func (d *dockerfile) nth(n int) int {
	lines := append([]int(nil), d.args...)
	for _, s := range d.stages {
		lines = append(lines, firstLine(s.Location))
		for _, c := range s.Commands {
			lines = append(lines, firstLine(c.Location()))
		}
	}
	if n < 1 || n > len(lines) {
		return 0
	}
	return lines[n-1]
}

// stage finds a stage by the name that BuildKit gives it: its own, "stage-1", or none when there is but one.
func (d *dockerfile) stage(name string) *instructions.Stage {
	if name == "" && len(d.stages) == 1 {
		return &d.stages[0]
	}
	for i := range d.stages {
		s := &d.stages[i]
		if s.Name == name && name != "" || s.Name == "" && name == fmt.Sprintf("stage-%d", i) {
			return s
		}
	}
	return nil
}

func (d *dockerfile) isStage(name string) bool {
	for _, s := range d.stages {
		if s.Name != "" && strings.EqualFold(s.Name, name) {
			return true
		}
	}
	return false
}

// needsBuildKit returns the line of the first instruction that the classic builder cannot carry out, and what it is; 0: none.
func (d *dockerfile) needsBuildKit() (line int, what string) {
	for _, s := range d.stages {
		for _, c := range s.Commands {
			switch c := c.(type) {
			case *instructions.RunCommand:
				if len(instructions.GetMounts(c)) > 0 {
					return firstLine(c.Location()), "RUN --mount"
				}
			case *instructions.CopyCommand:
				if c.Chmod != "" || c.Link {
					return firstLine(c.Location()), "COPY --chmod or --link"
				}
			}
		}
	}
	return 0, ""
}

// copied is a source of COPY or ADD that must be in the context.
type copied struct {
	source string
	line   int
}

// sources lists what the file takes from the context, as far as it can be known without building: names that hold
// variables of a stage are left out.
func (d *dockerfile) sources() []copied {
	var out []copied
	add := func(paths []string, line int) {
		for _, p := range paths {
			if !strings.ContainsAny(p, "$\\") && !strings.Contains(p, "://") && !strings.HasPrefix(p, "git@") {
				out = append(out, copied{p, line})
			}
		}
	}
	for _, s := range d.stages {
		for _, c := range s.Commands {
			switch c := c.(type) {
			case *instructions.CopyCommand:
				if c.From == "" {
					add(c.SourcePaths, firstLine(c.Location()))
				}
			case *instructions.AddCommand:
				add(c.SourcePaths, firstLine(c.Location()))
			}
		}
	}
	return out
}
