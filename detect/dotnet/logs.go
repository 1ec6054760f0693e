package dotnet

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// logTarget is a file that a logging library is told to write.
type logTarget struct {
	file     string
	evidence detect.Evidence
}

// logTargets are the log files that configuration names: log4net's, NLog's, Serilog's and trace listeners'.
func (p *project) logTargets() []logTarget {
	var out []logTarget
	add := func(file string, ev detect.Evidence) {
		if file != "" && len(out) < 10 {
			out = append(out, logTarget{file, ev})
		}
	}
	for _, name := range []string{"log4net.config", "nlog.config", "config/log4net.config", "log4net.xml"} {
		if full, ok := p.ix.find(p.dir(), name); ok {
			if f, root, ok := p.ix.xml(full); ok {
				logsIn(f, root, add)
			}
		}
	}
	if p.config != nil {
		for _, section := range []string{"log4net", "nlog"} {
			for _, e := range p.config.at(section) {
				logsIn(p.config.file, e, add)
			}
		}
		for _, l := range p.config.at("system.diagnostics", "sharedListeners", "add") {
			if strings.Contains(l.Attr("type"), "Text") || strings.Contains(l.Attr("type"), "Xml") {
				add(l.Attr("initializeData"), p.config.evidence(l))
			}
		}
	}
	for _, s := range p.settings {
		s.doc.Each(func(at []string, value string, line int) {
			if len(at) == 0 {
				return
			}
			last := strings.ToLower(at[len(at)-1])
			if strings.EqualFold(at[0], "Serilog") && (last == "path" || last == "pathformat") || last == "pathformat" {
				add(value, s.file.Evidence(line))
			}
		})
	}
	return out
}

// logsIn collects the file targets below an element of log4net or NLog.
func logsIn(f detect.File, root *manifest.Element, add func(string, detect.Evidence)) {
	root.Each(func(e *manifest.Element) {
		switch {
		case strings.EqualFold(e.Name, "appender") && strings.Contains(e.Attr("type"), "File"):
			for _, c := range e.Children {
				if strings.EqualFold(c.Name, "file") {
					add(c.Attr("value"), f.Evidence(c.Line))
				} else if strings.EqualFold(c.Name, "param") && strings.EqualFold(c.Attr("name"), "File") {
					add(c.Attr("value"), f.Evidence(c.Line))
				}
			}
		case strings.EqualFold(e.Name, "target") && e.Attr("fileName") != "":
			add(e.Attr("fileName"), f.Evidence(e.Line))
		}
	})
}

// logFiles adds the directories that log files lie in.
func (p *project) logFiles(add func(dir, why string, ev detect.Evidence)) {
	for _, t := range p.logTargets() {
		name := strings.ReplaceAll(t.file, "\\", "/")
		for _, prefix := range []string{"${basedir}/", "${basedir}", "~/", "./"} {
			name = strings.TrimPrefix(name, prefix)
		}
		if path.IsAbs(name) || strings.Contains(name, ":") {
			continue
		}
		if i := strings.LastIndexByte(name, '/'); i > 0 {
			dir := name[:i]
			if at := strings.IndexAny(dir, "$%{"); at >= 0 {
				dir = strings.TrimSuffix(dir[:at], "/")
			}
			add(dir, "log files are written there", t.evidence)
		}
	}
}
