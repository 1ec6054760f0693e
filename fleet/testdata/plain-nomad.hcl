# One worker on every client of a Nomad cluster that has Docker: nomad job run FILE
job "drydock-worker" {
  type = "system"

  group "worker" {
    task "worker" {
      driver       = "docker"
      kill_timeout = "40s"

      config {
        image = "ghcr.io/drydock-cli/drydock:latest"
        args  = ["worker", "--fleet", "nats://10.0.0.5:4222", "--jobs", "1"]
        # What is verified runs on the client's own engine: the plugin's volumes must be allowed, and the client do nothing else.
        volumes = ["/var/run/docker.sock:/var/run/docker.sock"]
      }

      user = "root"

      resources {
        cpu    = 1000
        memory = 1024
      }
    }
  }
}
