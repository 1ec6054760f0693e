package plan

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/drydock-cli/drydock/detect"
)

func eachService(list func(s *Service) []item) func(*Plan, string) []item {
	return func(p *Plan, of string) []item {
		var out []item
		for i := range p.Services {
			if of != "" && of != p.Services[i].Name {
				continue
			}
			for _, it := range list(&p.Services[i]) {
				it.keys = append([]string{p.Services[i].Name}, it.keys...)
				out = append(out, it)
			}
		}
		return out
	}
}

func inService(set func(p *Plan, s *Service, keys []string, v raw, by origin) error) func(*Plan, []string, raw, origin) error {
	return func(p *Plan, keys []string, v raw, by origin) error {
		s := p.Service(keys[0])
		if s == nil {
			var names []string
			for i := range p.Services {
				names = append(names, p.Services[i].Name)
			}
			return fmt.Errorf("%w (services.%s.kind=KIND adds one)", unknown("service", keys[0], names), detect.CleanName(keys[0]))
		}
		return set(p, s, keys[1:], v, by)
	}
}

func serviceFields() []*field {
	return []*field{
		{
			pattern: "services.*.kind", label: "kind", options: func(*Plan, []string) []string { return Kinds() },
			items: eachService(func(s *Service) []item {
				return []item{{val: raw{text: s.Kind}, from: detect.Inferred, evidence: s.Evidence, why: s.Why}}
			}),
			set: setKind,
		},
		{
			pattern: "services.*.image", label: "image",
			items: eachService(func(s *Service) []item { return stringItem(s.Image) }),
			set: inService(func(_ *Plan, s *Service, _ []string, v raw, by origin) error {
				if err := checkImage(v.text); err != nil {
					return err
				}
				s.Image = by.string(v.text)
				return nil
			}),
		},
		{
			pattern: "services.*.port", label: "port", form: integer,
			items: eachService(func(s *Service) []item {
				return []item{{val: raw{text: strconv.Itoa(s.Port)}, from: detect.Inferred, why: "the usual port of " + s.Kind}}
			}),
			set: inService(func(_ *Plan, s *Service, _ []string, v raw, _ origin) error {
				if err := checkPort(v.text); err != nil {
					return err
				}
				s.Port, _ = strconv.Atoi(v.text) // checked above
				return nil
			}),
		},
		{
			pattern: "services.*.command", label: "command", form: command,
			items: eachService(func(s *Service) []item {
				if len(s.Command) == 0 {
					return nil
				}
				return []item{{val: raw{items: s.Command, seq: true}, from: detect.Inferred, why: "what " + s.Kind + " is started with"}}
			}),
			set: inService(func(_ *Plan, s *Service, _ []string, v raw, _ origin) error {
				if v.null {
					s.Command = nil
					return nil
				}
				if err := checkCommand(v.items); err != nil {
					return err
				}
				s.Command = slices.Clone(v.items)
				return nil
			}),
		},
		{
			pattern: "services.*.for", label: "used by", form: list,
			items: eachService(func(s *Service) []item {
				return []item{{val: raw{items: s.For, seq: true}, from: detect.Inferred, why: s.Why}}
			}),
			set: inService(func(p *Plan, s *Service, _ []string, v raw, _ origin) error {
				for _, name := range v.items {
					if p.Component(name) == nil {
						return unknown("component", name, p.componentNames())
					}
				}
				s.For = slices.Clone(v.items)
				return nil
			}),
		},
		{
			pattern: "services.*.env.*", label: "environment",
			items: eachService(func(s *Service) []item {
				var out []item
				for _, e := range s.Settings {
					out = append(out, item{keys: []string{e.Name}, val: raw{text: e.Value}, from: e.From, evidence: e.Evidence, why: e.Why})
				}
				return out
			}),
			set: inService(func(p *Plan, s *Service, keys []string, v raw, by origin) error {
				return p.setSetting(&s.Settings, keys[0], v, by)
			}),
		},
	}
}

// setKind adds a service, or says that one is of another kind. Components that
// can use the kind are told where it is.
func setKind(p *Plan, keys []string, v raw, by origin) error {
	name := keys[0]
	if v.null {
		p.dropService(name)
		return nil
	}
	if s := p.Service(name); s != nil && s.Kind == v.text {
		return nil
	}
	if err := checkName(name); err != nil {
		return err
	}
	r, ok := catalogue()[v.text]
	if !ok || r.Image == "" {
		return unknown("kind of service that can be started", v.text, Kinds())
	}
	if p.Component(name) != nil {
		return fmt.Errorf("%q is the name of a component", name)
	}
	p.dropService(name)
	users := []detect.Service{}
	names := []*Component{}
	for i := range p.Components {
		for _, s := range p.Components[i].Services {
			if s.Kind == v.text {
				users, names = append(users, s), append(names, &p.Components[i])
			}
		}
	}
	wanted := detect.Service{Kind: v.text, Evidence: by.evidence, Why: by.why}
	if len(users) > 0 {
		wanted.Version, wanted.Database = users[0].Version, users[0].Database
	}
	p.start(name, v.text, r, wanted)
	for i, c := range names {
		p.wire(c, users[i], r)
	}
	p.sortSettings()
	return nil
}

// dropService removes a service with the settings and secrets that only it needed.
func (p *Plan) dropService(name string) {
	s := p.Service(name)
	if s == nil {
		return
	}
	r := catalogue()[s.Kind]
	for _, user := range s.For {
		c := p.Component(user)
		if c == nil {
			continue
		}
		for _, d := range c.Services {
			if d.Kind != s.Kind {
				continue
			}
			c.Settings = slices.DeleteFunc(c.Settings, func(e Setting) bool {
				for _, variable := range d.Env {
					if variable == e.Name && e.From != detect.Chosen {
						return true
					}
				}
				return false
			})
		}
	}
	kind := s.Kind
	p.Services = slices.DeleteFunc(p.Services, func(x Service) bool { return x.Name == name })
	if p.ofKind(kind) == nil {
		p.Secrets = slices.DeleteFunc(p.Secrets, func(x Secret) bool { return r.Secret != "" && x.Name == r.Secret })
	}
}

const (
	generateSecret = "generate"
	supplySecret   = "supply"
)

func secretFields() []*field {
	return []*field{{
		pattern: "secrets.*", label: "secret", options: func(*Plan, []string) []string { return []string{generateSecret, supplySecret} },
		items: func(p *Plan, _ string) []item {
			var out []item
			for _, s := range p.Secrets {
				text := supplySecret
				if s.Generate {
					text = generateSecret
				}
				out = append(out, item{keys: []string{s.Name}, val: raw{text: text}, from: detect.Inferred, evidence: s.Evidence, why: s.Why})
			}
			return out
		},
		set: func(p *Plan, keys []string, v raw, by origin) error {
			name := keys[0]
			if v.null {
				p.Secrets = slices.DeleteFunc(p.Secrets, func(s Secret) bool { return s.Name == name })
				return nil
			}
			if v.text != generateSecret && v.text != supplySecret {
				return fmt.Errorf("%q: a secret's value is never written down; say %s (any random value will do) or %s (a person gives it)", detect.Printable(v.text, 3), generateSecret, supplySecret)
			}
			if err := checkEnvName(name); err != nil {
				return err
			}
			p.secret(Secret{Name: name, Why: "chosen", Length: 64, Evidence: by.evidence})
			for i := range p.Secrets {
				if p.Secrets[i].Name == name {
					p.Secrets[i].Generate = v.text == generateSecret
				}
			}
			p.sortSettings()
			return nil
		},
	}}
}
