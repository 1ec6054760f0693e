package kubernetes

// Object is an object of the Kubernetes API as it is written: the fields of every kind, and what is the kind's own.
type Object struct {
	APIVersion                   string   `yaml:"apiVersion"`
	Kind                         string   `yaml:"kind"`
	Metadata                     Metadata `yaml:"metadata"`
	AutomountServiceAccountToken *bool    `yaml:"automountServiceAccountToken,omitempty"` // of a ServiceAccount
	Spec                         any      `yaml:"spec,omitempty"`
}

// Metadata names an object.
type Metadata struct {
	Name        string            `yaml:"name,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// Selector finds objects by their labels; empty: all.
type Selector struct {
	MatchLabels map[string]string `yaml:"matchLabels,omitempty"`
}

// DeploymentSpec is the spec of a Deployment (apps/v1). Replicas is absent where a HorizontalPodAutoscaler sets it.
type DeploymentSpec struct {
	Replicas             *int        `yaml:"replicas,omitempty"`
	RevisionHistoryLimit int         `yaml:"revisionHistoryLimit"`
	Strategy             Strategy    `yaml:"strategy"`
	Selector             Selector    `yaml:"selector"`
	Template             PodTemplate `yaml:"template"`
}

// Strategy says how pods are replaced.
type Strategy struct {
	Type          string         `yaml:"type"`
	RollingUpdate *RollingUpdate `yaml:"rollingUpdate,omitempty"`
}

// RollingUpdate bounds how many pods are replaced at once.
type RollingUpdate struct {
	MaxSurge       int `yaml:"maxSurge"`
	MaxUnavailable int `yaml:"maxUnavailable"`
}

// PodTemplate is what pods are made of.
type PodTemplate struct {
	Metadata Metadata `yaml:"metadata"`
	Spec     PodSpec  `yaml:"spec"`
}

// PodSpec is the part of a pod's spec (core/v1) that is written.
type PodSpec struct {
	ServiceAccountName            string             `yaml:"serviceAccountName,omitempty"`
	AutomountServiceAccountToken  bool               `yaml:"automountServiceAccountToken"`
	EnableServiceLinks            bool               `yaml:"enableServiceLinks"`
	RestartPolicy                 string             `yaml:"restartPolicy,omitempty"`
	TerminationGracePeriodSeconds int                `yaml:"terminationGracePeriodSeconds"`
	OS                            *PodOS             `yaml:"os,omitempty"`
	NodeSelector                  map[string]string  `yaml:"nodeSelector,omitempty"`
	SecurityContext               PodSecurityContext `yaml:"securityContext"`
	TopologySpreadConstraints     []Spread           `yaml:"topologySpreadConstraints,omitempty"`
	InitContainers                []Container        `yaml:"initContainers,omitempty"`
	Containers                    []Container        `yaml:"containers"`
	Volumes                       []Volume           `yaml:"volumes,omitempty"`
}

// PodOS is the operating system of a pod's images.
type PodOS struct {
	Name string `yaml:"name"`
}

// PodSecurityContext holds for all containers of a pod.
type PodSecurityContext struct {
	RunAsNonRoot        bool            `yaml:"runAsNonRoot"`
	RunAsUser           int             `yaml:"runAsUser,omitempty"`
	RunAsGroup          *int            `yaml:"runAsGroup,omitempty"`
	FSGroup             int             `yaml:"fsGroup,omitempty"`
	FSGroupChangePolicy string          `yaml:"fsGroupChangePolicy,omitempty"`
	SeccompProfile      *SeccompProfile `yaml:"seccompProfile,omitempty"`
}

// SeccompProfile restricts system calls.
type SeccompProfile struct {
	Type string `yaml:"type"`
}

// Spread asks for pods to be spread over machines.
type Spread struct {
	MaxSkew           int      `yaml:"maxSkew"`
	TopologyKey       string   `yaml:"topologyKey"`
	WhenUnsatisfiable string   `yaml:"whenUnsatisfiable"`
	LabelSelector     Selector `yaml:"labelSelector"`
}

// Container is a container of a pod.
type Container struct {
	Name            string           `yaml:"name"`
	Image           string           `yaml:"image"`
	Command         []string         `yaml:"command,omitempty"`
	Args            []string         `yaml:"args,omitempty"`
	Ports           []ContainerPort  `yaml:"ports,omitempty"`
	Env             []EnvVar         `yaml:"env,omitempty"`
	Resources       Resources        `yaml:"resources"`
	StartupProbe    *Probe           `yaml:"startupProbe,omitempty"`
	ReadinessProbe  *Probe           `yaml:"readinessProbe,omitempty"`
	LivenessProbe   *Probe           `yaml:"livenessProbe,omitempty"`
	Lifecycle       *Lifecycle       `yaml:"lifecycle,omitempty"`
	SecurityContext *SecurityContext `yaml:"securityContext,omitempty"`
	VolumeMounts    []VolumeMount    `yaml:"volumeMounts,omitempty"`
}

// ContainerPort is a port on which a container listens.
type ContainerPort struct {
	Name          string `yaml:"name"`
	ContainerPort int    `yaml:"containerPort"`
	Protocol      string `yaml:"protocol,omitempty"`
}

// EnvVar is an environment variable: a value, or where it is kept.
type EnvVar struct {
	Name      string     `yaml:"name"`
	Value     *string    `yaml:"value,omitempty"`
	ValueFrom *ValueFrom `yaml:"valueFrom,omitempty"`
}

// ValueFrom is where a value is kept.
type ValueFrom struct {
	SecretKeyRef *KeyRef `yaml:"secretKeyRef,omitempty"`
}

// KeyRef is an entry of a Secret.
type KeyRef struct {
	Name string `yaml:"name"`
	Key  string `yaml:"key"`
}

// Resources is what a container asks for and may use, as quantities: "250m", "512Mi".
type Resources struct {
	Requests map[string]string `yaml:"requests,omitempty"`
	Limits   map[string]string `yaml:"limits,omitempty"`
}

// Probe asks a container how it is.
type Probe struct {
	HTTPGet          *HTTPGet   `yaml:"httpGet,omitempty"`
	TCPSocket        *TCPSocket `yaml:"tcpSocket,omitempty"`
	PeriodSeconds    int        `yaml:"periodSeconds,omitempty"`
	TimeoutSeconds   int        `yaml:"timeoutSeconds,omitempty"`
	FailureThreshold int        `yaml:"failureThreshold,omitempty"`
}

// HTTPGet asks by HTTP; Port is a number or the name of a port.
type HTTPGet struct {
	Path        string   `yaml:"path"`
	Port        any      `yaml:"port"`
	HTTPHeaders []Header `yaml:"httpHeaders,omitempty"`
}

// Header is a header of a request.
type Header struct {
	Name  string `yaml:"name"`
	Value string `yaml:"value"`
}

// TCPSocket asks whether a port takes connections.
type TCPSocket struct {
	Port any `yaml:"port"`
}

// Lifecycle is what is done before a container is stopped.
type Lifecycle struct {
	PreStop *Handler `yaml:"preStop,omitempty"`
}

// Handler runs a command in a container.
type Handler struct {
	Exec *Exec `yaml:"exec,omitempty"`
}

// Exec is a command in exec form.
type Exec struct {
	Command []string `yaml:"command"`
}

// SecurityContext is what a container may do.
type SecurityContext struct {
	AllowPrivilegeEscalation bool          `yaml:"allowPrivilegeEscalation"`
	ReadOnlyRootFilesystem   bool          `yaml:"readOnlyRootFilesystem"`
	Capabilities             *Capabilities `yaml:"capabilities,omitempty"`
}

// Capabilities are rights of root that a container keeps or loses.
type Capabilities struct {
	Drop []string `yaml:"drop"`
}

// VolumeMount puts a volume into a container.
type VolumeMount struct {
	Name      string `yaml:"name"`
	MountPath string `yaml:"mountPath"`
}

// Volume is a volume of a pod.
type Volume struct {
	Name                  string    `yaml:"name"`
	PersistentVolumeClaim *ClaimRef `yaml:"persistentVolumeClaim,omitempty"`
	EmptyDir              *EmptyDir `yaml:"emptyDir,omitempty"`
}

// ClaimRef names a PersistentVolumeClaim.
type ClaimRef struct {
	ClaimName string `yaml:"claimName"`
}

// EmptyDir lives as long as its pod.
type EmptyDir struct {
	SizeLimit string `yaml:"sizeLimit,omitempty"`
}

// JobSpec is the spec of a Job (batch/v1).
type JobSpec struct {
	BackoffLimit            int         `yaml:"backoffLimit"`
	TTLSecondsAfterFinished int         `yaml:"ttlSecondsAfterFinished,omitempty"`
	Template                PodTemplate `yaml:"template"`
}

// CronJobSpec is the spec of a CronJob (batch/v1).
type CronJobSpec struct {
	Schedule                   string      `yaml:"schedule"`
	Suspend                    bool        `yaml:"suspend,omitempty"`
	ConcurrencyPolicy          string      `yaml:"concurrencyPolicy"`
	StartingDeadlineSeconds    int         `yaml:"startingDeadlineSeconds"`
	SuccessfulJobsHistoryLimit int         `yaml:"successfulJobsHistoryLimit"`
	FailedJobsHistoryLimit     int         `yaml:"failedJobsHistoryLimit"`
	JobTemplate                JobTemplate `yaml:"jobTemplate"`
}

// JobTemplate is what the Jobs of a CronJob are made of.
type JobTemplate struct {
	Metadata Metadata `yaml:"metadata,omitempty"`
	Spec     JobSpec  `yaml:"spec"`
}

// ServiceSpec is the spec of a Service (core/v1).
type ServiceSpec struct {
	Selector map[string]string `yaml:"selector"`
	Ports    []ServicePort     `yaml:"ports"`
}

// ServicePort is a port of a Service.
type ServicePort struct {
	Name       string `yaml:"name"`
	Port       int    `yaml:"port"`
	TargetPort string `yaml:"targetPort"`
	Protocol   string `yaml:"protocol"`
}

// AutoscalerSpec is the spec of a HorizontalPodAutoscaler (autoscaling/v2).
type AutoscalerSpec struct {
	ScaleTargetRef TargetRef `yaml:"scaleTargetRef"`
	MinReplicas    int       `yaml:"minReplicas"`
	MaxReplicas    int       `yaml:"maxReplicas"`
	Metrics        []Metric  `yaml:"metrics"`
}

// TargetRef names an object that is scaled.
type TargetRef struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Name       string `yaml:"name"`
}

// Metric is what scaling looks at.
type Metric struct {
	Type     string         `yaml:"type"`
	Resource ResourceMetric `yaml:"resource"`
}

// ResourceMetric is the use of a resource.
type ResourceMetric struct {
	Name   string       `yaml:"name"`
	Target MetricTarget `yaml:"target"`
}

// MetricTarget is the use that is aimed at, in percent of what is requested.
type MetricTarget struct {
	Type               string `yaml:"type"`
	AverageUtilization int    `yaml:"averageUtilization"`
}

// DisruptionSpec is the spec of a PodDisruptionBudget (policy/v1).
type DisruptionSpec struct {
	MaxUnavailable int      `yaml:"maxUnavailable"`
	Selector       Selector `yaml:"selector"`
}

// ClaimSpec is the spec of a PersistentVolumeClaim.
type ClaimSpec struct {
	AccessModes      []string  `yaml:"accessModes"`
	StorageClassName string    `yaml:"storageClassName,omitempty"`
	Resources        Resources `yaml:"resources"`
}

// PolicySpec is the spec of a NetworkPolicy (networking.k8s.io/v1).
type PolicySpec struct {
	PodSelector Selector  `yaml:"podSelector"`
	PolicyTypes []string  `yaml:"policyTypes"`
	Ingress     []Traffic `yaml:"ingress,omitempty"`
	Egress      []Traffic `yaml:"egress,omitempty"`
}

// Traffic is traffic that a policy lets through.
type Traffic struct {
	To    []Peer        `yaml:"to,omitempty"`
	Ports []TrafficPort `yaml:"ports,omitempty"`
}

// Peer is where traffic goes.
type Peer struct {
	NamespaceSelector *Selector `yaml:"namespaceSelector,omitempty"`
	IPBlock           *IPBlock  `yaml:"ipBlock,omitempty"`
}

// IPBlock is a range of addresses, less some.
type IPBlock struct {
	CIDR   string   `yaml:"cidr"`
	Except []string `yaml:"except,omitempty"`
}

// TrafficPort is a port that traffic may reach.
type TrafficPort struct {
	Protocol string `yaml:"protocol"`
	Port     int    `yaml:"port"`
}

// IngressSpec is the spec of an Ingress (networking.k8s.io/v1).
type IngressSpec struct {
	IngressClassName string        `yaml:"ingressClassName,omitempty"`
	TLS              []IngressTLS  `yaml:"tls,omitempty"`
	Rules            []IngressRule `yaml:"rules"`
}

// IngressTLS names the Secret with the certificate of hosts.
type IngressTLS struct {
	Hosts      []string `yaml:"hosts"`
	SecretName string   `yaml:"secretName"`
}

// IngressRule sends the requests of a host to Services.
type IngressRule struct {
	Host string      `yaml:"host"`
	HTTP IngressHTTP `yaml:"http"`
}

// IngressHTTP are the paths of a rule.
type IngressHTTP struct {
	Paths []IngressPath `yaml:"paths"`
}

// IngressPath sends the requests below a path to a Service.
type IngressPath struct {
	Path     string         `yaml:"path"`
	PathType string         `yaml:"pathType"`
	Backend  IngressBackend `yaml:"backend"`
}

// IngressBackend is a port of a Service.
type IngressBackend struct {
	Service IngressService `yaml:"service"`
}

// IngressService names a Service and its port.
type IngressService struct {
	Name string      `yaml:"name"`
	Port ServiceName `yaml:"port"`
}

// ServiceName is the name of a Service's port.
type ServiceName struct {
	Name string `yaml:"name"`
}
