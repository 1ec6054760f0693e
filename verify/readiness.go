package verify

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bounds beyond which a measurement is told as a finding.
const (
	slowStart   = 60.0          // seconds; platforms give up on health checks about then
	slowStop    = 8.0           // seconds of the ten that most platforms give
	busyAtRest  = 0.5           // cores
	largeImage  = 1_500_000_000 // bytes
	proofLines  = 6             // log lines that show a finding
	growth      = 256 << 20     // bytes of memory that a load of two seconds added
	mostLatency = int64(2_000)  // milliseconds for the median page under load
)

// trouble remembers why something that was tried did not work, for its finding.
func (p *part) trouble(what string, err error) {
	lines := []string{shorten(err.Error(), 300)}
	var u *UnhealthyError
	if errors.As(err, &u) {
		lines = append([]string{u.Message}, u.Log[max(0, len(u.Log)-proofLines):]...)
	}
	if p.troubles == nil {
		p.troubles = map[string][]string{}
	}
	p.troubles[what] = lines
}

// readiness says what the measurements of a component mean for running it on a platform, the worst first.
func (r *run) readiness(p *part) []Readiness {
	out := []Readiness{}
	result := p.verdict.Run
	if result == nil || p.verdict.Outcome != Healthy {
		return out
	}
	for _, rule := range readinessRules {
		if message, proof := rule.says(p, result); message != "" {
			if proof == nil {
				proof = []string{}
			}
			for i := range proof {
				proof[i] = r.mask.mask(proof[i])
			}
			out = append(out, Readiness{ID: rule.id, Severity: rule.severity, Message: message, Proof: proof})
		}
	}
	return out
}

// readinessRule is one thing that a measurement can say. An empty message: it does not.
type readinessRule struct {
	id, severity string
	says         func(p *part, run *RunResult) (message string, proof []string)
}

// readinessRules are ordered by severity.
var readinessRules = []readinessRule{
	{"does-not-restart", "high", func(p *part, run *RunResult) (string, []string) {
		return when(no(run.Restarts), "stopped and started again with its data kept, it did not work: remove what it leaves behind (a pid file, a lock) when it starts"), p.troubles["restart"]
	}},
	{"lost-after-service-restart", "high", func(p *part, run *RunResult) (string, []string) {
		var lost []string
		for _, s := range run.ServiceRestarts {
			if !s.Survived {
				lost = append(lost, s.Service)
			}
		}
		return when(len(lost) > 0, "it did not work again after the restart of "+strings.Join(lost, ", ")+": let it connect anew"), p.troubles["service-restart"]
	}},
	{"ignores-sigterm", "high", func(_ *part, run *RunResult) (string, []string) {
		return when(run.StoppedBy == "SIGKILL", "it does not stop on SIGTERM and was killed: what it is doing then is lost"), nil
	}},
	{"runs-as-root", "high", func(_ *part, run *RunResult) (string, []string) {
		return when(!run.NonRoot, "the image runs as root"), nil
	}},
	{"fails-under-load", "high", func(_ *part, run *RunResult) (string, []string) {
		if l := run.Load; l != nil && l.Failed > 0 {
			return fmt.Sprintf("%d of %d requests failed under a load of 20 a second", l.Failed, l.Requests), nil
		}
		return "", nil
	}},
	{"undeclared-writes", "medium", func(_ *part, run *RunResult) (string, []string) {
		return when(len(run.UndeclaredWrites) > 0, "it writes where the plan does not say so: what it keeps there is lost with the container; add the directories to writes"), slices.Clone(run.UndeclaredWrites)
	}},
	{"needs-writable-root", "medium", func(p *part, run *RunResult) (string, []string) {
		return when(p.troubles["read-only"] != nil && !run.ReadOnlyRoot, "it does not run with a read-only root file system"), p.troubles["read-only"]
	}},
	{"fixed-user", "medium", func(p *part, run *RunResult) (string, []string) {
		return when(no(run.ArbitraryUser), "it does not run as a user id that the image does not know, as OpenShift gives it"), p.troubles["any-user"]
	}},
	{"no-log-output", "medium", func(_ *part, run *RunResult) (string, []string) {
		return when(run.LogLines == 0, "it prints nothing: a platform collects what is written to stdout and stderr, not log files"), nil
	}},
	{"slow-start", "medium", func(_ *part, run *RunResult) (string, []string) {
		return when(run.StartSeconds > slowStart, fmt.Sprintf("it takes %.0f s to start: give health checks that long", run.StartSeconds)), nil
	}},
	{"slow-stop", "medium", func(_ *part, run *RunResult) (string, []string) {
		return when(run.StoppedBy == "SIGTERM" && run.StopSeconds > slowStop, fmt.Sprintf("it takes %.0f s to stop: most platforms kill after 10 s", run.StopSeconds)), nil
	}},
	{"busy-at-rest", "medium", func(_ *part, run *RunResult) (string, []string) {
		return when(run.CPUIdle > busyAtRest, fmt.Sprintf("it keeps %.1f cores busy while nobody asks it anything", run.CPUIdle)), nil
	}},
	{"slow-answers", "low", func(_ *part, run *RunResult) (string, []string) {
		if l := run.Load; l != nil && l.MedianMillis > mostLatency {
			return fmt.Sprintf("half of the answers took more than %d ms under a load of 20 a second", l.MedianMillis), nil
		}
		return "", nil
	}},
	{"memory-grows", "low", func(_ *part, run *RunResult) (string, []string) {
		if l := run.Load; l != nil && l.MemoryBytes-run.MemoryIdleBytes > growth {
			return fmt.Sprintf("two seconds of load took %d MiB more memory", (l.MemoryBytes-run.MemoryIdleBytes)>>20), nil
		}
		return "", nil
	}},
	{"more-ports", "low", func(_ *part, run *RunResult) (string, []string) {
		others := slices.DeleteFunc(slices.Clone(run.OpenPorts), func(n int) bool { return n == run.Port })
		var proof []string
		for _, n := range others {
			proof = append(proof, strconv.Itoa(n))
		}
		return when(len(others) > 0, "it listens on further ports: "+joinInts(others)), proof
	}},
	{"large-image", "low", func(p *part, _ *RunResult) (string, []string) {
		return when(p.verdict.Image.SizeBytes > largeImage, fmt.Sprintf("the image has %d MB", p.verdict.Image.SizeBytes/1_000_000)), nil
	}},
}

func when(is bool, message string) string {
	if is {
		return message
	}
	return ""
}

// no says that something was tried and not seen to work.
func no(b *bool) bool { return b != nil && !*b }
