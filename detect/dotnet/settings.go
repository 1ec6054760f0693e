package dotnet

import (
	"path"
	"sort"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// settings is an appsettings.json.
type settings struct {
	file    detect.File
	doc     *manifest.Doc
	profile string // Production, Development; empty: always read
}

// launchURL is an address of Properties/launchSettings.json, which development alone uses.
type launchURL struct {
	port     int
	evidence detect.Evidence
}

// settingsIn reads the appsettings files of a directory: the one that is always read, then the one of production. Those
// of development say nothing of what runs elsewhere.
func (ix *index) settingsIn(dir string) []*settings {
	var out []*settings
	for _, profile := range []string{"", "Production", "Docker"} {
		name := "appsettings.json"
		if profile != "" {
			name = "appsettings." + profile + ".json"
		}
		if s := ix.readSettings(dir, name, profile); s != nil {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		for _, name := range []string{"config.json", "settings.json"} { // the betas' and some templates' names
			if s := ix.readSettings(dir, name, ""); s != nil && s.doc.Has("ConnectionStrings") {
				out = append(out, s)
			}
		}
	}
	return out
}

func (ix *index) readSettings(dir, name, profile string) *settings {
	f, doc, ok := ix.json(dir, name)
	if !ok {
		return nil
	}
	return &settings{f, doc, profile}
}

// json reads a JSON file as .NET's own reader takes it. What cannot be understood is warned of.
func (ix *index) json(dir, name string) (detect.File, *manifest.Doc, bool) {
	f, ok := ix.beside(dir, name)
	if !ok {
		return f, nil, false
	}
	doc, err := manifest.ParseJSON(plainJSON(f.Data))
	if err != nil {
		ix.warn(f, err)
		return f, nil, false
	}
	return f, doc, true
}

// plainJSON blanks the comments and trailing commas that .NET's own reader allows. Lines stay where they are.
func plainJSON(data []byte) []byte {
	out := []byte(string(data))
	text := false
	comma := -1 // the last comma with nothing but blanks after it
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case text:
			if c == '\\' {
				i++
			} else if c == '"' {
				text = false
			}
		case c == '"':
			text, comma = true, -1
		case c == '/' && i+1 < len(out) && out[i+1] == '/':
			for i < len(out) && out[i] != '\n' {
				out[i] = ' '
				i++
			}
		case c == '/' && i+1 < len(out) && out[i+1] == '*':
			end := strings.Index(string(out[i+2:]), "*/")
			stop := len(out)
			if end >= 0 {
				stop = i + 2 + end + 2
			}
			for ; i < stop; i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			i--
		case c == ',':
			comma = i
		case c == '}' || c == ']':
			if comma >= 0 {
				out[comma] = ' '
			}
			comma = -1
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			comma = -1
		}
	}
	return out
}

// connections are the connection strings of the settings: the section of that name, and values that look like one.
func (s *settings) connections() []connectionString {
	var out []connectionString
	s.doc.Each(func(at []string, value string, line int) {
		if len(out) >= 40 || len(at) == 0 || len(value) > 2000 {
			return
		}
		c := connectionString{name: strings.Join(at, "__"), text: value, evidence: s.file.Evidence(line)}
		section := strings.EqualFold(at[0], "ConnectionStrings") && len(at) == 2 || len(at) > 1 && strings.EqualFold(at[len(at)-1], "ConnectionString")
		if len(at) == 3 && strings.EqualFold(at[2], "ConnectionString") { // the betas' Data:DefaultConnection:ConnectionString
			section = true
		}
		if section || addressKind(value) != "" && strings.ContainsAny(value, "=:") {
			out = append(out, c)
		}
	})
	return out
}

// get is a setting whatever the case of its keys.
func (s *settings) get(keys ...string) (string, detect.Evidence, bool) {
	v, line, ok := s.doc.Get(keys...)
	return v, s.file.Evidence(line), ok
}

// endpoints are the ports that Kestrel is told to listen on: Kestrel:Endpoints:*:Url and urls.
func (s *settings) endpoints() (int, detect.Evidence, bool) {
	for _, key := range []string{"urls", "Urls", "server.urls"} {
		if v, ev, ok := s.get(key); ok {
			if n := portOf(v); n > 0 {
				return n, ev, true
			}
		}
	}
	for _, section := range []string{"Endpoints", "EndPoints"} {
		for _, name := range s.doc.Keys("Kestrel", section) {
			if v, ev, ok := s.get("Kestrel", section, name, "Url"); ok && strings.HasPrefix(strings.ToLower(v), "http:") {
				if n := portOf(v); n > 0 {
					return n, ev, true
				}
			}
		}
	}
	return 0, detect.Evidence{}, false
}

// portOf is the port of the first plain HTTP address in a list; 0 when there is none.
func portOf(urls string) int {
	for _, u := range strings.Split(urls, ";") {
		rest, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(u)), "http://")
		if !ok {
			continue
		}
		rest, _, _ = strings.Cut(rest, "/")
		i := strings.LastIndexByte(rest, ':')
		if i < 0 {
			return 80
		}
		if n, err := strconv.Atoi(rest[i+1:]); err == nil && n > 0 && n < 65536 {
			return n
		}
	}
	return 0
}

// launchIn reads Properties/launchSettings.json of a directory.
func (ix *index) launchIn(dir string) []launchURL {
	f, doc, ok := ix.json(dir, "Properties/launchSettings.json")
	if !ok {
		return nil
	}
	var out []launchURL
	profiles := doc.Keys("profiles")
	sort.Strings(profiles)
	for _, name := range profiles {
		if v, line, ok := doc.Get("profiles", name, "applicationUrl"); ok {
			if n := portOf(v); n > 0 {
				out = append(out, launchURL{n, f.Evidence(line)})
			}
		}
	}
	return out
}

// variable is the environment variable that overrides a setting: Section:Key is Section__Key. ok is false for a name that
// no shell would take.
func variable(name string) (string, bool) {
	name = strings.ReplaceAll(path.Clean(name), ":", "__")
	if name == "" || name == "." || len(name) > 120 || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != "" || name[0] >= '0' && name[0] <= '9' {
		return "", false
	}
	return name, true
}
