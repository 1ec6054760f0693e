package generate

// Kind groups targets in lists: what sort of place the files are for.
type Kind string

// The kinds, in the order in which lists show them.
const (
	Machine    Kind = "one machine"           // compose, a virtual machine
	Cluster    Kind = "cluster"               // Kubernetes, OpenShift, Swarm
	Containers Kind = "managed containers"    // Fargate, Container Apps, Cloud Run
	Functions  Kind = "functions"             // Lambda, OpenFaaS, OpenWhisk
	Platform   Kind = "platform as a service" // Heroku, Cloud Foundry, Convox
	Model      Kind = "machine learning"      // SageMaker
	Pipeline   Kind = "build and deploy"      // GitHub Actions, Jenkins
	Other      Kind = "other"
)

// Kinds lists the kinds in the order in which lists show them.
func Kinds() []Kind {
	return []Kind{Machine, Cluster, Containers, Functions, Platform, Model, Pipeline, Other}
}

// KindOf is the kind that a target says it is by a method Kind() Kind; Other when it says none.
func KindOf(t Target) Kind {
	if k, ok := t.(interface{ Kind() Kind }); ok {
		return k.Kind()
	}
	return Other
}
