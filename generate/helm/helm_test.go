package helm

import (
	"fmt"
	"io"
	"log"
	"path"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	strict "sigs.k8s.io/yaml"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/plan"
)

// TestConformance loads and renders every fixture's chart with Helm, reads what comes out as the API server does, and wants the pods to be those
// that the target kubernetes writes.
func TestConformance(t *testing.T) {
	for app, artifacts := range targettest.Run(t, Target{}) {
		objects := render(t, artifacts, nil)
		same(t, app, objects, manifests(t, targettest.Plan(t, app)))
	}
	windows := targettest.Plan(t, "dotnet-bookings-mvc", "helm")
	same(t, "windows", render(t, targettest.Generate(t, Target{}, windows), nil), manifests(t, windows))
}

// render is what helm template prints, by kind and name, each read strictly.
func render(t testing.TB, artifacts []generate.Artifact, values map[string]any) map[string]any {
	t.Helper()
	c := load(t, artifacts)
	if err := chartutil.ProcessDependencies(c, values); err != nil {
		t.Fatal(err)
	}
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: c.Name(), Namespace: c.Name(), IsInstall: true}, chartutil.DefaultCapabilities)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(c, all)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for name, content := range files {
		if path.Ext(name) != ".yaml" {
			continue
		}
		for _, document := range strings.Split("\n"+content, "\n---\n") {
			var meta kubernetes.Object
			if err := strict.Unmarshal([]byte(document), &meta); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, document)
			}
			if o := object(meta.Kind); o != nil {
				if err := strict.UnmarshalStrict([]byte(document), o); err != nil {
					t.Errorf("%s: %v\n%s", name, err, document)
				}
				out[meta.Kind+" "+meta.Metadata.Name] = o
			} else if strings.TrimSpace(document) != "" {
				t.Errorf("%s: a document of no known kind:\n%s", name, document)
			}
		}
	}
	return out
}

func load(t testing.TB, artifacts []generate.Artifact) *chart.Chart {
	t.Helper()
	log.SetOutput(io.Discard)
	var files []*loader.BufferedFile
	for _, a := range artifacts {
		if rest := strings.TrimPrefix(a.Path, Dir+"/"); strings.Contains(rest, "/") {
			_, name, _ := strings.Cut(rest, "/")
			files = append(files, &loader.BufferedFile{Name: name, Data: a.Content})
		}
	}
	c, err := loader.LoadFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

func object(kind string) any {
	switch kind {
	case "Deployment":
		return &appsv1.Deployment{}
	case "Job":
		return &batchv1.Job{}
	case "CronJob":
		return &batchv1.CronJob{}
	case "Service":
		return &corev1.Service{}
	case "ServiceAccount":
		return &corev1.ServiceAccount{}
	case "PersistentVolumeClaim":
		return &corev1.PersistentVolumeClaim{}
	case "NetworkPolicy":
		return &networkingv1.NetworkPolicy{}
	case "Ingress":
		return &networkingv1.Ingress{}
	case "PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "HorizontalPodAutoscaler":
		return &autoscalingv2.HorizontalPodAutoscaler{}
	}
	return nil
}

// manifests are the base of the target kubernetes, by kind and name.
func manifests(t testing.TB, p *plan.Plan) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, a := range targettest.Generate(t, kubernetes.Target{}, p) {
		if !strings.HasPrefix(a.Path, kubernetes.Base+"/") || path.Ext(a.Path) != ".yaml" {
			continue
		}
		for _, document := range strings.Split(string(a.Content), "\n---\n") {
			var meta kubernetes.Object
			if err := strict.Unmarshal([]byte(document), &meta); err != nil {
				t.Fatal(err)
			}
			o := object(meta.Kind)
			if o == nil {
				continue // the namespace, which Helm makes; the kustomization
			}
			if err := strict.UnmarshalStrict([]byte(document), o); err != nil {
				t.Fatal(err)
			}
			out[meta.Kind+" "+meta.Metadata.Name] = o
		}
	}
	return out
}

