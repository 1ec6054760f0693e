package kubernetes

import (
	"bytes"
	"fmt"
	"path"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/plan"
)

// overlay is what a kind of cluster has of its own.
type overlay struct {
	name, title string
	registry    string // where images are pushed there
	// storageClass is for volumes that several machines mount, with the least size that it gives; empty: the cluster's default.
	storageClass, storage string
	// ingress changes the Ingress; objects are added beside it.
	ingress func(b Pods, hosts []Host) any
	objects func(b Pods, hosts []Host) []any
	// service changes each Service that the Ingress sends requests to.
	service func(b Pods, h Host) any
	note    string // for the README
}

// overlays are the kinds of clusters. Sources: the providers' pages on Ingress, storage classes and registries, read 2026-11.
func overlayList() []overlay {
	return []overlay{
		{
			name: "gke", title: "Google Kubernetes Engine", registry: "us-docker.pkg.dev/your-project/your-repository",
			storageClass: "standard-rwx", storage: "1Ti", ingress: gkeIngress, objects: gkeObjects, service: gkeService,
			note: "push to Artifact Registry; Filestore's class standard-rwx gives 1 TiB at least, and wants the Filestore CSI driver; the managed certificate is ready when the domain points at the address of the Ingress",
		},
		{
			name: "aks", title: "Azure Kubernetes Service", registry: "yourregistry.azurecr.io", storageClass: "azurefile-csi", ingress: aksIngress,
			note: "attach the registry by `az aks update --attach-acr`; the Ingress is for Application Gateway for Containers, whose ApplicationLoadBalancer alb in the namespace alb is yours to make; azurefile-csi mounts as the user that mountOptions name, so a class of your own with uid=10001 is wanted where the application changes owners of files",
		},
		{
			name: "eks", title: "Amazon Elastic Kubernetes Service", registry: "123456789012.dkr.ecr.us-east-1.amazonaws.com", storageClass: "efs-sc", ingress: eksIngress, service: eksService,
			note: "the AWS Load Balancer Controller and, for scaling, the Metrics Server add-on are needed; efs-sc is the class of the EFS CSI driver that you make for your file system, with access points for user 10001; replace the certificate's ARN by yours",
		},
		{
			name: "rancher", title: "Rancher (RKE2, K3s)", registry: generate.PushRegistry, storageClass: "longhorn", ingress: rancherIngress,
			note: "K3s and newer RKE2 bring Traefik, older RKE2 ingress-nginx: `kubectl get ingressclass` says which class stands for it; longhorn serves volumes to several machines",
		},
	}
}

// partial is an object of which only some fields are given, to be merged into the base's.
type partial struct {
	APIVersion string         `yaml:"apiVersion"`
	Kind       string         `yaml:"kind"`
	Metadata   Metadata       `yaml:"metadata"`
	Spec       map[string]any `yaml:"spec,omitempty"`
}

func (b *base) overlays() ([]generate.Artifact, error) {
	var out []generate.Artifact
	for _, o := range overlayList() {
		files, err := b.overlay(o)
		if err != nil {
			return nil, fmt.Errorf("overlay %s: %w", o.name, err)
		}
		out = append(out, files...)
	}
	return out, nil
}

// overlay writes the kustomization of a kind of cluster, and the objects that are its own.
func (b *base) overlay(o overlay) ([]generate.Artifact, error) {
	dir := path.Join(Dir, "overlays", o.name)
	k := Kustomization{APIVersion: "kustomize.config.k8s.io/v1beta1", Kind: "Kustomization", Resources: []string{"../../base"}}
	why := generate.Reasons{}
	why.Add(generate.Origin{Why: "the base's names of images become those of your registry; the tag is the version that was pushed"}, "images")
	for _, g := range b.Plan.ImageGroups() {
		image := Image{Name: generate.PushRegistry + "/" + g.Name, NewTag: generate.Release}
		if o.registry != generate.PushRegistry {
			image.NewName = o.registry + "/" + g.Name
		}
		k.Images = append(k.Images, image)
	}
	patch := func(target PatchTarget, change any, reason string) error {
		text, err := encode(change)
		if err != nil {
			return err
		}
		why.Add(generate.Origin{Why: reason}, "patches", fmt.Sprint(len(k.Patches)))
		k.Patches = append(k.Patches, Patch{target, text})
		return nil
	}
	var files []generate.Artifact
	if hosts := Hosts(b.Plan); len(hosts) > 0 {
		if err := patch(PatchTarget{"Ingress", Name(63, b.Plan.Name)}, o.ingress(b.Pods, hosts), "how "+o.title+" brings requests into the cluster"); err != nil {
			return nil, err
		}
		for _, h := range hosts {
			if o.service == nil {
				continue
			}
			if err := patch(PatchTarget{"Service", Name(63, b.Plan.Name, h.Name)}, o.service(b.Pods, h), "how the load balancer of "+o.title+" reaches the pods"); err != nil {
				return nil, err
			}
		}
		if o.objects != nil {
			file, err := generate.YAML(path.Join(dir, "ingress.yaml"), nil, o.objects(b.Pods, hosts)...)
			if err != nil {
				return nil, err
			}
			k.Resources = append(k.Resources, "ingress.yaml")
			files = append(files, file)
		}
	}
	for _, x := range b.Claims() {
		if x.Mode != manyWriters {
			continue // the cluster's default class serves it
		}
		if err := patch(PatchTarget{"PersistentVolumeClaim", x.Name}, claimPatch(o, x), "a class of "+o.title+" that several machines mount"); err != nil {
			return nil, err
		}
	}
	file, err := generate.YAML(path.Join(dir, "kustomization.yaml"), why, k)
	return append([]generate.Artifact{file}, files...), err
}

