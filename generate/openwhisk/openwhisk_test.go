package openwhisk_test

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate/openwhisk"
	"github.com/drydock-cli/drydock/generate/targettest"
)

func TestConformance(t *testing.T) {
	made := targettest.Run(t, openwhisk.Target{})
	for app, want := range map[string][]string{
		"rails-shop":        {`ENTRYPOINT ["/opt/openwhisk/action", "-port=3000", "--"]`, `CMD ["bundle", "exec", "puma", "-C", "config/puma.rb"]`, `"key": "RAILS_ENV"`, `"timeout": 60000`, `"name": "rails-shop-web.at-orders-cleanup"`, `"name": "rails-shop-web.release"`},
		"python-thumbs":     {`"-port=8081", "--"]`, `CMD ["python", "/opt/drydock/function.py", "thumbs.handler"]`, "ENV PORT=8081"},
		"python-digits":     {`"-path=/invocations"`, `CMD ["python", "/opt/drydock/inference.py", "inference.py", "model"]`},
		"cobol-tolls":       {`ENTRYPOINT ["/opt/openwhisk/action", "--"]`, `"timeout": 300000`, `"memory": 512`},
		"springboot-ledger": {`"raw-http"`}, "node-catalogue": {`"raw-http"`}, "python-helpdesk": {`"raw-http"`}, "static-almanac": {`"raw-http"`},
	} {
		var all strings.Builder
		for _, a := range made[app] {
			all.Write(a.Content)
		}
		for _, w := range want {
			if !strings.Contains(all.String(), w) {
				t.Errorf("%s: no %q in\n%s", app, w, all.String())
			}
		}
	}
	readme := targettest.Text(t, made["rails-shop"], openwhisk.Dir+"/README.md")
	for _, want := range []string{"worker: it runs all the time", "env.SECRET_KEY_BASE", "--param cron '15 4 * * *'", "wsk action invoke rails-shop-web.release", "CloudNativePG"} {
		if !strings.Contains(readme, want) {
			t.Errorf("no %q in\n%s", want, readme)
		}
	}
	if document := targettest.Text(t, made["rails-shop"], openwhisk.Dir+"/web.json"); strings.Contains(document, "SECRET_KEY_BASE") || strings.Contains(document, "DATABASE_URL") {
		t.Errorf("a stored value stands in the file:\n%s", document)
	}
}

// TestSizes holds that what was measured is given, and that what no action can have is no action.
func TestSizes(t *testing.T) {
	p := targettest.Plan(t, "cobol-tolls", "openwhisk")
	p.Components[0].Memory = detect.Value[int]{V: 900, From: detect.Measured}
	made := targettest.Generate(t, openwhisk.Target{}, p)
	if text := targettest.Text(t, made, openwhisk.Dir+"/batch.json"); !strings.Contains(text, `"memory": 900`) {
		t.Error(text)
	}
	if text := targettest.Text(t, made, openwhisk.Dir+"/README.md"); !strings.Contains(text, "CONFIG_whisk_memory_max") {
		t.Error(text)
	}
	p.Components[0].Memory.V = 4096
	if text := targettest.Text(t, targettest.Generate(t, openwhisk.Target{}, p), openwhisk.Dir+"/README.md"); !strings.Contains(text, "it needs 4096 MiB of memory, and an action has 2048 at most") {
		t.Error(text)
	}
}

const document = `{
  "name": "shop-web",
  "exec": {"kind": "blackbox", "image": "registry.example.com/shop-web:1", "binary": false},
  "limits": {"timeout": 60000, "memory": 512, "logs": 10},
  "parameters": [{"key": "MODE", "value": "fast", "init": true}, {"key": "SIZE", "value": "2", "init": true}],
  "annotations": [{"key": "web-export", "value": true}, {"key": "raw-http", "value": true}]
}
`

const image = `FROM x
EXPOSE 8080
ENTRYPOINT ["/opt/openwhisk/action", "-port=3000", "--"]
CMD ["puma"]
`

func TestRules(t *testing.T) {
	targettest.Rules(t, openwhisk.Target{}, openwhisk.Dir+"/web.json", document, openwhisk.Rules, []targettest.Sample{
		{Rule: "syntax", Old: `"exec"`, New: `"execute"`},
		{Rule: "action-name", Old: "shop-web", New: "-shop/web"},
		{Rule: "action-name", Old: "shop-web", New: strings.Repeat("x", 257)},
		{Rule: "kind", Old: "blackbox", New: "docker"},
		{Rule: "image", Old: "shop-web:1", New: "shop-web:latest"},
		{Rule: "image", Old: "shop-web:1", New: "Shop Web:1"},
		{Rule: "timeout", Old: "60000", New: "300001"},
		{Rule: "memory", Old: "512", New: "64"},
		{Rule: "memory", Old: "512", New: "4096"},
		{Rule: "logs", Old: `"logs": 10`, New: `"logs": 11`},
		{Rule: "parameter-name", Old: `"MODE"`, New: `"__ow_method"`},
		{Rule: "parameter-name", Old: `"MODE"`, New: `"A=B"`},
		{Rule: "parameter-twice", Old: `"SIZE"`, New: `"MODE"`},
		{Rule: "parameter-size", Old: `"fast"`, New: `"` + strings.Repeat("x", 1<<20) + `"`},
		{Rule: "secret-in-file", Old: `"MODE"`, New: `"API_KEY"`},
		{Rule: "web-export", Old: `"web-export", "value": true`, New: `"web-export", "value": "always"`},
		{Rule: "raw-http", Old: `"raw-http", "value": true`, New: `"raw-http", "value": false`},
	})
	targettest.Rules(t, openwhisk.Target{}, openwhisk.Dir+"/Dockerfile.web", image, openwhisk.ImageRules, []targettest.Sample{
		{Rule: "entrypoint", Old: `ENTRYPOINT ["/opt/openwhisk/action"`, New: `ENTRYPOINT ["puma"`},
		{Rule: "command", Old: `["puma"]`, New: "puma"},
		{Rule: "action-port", Old: "-port=3000", New: "-port=8080"},
		{Rule: "exposed-port", Old: "EXPOSE 8080", New: "EXPOSE 3000"},
	})
}
