package openshift

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	buildv1 "github.com/openshift/api/build/v1"
	imagev1 "github.com/openshift/api/image/v1"
	routev1 "github.com/openshift/api/route/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
	"github.com/drydock-cli/drydock/generate/targettest"
)

// TestConformance joins every fixture's manifests with Kustomize and reads them as the API server does.
func TestConformance(t *testing.T) {
	for app, artifacts := range targettest.Run(t, Target{}) {
		for name, o := range build(t, artifacts) {
			if pod := podOf(o); pod != nil && (pod.SecurityContext.RunAsUser != nil || pod.SecurityContext.FSGroup != nil || !*pod.SecurityContext.RunAsNonRoot) {
				t.Errorf("%s: %s names a user", app, name)
			}
		}
	}
	ear := build(t, targettest.Generate(t, Target{}, targettest.Plan(t, "java-payroll-ear", "openshift")))
	if len(ear) < 6 {
		t.Errorf("%d objects for an application server", len(ear))
	}
}

// build is what oc apply -k . would send, by kind and name, each read strictly.
func build(t testing.TB, artifacts []generate.Artifact) map[string]any {
	t.Helper()
	disk := filesys.MakeFsInMemory()
	for _, a := range artifacts {
		if err := disk.WriteFile(a.Path, a.Content); err != nil {
			t.Fatal(err)
		}
	}
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, Dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for _, r := range objects.Resources() {
		content, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		o := typed(r.GetGvk().ApiVersion(), r.GetKind())
		if o == nil {
			t.Fatalf("no type for %s %s", r.GetGvk().ApiVersion(), r.GetKind())
		}
		if err := yaml.UnmarshalStrict(content, o); err != nil {
			t.Errorf("%v\n%s", err, content)
		}
		out[r.GetKind()+" "+r.GetName()] = o
	}
	return out
}

func typed(version, kind string) any {
	switch version + " " + kind {
	case "route.openshift.io/v1 Route":
		return &routev1.Route{}
	case "build.openshift.io/v1 BuildConfig":
		return &buildv1.BuildConfig{}
	case "image.openshift.io/v1 ImageStream":
		return &imagev1.ImageStream{}
	case "apps/v1 Deployment":
		return &appsv1.Deployment{}
	case "batch/v1 Job":
		return &batchv1.Job{}
	case "batch/v1 CronJob":
		return &batchv1.CronJob{}
	case "v1 Service":
		return &corev1.Service{}
	case "v1 ServiceAccount":
		return &corev1.ServiceAccount{}
	case "v1 PersistentVolumeClaim":
		return &corev1.PersistentVolumeClaim{}
	case "networking.k8s.io/v1 NetworkPolicy":
		return &networkingv1.NetworkPolicy{}
	case "policy/v1 PodDisruptionBudget":
		return &policyv1.PodDisruptionBudget{}
	case "autoscaling/v2 HorizontalPodAutoscaler":
		return &autoscalingv2.HorizontalPodAutoscaler{}
	}
	return nil
}

func podOf(o any) *corev1.PodSpec {
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
	artifacts := targettest.Generate(t, Target{}, targettest.Plan(t, "rails-shop", "openshift"))
	all := build(t, artifacts)
	web := all["Deployment rails-shop-web"].(*appsv1.Deployment)
	route := all["Route rails-shop-web"].(*routev1.Route)
	config := all["BuildConfig rails-shop-web"].(*buildv1.BuildConfig)
	images := all["ImageStream rails-shop-web"].(*imagev1.ImageStream)
	for what, ok := range map[string]bool{
		"the image of the stream": web.Spec.Template.Spec.Containers[0].Image == "rails-shop-web:RELEASE" && images.Spec.LookupPolicy.Local,
		"the build":               config.Spec.Strategy.DockerStrategy.DockerfilePath == "Dockerfile" && config.Spec.Source.Git.URI == "https://git.example.com/legacy/rails-shop",
		"its output":              config.Spec.Output.To.Name == "rails-shop-web:RELEASE",
		"the route":               route.Spec.To.Name == "rails-shop-web" && route.Spec.TLS.Termination == routev1.TLSTerminationEdge && route.Spec.Host == "",
		"no ingress":              all["Ingress rails-shop"] == nil,
		"no sources of a user":    repository("https://me:token@git.example.com/a?x=y#z") == "https://git.example.com/a" && repository("/src/shop") == "" && repository("git@host:a") == "",
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	readme := string(artifacts[len(artifacts)-1].Content)
	for _, want := range []string{"oc --namespace rails-shop start-build rails-shop-web --from-dir ../.. --follow", "create secret generic rails-shop", "apply -k ."} {
		if !strings.Contains(readme, want) {
			t.Errorf("no %q in\n%s", want, readme)
		}
	}
	local := targettest.Plan(t, "rails-shop", "openshift")
	local.Location = "/home/me/shop"
	if config := build(t, targettest.Generate(t, Target{}, local))["BuildConfig rails-shop-web"].(*buildv1.BuildConfig); config.Spec.Source.Type != buildv1.BuildSourceBinary {
		t.Errorf("%+v", config.Spec.Source)
	}
}

const good = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop-web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: web
          image: shop-web:1
          ports: [{name: http, containerPort: 3000}]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
apiVersion: v1
kind: Service
metadata: {name: shop-web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: shop-web}
spec: {to: {kind: Service, name: shop-web}, tls: {termination: edge, insecureEdgeTerminationPolicy: Redirect}}
---
apiVersion: image.openshift.io/v1
kind: ImageStream
metadata: {name: shop-web}
---
apiVersion: build.openshift.io/v1
kind: BuildConfig
metadata: {name: shop-web}
spec:
  source: {type: Git, git: {uri: https://git.example.com/shop}}
  strategy: {type: Docker, dockerStrategy: {dockerfilePath: Dockerfile}}
  output: {to: {kind: ImageStreamTag, name: shop-web:1}}
`

func TestRules(t *testing.T) {
	check := func(content string) []generate.Problem {
		return Target{}.Check([]generate.Artifact{{Path: path.Join(Dir, "web.yaml"), Content: []byte(content)}, {Path: kubernetes.Base + "/x.yaml", Content: []byte("a: [")}})
	}
	if p := check(good); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	samples := map[string][2]string{
		"fixed-user":        {"runAsNonRoot: true", "runAsNonRoot: true, runAsUser: 10001"},
		"low-port":          {"containerPort: 3000", "containerPort: 80"},
		"deployment-config": {"apiVersion: apps/v1\nkind: Deployment", "apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig"},
		"openshift-version": {"route.openshift.io/v1", "v1"},
		"route-target":      {"kind: Service, name: shop-web", "kind: service, name: shop-web"},
		"route-termination": {"termination: edge", "termination: Edge"},
		"build-strategy":    {"dockerStrategy", "sourceStrategy"},
		"build-source":      {"git: {uri: https://git.example.com/shop}", "git: {}"},
		"build-output":      {"name: shop-web:1}", "name: shop-web}"},
		"privileges":        {"allowPrivilegeEscalation: false, ", ""}, // of Kubernetes
		"syntax":            {"kind: Route", "kind: [Route"},
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
		if p := check(bad); !slices.ContainsFunc(p, func(p generate.Problem) bool { return p.Rule == id && p.Error }) {
			t.Errorf("%s: %s", id, fmt.Sprint(p))
		}
	}
}
