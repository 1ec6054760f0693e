package plan

import (
	"strings"
	"testing"
)

func TestDigests(t *testing.T) {
	const digest = "sha256:1bb2f4785b03e58b4471d8363805a883b93cce6ddccda9bf16b92bb9e1a38fca"
	p := mustPlan(t, railsFindings())
	if err := p.Set("digests.ruby:3.1-slim", digest); err != nil {
		t.Fatal(err)
	}
	for image, want := range map[string]string{"ruby:3.1-slim": "ruby:3.1-slim@" + digest, "ruby:3.1": "ruby:3.1"} {
		if got := p.Pull(image); got != want {
			t.Errorf("%s: %s, want %s", image, got, want)
		}
	}
	for path, value := range map[string]string{"digests.ruby:3.1-slim": "latest", "digests.a b": digest} {
		if err := p.Set(path, value); err == nil {
			t.Errorf("%s=%s is taken", path, value)
		}
	}
	text := marshal(t, p)
	if !strings.Contains(text, "digests:\n  ruby:3.1-slim: "+digest+" # chosen: "+Pinned+"\n") {
		t.Error(text)
	}
	again := mustPlan(t, railsFindings())
	if err := again.ApplyEdited([]byte(text), []byte(text)); err != nil {
		t.Fatal(err)
	}
	if got := again.Pull("ruby:3.1-slim"); !strings.HasSuffix(got, digest) {
		t.Errorf("the digest is lost: %s", got)
	}
	if err := again.Unset("digests.ruby:3.1-slim"); err != nil || again.Pull("ruby:3.1-slim") != "ruby:3.1-slim" {
		t.Error(err)
	}
	again.Registry = "registry.example.com/hub"
	again.Digests = map[string]string{"registry.example.com/hub/ruby:3.1-slim": digest}
	if got := again.Pull("ruby:3.1-slim"); got != "registry.example.com/hub/ruby:3.1-slim@"+digest {
		t.Error(got)
	}
	if err := again.Check(); err != nil {
		t.Error(err)
	}
	again.Digests["x"] = "y"
	if err := again.Check(); err == nil {
		t.Error("a digest that is none")
	}
}
