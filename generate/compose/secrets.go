package compose

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// fileSettings are the settings that the official image of a kind of service reads from the file that NAME_FILE names, too: "Docker Secrets"
// on the images' pages of Docker Hub.
var fileSettings = map[string]string{"postgresql": "POSTGRES_PASSWORD", "mysql": "MYSQL_PASSWORD", "mariadb": "MARIADB_PASSWORD"}

// secretFile is where a container finds a secret that it was granted.
func secretFile(name string) string { return "/run/secrets/" + name }

// fromFiles are a service's settings with the secret among them given as a file, and the secrets that it must be granted; none where
// the image takes no files, or the value is more than the secret.
func (f *file) fromFiles(x *plan.Service) (settings []plan.Setting, granted []string) {
	for _, s := range x.Settings {
		names := f.p.References(s.Value)
		if s.Name == fileSettings[x.Kind] && len(names) == 1 && s.Value == "${"+names[0]+"}" {
			granted = append(granted, names[0])
			s.Name, s.Value = s.Name+"_FILE", secretFile(names[0])
		}
		settings = append(settings, s)
	}
	return settings, granted
}

// healthFromFiles is the service's health check, which reads the password where the image does.
func healthFromFiles(x *plan.Service) []string {
	name := fileSettings[x.Kind]
	out := slices.Clone(x.Health)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], `"$`+name+`"`, `"$(cat "$`+name+`_FILE")"`)
	}
	return out
}

// buildSecrets grants a build what it reads by RUN --mount=type=secret.
func (f *file) buildSecrets(build *yaml.Node, c *plan.Component) {
	granted := sequence()
	for _, s := range generate.BuildSecrets(c) {
		granted.Content = append(granted.Content, text(s.ID))
		if _, known := f.builds[s.ID]; !known {
			f.builds[s.ID] = s
			f.note(s.Variable, s.File, s.Why, generate.FieldOrigin(f.p, "components."+c.Name+".facts."+s.Fact))
		}
	}
	if len(granted.Content) > 0 {
		put(build, "secrets", granted)
	}
}

// secretSources says where the secrets that files and builds read come from.
func (f *file) secretSources(root *yaml.Node) {
	sources := mapping()
	for _, name := range sorted(f.files) {
		put(sources, name, pairs("environment", text(name)))
		f.because(generate.FieldOrigin(f.p, "secrets."+name), "secrets", name)
	}
	for _, id := range sortedKeys(f.builds) {
		s := f.builds[id]
		put(sources, id, pairs("file", text("${"+s.Variable+":-"+s.File+"}")))
		f.because(generate.Origin{Why: s.Why}, "secrets", id)
	}
	if len(sources.Content) > 0 {
		put(root, "secrets", sources)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// example makes .env.example, which explains every variable that the files read. It holds no secret.
func (f *file) example() generate.Artifact {
	var b strings.Builder
	var origins []generate.Origin
	line := func(s string, o generate.Origin) {
		b.WriteString(s + "\n")
		origins = append(origins, o)
	}
	line("# Copy to .env and fill in. The compose files read it; it is left out of Git and of the images.", generate.Origin{})
	for _, s := range f.p.Secrets {
		o := generate.FieldOrigin(f.p, "secrets."+s.Name)
		how := "any long random value, such as: openssl rand -hex " + strconv.Itoa(max(s.Length, 16)/2)
		if !s.Generate {
			how = "you must supply it"
		}
		line("", generate.Origin{})
		line("# "+detect.Printable(s.Why, 200), o)
		line("# "+how, o)
		line(s.Name+"=", o)
	}
	for _, v := range f.variables {
		line("", generate.Origin{})
		line("# "+detect.Printable(v.why, 200), v.origin)
		line("# "+v.name+"="+v.value, v.origin)
	}
	return generate.Artifact{Path: ".env.example", Content: []byte(b.String()), Origins: origins[:bytes.Count([]byte(b.String()), []byte("\n"))]}
}

// networks puts a component where it is reached, and where its services are.
func (f *file) networks(s *yaml.Node, c *plan.Component, name string) {
	if len(f.p.Services) == 0 {
		return
	}
	names := list(text(front))
	if slices.ContainsFunc(f.p.Services, func(x plan.Service) bool { return slices.Contains(x.For, c.Name) || len(x.For) == 0 }) {
		names.Content = append(names.Content, text(back))
	}
	put(s, "networks", names)
	f.because(generate.Origin{Why: "it is reached and reaches out by front, and finds its services in back"}, "services", name, "networks")
}
