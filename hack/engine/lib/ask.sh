# shellcheck shell=bash
# Asking an engine over its API, with curl alone.

# engine_get HOST PATH [curl options]: HOST as in DOCKER_HOST (unix:// or tcp://).
engine_get() {
  local host=$1 path=$2 options=(-fsS --max-time 3 --noproxy '*') certs=${DOCKER_CERT_PATH:-${HOME:-/root}/.docker}
  shift 2
  case $host in
    unix://*) curl "${options[@]}" --unix-socket "${host#unix://}" "$@" "http://docker$path" ;;
    tcp://*)
      if [ -n "${DOCKER_TLS_VERIFY-}" ]; then
        curl "${options[@]}" --cacert "$certs/ca.pem" --cert "$certs/cert.pem" --key "$certs/key.pem" "$@" "https://${host#tcp://}$path"
      else
        curl "${options[@]}" "$@" "http://${host#tcp://}$path"
      fi
      ;;
    *) return 1 ;;
  esac
}

# engine_host: the engine that a Docker client would talk to.
engine_host() {
  local config=${DOCKER_CONFIG:-${HOME:-/root}/.docker}/config.json
  if [ -n "${DOCKER_HOST-}" ]; then
    echo "$DOCKER_HOST"
  elif { [ -n "${DOCKER_CONTEXT-}" ] || grep -qs '"currentContext"' "$config"; } && command -v docker >/dev/null; then
    docker context inspect -f '{{.Endpoints.docker.Host}}'
  else
    echo "unix://$MAIN_SOCKET"
  fi
}

# socket_ok SOCKET: an engine answers there.
socket_ok() { engine_get "unix://$1" /_ping -o /dev/null; }

# engine_version HOST: "20.10.24+dfsg1 (API 1.41)", from the headers of a ping.
engine_version() {
  engine_get "$1" /_ping -o /dev/null -D - 2>/dev/null | awk -F': ' '
    { sub(/\r$/, "") }
    tolower($1) == "server" { sub(/^Docker\//, "", $2); sub(/ .*/, "", $2); version = $2 }
    tolower($1) == "api-version" { api = $2 }
    END { printf "%s (API %s)", version, api; exit version == "" }'
}

# knows_mirror HOST: the engine asks our registry for docker.io's images.
knows_mirror() { engine_get "$1" /info 2>/dev/null | grep -qF "\"http://$REGISTRY_ADDR/\""; }

# holds HOST IMAGE:TAG: the image is in the engine's own store.
holds() { engine_get "$1" "/images/$2/json" -o /dev/null 2>/dev/null; }

# started_here HOST: one of these scripts started that engine.
started_here() {
  local socket name
  case $1 in unix://*) socket=${1#unix://} ;; *) return 1 ;; esac
  case $socket in
    "$MAIN_SOCKET" | /run/docker.sock) pid_alive "$ENGINE_RUN/dockerd.pid" dockerd ;;
    "$ENGINE_RUN"/*.sock)
      name=${socket##*/}
      pid_alive "$ENGINE_RUN/${name%.sock}.pid" dockerd
      ;;
    *) return 1 ;;
  esac
}

# hub_answers: Docker Hub's registry says its name within two seconds. A silence that
# had to be waited for is remembered for ten minutes.
hub_answers() {
  local url=${DRYDOCK_ENGINE_HUB:-https://registry-1.docker.io/v2/} silent=$ENGINE_RUN/hub-silent start=$SECONDS
  [ -z "$(find "$silent" -mmin -10 2>/dev/null)" ] || return 1
  if curl -sS -I --max-time 2 "$url" 2>/dev/null | grep -qi '^docker-distribution-api-version: *registry/2'; then
    return 0
  fi
  if [ $((SECONDS - start)) -ge 1 ] && [ -w "$ENGINE_RUN" ]; then : >"$silent"; fi
  return 1
}
