package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drydock-cli/drydock/flow"
	"github.com/drydock-cli/drydock/progress"
)

// TestGoldenFrames draws every screen at three sizes, with and without colour.
func TestGoldenFrames(t *testing.T) {
	open := func(g *rig) {
		g.typed("https://git.example.com/redmine#4.2-stable")
		g.keys("enter")
	}
	screens := []struct {
		name string
		walk func(*rig)
	}{
		{"source", func(g *rig) { g.typed("https://git.example.com/redmine#4.2-stable") }},
		{"source-branches", func(g *rig) {
			g.typed("https://git.example.com/redmine")
			g.keys("tab")
			g.typed("4.2")
			g.keys("down")
		}},
		{"source-paths", func(g *rig) {
			g.typed("/srv/shop")
			g.drive(completedMsg{"/srv/shop", "/srv/shop-", []string{"shop-admin/", "shop-front/", "shop-old.war"}})
		}},
		{"source-login", func(g *rig) {
			g.d.block = make(chan struct{})
			g.hold = true
			open(g)
			g.w.opts.Credentials = &Credentials{waiting: &credentialAsk{url: "https://git.example.com/redmine", reply: make(chan [2]string, 1)}}
			g.drive(tickMsg{})
			g.typed("me")
			g.keys("enter")
			g.typed("secret")
		}},
		{"source-error", func(g *rig) {
			g.d.openErr = fmt.Errorf("clone https://git.example.com/redmine: repository not found\n  try: is the address right, and may you read it?")
			open(g)
		}},
		{"fetch", func(g *rig) {
			g.d.block = make(chan struct{})
			g.hold = true
			open(g)
			for _, e := range fetchEvents() {
				g.w.feed.sink(e)
			}
			g.drive(tickMsg{})
		}},
		{"findings", open},
		{"findings-evidence", func(g *rig) { open(g); g.keys("down enter") }},
		{"findings-edit", func(g *rig) { open(g); g.keys("down down e") }},
		{"decisions", func(g *rig) { open(g); g.keys("n") }},
		{"decisions-question", func(g *rig) { open(g); g.keys("n enter") }},
		{"decisions-filter", func(g *rig) { open(g); g.keys("n /"); g.typed("version"); g.keys("down") }},
		{"files-error", func(g *rig) {
			g.d.generateErr = fmt.Errorf("generate dockerfile: component web: %w", &flow.UnsupportedError{
				Message: `no image of ruby is known for version "4.0.6"; there are 2.6, 2.7, 3.0`, Field: "components.web.languageVersion",
			})
			open(g)
			g.keys("n n")
		}},
		{"files", func(g *rig) { open(g); g.keys("n n tab j j j j j j") }},
		{"files-diff", func(g *rig) { open(g); g.keys("n n down d") }},
		{"files-tree", func(g *rig) { g.d.many = true; open(g); g.keys("n n down down down") }},
		{"files-folded", func(g *rig) { g.d.many = true; open(g); g.keys("n n - down down down space") }},
		{"write", func(g *rig) { open(g); g.keys("n n w") }},
		{"write-conflict", func(g *rig) { g.d.conflict = true; open(g); g.keys("n n w") }},
		{"verify", func(g *rig) {
			open(g)
			g.keys("n n")
			g.d.block = make(chan struct{})
			g.hold = true
			g.keys("v")
			for _, e := range buildEvents() {
				g.w.feed.sink(e)
			}
			g.now = g.now.Add(23 * time.Second)
			g.w.feed.sink(progress.Event{Time: g.now, Stage: progress.Pull, Component: "db", Step: "pull", Name: "pull postgres:15", State: progress.Started})
			g.drive(tickMsg{})
		}},
		{"verify-stopping", func(g *rig) {
			open(g)
			g.keys("n n")
			g.d.block = make(chan struct{})
			g.hold = true
			g.keys("v ctrl+c")
		}},
		{"verify-failed", func(g *rig) {
			g.d.events, g.d.verifyErr, g.d.outcome = failedEvents(), fmt.Errorf("build web: RUN bundle install: exit code 5"), "failed"
			open(g)
			g.keys("n n v")
		}},
		{"done", func(g *rig) { open(g); g.keys("n n w y") }},
		{"help", func(g *rig) { open(g); g.keys("?") }},
		{"leave", func(g *rig) { open(g); g.keys("n down space q") }},
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {60, 20}} {
		for _, colour := range []bool{false, true} {
			for _, s := range screens {
				name := fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1])
				if colour {
					name += "-colour"
				}
				t.Run(name, func(t *testing.T) {
					g := newRig(t, size[0], size[1], colour)
					s.walk(g)
					g.golden(name)
					if escapes := strings.Contains(g.w.View(), "\x1b"); escapes != colour {
						t.Errorf("escape sequences: %v", escapes)
					}
				})
			}
		}
	}
}
