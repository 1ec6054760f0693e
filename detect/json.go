package detect

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/invopop/jsonschema"
)

// SchemaVersion is the version of the document that JSON writes. It changes when a field is renamed or dropped,
// not when one is added.
const SchemaVersion = 1

// Document is what `detect --json` prints. Its fields are the contract with scripts: Schema describes them.
type Document struct {
	SchemaVersion int                 `json:"schemaVersion" jsonschema:"enum=1" jsonschema_description:"Version of this document's form."`
	Source        SourceDocument      `json:"source" jsonschema_description:"What was looked at."`
	Components    []ComponentDocument `json:"components" jsonschema_description:"The deployable parts, by path, web first."`
	Containers    []ContainerDocument `json:"containers" jsonschema_description:"The container files that the repository brings: they are read as evidence and left alone."`
	Warnings      []WarningDocument   `json:"warnings" jsonschema_description:"What could not be read or is doubtful."`
}

// SourceDocument says what was looked at.
type SourceDocument struct {
	Location string `json:"location" jsonschema_description:"The source as it was given, without credentials."`
	Commit   string `json:"commit" jsonschema:"pattern=^([0-9a-f]{40})?$" jsonschema_description:"Commit, 40 hex digits; empty when the source is not Git."`
	Files    int    `json:"files" jsonschema:"minimum=0" jsonschema_description:"Number of files."`
}

// ContainerDocument is a file about containers that the repository brings.
type ContainerDocument struct {
	File string `json:"file" jsonschema_description:"Path from the root of the source."`
	Kind string `json:"kind" jsonschema:"enum=dockerfile,enum=compose,enum=helm,enum=kubernetes" jsonschema_description:"What it is."`
}

// WarningDocument is something that could not be read or is doubtful.
type WarningDocument struct {
	File    string `json:"file" jsonschema_description:"Path from the root of the source; empty when no file is meant."`
	Line    int    `json:"line" jsonschema:"minimum=0" jsonschema_description:"Line from 1; 0 for the file as a whole."`
	Message string `json:"message" jsonschema_description:"What is wrong."`
}

// ComponentDocument is one Component as `detect --json` and `assess --json` print it. Strings are empty and port is
// 0 when nothing is known.
type ComponentDocument struct {
	Name  string `json:"name" jsonschema:"pattern=^[a-z][a-z0-9-]*$" jsonschema_description:"Unique name."`
	Path  string `json:"path" jsonschema_description:"Directory, \".\" for the root."`
	Root  string `json:"root" jsonschema_description:"Directory that a build needs as its context: path itself, or the root of the workspace it is a module of."`
	Stack string `json:"stack" jsonschema_description:"The ecosystem whose detector found it."`
	Role  Role   `json:"role" jsonschema:"enum=web,enum=worker,enum=batch,enum=spa,enum=static,enum=cli,enum=library,enum=function,enum=inference,enum=training,enum=" jsonschema_description:"What it does."`

	Platform            string `json:"platform" jsonschema:"enum=linux,enum=windows,enum=" jsonschema_description:"Operating system it runs on."`
	Language            string `json:"language" jsonschema_description:"Programming language."`
	LanguageVersion     string `json:"languageVersion" jsonschema_description:"As precise as known: 2.6.5, 3.1, 8."`
	LanguageVersionFrom Origin `json:"languageVersionFrom" jsonschema:"enum=declared,enum=locked,enum=inferred,enum=default,enum=chosen" jsonschema_description:"How sure the version is; default is a guess."`
	Framework           string `json:"framework" jsonschema_description:"Framework; none for plain code."`
	FrameworkVersion    string `json:"frameworkVersion" jsonschema_description:"Version of the framework."`
	Build               string `json:"build" jsonschema_description:"Build tool."`
	Packaging           string `json:"packaging" jsonschema_description:"jar, war, ear or empty."`
	AppServer           string `json:"appServer" jsonschema_description:"Server that runs it."`
	AppServerVersion    string `json:"appServerVersion" jsonschema_description:"Version of that server."`
	Port                int    `json:"port" jsonschema:"minimum=0,maximum=65535" jsonschema_description:"TCP port it listens on; 0: none or not known."`
	HealthPath          string `json:"healthPath" jsonschema_description:"Path that answers when it works."`

	DependsOn      []string              `json:"dependsOn" jsonschema_description:"Components of this repository that it talks to, by name."`
	Services       []ServiceDocument     `json:"services" jsonschema_description:"What it talks to."`
	SystemPackages []string              `json:"systemPackages" jsonschema_description:"Debian packages it needs, by the name people know."`
	Env            []EnvDocument         `json:"env" jsonschema_description:"Environment variables it reads."`
	Processes      map[string][]string   `json:"processes" jsonschema_description:"Ways to start something from its image, in exec form: web, worker, release (migrations) and others by name."`
	Schedules      []ScheduleDocument    `json:"schedules,omitempty" jsonschema_description:"What is started from its image at certain times."`
	Writes         []string              `json:"writes" jsonschema_description:"Directories it writes at run time, relative to path."`
	EndOfLife      []EndOfLifeDocument   `json:"endOfLife" jsonschema_description:"Parts whose makers have stopped mending them."`
	Readiness      []ReadinessDocument   `json:"readiness" jsonschema_description:"What stands in the way of running well in a container."`
	Facts          map[string]string     `json:"facts" jsonschema_description:"What only this stack's templates need."`
	Evidence       map[string][]Evidence `json:"evidence" jsonschema_description:"The proof of each field that is not a default, by the field's name; facts as facts.NAME."`
	From           map[string]Origin     `json:"from" jsonschema_description:"How sure each field is, by the field's name."`
	Why            map[string]string     `json:"why" jsonschema_description:"How a field that is inferred or a default was reached, by the field's name."`
	Others         map[string][]Other    `json:"others" jsonschema_description:"What other places of the repository say instead, by the field's name."`
}

