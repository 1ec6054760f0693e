// Package openshift makes manifests for OpenShift: the objects of Kubernetes under the restricted profile, whose users the cluster chooses, with
// Routes, and with the builds and image streams that make the images in the cluster.
package openshift

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/kubernetes"
	"github.com/drydock-cli/drydock/plan"
)

// Dir is where the files go, relative to the output.
const Dir = "deploy/openshift"

// Target makes manifests.
type Target struct{}

// Name is "openshift".
func (Target) Name() string { return "openshift" }

// Kind groups the target in lists.
func (Target) Kind() generate.Kind { return generate.Cluster }

// Describe says what the target is for.
func (Target) Describe() string {
	return "OpenShift: manifests for the restricted profile, with Routes, builds and image streams"
}

// Generate makes the manifests, a kustomization that joins them, and a README with the commands around them.
func (Target) Generate(_ context.Context, p *plan.Plan) ([]generate.Artifact, error) {
	deployed := generate.Deployables(p)
	if len(deployed) == 0 {
		return nil, nil
	}
	m := maker{Pods: kubernetes.Pods{Plan: p, ArbitraryUser: true, Image: streamImage}}
	if err := m.add("images.yaml", m.images()...); err != nil {
		return nil, err
	}
	if err := m.add("shared.yaml", m.SharedObjects()...); err != nil {
		return nil, err
	}
	for _, d := range deployed {
		if err := m.add(d.Name+".yaml", m.Objects(d)...); err != nil {
			return nil, fmt.Errorf("component %s: %w", d.Name, err)
		}
		if command := d.Process("release"); command != nil {
			if err := m.add(d.Name+"-release.yaml", m.Release(d, command)); err != nil {
				return nil, fmt.Errorf("component %s: %w", d.Name, err)
			}
		}
	}
	if err := m.add("routes.yaml", m.routes()...); err != nil {
		return nil, err
	}
	if err := m.kustomization(); err != nil {
		return nil, err
	}
	return append(m.files, m.readme()), nil
}

// maker is the set of manifests in the making.
type maker struct {
	kubernetes.Pods
	files []generate.Artifact
}

// streamImage names an image by its stream, which the namespace looks up by itself.
func streamImage(g plan.ImageGroup) string { return stream(g) + ":" + generate.Release }

func stream(g plan.ImageGroup) string { return kubernetes.Name(63, g.Name) }

// add writes objects as one file; nothing without objects.
func (m *maker) add(name string, documents ...kubernetes.Document) error {
	if len(documents) == 0 {
		return nil
	}
	file, err := kubernetes.File(path.Join(Dir, name), documents...)
	if err != nil {
		return err
	}
	m.files = append(m.files, file)
	return nil
}

// StreamSpec is the spec of an ImageStream (image.openshift.io/v1).
type StreamSpec struct {
	LookupPolicy Lookup `yaml:"lookupPolicy"`
}

// Lookup says whether pods of the namespace find the stream by its name alone.
type Lookup struct {
	Local bool `yaml:"local"`
}

// BuildSpec is the spec of a BuildConfig (build.openshift.io/v1).
type BuildSpec struct {
	RunPolicy                    string               `yaml:"runPolicy"`
	SuccessfulBuildsHistoryLimit int                  `yaml:"successfulBuildsHistoryLimit"`
	FailedBuildsHistoryLimit     int                  `yaml:"failedBuildsHistoryLimit"`
	Source                       Source               `yaml:"source"`
	Strategy                     Strategy             `yaml:"strategy"`
	Output                       Output               `yaml:"output"`
	Resources                    kubernetes.Resources `yaml:"resources"`
}

// Source is where a build's files come from.
type Source struct {
	Type       string    `yaml:"type"`
	Git        *Git      `yaml:"git,omitempty"`
	Binary     *struct{} `yaml:"binary,omitempty"`
	ContextDir string    `yaml:"contextDir,omitempty"`
}

// Git is a repository.
type Git struct {
	URI string `yaml:"uri"`
}

// Strategy is how a build is done.
type Strategy struct {
	Type           string          `yaml:"type"`
	DockerStrategy *DockerStrategy `yaml:"dockerStrategy"`
}

// DockerStrategy builds by a Dockerfile, whose path is relative to the context.
type DockerStrategy struct {
	DockerfilePath string `yaml:"dockerfilePath"`
}

