package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/detect"
	detectors "github.com/drydock-cli/drydock/detect/all"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
)

// Stages says how far a run goes.
type Stages struct {
	Generate bool // the files of the targets; otherwise drydock.yaml alone
	Write    bool
	Verify   bool
	FromDisk bool // verify the files in the output directory, as they were edited
}

// Result is what a run came to, as far as it got.
type Result struct {
	Findings  *Findings
	Plan      *plan.Plan
	OutputDir string
	Files     []FileState
	Written   bool
	Problems  []Problem
	Verdict   *Verdict
	Command   []string
}

// Run is the whole job as one function: source, findings, plan, artifacts, verdict. The result is
// there beside an error, as far as the job got.
func Run(ctx context.Context, location string, opts Options, stages Stages, asker ask.Asker, sink progress.Sink) (*Result, error) {
	job := NewJob(opts)
	defer job.Close()
	r := &Result{}
	found, err := job.Open(ctx, location, sink)
	r.Findings = found
	if err != nil {
		return r, err
	}
	answers, err := ask.All(ctx, asker, job.Questions())
	if err != nil {
		return r, err
	}
	for _, id := range sortedKeys(answers) {
		if err := job.set(id, answers[id]); err != nil {
			return r, err
		}
	}
	r.Plan, r.OutputDir, r.Command = job.plan, job.output, job.Command()
	return r, job.carryOut(ctx, stages, r, sink)
}

func (j *Job) carryOut(ctx context.Context, stages Stages, r *Result, sink progress.Sink) error {
	artifacts, err := j.stageGenerate(ctx, stages, sink)
	if err != nil {
		return err
	}
	r.Problems = j.problems
	switch {
	case stages.Write:
		end := sink.Step(progress.Write, "", "write", "write "+j.output)
		r.Files, err = j.write(ctx, artifacts, j.opts.Force)
		if end(err) != nil {
			return err
		}
		r.Written = true
	case !stages.FromDisk:
		if r.Files, err = j.preview(artifacts); err != nil {
			return err
		}
	}
	if stages.Write && stages.Verify {
		// What was written may hold a person's edits, merged in: those are what counts.
		stages.FromDisk = true
	}
	if stages.FromDisk {
		if err := j.fromDisk(ctx); err != nil {
			return err
		}
		j.written = stages.Verify // what a remedy changes is written too
	}
	if stages.Verify {
		r.Verdict, err = j.Verify(ctx, sink, j.opts.Approve)
		r.Plan = j.plan
	}
	return err
}

func (j *Job) stageGenerate(ctx context.Context, stages Stages, sink progress.Sink) ([]Artifact, error) {
	if !stages.Generate {
		a, err := j.planArtifact()
		return []Artifact{a}, err
	}
	end := sink.Step(progress.Generate, "", "generate", "generate "+strings.Join(j.plan.Targets, ", "))
	artifacts, _, err := j.generate(ctx)
	return artifacts, end(err)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Detect opens a source and says what it holds. The findings are there beside a *NoStackError.
func Detect(ctx context.Context, location string, opts Options, sink progress.Sink) (*Findings, error) {
	opts.findingsOnly = true
	job := NewJob(opts)
	defer job.Close()
	return job.Open(ctx, location, sink)
}

// Where is the output directory as people read it: relative to the working directory where it lies below.
func (r *Result) Where() string { return r.beside(".") }

// beside is a file of the output directory, relative to the working directory where that is shorter to read.
func (r *Result) beside(name string) string {
	file := filepath.Join(r.OutputDir, name)
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, file); err == nil && !strings.HasPrefix(rel, "..") {
			return rel
		}
	}
	return file
}

// FileDocument is one file of a JSON document.
type FileDocument struct {
	Path   string `json:"path"`
	Action string `json:"action"`
	Diff   string `json:"diff,omitempty"`
}

// FileDocuments lists files for JSON.
func FileDocuments(files []FileState) []FileDocument {
	out := make([]FileDocument, 0, len(files))
	for _, f := range files {
		out = append(out, FileDocument{Path: f.Path, Action: f.Action, Diff: f.Diff})
	}
	return out
}

// ContainerizeDocument is `drydock containerize --json`: what was found, what was written and what was seen.
type ContainerizeDocument struct {
	SchemaVersion int              `json:"schemaVersion"`
	Detection     *detect.Document `json:"detection,omitempty"`
	Output        string           `json:"output,omitempty"`
	Written       bool             `json:"written"`
	Files         []FileDocument   `json:"files"`
	Verification  *Verdict         `json:"verification,omitempty"`
	Command       []string         `json:"command,omitempty"`
}

// Document is the result as `containerize --json` prints it.
func (r *Result) Document() ContainerizeDocument {
	d := ContainerizeDocument{
		SchemaVersion: 1, Output: r.OutputDir, Written: r.Written, Files: FileDocuments(r.Files),
		Verification: r.Verdict, Command: r.Command,
	}
	if r.Findings != nil {
		doc := r.Findings.Document()
		d.Detection = &doc
	}
	return d
}

// FilesDocument is the result as `generate --json` prints it.
func (r *Result) FilesDocument() any {
	return map[string]any{"schemaVersion": 1, "output": r.OutputDir, "written": r.Written, "files": FileDocuments(r.Files)}
}

