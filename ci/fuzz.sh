#!/usr/bin/env bash
# Every fuzz target of the library for a while: FUZZTIME each, 10s by default. Not a part of make test, which runs their seeds.
set -euo pipefail
cd "$(dirname "$0")/.."

for package in $(go list ./...); do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    echo "=== $package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" "$package"
  done
done