// Output is where the image goes.
type Output struct {
	To Reference `yaml:"to"`
}

// Reference names an object.
type Reference struct {
	Kind   string `yaml:"kind"`
	Name   string `yaml:"name"`
	Weight int    `yaml:"weight,omitempty"` // of a Route's Service
}

// RouteSpec is the spec of a Route (route.openshift.io/v1).
type RouteSpec struct {
	Host string    `yaml:"host,omitempty"`
	To   Reference `yaml:"to"`
	Port RoutePort `yaml:"port"`
	TLS  *RouteTLS `yaml:"tls,omitempty"`
}

// RoutePort names the Service's port.
type RoutePort struct {
	TargetPort string `yaml:"targetPort"`
}

// RouteTLS is where HTTPS ends, and what becomes of plain HTTP.
type RouteTLS struct {
	Termination                   string `yaml:"termination"`
	InsecureEdgeTerminationPolicy string `yaml:"insecureEdgeTerminationPolicy,omitempty"`
}

// images are the stream and the build of each image.
func (m *maker) images() []kubernetes.Document {
	var out []kubernetes.Document
	for _, g := range m.Plan.ImageGroups() {
		labels := m.LabelsOf(g.Components[0].Name, "image")
		lookup, build := generate.Reasons{}, generate.Reasons{}
		lookup.Add(generate.Origin{Why: "pods of the namespace name the image by the stream: " + streamImage(g)}, "spec", "lookupPolicy")
		build.Add(generate.Origin{Why: "the image " + g.Name + " is built from " + g.Dockerfile + " with " + g.Root + " as its context"}, "spec", "strategy")
		build.Add(generate.Origin{Why: "the repository as it was read; oc start-build --from-dir sends a directory instead"}, "spec", "source")
		build.Add(generate.Origin{Why: "the tag that the pods name: the version"}, "spec", "output")
		out = append(out,
			kubernetes.Document{Object: kubernetes.Object{APIVersion: "image.openshift.io/v1", Kind: "ImageStream", Metadata: kubernetes.Metadata{Name: stream(g), Labels: labels}, Spec: StreamSpec{Lookup{true}}}, Why: lookup},
			kubernetes.Document{Object: kubernetes.Object{APIVersion: "build.openshift.io/v1", Kind: "BuildConfig", Metadata: kubernetes.Metadata{Name: stream(g), Labels: labels}, Spec: m.build(g)}, Why: build},
		)
	}
	return out
}

func (m *maker) build(g plan.ImageGroup) BuildSpec {
	source := Source{Type: "Binary", Binary: &struct{}{}}
	if uri := repository(m.Plan.Location); uri != "" {
		source = Source{Type: "Git", Git: &Git{uri}}
	}
	dockerfile := g.Dockerfile
	if g.Root != "." {
		source.ContextDir = g.Root
		dockerfile = strings.TrimPrefix(dockerfile, g.Root+"/")
	}
	return BuildSpec{
		RunPolicy: "Serial", SuccessfulBuildsHistoryLimit: 3, FailedBuildsHistoryLimit: 3, Source: source,
		Strategy:  Strategy{"Docker", &DockerStrategy{dockerfile}},
		Output:    Output{Reference{Kind: "ImageStreamTag", Name: streamImage(g)}},
		Resources: kubernetes.Resources{Limits: map[string]string{"memory": "4Gi"}},
	}
}

// repository is the address of the sources when it is one that a cluster reaches, without a login; empty: they lie on this machine.
func repository(location string) string {
	u, err := url.Parse(location)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	u.User, u.Fragment, u.RawQuery = nil, "", ""
	return u.String()
}

// routes bring requests in, each under a name that the cluster gives.
func (m *maker) routes() []kubernetes.Document {
	var out []kubernetes.Document
	for _, h := range kubernetes.Hosts(m.Plan) {
		why := generate.Reasons{}
		why.Add(generate.Origin{Why: "the router holds the certificate; without spec.host the cluster gives a name below its own domain"}, "spec", "tls")
		why.Add(generate.FieldOrigin(m.Plan, "components."+h.Name+".port"), "spec", "port")
		name := kubernetes.Name(63, m.Plan.Name, h.Name)
		out = append(out, kubernetes.Document{Object: kubernetes.Object{
			APIVersion: "route.openshift.io/v1", Kind: "Route", Metadata: kubernetes.Metadata{Name: name, Labels: m.LabelsOf(h.Name, "ingress")},
			Spec: RouteSpec{To: Reference{"Service", name, 100}, Port: RoutePort{"http"}, TLS: &RouteTLS{"edge", "Redirect"}},
		}, Why: why})
	}
	return out
}

