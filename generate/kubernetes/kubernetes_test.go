package kubernetes

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	strict "sigs.k8s.io/yaml"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/targettest"
	"github.com/drydock-cli/drydock/plan"
)

// TestConformance hands what every fixture gets to Kustomize, to the API's own types and to the schemas of a cluster.
func TestConformance(t *testing.T) {
	built := map[string][]byte{}
	for app, artifacts := range targettest.Run(t, Target{}) {
		for _, o := range overlayList() {
			built[app+"-"+o.name] = build(t, artifacts, path.Join(Dir, "overlays", o.name))
		}
		built[app] = build(t, artifacts, Base)
	}
	built["windows"] = build(t, targettest.Generate(t, Target{}, targettest.Plan(t, "dotnet-bookings-mvc", "kubernetes")), Base)
	built["sqlite"] = build(t, targettest.Generate(t, Target{}, sqlite(t)), Base)
	for name, content := range built {
		for _, document := range documents(content) {
			if err := decode(document); err != nil {
				t.Errorf("%s: %v\n%s", name, err, document)
			}
		}
	}
	if bytes.Contains(built["rails-shop-eks"], []byte(generate.PushRegistry)) || !bytes.Contains(built["rails-shop-gke"], []byte("storage: 1Ti")) {
		t.Error("an overlay changes no image or no volume")
	}
	for app := range built {
		if at := strings.LastIndex(app, "-"); !strings.HasPrefix(app, "rails-shop") && slices.ContainsFunc(overlayList(), func(o overlay) bool { return o.name == app[at+1:] }) {
			delete(built, app) // differs from its base by names alone
		}
	}
	validate(t, built)
}

// build is what kubectl apply -k would send.
func build(t testing.TB, artifacts []generate.Artifact, dir string) []byte {
	t.Helper()
	disk := filesys.MakeFsInMemory()
	for _, a := range artifacts {
		if err := disk.WriteFile(a.Path, a.Content); err != nil {
			t.Fatal(err)
		}
	}
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, dir)
	if err != nil {
		t.Fatal(err)
	}
	content, err := objects.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func documents(content []byte) []string {
	return strings.Split(strings.TrimPrefix(string(content), "---\n"), "\n---\n")
}

// decode reads an object as the API server does: no key that its type lacks, no value of another type. GKE's own kinds have no types here.
func decode(document string) error {
	var o Object
	if err := yaml.Unmarshal([]byte(document), &o); err != nil {
		return err
	}
	var into any
	switch o.APIVersion + " " + o.Kind {
	case "apps/v1 Deployment":
		into = &appsv1.Deployment{}
	case "batch/v1 Job":
		into = &batchv1.Job{}
	case "batch/v1 CronJob":
		into = &batchv1.CronJob{}
	case "v1 Service":
		into = &corev1.Service{}
	case "v1 ServiceAccount":
		into = &corev1.ServiceAccount{}
	case "v1 Namespace":
		into = &corev1.Namespace{}
	case "v1 PersistentVolumeClaim":
		into = &corev1.PersistentVolumeClaim{}
	case "networking.k8s.io/v1 NetworkPolicy":
		into = &networkingv1.NetworkPolicy{}
	case "networking.k8s.io/v1 Ingress":
		into = &networkingv1.Ingress{}
	case "policy/v1 PodDisruptionBudget":
		into = &policyv1.PodDisruptionBudget{}
	case "autoscaling/v2 HorizontalPodAutoscaler":
		into = &autoscalingv2.HorizontalPodAutoscaler{}
	case "networking.gke.io/v1 ManagedCertificate", "networking.gke.io/v1beta1 FrontendConfig", "cloud.google.com/v1 BackendConfig":
		return nil
	default:
		return fmt.Errorf("no type for %s %s", o.APIVersion, o.Kind)
	}
	return strict.UnmarshalStrict([]byte(document), into)
}