// same wants the same objects, with the same pods.
func same(t *testing.T, app string, chart, base map[string]any) {
	t.Helper()
	if diff := cmp.Diff(names(base), names(chart)); diff != "" {
		t.Errorf("%s: objects of kubernetes (-) and of the chart (+):\n%s", app, diff)
	}
	for name, o := range base {
		got, want := pod(chart[name]), pod(o)
		if want == nil || got == nil || strings.HasPrefix(name, "Job ") { // the release step has neither the account nor the volumes, which come later
			continue
		}
		for _, p := range []*corev1.PodSpec{got, want} {
			sort.Slice(p.Containers[0].Env, func(i, j int) bool { return p.Containers[0].Env[i].Name < p.Containers[0].Env[j].Name })
			p.TopologySpreadConstraints = nil // its labels are the release's
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s of kubernetes (-) and of the chart (+):\n%s", app, name, diff)
		}
	}
}

func names(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func pod(o any) *corev1.PodSpec {
	switch o := o.(type) {
	case *appsv1.Deployment:
		return &o.Spec.Template.Spec
	case *batchv1.Job:
		return &o.Spec.Template.Spec
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template.Spec
	}
	return nil
}

func TestShop(t *testing.T) {
	artifacts := targettest.Generate(t, Target{}, targettest.Plan(t, "rails-shop", "helm"))
	objects := render(t, artifacts, map[string]any{
		"tag": "1.4.2", "ingress": map[string]any{"className": "nginx", "tlsSecret": ""},
		"persistence": map[string]any{"web-public-uploads": map[string]any{"storageClass": "nfs"}},
		"components":  map[string]any{"web": map[string]any{"autoscaling": nil, "replicas": 3}},
	})
	web := objects["Deployment rails-shop-web"].(*appsv1.Deployment)
	release := objects["Job rails-shop-web-release"].(*batchv1.Job)
	ingress := objects["Ingress rails-shop"].(*networkingv1.Ingress)
	claim := objects["PersistentVolumeClaim rails-shop-web-public-uploads"].(*corev1.PersistentVolumeClaim)
	for what, ok := range map[string]bool{
		"the tag":                 web.Spec.Template.Spec.Containers[0].Image == "registry.example.com/rails-shop-web:1.4.2",
		"replicas":                *web.Spec.Replicas == 3 && objects["HorizontalPodAutoscaler rails-shop-web"] == nil,
		"the release step first":  release.Annotations["helm.sh/hook"] == "pre-install,pre-upgrade" && release.Spec.Template.Spec.ServiceAccountName == "",
		"no volume before it is":  release.Spec.Template.Spec.Volumes[0].EmptyDir != nil && len(release.Spec.Template.Spec.InitContainers) == 0,
		"the class of ingress":    *ingress.Spec.IngressClassName == "nginx" && len(ingress.Spec.TLS) == 0,
		"the class of storage":    *claim.Spec.StorageClassName == "nfs" && claim.Annotations["helm.sh/resource-policy"] == "keep",
		"what pods are found by":  cmp.Equal(web.Spec.Selector.MatchLabels, map[string]string{"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "rails-shop"}),
		"the template has them":   web.Spec.Template.Labels["app.kubernetes.io/instance"] == "rails-shop",
		"the labels of the chart": web.Labels["helm.sh/chart"] == "rails-shop-0.1.0" && web.Labels["app.kubernetes.io/version"] == "1.4.2",
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	c := load(t, artifacts)
	for what, values := range map[string]map[string]any{
		"a tag that is none":    {"tag": "not a tag"},
		"a port in words":       {"components": map[string]any{"web": map[string]any{"port": "three thousand"}}},
		"an unknown accessMode": {"persistence": map[string]any{"web-public-uploads": map[string]any{"accessMode": "Any"}}},
	} {
		if _, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "x"}, chartutil.DefaultCapabilities); err == nil {
			t.Errorf("the chart's schema takes %s", what)
		}
	}
}

// TestHostile renders values that would be structure or a template, and wants them to come out as they went in.
func TestHostile(t *testing.T) {
	const hostile = "x\"' {{ .Release.Name }} ${A} # <b>| \\ - evil: y"
	p := targettest.Plan(t, "rails-shop", "helm")
	p.Components[0].Settings = append(p.Components[0].Settings, plan.Setting{Name: "HOSTILE", Value: plan.Literal(hostile)})
	p.Component("worker").Processes = []detect.Process{{Name: "worker", Command: []string{"sh", "-c", "echo {{ .Values.tag }} : - |"}}}
	objects := render(t, targettest.Generate(t, Target{}, p), nil)
	env := objects["Deployment rails-shop-web"].(*appsv1.Deployment).Spec.Template.Spec.Containers[0].Env
	if !slices.ContainsFunc(env, func(e corev1.EnvVar) bool { return e.Name == "HOSTILE" && e.Value == hostile }) {
		t.Errorf("%+v", env)
	}
	args := objects["Deployment rails-shop-worker"].(*appsv1.Deployment).Spec.Template.Spec.Containers[0].Args
	if fmt.Sprint(args) != "[sh -c echo {{ .Values.tag }} : - |]" {
		t.Errorf("%q", args)
	}
}

const (
	goodChart  = "apiVersion: v2\nname: shop\nversion: 0.1.0\n"
	goodValues = `registry: registry.example.com
tag: RELEASE
secret: shop
ingress: {enabled: true, hosts: [{host: shop.example.com, component: web}]}
persistence: {uploads: {accessMode: ReadWriteMany, size: 10Gi}}
components:
  web:
    image: shop-web
    port: 3000
    env: {A: b}
    secretEnv: {S: S}
    resources: {requests: {cpu: 250m}}
    autoscaling: {minReplicas: 2, maxReplicas: 6, targetCPUUtilization: 70}
    podSecurityContext: {runAsNonRoot: true}
    volumes: [{name: uploads, path: /app/uploads, claim: uploads}]
    schedules: {nightly: {cron: 0 3 * * 0, args: [x]}}
`
	goodTemplate = "{{ range .Values.components }}{{ include \"x\" . }}{{ end }}\n"
)

func TestRules(t *testing.T) {
	check := func(description, values, template string) []generate.Problem {
		return Target{}.Check([]generate.Artifact{
			{Path: Dir + "/shop/Chart.yaml", Content: []byte(description)}, {Path: Dir + "/shop/values.yaml", Content: []byte(values)},
			{Path: Dir + "/shop/templates/x.yaml", Content: []byte(template)}, {Path: "Dockerfile"},
		})
	}
	if p := check(goodChart, goodValues, goodTemplate); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	samples := map[string][2]string{
		"syntax":            {"registry: registry", "registry: [registry"},
		"template":          {"{{ end }}", ""},
		"chart-api":         {"v2", "v1"},
		"chart-name":        {"name: shop\n", "name: My Shop\n"},
		"chart-version":     {"0.1.0", "1"},
		"registry":          {"registry: registry", "registry: https://registry"},
		"tag":               {"tag: RELEASE", "tag: a tag"},
		"tag-latest":        {"tag: RELEASE", "tag: latest"},
		"secret-reference":  {"secret: shop", `secret: ""`},
		"ingress-component": {"component: web", "component: api"},
		"access-mode":       {"ReadWriteMany", "Any"},
		"volume-size":       {"10Gi", "ten"},
		"claim":             {"claim: uploads", "claim: media"},
		"image":             {"image: shop-web", `image: ""`},
		"port":              {"port: 3000", "port: 70000"},
		"autoscaling":       {"maxReplicas: 6", "maxReplicas: 1"},
		"resources":         {"250m", "half"},
		"schedule":          {"0 3 * * 0", "0 3 * * 7"},
		"secret-in-file":    {"{A: b}", "{DB_PASSWORD: b}"},
		"set-twice":         {"{A: b}", "{S: b}"},
		"run-as-root":       {"runAsNonRoot: true", "runAsNonRoot: false"},
	}
	for _, r := range chartRules {
		if _, ok := samples[r.id]; !ok {
			t.Errorf("no bad sample for %s", r.id)
		}
	}
	for _, r := range valueRules {
		if _, ok := samples[r.id]; !ok {
			t.Errorf("no bad sample for %s", r.id)
		}
	}
	for id, change := range samples {
		bad := func(s string) string { return strings.Replace(s, change[0], change[1], 1) }
		d, v, x := bad(goodChart), bad(goodValues), bad(goodTemplate)
		if d == goodChart && v == goodValues && x == goodTemplate {
			t.Errorf("%s: the sample changes nothing", id)
		}
		if p := check(d, v, x); !slices.ContainsFunc(p, func(p generate.Problem) bool { return p.Rule == id && p.Error == (id != "tag-latest") }) {
			t.Errorf("%s: %+v", id, p)
		}
	}
}
