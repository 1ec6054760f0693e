package dotnet

import (
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	secretName = manifest.Lazy(`(?i)(?:password|passwd|passphrase|secret|token|credential|private_?key|_pwd$|(?:^|_)key$|api_?key|access_?key|encryption_?key|signing_?key|connection_?strings?|_dsn$|sas$)`)
	publicName = manifest.Lazy(`(?i)(?:public|_path$|_file$|length$|lifetime|expir\w*$|timeout$|enabled$|minutes$|seconds$|hours$|days$|endpoint$|_url$|issuer$|audience$|^(?:min|max|require)_?)`)
	notSetting = manifest.Lazy(`(?i)^(?:path|home|user|username|logname|pwd|shell|term|temp|tmp|tmpdir|hostname|computername|ci|travis\w*|appveyor\w*|github_\w+|tf_build|windir|systemroot|appdata|localappdata|programfiles\w*|userprofile|processor_\w+|number_of_processors|dotnet_running_in_container|website_\w+|aspnetcore_environment|dotnet_environment|programdata|comspec|userdomain)$`)
)

func isSecret(name string) bool {
	return secretName.MatchString(name) && !publicName.MatchString(name)
}

// env lists the variables that the code reads, those that its settings leave open, and those that production needs.
func (p *project) env(c *detect.Component, hits []hit) []detect.EnvVar {
	all := map[string]*detect.EnvVar{}
	add := func(name string, ev ...detect.Evidence) *detect.EnvVar {
		e := all[name]
		if e == nil {
			e = &detect.EnvVar{Name: name, Secret: isSecret(name)}
			all[name] = e
		}
		for _, one := range ev {
			if len(e.Evidence) < 3 && !slices.Contains(e.Evidence, one) {
				e.Evidence = append(e.Evidence, one)
			}
		}
		return e
	}
	for _, h := range of(hits, "env") {
		if notSetting.MatchString(h.match[1]) {
			continue
		}
		e := add(h.match[1], h.evidence)
		if h.match[2] != "" && e.Default == "" {
			e.Default = detect.Printable(h.match[2], 200)
		}
	}
	p.openSettings(add)
	if c.Framework.V == "aspnet-core" && c.Platform.V == "linux" && c.Role.V == detect.Web {
		e := add("ASPNETCORE_ENVIRONMENT", p.head())
		e.Value, e.Why = "Production", "a container runs in production mode"
		e = add("ASPNETCORE_URLS", p.head())
		e.Value, e.Why = "http://+:"+itoa(c.Port.V), "the port that the server listens on"
	} else if c.Role.V == detect.Worker && c.Platform.V == "linux" && p.packages.has("microsoft.extensions.hosting") {
		e := add("DOTNET_ENVIRONMENT", p.head())
		e.Value, e.Why = "Production", "a container runs in production mode"
	}
	for _, s := range c.Services {
		for _, role := range sortedKeys(s.Env) {
			if all[s.Env[role]] == nil && len(s.Evidence) > 0 {
				e := add(s.Env[role], s.Evidence[len(s.Evidence)-1])
				e.Why = "the address, instead of the one in the settings"
			}
			all[s.Env[role]].Secret = true // an address holds the password
		}
	}
	return detect.SortedEnv(all)
}

const maxOpen = 30

// openSettings adds the secrets of appsettings.json: each is set by a variable of its path.
func (p *project) openSettings(add func(string, ...detect.Evidence) *detect.EnvVar) {
	n := 0
	for _, s := range p.settings {
		s.doc.Each(func(at []string, value string, line int) {
			if n >= maxOpen || len(at) == 0 || strings.EqualFold(at[0], "ConnectionStrings") || strings.EqualFold(at[0], "Logging") || strings.EqualFold(at[0], "Serilog") {
				return
			}
			last := at[len(at)-1]
			if !isSecret(last) || strings.EqualFold(value, "true") || strings.EqualFold(value, "false") || len(value) > 0 && strings.Trim(value, "0123456789") == "" {
				return
			}
			name, ok := variable(strings.Join(at, "__"))
			if !ok {
				return
			}
			n++
			e := add(name, s.file.Evidence(line))
			e.Secret, e.Why = true, "a secret of the settings: the variable takes its place"
		})
	}
}
