# One worker on every client of a Nomad cluster that has Docker: nomad job run FILE
job "drydock-worker" {
  type = "system"

  group "worker" {
    task "worker" {
      driver       = "docker"
      kill_timeout = "40s"

      config {
        image = "registry.example.com/tools/drydock:1.4"
        args  = ["worker", "--fleet", "tls://a.example.com:4222,tls://b.example.com:4222", "--jobs", "2"]
        # What is verified runs on the client's own engine: the plugin's volumes must be allowed, and the client do nothing else.
        volumes = ["/var/run/docker.sock:/var/run/docker.sock"]
      }

      user = "root"

      template {
        data        = "{{ with nomadVar \"nomad/jobs/drydock-worker\" }}{{ .fleetlogin }}{{ end }}"
        destination = "secrets/credentials"
        perms       = "0400"
      }

      env {
        DRYDOCK_FLEET_CREDENTIALS = "${NOMAD_SECRETS_DIR}/credentials"
      }

      resources {
        cpu    = 1000
        memory = 1536
      }
    }
  }
}
