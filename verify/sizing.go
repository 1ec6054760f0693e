package verify

import (
	"math"

	"github.com/drydock-cli/drydock/generate/fargate"
)

// How a size follows from what was measured.
const (
	// headroom is how much more than the measured peak is given: a probe and a short load are not a day's work.
	memoryHeadroom = 1.5
	cpuHeadroom    = 2.0
	// A start should not take longer than this because of the processor that is given: its seconds of processor time are known.
	startWithin = 15.0

	// Sizes go up in steps, so that two runs which measured nearly the same say the same.
	memoryStep = 64  // MiB
	cpuStep    = 256 // 1/1024 of a core
	// leastMemory is below what any server is given in practice, MiB.
	leastMemory = 128
)

// measured is what a component's size follows from.
type measured struct {
	peak     int64   // bytes of memory, at most
	cores    float64 // busy under load, or at rest where there was none
	startCPU float64 // seconds of processor time that the start took
}

// size is the smallest size in steps with room to spare, and the smallest pair of Fargate that holds it.
func (m measured) size() SizingResult {
	memory := max(leastMemory, stepped(float64(m.peak)*memoryHeadroom/(1<<20), memoryStep))
	cores := max(m.cores*cpuHeadroom, m.startCPU/startWithin)
	return size(stepped(cores*1024, cpuStep), memory, "measured")
}

// stepped rounds up to the next step; at least one step.
func stepped(need float64, step int) int {
	return max(1, int(math.Ceil(need/float64(step)))) * step
}

// defaultSize is the pair for what the plan says when nothing was measured.
func defaultSize(cpu, memory int) SizingResult {
	if cpu <= 0 {
		cpu = 512
	}
	if memory <= 0 {
		memory = 1024
	}
	return size(cpu, memory, "default")
}

func size(cpu, memory int, from string) SizingResult {
	pair := FargateSize{}
	pair.CPU, pair.Memory = fargate.Fit(cpu, memory)
	return SizingResult{Fargate: pair, From: from, CPU: cpu, Memory: memory}
}
