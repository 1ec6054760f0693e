# shellcheck shell=bash
# images.tab, read once: which tags there are and what they are made of.
#
# A row is: id | profiles | base | recipe | build arguments | tags
# base is "suite:NAME" (a Debian suite), "scratch" or the id of another row.

declare -a IDS=()
declare -A PROFILES=() BASE=() RECIPE=() ARGS=() TAGS=()

load_table() {
  local line id profiles base recipe args tags
  while IFS= read -r line; do
    case $line in '' | '#'*) continue ;; esac
    IFS='|' read -r id profiles base recipe args tags <<<"$line"
    read -r id <<<"$id"
    read -r PROFILES["$id"] <<<"$profiles"
    read -r BASE["$id"] <<<"$base"
    read -r RECIPE["$id"] <<<"$recipe"
    read -r ARGS["$id"] <<<"$args"
    read -r TAGS["$id"] <<<"$tags"
    [ -n "${TAGS[$id]}" ] || die "images.tab has no well-formed row '$id'"
    IDS+=("$id")
  done <"$TABLE"
}
load_table

# select_ids WORD...: ids whose id, profile or image tag is one of the words.
select_ids() {
  local word id
  for word in "$@"; do
    for id in "${IDS[@]}"; do
      if [ "$word" = all ] || [ "$word" = "$id" ] || [[ " ${PROFILES[$id]} ${TAGS[$id]} " = *" $word "* ]]; then echo "$id"; fi
    done
  done | sort -u
}

# need_words WORD...: ends when a word names nothing in the table.
need_words() {
  local word
  for word in "$@"; do
    [ -n "$(select_ids "$word")" ] || usage_error "no image, profile or id named '$word' in images.tab (see: images)"
  done
}

# deps ID: the rows it stands on: its base, and any row named by NEEDS=ID.
deps() {
  local word
  case ${BASE[$1]} in
    suite:* | scratch) ;;
    *)
      [ -n "${TAGS[${BASE[$1]}]-}" ] || die "images.tab: '$1' stands on '${BASE[$1]}', which has no row"
      echo "${BASE[$1]}"
      ;;
  esac
  for word in ${ARGS[$1]}; do case $word in NEEDS=*) echo "${word#NEEDS=}" ;; esac; done
}

# with_bases ID...: the ids and everything they stand on.
with_bases() {
  local id below
  for id in "$@"; do
    echo "$id"
    below=$(deps "$id")
    # shellcheck disable=SC2086  # ids are words
    [ -z "$below" ] || with_bases $below
  done | sort -u
}

depth() {
  local dep n d=0
  for dep in $(deps "$1"); do
    n=$(($(depth "$dep") + 1))
    if [ "$n" -gt "$d" ]; then d=$n; fi
  done
  echo "$d"
}

# fingerprint ID: sets SUM[ID] to a checksum of what the image is made of: its row,
# its recipe, and what it stands on.
declare -A SUM=()
fingerprint() {
  local id=$1 dep below
  [ -z "${SUM[$id]-}" ] || return 0
  below=$(deps "$id")
  for dep in $below; do fingerprint "$dep"; done
  SUM[$id]=$({
    printf '%s\n' "${BASE[$id]}" "${RECIPE[$id]}" "${ARGS[$id]}"
    case ${BASE[$id]} in
      suite:*) cat "$ENGINE_HOME/lib/base.sh" "$ENGINE_HOME/lib/tidy-base.sh" /usr/local/share/ca-certificates/*.crt 2>/dev/null ;;
    esac
    for dep in $below; do echo "${SUM[$dep]}"; done
    [ "${RECIPE[$id]}" = - ] || find "$ENGINE_HOME/recipes/${RECIPE[$id]}" -type f -print0 | sort -z | xargs -0 cat
  } | sha256sum | cut -c1-16)
}

# local_ref ID: the name an image is built under. It changes with what the image is
# made of: BuildKit may answer a name it knows from its cache.
local_ref() {
  fingerprint "$1"
  echo "$REGISTRY_ADDR/drydock/$1:${SUM[$1]}"
}

tag_link() { # NAME:TAG -> the registry's link file for it
  local name=${1%:*} tag=${1##*:}
  case $name in */*) ;; *) name=library/$name ;; esac
  echo "$REGISTRY_ROOT/docker/registry/v2/repositories/$name/_manifests/tags/$tag/current/link"
}

is_built() {
  local id=$1 tag
  fingerprint "$id"
  [ -s "$ENGINE_CACHE/built/$id" ] && [ "$(<"$ENGINE_CACHE/built/$id")" = "${SUM[$id]}" ] || return 1
  for tag in ${TAGS[$id]}; do [ -s "$(tag_link "$tag")" ] || return 1; done
}

# missing_ids WORD...: the rows among those named, and what they stand on, that are
# not in the registry or are not what the table says any more.
missing_ids() {
  local id
  # shellcheck disable=SC2046  # ids are words
  for id in $(with_bases $(select_ids "$@")); do is_built "$id" || echo "$id"; done
}
