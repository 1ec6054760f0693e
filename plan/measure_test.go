package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/drydock-cli/drydock/detect"
)

func sized() *Plan {
	c := Component{Component: detect.Component{Name: "web", Path: ".", Role: detect.Is(detect.Web)}, Image: "shop"}
	c.CPU, c.Memory = detect.Guess(512, "half a core"), detect.Guess(1024, "1 GiB")
	return &Plan{Name: "shop", Targets: []string{"compose"}, Components: []Component{c}}
}

// TestMeasure follows a measurement into drydock.yaml, through a rerun, a smaller and a larger measurement, and a person's edit.
func TestMeasure(t *testing.T) {
	day := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	m := Measurement{CPU: 256, Memory: 384, CPUWhy: "0.1 cores under load", MemoryWhy: "at most 212 MiB in use", On: day}
	p := sized()
	if !p.Measure("web", m) || p.Measure("web", m) || p.Measure("nobody", m) {
		t.Error("a measurement is taken once")
	}
	written, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cpu: 256 # measured on 2026-11-23: 0.1 cores under load\n", "memory: 384 # measured on 2026-11-23: at most 212 MiB in use\n"} {
		if !strings.Contains(string(written), want) {
			t.Errorf("%q is not in\n%s", want, written)
		}
	}

	later := sized()
	if err := later.ApplyEdited(written, written); err != nil {
		t.Fatal(err)
	}
	m.On, m.Memory = day.AddDate(0, 1, 0), 320
	if later.Measure("web", m) {
		t.Error("nearly the same changes the plan")
	}
	if again, err := later.Rewrite(written); err != nil || string(again) != string(written) {
		t.Errorf("%v: the rerun writes\n%s", err, again)
	}
	m.Memory = 448
	if !later.Measure("web", m) || later.Components[0].Memory.V != 448 || later.Components[0].CPU.Why != "on 2026-11-23: 0.1 cores under load" {
		t.Errorf("%+v", later.Components[0].Memory)
	}
	again, err := later.Rewrite(written)
	if err != nil || !strings.Contains(string(again), "memory: 448 # measured on 2026-12-23") {
		t.Errorf("%v\n%s", err, again)
	}

	edited := strings.Replace(string(written), "memory: 384", "memory: 768", 1)
	by := sized()
	if err := by.ApplyEdited([]byte(edited), written); err != nil {
		t.Fatal(err)
	}
	if c := by.Components[0]; c.Memory.V != 768 || c.Memory.From != detect.Chosen || c.CPU.From != detect.Measured || by.Measure("web", m) {
		t.Errorf("%+v, %+v", c.Memory, c.CPU)
	}
	named := sized()
	if err := named.Apply(written); err != nil || named.Components[0].Memory.From != detect.Measured {
		t.Errorf("%v: %+v", err, named.Components[0].Memory)
	}
}
