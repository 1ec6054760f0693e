# shellcheck shell=bash
# Debian packages that the scripts stand on.

PACKAGES=(docker.io docker-registry mmdebstrap iptables iproute2 ca-certificates procps curl jq)

# The engine, its client and the registry come from Debian bookworm's packages, and
# the programs of later suites are known to run there.
need_bookworm() {
  local codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME-}")
  [ "$codename" = bookworm ] ||
    unreachable "an engine can be installed on Debian bookworm only, and this is '${codename:-another system}': start Docker yourself, or set DOCKER_HOST"
}

installed() { [ -f "/var/lib/dpkg/info/$1.list" ] || [ -f "/var/lib/dpkg/info/$1:amd64.list" ]; }

# install_packages [NAME...]: what is missing of the names, or of PACKAGES.
install_packages() {
  local missing=() name
  [ $# -gt 0 ] || set -- "${PACKAGES[@]}"
  for name in "$@"; do installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  need_root "installing ${missing[*]}"
  need_bookworm
  say "installing ${missing[*]}"
  mkdir -p "$ENGINE_LOG"
  quiet_services
  {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >"$ENGINE_LOG/apt.log" 2>&1 </dev/null 9>&- ||
    { tail -n 20 "$ENGINE_LOG/apt.log" >&2; unreachable "apt-get could not install ${missing[*]}, see $ENGINE_LOG/apt.log"; }
  rm -f "${QUIET-}"
}

# Packages must not start an engine or a registry of their own: ours are started
# with the mirror set and by pid file.
quiet_services() {
  [ ! -e /usr/sbin/policy-rc.d ] || return 0
  QUIET=/usr/sbin/policy-rc.d
  trap 'rm -f "$QUIET"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$QUIET"
  chmod 755 "$QUIET"
}
