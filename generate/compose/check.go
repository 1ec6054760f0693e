package compose

import (
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/drydock-cli/drydock/generate"
)

// Check loads each compose file as Docker Compose does and applies the rules.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		switch path.Base(a.Path) {
		case FileName, "compose.yml", "docker-compose.yml", "docker-compose.yaml":
			out = append(out, checkFile(a)...)
		case DevelopmentFile, ProductionFile:
			for _, base := range artifacts {
				if base.Path == path.Join(path.Dir(a.Path), FileName) {
					out = append(out, checkFile(base, a)...)
				}
			}
		}
	}
	return out
}

// reference is a variable that compose reads from the environment or .env, and that has no default.
var reference = lazy(`\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?\?|\})`)

// checkFile checks a file, or one as it is with others laid over it: what is wrong is said of the last.
func checkFile(files ...generate.Artifact) []generate.Problem {
	a := files[len(files)-1]
	fail := func(rule, message string, fatal bool) generate.Problem {
		return generate.Problem{File: a.Path, Rule: rule, Message: message, Error: fatal}
	}
	env := types.Mapping{}
	var configs []types.ConfigFile
	for _, f := range files {
		for _, m := range reference().FindAllSubmatch(f.Content, -1) {
			env[string(m[1])] = "value"
		}
		configs = append(configs, types.ConfigFile{Filename: path.Base(f.Path), Content: f.Content})
	}
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  "/",
		ConfigFiles: configs,
		Environment: env,
	}, func(o *loader.Options) {
		o.SkipInclude, o.SkipExtends, o.SkipResolveEnvironment = true, true, true
		o.SetProjectName("check", false)
	})
	if err != nil {
		return []generate.Problem{fail("load", err.Error(), true)}
	}
	var out []generate.Problem
	published := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(project.Services)) {
		s := project.Services[name]
		for _, r := range rules {
			if message := r.broken(project, s); message != "" {
				out = append(out, fail(r.id, "service "+name+": "+message, r.fatal))
			}
		}
		for _, port := range s.Ports {
			if other, taken := published[port.Published]; taken && port.Published != "" && port.Published != "0" {
				out = append(out, fail("port-twice", fmt.Sprintf("services %s and %s both publish port %s", other, name, port.Published), true))
			}
			published[port.Published] = name
		}
	}
	return out
}

// checkRule is what compose or a reader of the file would object to in a service.
type checkRule struct {
	id     string
	fatal  bool
	broken func(*types.Project, types.ServiceConfig) string
}

var secretName = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)

var rules = []checkRule{
	{"no-image", true, func(_ *types.Project, s types.ServiceConfig) string {
		if s.Image == "" && s.Build == nil {
			return "it has neither an image nor a build"
		}
		return ""
	}},
	{"latest", false, func(_ *types.Project, s types.ServiceConfig) string {
		if s.Build == nil && (strings.HasSuffix(s.Image, ":latest") || !strings.Contains(path.Base(s.Image), ":")) {
			return "the image " + s.Image + " names no version"
		}
		return ""
	}},
	{"health-missing", true, func(p *types.Project, s types.ServiceConfig) string {
		for dep, d := range s.DependsOn {
			other := p.Services[dep]
			if d.Condition == types.ServiceConditionHealthy && other.Build == nil && (other.HealthCheck == nil || other.HealthCheck.Disable) {
				return "it waits until " + dep + " is healthy, which has no health check"
			}
		}
		return ""
	}},
	{"never-completes", true, func(p *types.Project, s types.ServiceConfig) string {
		for dep, d := range s.DependsOn {
			if r := p.Services[dep].Restart; d.Condition == types.ServiceConditionCompletedSuccessfully && (r == "always" || r == "unless-stopped") {
				return "it waits until " + dep + " has ended, which is started again whenever it ends"
			}
		}
		return ""
	}},
	{"secret-in-file", true, func(_ *types.Project, s types.ServiceConfig) string {
		for _, k := range slices.Sorted(maps.Keys(s.Environment)) {
			// Every variable reads "value" here; what else a secret's variable holds stands in the file.
			if v := s.Environment[k]; secretName().MatchString(k) && v != nil && *v != "" && !strings.Contains(*v, "value") && !isSwitch(*v) && !strings.HasPrefix(*v, secretFile("")) {
				return k + " holds its value in the file; write ${" + k + "} and put the value into .env"
			}
		}
		return ""
	}},
	{"privileged", true, func(_ *types.Project, s types.ServiceConfig) string {
		if s.Privileged {
			return "it is privileged"
		}
		return ""
	}},
	{"engine-socket", true, func(_ *types.Project, s types.ServiceConfig) string {
		for _, v := range s.Volumes {
			if strings.HasSuffix(v.Source, "docker.sock") {
				return "it can command the Docker engine through " + v.Source
			}
		}
		return ""
	}},
}

// isSwitch tells MYSQL_RANDOM_ROOT_PASSWORD=1 from a password.
func isSwitch(v string) bool {
	switch strings.ToLower(v) {
	case "0", "1", "yes", "no", "true", "false", "on", "off":
		return true
	}
	return false
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