// Other is what another place says about a field.
type Other struct {
	Value    string     `json:"value" jsonschema_description:"The value as text."`
	From     Origin     `json:"from" jsonschema_description:"How sure it is."`
	Evidence []Evidence `json:"evidence" jsonschema_description:"The places that say so."`
}

// ServiceDocument is a Service.
type ServiceDocument struct {
	Kind     string            `json:"kind" jsonschema_description:"postgresql, mysql, redis and so on."`
	Version  string            `json:"version" jsonschema_description:"Empty when the repository does not say."`
	Required bool              `json:"required" jsonschema_description:"It does not work without."`
	From     Origin            `json:"from" jsonschema_description:"How sure it is."`
	Why      string            `json:"why,omitempty" jsonschema_description:"How it was reached."`
	Env      map[string]string `json:"env,omitempty" jsonschema_description:"Variables that say where the service is, by role: url, host, port, name, user, password."`
	Evidence []Evidence        `json:"evidence" jsonschema_description:"The places that show it."`
}

// EnvDocument is an EnvVar.
type EnvDocument struct {
	Name     string     `json:"name" jsonschema_description:"Name of the variable."`
	Required bool       `json:"required" jsonschema_description:"It does not start without."`
	Secret   bool       `json:"secret" jsonschema_description:"Its value must not be written down."`
	Default  string     `json:"default" jsonschema_description:"What the code itself takes when it is not set."`
	Value    string     `json:"value,omitempty" jsonschema_description:"What a container must set. Never a secret."`
	Why      string     `json:"why,omitempty" jsonschema_description:"What it is for."`
	Evidence []Evidence `json:"evidence" jsonschema_description:"The places that read it."`
}

// ScheduleDocument is a Schedule.
type ScheduleDocument struct {
	Name    string   `json:"name" jsonschema_description:"Name of the task."`
	Cron    string   `json:"cron" jsonschema_description:"When, as cron writes it."`
	Command []string `json:"command" jsonschema_description:"What is started, in exec form."`
}

// EndOfLifeDocument is an EndOfLife.
type EndOfLifeDocument struct {
	What   string `json:"what" jsonschema_description:"The part and its version."`
	Since  string `json:"since" jsonschema:"pattern=^[0-9]{4}-[0-9]{2}-[0-9]{2}$" jsonschema_description:"Date of the last day it was mended."`
	Source string `json:"source,omitempty" jsonschema_description:"Where the date is from."`
}

// ReadinessDocument is a Readiness.
type ReadinessDocument struct {
	ID       string     `json:"id" jsonschema_description:"Name of the rule."`
	Severity string     `json:"severity" jsonschema:"enum=high,enum=medium,enum=low" jsonschema_description:"How much it stands in the way."`
	Message  string     `json:"message" jsonschema_description:"What it is and what to do."`
	Evidence []Evidence `json:"evidence" jsonschema_description:"The places that show it."`
}

// JSON returns the findings as the indented document of `detect --json`.
func (f *Findings) JSON() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false) // "~> 4.2" is what people look for
	if err := enc.Encode(f.Document()); err != nil {
		return nil, fmt.Errorf("write findings as JSON: %w", err)
	}
	return out.Bytes(), nil
}

// MarshalJSON writes the document of `detect --json`.
func (f *Findings) MarshalJSON() ([]byte, error) { return json.Marshal(f.Document()) }

// Schema returns the JSON Schema of Document.
func Schema() ([]byte, error) {
	r := jsonschema.Reflector{Anonymous: true}
	s := r.Reflect(&Document{})
	s.Title = "drydock detect"
	s.Description = "What a repository holds, each finding with its evidence."
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema of findings: %w", err)
	}
	return append(data, '\n'), nil
}

// Document returns the findings in the form that is printed.
func (f *Findings) Document() Document {
	d := Document{
		SchemaVersion: SchemaVersion,
		Source:        SourceDocument{Location: f.Location, Commit: f.Commit, Files: f.Files},
		Components:    []ComponentDocument{},
		Containers:    []ContainerDocument{},
		Warnings:      []WarningDocument{},
	}
	for i := range f.Components {
		d.Components = append(d.Components, f.Components[i].Document())
	}
	for _, c := range f.Containers {
		d.Containers = append(d.Containers, ContainerDocument(c))
	}
	for _, w := range f.Warnings {
		d.Warnings = append(d.Warnings, WarningDocument{File: w.File, Line: w.Line, Message: Printable(w.Text, 500)})
	}
	return d
}

