package plan

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// Options are what a caller decides before a plan is made. The zero value is usable.
type Options struct {
	Name     string   // project name; empty: from the location
	Targets  []string // empty: DefaultTargets
	Known    []string // names that Targets may hold; empty: any word
	Registry string   // where images are pulled from; empty: as they are named
	// Images says which base images the component's template would choose by
	// stage; nil: the plan does not show them. It is given by the package that renders templates.
	Images func(*Component) map[string]detect.Value[string]
}

// DefaultTargets are generated when nobody chooses.
var defaultTargets = []string{"compose", "fargate"}

// New makes a plan of findings. What a finding says that cannot be put into a
// file safely (a version with a line end in it) is left out with a warning. It
// fails only for options that make no sense.
func New(f *detect.Findings, opts Options) (*Plan, error) {
	p := &Plan{
		Location: f.Location,
		Commit:   f.Commit,
		Date:     f.Date,
		Name:     projectName(f.Location),
		Targets:  slices.Clone(opts.Targets),
		Warnings: slices.Clone(f.Warnings),
		Registry: opts.Registry,
		images:   opts.Images,
		targets:  opts.Known,
		settled:  map[string]bool{},
	}
	if opts.Name != "" {
		if err := checkName(opts.Name); err != nil {
			return nil, fmt.Errorf("project name: %w", err)
		}
		p.Name = opts.Name
	}
	if opts.Registry != "" {
		if err := checkRegistry(opts.Registry); err != nil {
			return nil, err
		}
	}
	if len(p.Targets) == 0 {
		p.Targets = slices.Clone(defaultTargets)
	}
	if err := p.checkTargets(p.Targets); err != nil {
		return nil, err
	}
	for i := range f.Components {
		if c, ok := p.component(&f.Components[i]); ok {
			p.Components = append(p.Components, c)
		}
	}
	p.nameImages()
	for i := range p.Components {
		p.environment(&p.Components[i])
		p.Components[i].setWorkers()
	}
	p.findServices()
	p.sortSettings()
	return p, nil
}

// projectName is the last element of a location: "https://host/shop/storefront.git#v1" is storefront.
func projectName(location string) string {
	location, _, _ = strings.Cut(location, "#")
	location = strings.TrimRight(strings.ReplaceAll(location, "\\", "/"), "/")
	if i := strings.LastIndexAny(location, "/:"); i >= 0 {
		location = location[i+1:]
	}
	for _, ext := range []string{".git", ".zip", ".tar.gz", ".tgz", ".tar", ".war", ".ear", ".jar"} {
		location = strings.TrimSuffix(location, ext)
	}
	return detect.CleanName(location)
}

func (p *Plan) warn(file, format string, args ...any) {
	p.Warnings = append(p.Warnings, detect.Warning{File: file, Text: fmt.Sprintf(format, args...)})
}

// component copies a finding, leaving out what no generated file may hold.
func (p *Plan) component(found *detect.Component) (Component, bool) {
	c := Component{Component: *found, BaseImages: map[string]detect.Value[string]{}}
	for _, dir := range []string{c.Path, c.Context()} {
		if err := checkPath(dir); err != nil {
			p.warn("", "component %s is left out: its directory %v", c.Name, err)
			return c, false
		}
	}
	if err := checkName(c.Name); err != nil {
		c.Name = detect.CleanName(c.Name)
	}
	for _, s := range componentScalars {
		v := s.value(&c)
		clean(p, &c, s.name, v, s.check)
		for i := range v.Others {
			clean(p, &c, s.name, &v.Others[i], s.check)
		}
	}
	if c.Port.V != 0 && (c.Port.V < 1 || c.Port.V > 65535) {
		p.warn("", "%s: port %d is not a port: left out", c.Name, c.Port.V)
		c.Port = detect.Value[int]{}
	}
	c.servePort()
	p.cleanLists(&c)
	if c.Role.V != detect.Library {
		c.CPU = detect.Guess(512, "half a core, until a measurement says otherwise")
		c.Memory = detect.Guess(1024, "1 GiB, until a measurement says otherwise")
		c.ReadOnly = detect.Guess("false", "until the application has been seen to run so")
	}
	return c, true
}

