package ruby

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

var (
	healthRoute  = manifest.Lazy(`^(?:get|match)[\s(]+:?["']?/?(up|health|healthz|health[_-]?check|ping|heartbeat|alive|liveness|status|_?ah/health|api/health|api/ping)["']?\s*(?:[,=\s)]|$)`)
	healthAction = manifest.Lazy(`^get[\s(]+["']/?([\w/-]+)["'].*rails/health#show`)
	rootRoute    = manifest.Lazy(`^(?:map\.)?root\b\s*(?:[\s(:'"t]|$)|^map\.connect\s+["']["']|^match\s+["']/["']|^get[\s(]+["']/["']`)
	sinatraRoot  = manifest.Lazy(`^get[\s(]+["']/["']`)
	sinatraPath  = manifest.Lazy(`^get[\s(]+["']/(up|health|healthz|health[_-]?check|ping|heartbeat|alive|status)["']`)
	mountEngine  = manifest.Lazy(`^mount\s+(?:::)?OkComputer::Engine\s*(?:,\s*at:|=>)\s*["']/?([\w/-]+)["']`)
)

// healthPath finds a path that answers when the application works: a route made for that, else the root page.
func (a *app) healthPath(fw framework) detect.Value[string] {
	if fw.rails() {
		if v := a.railsHealth(); v.Set() {
			return v
		}
		return detect.Guess("/", "no route for health checks and no root route was found")
	}
	names := append([]string{fw.script, "config.ru"}, a.dir.Glob("*.rb")...)
	names = append(names, a.dir.Glob("app/**/*.rb")...)
	for _, re := range []*manifest.Pattern{sinatraPath, sinatraRoot} {
		for _, name := range names[:min(len(names), 60)] {
			s, ev, ok := a.grep(name, re.MatchString)
			if !ok {
				continue
			}
			if re == sinatraPath {
				return detect.Is("/"+re.FindStringSubmatch(s.text)[1], ev)
			}
			return detect.Infer("/", "the root route", ev)
		}
	}
	return detect.Guess("/", "no route for health checks was found")
}

// railsHealth reads config/routes.rb.
func (a *app) railsHealth() detect.Value[string] {
	ss, f, ok := a.statements("config/routes.rb")
	if !ok {
		return detect.Value[string]{}
	}
	var root detect.Value[string]
	for _, s := range ss {
		if !topLevel(s) {
			continue
		}
		for _, re := range []*manifest.Pattern{healthAction, healthRoute, mountEngine} {
			if m := re.FindStringSubmatch(s.text); m != nil {
				return detect.Is("/"+m[1], f.Evidence(s.line))
			}
		}
		if !root.Set() && rootRoute.MatchString(s.text) {
			root = detect.Infer("/", "the root route; there is none made for health checks", f.Evidence(s.line))
		}
	}
	return root
}

// topLevel reports whether a route stands in no namespace, scope, resource or condition.
func topLevel(s statement) bool {
	for _, b := range s.blocks {
		switch b.word() {
		case "namespace", "scope", "resources", "resource", "if", "unless", "constraints", "authenticate", "authenticated", "unauthenticated", "constraint", "subdomain", "concern", "devise_scope":
			return false
		}
		if strings.Contains(b.text, "map.namespace") {
			return false
		}
	}
	return true
}
