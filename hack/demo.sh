#!/usr/bin/env bash
# Containerizes the Rails fixture in front of your eyes: detected, generated, built,
# started with its database, probed. Writes to a copy, which is removed afterwards.
# Usage: demo.sh [DRYDOCK] [FIXTURE]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
drydock=${1:-$root/bin/drydock}
fixture=${2:-$root/testdata/apps/rails-shop}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/${fixture##*/}
cp -a "$fixture" "$copy"

echo "demo: drydock containerize ${fixture#"$root"/} --yes --progress plain -o $copy"
code=0
"$drydock" containerize "$fixture" --yes --progress plain -o "$copy" || code=$?
echo
case $code in
  0) verdict='healthy: built, started and answering' ;;
  6) verdict='not verified: no engine answers' ;;
  7) verdict='the image could not be built' ;;
  8) verdict='built, but not healthy' ;;
  *) verdict='failed' ;;
esac
echo "demo: verdict: $verdict (exit $code); the copy is removed"
exit "$code"
