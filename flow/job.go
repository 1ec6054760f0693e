package flow

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/ask"
	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
	detectors "github.com/drydock-cli/drydock/detect/all"
	"github.com/drydock-cli/drydock/generate"
	targets "github.com/drydock-cli/drydock/generate/all"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
	"github.com/drydock-cli/drydock/verify/remedy"
)

// Job is one source on its way to a verdict. It implements Driver.
type Job struct {
	opts      Options
	tree      *source.Tree
	findings  *detect.Findings
	signals   *assess.Signals // what placement looks for; nil: nobody asks for it
	plan      *plan.Plan
	artifacts []generate.Artifact
	problems  []generate.Problem
	output    string // absolute
	given     string // the source as the user wrote it
	remedies  remedy.House
	templates fs.FS // the bundled ones, with an organisation's over them
	chosen    []string
	verdict   *Verdict // of the last verification that came to one
	pinned    bool     // the images of the plan have the digests that --pin-digests asks for
	written   bool     // the files lie in the output directory: what a person merged into them counts
	history   []past   // what Undo goes back to
	writes    int      // how often the plan was written
	saved     bool     // drydock.yaml lies in the output directory as this job wrote it
	decided   []Change // since the plan was read or written: what the command line must say besides drydock.yaml
}

// NewJob returns a job that has not opened anything yet.
func NewJob(opts Options) *Job {
	if opts.RunID == "" {
		opts.RunID = newRunID(time.Now())
	}
	return &Job{opts: opts}
}

// newRunID names a run so that names sort by time and two runs of one second differ.
func newRunID(now time.Time) string {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return now.UTC().Format("20060102-150405") + "-" + hex.EncodeToString(b[:])
}

// Refs lists the branches and tags that a Git location offers.
func (j *Job) Refs(ctx context.Context, location string) ([]Ref, error) {
	return source.Refs(ctx, location, source.Options{CACert: j.opts.CACert})
}

// Open opens a source and detects what it holds.
func (j *Job) Open(ctx context.Context, location string, sink progress.Sink) (*Findings, error) {
	_ = j.Close()
	*j = Job{opts: j.opts, given: location, chosen: j.chosen}
	tree, err := source.Open(ctx, location, source.Options{
		Progress: sink, CacheDir: j.opts.CacheDir, CACert: j.opts.CACert, Credentials: j.opts.Credentials, Limits: j.opts.Limits,
	})
	if err != nil {
		return nil, err
	}
	j.tree = tree
	surveys := detectors.Surveys()
	if !j.opts.findingsOnly {
		j.signals = &assess.Signals{}
		surveys = append(surveys, j.signals)
	}
	found, err := detect.Run(ctx, withoutOurs(tree), detectors.Detectors(), sink, surveys...)
	if err != nil {
		return nil, err
	}
	j.findings = found
	if !deployable(found) {
		return found, &NoStackError{Location: tree.Location, Files: tree.Len(), LookedFor: found.LookedFor, Seen: seenAtRoot(tree)}
	}
	if j.output, err = j.outputDir(); err != nil {
		return found, err
	}
	if err := j.newPlan(); err != nil {
		return found, err
	}
	if !j.opts.forgotten {
		saveRecent(Recent{Location: tree.Location, Summary: summary(found)})
	}
	return found, nil
}

// withoutOurs hides what drydock itself wrote into a source: its own files prove nothing about the application.
func withoutOurs(tree *source.Tree) *source.Tree {
	const kept = generate.StateDir + "/generated/"
	if _, err := tree.Stat(generate.StateDir); err != nil {
		return tree // a large tree is not asked file by file
	}
	return tree.Without(func(name string) bool {
		if strings.HasPrefix(name, generate.StateDir+"/") {
			return true
		}
		_, ours := tree.Lookup(kept + name)
		return ours || path.Base(name) == ".env" && localValues(tree, name)
	})
}

