// Package verify proves generated files: it builds the image through the
// Docker API, starts it with its services on a private network, probes it,
// stops it and removes everything that it created.
package verify

import (
	"cmp"
	"net/http"
)

// Outcome is the end of a verification.
type Outcome string

// The ends of a verification, for all of it and for each component.
const (
	Healthy     Outcome = "healthy" // built, started and answering
	Built       Outcome = "built"   // built, but not seen healthy
	Failed      Outcome = "failed"  // not built
	CheckedOnly Outcome = "checked" // there was no engine: the files were checked and nothing was run
)

// Verdict is the result of a verification: the contract's `verify --json`.
type Verdict struct {
	SchemaVersion int                `json:"schemaVersion"`
	Outcome       Outcome            `json:"verdict"`
	Components    []ComponentVerdict `json:"components"`
	// Checked says that no engine was used: files were checked, nothing was run.
	Checked  bool     `json:"checkedOnly,omitempty"`
	Problems []string `json:"problems,omitempty"`
	Engine   string   `json:"engine,omitempty"` // version and API version
	Seconds  float64  `json:"seconds"`
}

// ComponentVerdict is what was seen of one component.
type ComponentVerdict struct {
	Name     string       `json:"name"`
	Outcome  Outcome      `json:"verdict"`
	Image    ImageResult  `json:"image"`
	Build    BuildResult  `json:"build"`
	Attempts []Attempt    `json:"attempts"`
	Run      *RunResult   `json:"run,omitempty"`
	Sizing   SizingResult `json:"sizing"`
	// Readiness are what the measurements say stands in the way of running well on a platform, the worst first.
	Readiness []Readiness `json:"readiness"`
}

// Readiness is something that was seen of a running component and stands in the way of running well.
type Readiness struct {
	ID       string   `json:"id"`       // undeclared-writes
	Severity string   `json:"severity"` // high, medium, low
	Message  string   `json:"message"`
	Proof    []string `json:"proof"` // paths, ports or log lines that show it
}

// ImageResult describes the built image.
type ImageResult struct {
	Ref       string `json:"ref"`
	ID        string `json:"id"`
	SizeBytes int64  `json:"sizeBytes"`
	Layers    int    `json:"layers"`
	User      string `json:"user"`
	// LayerSizes are the layers that hold anything, in the order in which they were made.
	LayerSizes []LayerSize `json:"layerSizes,omitempty"`
}

// LayerSize is what one instruction added to an image.
type LayerSize struct {
	CreatedBy string `json:"createdBy"`
	SizeBytes int64  `json:"sizeBytes"`
}

// BuildResult describes the build.
type BuildResult struct {
	Seconds     float64 `json:"seconds"`
	CachedSteps int     `json:"cachedSteps"`
	Steps       int     `json:"steps"`
}

// Attempt is one try that failed, and what was done about it.
type Attempt struct {
	Phase   string         `json:"phase"` // build, run, probe
	Failure Failure        `json:"failure"`
	Remedy  *AppliedRemedy `json:"remedy,omitempty"`
}

// Failure says what went wrong.
type Failure struct {
	ID      string   `json:"id"`
	Message string   `json:"message"`
	Log     []string `json:"log"` // the last relevant lines
	// Tail is more of the log than is shown, for whoever looks for the cause; Image is the base image that could not be had.
	Tail  []string `json:"-"`
	Image string   `json:"-"`
}

// AppliedRemedy is an edit of the plan that was tried.
type AppliedRemedy struct {
	ID      string   `json:"id"`
	Detail  string   `json:"detail"`
	Changes []string `json:"changes"` // file:line
	// RolledBack says that it changed nothing about the failure, and that the plan is again as it was before.
	RolledBack bool `json:"rolledBack,omitempty"`
}

// RunResult is what was seen of the running container.
type RunResult struct {
	StartSeconds    float64     `json:"startSeconds"`
	Port            int         `json:"port"`
	Probe           ProbeResult `json:"probe"`
	MemoryPeakBytes int64       `json:"memoryPeakBytes"`
	CPUSeconds      float64     `json:"cpuSeconds"`
	Writes          []string    `json:"writes"`
	StopSeconds     float64     `json:"stopSeconds"`
	StoppedBy       string      `json:"stoppedBy"` // SIGTERM, SIGKILL
	ReadOnlyRoot    bool        `json:"readOnlyRoot"`
	NonRoot         bool        `json:"nonRoot"`

	StartCPUSeconds float64     `json:"startCpuSeconds"` // processor time until it was alive
	MemoryIdleBytes int64       `json:"memoryIdleBytes"` // working set at rest, before any load
	CPUIdle         float64     `json:"cpuIdle"`         // cores used at rest
	Load            *LoadResult `json:"load,omitempty"`  // nil: it serves no HTTP, or was not put under load
	// UndeclaredWrites are those of Writes that the plan does not say are written.
	UndeclaredWrites []string `json:"undeclaredWrites"`
	OpenPorts        []int    `json:"openPorts"` // TCP ports that serve the outside
	LogLines         int      `json:"logLines"`  // printed on stdout and stderr until it was measured
	// What was tried besides; nil: not tried. Each is a start of its own, or a restart.
	ArbitraryUser   *bool            `json:"arbitraryUser,omitempty"` // as a user id that the image does not know, in group 0
	Restarts        *bool            `json:"restarts,omitempty"`      // the stopped container, started again with the data kept
	RestartSeconds  float64          `json:"restartSeconds,omitempty"`
	ServiceRestarts []ServiceRestart `json:"serviceRestarts,omitempty"`
}

// LoadResult is what a short, bounded load showed.
type LoadResult struct {
	Requests      int     `json:"requests"`
	Failed        int     `json:"failed"` // without an answer, or answered with a server's error
	Seconds       float64 `json:"seconds"`
	CPU           float64 `json:"cpu"` // cores used meanwhile
	MemoryBytes   int64   `json:"memoryBytes"`
	MedianMillis  int64   `json:"medianMillis"`
	SlowestMillis int64   `json:"slowestMillis"`
}

// ServiceRestart says how a component took the restart of a service that it needs.
type ServiceRestart struct {
	Service  string  `json:"service"`
	Survived bool    `json:"survived"`
	Seconds  float64 `json:"seconds"` // until it was alive again, from when the service was ready
}

// ProbeResult is the answer to the probe that decided.
type ProbeResult struct {
	Path   string `json:"path"`
	Method string `json:"method,omitempty"` // absent: GET; POST: a function or a model was called
	Status int    `json:"status"`           // HTTP status; 0: TCP only, or a process that has no port
	Millis int64  `json:"millis"`
	TLS    bool   `json:"tls,omitempty"` // the port speaks TLS; its certificate is not checked
}

// Asked is the method and path of the question: "GET /login".
func (p ProbeResult) Asked() string { return cmp.Or(p.Method, http.MethodGet) + " " + p.Path }

// SizingResult is the size that a platform should give the component.
type SizingResult struct {
	Fargate FargateSize `json:"fargate"`
	From    string      `json:"from"` // measured, default
	// CPU in 1/1024 of a core and Memory in MiB are what the component needs, rounded up in steps: the plan takes them.
	CPU    int `json:"cpu"`
	Memory int `json:"memory"`
}

// FargateSize is a pair that Fargate allows.
type FargateSize struct {
	CPU    int `json:"cpu"`    // 1/1024 of a vCPU
	Memory int `json:"memory"` // MiB
}
