package survey

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// notSettings are directories whose settings are of a container, a machine or a tool, not of the application.
var notSettings = map[string]bool{"docker": true, "scripts": true, "script": true, "vagrant": true, "ansible": true, "puppet": true, "chef": true,
	"deploy": true, "deployment": true, "provisioning": true, "nginx": true, "apache": true, "helm": true, "k8s": true, "kubernetes": true, "contrib": true, "debian": true, "rpm": true}

// isConfig reports whether a file holds settings of an application.
func isConfig(dir, lower string) bool {
	own := false             // by its name or ending alone
	switch path.Ext(lower) { // first, since it sends away almost every file
	case ".properties", ".ini", ".cfg", ".conf":
		own = true
	case ".yml", ".yaml", ".config", ".xml", ".json", ".toml", ".php", ".inc":
		own = strings.HasPrefix(lower, "config.") || strings.HasPrefix(lower, "settings.") || lower == "web.config" || lower == "app.config"
	default:
		return false
	}
	for part := range strings.SplitSeq(strings.ToLower(dir), "/") {
		if notSettings[part] || strings.HasPrefix(part, ".") && part != "." {
			return false
		}
		own = own || part == "config" || part == "conf" || part == "settings" || part == "resources" || part == "web-inf" || part == "etc"
	}
	return own
}

var settingPatterns = sync.OnceValue(func() (p struct{ address, unix, windows *regexp.Regexp }) {
	p.address = regexp.MustCompile(`(?:^|[^\d.])(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}(?:[^\d.]|$)|\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:corp|intra|intranet|lan)\b`)
	p.unix = regexp.MustCompile(`[=:>"'\s](/(?:opt|home|srv|data|mnt|u0\d|export|apps?)/[\w.-]+[\w./-]*)`)
	p.windows = regexp.MustCompile(`(?:^|[=:>"'\s])([A-Za-z]:\\{1,2}[\w .$()-]+\\{1,2}[\w .\\$()-]*|\\\\[A-Za-z0-9][\w.-]*\\[\w$.-]+)`)
	return p
})

// settings finds what binds the settings of an application to one network or one machine.
func (s *survey) settings() {
	for _, p := range s.configs {
		f, ok := s.read(p)
		if !ok || len(f.Data) > 256<<10 {
			continue
		}
		lower := strings.ToLower(p)
		if sample(path.Base(lower)) || strings.Contains(lower, "locale") || strings.Contains(lower, "i18n") || strings.Contains(lower, "log4j") || strings.Contains(lower, "messages") {
			continue
		}
		s.setting(f)
	}
}

// setting reports the first place of each kind in a file.
func (s *survey) setting(f detect.File) {
	p := settingPatterns()
	var host, dir bool
	n := 0
	for text := range bytes.Lines(f.Data) {
		n++
		t := bytes.TrimSpace(text)
		if len(t) == 0 || len(t) > 2000 || t[0] == '#' || t[0] == ';' || bytes.HasPrefix(t, []byte("//")) || bytes.HasPrefix(t, []byte("*")) || bytes.HasPrefix(t, []byte("<!--")) {
			continue
		}
		if !host && bytes.IndexByte(t, '.') >= 0 && p.address.Match(t) && !bytes.Contains(t, []byte("/8")) && !bytes.Contains(t, []byte("/16")) && !bytes.Contains(t, []byte("/12")) {
			host = true
			s.trouble("hardcoded-host", "medium", "The settings name a host of one network. Read it from an environment variable, so that the image runs anywhere.", f.Evidence(n))
		}
		if !dir && (bytes.IndexByte(t, '/') >= 0 && p.unix.Match(t) || bytes.IndexByte(t, '\\') >= 0 && p.windows.Match(t)) {
			dir = true
			s.trouble("absolute-path", "medium", "The settings name a directory of one machine. Make it a setting, or mount a volume at that path.", f.Evidence(n))
		}
		if host && dir {
			return
		}
	}
}
