package survey

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// links finds contents that a clone does not bring: submodules and large files kept elsewhere.
func (s *survey) links() {
	if f, ok := s.read(".gitmodules"); ok {
		n := 0
		var ev []detect.Evidence
		for text := range bytes.Lines(f.Data) {
			n++
			if name, value, ok := strings.Cut(string(text), "="); ok && strings.TrimSpace(name) == "path" && strings.TrimSpace(value) != "" {
				ev = append(ev, f.Evidence(n))
			}
		}
		if len(ev) > 0 {
			s.trouble("git-submodules", "medium", "Git submodules: their files are not part of this repository, so the build context lacks them. Copy them in, or clone with --recurse-submodules and build from that directory.", ev[:min(len(ev), 5)]...)
		}
	}
	for _, p := range s.root.Named(".gitattributes") {
		if !detect.Ours(path.Dir(p)) {
			continue
		}
		if f, ok := s.read(p); ok {
			if ev, ok := line(f, "filter=lfs"); ok {
				s.trouble("git-lfs", "medium", "Git LFS keeps files of this repository elsewhere: a clone without it holds only pointers to them. Build from a clone made with Git LFS.", ev)
				return
			}
		}
	}
}

func isCrontab(dir, lower string) bool {
	return lower == "crontab" || lower == "crontab.txt" || strings.HasSuffix(lower, ".cron") || strings.HasSuffix(lower, ".crontab") ||
		strings.HasPrefix(path.Base(dir), "cron.") || lower == "supervisord.conf" || lower == "supervisor.conf" || lower == "monitrc" || strings.HasSuffix(lower, ".monitrc")
}

var cronLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:@(?:hourly|daily|weekly|monthly|yearly|annually|reboot|midnight)|(?:[\d*/,-]+\s+){4}[\w*/,-]+)\s+\S`)
})

// scheduled finds schedules and process supervisors that a machine ran beside the application.
func (s *survey) scheduled() {
	for _, p := range s.crontabs {
		f, ok := s.read(p)
		if !ok {
			continue
		}
		lower := strings.ToLower(path.Base(p))
		if strings.Contains(lower, "supervisor") || strings.Contains(lower, "monit") {
			s.trouble("process-supervisor", "low", "A supervisor starts several processes on one machine: give each its own container and let the platform restart them.", detect.Evidence{File: p})
			continue
		}
		s.schedule(f)
		n := 0
		for text := range bytes.Lines(f.Data) {
			n++
			if len(text) < 4096 && cronLine().Match(text) {
				s.trouble("cron-schedule", "medium", "Tasks are started by cron, and a container runs none: let the platform's scheduler run them.", f.Evidence(n))
				break
			}
		}
	}
	for _, p := range s.licences {
		s.trouble("licence-binding", "medium", "A licence file: such licences are often bound to a machine's name, address or clock, none of which a container keeps. Ask the vendor for one that is not.", detect.Evidence{File: p})
	}
}

func isLicence(lower string) bool {
	return strings.HasSuffix(lower, ".lic") || lower == "license.dat" || lower == "hasp.ini"
}

func isBuild(lower string) bool {
	switch lower {
	case "pom.xml", "build.xml", "ivy.xml", "ivysettings.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "gradle-wrapper.properties",
		"gemfile", "gemfile.lock", "package.json", "package-lock.json", "npm-shrinkwrap.json", "bower.json", "yarn.lock",
		"setup.py", "setup.cfg", "buildout.cfg", "pipfile", "composer.json", "makefile", "project.clj", "build.sbt", "plugins.sbt", "build.properties", "mix.exs",
		"rebar.config", "glide.yaml", "gopkg.toml", "godeps.json", "cpanfile", ".gitmodules", ".bowerrc":
		return true
	}
	return strings.HasPrefix(lower, "requirements") && strings.HasSuffix(lower, ".txt")
}

// deadHost is a host that no longer serves what builds took from it.
type deadHost struct {
	text   string // as it stands in a build file
	name   string
	since  string // ISO date
	source string
}

// deadHosts were open to all once. Dates: the announcements named as sources.
var deadHosts = []deadHost{
	{"codehaus.org", "Codehaus", "2015-05-17", "codehaus.org's own farewell page"},
	{"download.java.net/maven", "java.net", "2017-04-28", "java.net's closing notice"},
	{"bintray.com", "Bintray and JCenter", "2021-05-01", "JFrog: Into the Sunset"},
	{"jcenter()", "JCenter", "2021-05-01", "JFrog: Into the Sunset"},
	{"googlecode.com", "Google Code", "2016-01-25", "Google: Bidding farewell to Google Code"},
	{"code.google.com/p/", "Google Code", "2016-01-25", "Google: Bidding farewell to Google Code"},
	{"rubyforge.org", "RubyForge", "2014-05-15", "RubyForge's closing notice"},
	{"gemcutter.org", "Gemcutter", "2010-02-20", "it became RubyGems"},
	{"gems.github.com", "GitHub's gems", "2010-10-08", "GitHub: gem building is defunct"},
	{"git://github.com", "GitHub by the git protocol", "2022-03-15", "GitHub: Improving Git protocol security"},
	{"kenai.com", "Kenai", "2017-04-28", "kenai.com's closing notice"},
	{"cloud.github.com/downloads", "GitHub's downloads", "2013-12-10", "GitHub: Goodbye, uploads"},
	{"bower.herokuapp.com", "Bower's old registry", "2017-10-01", "bower.io: registry moved"},
}

// hosts finds builds that download from where nothing is served any more.
func (s *survey) hosts() {
	for _, p := range s.builds {
		f, ok := s.read(p)
		if !ok {
			continue
		}
		for _, h := range deadHosts {
			if !bytes.Contains(f.Data, []byte(h.text)) {
				continue
			}
			ev, ok := reference(f, h.text)
			if !ok {
				continue
			}
			s.trouble("dead-download-host", "high", fmt.Sprintf("The build downloads from %s, which closed on %s (%s): name another source, or keep the files yourself.", h.name, h.since, h.source), ev)
		}
	}
}

// reference returns the first line that takes something from a host: not one that only tells of it, as a comment or the
// home page of a project does.
func reference(f detect.File, host string) (detect.Evidence, bool) {
	n := 0
	for text := range bytes.Lines(f.Data) {
		n++
		if !bytes.Contains(text, []byte(host)) {
			continue
		}
		t := strings.ToLower(string(bytes.TrimSpace(text[:min(len(text), 2000)])))
		if strings.HasPrefix(t, "#") || strings.HasPrefix(t, "//") || strings.HasPrefix(t, "<!--") || strings.HasPrefix(t, "*") {
			continue
		}
		about := false
		for _, w := range []string{"homepage", "xmlns", "schemalocation", "<license", "author", "bugs", "issues", "description", "doctype", "<organization", "connection", "scm", "git.url", "funding"} {
			about = about || strings.Contains(t, w)
		}
		if strings.HasPrefix(t, "<url>") && !inRepository(f.Data, n) {
			about = true
		}
		if !about {
			return f.Evidence(n), true
		}
	}
	return detect.Evidence{}, false
}

// inRepository reports whether a line of a POM stands in a <repository> element: one of the five lines before opens it.
func inRepository(data []byte, n int) bool {
	i := 0
	for text := range bytes.Lines(data) {
		i++
		if i > n {
			return false
		}
		if i >= n-5 && (bytes.Contains(text, []byte("<repository>")) || bytes.Contains(text, []byte("<pluginRepository>"))) {
			return true
		}
	}
	return false
}
