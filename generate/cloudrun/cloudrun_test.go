package cloudrun

import (
	"errors"
	"path"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	corev1 "k8s.io/api/core/v1"
	strict "sigs.k8s.io/yaml"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/targettest"
)

// TestConformance reads the containers of every fixture as the API of Knative does, whose types they are, and wants no key that it does not know.
func TestConformance(t *testing.T) {
	for app, artifacts := range targettest.Run(t, Target{}) {
		for _, a := range artifacts {
			if path.Ext(a.Path) != ".yaml" {
				continue
			}
			for _, r := range decode(t, a) {
				content, err := yaml.Marshal(containers(r))
				if err != nil {
					t.Fatal(err)
				}
				var into []corev1.Container
				if err := strict.UnmarshalStrict(content, &into); err != nil {
					t.Errorf("%s: %s: %v", app, a.Path, err)
				}
			}
		}
	}
}

func decode(t testing.TB, a generate.Artifact) []Resource {
	t.Helper()
	out, problems := generate.Strict[Resource](a)
	if len(problems) > 0 || len(out) != 1 {
		t.Fatalf("%v", problems)
	}
	return out
}

func containers(r Resource) []Container {
	if r.Kind == job {
		return r.Spec.Template.Spec.Template.Spec.Containers
	}
	return r.Spec.Template.Spec.Containers
}

func TestShop(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "cloudrun")
	for k, v := range map[string]string{"components.web.cpu": "1500", "components.web.memory": "700"} {
		if err := p.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	artifacts := targettest.Generate(t, Target{}, p)
	all := map[string]Resource{}
	for _, a := range artifacts[:len(artifacts)-1] {
		r := decode(t, a)[0]
		all[r.Kind+" "+r.Metadata.Name] = r
	}
	web, release, cleanup, worker := all["Service rails-shop-web"], all["Job rails-shop-web-release"], all["Job rails-shop-web-orders-cleanup"], all["WorkerPool rails-shop-worker"]
	c := containers(web)[0]
	env := map[string]string{}
	for _, e := range c.Env {
		if e.ValueFrom != nil {
			env[e.Name] = "secret " + e.ValueFrom.SecretKeyRef.Name
		} else {
			env[e.Name] = *e.Value
		}
	}
	for what, ok := range map[string]bool{
		"PORT is the platform's": env["PORT"] == "" && c.Ports[0].ContainerPort == 3000,
		"a secret by reference":  env["DATABASE_URL"] == "secret rails-shop-DATABASE_URL" && env["RAILS_ENV"] == "production",
		"measured sizing":        c.Resources.Limits["cpu"] == "2" && c.Resources.Limits["memory"] == "700Mi",
		"the path that answers":  c.StartupProbe.HTTPGet.Path == "/",
		"a bucket for uploads":   web.Spec.Template.Spec.Volumes[0].CSI.VolumeAttributes["bucketName"] == "your-project-rails-shop-web-public-uploads" && c.VolumeMounts[0].MountPath == "/app/public/uploads",
		"the release step":       slices.Equal(containers(release)[0].Args, []string{"bundle", "exec", "rails", "db:migrate"}),
		"the schedule":           slices.Equal(containers(cleanup)[0].Args, []string{"bundle", "exec", "rake", "orders:cleanup"}),
		"one worker":             worker.Metadata.Annotations["run.googleapis.com/manualInstanceCount"] == "1" && len(containers(worker)[0].Ports) == 0,
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	readme := string(artifacts[len(artifacts)-1].Content)
	for _, want := range []string{"secrets create rails-shop-SECRET_KEY_BASE --data-file -", "Cloud SQL for PostgreSQL", "run jobs execute rails-shop-web-release", "--schedule '15 4 * * *'", "beta run worker-pools replace rails-shop-worker.yaml"} {
		if !strings.Contains(readme, want) {
			t.Errorf("no %q in\n%s", want, readme)
		}
	}
}

func TestWindows(t *testing.T) {
	_, err := Target{}.Generate(t.Context(), targettest.Plan(t, "dotnet-bookings-mvc", "cloudrun"))
	if unsupported := (*generate.UnsupportedError)(nil); !errors.As(err, &unsupported) {
		t.Error(err)
	}
}

func TestFit(t *testing.T) {
	for _, tt := range [][4]int{{0, 0, 1, 512}, {256, 512, 1, 512}, {1025, 700, 2, 700}, {512, 5000, 2, 5000}, {512, 9000, 4, 9000}, {3000, 512, 4, 2048}, {99999, 99999, 8, 32768}} {
		if cpu, memory := Fit(tt[0], tt[1]); cpu != tt[2] || memory != tt[3] {
			t.Errorf("Fit(%d, %d) = %d, %d, want %d, %d", tt[0], tt[1], cpu, memory, tt[2], tt[3])
		}
	}
}

const good = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: shop-web, annotations: {run.googleapis.com/ingress: all}}
spec:
  template:
    metadata: {annotations: {autoscaling.knative.dev/minScale: "0", autoscaling.knative.dev/maxScale: "6"}}
    spec:
      containerConcurrency: 80
      timeoutSeconds: 300
      containers:
        - image: r/shop:1
          ports: [{name: http1, containerPort: 3000}]
          env: [{name: A, value: b}, {name: S, valueFrom: {secretKeyRef: {name: shop-S, key: latest}}}]
          resources: {limits: {cpu: "1", memory: 512Mi}}
          startupProbe: {httpGet: {path: /}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 24}
          volumeMounts: [{name: v, mountPath: /v}]
      volumes: [{name: v}]
  traffic: [{latestRevision: true, percent: 100}]