func (m *maker) kustomization() error {
	k := kubernetes.Kustomization{APIVersion: "kustomize.config.k8s.io/v1beta1", Kind: "Kustomization", Namespace: m.Namespace()}
	for _, f := range m.files {
		k.Resources = append(k.Resources, path.Base(f.Path))
	}
	for _, g := range m.Plan.ImageGroups() {
		k.Images = append(k.Images, kubernetes.Image{Name: stream(g), NewTag: generate.Release})
	}
	why := generate.Reasons{}
	why.Add(generate.FieldOrigin(m.Plan, "name"), "namespace")
	why.Add(generate.Origin{Why: "the version that is run; the builds' output in images.yaml names it too"}, "images")
	file, err := generate.YAML(path.Join(Dir, "kustomization.yaml"), why, k)
	m.files = append([]generate.Artifact{file}, m.files...)
	return err
}

// readme says what to do with the manifests.
func (m *maker) readme() generate.Artifact {
	p := m.Plan
	g := generate.NewGuide(Dir, p.Name+" on OpenShift")
	g.Text("The commands are run in this directory. Nothing here asks for more than the profile restricted-v2: the cluster chooses the user, and the image's folders are writable for the group 0 that all of them have.")
	oc := func(words ...string) string {
		return plan.ShellWords(append([]string{"oc", "--namespace", m.Namespace()}, words...))
	}
	g.Step("Make the project, with the image streams and the builds.", plan.ShellWords([]string{"oc", "new-project", m.Namespace()}), oc("apply", "-f", "images.yaml"))
	var builds []string
	for _, image := range p.ImageGroups() {
		builds = append(builds, oc("start-build", stream(image), "--from-dir", g.Up("."), "--follow"))
	}
	g.Step("Build what runs, in the cluster, from this directory's repository with the generated files. `"+generate.Release+"` stands for the version: replace it in images.yaml and kustomization.yaml. An image that was pushed elsewhere is brought in by `oc import-image`.", builds...)
	for _, image := range p.ImageGroups() {
		for _, s := range generate.BuildSecrets(image.Components[0]) {
			g.Item("%s wants %s: a BuildConfig has no such mounts, so build it with Docker and bring it in by `oc import-image`.", image.Name, s.Why)
		}
	}
	g.Blank()
	g.Backings(p, generate.Kubernetes)
	m.SecretStep(g, oc("create", "secret", "generic", m.SecretName(), "--from-env-file", "secrets.env"))
	if releases := m.releases(); len(releases) > 0 {
		commands := []string{
			oc(append([]string{"delete", "job", "--ignore-not-found"}, releases...)...),
			oc("apply", "-k", ".", "-l", kubernetes.LabelComponent+" in ("+kubernetes.Shared+", "+kubernetes.ReleaseStep+")"),
		}
		for _, name := range releases {
			commands = append(commands, oc("wait", "--for=condition=complete", "--timeout=15m", "job/"+name))
		}
		g.Step("Run the release step of the new version, which its pods build on.", commands...)
	}
	g.Step("Apply everything; the address of each Route is that of `oc get routes`.", oc("apply", "-k", "."))
	for _, d := range generate.Deployables(p) {
		if generate.Finite(d.Component) && len(d.Schedules) == 0 {
			name := kubernetes.Name(52, p.Name, d.Name)
			g.Step(d.Name+" runs when it is asked for:", oc("create", "job", "--from=cronjob/"+name, name+"-1"))
		}
	}
	for _, x := range m.Claims() {
		g.Text("The volume `%s` (%s) is for %s; an empty one gets what the image holds there.", x.Name, x.Mode, detect.Printable(x.Dir, 200))
	}
	return g.Artifact()
}

// releases are the names of the Jobs that prepare a new version.
func (m *maker) releases() []string {
	var out []string
	for _, d := range generate.Deployables(m.Plan) {
		if d.Process("release") != nil {
			out = append(out, kubernetes.Name(63, m.Plan.Name, d.Name, "release"))
		}
	}
	return out
}
