# shellcheck shell=bash
# Newer engines and client plugins, taken from a later Debian suite's packages
# and unpacked aside: their programs run on bookworm as they are, with bookworm's
# own runc (the later one needs a newer C library).

# fetch_debs SUITE DIR PACKAGE...: unpack a suite's packages into DIR, with an apt
# state of its own, so that the machine's is not touched.
fetch_debs() {
  local suite=$1 dir=$2 state deb
  shift 2
  [ -e "$dir/.done" ] && return 0
  state=$(mktemp -d "$ENGINE_CACHE/.apt-$suite.XXXXXX")
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs" "$dir"
  suite_sources "$suite" >"$state/sources.list"
  : >"$state/status"
  local options=(-qq -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$state/lists" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state/cache"
    -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root)
  if ! { apt-get "${options[@]}" update && (cd "$state/debs" && apt-get "${options[@]}" download "$@"); } >"$ENGINE_LOG/apt-$suite.log" 2>&1; then
    tail -n 20 "$ENGINE_LOG/apt-$suite.log" >&2
    die "Debian $suite's packages could not be fetched: $*"
  fi
  for deb in "$state"/debs/*.deb; do dpkg-deb -x "$deb" "$dir"; done
  rm -rf "$state"
  touch "$dir/.done"
}

# engine_path NAME: where dockerd is; nothing for the machine's own.
engine_path() {
  case $1 in
    bookworm) ;;
    trixie | sid) echo "$ENGINE_CACHE/engine-$1/bin" ;;
    *) usage_error "no engine '$1': bookworm (20.10), trixie (26.1) or sid (28.5)" ;;
  esac
}

prepare_engine() {
  local dir=$ENGINE_CACHE/engine-$1 program
  [ "$1" != bookworm ] || return 0
  [ -e "$dir/.done" ] || say "fetching the engine of Debian $1"
  fetch_debs "$1" "$dir" docker.io containerd docker-cli docker-buildx docker-compose
  mkdir -p "$dir/bin"
  for program in usr/sbin/dockerd usr/bin/docker usr/bin/containerd usr/bin/containerd-shim-runc-v2 \
    usr/bin/docker-proxy usr/sbin/docker-proxy usr/libexec/docker/docker-proxy; do
    [ ! -e "$dir/$program" ] || ln -sf "$dir/$program" "$dir/bin/"
  done
}

# buildx and compose for whatever docker client is on the machine.
install_plugins() {
  local dir=$ENGINE_CACHE/plugins to=/usr/local/lib/docker/cli-plugins
  fetch_debs trixie "$dir" docker-buildx docker-compose
  mkdir -p "$to"
  ln -sf "$dir"/usr/libexec/docker/cli-plugins/docker-{buildx,compose} "$to/"
}