// clean drops a finding that its rule refuses.
func clean(p *Plan, c *Component, field string, v *detect.Value[string], check func(string) error) {
	if v.V == "" {
		return
	}
	if err := check(v.V); err != nil {
		file := ""
		if len(v.Evidence) > 0 {
			file = v.Evidence[0].File
		}
		p.warn(file, "%s: %s %v: left out", c.Name, field, err)
		*v = detect.Value[string]{Others: v.Others}
	}
}

// cleanLists copies the component's lists without the entries that their rules refuse.
func (p *Plan) cleanLists(c *Component) {
	drop := func(what string, err error, ev []detect.Evidence) bool {
		if err == nil {
			return false
		}
		file := ""
		if len(ev) > 0 {
			file = ev[0].File
		}
		p.warn(file, "%s: %s %v: left out", c.Name, what, err)
		return true
	}
	c.Env = slices.DeleteFunc(slices.Clone(c.Env), func(e detect.EnvVar) bool {
		return drop("environment", cmp.Or(checkEnvName(e.Name), checkText(e.Value)), e.Evidence)
	})
	c.Processes = slices.DeleteFunc(slices.Clone(c.Processes), func(x detect.Process) bool {
		return drop("process", cmp.Or(checkWord(x.Name), checkCommand(x.Command)), x.Evidence)
	})
	c.Writes = slices.DeleteFunc(slices.Clone(c.Writes), func(w detect.Value[string]) bool {
		return drop("written directory", checkWritten(w.V), w.Evidence)
	})
	c.SystemPackages = slices.Clone(c.SystemPackages)
	for i := range c.SystemPackages {
		s := &c.SystemPackages[i]
		bad := func(name string) bool { return drop("system package", checkPackage(name), s.Evidence) }
		s.Build = slices.DeleteFunc(slices.Clone(s.Build), bad)
		s.Run = slices.DeleteFunc(slices.Clone(s.Run), bad)
	}
	c.Services = slices.DeleteFunc(slices.Clone(c.Services), func(s detect.Service) bool {
		err := checkWord(s.Kind)
		for _, name := range s.Env {
			err = cmp.Or(err, checkEnvName(name))
		}
		return drop("service", err, s.Evidence)
	})
	facts := make(map[string]detect.Value[string], len(c.Facts))
	for _, k := range sortedKeys(c.Facts) {
		if v := c.Facts[k]; !drop("fact "+k, cmp.Or(checkFact(k), checkText(v.V)), v.Evidence) {
			facts[k] = v
		}
	}
	c.Facts = facts
}

// nameImages gives the components of one directory and stack one image.
func (p *Plan) nameImages() {
	names := map[string]string{}
	for i := range p.Components {
		c := &p.Components[i]
		key := c.Path + "\x00" + c.Stack
		if names[key] == "" {
			names[key] = strings.TrimSuffix(p.Name+"-"+c.Name, "-")
			if c.Name == p.Name {
				names[key] = p.Name
			}
		}
		c.Image = names[key]
	}
}

// generated matches variables for which any long random value will do.
var generated = lazy(`^(SECRET_KEY_BASE|SECRET_KEY|SECRET_TOKEN|DEVISE_SECRET_KEY|DEVISE_PEPPER|JWT_SECRET(_KEY)?|SESSION_SECRET|COOKIE_SECRET|APP_SECRET|([A-Z0-9_]+_)?(SESSION|COOKIE)_SECRET)$`)

