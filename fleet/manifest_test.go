package fleet

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/coreos/go-systemd/v22/unit"
	"github.com/hashicorp/hcl/v2/hclparse"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write the golden files")

func TestManifests(t *testing.T) {
	for _, kind := range ManifestKinds() {
		for name, o := range map[string]ManifestOptions{
			"plain":  {URL: "nats://10.0.0.5:4222"},
			"secret": {URL: "tls://a.example.com:4222,tls://b.example.com:4222", Image: "registry.example.com/tools/drydock:1.4", Secret: "fleetlogin", Jobs: 2, Replicas: 5},
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				got, err := Manifest(kind, o)
				if err != nil {
					t.Fatal(err)
				}
				golden := filepath.Join("testdata", name+"-"+manifestFiles[kind])
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if want, err := os.ReadFile(golden); err != nil || string(want) != got {
					t.Errorf("%s differs (go test ./fleet -update): %v", golden, err)
				}
				consumers[kind](t, got)
			})
		}
	}
}

// consumers read a manifest as its platform does.
var consumers = map[string]func(*testing.T, string){
	"swarm": func(t *testing.T, text string) {
		p, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{WorkingDir: t.TempDir(), ConfigFiles: []types.ConfigFile{{Filename: "stack.yaml", Content: []byte(text)}}}, func(o *loader.Options) { o.SetProjectName("drydock", true) })
		if err != nil {
			t.Fatal(err)
		}
		if s := p.Services["worker"]; s.Deploy.Mode != "global" || s.Command[0] != "worker" {
			t.Errorf("%+v", s)
		}
	},
	"kubernetes": func(t *testing.T, text string) {
		var d appsv1.Deployment
		if err := yaml.UnmarshalStrict([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		if len(d.Spec.Template.Spec.Containers) != 2 || d.Spec.Selector.MatchLabels["app.kubernetes.io/name"] != d.Spec.Template.Labels["app.kubernetes.io/name"] {
			t.Errorf("%+v", d.Spec)
		}
	},
	"nomad": func(t *testing.T, text string) {
		if _, diags := hclparse.NewParser().ParseHCL([]byte(text), "worker.nomad.hcl"); diags.HasErrors() {
			t.Fatal(diags)
		}
	},
	"systemd": func(t *testing.T, text string) {
		options, err := unit.DeserializeOptions(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range options {
			if o.Section == "Service" && o.Name == "ExecStart" && strings.HasPrefix(o.Value, "/usr/local/bin/drydock worker --fleet ") {
				return
			}
		}
		t.Error("nothing is started")
	},
}

func TestManifestRefuses(t *testing.T) {
	for name, o := range map[string]ManifestOptions{
		"a password":        {URL: "nats://user:secret@host:4222"},
		"an injected line":  {URL: "nats://host:4222\nRestart=no"},
		"a quote":           {URL: `nats://host"]`},
		"no address":        {URL: "host"},
		"an injected image": {URL: "nats://host", Image: "a\nprivileged: true"},
		"a secret's path":   {URL: "nats://host", Secret: "../x"},
	} {
		for _, kind := range ManifestKinds() {
			if text, err := Manifest(kind, o); err == nil {
				t.Errorf("%s: %s", name, text)
			} else if strings.Contains(err.Error(), "secret@") {
				t.Errorf("%s: the password is in the message: %v", name, err)
			}
		}
	}
	if _, err := Manifest("mesos", ManifestOptions{URL: "nats://host"}); err == nil {
		t.Error("mesos")
	}
}
