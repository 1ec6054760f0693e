package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTelling holds that what is shown of a long log is short, keeps its order, and holds the lines that tell of the failure wherever they stand.
func TestTelling(t *testing.T) {
	var log []string
	for i := range 5000 {
		log = append(log, fmt.Sprintf("[%d/5000] compiling a source", i))
	}
	log[70] = "src/pg.c:3:10: fatal error: libpq-fe.h: No such file or directory"
	for i := 100; i < 2000; i++ {
		log[i] = "warning: the same error again"
	}
	log[4000] = "make: *** [Makefile:12: pg.o] Error 1"
	got := telling(log)
	if len(got) > 40 || !slices.Contains(got, log[70]) || !slices.Contains(got, log[4000]) || got[len(got)-1] != log[4999] {
		t.Errorf("%d lines:\n%s", len(got), strings.Join(got, "\n"))
	}
	if n := strings.Count(strings.Join(got, "\n"), "the same error again"); n != 1 {
		t.Errorf("one line stands there %d times", n)
	}
	at := -1
	for _, l := range got {
		if i := slices.Index(log, l); l != leftOut && i <= at {
			t.Errorf("%q is out of its order", l)
		} else if l != leftOut {
			at = i
		}
	}
	for i := range log {
		log[i] = fmt.Sprintf("error %d: cannot go on", i)
	}
	if got := telling(log); len(got) > 40 || got[1] != log[0] && got[0] != log[0] {
		t.Errorf("of a log of errors alone %d lines:\n%s", len(got), strings.Join(got, "\n"))
	}
	if got := telling(log[:40]); len(got) != 40 {
		t.Errorf("a short log is cut to %d lines", len(got))
	}
}

// TestLasts holds that what stops holding begins anew.
func TestLasts(t *testing.T) {
	var since time.Time
	now := time.Unix(1000, 0)
	for i, step := range []struct {
		holds bool
		after time.Duration
		want  bool
	}{{true, 0, false}, {true, 2 * time.Second, false}, {true, 3 * time.Second, true}, {false, 4 * time.Second, false}, {true, 5 * time.Second, false}, {true, 8 * time.Second, true}} {
		if got := lasts(&since, step.holds, now.Add(step.after), 3*time.Second); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}
