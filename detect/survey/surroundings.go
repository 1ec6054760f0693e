package survey

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// isStart reports whether a file starts an application on a machine: units of systemd and upstart, scripts for init, Procfiles, and the
// scripts that servers read their environment from.
func isStart(dir, lower string) bool {
	switch {
	case strings.HasSuffix(lower, ".service"), strings.HasSuffix(lower, ".init"), strings.HasSuffix(lower, ".upstart"):
		return true
	case lower == "procfile", lower == "setenv.sh", lower == "start.sh", lower == "run.sh", lower == "entrypoint.sh", lower == "docker-entrypoint.sh":
		return true
	}
	base := strings.ToLower(path.Base(dir))
	return base == "init.d" || base == "upstart"
}

// maxStart bounds the scripts that are read: one that starts an application is short.
const maxStart = 64 << 10

var environment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[\s;"'=])(LC_ALL|LANG|TZ)=["']?([A-Za-z0-9_.@/+-]+)`)
})

// surroundings finds the locale and the time zone that machines gave to the application: its own Dockerfile, the scripts and units that
// start it and compose files say them. The first that says one counts, and LC_ALL before LANG.
func (s *survey) surroundings() {
	for _, p := range s.starts {
		f, ok := s.read(p)
		if !ok || len(f.Data) > maxStart || !bytes.Contains(f.Data, []byte("TZ=")) && !bytes.Contains(f.Data, []byte("LANG=")) && !bytes.Contains(f.Data, []byte("LC_ALL=")) {
			continue
		}
		n := 0
		for text := range bytes.Lines(f.Data) {
			n++
			if t := bytes.TrimSpace(text); len(t) == 0 || t[0] == '#' {
				continue
			}
			for _, m := range environment().FindAllSubmatch(text, -1) {
				s.surrounded(f, string(m[1]), string(m[2]), n)
			}
		}
	}
	for _, p := range s.dockerfiles {
		f, ok := s.read(p)
		if !ok || !bytes.Contains(f.Data, []byte("LANG")) && !bytes.Contains(f.Data, []byte("LC_ALL")) && !bytes.Contains(f.Data, []byte("TZ")) {
			continue
		}
		if d, err := manifest.ParseDockerfile(f.Data); err == nil { // what cannot be read has been said by who needs the rest of it
			for _, e := range d.Env {
				s.surrounded(f, e.Name, e.Value, e.Line)
			}
		}
	}
	for _, p := range s.composeFiles {
		f, ok := s.read(p)
		if !ok || forTests(p) || !bytes.Contains(f.Data, []byte("LANG")) && !bytes.Contains(f.Data, []byte("LC_ALL")) && !bytes.Contains(f.Data, []byte("TZ")) {
			continue
		}
		services, err := manifest.ParseCompose(f.Data)
		if err != nil {
			continue // composed has said it
		}
		for _, service := range services {
			if service.Build != "" {
				for _, e := range service.Environment {
					s.surrounded(f, e.Name, e.Value, e.Line)
				}
			}
		}
	}
}

var zoneName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|US)/[A-Za-z_/+-]{1,40}$`)
})

// surrounded takes a variable of the environment for the components that its file is about.
func (s *survey) surrounded(f detect.File, name, value string, line int) {
	fact := detect.FactLocale
	switch name {
	case "LC_ALL", "LANG":
		locale, ok := detect.Locale(value)
		if !ok {
			return
		}
		value = locale
	case "TZ":
		if fact = detect.FactTimeZone; !zoneName().MatchString(value) {
			return
		}
	default:
		return
	}
	for _, c := range s.near(f.Path) {
		if !runs(c) {
			continue
		}
		if c.Facts == nil {
			c.Facts = map[string]detect.Value[string]{}
		}
		if _, said := c.Facts[fact]; !said || name == "LC_ALL" && c.Facts[fact].Evidence[0].File == f.Path {
			c.Facts[fact] = detect.Is(value, f.Evidence(line))
		}
	}
}
