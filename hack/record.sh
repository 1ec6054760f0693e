#!/usr/bin/env bash
# Records the wizard for README.md: plays a person at it in a pseudo-terminal, with a bundled application in a Git repository and the
# real engine, and writes docs/wizard.cast (asciinema play) and docs/wizard.svg. Usage: record.sh [DRYDOCK] [FIXTURE]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
drydock=${1:-$root/bin/drydock}
fixture=${2:-$root/testdata/apps/static-almanac}
"$root/hack/need" git
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repo=$work/${fixture##*/}
cp -a "$fixture" "$repo"
git -C "$repo" init -q -b main
git -C "$repo" add -A
git -C "$repo" -c user.name=me -c user.email=me@example.com commit -q -m 'as it was'
cd "$root"
go run ./hack/record "$drydock" "$repo" docs/wizard.cast docs/wizard.svg
