# One worker on every client of a Nomad cluster that has Docker: nomad job run FILE
job "drydock-worker" {
  type = "system"

  group "worker" {
    task "worker" {
      driver       = "docker"
      kill_timeout = "40s"

      config {
        image = "{{ .Image }}"
        args  = ["worker", "--fleet", "{{ .URL }}", "--jobs", "{{ .Jobs }}"]
        # What is verified runs on the client's own engine: the plugin's volumes must be allowed, and the client do nothing else.
        volumes = ["/var/run/docker.sock:/var/run/docker.sock"]
      }

      user = "root"
{{- if .Secret }}

      template {
        data        = "{{ "{{" }} with nomadVar \"nomad/jobs/drydock-worker\" {{ "}}" }}{{ "{{" }} .{{ .Secret }} {{ "}}" }}{{ "{{" }} end {{ "}}" }}"
        destination = "secrets/credentials"
        perms       = "0400"
      }

      env {
        DRYDOCK_FLEET_CREDENTIALS = "${NOMAD_SECRETS_DIR}/credentials"
      }
{{- end }}

      resources {
        cpu    = 1000
        memory = {{ .MemoryMiB }}
      }
    }
  }
}
