package verify

import (
	"fmt"
	"strings"
)

// EngineProblem is the kind of an EngineError.
type EngineProblem string

// The ways in which an engine can be of no use.
const (
	Unreachable  EngineProblem = "unreachable"   // nothing answers
	Denied       EngineProblem = "denied"        // it is there, but this user may not use it
	Lost         EngineProblem = "lost"          // it answered, and then no longer
	Unsuitable   EngineProblem = "unsuitable"    // it is too old, or of an operating system that cannot build these images
	BadReference EngineProblem = "bad-reference" // the URL or the Docker context that names it makes no sense
)

// EngineError says that no engine can be used, what was tried and what to try.
type EngineError struct {
	Kind  EngineProblem
	While string   // what was being done: "connect", "build web"
	Tried []string // address and where it came from: "unix:///var/run/docker.sock (default)"
	Try   []string // what a person can do, one step each
	Err   error
}

func (e *EngineError) Error() string {
	var b strings.Builder
	switch e.Kind {
	case Lost:
		fmt.Fprintf(&b, "the Docker engine stopped answering (%s)", e.While)
	case Denied:
		b.WriteString("this user may not use the Docker engine")
	case Unsuitable:
		b.WriteString("the Docker engine cannot be used")
	case BadReference:
		b.WriteString("the Docker engine's address cannot be used")
	default:
		b.WriteString("no Docker engine answers")
	}
	if len(e.Tried) > 0 {
		fmt.Fprintf(&b, " at %s", strings.Join(e.Tried, ", "))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	for _, t := range e.Try {
		b.WriteString("\n  try: " + t)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *EngineError) Unwrap() error { return e.Err }

// BuildError says that an image was not built.
type BuildError struct {
	Image    string   // the plan's name of the image
	ID       string   // failure id: missing-library, out-of-disk, build-failed, ...
	Message  string   // one sentence
	Step     string   // BuildKit's name of the step: "[build 3/9] RUN bundle install"; empty: before the first step
	Command  string   // the step without its number: "RUN bundle install"
	ExitCode int      // of the command; 0: it was not a command that failed
	File     string   // Dockerfile, relative to the source's root
	Line     int      // in File, from 1; 0: not known
	Log      []string // the step's last lines, masked and without control characters
	Tail     []string // more of them than are shown
	Err      error    // what the engine said
}

func (e *BuildError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "build %s: %s", e.Image, e.headline())
	appendLog(&b, e.Log)
	return b.String()
}

// headline is where it failed and why: "Dockerfile:12: RUN bundle install: the C header libpq-fe.h is missing".
func (e *BuildError) headline() string {
	var parts []string
	switch {
	case e.Line > 0:
		parts = append(parts, fmt.Sprintf("%s:%d", e.File, e.Line))
	case e.File != "":
		parts = append(parts, e.File)
	}
	if e.Command != "" {
		parts = append(parts, shorten(e.Command, 120))
	}
	return strings.Join(append(parts, e.Message), ": ")
}

// Unwrap returns the engine's own error.
func (e *BuildError) Unwrap() error { return e.Err }

// BaseImageError says that an image a Dockerfile or a service stands on cannot be had.
type BaseImageError struct {
	Image  string // as the file names it
	File   string // Dockerfile, relative to the source's root
	Line   int    // of the FROM or COPY --from; 0: not known
	Reason BaseImageProblem
	Err    error
}

// BaseImageProblem is why an image cannot be had.
type BaseImageProblem string

// The reasons why an image cannot be had.
const (
	ImageNotFound      BaseImageProblem = "not found"
	ImageDenied        BaseImageProblem = "not found, or a login is needed"
	RegistryUnreached  BaseImageProblem = "its registry cannot be reached"
	ImageOtherPlatform BaseImageProblem = "it is not made for this platform"
	ImageRateLimited   BaseImageProblem = "its registry refuses more pulls for now"
	ImageNotPulled     BaseImageProblem = "it cannot be pulled"
)

func (e *BaseImageError) Error() string {
	return "base " + e.headline() + "\n  try: " + e.Try()
}

// headline is which image, where it is named, and why it cannot be had.
func (e *BaseImageError) headline() string {
	s := "image " + e.Image
	if e.Line > 0 {
		s += fmt.Sprintf(" (%s:%d)", e.File, e.Line)
	}
	s += ": " + string(e.Reason)
	if e.Err != nil {
		s += ": " + shorten(e.Err.Error(), 400)
	}
	return s
}

// Unwrap returns what the engine said.
func (e *BaseImageError) Unwrap() error { return e.Err }

// Try says what a person can do about it.
func (e *BaseImageError) Try() string {
	switch e.Reason {
	case ImageDenied:
		return "check the name and tag; log in to its registry (`docker login`) if it is private; or name another under images of the component in drydock.yaml"
	case RegistryUnreached:
		return "check the engine's network, DNS and proxy (`drydock doctor`); or name a mirror with --registry"
	case ImageOtherPlatform:
		return "name an image that is made for the engine's platform under images of the component in drydock.yaml"
	case ImageRateLimited:
		return "wait, log in to the registry (`docker login`), or name a mirror with --registry"
	}
	return "name a tag that exists under images of the component in drydock.yaml, or a registry that has it with --registry"
}

// UnhealthyError says that an image was built but a container of it was not seen healthy.
type UnhealthyError struct {
	Component string // component or service
	Phase     string // run, probe
	ID        string // failure id: exited-early, http-error, timeout, ...
	Message   string
	Log       []string
	Tail      []string // more of the log than is shown
	Image     string   // of a service, when it could not be pulled
	Err       error
}

func (e *UnhealthyError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is not healthy: %s", e.Component, e.Message)
	appendLog(&b, e.Log)
	return b.String()
}

// Unwrap returns the cause, which may be nil.
func (e *UnhealthyError) Unwrap() error { return e.Err }

func appendLog(b *strings.Builder, log []string) {
	if len(log) > showLog/2 {
		log = log[len(log)-showLog/2:]
	}
	for _, l := range log {
		b.WriteString("\n  | " + l)
	}
}

// shorten cuts a text for a message and makes it one line.
func shorten(s string, max int) string {
	s = strings.Join(strings.Fields(cleanLine([]byte(strings.ReplaceAll(s, "\n", " ")))), " ")
	if len(s) <= max {
		return s
	}
	cut := max
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + longLine
}
