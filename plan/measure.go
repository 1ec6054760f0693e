package plan

import (
	"fmt"
	"time"

	"github.com/drydock-cli/drydock/detect"
)

// Measurement is what a verification saw a component need.
type Measurement struct {
	CPU    int // 1/1024 of a core, rounded up in steps
	Memory int // MiB, rounded up in steps
	// Why says in a few words what was seen: "at most 212 MiB in use".
	CPUWhy, MemoryWhy string
	On                time.Time // the day counts
}

// Measure takes a measurement into the plan, where nobody has chosen a size. An earlier measurement stays, with its date, as long as
// the new one says nearly the same: no more, and not less than half. It reports whether the plan has changed.
func (p *Plan) Measure(component string, m Measurement) bool {
	c := p.Component(component)
	if c == nil {
		return false
	}
	cpu := measure(&c.CPU, m.CPU, m.CPUWhy, m.On)
	if cpu {
		c.setWorkers()
	}
	memory := measure(&c.Memory, m.Memory, m.MemoryWhy, m.On)
	return cpu || memory
}

func measure(v *detect.Value[int], to int, why string, on time.Time) bool {
	switch {
	case to <= 0, v.From != detect.Default && v.From != detect.Measured && v.V > 0:
		return false
	case v.From == detect.Measured && to <= v.V && 2*to >= v.V:
		return false
	}
	*v = detect.Value[int]{V: to, From: detect.Measured, Why: fmt.Sprintf("on %s: %s", on.UTC().Format(time.DateOnly), why)}
	return true
}