// environment turns the variables that the code reads into settings and secrets.
func (p *Plan) environment(c *Component) {
	for _, e := range c.Env {
		why := cmp.Or(e.Why, "the code reads "+e.Name)
		switch {
		case e.Value != "" && !e.Secret:
			c.set(Setting{Name: e.Name, Value: Literal(e.Value), From: detect.Inferred, Why: why, Evidence: e.Evidence})
		case e.Required && (e.Secret || e.Default == ""):
			// What the code cannot start without and nothing states is asked for where the containers are started.
			c.set(Setting{Name: e.Name, Value: "${" + e.Name + "}", Secret: e.Secret, From: detect.Inferred, Why: why, Evidence: e.Evidence})
			p.secret(Secret{Name: e.Name, Why: why, Length: 64, Generate: generated().MatchString(e.Name), Evidence: e.Evidence})
		}
	}
}

// set adds or replaces a setting.
func (c *Component) set(s Setting) {
	for i := range c.Settings {
		if c.Settings[i].Name == s.Name {
			c.Settings[i] = s
			return
		}
	}
	c.Settings = append(c.Settings, s)
}

// secret adds a secret unless there is one of this name.
func (p *Plan) secret(s Secret) {
	for i := range p.Secrets {
		if p.Secrets[i].Name == s.Name {
			return
		}
	}
	p.Secrets = append(p.Secrets, s)
}

// findServices starts what the components need and tells them where it is.
func (p *Plan) findServices() {
	for i := range p.Components {
		c := &p.Components[i]
		if c.Role.V == detect.Library {
			continue
		}
		for _, s := range c.Services {
			r, known := catalogue()[s.Kind]
			switch {
			case r.Embedded:
			case !known:
				p.warn(firstFile(s.Evidence), "%s needs %s, which drydock does not know how to start", c.Name, s.Kind)
			case r.External != "":
				p.external(c, s, r)
			case s.Required:
				p.wire(c, s, r)
			default:
				p.warn(firstFile(s.Evidence), "%s can use %s but starts without: it is not started (add it with --set services.%s.kind=%s)", c.Name, s.Kind, r.Name, s.Kind)
			}
		}
	}
}

func firstFile(ev []detect.Evidence) string {
	if len(ev) == 0 {
		return ""
	}
	return ev[0].File
}

// external asks for the settings of a service that drydock does not start.
func (p *Plan) external(c *Component, s detect.Service, r recipe) {
	names := make([]string, 0, len(s.Env))
	for _, role := range sortedKeys(s.Env) {
		name := s.Env[role]
		why := fmt.Sprintf("%s of your %s", role, s.Kind)
		c.set(Setting{Name: name, Value: "${" + name + "}", Secret: role == "password" || role == "url", From: detect.Inferred, Why: why, Evidence: s.Evidence})
		p.secret(Secret{Name: name, Why: why, Evidence: s.Evidence})
		names = append(names, name)
	}
	tail := ""
	if len(names) > 0 {
		tail = "; supply " + strings.Join(names, ", ")
	}
	p.warn(firstFile(s.Evidence), "%s uses %s, which is not started: %s%s", c.Name, s.Kind, r.External, tail)
}

// wire adds the service to the plan, or joins the one that is there, and sets the component's variables.
func (p *Plan) wire(c *Component, s detect.Service, r recipe) {
	service := p.shared(s, r)
	if service == nil {
		name := p.freeServiceName(r.Name, s.Kind)
		if p.ofKind(s.Kind) != nil {
			name = p.freeServiceName(c.Name+"-"+r.Name, s.Kind)
		}
		service = p.start(name, s.Kind, r, s)
	} else if service.Image.From == detect.Default && s.Version != "" {
		service.Image = r.image(s.Version, s)
	}
	if !slices.Contains(service.For, c.Name) {
		service.For = append(service.For, c.Name)
	}
	w := wired{recipe: r, host: service.Name, database: databaseOf(service, r)}
	for _, role := range sortedKeys(s.Env) {
		value, secret := w.role(role, s.Scheme)
		if value == "" {
			continue
		}
		c.set(Setting{
			Name: s.Env[role], Value: value, Secret: secret, Service: service.Name, From: detect.Inferred, Evidence: s.Evidence,
			Why: fmt.Sprintf("%s of the %s service %s", roleNames[baseRole(role)], s.Kind, service.Name),
		})
	}
	if len(s.Env) == 0 {
		p.warn(firstFile(s.Evidence), "%s names its %s in a file and reads no variable for it: the file must name the host %s, or read a variable", c.Name, s.Kind, service.Name)
	}
}

