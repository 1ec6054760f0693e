package flow

import (
	"github.com/drydock-cli/drydock/assess"
	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// Advice says where a component belongs and why.
type Advice = assess.Advice

// Placer is a driver that says where components belong. A Job is one.
type Placer interface {
	// Placements is the advice for each component of the plan, in its order; a component that a person has placed keeps the
	// advice, so that both can be shown. Nil before Open.
	Placements() []Advice
}

var _ Placer = (*Job)(nil)

// Placements is the advice for each component that can be deployed.
func (j *Job) Placements() []Advice {
	if j.plan == nil {
		return nil
	}
	var out []Advice
	for i := range j.plan.Components {
		if a := assess.Placement(&j.plan.Components[i].Component, j.signals, nil); a.Advice != "" {
			out = append(out, a)
		}
	}
	return out
}

// advise puts the advice where each component belongs into a plan. What a verification measured may be nil.
func (j *Job) advise(p *plan.Plan, measured map[string]*assess.Measured) {
	if j.signals == nil {
		return
	}
	for i := range p.Components {
		c := &p.Components[i]
		if c.Placement.From == detect.Chosen {
			continue
		}
		a := assess.Placement(&c.Component, j.signals, measured[c.Name])
		if a.Advice == "" {
			continue
		}
		why, evidence := a.Because()
		c.Placement = detect.Infer(string(a.Advice), why, evidence...)
	}
}