// localValues reports whether a file is one with random values that drydock made for this machine.
func localValues(tree *source.Tree, name string) bool {
	f, err := tree.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	first := make([]byte, len(generate.LocalNote))
	_, err = io.ReadFull(f, first)
	return err == nil && string(first) == generate.LocalNote
}

func deployable(f *detect.Findings) bool {
	for _, c := range f.Components {
		if c.Role.V != detect.Library {
			return true
		}
	}
	return false
}

// seenAtRoot is a handful of names at the tree's root, for a reader to recognise the place.
func seenAtRoot(tree *source.Tree) []string {
	seen := map[string]bool{}
	for _, e := range tree.Entries() {
		name, rest, isDir := strings.Cut(e.Path, "/")
		_ = rest
		if isDir {
			name += "/"
		}
		seen[detect.Printable(name, 40)] = true
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	sort.Strings(names)
	if len(names) > 12 {
		names = append(names[:12], fmt.Sprintf("… (%d more)", len(seen)-12))
	}
	return names
}

// outputDir is --output, else the source when it is a directory, else a folder named after it here.
func (j *Job) outputDir() (string, error) {
	dir := j.opts.Output
	if dir == "" {
		if dir = j.tree.Dir; dir == "" {
			dir = projectName(j.given)
		}
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the output directory %s: %w", dir, err)
	}
	return abs, nil
}

// projectName is the last part of a location that names something: "shop" for
// https://git.example.com/shop.git#v4, "jpetstore-6" for .../mybatis+jpetstore-6/repo#abc.
func projectName(location string) string {
	loc, frag, _ := strings.Cut(location, "#")
	if _, sub, ok := strings.Cut(frag, ":"); ok && strings.Trim(sub, "/.") != "" {
		return detect.CleanName(path.Base(strings.TrimRight(sub, "/")))
	}
	loc = strings.TrimRight(filepath.ToSlash(loc), "/")
	base := path.Base(loc)
	if base == ".git" || base == "repo" || base == "repo.git" {
		base = path.Base(path.Dir(loc))
	}
	if i := strings.LastIndexByte(base, ':'); i >= 0 {
		base = base[i+1:]
	}
	for _, ext := range []string{".git", ".tar.gz", ".tgz", ".tar", ".zip", ".war", ".ear", ".jar"} {
		base = strings.TrimSuffix(base, ext)
	}
	if base == "." || base == ".." {
		if abs, err := filepath.Abs(cmp.Or(loc, "/")); err == nil {
			base = filepath.Base(abs)
		}
	}
	return detect.CleanName(base)
}

// newPlan makes the plan from the findings and lays over it, in this order, the drydock.yaml that
// was found or named, the targets and the --set values.
func (j *Job) newPlan() error {
	files, rules, err := houseTemplates(j.opts.Templates)
	if err != nil {
		return err
	}
	if j.remedies, err = houseRemedies(j.opts.Templates, files); err != nil {
		return err
	}
	j.templates = files
	p, err := plan.New(j.findings, plan.Options{
		Name: projectName(j.given), Targets: defaultTargets, Known: targets.Names(), Registry: cmp.Or(j.opts.Registry, rules.Registry),
		Images: dockerfile.Images(files),
	})
	if err != nil {
		return &UsageError{err}
	}
	j.advise(p, nil)
	name, data, err := j.planFile()
	if err != nil {
		return err
	}
	if data != nil {
		if err := p.ApplyEdited(data, j.planBase(name)); err != nil {
			return &UsageError{fmt.Errorf("%s: %w", name, err)}
		}
	}
	j.plan = p
	if len(j.chosen) == 0 {
		j.chosen = j.opts.Targets
	}
	if len(j.chosen) > 0 {
		if err := j.SetTargets(j.chosen); err != nil {
			return err
		}
	}
	for _, kv := range j.opts.Set {
		key, value, ok := strings.Cut(kv, "=")
		if !ok {
			return &UsageError{fmt.Errorf("--set %s: it is PATH=VALUE, such as components.web.port=8080", kv)}
		}
		if err := j.Set(key, value); err != nil {
			return err
		}
	}
	for _, path := range j.opts.Unset {
		if err := j.Unset(path); err != nil {
			return fmt.Errorf("--unset %s: %w", path, err)
		}
	}
	j.history = nil // the command line is where it begins
	return j.keepOnly(j.opts.Component)
}

// keepOnly drops every other component from the plan.
func (j *Job) keepOnly(name string) error {
	if name == "" {
		return nil
	}
	c := j.plan.Component(name)
	if c == nil {
		var names []string
		for _, c := range j.plan.Components {
			names = append(names, c.Name)
		}
		return &UsageError{fmt.Errorf("--component %s: there is no such component; there is %s", name, strings.Join(names, ", "))}
	}
	j.plan.Components = []plan.Component{*c}
	j.plan.Services = slices.DeleteFunc(j.plan.Services, func(s plan.Service) bool { return !slices.Contains(s.For, name) })
	return nil
}

// maxPlanFile is far beyond any plan that a person edits.
const maxPlanFile = 1 << 20

// planFile reads the plan to go by: --plan, else the one in the output directory (which is the
// source when that is a directory), else the one in the source. None is no error.
func (j *Job) planFile() (name string, data []byte, err error) {
	if j.opts.PlanFile != "" {
		data, err = readLimited(j.opts.PlanFile)
		if err != nil {
			return "", nil, &UsageError{fmt.Errorf("read the plan: %w", err)}
		}
		return j.opts.PlanFile, data, nil
	}
	name = filepath.Join(j.output, plan.FileName)
	if data, err = readLimited(name); err == nil {
		return name, data, nil
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errNotRegular) && !isNotDir(err) {
		return "", nil, fmt.Errorf("read the plan: %w", err)
	}
	if _, ok := j.tree.Lookup(plan.FileName); !ok {
		return "", nil, nil
	}
	f, err := j.tree.Open(plan.FileName)
	if err != nil {
		return "", nil, fmt.Errorf("read the plan: %w", err)
	}
	defer f.Close()
	data, err = io.ReadAll(io.LimitReader(f, maxPlanFile))
	if err != nil {
		return "", nil, fmt.Errorf("read the plan: %w", err)
	}
	return plan.FileName, data, nil
}

// planBase is the plan at name as drydock last wrote it; nil for a plan that was named, all of which is a decision.
func (j *Job) planBase(name string) []byte {
	if name == j.opts.PlanFile {
		return nil
	}
	base := generate.StateDir + "/generated/" + plan.FileName
	if data, err := readLimited(filepath.Join(j.output, filepath.FromSlash(base))); err == nil {
		return data
	}
	if f, err := j.tree.Open(base); err == nil {
		defer f.Close()
		if data, err := io.ReadAll(io.LimitReader(f, maxPlanFile)); err == nil {
			return data
		}
	}
	return nil
}

var errNotRegular = errors.New("not a regular file")

func readLimited(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", name, errNotRegular)
	}
	if info.Size() > maxPlanFile {
		return nil, fmt.Errorf("%s: larger than %d KiB", name, maxPlanFile>>10)
	}
	return os.ReadFile(name)
}

