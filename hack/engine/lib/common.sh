# shellcheck shell=bash
# Paths, messages and small tools shared by every script of this folder.
# shellcheck disable=SC2034  # the paths are for those scripts

# One order of file names everywhere: the checksums of recipes depend on it.
export LC_ALL=C.UTF-8
export DEBIAN_FRONTEND=noninteractive

ENGINE_CACHE=${DRYDOCK_ENGINE_CACHE:-/var/cache/drydock-engine}
ENGINE_RUN=${DRYDOCK_ENGINE_RUN:-/run/drydock-engine}
ENGINE_LOG=/var/log/drydock-engine
ENGINE_DATA=/var/lib/docker
MAIN_SOCKET=/var/run/docker.sock
REGISTRY_ADDR=${DRYDOCK_ENGINE_REGISTRY:-127.0.0.1:5000}
REGISTRY_ROOT=$ENGINE_CACHE/registry
TABLE=$ENGINE_HOME/images.tab

# The engine that dk talks to: the main one, unless a script is about one beside it.
ENGINE_SOCKET=$MAIN_SOCKET

say() { printf '%s\n' "engine: $*" >&2; }
die() { say "error: $*"; exit 1; }
usage_error() { say "error: $*"; exit 2; }
# No engine, and none can be had: drydock's own exit code for that.
unreachable() { say "error: $*"; exit 6; }

need_root() { [ "$(id -u)" -eq 0 ] || unreachable "$1 needs root"; }

# Debian's own client, whatever docker is first on PATH, talking to the engine in
# hand, whatever DOCKER_HOST or context is set. The 20.10 client knows BuildKit
# without the buildx plugin.
dk() {
  DOCKER_HOST=unix://$ENGINE_SOCKET DOCKER_CONTEXT='' DOCKER_TLS_VERIFY='' DOCKER_BUILDKIT=1 /usr/bin/docker "$@"
}

# take_lock: one script at a time changes engines, registry and images. Daemons
# must be started with 9>&-, else they hold the lock for as long as they live.
take_lock() {
  mkdir -p "$ENGINE_CACHE" "$ENGINE_RUN" "$ENGINE_LOG"
  exec 9>"$ENGINE_RUN/lock"
  flock -n 9 || { say "waiting for another run to finish"; flock 9; }
}

# Seconds with one decimal since $1 (a value of EPOCHREALTIME).
since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

# True when the pid in file $1 is alive and its command is $2. One that has ended and
# that nobody has waited for (a container without an init) is not alive.
pid_alive() {
  local comm state
  [ -s "$1" ] && read -r _ comm state _ 2>/dev/null <"/proc/$(<"$1")/stat" || return 1
  [ "$state" != Z ] && [ "$comm" = "(${2:0:15})" ]
}

# pid_runs PID: the process is there and has not ended, whatever it is called.
pid_runs() {
  local stat
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  # The name, which may hold anything, ends at the last parenthesis.
  [[ ${stat##*) } != Z* ]]
}

# Whole seconds of a clock that nobody sets: bash's SECONDS follows the machine's date,
# which a virtual machine that was paused corrects by minutes at a time.
uptime_seconds() {
  local up
  read -r up _ </proc/uptime
  echo "${up%.*}"
}

# stop_pidfile FILE COMMAND: end only what these scripts started.
stop_pidfile() {
  local pid
  if pid_alive "$1" "$2"; then
    pid=$(<"$1")
    kill "$pid"
    for _ in $(seq 150); do
      pid_alive "$1" "$2" || break
      sleep 0.1
    done
    if pid_alive "$1" "$2"; then die "$2 (pid $pid) has not ended yet"; fi
    say "stopped $2 (pid $pid)"
  fi
  rm -f "$1"
}

# wait_for SECONDS COMMAND...: poll until the command succeeds.
wait_for() {
  local deadline
  deadline=$(($(uptime_seconds) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(uptime_seconds)" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}