// validate hands the objects to the schemas of a cluster, all at once: the schemas take a moment to read.
func validate(t *testing.T, built map[string][]byte) {
	t.Helper()
	python := os.Getenv("DRYDOCK_PYTHON")
	if python == "" {
		const how = `DRYDOCK_PYTHON is not set: run the tests with DRYDOCK_PYTHON="$(hack/python)", as make test does`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	dir := t.TempDir()
	var all bytes.Buffer
	seen := map[string]bool{}
	for _, content := range built {
		for _, document := range documents(content) {
			if !seen[document] && !strings.Contains(document, "networking.gke.io") && !strings.Contains(document, "cloud.google.com/v1") {
				all.WriteString("---\n" + document + "\n")
				seen[document] = true
			}
		}
	}
	check := func(name string, content []byte) (string, error) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(filepath.Join(filepath.Dir(python), "kubernetes-validate"), "--strict", file).CombinedOutput()
		return string(out), err
	}
	if out, err := check("all.yaml", all.Bytes()); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := check("bad.yaml", []byte("apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n  port: 80\n")); err == nil {
		t.Errorf("an unknown key is taken:\n%s", out)
	}
}

// sqlite is an application that keeps its database in a file.
func sqlite(t testing.TB) *plan.Plan {
	p := targettest.Plan(t, "python-helpdesk", "kubernetes")
	web := &p.Components[0]
	web.Services = []detect.Service{{Kind: "sqlite"}}
	return p
}

