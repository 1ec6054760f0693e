// Package survey finds what concerns every component of a repository whatever its stack: the container files that the
// repository brings, the services that compose files, build servers and infrastructure code run beside it, secrets that
// were committed, and what the repository needs beyond its own files.
package survey

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// Repository is the one survey: it walks the list of files once and hands each to those that know its name.
type Repository struct{}

// Survey implements detect.Survey.
func (Repository) Survey(ctx context.Context, root detect.Dir, found *detect.Findings) error {
	s := &survey{root: root, found: found}
	s.list()
	for _, part := range []func(){s.containers, s.composed, s.tested, s.infrastructure, s.secrets, s.links, s.scheduled, s.hosts, s.settings, s.surroundings} {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("look at the repository as a whole: %w", err)
		}
		part()
	}
	return nil
}

// survey is what the parts share: the files worth a look, by what they are.
type survey struct {
	root  detect.Dir
	found *detect.Findings

	dockerfiles, composeFiles, helm, ci []string
	infra                               []string // Terraform, Vagrant, Ansible, Chef, scripts that provision
	keys                                []string // files whose name says that they hold a secret
	crontabs                            []string
	builds                              []string // files that say where the build downloads from
	configs                             []string // settings of the application
	licences                            []string
	starts                              []string // scripts and units that start the application
}

// maxOfKind bounds how many files of one kind are read: a repository with more of them has them for another reason than
// to be run.
const maxOfKind = 200

// list sorts the files by what their names say.
func (s *survey) list() {
	dir, own := ".", true // of the file before: files of a directory follow each other
	for p := range s.root.Files() {
		slash := strings.LastIndexByte(p, '/')
		switch {
		case slash < 0:
			dir, own = ".", true
		case dir != p[:slash]:
			dir = p[:slash]
			own = detect.Ours(dir)
		}
		lower := strings.ToLower(p[slash+1:])
		switch {
		case manifest.CIFile(p):
			keep(&s.ci, p)
		case !own:
			continue
		case isDockerfile(lower):
			keep(&s.dockerfiles, p)
		case isCompose(lower):
			keep(&s.composeFiles, p)
		case lower == "chart.yaml":
			keep(&s.helm, p)
		case isInfra(dir, lower):
			keep(&s.infra, p)
		case isKey(dir, lower):
			keep(&s.keys, p)
		case isCrontab(dir, lower):
			keep(&s.crontabs, p)
		case isStart(dir, lower):
			keep(&s.starts, p)
		case isBuild(lower):
			keep(&s.builds, p)
		case isLicence(lower):
			keep(&s.licences, p)
		case isConfig(dir, lower):
			keep(&s.configs, p)
		}
	}
}

func keep(list *[]string, p string) {
	if len(*list) < maxOfKind {
		*list = append(*list, p)
	}
}

// read returns a file's content; what cannot be read was warned of.
func (s *survey) read(p string) (detect.File, bool) {
	f, err := s.root.Read(p)
	return f, err == nil
}

// warn keeps what a parser says.
func (s *survey) warn(file string, err error) {
	var m *manifest.Error
	if errors.As(err, &m) {
		s.root.Warn(file, m.Line, m.Msg)
		return
	}
	s.root.Warn(file, 0, err.Error())
}

// runs reports whether a component is something that services run beside.
func runs(c *detect.Component) bool {
	switch c.Role.V {
	case detect.SPA, detect.Static, detect.Library:
		return false
	}
	return true
}

// near returns the components that a file is about: those in the deepest directory that holds it, else all.
func (s *survey) near(file string) []*detect.Component {
	best, found := "", false
	for _, c := range s.found.Components {
		if within(file, c.Path) && (!found || len(c.Path) > len(best) && c.Path != "." || best == ".") {
			best, found = c.Path, true
		}
	}
	var out []*detect.Component
	for i := range s.found.Components {
		if c := &s.found.Components[i]; !found || c.Path == best {
			out = append(out, c)
		}
	}
	return out
}

// within reports whether a file lies in a directory or below.
func within(file, dir string) bool {
	return dir == "." || file == dir || strings.HasPrefix(file, dir+"/")
}

// trouble adds a readiness finding to the first component that the file of its first evidence is about: processes of one
// tree do not each need it. A finding with the same id and place is not added again.
func (s *survey) trouble(id, severity, message string, ev ...detect.Evidence) {
	if len(ev) == 0 {
		return
	}
	near := s.near(ev[0].File)
	if len(near) == 0 {
		return
	}
	for _, c := range near {
		for i, have := range c.Readiness {
			if have.ID != id {
				continue
			}
			for _, e := range have.Evidence {
				if e.File == ev[0].File && (e.Line == ev[0].Line || id == "secret-committed") {
					return
				}
			}
			if have.Message == message { // one finding with several places
				c.Readiness[i].Evidence = append(have.Evidence[:len(have.Evidence):len(have.Evidence)], ev...)
				return
			}
		}
	}
	near[0].Readiness = append(near[0].Readiness, detect.Readiness{ID: id, Severity: severity, Message: message, Evidence: ev})
}

// line returns the evidence of the first line of a file that holds a text, in any case of its letters.
func line(f detect.File, text string) (detect.Evidence, bool) {
	n := 1
	rest := string(f.Data)
	text = strings.ToLower(text)
	for {
		head, tail, more := strings.Cut(rest, "\n")
		if len(head) >= len(text) && strings.Contains(strings.ToLower(head), text) {
			return f.Evidence(n), true
		}
		if !more {
			return detect.Evidence{}, false
		}
		rest = tail
		n++
	}
}
