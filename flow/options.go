package flow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/drydock-cli/drydock/source"
)

// Options are the flags of a run that reach beyond one stage.
type Options struct {
	Output    string   // directory to write to; empty: the source itself when it is a directory, else ./NAME
	Targets   []string // names; empty: what the plan says, else DefaultTargets
	Component string   // only this component is generated and verified
	Set       []string // PATH=VALUE, in order
	Unset     []string // paths of findings and decisions that are taken out
	PlanFile  string   // a plan to use instead of the drydock.yaml that lies in the source or the output
	Force     bool     // replace edited files, keeping NAME.orig
	NoVerify  bool
	// Templates is a directory whose files are laid over the bundled templates, with the house rules in rules.yaml; empty: none.
	Templates string
	// PinDigests asks the registries, through the engine, which image each tag stands for now, and writes that down in the plan.
	PinDigests bool
	NoRepair   bool // report the first failure as it is
	// MaxRepairs is how many remedies are tried before a failure stands; 0: 8.
	MaxRepairs int
	// Approve is asked before a remedy is applied; nil: every remedy is. False leaves the failure as it is.
	Approve Approve
	Keep    bool // leave containers up after verification
	NoCache bool // build every step anew
	Jobs    int  // images built at a time; 0: by the machine
	Quick   bool // leave out the load, the restarts and the further starts (read-only, as another user)
	// EnvFile holds values of the plan's secrets for verification, as compose's .env does; empty: they are made up for the run.
	EnvFile string
	// BuildSecrets are ID=FILE: the files that RUN --mount=type=secret,id=ID reads.
	BuildSecrets []string
	// SSH is the socket of an SSH agent, or a private key's file, that builds may use which ask for it by RUN --mount=type=ssh; empty: the
	// agent of SSH_AUTH_SOCK.
	SSH      string
	Timeout  time.Duration // of the whole verification; 0: none but those of its steps
	Registry string        // prefix of every base image
	CACert   string        // file with CA certificates to trust when cloning
	Engine   string        // URL of the engine; empty: DOCKER_HOST, the Docker context, the socket
	// Limits of what a source may hold; zero values: the defaults of package source.
	Limits source.Limits
	// BuildNetwork is what the steps of a build reach: "none", or empty for what the engine gives them.
	BuildNetwork string
	CacheDir     string // where clones are made; empty: the system's temporary folder
	// Credentials is asked, as a last resort, for a user and password of a Git server.
	Credentials func(ctx context.Context, url string) (user, password string, err error)
	// RunID names this run in .drydock/runs and in labels; empty: made from the clock and a random part.
	RunID string

	forgotten    bool // the source is one of many: it is not remembered as one that a person opened
	findingsOnly bool // nothing but the findings is wanted: no advice where components belong
}

// DefaultTargets are generated when nobody chose.
var defaultTargets = []string{"compose", "fargate"}

// NoStackError says that nothing that can be containerised was recognised.
type NoStackError struct {
	Location  string
	Files     int
	LookedFor []string // detector (markers)
	Seen      []string // some names at the root, for the reader to recognise the place
}

func (e *NoStackError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "no known stack in %s (%d files)", e.Location, e.Files)
	if len(e.Seen) > 0 {
		fmt.Fprintf(&b, "\n  at its root: %s", strings.Join(e.Seen, ", "))
	}
	b.WriteString("\n  looked for:")
	for _, l := range e.LookedFor {
		b.WriteString("\n    " + l)
	}
	b.WriteString("\n  try: name the folder of the application with SOURCE#:FOLDER (a directory) or SOURCE#REF:FOLDER (Git), or see `drydock stacks`")
	return b.String()
}

// UsageError is a mistake in what was asked for: a flag, a plan field, a target's name.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the mistake.
func (e *UsageError) Unwrap() error { return e.Err }