// Plan returns the present plan; nil before Open.
func (j *Job) Plan() *plan.Plan { return j.plan }

// Questions are the points that evidence does not settle.
func (j *Job) Questions() []ask.Question {
	if j.plan == nil {
		return nil
	}
	var out []ask.Question
	for _, q := range j.plan.Questions() {
		a := ask.Question{ID: q.ID, Text: q.Text, Why: q.Why, Default: q.Default, Because: q.Because}
		for _, o := range q.Options {
			a.Options = append(a.Options, ask.Option{Value: o})
		}
		out = append(out, a)
	}
	return out
}

// Set changes a plan field by its path. A refused value changes nothing.
func (j *Job) Set(field, value string) error {
	keep := j.remember(field)
	if err := j.set(field, value); err != nil {
		return err
	}
	keep()
	j.decide(Change{Path: field, Value: value})
	return nil
}

// past is a job as it was before a decision.
type past struct {
	plan    *plan.Plan
	chosen  []string
	decided []Change
	writes  int
	change  Change // of what, and the value before
}

// remember returns what puts the present state aside for Undo, once a decision about a path has been taken.
func (j *Job) remember(path string) (keep func()) {
	p := past{plan: j.plan.Clone(), chosen: j.chosen, decided: slices.Clone(j.decided), writes: j.writes, change: Change{Path: path}}
	if f, ok := j.plan.Field(path); ok && f.Path == path {
		p.change.Value = f.Value
	}
	return func() { j.history = append(j.history, p) }
}

