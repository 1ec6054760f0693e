#!/usr/bin/env bash
# Writes the golden files anew: runs with -update the tests of every package that
# has that flag. Look at the difference before it is committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=0
for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do
  if out=$(go test -count=1 -timeout 40m "$package" -update 2>&1); then
    echo "$out"
  elif ! grep -q 'flag provided but not defined: -update' <<<"$out"; then
    echo "$out"
    failed=1
  fi
done
git status --short -- '*testdata*'
exit "$failed"
