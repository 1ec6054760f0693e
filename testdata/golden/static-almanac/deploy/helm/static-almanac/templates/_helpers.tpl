{{/* The name of an object of a component: the release's and the component's, as a DNS label of at most so many characters. */}}
{{- define "app.name" -}}
{{- $limit := .limit | default 63 -}}
{{- $name := printf "%s-%s" .root.Release.Name .name -}}
{{- if gt (len $name) (int $limit) -}}
{{- printf "%s-%s" ($name | trunc (int (sub $limit 9)) | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end -}}

{{/* What pods are found by. */}}
{{- define "app.match" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* The labels of every object. */}}
{{- define "app.labels" -}}
{{ include "app.match" . }}
app.kubernetes.io/component: {{ .role | quote }}
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
app.kubernetes.io/version: {{ .root.Values.tag | trunc 63 | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | quote }}
{{- end -}}

{{/* The image of a component. */}}
{{- define "app.image" -}}
{{- printf "%s/%s:%s" .root.Values.registry .component.image .root.Values.tag -}}
{{- end -}}

{{/*
A pod. container: its container's name; serving: it goes on until it is stopped, and is asked for its health; args: what it runs instead of the
image's own command; scratch: its volumes live as long as the pod, since those that survive are not there yet.
*/}}
{{- define "app.pod" -}}
{{- $c := .component -}}
{{- $root := .root -}}
{{- if not .scratch }}
serviceAccountName: {{ .root.Release.Name | quote }}
{{- end }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- if not .serving }}
restartPolicy: Never
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
terminationGracePeriodSeconds: {{ if .serving }}{{ $c.terminationGracePeriodSeconds }}{{ else }}30{{ end }}
{{- with $c.os }}
os:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $c.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $c.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $c.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml $c.podSecurityContext | nindent 2 }}
{{- if and .serving $c.autoscaling }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "app.match" . | nindent 8 }}
{{- end }}
{{- if and $c.seed (not .scratch) }}
initContainers:
  - name: seed
    image: {{ include "app.image" . | quote }}
    command: ["sh", "-ec", {{ $c.seed | toJson }}]
    resources:
      {{- toYaml $c.resources | nindent 6 }}
    {{- with $c.securityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      {{- $at := 0 }}
      {{- range $c.volumes }}
      {{- if .claim }}
      - name: {{ .name | quote }}
        mountPath: {{ printf "/seed/%d" $at | quote }}
      {{- $at = add $at 1 }}
      {{- end }}
      {{- end }}
{{- end }}
containers:
  - name: {{ .container | quote }}
    image: {{ include "app.image" . | quote }}
    {{- with .args }}
    args:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if and .serving $c.port }}
    ports:
      - name: http
        containerPort: {{ $c.port }}
        protocol: TCP
    {{- end }}
    {{- if or $c.env $c.secretEnv }}
    env:
      {{- range $name, $value := $c.env }}
      - name: {{ $name | quote }}
        value: {{ $value | quote }}
      {{- end }}
      {{- range $name, $key := $c.secretEnv }}
      - name: {{ $name | quote }}
        valueFrom:
          secretKeyRef:
            name: {{ $root.Values.secret | quote }}
            key: {{ $key | quote }}
      {{- end }}
    {{- end }}
    resources:
      {{- toYaml $c.resources | nindent 6 }}
    {{- if .serving }}
    {{- with $c.startupProbe }}
    startupProbe:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $c.readinessProbe }}
    readinessProbe:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $c.livenessProbe }}
    livenessProbe:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $c.lifecycle }}
    lifecycle:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- end }}
    {{- with $c.securityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $c.volumes }}
    volumeMounts:
      {{- range . }}
      - name: {{ .name | quote }}
        mountPath: {{ .path | quote }}
      {{- end }}
    {{- end }}
{{- if $c.volumes }}
volumes:
  {{- range $c.volumes }}
  - name: {{ .name | quote }}
    {{- if and .claim (not $.scratch) }}
    persistentVolumeClaim:
      claimName: {{ include "app.name" (dict "root" $root "name" .claim) | quote }}
    {{- else }}
    emptyDir: {}
    {{- end }}
  {{- end }}
{{- end }}
{{- end -}}
