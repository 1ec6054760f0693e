package plan

import (
	"maps"
	"slices"
)

// Clone returns a plan that can be changed without changing p. Evidence, which nobody changes, is shared.
func (p *Plan) Clone() *Plan {
	c := *p
	c.Targets = slices.Clone(p.Targets)
	c.Secrets = slices.Clone(p.Secrets)
	c.Warnings = slices.Clone(p.Warnings)
	c.Digests = maps.Clone(p.Digests)
	c.settled = maps.Clone(p.settled)
	c.decided = maps.Clone(p.decided)
	c.removed = maps.Clone(p.removed)
	c.Components = slices.Clone(p.Components)
	for i := range c.Components {
		x := &c.Components[i]
		x.BaseImages = maps.Clone(x.BaseImages)
		x.Settings = slices.Clone(x.Settings)
		x.Processes = slices.Clone(x.Processes)
		x.Schedules = slices.Clone(x.Schedules)
		x.Writes = slices.Clone(x.Writes)
		x.Env = slices.Clone(x.Env)
		x.Services = slices.Clone(x.Services)
		x.Facts = maps.Clone(x.Facts)
		x.SystemPackages = slices.Clone(x.SystemPackages)
		for j := range x.SystemPackages {
			s := &x.SystemPackages[j]
			s.Build, s.Run = slices.Clone(s.Build), slices.Clone(s.Run)
		}
	}
	c.Services = slices.Clone(p.Services)
	for i := range c.Services {
		s := &c.Services[i]
		s.Settings, s.For = slices.Clone(s.Settings), slices.Clone(s.For)
		s.Command, s.Health = slices.Clone(s.Command), slices.Clone(s.Health)
	}
	return &c
}
