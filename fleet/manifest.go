package fleet

import (
	"cmp"
	"embed"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"text/template"
)

//go:embed manifests
var manifests embed.FS

// manifestFiles are the templates by kind.
var manifestFiles = map[string]string{"swarm": "swarm.yaml", "kubernetes": "kubernetes.yaml", "nomad": "nomad.hcl", "systemd": "systemd.service"}

// ManifestKinds are what Manifest makes, in the order in which they are shown.
func ManifestKinds() []string { return []string{"swarm", "kubernetes", "nomad", "systemd"} }

// ManifestOptions are what the file that starts workers depends on.
type ManifestOptions struct {
	URL       string // the fleet's server; must not hold a password
	Image     string // drydock's image; empty: ghcr.io/drydock-cli/drydock:latest
	Secret    string // the name of the secret that holds NATS credentials; empty: none are needed
	Jobs      int    // repositories at a time on a worker; 0: 1
	Replicas  int    // workers, where the platform does not decide; 0: 3
	MemoryMiB int    // of one worker; 0: 1024 and 512 for each job beyond the first
}

var (
	plainImage  = regexp.MustCompile(`^[a-z0-9][a-z0-9._/:@-]{0,250}$`)
	plainSecret = regexp.MustCompile(`^[a-z][a-z0-9]{0,60}$`) // what every platform takes: Kubernetes has no _, Nomad's variables no -
	plainServer = regexp.MustCompile(`^(?:nats|tls|ws|wss)://[A-Za-z0-9.\[\]:-]{1,250}$`)
)

// Manifest is the file by which a platform starts workers of a fleet: kind is one of ManifestKinds.
func Manifest(kind string, o ManifestOptions) (string, error) {
	file, ok := manifestFiles[kind]
	if !ok {
		return "", fmt.Errorf("no manifest is known for %q\n  try: one of %s", kind, strings.Join(ManifestKinds(), ", "))
	}
	for _, u := range strings.Split(o.URL, ",") {
		if p, err := url.Parse(u); err == nil && p.User != nil {
			return "", fmt.Errorf("the address %s holds a login, which would stand in the manifest\n  try: a file of NATS credentials, and --secret with the name of the platform's secret for it", plainURL(u))
		}
		if !plainServer.MatchString(u) {
			return "", fmt.Errorf("%q is no address of a NATS server\n  try: nats://HOST:4222 or tls://HOST:4222", u)
		}
	}
	o.Image, o.Jobs, o.Replicas = cmp.Or(o.Image, "ghcr.io/drydock-cli/drydock:latest"), max(o.Jobs, 1), cmp.Or(o.Replicas, 3)
	o.MemoryMiB = cmp.Or(o.MemoryMiB, 1024+512*(o.Jobs-1))
	switch {
	case !plainImage.MatchString(o.Image):
		return "", fmt.Errorf("%q is no name of an image", o.Image)
	case o.Secret != "" && !plainSecret.MatchString(o.Secret):
		return "", fmt.Errorf("%q cannot name a secret on every platform\n  try: small letters and digits", o.Secret)
	case o.Replicas < 1 || o.MemoryMiB < 64 || o.Jobs > 64:
		return "", fmt.Errorf("%d workers of %d jobs with %d MiB cannot be", o.Replicas, o.Jobs, o.MemoryMiB)
	}
	text, err := template.ParseFS(manifests, "manifests/"+file)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = text.Execute(&b, o)
	return b.String(), err
}
