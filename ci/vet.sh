#!/usr/bin/env bash
# go vet in every module.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

for dir in $(modules); do
  (cd "$dir" && vet)
done
