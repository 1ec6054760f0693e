package all_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/all"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/templates"
)

// BenchmarkManyComponents generates sixty services of a monorepo for every target.
func BenchmarkManyComponents(b *testing.B) {
	found := &detect.Findings{Location: "shop"}
	for i := range 60 {
		c := detect.Component{
			Name: fmt.Sprintf("service-%d", i), Path: fmt.Sprintf("services/%d", i), Stack: "ruby", Role: detect.Is(detect.Web), Language: detect.Is("ruby"), LanguageVersion: detect.Is("3.1"),
			Build: detect.Is("bundler"), Port: detect.Is(3000), HealthPath: detect.Is("/up"), Facts: map[string]detect.Value[string]{"lockfile": detect.Is("Gemfile.lock")},
			Services:  []detect.Service{{Kind: "postgresql", Required: true, Env: map[string]string{"url": "DATABASE_URL"}}},
			Processes: []detect.Process{{Name: "web", Command: []string{"bundle", "exec", "puma"}}},
		}
		for j := range 20 {
			c.Env = append(c.Env, detect.EnvVar{Name: fmt.Sprintf("SETTING_%d", j), Value: "x"})
		}
		found.Components = append(found.Components, c)
	}
	for b.Loop() {
		p, err := plan.New(found, plan.Options{Images: dockerfile.Images(templates.FS())})
		if err != nil {
			b.Fatal(err)
		}
		targets, err := all.Select(all.Options{Templates: templates.FS()}, all.Names())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := generate.Run(context.Background(), p, targets); err != nil {
			b.Fatal(err)
		}
		if _, err := p.Marshal(); err != nil {
			b.Fatal(err)
		}
	}
}
