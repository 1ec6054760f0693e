package verify

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"

	"github.com/drydock-cli/drydock/plan"
)

// throwAway makes a value for every secret of a plan: what the caller supplies,
// else random hex digits that live as long as the run. Values never reach an event, a verdict or an error.
func throwAway(p *plan.Plan, given map[string]string) map[string]string {
	values := make(map[string]string, len(p.Secrets))
	for _, s := range p.Secrets {
		if v, ok := given[s.Name]; ok {
			values[s.Name] = v
			continue
		}
		values[s.Name] = randomHex(s.Length)
	}
	return values
}

// Lengths of a generated secret in hex digits when the plan gives none or something absurd.
const (
	defaultSecret = 32
	longestSecret = 1024
)

func randomHex(digits int) string {
	if digits <= 0 || digits > longestSecret {
		digits = defaultSecret
	}
	b := make([]byte, (digits+1)/2)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b)[:digits]
}

// environment are the settings as a container gets them, with secrets filled in.
func environment(p *plan.Plan, settings []plan.Setting, secrets map[string]string) []string {
	env := make([]string, 0, len(settings))
	for _, s := range settings {
		value := p.Expand(s.Value, nil, func(name string) string { return secrets[name] })
		env = append(env, s.Name+"="+value)
	}
	return env
}

// secretValues are all values that must not be shown: the secrets and what is marked as one in the settings.
func secretValues(p *plan.Plan, secrets map[string]string) []string {
	var values []string
	for _, v := range secrets {
		values = append(values, v)
	}
	add := func(settings []plan.Setting) {
		for _, s := range settings {
			if s.Secret && len(p.References(s.Value)) == 0 {
				values = append(values, s.Value)
			}
		}
	}
	for i := range p.Components {
		add(p.Components[i].Settings)
	}
	for i := range p.Services {
		add(p.Services[i].Settings)
	}
	return values
}

func urlEscape(s string) string { return url.QueryEscape(s) }