// encode writes a patch.
func encode(v any) (string, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return b.String(), e.Close()
}

func claimPatch(o overlay, x ClaimOf) partial {
	spec := map[string]any{"storageClassName": o.storageClass}
	if o.storage != "" {
		spec["resources"] = map[string]any{"requests": map[string]any{"storage": o.storage}}
	}
	return partial{"v1", "PersistentVolumeClaim", Metadata{Name: x.Name}, spec}
}

// ingressPatch changes the class and the annotations of the Ingress.
func ingressPatch(b Pods, class string, annotations map[string]string, keepTLS bool) partial {
	spec := map[string]any{}
	if class != "" {
		spec["ingressClassName"] = class
	}
	if !keepTLS {
		spec["tls"] = nil // the cloud's load balancer holds the certificate
	}
	return partial{"networking.k8s.io/v1", "Ingress", Metadata{Name: Name(63, b.Plan.Name), Annotations: annotations}, spec}
}

// gkeIngress: GKE's own controller looks at the annotation, not at spec.ingressClassName.
// Source: cloud.google.com/kubernetes-engine/docs/concepts/ingress, managed-certs.
func gkeIngress(b Pods, _ []Host) any {
	return ingressPatch(b, "", map[string]string{
		"kubernetes.io/ingress.class":              "gce",
		"networking.gke.io/managed-certificates":   Name(63, b.Plan.Name),
		"networking.gke.io/v1beta1.FrontendConfig": Name(63, b.Plan.Name),
		"kubernetes.io/ingress.allow-http":         "true",
	}, false)
}

func gkeService(b Pods, h Host) any {
	return partial{"v1", "Service", Metadata{Name: Name(63, b.Plan.Name, h.Name), Annotations: map[string]string{
		"cloud.google.com/neg":            `{"ingress": true}`,
		"cloud.google.com/backend-config": `{"default": "` + Name(63, b.Plan.Name, h.Name) + `"}`,
	}}, nil}
}

// gkeObjects are the certificate, the redirect to HTTPS and how the load balancer asks each component for its health.
func gkeObjects(b Pods, hosts []Host) []any {
	var domains []string
	for _, h := range hosts {
		domains = append(domains, h.Host)
	}
	labels := b.LabelsOf(b.Plan.Name, "ingress")
	name := Name(63, b.Plan.Name)
	out := []any{
		Object{APIVersion: "networking.gke.io/v1", Kind: "ManagedCertificate", Metadata: Metadata{Name: name, Labels: labels}, Spec: map[string]any{"domains": domains}},
		Object{APIVersion: "networking.gke.io/v1beta1", Kind: "FrontendConfig", Metadata: Metadata{Name: name, Labels: labels}, Spec: map[string]any{"redirectToHttps": map[string]any{"enabled": true}}},
	}
	for _, h := range hosts {
		out = append(out, Object{APIVersion: "cloud.google.com/v1", Kind: "BackendConfig", Metadata: Metadata{Name: Name(63, b.Plan.Name, h.Name), Labels: labels}, Spec: map[string]any{
			"healthCheck":        map[string]any{"type": "HTTP", "requestPath": healthPath(h.Component), "port": h.Port.V},
			"connectionDraining": map[string]any{"drainingTimeoutSec": 30},
		}})
	}
	return out
}

// healthPath is the path that a load balancer asks: it must answer with 200.
func healthPath(c *plan.Component) string {
	if AsksPath(c) {
		return c.HealthPath.V
	}
	return "/"
}

// aksIngress is for Application Gateway for Containers. Source: learn.microsoft.com/azure/application-gateway/for-containers.
func aksIngress(b Pods, _ []Host) any {
	return ingressPatch(b, "azure-alb-external", map[string]string{"alb.networking.azure.io/alb-name": "alb", "alb.networking.azure.io/alb-namespace": "alb"}, true)
}

// eksIngress is for the AWS Load Balancer Controller. Source: kubernetes-sigs.github.io/aws-load-balancer-controller, Ingress annotations.
func eksIngress(b Pods, _ []Host) any {
	return ingressPatch(b, "alb", map[string]string{
		"alb.ingress.kubernetes.io/scheme":          "internet-facing",
		"alb.ingress.kubernetes.io/target-type":     "ip",
		"alb.ingress.kubernetes.io/listen-ports":    `[{"HTTP": 80}, {"HTTPS": 443}]`,
		"alb.ingress.kubernetes.io/ssl-redirect":    "443",
		"alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
	}, false)
}

func eksService(b Pods, h Host) any {
	return partial{"v1", "Service", Metadata{Name: Name(63, b.Plan.Name, h.Name), Annotations: map[string]string{
		"alb.ingress.kubernetes.io/healthcheck-path": healthPath(h.Component),
		"alb.ingress.kubernetes.io/success-codes":    "200-399",
	}}, nil}
}

func rancherIngress(b Pods, _ []Host) any {
	return ingressPatch(b, "traefik", nil, true)
}
