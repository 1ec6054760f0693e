package openfaas

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/cloudformation"
)

// Rules names the rules of stack.yaml, and ImageRules those of an image with the watchdog.
var (
	Rules      = []string{"syntax", "version", "provider", "no-function", "function-name", "image", "secret-name", "secret-in-file", "resources", "schedule"}
	ImageRules = []string{"watchdog-mode", "fprocess", "upstream", "watchdog-port"}
)

var (
	nameRule     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`) })
	quantityRule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(m|k|M|G|Ki|Mi|Gi)?$`) })
)

// stackDocument is a stack that may have been edited.
type stackDocument struct {
	Version   string   `yaml:"version"`
	Provider  Provider `yaml:"provider"`
	Functions map[string]struct {
		Lang        string            `yaml:"lang"`
		Handler     string            `yaml:"handler"`
		Image       string            `yaml:"image"`
		SkipBuild   bool              `yaml:"skip_build"`
		Environment map[string]string `yaml:"environment"`
		Secrets     []string          `yaml:"secrets"`
		Labels      map[string]string `yaml:"labels"`
		Annotations map[string]string `yaml:"annotations"`
		Limits      *Resources        `yaml:"limits"`
		Requests    *Resources        `yaml:"requests"`
		ReadOnly    bool              `yaml:"readonly_root_filesystem"`
		// Further keys that faas-cli knows and nothing here holds rules for.
		BuildArgs    any `yaml:"build_args"`
		BuildOptions any `yaml:"build_options"`
		Constraints  any `yaml:"constraints"`
		EnvFile      any `yaml:"environment_file"`
		FProcess     any `yaml:"fprocess"`
		Namespace    any `yaml:"namespace"`
	} `yaml:"functions"`
	Configuration any `yaml:"configuration"`
}

// Check applies the rules of faas-cli, of the gateway and of the watchdog.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		switch {
		case a.Path == StackFile:
			out = append(out, checkStack(a)...)
		case path.Dir(a.Path) == Dir && strings.HasPrefix(path.Base(a.Path), "Dockerfile"):
			out = append(out, checkImage(a)...)
		}
	}
	return out
}

func checkStack(a generate.Artifact) []generate.Problem {
	list, out := generate.Strict[stackDocument](a)
	hold := func(ok bool, rule, format string, args ...any) {
		if !ok {
			out = append(out, generate.Problem{File: a.Path, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
		}
	}
	for _, s := range list {
		hold(s.Version == "1.0", "version", "version must be 1.0, not %q", s.Version)
		hold(s.Provider.Name == "openfaas", "provider", "provider.name must be openfaas, not %q", s.Provider.Name)
		hold(len(s.Functions) > 0, "no-function", "there is no function")
		for name, f := range s.Functions {
			hold(nameRule().MatchString(name), "function-name", "function %q: 1 to 63 lower-case letters, digits and -", name)
			hold(f.Image != "" && !strings.HasSuffix(f.Image, ":latest") && f.Image == strings.ToLower(strings.TrimSuffix(f.Image, generate.Release))+suffix(f.Image), "image", "%s: it needs an image of a release, in lower case", name)
			for _, secret := range f.Secrets {
				hold(nameRule().MatchString(secret), "secret-name", "%s: secret %q: lower-case letters, digits and -", name, secret)
			}
			for variable, value := range f.Environment {
				hold(value == "" || !cloudformation.SecretName().MatchString(variable), "secret-in-file", "%s: %s holds its value in the file: put it under secrets", name, variable)
			}
			for _, r := range []*Resources{f.Limits, f.Requests} {
				if r != nil {
					hold((r.Memory == "" || quantityRule().MatchString(r.Memory)) && (r.CPU == "" || quantityRule().MatchString(r.CPU)), "resources", "%s: memory and cpu are amounts of Kubernetes: 512Mi, 250m", name)
				}
			}
			if cron, ok := f.Annotations["schedule"]; ok {
				hold(len(strings.Fields(cron)) == 5 && f.Annotations["topic"] == "cron-function", "schedule", "%s: a schedule has five fields, and the topic cron-function", name)
			}
		}
	}
	return out
}

// suffix is the placeholder of a tag, which is in capitals.
func suffix(image string) string {
	if strings.HasSuffix(image, generate.Release) {
		return generate.Release
	}
	return ""
}

var setting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(?:ENV| {3,})\s*(mode|fprocess|upstream_url|port)="?([^"\n\\]*)"?`)
})

// checkImage holds what the watchdog refuses as it starts. Source: github.com/openfaas/of-watchdog, "Configuration".
func checkImage(a generate.Artifact) []generate.Problem {
	env := map[string]string{}
	for _, m := range setting().FindAllStringSubmatch(string(a.Content), -1) {
		env[m[1]] = strings.TrimSpace(m[2])
	}
	var out []generate.Problem
	hold := func(ok bool, rule, message string) {
		if !ok {
			out = append(out, generate.Problem{File: a.Path, Rule: rule, Message: message, Error: true})
		}
	}
	switch env["mode"] {
	case "http", "streaming", "serializing", "static", "inproc":
	default:
		hold(false, "watchdog-mode", fmt.Sprintf("the watchdog has no mode %q", env["mode"]))
	}
	hold(env["fprocess"] != "", "fprocess", "the watchdog needs fprocess: what it starts")
	hold(env["mode"] != "http" || strings.HasPrefix(env["upstream_url"], "http://127.0.0.1:"), "upstream", "mode http needs upstream_url: where the server listens")
	hold(!strings.HasSuffix(env["upstream_url"], fmt.Sprintf(":%d", watchdogPort)) && (env["port"] == "" || env["port"] == fmt.Sprint(watchdogPort)), "watchdog-port", fmt.Sprintf("OpenFaaS calls port %d, which is the watchdog's", watchdogPort))
	return out
}
