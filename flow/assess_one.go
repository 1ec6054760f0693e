package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
	detectors "github.com/drydock-cli/drydock/detect/all"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/source"
	"github.com/drydock-cli/drydock/verify"
)

// inProcess assesses repositories in this process.
type inProcess struct {
	opts   AssessOptions
	files  fs.FS
	images func(*plan.Component) map[string]detect.Value[string]
	err    error // why nothing can be assessed
	stuck  bool  // work that was given up may still go on
}

func newInProcess(opts AssessOptions) *inProcess {
	w := &inProcess{opts: opts}
	if w.files, _, w.err = houseTemplates(opts.Templates); w.err == nil {
		w.images = dockerfile.Images(w.files)
	}
	return w
}

func (w *inProcess) close() {}

// one assesses one repository within the timeout. A panic is that repository's row, not the end of the run.
func (w *inProcess) one(ctx context.Context, s assess.Source, sink progress.Sink) answer {
	done := make(chan answer, 1) // the work may outlive the waiting
	limited, cancel := context.WithTimeout(ctx, w.opts.Timeout)
	defer cancel()
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- failed(s, fmt.Sprintf("internal error: %v (please report it with the repository)", r))
			}
		}()
		done <- w.answer(limited, s, sink)
	}()
	select {
	case r := <-done:
		if limited.Err() != nil && ctx.Err() == nil && r.Row.Verdict == assess.Failed {
			return failed(s, w.late())
		}
		return r
	case <-limited.Done():
		if w.opts.Verify { // it is cleaning up: nothing else would remove its containers at once
			select {
			case <-done:
				return failed(s, w.late())
			case <-time.After(cleaning):
			}
		}
		w.stuck = true
		return failed(s, w.late())
	}
}

// cleaning is how long a verification that was given up may take to remove its containers.
const cleaning = 30 * time.Second

func (w *inProcess) late() string {
	return fmt.Sprintf("it did not end within %s (--timeout)", w.opts.Timeout)
}

func (w *inProcess) answer(ctx context.Context, s assess.Source, sink progress.Sink) answer {
	if w.err != nil {
		return failed(s, why(w.err))
	}
	tree, err := source.Open(ctx, s.Location, source.Options{Progress: arriving(sink), CacheDir: w.opts.CacheDir, CACert: w.opts.CACert, Limits: w.opts.Limits})
	if err != nil {
		return failed(s, why(err))
	}
	defer tree.Close()
	kept := w.resultFile(tree, s)
	if row, ok := readResult(kept); ok {
		return answer{Row: row, Cached: true}
	}
	in, err := w.judge(ctx, tree, s)
	if err != nil {
		return failed(s, why(err))
	}
	if w.opts.Verify && in.Plan != nil && in.Unsupported == "" {
		if in.Verdict, err = w.verify(ctx, s, sink); err != nil && in.Verdict == nil {
			a := failed(s, why(err))
			a.NoEngine = errors.As(err, new(*verify.EngineError))
			return a
		}
	}
	row := assess.Assess(in)
	writeResult(kept, &row)
	return answer{Row: row}
}

// arriving passes on how far a clone is, and not that it began and ended: of that, the repository's own events tell.
func arriving(sink progress.Sink) progress.Sink {
	return func(e progress.Event) {
		if e.State == progress.Running {
			sink.Emit(e)
		}
	}
}

// judge gathers what a repository is judged by.
func (w *inProcess) judge(ctx context.Context, tree *source.Tree, s assess.Source) (assess.Input, error) {
	clean := withoutOurs(tree)
	signals := &assess.Signals{}
	found, err := detect.Run(ctx, clean, detectors.Detectors(), nil, append(detectors.Surveys(), signals)...)
	if err != nil {
		return assess.Input{}, err
	}
	in := assess.Input{Source: s, Findings: found, Signals: signals, AsOf: w.opts.AsOf}
	in.Sketch = assess.Sketch(clean, func(yield func(string) bool) {
		for _, e := range clean.Entries() {
			if !yield(e.Path) {
				return
			}
		}
	})
	if !deployable(found) {
		return in, nil
	}
	in.Plan, err = plan.New(found, plan.Options{Name: projectName(s.Location), Targets: []string{"compose"}, Registry: w.opts.Registry, Images: w.images})
	if err != nil {
		return in, err
	}
	job := &Job{opts: w.opts.Options, tree: tree, plan: in.Plan, templates: w.files}
	list, err := job.chosenTargets()
	if err != nil {
		return in, err
	}
	var none *generate.UnsupportedError
	switch _, err = generate.Run(ctx, in.Plan, list); {
	case errors.As(err, &none):
		in.Unsupported = err.Error()
	case err != nil:
		return in, err
	}
	return in, nil
}

// verify builds and runs the repository as `drydock verify` does, in a folder that does not stay.
func (w *inProcess) verify(ctx context.Context, s assess.Source, sink progress.Sink) (*Verdict, error) {
	dir, err := os.MkdirTemp(w.opts.CacheDir, "drydock-assess-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the files of %s: %w", s.Location, err)
	}
	defer os.RemoveAll(dir)
	opts := w.opts.Options
	opts.Output, opts.forgotten, opts.Approve = filepath.Join(dir, "out"), true, nil
	job := NewJob(opts)
	defer job.Close()
	if _, err := job.Open(ctx, s.Location, nil); err != nil {
		return nil, err
	}
	return job.Verify(ctx, sink, nil)
}

// resultFile is where the result of a commit is kept. Empty: nowhere, as for a folder, whose content may change.
func (w *inProcess) resultFile(tree *source.Tree, s assess.Source) string {
	if w.opts.Results == "" || tree.Commit == "" || tree.Dir != "" {
		return ""
	}
	sub := ""
	if loc, err := source.ParseLocation(s.Location); err == nil {
		sub = loc.Subdir
	}
	sum := sha256.Sum256([]byte(tree.Location + "\x00" + tree.Commit + "\x00" + sub + "\x00" + w.opts.asked() + "\x00" + w.opts.AsOf.Format("2006-01")))
	name := hex.EncodeToString(sum[:20])
	return filepath.Join(w.opts.Results, name[:2], name[2:]+".json")
}

// readResult reads a kept result. One that cannot be read is made anew.
func readResult(file string) (assess.Repository, bool) {
	var row assess.Repository
	if file == "" {
		return row, false
	}
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &row) != nil || row.Verdict == "" {
		return row, false
	}
	return row, true
}

// writeResult keeps a result. One that cannot be written is made anew next time.
func writeResult(file string, row *assess.Repository) {
	if file == "" || row.Verdict == assess.Failed {
		return
	}
	data, err := json.Marshal(row)
	if err == nil && os.MkdirAll(filepath.Dir(file), 0o700) == nil {
		_ = replaceFile(file, data, 0o600)
	}
}
