package remedy

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

func TestHouse(t *testing.T) {
	h, err := ReadHouse([]byte(`
- id: acme-client
  phase: build
  match: 'cannot find -lacme'
  edit: [{add: systemPackages.build, value: libacme-dev}]
  why: the client library of the house is a package of the house
- id: house-compiler
  match: "command 'gcc' failed"
  tell: true
  why: ask the platform team
`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(&detect.Findings{Location: "shop", Components: []detect.Component{{Name: "web", Path: ".", Stack: "ruby", Role: detect.Is(detect.Web)}}}, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"/usr/bin/ld: cannot find -lacme: No such file or directory": "acme-client",
		"/usr/bin/ld: cannot find -lz: No such file or directory":    "apt-library",
	} {
		got, ok, err := h.Propose(p, Symptom{Component: "web", Phase: "build", Log: []string{line}}, nil)
		if err != nil || !ok || got.ID != want {
			t.Errorf("%s: %+v, %v, %v", line, got, ok, err)
		}
	}
	if empty, err := ReadHouse(nil); err != nil || len(empty.own) != 0 {
		t.Error(empty, err)
	}
	for text, want := range map[string]string{
		"- {match: x, tell: true}":       "row 1 has no id",
		"- {id: a, tell: true}":          "remedy a: it has neither match",
		"- {id: a, match: x}":            "remedy a: it has no edit",
		"- {id: a, match: '('}":          "remedy a: error parsing regexp",
		"- {id: a, matches: x}":          "field matches not found",
		"- {id: a, match: x, solve: no}": "there is no rule no",
	} {
		if _, err := ReadHouse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