var roleNames = map[string]string{
	"url": "address", "host": "host name", "port": "port", "name": "database name", "user": "user", "password": "password",
}

// start adds a service of a kind to the plan.
func (p *Plan) start(name, kind string, r recipe, s detect.Service) *Service {
	service := Service{
		Name: name, Kind: kind, Image: r.image(s.Version, s), Port: r.Port, Command: slices.Clone(r.Command), Health: slices.Clone(r.Health),
		Data: r.Data, Required: true, Evidence: s.Evidence, Why: cmp.Or(s.Why, kind+" is needed"),
	}
	w := wired{recipe: r, host: name, database: r.Database}
	if isDatabase(s.Database) {
		w.database = s.Database
	}
	for i := range service.Command {
		service.Command[i] = w.fill(service.Command[i], "")
	}
	for _, k := range sortedKeys(r.Settings) {
		v := w.fill(r.Settings[k], "")
		service.Settings = append(service.Settings, Setting{Name: k, Value: v, Secret: strings.Contains(v, "${"), From: detect.Inferred, Why: "what the " + r.Image + " image reads on its first start"})
	}
	if r.Secret != "" {
		p.secret(Secret{Name: r.Secret, Why: fmt.Sprintf("password of the %s service %s", kind, name), Length: 32, Generate: true, Evidence: s.Evidence})
	}
	p.Services = append(p.Services, service)
	return &p.Services[len(p.Services)-1]
}

// shared is the service of a kind that a component joins: another one's, unless
// both name a database and the names differ, or nil.
func (p *Plan) shared(s detect.Service, r recipe) *Service {
	for i := range p.Services {
		x := &p.Services[i]
		if x.Kind != s.Kind {
			continue
		}
		if has := databaseOf(x, r); !isDatabase(s.Database) || has == s.Database || has == r.Database {
			return x
		}
	}
	return nil
}

// isDatabase reports whether a name is one that every kind of database takes without quotes.
func isDatabase(name string) bool { return len(name) <= 63 && databaseRule().MatchString(name) }

var databaseRule = lazy(`^[A-Za-z][A-Za-z0-9_]*$`)

// databaseOf is the database name that the service was started with.
func databaseOf(s *Service, r recipe) string {
	for _, setting := range s.Settings {
		if strings.HasSuffix(setting.Name, "_DB") || strings.HasSuffix(setting.Name, "_DATABASE") {
			return setting.Value
		}
	}
	return r.Database
}

func (p *Plan) ofKind(kind string) *Service {
	for i := range p.Services {
		if p.Services[i].Kind == kind {
			return &p.Services[i]
		}
	}
	return nil
}

// freeServiceName is the recipe's name, or the kind when that is taken by another service or component.
func (p *Plan) freeServiceName(name, kind string) string {
	taken := func(n string) bool { return p.Service(n) != nil || p.Component(n) != nil }
	if taken(name) {
		name = kind
	}
	base := name
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}

func (p *Plan) sortSettings() {
	for i := range p.Components {
		slices.SortFunc(p.Components[i].Settings, func(a, b Setting) int { return cmp.Compare(a.Name, b.Name) })
	}
	slices.SortFunc(p.Secrets, func(a, b Secret) int { return cmp.Compare(a.Name, b.Name) })
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Writable are the directories that the component writes, relative to its
// directory unless absolute: sorted, without repetition.
func (c *Component) Writable() []string {
	var out []string
	for _, w := range c.Writes {
		if w.V != "" && !slices.Contains(out, w.V) {
			out = append(out, path.Clean(w.V))
		}
	}
	slices.Sort(out)
	return out
}