// Undo takes the last decision back.
func (j *Job) Undo() (Change, bool) {
	if len(j.history) == 0 {
		return Change{}, false
	}
	p := j.history[len(j.history)-1]
	j.history = j.history[:len(j.history)-1]
	j.plan, j.chosen, j.artifacts, j.pinned = p.plan, p.chosen, nil, false
	if p.writes == j.writes {
		j.decided = p.decided
	} else {
		j.decide(p.change) // drydock.yaml on disk says otherwise
	}
	return p.change, true
}

// decide notes a decision for Command, in the place of an earlier one about the same.
func (j *Job) decide(c Change) {
	j.decided = append(slices.DeleteFunc(j.decided, func(o Change) bool { return o.Path == c.Path }), c)
}

func (j *Job) set(field, value string) error {
	before, _ := j.plan.Field(field)
	if before.Path != field {
		before = plan.Field{}
	}
	if err := j.plan.SetBecause(field, value, detect.Chosen, insteadOf(before, value)); err != nil {
		return &UsageError{err}
	}
	j.artifacts, j.pinned = nil, false
	return nil
}

// Targets lists what can be generated.
func (j *Job) Targets() []TargetInfo {
	infos := AllTargets()
	if j.plan != nil {
		for i := range infos {
			for _, t := range j.plan.Targets {
				infos[i].Chosen = infos[i].Chosen || t == infos[i].Name
			}
		}
	}
	return infos
}

// AllTargets lists every target that can be chosen, those of one kind together. The Dockerfile is none: all of them stand on it.
func AllTargets() []TargetInfo {
	var infos []TargetInfo
	for _, t := range targets.Targets(targets.Options{}) {
		if t.Name() == "dockerfile" {
			continue
		}
		infos = append(infos, TargetInfo{Name: t.Name(), Describe: t.Describe(), Kind: string(generate.KindOf(t))})
	}
	order := map[string]int{}
	for i, k := range generate.Kinds() {
		order[string(k)] = i
	}
	slices.SortStableFunc(infos, func(a, b TargetInfo) int { return order[a.Kind] - order[b.Kind] })
	return infos
}

// SetTargets chooses what is generated.
func (j *Job) SetTargets(names []string) error {
	known := AllTargets()
	for _, n := range names {
		found := false
		for _, k := range known {
			found = found || k.Name == n
		}
		if !found {
			var all []string
			for _, k := range known {
				all = append(all, k.Name)
			}
			return &UsageError{fmt.Errorf("--target %s: there is no such target; there is %s", n, strings.Join(all, ", "))}
		}
	}
	keep := j.remember("targets")
	given := names
	names = nil
	for _, k := range known { // the order in which they were named decides nothing
		if slices.Contains(given, k.Name) {
			names = append(names, k.Name)
		}
	}
	j.chosen = names
	if !slices.Equal(j.plan.Targets, names) { // else it is no decision, and drydock.yaml says the same without the flag
		if err := j.plan.Set("targets", strings.Join(names, ",")); err != nil {
			return &UsageError{err}
		}
	}
	j.artifacts = nil
	keep()
	return nil
}

