# shellcheck shell=bash
# The registry that holds the stand-ins and answers for docker.io.

registry_ok() { curl -fsS -o /dev/null --max-time 2 --noproxy '*' "http://$REGISTRY_ADDR/v2/"; }

start_registry() {
  mkdir -p "$REGISTRY_ROOT"
  if registry_ok 2>/dev/null; then
    pid_alive "$ENGINE_RUN/registry.pid" docker-registry ||
      die "another registry listens on $REGISTRY_ADDR: stop it, or choose a free address with DRYDOCK_ENGINE_REGISTRY=127.0.0.1:PORT"
    return 0
  fi
  cat >"$ENGINE_RUN/registry.yml" <<CONF
version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: $REGISTRY_ROOT}
  cache: {blobdescriptor: inmemory}
  delete: {enabled: true}
http: {addr: "$REGISTRY_ADDR"}
CONF
  setsid docker-registry serve "$ENGINE_RUN/registry.yml" >>"$ENGINE_LOG/registry.log" 2>&1 </dev/null 9>&- &
  echo $! >"$ENGINE_RUN/registry.pid"
  wait_for 10 registry_ok || die "the registry did not start, see $ENGINE_LOG/registry.log"
}
