package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/verify"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func shop() Input {
	yes, no := true, false
	return Input{
		Findings: &detect.Findings{Location: "https://git.example.com/shop.git", Commit: "8c9d3c2f8b1f", Files: 214, Components: []detect.Component{{
			Name: "web", Role: detect.Is(detect.Web), Language: detect.Is("ruby", detect.Evidence{File: "Gemfile", Line: 3, Text: "ruby '2.6.5'"}),
			Port:     detect.Is(3000, detect.Evidence{File: "config/puma.rb", Line: 7, Text: "port 3000"}),
			Services: []detect.Service{{Kind: "postgresql", Version: "12", From: detect.Declared, Evidence: []detect.Evidence{{File: "config/database.yml", Line: 4, Text: "password: hunter2hunter2"}}}},
		}}},
		Verdict: &verify.Verdict{SchemaVersion: 1, Outcome: verify.Healthy, Engine: "20.10.24 (API 1.41)", Seconds: 93, Components: []verify.ComponentVerdict{{
			Name: "web", Outcome: verify.Healthy,
			Image: verify.ImageResult{Ref: "drydock/shop:local", ID: "sha256:1", SizeBytes: 268e6, Layers: 9, User: "1001",
				LayerSizes: []verify.LayerSize{{CreatedBy: "RUN bundle install", SizeBytes: 120e6}, {CreatedBy: "COPY . /app", SizeBytes: 3e6}}},
			Build: verify.BuildResult{Seconds: 41.2, CachedSteps: 3, Steps: 14},
			Attempts: []verify.Attempt{{Phase: "build", Failure: verify.Failure{ID: "missing-library", Message: "pg_config is not there", Log: []string{"checking for pg_config... no"}},
				Remedy: &verify.AppliedRemedy{ID: "apt-package", Detail: "libpq-dev", Changes: []string{"Dockerfile:12"}}}},
			Run: &verify.RunResult{StartSeconds: 2.4, Port: 3000, Probe: verify.ProbeResult{Path: "/", Status: 200, Millis: 84}, MemoryPeakBytes: 212 << 20, MemoryIdleBytes: 180 << 20,
				StopSeconds: 0.3, StoppedBy: "SIGTERM", NonRoot: true, ArbitraryUser: &no, Restarts: &yes, Writes: []string{"/app/tmp"}, OpenPorts: []int{3000}, LogLines: 31,
				Load: &verify.LoadResult{Requests: 40, Seconds: 2.3, CPU: 0.12, MemoryBytes: 212 << 20, MedianMillis: 12, SlowestMillis: 90}, ServiceRestarts: []verify.ServiceRestart{{Service: "db", Survived: true, Seconds: 0.4}}},
			Sizing:    verify.SizingResult{Fargate: verify.FargateSize{CPU: 256, Memory: 512}, From: "measured", CPU: 256, Memory: 320},
			Readiness: []verify.Readiness{{ID: "fixed-user", Severity: "medium", Message: "it does not run as any user", Proof: []string{"Permission denied @ dir_s_mkdir - /app/tmp/pids"}}},
		}}},
		Command: []string{"drydock", "containerize", ".", "--yes"},
	}
}

func render(t *testing.T, in Input) map[string]string {
	t.Helper()
	var md, page bytes.Buffer
	if err := Markdown(&md, in); err != nil {
		t.Fatal(err)
	}
	if err := HTML(&page, in); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"report.md": md.String(), "report.html": page.String()}
}

// TestGolden holds both forms as a whole.
func TestGolden(t *testing.T) {
	for name, got := range render(t, shop()) {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != got {
			t.Errorf("%s differs (%v): go test ./report -update\n%s", name, err, got)
		}
		if strings.Contains(got, "hunter2") {
			t.Errorf("%s shows a secret", name)
		}
	}
}

// TestHostileNames sees that no name, log line or evidence becomes markup, a link or a control character.
func TestHostileNames(t *testing.T) {
	const evil = "x</td><script>alert(1)</script><img src=https://evil.example/p.png onerror=alert(1)> [a](https://evil.example) ![b](http://evil.example/i.png) | `c` \x1b[2J\u202e\n# d\r\n<a href='javascript:1'>"
	in := shop()
	in.Findings.Location, in.Findings.Commit = evil, evil
	f := &in.Findings.Components[0]
	f.Language = detect.Is(evil, detect.Evidence{File: evil, Line: 1, Text: evil})
	v := &in.Verdict.Components[0]
	f.Name, v.Name = evil, evil
	v.Image.Ref, v.Image.User, v.Image.LayerSizes[0].CreatedBy = evil, evil, evil
	v.Attempts[0].Failure = verify.Failure{ID: evil, Message: evil, Log: []string{evil, "```", "</pre>" + evil}}
	v.Attempts[0].Remedy = &verify.AppliedRemedy{ID: evil, Detail: evil, Changes: []string{evil}}
	v.Readiness[0].Message, v.Readiness[0].Proof = evil, []string{evil}
	v.Run.Probe.Path, v.Run.Writes, v.Run.UndeclaredWrites = evil, []string{evil}, []string{evil}
	in.Verdict.Problems, in.Verdict.Engine, in.Command = []string{evil}, evil, []string{evil}
	out := render(t, in)
	for name, got := range out {
		if strings.ContainsAny(got, "\x1b\u202e\r") {
			t.Errorf("%s holds control characters", name)
		}
	}
	for _, line := range strings.Split(out["report.md"], "\n") {
		if strings.HasPrefix(line, "    ") {
			continue // a code block
		}
		if regexp.MustCompile(`(^|[^\\])(\]\(|<[a-z/]|!\[|`+"`"+`)`).MatchString(line) || strings.HasPrefix(line, "# d") {
			t.Errorf("Markdown reads this as more than text: %s", line)
		}
	}
	seeElements(t, out["report.html"])
}

// seeElements sees that a page holds only the elements and attributes of the template, and asks for nothing.
func seeElements(t *testing.T, page string) {
	t.Helper()
	allowed := map[string]bool{}
	for _, w := range strings.Fields("html head meta title style body a header h1 p span dl dt dd nav ul li main section h2 h3 div table caption thead tbody tr th td pre ol strong") {
		allowed[w] = true
	}
	z := html.NewTokenizer(strings.NewReader(page))
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Type != html.StartTagToken && tok.Type != html.SelfClosingTagToken {
			continue
		}
		if !allowed[tok.Data] {
			t.Errorf("the page has an element %s", tok)
		}
		for _, a := range tok.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("the page has %s", tok)
			}
		}
	}
	if strings.Contains(page, "url(") || strings.Contains(page, "@import") {
		t.Error("the page's style asks for something")
	}
}

// TestBareVerdict sees that a verdict with nothing in it makes a page too.
func TestBareVerdict(t *testing.T) {
	for name, got := range render(t, Input{Verdict: &verify.Verdict{Outcome: verify.CheckedOnly}}) {
		if !strings.Contains(got, "nothing was run") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
