package kubernetes

import (
	"slices"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/generate"
)

// good is an application that every rule accepts; each bad sample changes one thing.
const good = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop-web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: web
          image: registry.example.com/shop-web:1
          ports: [{name: http, containerPort: 3000}]
          env: [{name: A, value: b}, {name: S, valueFrom: {secretKeyRef: {name: s, key: S}}}]
          resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 512Mi}}
          readinessProbe: {httpGet: {path: /, port: http}}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          volumeMounts: [{name: v, mountPath: /v}]
      volumes: [{name: v, emptyDir: {}}]
---
apiVersion: v1
kind: Service
metadata: {name: shop-web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop-web}
spec: {scaleTargetRef: {kind: Deployment, name: shop-web}, minReplicas: 2, maxReplicas: 6}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: shop-web}
spec: {maxUnavailable: 1}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: shop-nightly}
spec:
  schedule: 0 3 * * 0
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        metadata: {labels: {app: nightly}}
        spec:
          automountServiceAccountToken: false
          restartPolicy: Never
          securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
          containers:
            - name: nightly
              image: registry.example.com/shop-web:1
              securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shop-uploads}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shop}
spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop-web, port: {number: 80}}}}]}}]}
`

func TestRules(t *testing.T) {
	check := func(content string) []generate.Problem {
		return Target{}.Check([]generate.Artifact{{Path: Base + "/web.yaml", Content: []byte(content)}, {Path: "Dockerfile"}})
	}
	if p := check(good); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	samples := map[string][2]string{
		"syntax":          {"kind: Deployment", "kind: [Deployment"},
		"api-version":     {"policy/v1", "policy/v1beta1"},
		"name":            {"name: shop-uploads", "name: shop_uploads"},
		"name-twice":      {"kind: PersistentVolumeClaim\nmetadata: {name: shop-uploads}", "kind: Service\nmetadata: {name: shop-web}"},
		"label":           {"labels: {app: web}}\nspec", "labels: {app: my web}}\nspec"},
		"selector":        {"matchLabels: {app: web}", "matchLabels: {app: api}"},
		"replicas":        {"spec:\n  selector", "spec:\n  replicas: 3\n  selector"},
		"scale-target":    {"{kind: Deployment, name: shop-web}", "{kind: Deployment, name: shop}"},
		"scale-bounds":    {"maxReplicas: 6", "maxReplicas: 1"},
		"disruption":      {"{maxUnavailable: 1}", "{maxUnavailable: 1, minAvailable: 1}"},
		"schedule":        {"0 3 * * 0", "0 3 * * 7"},
		"concurrency":     {"Forbid", "Never"},
		"service-port":    {"port: 80,", "port: 0,"},
		"service-target":  {"targetPort: http", "targetPort: web"},
		"claim":           {"ReadWriteOnce", "ReadWrite"},
		"path-type":       {"pathType: Prefix, ", ""},
		"ingress-host":    {"shop.example.com", "Shop.example.com"},
		"ingress-service": {"service: {name: shop-web,", "service: {name: web,"},
		"cidr":            {"169.254.169.254/32", "169.254.169.254"},
		"secret-object":   {"kind: PersistentVolumeClaim\nmetadata: {name: shop-uploads}", "kind: Secret\nmetadata: {name: shop}\nstringData: {A: b}"},
		"restart-policy":  {"restartPolicy: Never", "restartPolicy: Always"},
		"containers":      {"- name: web", "- name: My Web"},
		"run-as-root":     {"runAsNonRoot: true", "runAsUser: 0"},
		"seccomp":         {"seccompProfile: {type: RuntimeDefault}", "seccompProfile: {type: Unconfined}"},
		"host":            {"emptyDir: {}", "hostPath: {path: /}"},
		"token":           {"automountServiceAccountToken: false", "automountServiceAccountToken: true"},
		"grace":           {"terminationGracePeriodSeconds: 30", "terminationGracePeriodSeconds: -1"},
		"image":           {"image: registry.example.com/shop-web:1", `image: ""`},
		"image-tag":       {"shop-web:1", "shop-web:latest"},
		"privileges":      {"allowPrivilegeEscalation: false", "privileged: true"},
		"capabilities":    {"drop: [ALL]", "drop: [ALL], add: [SYS_ADMIN]"},
		"port":            {"containerPort: 3000", "containerPort: 3000, hostPort: 3000"},
		"port-name":       {"{name: http, containerPort", "{name: the-port-of-the-web, containerPort"},
		"env":             {"{name: A, value: b}", "{name: S, value: b}"},
		"secret-in-file":  {"{name: A, value: b}", "{name: DB_PASSWORD, value: b}"},
		"resources":       {"memory: 256Mi", "memory: 1Gi"},
		"probe":           {"{httpGet: {path: /, port: http}}", "{httpGet: {path: /, port: web}}"},
		"mount":           {"{name: v, mountPath", "{name: w, mountPath"},
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
		at := slices.IndexFunc(rules, func(r rule) bool { return r.id == id })
		fatal := at < 0 || !rules[at].advice
		if p := check(bad); !slices.ContainsFunc(p, func(p generate.Problem) bool {
			return p.Rule == id && p.Error == fatal && (p.Line > 0 || id == "syntax")
		}) {
			t.Errorf("%s: %+v", id, p)
		}
	}
	for what, change := range map[string][2]string{
		"no number":       {"cpu: 250m", "cpu: a quarter"},
		"two probes":      {"{httpGet: {path: /, port: http}}", "{httpGet: {path: /, port: 3000}, tcpSocket: {port: 3000}}"},
		"the root":        {"runAsNonRoot: true,", "runAsNonRoot: true, runAsUser: 0,"},
		"a long name":     {"name: shop-nightly", "name: " + strings.Repeat("n", 53)},
		"no capabilities": {", capabilities: {drop: [ALL]}", ""},
	} {
		if p := check(strings.Replace(good, change[0], change[1], 1)); len(p) == 0 {
			t.Errorf("%s is not seen", what)
		}
	}
	overlay := Target{}.Check([]generate.Artifact{{Path: Dir + "/overlays/gke/kustomization.yaml", Content: []byte("a: [")}})
	if len(overlay) != 1 || overlay[0].Rule != "syntax" {
		t.Errorf("%+v", overlay)
	}
}
