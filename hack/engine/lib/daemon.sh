# shellcheck shell=bash
# The main engine, on Docker's usual socket: start, adopt, stop.

# The mirror is set in daemon.json, so that an engine that already runs can
# take it up on SIGHUP, without a restart.
daemon_json() { # JQ-FILTER, $mirror being our registry
  local file=/etc/docker/daemon.json new
  mkdir -p /etc/docker
  [ -s "$file" ] || echo '{}' >"$file"
  new=$(jq --arg mirror "http://$REGISTRY_ADDR" "$1" "$file") || die "$file is not JSON"
  [ "$new" = "$(<"$file")" ] || printf '%s\n' "$new" >"$file"
}

# set_mirror on|off: in daemon.json and in the engine, if one runs.
set_mirror() {
  local pid test=(knows_mirror "unix://$MAIN_SOCKET")
  if [ "$1" = on ]; then
    # shellcheck disable=SC2016  # jq's variable
    daemon_json '."registry-mirrors" = [$mirror] + ((."registry-mirrors" // []) - [$mirror])'
  else
    # shellcheck disable=SC2016  # jq's variable
    daemon_json '."registry-mirrors" = ((."registry-mirrors" // []) - [$mirror])'
    test=(forgot_mirror "unix://$MAIN_SOCKET")
  fi
  socket_ok "$MAIN_SOCKET" 2>/dev/null || return 0
  "${test[@]}" && return 0
  pid=$(cat /run/docker.pid 2>/dev/null) || die "the running engine has no /run/docker.pid, so it cannot be told of the mirror"
  kill -HUP "$pid"
  wait_for 5 "${test[@]}" || die "the running engine did not take up /etc/docker/daemon.json"
}

forgot_mirror() { ! knows_mirror "$1"; }

# start_engine [NAME]: bookworm, trixie or sid; without a name whichever runs, or
# bookworm's. Each has a data root of its own.
start_engine() {
  local name=${1-} running path
  running=$(cat "$ENGINE_RUN/engine" 2>/dev/null || true)
  if socket_ok "$MAIN_SOCKET" 2>/dev/null && [ "${name:-${running:-bookworm}}" = "${running:-bookworm}" ]; then return 0; fi
  name=${name:-bookworm}
  # Two engines cannot share a data root.
  if [ "$name" != bookworm ] && pid_alive "$ENGINE_RUN/$name.pid" dockerd; then
    die "the engine '$name' runs beside the main one already: down $name first"
  fi
  if socket_ok "$MAIN_SOCKET" 2>/dev/null; then
    pid_alive "$ENGINE_RUN/dockerd.pid" dockerd || die "an engine that 'up' did not start is running; stop it first, or use --beside"
    stop_pidfile "$ENGINE_RUN/dockerd.pid" dockerd
  fi
  path=$(engine_path "$name")
  prepare_engine "$name"
  local options=(--pidfile /run/docker.pid)
  [ "$name" = bookworm ] || options+=(--data-root "$ENGINE_DATA-$name")
  new_log "$ENGINE_LOG/dockerd.log"
  PATH=${path:+$path:}$PATH setsid dockerd "${options[@]}" >>"$ENGINE_LOG/dockerd.log" 2>&1 </dev/null 9>&- &
  echo $! >"$ENGINE_RUN/dockerd.pid"
  echo "$name" >"$ENGINE_RUN/engine"
  wait_engine "$MAIN_SOCKET" "$ENGINE_RUN/dockerd.pid" "$ENGINE_LOG/dockerd.log"
}

# new_log FILE: what an earlier engine wrote is kept beside it, so that the end of this
# one never shows the lines of another.
new_log() {
  [ ! -e "$1" ] || mv -f "$1" "$1.1"
  : >"$1"
}

# wait_engine SOCKET PIDFILE LOG: until it answers, or has ended. What ends is asked
# for the process alone, not its command: between fork and exec it is still this shell.
wait_engine() {
  local pid deadline
  pid=$(<"$2") deadline=$(($(uptime_seconds) + 120))
  until socket_ok "$1" 2>/dev/null; do
    if [ "$(uptime_seconds)" -ge "$deadline" ]; then
      tail -n 5 "$3" >&2
      unreachable "dockerd (pid $pid) has not answered for 120 seconds, see $3"
    fi
    if ! pid_runs "$pid" && ! socket_ok "$1" 2>/dev/null; then
      tail -n 5 "$3" >&2
      unreachable "dockerd did not start, see $3"
    fi
    sleep 0.1
  done
}
