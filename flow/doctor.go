package flow

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/drydock-cli/drydock/verify"
)

// Doctor says what this machine offers and what it lacks, each with its cure. The checks are there beside the error that says
// that no engine answers. clean first removes what runs that were ended by force left on the engine.
func Doctor(ctx context.Context, opts Options, clean bool) ([]verify.Finding, error) {
	var out []verify.Finding
	if clean {
		removed, err := verify.CleanStale(ctx, opts.Engine, true)
		if err == nil {
			out = append(out, verify.Finding{Name: "clean", State: verify.OK, Text: fmt.Sprintf("removed %d containers, %d networks, %d volumes", removed.Containers, removed.Networks, removed.Volumes)})
		}
	}
	found, err := verify.Doctor(ctx, opts.Engine)
	out = append(out, found...)
	return append(out, gitFinding()), err
}

// gitFinding says whether Git's credential helpers can be asked. Everything else about Git is built in.
func gitFinding() verify.Finding {
	if _, err := exec.LookPath("git"); err != nil {
		return verify.Finding{Name: "git", State: verify.Note, Text: "git is not installed: cloning works without it, but its credential helpers cannot be asked", Cure: "install git, or use DRYDOCK_GIT_TOKEN or ~/.netrc for private repositories"}
	}
	return verify.Finding{Name: "git", State: verify.OK, Text: "git is installed: its credential helpers are asked for private repositories"}
}
