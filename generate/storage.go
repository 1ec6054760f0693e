package generate

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/plan"
)

// Where images for Windows keep a site of IIS, and a program.
const (
	windowsSite = "C:/inetpub/wwwroot"
	windowsApp  = "C:/app"
)

// AppDir is where an image keeps the component's directory: what its relative paths stand on.
func AppDir(c *plan.Component) string {
	switch {
	case servletWar(c):
		return "/usr/local/tomcat"
	case c.AppServer.V == "iis":
		return windowsSite
	case c.Platform.V == "windows":
		return windowsApp
	}
	return "/app"
}

// servletWar reports whether the component runs inside Tomcat's image.
func servletWar(c *plan.Component) bool {
	switch c.AppServer.V {
	case "", "tomcat", "jetty":
		return c.Packaging.V == "war"
	}
	return false
}

// scratchNames are directories whose content may be lost when a container is replaced.
var scratchNames = []string{"log", "logs", "tmp", "temp", "cache", "work", "pids", "sockets", "sessions"}

// Storage are the directories that a component writes, as absolute paths in its
// container: those whose content must survive, and those that are scratch.
func Storage(c *plan.Component) (data, scratch []string) {
	for _, w := range c.Writable() {
		abs := w
		if !path.IsAbs(w) {
			abs = path.Join(AppDir(c), w)
		}
		parts := strings.Split(strings.Trim(abs, "/"), "/")
		if slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(scratchNames, strings.ToLower(p)) }) {
			scratch = append(scratch, abs)
		} else {
			data = append(data, abs)
		}
	}
	if servletWar(c) {
		for _, dir := range []string{"logs", "temp", "work"} {
			scratch = append(scratch, path.Join(AppDir(c), dir))
		}
	}
	if c.Platform.V != "windows" {
		scratch = append(scratch, "/tmp")
	}
	slices.Sort(scratch)
	return data, slices.Compact(scratch)
}

// VolumeName names the volume of a directory of an image: "web-public-uploads".
func VolumeName(group, dir string) string {
	for _, home := range []string{"/app", "/usr/local/tomcat", windowsSite, windowsApp} {
		dir = strings.TrimPrefix(dir, home)
	}
	slug := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, dir), "-")
	if len(slug) > 40 {
		slug = strings.Trim(slug[len(slug)-40:], "-")
	}
	return group + "-" + slug
}
