package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/generate"
)

// run takes a source through the stages and prints what came of it. A result is printed beside an
// error too, as far as the job got: a failed build's verdict is what a script wants to read.
func (a *app) run(ctx context.Context, location string, stages flow.Stages, print func(*flow.Result) error) error {
	end := a.goLive()
	result, err := flow.Run(ctx, location, a.options(), stages, a.asker(), a.sink())
	end()
	if result != nil && result.Verdict != nil && a.flags.report != "" {
		if reportErr := result.WriteReport(a.flags.report); reportErr != nil && err == nil {
			err = reportErr
		}
	}
	if result != nil {
		if printErr := print(result); printErr != nil && err == nil {
			err = printErr
		}
		if result.Verdict != nil && err != nil && !a.flags.json {
			return &briefly{err} // the verdict on stdout has the log
		}
	}
	return err
}

// briefly wraps an error of which only the first line is still news.
type briefly struct{ error }

func (e *briefly) Error() string {
	first, _, _ := strings.Cut(e.error.Error(), "\n")
	return first
}

// Unwrap returns the whole error.
func (e *briefly) Unwrap() error { return e.error }

// document prints one JSON document on stdout.
func (a *app) document(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func (a *app) printContainerize(r *flow.Result) error {
	if a.flags.json {
		return a.document(r.Document())
	}
	a.printFiles(r)
	a.printVerdict(r)
	return nil
}

func (a *app) printGenerate(r *flow.Result) error {
	if a.flags.json {
		return a.document(r.FilesDocument())
	}
	a.printFiles(r)
	return nil
}

func (a *app) printPlan(r *flow.Result) error {
	if r.Plan == nil {
		return nil
	}
	if a.flags.json {
		return a.document(r.PlanDocument())
	}
	if a.flags.dryRun {
		text, err := r.Plan.Marshal()
		if err != nil {
			return err
		}
		_, err = a.out.Write(text)
		return err
	}
	a.printFiles(r)
	return nil
}

func (a *app) printVerify(r *flow.Result) error {
	if a.flags.json {
		if r.Verdict == nil {
			return nil
		}
		return a.document(r.Verdict)
	}
	a.printVerdict(r)
	return nil
}

// printFiles lists what was, or with --dry-run would be, written.
func (a *app) printFiles(r *flow.Result) {
	if len(r.Files) == 0 {
		return
	}
	conflict := slices.ContainsFunc(r.Files, func(f flow.FileState) bool { return f.Action == string(generate.Conflict) })
	verb := "wrote to"
	switch {
	case conflict:
		verb = "cannot write to"
	case !r.Written:
		verb = "would write to"
	}
	fmt.Fprintf(a.out, "%s %s\n", verb, neutral(r.Where()))
	for _, f := range r.Files {
		fmt.Fprintf(a.out, "  %s %s\n", a.action(f.Action), neutral(f.Path))
	}
	for _, f := range r.Files {
		// What stands in the way is shown without being asked for.
		if f.Diff != "" && (a.flags.diff || f.Action == string(generate.Conflict)) {
			fmt.Fprint(a.out, "\n"+a.diff(neutral(f.Diff))+"\n")
		}
	}
	for _, p := range r.Problems {
		fmt.Fprintf(a.out, "  ! %s:%d %s: %s\n", neutral(p.File), p.Line, p.Rule, neutral(p.Message))
	}
}

// printVerdict says what was seen, and the commands that come next.
func (a *app) printVerdict(r *flow.Result) {
	if r.Verdict == nil {
		return
	}
	flow.PrintVerdict(a.out, r)
}
