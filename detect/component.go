// Package detect finds out what a repository holds. A Detector per ecosystem
// is offered the directories that hold its marker files and says what it is
// sure of, each finding with the place in the source that proves it.
package detect

import (
	"slices"
	"strings"
	"time"
)

// Evidence is a place in the source that proves a finding.
type Evidence struct {
	File string `json:"file" jsonschema_description:"Path from the root of the source."`                              // slash-separated, relative to the tree's root
	Line int    `json:"line" jsonschema:"minimum=0" jsonschema_description:"Line from 1; 0 for the file as a whole."` // from 1; 0: the file as a whole
	Text string `json:"text,omitempty" jsonschema_description:"The line itself, short, with secrets masked."`         // the line itself, trimmed, at most 200 bytes, secrets masked
}

// Origin is how sure a finding is, from the strongest to the weakest.
type Origin string

// The origins of a value.
const (
	Locked   Origin = "locked"   // an exact version in a lock file
	Declared Origin = "declared" // the repository says so
	Inferred Origin = "inferred" // it follows from something the repository says
	Default  Origin = "default"  // nothing says so: a guess, to be asked
	Chosen   Origin = "chosen"   // a person decided (drydock.yaml, --set, the wizard)
	Measured Origin = "measured" // a verification saw it of the running container
)

// Value is a finding with its proof. The zero Value means that nothing was found.
type Value[T any] struct {
	V        T
	From     Origin
	Evidence []Evidence
	Why      string     // one sentence, for Inferred and Default: how V was reached
	Others   []Value[T] // what other sources say instead, strongest first: makes a question when they contradict
}

// Set reports whether there is a finding.
func (v Value[T]) Set() bool { return v.From != "" }

// Is returns a finding of what the repository itself says.
func Is[T any](v T, ev ...Evidence) Value[T] { return Value[T]{V: v, From: Declared, Evidence: ev} }

// Lock returns a finding read from a lock file.
func Lock[T any](v T, ev ...Evidence) Value[T] { return Value[T]{V: v, From: Locked, Evidence: ev} }

// Infer returns a finding that follows from evidence, with the sentence that says how.
func Infer[T any](v T, why string, ev ...Evidence) Value[T] {
	return Value[T]{V: v, From: Inferred, Evidence: ev, Why: why}
}

// Guess returns a finding that nothing in the repository states, with the reason for the guess.
func Guess[T any](v T, why string) Value[T] { return Value[T]{V: v, From: Default, Why: why} }

// Role is what a component does.
type Role string

// The roles of the contract.
const (
	Web       Role = "web"
	Worker    Role = "worker"
	Batch     Role = "batch"
	SPA       Role = "spa"
	Static    Role = "static"
	CLI       Role = "cli"
	Library   Role = "library"
	Function  Role = "function"
	Inference Role = "inference"
	Training  Role = "training"
)

// Component is one deployable process of a repository. Several components may
// share a Path (the web and worker processes of one Rails tree): they share an image.
// Vocabulary of the string fields: the contract's.
type Component struct {
	Name  string // unique in the Findings; [a-z0-9-]+
	Path  string // "." or a slash-separated directory
	Stack string // the folder of the detector and of the templates: "ruby", "java"
	// Root is the directory that a build needs as its context: the root of the
	// Maven reactor or workspace that Path is a module of. Empty: Path itself.
	Root string

	Role             Value[Role]
	Platform         Value[string] // linux, windows
	Language         Value[string]
	LanguageVersion  Value[string] // as precise as known: "2.6.5", "3.1", "8"
	Framework        Value[string]
	FrameworkVersion Value[string]
	Build            Value[string]
	Packaging        Value[string]
	AppServer        Value[string]
	AppServerVersion Value[string]
	Port             Value[int]
	HealthPath       Value[string]

	// DependsOn are components of this repository that this one talks to.
	DependsOn      []Value[string]
	Services       []Service
	SystemPackages []SystemPackage
	Env            []EnvVar
	Processes      []Process
	Schedules      []Schedule      // what is started from its image at certain times
	Writes         []Value[string] // directories written at run time, relative to Path
	EndOfLife      []EndOfLife
	Readiness      []Readiness

	// Facts are what only this stack's templates need ("artifact",
	// "contextPath", "assets"): each key is documented where its detector sets it.
	Facts map[string]Value[string]
}

// Service is something the component talks to.
type Service struct {
	Kind     string // contract vocabulary: postgresql, mysql, redis, ...
	Version  string // empty: not stated
	Required bool   // false: works without it, or only in a profile
	From     Origin
	Why      string
	Evidence []Evidence
	// Env says how the component learns where the service is: names of variables
	// by the role they play: "url", "host", "port", "name", "user", "password". A second variable of
	// a role is numbered: "url.2".
	// Templates of their values are made by the plan. A literal configuration
	// without variables leaves it empty.
	Env map[string]string
	// Scheme is the URL scheme that the component expects in Env["url"]
	// ("postgresql", "mysql2", "jdbc:mysql"); empty: the kind's usual one.
	Scheme string
	// Database is the database name that configuration mentions; empty: not stated.
	Database string
}

// SystemPackage is a Debian package that the component needs.
type SystemPackage struct {
	Name     string   // the name people know: "imagemagick"; what detect --json prints
	Build    []string // Debian packages of the build stage
	Run      []string // Debian packages of the final stage
	Why      string
	Evidence []Evidence
}

// EnvVar is an environment variable that the component reads.
type EnvVar struct {
	Name     string
	Required bool // it does not start without
	Secret   bool
	Default  string // a default that the code itself states
	// Value is what a container must set for production ("production" for RAILS_ENV). Never a secret.
	Value    string
	Why      string
	Evidence []Evidence
}

// SortedEnv lists variables that were collected by name, sorted. The default of a secret is left out: it must not be written down.
func SortedEnv(byName map[string]*EnvVar) []EnvVar {
	out := make([]EnvVar, 0, len(byName))
	for _, e := range byName {
		if e.Secret {
			e.Default = ""
		}
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b EnvVar) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Process is a way to start something from the component's image.
type Process struct {
	Name     string   // web, worker, release, or the Procfile's name
	Command  []string // exec form
	From     Origin
	Why      string
	Evidence []Evidence
}

// EndOfLife is a part whose maker has stopped mending it.
type EndOfLife struct {
	What   string // "ruby 2.6"
	Since  string // ISO date
	Source string // where the date is from
}

// Readiness is something that stands in the way of running well in a container.
type Readiness struct {
	ID       string // local-file-storage
	Severity string // high, medium, low
	Message  string
	Evidence []Evidence
}

// Warning is something that could not be read or is doubtful. It never stops detection.
type Warning struct {
	File string
	Line int
	Text string
}

// Findings is all that detection says about a tree.
type Findings struct {
	Location   string
	Commit     string
	Date       time.Time // of the commit; zero when the source is not Git
	Files      int
	Components []Component
	Containers []ContainerFile // what the repository brings itself, by path
	Warnings   []Warning
	LookedFor  []string // names of the detectors that ran and the markers they looked for: what "no known stack" prints
}

// ContainerFile is a file about containers that the repository brings.
type ContainerFile struct {
	File string // from the tree's root
	Kind string // dockerfile, compose, helm, kubernetes
}