`

func TestRules(t *testing.T) {
	check := func(content string) []generate.Problem {
		return Target{}.Check([]generate.Artifact{{Path: Dir + "/shop-web.yaml", Content: []byte(content)}, {Path: "compose.yaml", Content: []byte("a: [")}})
	}
	if p := check(good); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	samples := map[string][2]string{
		"syntax":         {"containerPort: 3000", "containerPort: three"},
		"kind":           {"serving.knative.dev/v1", "v1"},
		"name":           {"name: shop-web", "name: Shop"},
		"annotation":     {`minScale: "0"`, `minScale: 0`},
		"scale":          {`maxScale: "6"`, `maxScale: "0"`},
		"containers":     {good[strings.Index(good, "      containers:"):strings.Index(good, "      volumes:")], ""},
		"image":          {"image: r/shop:1", `image: ""`},
		"image-tag":      {"r/shop:1", "r/shop:latest"},
		"port":           {"name: http1", "name: http"},
		"reserved":       {"{name: A, value: b}", "{name: PORT, value: b}"},
		"env-twice":      {"{name: A, value: b}", "{name: S, value: b}"},
		"secret":         {"name: shop-S", "name: shop.S"},
		"secret-in-file": {"{name: A, value: b}", "{name: DB_PASSWORD, value: b}"},
		"size":           {"memory: 512Mi", "memory: 8Gi"},
		"timeout":        {"timeoutSeconds: 300", "timeoutSeconds: 3601"},
		"concurrency":    {"containerConcurrency: 80", "containerConcurrency: 1001"},
		"retries":        {"timeoutSeconds: 300", "maxRetries: 11"},
		"probe":          {"failureThreshold: 24", "failureThreshold: 25"},
		"traffic":        {"percent: 100", "percent: 90"},
		"mount":          {"[{name: v, mountPath", "[{name: w, mountPath"},
	}
	for _, r := range rules {
		if _, ok := samples[r.id]; !ok {
			t.Errorf("no bad sample for %s", r.id)
		}
	}
	for id, change := range samples {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: the sample changes nothing", id)
		}
		if p := check(bad); !slices.ContainsFunc(p, func(p generate.Problem) bool { return p.Rule == id && p.Error == (id != "image-tag") }) {
			t.Errorf("%s: %+v", id, p)
		}
	}
}
