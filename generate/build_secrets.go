package generate

import "github.com/drydock-cli/drydock/plan"

// BuildSecret is a file of the person who builds that a build reads by RUN --mount=type=secret and that no layer keeps.
type BuildSecret struct {
	ID       string // of the mount
	Fact     string // of the component, which says that its template mounts it
	Variable string // names the file where it lies elsewhere
	File     string // where the tool itself looks for it
	Why      string
}

// buildSecrets has a row for each mount of the templates.
var buildSecrets = []BuildSecret{
	{"npmrc", "npmrc", "NPMRC_FILE", "~/.npmrc", "the file with the token of the private npm registry, for the build"},
	{"composer_auth", "composerAuth", "COMPOSER_AUTH_FILE", "~/.composer/auth.json", "the file with the logins of the private Composer repositories, for the build"},
	{"netrc", "privateModules", "NETRC_FILE", "~/.netrc", "the file with the logins of the private Git servers, for the build"},
	{"pip_conf", "privateIndex", "PIP_CONF_FILE", "~/.config/pip/pip.conf", "the file with the address and login of the private package index, for the build"},
	{"maven_settings", "mavenSettings", "MAVEN_SETTINGS_FILE", "~/.m2/settings.xml", "the file with the logins of the private Maven repositories, for the build"},
	{"bundle_config", "bundleConfig", "BUNDLE_CONFIG_FILE", "~/.bundle/config", "the file with the logins of the private gem servers, for the build"},
	{"nuget", "nugetConfig", "NUGET_CONFIG_FILE", "~/.nuget/NuGet/NuGet.Config", "the file with the addresses and logins of the private NuGet feeds, for the build"},
}

// BuildSecrets are the secrets that the image of a component is built with.
func BuildSecrets(c *plan.Component) []BuildSecret {
	var out []BuildSecret
	for _, s := range buildSecrets {
		if c.Fact(s.Fact) != "" {
			out = append(out, s)
		}
	}
	return out
}
