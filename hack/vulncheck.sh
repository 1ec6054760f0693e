#!/usr/bin/env bash
# Says which known vulnerabilities drydock's code reaches. Without the database nothing was
# checked, which is no success. Usage: vulncheck.sh [URL of a copy of the database]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
code=0
go tool -modfile=hack/vulncheck/go.mod govulncheck ${1:+-db "$1"} ./cmd/drydock || code=$?
case $code in
  0) ;;
  3) echo "vulncheck: drydock reaches what is listed above; raise those modules in go.mod" >&2 ;;
  *) echo "vulncheck: NOT CHECKED: see the message above; where the database cannot be reached, give a copy of it: make vulncheck VULNDB=file:///DIR" >&2 ;;
esac
exit "$code"
