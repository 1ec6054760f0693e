package dotnet

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// solution is a .sln or .slnx file.
type solution struct {
	file     detect.File
	projects []string        // project files that exist, from the tree's root
	holds    map[string]bool // the same
	sites    []site          // web sites without a project file
	idle     map[string]bool // projects that no Release build includes
}

// site is a web site that a solution names.
type site struct {
	dir     string // from the tree's root
	target  string // .NETFramework,Version=v4.0
	line    int
	targets int // line of the target
}

// webSiteType is the type GUID of a web site project. Source: the list of Visual Studio's project type GUIDs.
const webSiteType = "e24c65dc-7377-472b-9aba-bc803b73c61a"

const maxProjects = 2000

func readSolution(ix *index, f detect.File) *solution {
	s := &solution{file: f, holds: map[string]bool{}, idle: map[string]bool{}}
	if strings.HasSuffix(strings.ToLower(f.Path), ".slnx") {
		s.readXML(ix)
		return s
	}
	s.readLines(ix)
	return s
}

// readXML reads the form of Visual Studio 2022 17.14 and later.
func (s *solution) readXML(ix *index) {
	_, root, ok := ix.xml(s.file.Path)
	if !ok {
		return
	}
	root.Each(func(e *manifest.Element) {
		if e.Name == "Project" && e.Attr("Path") != "" {
			s.add(ix, e.Attr("Path"))
		}
	})
}

// readLines reads the classic form: Project("{TYPE}") = "NAME", "PATH", "{ID}", and its sections.
func (s *solution) readLines(ix *index) {
	ids := map[string]string{} // project id to its file
	built := map[string]bool{}
	configured := false
	current := ""
	for i, raw := range strings.Split(string(s.file.Data), "\n") {
		text := strings.TrimSpace(raw)
		switch {
		case strings.HasPrefix(text, "Project("):
			words := quoted(text)
			current = ""
			if len(words) < 3 {
				continue
			}
			if strings.Trim(strings.ToLower(words[0]), "{}") == webSiteType {
				current = "site"
				s.addSite(words[2], i+1)
				continue
			}
			if p, ok := s.add(ix, words[2]); ok && len(words) > 3 {
				ids[strings.ToLower(words[3])] = p
			}
		case strings.HasPrefix(text, "EndProject"):
			current = ""
		case current == "site" && len(s.sites) > 0 && strings.HasPrefix(text, "TargetFrameworkMoniker"):
			if w := quoted(text); len(w) > 0 {
				last := &s.sites[len(s.sites)-1]
				last.target, last.targets = strings.ReplaceAll(w[0], "%3D", "="), i+1
			}
		case strings.HasPrefix(text, "{") && strings.Contains(text, "}.Release"):
			id, rest, _ := strings.Cut(text, ".")
			configured = true
			if strings.Contains(rest, ".Build.0") {
				built[strings.ToLower(id)] = true
			}
		}
	}
	if !configured || len(built) == 0 {
		return
	}
	for id, p := range ids {
		if !built[id] {
			s.idle[p] = true
		}
	}
}

func (s *solution) add(ix *index, name string) (string, bool) {
	p, ok := ix.find(path.Dir(s.file.Path), name)
	if !ok || len(s.projects) >= maxProjects {
		return "", false
	}
	switch strings.ToLower(path.Ext(p)) {
	case ".csproj", ".vbproj", ".fsproj":
		s.projects, s.holds[p] = append(s.projects, p), true
		return p, true
	}
	return "", false
}

// addSite keeps the directory of a web site; one that is reached over HTTP lies nowhere.
func (s *solution) addSite(name string, line int) {
	name = strings.TrimSuffix(strings.ReplaceAll(name, "\\", "/"), "/")
	if strings.Contains(name, "://") || path.IsAbs(name) {
		name = "."
	}
	if dir := path.Join(path.Dir(s.file.Path), name); !strings.HasPrefix(dir, "..") && len(s.sites) < maxProjects {
		s.sites = append(s.sites, site{dir: dir, line: line})
	}
}

// quoted are the texts in quotes of a line.
func quoted(text string) []string {
	var out []string
	fields := strings.Split(text, `"`)
	for i := 1; i < len(fields); i += 2 {
		out = append(out, fields[i])
	}
	return out
}