// Document returns the component in the form that is printed.
func (c *Component) Document() ComponentDocument {
	d := ComponentDocument{
		Name: c.Name, Path: c.Path, Root: c.Root, Stack: c.Stack,
		DependsOn: []string{}, Services: []ServiceDocument{}, SystemPackages: []string{}, Env: []EnvDocument{}, Processes: map[string][]string{},
		Writes: []string{}, EndOfLife: []EndOfLifeDocument{}, Readiness: []ReadinessDocument{}, Facts: map[string]string{},
		Evidence: map[string][]Evidence{}, From: map[string]Origin{}, Why: map[string]string{}, Others: map[string][]Other{},
	}
	if d.Root == "" {
		d.Root = c.Path
	}
	d.Role = say(&d, "role", c.Role)
	d.Platform = say(&d, "platform", c.Platform)
	d.Language = say(&d, "language", c.Language)
	d.LanguageVersion = say(&d, "languageVersion", c.LanguageVersion)
	if d.LanguageVersionFrom = c.LanguageVersion.From; d.LanguageVersionFrom == "" {
		d.LanguageVersionFrom = Default
	}
	d.Framework = say(&d, "framework", c.Framework)
	d.FrameworkVersion = say(&d, "frameworkVersion", c.FrameworkVersion)
	d.Build = say(&d, "build", c.Build)
	d.Packaging = say(&d, "packaging", c.Packaging)
	d.AppServer = say(&d, "appServer", c.AppServer)
	d.AppServerVersion = say(&d, "appServerVersion", c.AppServerVersion)
	d.Port = say(&d, "port", c.Port)
	d.HealthPath = say(&d, "healthPath", c.HealthPath)
	for k, v := range c.Facts {
		d.Facts[k] = say(&d, "facts."+k, v)
	}
	d.lists(c)
	return d
}

// lists fills in what a component has several of.
func (d *ComponentDocument) lists(c *Component) {
	for _, o := range c.DependsOn {
		d.DependsOn = append(d.DependsOn, o.V)
		d.prove("dependsOn", o.Evidence)
	}
	for _, s := range c.Services {
		d.Services = append(d.Services, ServiceDocument{Kind: s.Kind, Version: s.Version, Required: s.Required, From: s.From,
			Why: s.Why, Env: s.Env, Evidence: noNil(s.Evidence)})
		d.prove("services", s.Evidence)
	}
	for _, p := range c.SystemPackages {
		d.SystemPackages = append(d.SystemPackages, p.Name)
		d.prove("systemPackages", p.Evidence)
	}
	for _, e := range c.Env {
		d.Env = append(d.Env, EnvDocument{Name: e.Name, Required: e.Required, Secret: e.Secret, Default: e.Default,
			Value: e.Value, Why: e.Why, Evidence: noNil(e.Evidence)})
		d.prove("env", e.Evidence)
	}
	for _, p := range c.Processes {
		if _, twice := d.Processes[p.Name]; !twice {
			d.Processes[p.Name] = append([]string{}, p.Command...)
		}
		d.prove("processes", p.Evidence)
	}
	for _, s := range c.Schedules {
		d.Schedules = append(d.Schedules, ScheduleDocument{Name: s.Name, Cron: s.Cron, Command: s.Command})
		d.prove("schedules", s.Evidence)
	}
	for _, w := range c.Writes {
		d.Writes = append(d.Writes, w.V)
		d.prove("writes", w.Evidence)
	}
	for _, e := range c.EndOfLife {
		d.EndOfLife = append(d.EndOfLife, EndOfLifeDocument(e))
	}
	for _, r := range c.Readiness {
		d.Readiness = append(d.Readiness, ReadinessDocument{ID: r.ID, Severity: r.Severity, Message: r.Message, Evidence: noNil(r.Evidence)})
	}
}

// say records how sure a value is, why, and its proof, and returns it.
func say[T any](d *ComponentDocument, field string, v Value[T]) T {
	if !v.Set() {
		return v.V
	}
	d.From[field] = v.From
	if v.Why != "" {
		d.Why[field] = v.Why
	}
	d.prove(field, v.Evidence)
	for _, o := range v.Others {
		d.Others[field] = append(d.Others[field], Other{Value: fmt.Sprint(o.V), From: o.From, Evidence: noNil(o.Evidence)})
	}
	return v.V
}

// prove adds evidence to a field, each place once.
func (d *ComponentDocument) prove(field string, evidence []Evidence) {
next:
	for _, e := range evidence {
		for _, have := range d.Evidence[field] {
			if have == e {
				continue next
			}
		}
		d.Evidence[field] = append(d.Evidence[field], e)
	}
}

func noNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
