#!/usr/bin/env bash
# How many statements of detect, plan, generate and verify the tests reach, all tests together, and the functions that none
# reaches. Fails below 85 percent. The profile stays in bin/cover.out: go tool cover -html=bin/cover.out shows each line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
least=85
packages=$(go list ./detect/... ./plan/... ./generate/... ./verify/... | paste -sd,)
python=$(hack/python) node=$(hack/node) cloudinit=$(hack/cloud-init) hosts=$(hack/engine/hosts)
mkdir -p bin
DRYDOCK_PYTHON=$python DRYDOCK_NODE=$node DRYDOCK_CLOUD_INIT=$cloudinit DRYDOCK_TEST_ENGINES=$hosts \
  go test -p 2 -timeout 40m -coverpkg="$packages" -coverprofile=bin/cover.out ./detect/... ./plan/... ./generate/... ./verify/... ./flow >/dev/null
go tool cover -func=bin/cover.out >bin/cover.txt
awk '$NF == "0.0%" { print "not reached:", $1, $2 }' bin/cover.txt
total=$(awk '/^total:/ { sub("%", "", $NF); print $NF }' bin/cover.txt)
echo "coverage: $total % of the statements, at least $least are wanted"
awk -v have="$total" -v want="$least" 'BEGIN { exit !(have >= want) }'
