package fargate

// size is a CPU size that Fargate offers, in 1/1024 of a vCPU, with the memory that goes
// with it in MiB. Source: Amazon ECS, "Fargate task definitions", task CPU and memory.
type size struct{ cpu, min, max, step int }

var sizes = []size{
	{256, 512, 2048, 0}, // 512, 1024 and 2048 only
	{512, 1024, 4096, 1024},
	{1024, 2048, 8192, 1024},
	{2048, 4096, 16384, 1024},
	{4096, 8192, 30720, 1024},
	{8192, 16384, 61440, 4096},
	{16384, 32768, 122880, 8192},
}

// memories are the amounts that go with a CPU size, ascending.
func (s size) memories() []int {
	if s.step == 0 {
		return []int{512, 1024, 2048}
	}
	var out []int
	for m := s.min; m <= s.max; m += s.step {
		out = append(out, m)
	}
	return out
}

// Fit returns the smallest pair that Fargate offers and that is not smaller than
// what is wanted: cpu in 1/1024 of a vCPU, memory in MiB. What is larger than
// the largest gets the largest.
func Fit(cpu, memory int) (int, int) {
	for _, s := range sizes {
		if s.cpu < cpu {
			continue
		}
		for _, m := range s.memories() {
			if m >= memory {
				return s.cpu, m
			}
		}
	}
	last := sizes[len(sizes)-1]
	return last.cpu, last.max
}

// offered reports whether Fargate offers a pair.
func offered(cpu, memory int) bool {
	c, m := Fit(cpu, memory)
	return c == cpu && m == memory
}
