package survey

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

func isDockerfile(lower string) bool {
	switch path.Ext(lower) {
	case ".js", ".ts", ".rb", ".py", ".go", ".java", ".md", ".html", ".vim", ".erb", ".txt", ".json", ".png", ".svg", ".php":
		return false // about Dockerfiles, not one
	}
	return lower == "dockerfile" || lower == "containerfile" || strings.HasPrefix(lower, "dockerfile.") || strings.HasSuffix(lower, ".dockerfile")
}

func isCompose(lower string) bool {
	if lower == "fig.yml" {
		return true
	}
	stem, ok := strings.CutSuffix(lower, ".yml")
	if !ok {
		stem, ok = strings.CutSuffix(lower, ".yaml")
	}
	return ok && (stem == "compose" || stem == "docker-compose" || strings.HasPrefix(stem, "docker-compose.") ||
		strings.HasPrefix(stem, "docker-compose-") || strings.HasPrefix(stem, "compose."))
}

// containers lists the container files that the repository brings.
func (s *survey) containers() {
	add := func(kind string, files []string) {
		for _, f := range files {
			s.found.Containers = append(s.found.Containers, detect.ContainerFile{File: f, Kind: kind})
		}
	}
	add("dockerfile", s.dockerfiles)
	add("compose", s.composeFiles)
	add("helm", s.helm)
}

// forTests reports whether a compose file's name says that it is not how the application is run.
func forTests(p string) bool {
	base := strings.ToLower(path.Base(p))
	for _, word := range []string{"test", "ci.", "ci-", "-ci", ".ci", "e2e", "bench", "lint", "docs"} {
		if strings.Contains(base, word) {
			return true
		}
	}
	return false
}
