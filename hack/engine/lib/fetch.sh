# shellcheck shell=bash
# What the recipes' fetch scripts share: they bring in, with the ordinary clients as
# this machine has them configured, what a recipe then copies.

# need_client COMMAND PACKAGE...: installs the client; several fetches may run at once.
need_client() {
  local command=$1
  shift
  command -v "$command" >/dev/null && return 0
  exec 8>"$ENGINE_CACHE/.clients.lock"
  flock 8
  if ! command -v "$command" >/dev/null; then
    # Java's packages put links there, and a slim system has removed it.
    mkdir -p /usr/share/man/man1
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@"
  fi
  exec 8>&-
}

# artifact COORDINATES FILE: a Maven artifact, fetched once.
artifact() {
  local kept=$ENGINE_CACHE/artifacts/${1//:/_} out
  if [ ! -s "$kept" ]; then
    need_client mvn maven default-jre-headless
    out=$(mktemp -d)
    mvn -q -B dependency:copy -Dartifact="$1" -DoutputDirectory="$out"
    mkdir -p "$ENGINE_CACHE/artifacts"
    mv "$out"/* "$kept"
    rmdir "$out"
  fi
  cp "$kept" "$2"
}