// PlanDocument is the result as `plan --json` prints it: every field with where it is from.
func (r *Result) PlanDocument() any {
	type field struct {
		Path     string            `json:"path"`
		Value    string            `json:"value"`
		From     detect.Origin     `json:"from,omitempty"`
		Why      string            `json:"why,omitempty"`
		Evidence []detect.Evidence `json:"evidence,omitempty"`
	}
	fields := []field{}
	for _, f := range r.Plan.Fields() {
		fields = append(fields, field{f.Path, f.Value, f.From, f.Why, f.Evidence})
	}
	return map[string]any{"schemaVersion": 1, "file": filepath.Join(r.OutputDir, plan.FileName), "written": r.Written, "fields": fields}
}

// Stacks lists what is detected.
func Stacks() []Stack { return sortedStacks(detectors.Detectors()) }

// ExplainedLine is one line of a generated file with its reason.
type ExplainedLine struct {
	Line     int               `json:"line"` // 0: the file as a whole
	Text     string            `json:"text"`
	Fields   []string          `json:"fields,omitempty"`
	Why      string            `json:"why,omitempty"`
	Evidence []detect.Evidence `json:"evidence,omitempty"`
}

// Explain says why a generated file, or one line of it, is as it is. line 0 means all lines that
// have a reason of their own, or the file as a whole where none has. The lines are those of the file on disk; lines that a person
// wrote have no reason. The lines of a file with values of this machine are not shown.
func Explain(ctx context.Context, file string, line int, opts Options) ([]ExplainedLine, error) {
	root, err := projectRoot(file)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return nil, fmt.Errorf("explain %s: %w", file, err)
	}
	opts.Output = root
	job := NewJob(opts)
	defer job.Close()
	if _, err := job.Open(ctx, root, nil); err != nil {
		return nil, err
	}
	artifacts, _, err := job.Generate(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range artifacts {
		if a.Path == filepath.ToSlash(rel) {
			return explainLines(file, a, line)
		}
	}
	if _, err := os.Stat(filepath.Join(root, generate.StateDir, "generated", rel)); err == nil {
		return []ExplainedLine{{Why: "an earlier run of drydock wrote to it; this plan asks for nothing in it"}}, nil
	}
	return nil, &UsageError{fmt.Errorf("%s is not a file that drydock generates for this plan\n  try: drydock generate %s --dry-run", rel, root)}
}

// projectRoot is the nearest directory above a file that holds a plan.
func projectRoot(file string) (string, error) {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, plan.FileName)); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", &UsageError{fmt.Errorf("explain %s: no %s in its folder or above\n  try: drydock generate SOURCE first", file, plan.FileName)}
		}
	}
}

func explainLines(file string, a Artifact, line int) ([]ExplainedLine, error) {
	if a.Ephemeral {
		return []ExplainedLine{{Why: "values of this machine: made once, never replaced, and not shown"}}, nil
	}
	data, err := readLimited(file)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = a.Content, nil
	}
	if err != nil {
		return nil, fmt.Errorf("explain %s: %w", file, err)
	}
	origins := map[string][]generate.Origin{} // by the text of the generated line, in order
	for i, text := range strings.Split(strings.TrimSuffix(string(a.Content), "\n"), "\n") {
		var o generate.Origin
		if i < len(a.Origins) {
			o = a.Origins[i]
		}
		if line > 0 { // a line that is asked for is told what the lines around it are for
			o, _ = generate.Explain([]generate.Artifact{a}, a.Path, i+1)
		}
		origins[text] = append(origins[text], o)
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	if line > len(lines) {
		return nil, &UsageError{fmt.Errorf("%s has %d lines", file, len(lines))}
	}
	var out []ExplainedLine
	for i, text := range lines {
		l := ExplainedLine{Line: i + 1, Text: text}
		if o := origins[text]; len(o) > 0 {
			l.Fields, l.Why, l.Evidence = o[0].Fields, o[0].Why, o[0].Evidence
			if len(o) > 1 {
				origins[text] = o[1:]
			}
		} else if line == i+1 {
			l.Why = "a person wrote or changed this line: it is not what is generated"
		}
		if line == i+1 || line == 0 && (l.Why != "" || len(l.Evidence) > 0) {
			out = append(out, l)
		}
	}
	if whole, ok := generate.Explain([]generate.Artifact{a}, a.Path, 0); ok && len(out) == 0 {
		out = append(out, ExplainedLine{Why: whole.Why, Fields: whole.Fields, Evidence: whole.Evidence})
	}
	return out, nil
}

// Undo takes back what a run wrote in a directory; without a name, the last run.
func Undo(dir, run string) ([]FileState, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("undo in %s: %w", dir, err)
	}
	names, err := filepath.Glob(filepath.Join(abs, generate.StateDir, "runs", "*.json"))
	if err != nil || len(names) == 0 {
		return nil, &UsageError{fmt.Errorf("undo: no run is recorded in %s", abs)}
	}
	sort.Strings(names)
	for i := range names {
		names[i] = strings.TrimSuffix(filepath.Base(names[i]), ".json")
	}
	if run == "" {
		run = names[len(names)-1]
	}
	if i := sort.SearchStrings(names, run); i == len(names) || names[i] != run {
		return nil, &UsageError{fmt.Errorf("undo: there is no run %s; there is %s", run, strings.Join(names, ", "))}
	}
	d, err := openDisk(abs)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	changes, err := generate.Undo(context.Background(), d, run)
	return states(changes), err
}
