package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/drydock-cli/drydock/detect"
)

// Check refuses a plan of which no file can be made safely: a name, a path, an image or a text that the rules of the plan's fields
// do not allow, however it came there. What New, Set and Apply made passes. Targets write nothing of a plan that does not.
// The error is an *Error.
func (p *Plan) Check() error {
	err := checkName(p.Name)
	if p.Registry != "" {
		err = cmp.Or(err, checkRegistry(p.Registry))
	}
	if err != nil {
		return &Error{Err: err}
	}
	for _, image := range sortedKeys(p.Digests) {
		if err := cmp.Or(checkImage(image), checkDigest(p.Digests[image])); err != nil {
			return &Error{Err: fmt.Errorf("digests: %w", err)}
		}
	}
	names := map[string]bool{}
	for i := range p.Components {
		c := &p.Components[i]
		if err := cmp.Or(unique(names, c.Name), c.check()); err != nil {
			return &Error{Err: fmt.Errorf("components.%s: %w", detect.Printable(c.Name, 60), err)}
		}
	}
	for i := range p.Services {
		s := &p.Services[i]
		if err := cmp.Or(unique(names, s.Name), s.check()); err != nil {
			return &Error{Err: fmt.Errorf("services.%s: %w", detect.Printable(s.Name, 60), err)}
		}
	}
	secrets := map[string]bool{}
	for _, s := range p.Secrets {
		if err := checkEnvName(s.Name); err != nil || secrets[s.Name] {
			return &Error{Err: fmt.Errorf("secrets: %w", cmp.Or(err, fmt.Errorf("%s is there twice", s.Name)))}
		}
		secrets[s.Name] = true
	}
	return nil
}

// unique refuses a name that is none, or that another component or service has: both are services of one compose file.
func unique(taken map[string]bool, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if taken[name] {
		return fmt.Errorf("%s is the name of another component or service too", name)
	}
	taken[name] = true
	return nil
}

func (c *Component) check() error {
	err := cmp.Or(checkPath(c.Path), checkPath(c.Context()), checkImage(c.Image))
	for _, s := range componentScalars {
		if v := s.value(c).V; v != "" {
			err = cmp.Or(err, s.check(v))
		}
	}
	for _, stage := range sortedKeys(c.BaseImages) {
		if !slices.Contains(imageStages, stage) {
			err = cmp.Or(err, unknown("stage", stage, imageStages))
		}
		if image := c.BaseImages[stage].V; image != "" {
			err = cmp.Or(err, checkImage(image))
		}
	}
	for _, x := range c.Processes {
		err = cmp.Or(err, checkWord(x.Name), checkCommand(x.Command))
	}
	for _, x := range c.Schedules {
		err = cmp.Or(err, checkScheduleName(x.Name), checkCron(x.Cron), checkCommand(x.Command))
	}
	for _, w := range c.Writes {
		err = cmp.Or(err, checkWritten(w.V))
	}
	for _, s := range c.SystemPackages {
		for _, name := range slices.Concat(s.Build, s.Run) {
			err = cmp.Or(err, checkPackage(name))
		}
	}
	for _, key := range sortedKeys(c.Facts) {
		err = cmp.Or(err, checkFact(key), checkText(c.Facts[key].V))
	}
	return cmp.Or(err, checkSettings(c.Settings))
}

func (s *Service) check() error {
	err := cmp.Or(checkWord(s.Kind), checkImage(s.Image.V), checkSettings(s.Settings))
	for _, w := range slices.Concat(s.Command, s.Health) {
		err = cmp.Or(err, checkText(w))
	}
	if s.Data != "" {
		err = cmp.Or(err, checkWritten(s.Data))
	}
	return err
}

func checkSettings(settings []Setting) error {
	for _, s := range settings {
		if err := cmp.Or(checkSetting(s.Name), checkText(s.Value)); err != nil {
			return err
		}
	}
	return nil
}
