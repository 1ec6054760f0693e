package cloudfoundry

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules of the Cloud Controller to each manifest.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range generate.In(artifacts, Dir, ".yml", ".yaml") {
		if strings.HasPrefix(path.Base(a.Path), "manifest") {
			out = append(out, checkFile(a)...)
		}
	}
	return out
}

var (
	variableRule = lazy(`\(\([-/.\w]+\)\)`)
	sizeRule     = lazy(`^[0-9]+(\.[0-9]+)?(M|MB|G|GB|T|TB|m|mb|g|gb)$`)
	secretName   = lazy(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
	healthTypes  = []string{"", "port", "process", "http"}
)

// rule is what the Cloud Controller refuses. Sources: Cloud Foundry documentation, "App manifest attribute reference" and "Using app health
// checks"; Cloud Controller API v3, "The app manifest specification".
type rule struct {
	id, key string
	broken  func(app Application) string
}

func checkFile(a generate.Artifact) []generate.Problem {
	docs, refused := generate.Strict[Manifest](a)
	if len(refused) > 0 || len(docs) != 1 {
		return refused
	}
	var out []generate.Problem
	fail := func(id, key, message string) {
		line := 0
		if i := bytes.Index(a.Content, []byte(key)); i >= 0 && key != "" {
			line = 1 + bytes.Count(a.Content[:i], []byte("\n"))
		}
		out = append(out, generate.Problem{File: a.Path, Line: line, Rule: id, Message: message, Error: true})
	}
	if len(docs[0].Applications) == 0 {
		fail("no-application", "applications", "there is no application")
	}
	seen := map[string]bool{}
	for _, app := range docs[0].Applications {
		if seen[app.Name] {
			fail("application-twice", app.Name, "two applications are called "+app.Name)
		}
		seen[app.Name] = true
		for _, r := range rules {
			if message := r.broken(app); message != "" {
				fail(r.id, r.key, "application "+app.Name+": "+message)
			}
		}
	}
	return out
}

// each asks every process of an application, and the application itself as the process that it is without a list.
func each(app Application, broken func(Process) string) string {
	for _, p := range append([]Process{app.Process}, app.Processes...) {
		if message := broken(p); message != "" {
			return strings.TrimPrefix("process "+p.Type+": ", "process : ") + message
		}
	}
	return ""
}

func when(broken bool, format string, args ...any) string {
	if !broken {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

var rules = []rule{
	{"name", "name", func(app Application) string {
		return when(app.Name == "" || len(app.Name) > 255, "a name of 1 to 255 letters is wanted")
	}},
	{"image-and-buildpack", "docker", func(app Application) string {
		return when(app.Docker != nil && (len(app.Buildpacks) > 0 || app.Path != "" || app.Stack != ""), "it has an image and also buildpacks, a path or a stack: it is one or the other")
	}},
	{"image", "image", func(app Application) string {
		return when(app.Docker != nil && app.Docker.Image == "", "docker names no image")
	}},
	{"image-tag", "image", func(app Application) string {
		return when(app.Docker != nil && strings.HasSuffix(app.Docker.Image, ":latest"), "the image %s is another one with every push: name a release", image(app))
	}},
	{"routes", "no-route", func(app Application) string {
		return when(app.NoRoute && (len(app.Routes) > 0 || app.RandomRoute || app.Default), "no-route stands beside a route")
	}},
	{"route-host", "route:", func(app Application) string {
		for _, r := range app.Routes {
			host, _, _ := strings.Cut(r.Route, ".")
			if r.Route == "" || len(host) > 63 || strings.Contains(r.Route, "://") {
				return fmt.Sprintf("%q is not a route: HOST.DOMAIN without a scheme, a host of at most 63 letters", r.Route)
			}
		}
		return ""
	}},
	{"process-type", "type", func(app Application) string {
		seen := map[string]bool{}
		for _, p := range app.Processes {
			if p.Type == "" || seen[p.Type] {
				return fmt.Sprintf("process type %q is empty or there twice", p.Type)
			}
			seen[p.Type] = true
		}
		return ""
	}},
	{"memory", "memory", func(app Application) string {
		return each(app, func(p Process) string {
			return when(p.Memory != "" && !sizeRule().MatchString(p.Memory), "memory %q: a number with M or G is wanted", p.Memory)
		})
	}},
	{"disk", "disk_quota", func(app Application) string {
		return each(app, func(p Process) string {
			return when(p.DiskQuota != "" && !sizeRule().MatchString(p.DiskQuota), "disk_quota %q: a number with M or G is wanted", p.DiskQuota)
		})
	}},
	{"instances", "instances", func(app Application) string {
		return each(app, func(p Process) string {
			return when(p.Instances != nil && *p.Instances < 0, "%d instances", deref(p.Instances))
		})
	}},
	{"health-type", "health-check-type", func(app Application) string {
		return each(app, func(p Process) string {
			return when(!slices.Contains(healthTypes, p.HealthType), "health-check-type is port, process or http, not %q", p.HealthType)
		})
	}},
	{"health-endpoint", "health-check-http-endpoint", func(app Application) string {
		return each(app, func(p Process) string {
			return when(p.HealthEndpoint != "" && (p.HealthType != "http" || !strings.HasPrefix(p.HealthEndpoint, "/")), "an endpoint is a path and goes with health-check-type http")
		})
	}},
	{"health-without-route", "health-check-type", func(app Application) string {
		return each(app, func(p Process) string {
			web := p.Type == "web" || p.Type == ""
			return when(app.NoRoute && web && (p.HealthType == "http" || p.HealthType == "port"), "it is not reached and has no port to be asked: health-check-type process")
		})
	}},
	{"timeout", "timeout", func(app Application) string {
		return each(app, func(p Process) string {
			return when(p.Timeout < 0 || p.Timeout > 180, "timeout is at most 180 seconds")
		})
	}},
	{"reserved-variable", "env", func(app Application) string {
		for name := range app.Env {
			if name == "PORT" || strings.HasPrefix(name, "VCAP_") || strings.HasPrefix(name, "VMC_") {
				return name + " is set by the platform"
			}
		}
		return ""
	}},
	{"secret-in-file", "env", func(app Application) string {
		for name, v := range app.Env {
			if secretName().MatchString(name) && v != "" && !variableRule().MatchString(v) && !isSwitch(v) {
				return name + " holds its value in the file: write ((" + name + ")) and give it by --vars-file"
			}
		}
		return ""
	}},
}

func image(app Application) string {
	if app.Docker == nil {
		return ""
	}
	return app.Docker.Image
}

func deref(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// isSwitch tells TOKEN_LOGIN=1 from a token.
func isSwitch(v string) bool {
	switch strings.ToLower(v) {
	case "0", "1", "yes", "no", "true", "false", "on", "off":
		return true
	}
	return false
}

// Rules are the ids of what Check refuses.
func Rules() []string {
	ids := []string{"no-application", "application-twice"}
	for _, r := range rules {
		ids = append(ids, r.id)
	}
	return ids
}

// lazy is a pattern that is compiled when it is first used: most commands need none of them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
