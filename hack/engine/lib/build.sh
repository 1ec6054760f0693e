# shellcheck shell=bash
# Rows of images.tab -> images in the local registry.
# shellcheck disable=SC2153  # BASE, ARGS and the like are table.sh's

# ensure_local ID: the base image must be in the engine's own store to build on.
ensure_local() {
  local ref
  ref=$(local_ref "$1")
  dk image inspect "$ref" >/dev/null 2>&1 || dk pull -q "$ref" >/dev/null
}

# push_all ID TAG...: into the registry once under a name of our own, then under
# each tag, which moves no byte: the blobs are mounted from the first.
push_all() {
  local id=$1 ref tag name target
  shift
  ref=$(local_ref "$id")
  dk push -q "$ref" >/dev/null
  for tag in "$@"; do
    name=$tag
    case ${name%:*} in */*) ;; *) name=library/$name ;; esac
    target=$REGISTRY_ADDR/$name
    dk tag "$ref" "$target"
    dk push -q "$target" >/dev/null
    dk rmi "$target" >/dev/null
    # The mirror answers for docker.io alone: an image of another registry is kept in the engine under its name.
    case ${name%%/*} in *.*) dk tag "$ref" "$name" ;; esac
  done
}

build_one() {
  local id=$1 base=${BASE[$1]} start=$EPOCHREALTIME ref args=() word log built
  ref=$(local_ref "$id")
  log=$ENGINE_LOG/build-$id.log
  if [ "${RECIPE[$id]}" = - ]; then
    bootstrap "${base#suite:}" "$ref" >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "building $id failed, see $log"; }
  else
    case $base in
      suite:*) die "row $id: only a row without recipe can stand on a suite" ;;
      scratch) ;;
      *) ensure_local "$base"; args+=(--build-arg "BASE=$(local_ref "$base")") ;;
    esac
    for word in ${ARGS[$id]}; do
      case $word in
        -) ;;
        NEEDS=*) ensure_local "${word#NEEDS=}"; args+=(--build-arg "NEEDS=$(local_ref "${word#NEEDS=}")") ;;
        *) args+=(--build-arg "$word") ;;
      esac
    done
    prepare_context "$id" "${RECIPE[$id]}" "${ARGS[$id]}" >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "preparing $id failed, see $log"; }
    dk build --progress=plain "${args[@]}" --label "io.drydock.stand-in=$id" \
      -t "$ref" "$ENGINE_CACHE/context/$id" >>"$log" 2>&1 ||
      { tail -n 30 "$log" >&2; die "building $id failed, see $log"; }
  fi
  built=$(since "$start")
  # shellcheck disable=SC2086  # tags are words
  push_all "$id" ${TAGS[$id]} || die "pushing $id failed"
  mkdir -p "$ENGINE_CACHE/built"
  echo "${ref##*:}" >"$ENGINE_CACHE/built/$id"
  rm -rf "$ENGINE_CACHE/context/$id"
  say "built $id in ${built}s, pushed after $(since "$start")s: ${TAGS[$id]}"
}

# prepare_context ID RECIPE ARGS: the recipe's folder plus what its `fetch`
# script (run on this machine, see fetch.sh) brings in.
prepare_context() {
  local dir=$ENGINE_CACHE/context/$1
  rm -rf "$dir"
  mkdir -p "$dir"
  cp -a "$ENGINE_HOME/recipes/$2/." "$dir/"
  if [ -x "$dir/fetch" ]; then
    # shellcheck disable=SC2086  # NAME=value words
    (cd "$dir" && env ENGINE_HOME="$ENGINE_HOME" ENGINE_CACHE="$ENGINE_CACHE" $3 ./fetch)
  fi
}

# build_missing WORD...: what is missing of the images named, in waves, two at a time.
build_missing() {
  local id d max=0 wanted wave
  declare -A at=()
  mapfile -t wanted < <(missing_ids "$@")
  [ ${#wanted[@]} -gt 0 ] || return 0
  for id in "${wanted[@]}"; do
    d=$(depth "$id")
    at[$id]=$d
    if [ "$d" -gt "$max" ]; then max=$d; fi
  done
  say "building ${#wanted[@]} stand-in(s): ${wanted[*]}"
  for ((d = 0; d <= max; d++)); do
    wave=()
    for id in "${wanted[@]}"; do [ "${at[$id]}" -ne "$d" ] || wave+=("$id"); done
    [ ${#wave[@]} -gt 0 ] || continue
    printf '%s\n' "${wave[@]}" | xargs -P "${DRYDOCK_ENGINE_JOBS:-2}" -n 1 \
      timeout 1200 "$ENGINE_HOME/lib/build-one" "$ENGINE_SOCKET"
  done 9>&-
}