// object finds an object among those that Kustomize makes.
func find(t testing.TB, content []byte, kind, name string, into any) {
	t.Helper()
	for _, d := range documents(content) {
		var o Object
		if err := yaml.Unmarshal([]byte(d), &o); err != nil {
			t.Fatal(err)
		}
		if o.Kind == kind && o.Metadata.Name == name {
			if err := strict.UnmarshalStrict([]byte(d), into); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("no %s %s in\n%s", kind, name, content)
}

func TestShop(t *testing.T) {
	p := targettest.Plan(t, "rails-shop", "kubernetes")
	for k, v := range map[string]string{"components.web.cpu": "300", "components.web.memory": "700", "components.web.readOnly": "true"} {
		if err := p.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	content := build(t, targettest.Generate(t, Target{}, p), Base)
	var web, worker appsv1.Deployment
	var release batchv1.Job
	var cleanup batchv1.CronJob
	var uploads corev1.PersistentVolumeClaim
	find(t, content, "Deployment", "rails-shop-web", &web)
	find(t, content, "Deployment", "rails-shop-worker", &worker)
	find(t, content, "Job", "rails-shop-web-release", &release)
	find(t, content, "CronJob", "rails-shop-web-orders-cleanup", &cleanup)
	find(t, content, "PersistentVolumeClaim", "rails-shop-web-public-uploads", &uploads)
	pod, c, w := web.Spec.Template.Spec, web.Spec.Template.Spec.Containers[0], worker.Spec.Template.Spec.Containers[0]
	mounts := func() (out []string) {
		for _, m := range c.VolumeMounts {
			out = append(out, m.MountPath)
		}
		return out
	}
	secret := func(c corev1.Container, name string) string {
		for _, e := range c.Env {
			if e.Name == name && e.ValueFrom != nil {
				return e.ValueFrom.SecretKeyRef.Name + "/" + e.ValueFrom.SecretKeyRef.Key
			}
		}
		return ""
	}
	for what, ok := range map[string]bool{
		"a share of a core":              c.Resources.Requests.Cpu().MilliValue() == 293,
		"memory":                         c.Resources.Limits.Memory().Value() == 700<<20 && c.Resources.Requests.Memory().Value() == 700<<20,
		"no replicas beside a scaler":    web.Spec.Replicas == nil && *worker.Spec.Replicas == 1,
		"never two workers":              worker.Spec.Strategy.Type == "Recreate",
		"the image's own command":        c.Args == nil && c.Command == nil,
		"the worker's command":           slices.Equal(w.Args, []string{"bundle", "exec", "sidekiq", "-C", "config/sidekiq.yml"}),
		"a secret by reference":          secret(c, "SECRET_KEY_BASE") == "rails-shop/SECRET_KEY_BASE",
		"an address by reference":        secret(w, "DATABASE_URL") == "rails-shop/DATABASE_URL",
		"readiness asks the path":        c.ReadinessProbe.HTTPGet.Path == "/" && c.StartupProbe.HTTPGet != nil,
		"liveness asks no database":      c.LivenessProbe.HTTPGet == nil && c.LivenessProbe.TCPSocket != nil,
		"no probe of a worker":           w.ReadinessProbe == nil && len(w.Ports) == 0,
		"a read-only root":               *c.SecurityContext.ReadOnlyRootFilesystem && slices.Contains(mounts(), "/tmp") && slices.Contains(mounts(), "/app/log"),
		"uploads":                        slices.Contains(mounts(), "/app/public/uploads") && uploads.Spec.AccessModes[0] == corev1.ReadWriteMany,
		"the volume begins as the image": strings.Contains(pod.InitContainers[0].Command[2], "cp -R /app/public/uploads/. /seed/0/"),
		"the user of the image":          *pod.SecurityContext.RunAsUser == 10001 && *pod.SecurityContext.FSGroup == 10001,
		"the release step":               slices.Equal(release.Spec.Template.Spec.Containers[0].Args, []string{"bundle", "exec", "rails", "db:migrate"}),
		"the schedule":                   cleanup.Spec.Schedule == "15 4 * * *" && slices.Equal(cleanup.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args, []string{"bundle", "exec", "rake", "orders:cleanup"}),
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	if bytes.Contains(content, []byte("POSTGRES_PASSWORD")) || bytes.Contains(content, []byte("@db:5432")) {
		t.Error("a secret's reference or the address of a local service is written down")
	}
}

func TestOneWriter(t *testing.T) {
	content := build(t, targettest.Generate(t, Target{}, sqlite(t)), Base)
	var web appsv1.Deployment
	find(t, content, "Deployment", "python-helpdesk-web", &web)
	if *web.Spec.Replicas != 1 || web.Spec.Strategy.Type != "Recreate" || bytes.Contains(content, []byte("kind: HorizontalPodAutoscaler")) {
		t.Errorf("%+v", web.Spec)
	}
}

func TestGrammars(t *testing.T) {
	long := strings.Repeat("a-long-name-", 8)
	for got, want := range map[string]string{
		CPU(1024): "1000m", CPU(256): "250m", CPU(1): "1m", CPU(300): "293m", Memory(512): "512Mi",
		Name(63, "shop", "web"): "shop-web", Name(63, "3scale"): "app-3scale", Name(63, ""): "app",
		Cron("0 3 * * 7"): "0 3 * * 0", Cron("0 3 * * 1-7"): "0 3 * * 1-6,0", Cron("0 3 * * 1,7"): "0 3 * * 1,0", Cron("0 3 * * 1-7/2"): "0 3 * * 1,3,5,0",
		Cron("*/5 * * * mon-fri"): "*/5 * * * mon-fri",
		Literal("$HOME"):          "$HOME", Literal("$(id)"): "$$(id)", Literal("a$$b"): "a$$$$b",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if !strings.HasPrefix(Name(52, long), "a-long-name-") || len(Name(52, long)) > 52 || Name(52, long) == Name(52, long+"b") {
		t.Error("names that are cut are told apart by their end")
	}
}

func TestReadme(t *testing.T) {
	artifacts := targettest.Generate(t, Target{}, targettest.Plan(t, "rails-shop", "kubernetes"))
	readme := string(artifacts[len(artifacts)-1].Content)
	for _, want := range []string{
		"docker build --platform linux/amd64 -f ../../Dockerfile", "create secret generic rails-shop --from-env-file secrets.env", "`SECRET_KEY_BASE`", "CloudNativePG",
		"delete job --ignore-not-found rails-shop-web-release", "apply -k overlays/gke", "ReadWriteMany",
	} {
		if !strings.Contains(readme, want) {
			t.Errorf("no %q in\n%s", want, readme)
		}
	}
}
