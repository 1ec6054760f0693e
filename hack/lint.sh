#!/usr/bin/env bash
# gofmt, go vet, the other systems' builds, staticcheck, golangci-lint, actionlint for the
# workflows and shellcheck for the scripts; all of them run, then the exit code says whether one complained.
# The Go tools are pinned in hack/tools/go.mod, apart from the program's own modules.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=()

check() { # NAME COMMAND...
  local name=$1 start=$SECONDS
  shift
  if "$@"; then echo "lint: $name: ok ($((SECONDS - start))s)"; else failed+=("$name"); echo "lint: $name: FAILED"; fi
}

formatted() {
  local out
  out=$(git ls-files -z --cached --others --exclude-standard -- '*.go' | xargs -0 -r gofmt -l) || return 1
  [ -z "$out" ] || { echo "not formatted (gofmt -w FILE):"; echo "$out"; return 1; }
}

tool() { go tool -modfile=hack/tools/go.mod "$@"; }

scripts() {
  git ls-files -z --cached --others --exclude-standard -- hack .ci |
    while IFS= read -r -d '' file; do
      [ -f "$file" ] || continue
      # Recipes name their shell in the first line, and so do sourced parts, for shellcheck.
      case $(head -c 60 "$file" | head -n 1 | tr -d '\0') in
        '#!'*bash* | '#!/bin/sh'* | '# shellcheck shell='*) printf '%s\0' "$file" ;;
      esac
    done | xargs -0 shellcheck -x
}

others() { # the systems that nothing else builds for here
  local goos
  for goos in darwin windows; do
    CGO_ENABLED=0 GOOS=$goos go build -o /dev/null ./cmd/drydock || return 1
  done
}

check gofmt formatted
check 'go vet' go vet ./...
check 'darwin, windows' others
check staticcheck tool staticcheck ./...
check golangci-lint tool golangci-lint run ./...
check workflows go tool -modfile=hack/actionlint/go.mod actionlint -no-color -shellcheck= -pyflakes=
if hack/need shellcheck; then check shellcheck scripts; else echo "lint: shellcheck: left out, it is not installed"; fi
[ ${#failed[@]} -eq 0 ] || { echo "lint: failed: ${failed[*]}" >&2; exit 1; }
