package node

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// linked says that a script of the repository links the package into a node_modules directory beside it, under its own name: its code asks for
// itself by that name, and finds its repository around it. It returns the script's line.
func (p *project) linked() (detect.Evidence, bool) {
	if p.pkg == nil || p.ws != nil || p.dir.Path == "." {
		return detect.Evidence{}, false
	}
	name, _ := p.pkg.get("name")
	up, ok := p.dir.Sub("..")
	if !ok || name == "" {
		return detect.Evidence{}, false
	}
	for _, pattern := range []string{"bin/*.sh", "scripts/*.sh", "*.sh", "Makefile"} {
		for _, file := range up.Glob(pattern) {
			f, err := up.Read(file)
			if err != nil || !strings.Contains(string(f.Data), "node_modules") {
				continue
			}
			line := 0
			for text := range strings.Lines(string(f.Data)) {
				line++
				m := symbolicLink.FindStringSubmatch(text)
				if m != nil && path.Base(m[1]) == path.Base(p.dir.Path) && (m[2] == name || strings.HasSuffix(m[2], "/"+name)) {
					return f.Evidence(line), true
				}
			}
		}
	}
	return detect.Evidence{}, false
}

var symbolicLink = manifest.Lazy(`\bln\s+(?:-[a-zA-Z]+\s+)+["']?(\.\./[\w./@-]+)["']?\s+["']?([\w./@-]+)["']?`)

// fromRoot starts a program of a linked package from the directory that the link lies in, as the repository's scripts do: what it looks for
// without a path is there.
func (p *project) fromRoot(c *detect.Component, command []string) {
	line, ok := p.linked()
	if !ok || len(command) < 2 || command[0] != "node" || !p.isCode(command[1]) {
		return
	}
	command[1] = path.Join(path.Base(p.dir.Path), command[1])
	c.Facts["runsIn"] = detect.Infer("/app", "the repository's scripts start it from there", line)
}

// linkedFacts install the package in its place in the repository, and link it as the script does.
func (p *project) linkedFacts(c *detect.Component, i install, ev detect.Evidence) {
	name, _ := p.pkg.get("name")
	command := i.production
	if _, _, ok := p.pkg.script("build"); ok || command == "" {
		command = i.all
	}
	dir := path.Base(p.dir.Path)
	link := "mkdir -p " + path.Join("../node_modules", path.Dir(name)) + " && ln -sfn " + strings.Repeat("../", 1+strings.Count(name, "/")) + dir + " ../node_modules/" + name
	c.Facts["installCommand"] = detect.Infer("cd "+dir+" && "+command+" && "+link, "the package asks for itself under its own name", ev)
	c.Facts["installNeedsSources"] = detect.Infer("true", "its code looks for its repository around it", ev)
	for _, key := range []string{"productionInstall", "pruneCommand", "manifests"} {
		delete(c.Facts, key)
	}
}
