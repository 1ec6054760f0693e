#!/usr/bin/env bash
# Records the wizard and the board of assess for README.md: plays a person at them in a pseudo-terminal, with the bundled applications in
# Git repositories and the real engine, and writes docs/wizard.cast (asciinema play), docs/wizard.svg and docs/board.svg. Usage: record.sh [DRYDOCK] [FIXTURE]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
drydock=${1:-$root/bin/drydock}
fixture=${2:-$root/testdata/apps/static-almanac}
"$root/hack/need" git
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repository() { # FOLDER TO: a copy as a repository of its own
  cp -a "$1" "$2"
  git -C "$2" init -q -b main
  git -C "$2" add -A
  git -C "$2" -c user.name=me -c user.email=me@example.com commit -q -m 'as it was'
}
repo=$work/${fixture##*/}
repository "$fixture" "$repo"
mkdir "$work/portfolio"
for app in "$root"/testdata/apps/*/; do
  app=${app%/}
  for team in billing depot fleet ledger shop tariff; do # enough of them to be seen at work
    repository "$app" "$work/portfolio/$team-${app##*/}"
  done
done
cd "$root"
go run ./hack/record "$drydock" "$repo" docs/wizard.cast docs/wizard.svg
go run ./hack/record board "$drydock" "$work/portfolio" docs/board.svg
