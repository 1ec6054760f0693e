package report

import (
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/progress"
	"github.com/drydock-cli/drydock/verify"
)

// measurements are what was seen of a component, a row each.
func measurements(v *verify.ComponentVerdict) []row {
	var out []row
	add := func(label, format string, args ...any) { out = append(out, row{label, fmt.Sprintf(format, args...)}) }
	if v.Image.ID != "" {
		add("Image", "%s, %s in %d layers, user %s", clean(v.Image.Ref, 120), progress.Bytes(v.Image.SizeBytes), v.Image.Layers, clean(v.Image.User, 60))
		add("Build", "%.1f s, %d of %d steps from the cache", v.Build.Seconds, v.Build.CachedSteps, v.Build.Steps)
	}
	if v.Run != nil {
		out = append(out, running(v.Run)...)
	}
	add("Size", "%d/1024 of a core, %d MiB (%s); on Fargate %d CPU units with %d MiB", v.Sizing.CPU, v.Sizing.Memory, v.Sizing.From, v.Sizing.Fargate.CPU, v.Sizing.Fargate.Memory)
	return out
}

func running(r *verify.RunResult) []row {
	var out []row
	add := func(label, format string, args ...any) { out = append(out, row{label, fmt.Sprintf(format, args...)}) }
	if r.Probe.Status > 0 {
		over := ""
		if r.Probe.TLS {
			over = " over TLS"
		}
		add("Probe", "%s%s on port %d: %d in %d ms", clean(r.Probe.Asked(), 120), over, r.Port, r.Probe.Status, r.Probe.Millis)
	}
	add("Start", "%.1f s, of which %.1f s of processor time", r.StartSeconds, r.StartCPUSeconds)
	add("Memory", "%s at rest, %s at most", progress.Bytes(r.MemoryIdleBytes), progress.Bytes(r.MemoryPeakBytes))
	add("Processor at rest", "%.2f cores", r.CPUIdle)
	if l := r.Load; l != nil {
		add("Under load", "%d requests in %.1f s, %d failed: %.2f cores, %s; half within %d ms, the slowest %d ms",
			l.Requests, l.Seconds, l.Failed, l.CPU, progress.Bytes(l.MemoryBytes), l.MedianMillis, l.SlowestMillis)
	}
	if r.StoppedBy != "" {
		add("Stop", "%.1f s on %s", r.StopSeconds, r.StoppedBy)
	}
	add("Not root", "%s", seen(&r.NonRoot))
	add("Read-only root", "%s", seen(&r.ReadOnlyRoot))
	add("As any user", "%s", seen(r.ArbitraryUser))
	add("Starts again with its data kept", "%s", seen(r.Restarts))
	for _, s := range r.ServiceRestarts {
		add("After the restart of "+clean(s.Service, 60), "%s", seen(&s.Survived))
	}
	add("Prints", "%d lines on stdout and stderr", r.LogLines)
	add("Listens on", "%s", list(strings.Fields(strings.Trim(fmt.Sprint(r.OpenPorts), "[]"))))
	add("Writes to", "%s", list(cleanAll(r.Writes, 120)))
	if len(r.UndeclaredWrites) > 0 {
		add("Of these not in the plan", "%s", list(cleanAll(r.UndeclaredWrites, 120)))
	}
	return out
}

func list(items []string) string {
	if len(items) == 0 {
		return "nothing seen"
	}
	return strings.Join(items, ", ")
}

func seen(b *bool) string {
	switch {
	case b == nil:
		return "not tried"
	case *b:
		return "yes"
	}
	return "no"
}
