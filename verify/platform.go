package verify

import (
	"errors"
	"strings"

	"github.com/drydock-cli/drydock/plan"
)

// split parts the images that the engine can build from those for Windows, when the engine runs Linux containers.
func (r *run) split(groups []*group) (ours, foreign []*group) {
	for _, g := range groups {
		if forWindows(g.ImageGroup) && r.engine.os != "windows" {
			foreign = append(foreign, g)
		} else {
			ours = append(ours, g)
		}
	}
	return ours, foreign
}

func forWindows(g plan.ImageGroup) bool {
	return len(g.Components) > 0 && g.Components[0].Platform.V == "windows"
}

// leaveOut says of images for Windows that their files were checked and that nothing was built or run. The error says which
// engine it would take.
func (r *run) leaveOut(foreign []*group) error {
	if len(foreign) == 0 {
		return nil
	}
	var names []string
	for _, g := range foreign {
		for _, p := range g.parts {
			if g.sound {
				p.verdict.Outcome = CheckedOnly
			}
			names = append(names, p.c.Name)
			r.verdict.Problems = append(r.verdict.Problems, p.c.Name+": its image is for Windows, and the engine runs Linux containers: its files were checked, nothing was built or run")
		}
	}
	list := strings.Join(names, ", ")
	return &EngineError{
		Kind: Unsuitable, While: "build " + list,
		Err: errors.New("it runs Linux containers, and the image of " + list + " is for Windows: the files were checked, nothing of it was built or run"),
		Try: []string{"name an engine that runs Windows containers with --engine URL, DOCKER_HOST or `docker context use NAME`", "or write the files alone with --no-verify"},
	}
}