// Source returns lines of a file around a line, neutralised.
func (j *Job) Source(_ context.Context, file string, line, max int) ([]string, int, error) {
	f, err := j.tree.Open(file)
	if err != nil {
		return nil, 0, fmt.Errorf("show %s: %w", file, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, detect.MaxFile))
	if err != nil {
		return nil, 0, fmt.Errorf("show %s: %w", file, err)
	}
	all := strings.Split(strings.ReplaceAll(strings.ToValidUTF8(string(data), "�"), "\r\n", "\n"), "\n")
	first := line - max/2
	if first+max > len(all) {
		first = len(all) - max + 1
	}
	if first < 1 {
		first = 1
	}
	var out []string
	for i := first; i < first+max && i <= len(all); i++ {
		l := strings.TrimRight(all[i-1], " \t")
		indent := len(l) - len(strings.TrimLeft(l, " \t"))
		out = append(out, strings.ReplaceAll(l[:indent], "\t", "    ")+detect.Printable(detect.MaskSecrets(l[indent:]), 400))
	}
	return out, first, nil
}

// OutputDir is where Write writes.
func (j *Job) OutputDir() string { return j.output }

// Command is the command line that does the same without questions.
func (j *Job) Command() []string {
	c := []string{"drydock", "containerize", j.given, "--yes"}
	if j.plan != nil && len(j.plan.Targets) > 0 {
		c = append(c, "--target", strings.Join(j.plan.Targets, ","))
	}
	if j.opts.Output != "" {
		c = append(c, "-o", j.opts.Output)
	}
	if j.opts.Component != "" {
		c = append(c, "--component", j.opts.Component)
	}
	c = append(c, j.decisions()...)
	for _, f := range []struct{ flag, value string }{
		{"--registry", j.opts.Registry}, {"--templates", j.opts.Templates}, {"--ca-cert", j.opts.CACert}, {"--build-network", j.opts.BuildNetwork},
	} {
		if f.value != "" {
			c = append(c, f.flag, f.value)
		}
	}
	for _, l := range []struct {
		flag  string
		value int64
	}{{"--max-files", int64(j.opts.Limits.MaxFiles)}, {"--max-size", j.opts.Limits.MaxBytes}, {"--max-ratio", j.opts.Limits.MaxRatio}} {
		if l.value > 0 {
			c = append(c, l.flag, strconv.FormatInt(l.value, 10))
		}
	}
	if j.opts.PinDigests {
		c = append(c, "--pin-digests")
	}
	if j.opts.NoVerify {
		c = append(c, "--no-verify")
	}
	for i, w := range c {
		if q, err := syntax.Quote(w, syntax.LangBash); err == nil {
			c[i] = q
		}
	}
	return c
}

// decisions are the flags that say what drydock.yaml on disk does not.
func (j *Job) decisions() []string {
	var c []string
	if j.opts.PlanFile != "" && !j.saved {
		c = append(c, "--plan", j.opts.PlanFile)
	}
	for _, d := range j.decided {
		if d.Drop {
			c = append(c, "--unset", d.Path)
			continue
		}
		if f, ok := j.plan.Field(d.Path); ok && f.Path == d.Path {
			d.Value = f.Value // a remedy may have changed it since
		}
		c = append(c, "--set", d.Path+"="+d.Value)
	}
	return append(c, j.cures()...)
}

// cures are the flags for what remedies have decided, as long as no file says it.
func (j *Job) cures() []string {
	var c []string
	if j.plan == nil || j.saved {
		return nil
	}
	for _, f := range j.plan.Fields() {
		known := slices.ContainsFunc(j.decided, func(d Change) bool { return d.Path == f.Path })
		if f.From == detect.Chosen && strings.HasPrefix(f.Why, "remedy ") && !known {
			c = append(c, "--set", f.Path+"="+f.Value)
		}
	}
	return c
}

// Close releases the source.
func (j *Job) Close() error {
	if j.tree == nil {
		return nil
	}
	t := j.tree
	j.tree = nil
	return t.Close()
}

var _ Driver = (*Job)(nil)
