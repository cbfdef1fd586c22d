#!/usr/bin/env bash
# gofmt, for every Go file that is not somebody else's.
set -euo pipefail
cd "$(dirname "$0")/.."

wrong=$(find . -name '*.go' -not -path './.git/*' -not -path '*/node_modules/*' -exec gofmt -l {} +)
if [ -n "$wrong" ]; then
  echo "not formatted; gofmt -w will do it:"
  echo "$wrong"
  exit 1
fi
