package tui

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/progress"
)

// asWizard makes the test program be the wizard on a made-up job, so that tests
// (and people, in a terminal) can meet it as a process of its own.
const asWizard = "DRYDOCK_TEST_WIZARD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(asWizard); mode != "" {
		os.Exit(runAsWizard(mode))
	}
	// The highlighter's regular expressions keep a clock that stops by itself a second later.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// runAsWizard shows the wizard. Modes: "quick"; "slow" is for looking at it;
// "stuck" never ends a verification but by its context.
func runAsWizard(mode string) int {
	if strings.HasPrefix(mode, "board") {
		return runAsBoard(mode)
	}
	d := newFake(nil)
	switch mode {
	case "slow":
		d.pace = 150 * time.Millisecond
		for i := range 3000 {
			e := d.events[len(d.events)-1]
			e.State, e.Text = progress.Log, fmt.Sprintf("compiling object %d of 3000 with a rather long line of output that has to be cut somewhere", i)
			d.events = append(d.events, e)
		}
	case "fail":
		d.events, d.verifyErr, d.outcome = failedEvents(), fmt.Errorf("build web: exit code 5"), "failed"
	case "stuck":
		d.pace = time.Millisecond
		for range 100_000 {
			d.events = append(d.events, d.events[len(d.events)-1])
		}
	}
	result, err := Run(context.Background(), Options{Driver: d, Recent: fakeRecent(), Source: os.Getenv("DRYDOCK_TEST_SOURCE"), NoColor: os.Getenv("NO_COLOR") != ""})
	fmt.Printf("interrupted=%v written=%d verdict=%v err=%v err=%v\n", result.Interrupted, len(result.Written), result.Verdict != nil, result.Err, err)
	if result.Interrupted {
		return 130
	}
	if err != nil {
		return 1
	}
	return 0
}

// runAsBoard shows the board over made-up repositories; "board-slow" never ends but by its context.
func runAsBoard(mode string) int {
	sources := boardSources()
	opts := BoardOptions{
		Sources: sources, NoColor: os.Getenv("NO_COLOR") != "", NoAltScreen: os.Getenv("DRYDOCK_TEST_INLINE") != "",
		Run: func(ctx context.Context, watch BoardWatch) ([]string, error) {
			for i, s := range sources {
				watch.Sink.Emit(progress.Event{Source: s.Location, Stage: progress.Assess, Step: s.Location, State: progress.Started})
				if mode == "board-slow" && i == 3 {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				row := boardRow1(assess.MinorWork, 50+i, 2, "ruby", "rails")
				watch.Row(s, &row, false)
				watch.Sink.Emit(progress.Event{Source: s.Location, Stage: progress.Assess, Step: s.Location, State: progress.Done, Elapsed: time.Second})
			}
			return []string{"12 repositories", "reports: none"}, nil
		},
		Open: func(ctx context.Context, location string) (Result, error) {
			return Run(ctx, Options{Driver: newFake(nil), Source: location, NoColor: os.Getenv("NO_COLOR") != ""})
		},
	}
	result, err := RunBoard(context.Background(), opts)
	fmt.Printf("interrupted=%v done=%d all=%d summary=%d err=%v\n", result.Interrupted, result.Done, result.All, len(result.Summary), err)
	if result.Interrupted {
		return 130
	}
	return 0
}
