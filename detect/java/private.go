package java

import (
	"path"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// privateAddress is that of a repository of a company: by the network that it lies in, the product that serves it or the service that
// rents such repositories. The public ones are not listed anywhere.
var privateAddress = manifest.Lazy(`(?i)^https?://(?:[^/@]*@)?(?:` +
	`(?:nexus|artifactory|archiva)[\w-]*\.[^/]+|` +
	`[^/]+\.(?:corp|local|lan|intra|intranet|internal|private|localdomain)(?::\d+)?(?:/|$)|` +
	`(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+(?::\d+)?(?:/|$)|` +
	`[^/]+\.jfrog\.io/|maven\.pkg\.github\.com/|pkgs\.dev\.azure\.com/|[^/]+\.pkg\.dev/|[^/]+\.codeartifact\.|` +
	`[^/]+/(?:nexus|artifactory)/|[^/]+/api/v4/(?:projects|groups)/)`)

// privateRepository says that libraries or plugins of a Maven build come from a repository which is not public.
func (a *app) privateRepository() detect.Value[string] {
	for _, dir := range []string{a.dir.Path, a.root.Path} {
		p := a.idx.poms[path.Join(dir, "pom.xml")]
		if p == nil {
			continue
		}
		for _, list := range [][]*manifest.Element{p.xml.All("repositories", "repository"), p.xml.All("pluginRepositories", "pluginRepository")} {
			for _, r := range list {
				if url := r.Find("url"); url != nil && privateAddress.MatchString(url.Text) {
					return detect.Infer("true", "libraries come from a repository that is not public", p.at(url.Line)...)
				}
			}
		}
	}
	return detect.Value[string]{}
}
