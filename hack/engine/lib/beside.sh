# shellcheck shell=bash
# Further engines beside the main one, each with a socket, a data root, a bridge
# and a containerd of its own: $ENGINE_RUN/NAME.sock.
#
# Two engines cannot share the machine's packet filter: a starting dockerd rewrites
# the chains that another set up. So an engine beside is told to keep out of it
# (iptables: false). Published ports are then carried by its docker-proxy, and the
# way out of its containers is opened here, for the one range all its networks are
# taken from. What it cannot do: keep its networks apart from one another.

beside_socket() { echo "$ENGINE_RUN/$1.sock"; }

# beside_ready NAME MIRROR-URL: it runs, and asks that mirror (none, if empty).
beside_ready() {
  local host
  host=unix://$(beside_socket "$1")
  socket_ok "${host#unix://}" 2>/dev/null || return 1
  if [ -n "$2" ]; then knows_mirror "$host"; else ! knows_mirror "$host"; fi
}

start_beside() { # NAME MIRROR-URL
  local name=$1 mirror=$2 socket path net dir=$ENGINE_RUN/$1 log=$ENGINE_LOG/dockerd-$1.log
  ! beside_ready "$name" "$mirror" || return 0
  socket=$(beside_socket "$name")
  path=$(engine_path "$name")
  if [ "$name" != bookworm ] && [ "$(cat "$ENGINE_RUN/engine" 2>/dev/null)" = "$name" ] && pid_alive "$ENGINE_RUN/dockerd.pid" dockerd; then
    die "'$name' is the main engine already: it cannot run beside itself"
  fi
  prepare_engine "$name"
  mkdir -p "$dir"
  net=$(beside_net "$name") || die "no free network 10.201 to 10.250 for the engine '$name'"
  open_net "$name" "$net"
  beside_config "$name" "$net" "$mirror" >"$dir/daemon.json"
  if pid_alive "$ENGINE_RUN/$name.pid" dockerd; then
    kill -HUP "$(<"$ENGINE_RUN/$name.pid")"
    wait_for 5 beside_ready "$name" "$mirror" || die "the engine '$name' did not take up $dir/daemon.json"
    return 0
  fi
  # An engine with address pools of its own that remembers a default bridge deletes the
  # link docker0 as it starts, whosever that is: moby's configureNetworking, 20.10 to 28.
  rm -f "$ENGINE_DATA-$name/network/files/local-kv.db"
  new_log "$log"
  # Should it find the machine's own containerd, it must not touch another's containers.
  PATH=${path:+$path:}$PATH setsid dockerd --config-file "$dir/daemon.json" \
    --containerd-namespace "drydock-$name" --containerd-plugins-namespace "drydock-$name-plugins" >>"$log" 2>&1 </dev/null 9>&- &
  echo $! >"$ENGINE_RUN/$name.pid"
  wait_engine "$socket" "$ENGINE_RUN/$name.pid" "$log"
}

beside_config() { # NAME NET MIRROR-URL
  jq -n --arg name "$1" --arg net "$2" --arg mirror "$3" --arg run "$ENGINE_RUN" --arg data "$ENGINE_DATA-$1" '{
    hosts: ["unix://\($run)/\($name).sock"],
    pidfile: "\($run)/\($name)/docker.pid",
    "exec-root": "\($run)/\($name)/exec",
    "data-root": $data,
    bridge: "dd-\($name)",
    iptables: false,
    ip6tables: false,
    "default-address-pools": [{base: "\($net).0.0/16", size: 24}],
    "registry-mirrors": (if $mirror == "" then [] else [$mirror] end)
  }'
}

# bridge_net NAME: the first two octets of its bridge's address.
bridge_net() {
  ip -4 -o addr show dev "dd-$1" 2>/dev/null | awk '{ split($4, a, "."); print a[1] "." a[2]; found = 1; exit } END { exit !found }'
}

# beside_net NAME: the first two octets of its networks: those of its bridge, if it
# is there, else of the first range that this machine has no route into.
beside_net() {
  local n taken
  bridge_net "$1" && return 0
  taken=$(ip -4 route; ip -4 -o addr)
  for ((n = 201; n <= 250; n++)); do
    if ! grep -q "\b10\.$n\." <<<"$taken"; then echo "10.$n"; return; fi
  done
  return 1
}

# The rules of open_net, one a line, as arguments of iptables after -A or -D.
net_rules() { # NET
  echo "-t nat POSTROUTING -s $1.0.0/16 ! -d $1.0.0/16 -j MASQUERADE"
  echo "-t filter FORWARD -s $1.0.0/16 -j ACCEPT"
  echo "-t filter FORWARD -d $1.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
}

rule() { # -C|-I|-D then a line of net_rules as words: -t TABLE CHAIN ...
  local action=$1 table=$3 chain=$4
  shift 4
  iptables -w 5 -t "$table" "$action" "$chain" "$@"
}

open_net() { # NAME NET
  local bridge=dd-$1 line
  ip link show dev "$bridge" >/dev/null 2>&1 || ip link add name "$bridge" type bridge
  # The last /24 is the default bridge's; the engine's pool starts from the first.
  ip -4 addr show dev "$bridge" | grep -q 'inet ' || ip addr add "$2.255.1/24" dev "$bridge"
  ip link set "$bridge" up
  while read -r line; do
    # shellcheck disable=SC2086  # the line is words
    rule -C $line 2>/dev/null || rule -I $line || die "iptables refused: $line"
  done < <(net_rules "$2")
}

stop_beside() { # NAME
  local line net
  stop_pidfile "$ENGINE_RUN/$1.pid" dockerd
  net=$(bridge_net "$1") || return 0
  while read -r line; do
    # shellcheck disable=SC2086  # the line is words
    rule -D $line 2>/dev/null || true
  done < <(net_rules "$net")
  ip link del "dd-$1"
}

# The names of the engines that run beside the main one.
beside_names() {
  local name
  for name in bookworm trixie sid; do
    ! pid_alive "$ENGINE_RUN/$name.pid" dockerd || echo "$name"
  done
}
