#!/usr/bin/env bash
# The Go tests: "race" runs those of every module under the race detector, in random order; "alloc" runs the library's once
# more without it, because the race detector allocates for itself and empties pools at random, so that the tests of
# allocations and of memory stand in files that it leaves out.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

case ${1:-race} in
race)
  if ! command -v "$(go env CC)" >/dev/null && ! debian gcc libc6-dev; then
    leave_out "the race detector, which needs a C compiler"
    detector=
  fi
  code=0
  for dir in $(modules); do
    (cd "$dir" && go test ${detector--race} -count=1 -shuffle=on -timeout 10m ./...) || code=1
  done
  exit $code
  ;;
alloc)
  go test -count=1 -shuffle=on -timeout 10m ./...
  ;;
*)
  echo "usage: ci/test.sh race|alloc" >&2
  exit 2
  ;;
esac
