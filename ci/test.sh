#!/usr/bin/env bash
# The Go tests, in random order. Under the race detector: "race" runs those of the library, "modules" those of the other modules, and
# "e2e" those in browsers. "alloc" runs without it what it leaves out or cuts short: it allocates for itself and empties pools at
# random, so the tests of allocations and of memory stand in files with "//go:build !race". "short" runs all with -short and without
# the detector, except those in browsers and of the contenders.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

options=(-count=1 -shuffle=on -timeout 10m)

race_in() { # folders
  local detector=-race dir code=0
  if ! command -v "$(go env CC)" >/dev/null && ! debian gcc libc6-dev; then
    leave_out "the race detector, which needs a C compiler"
    detector=
  fi
  for dir; do
    (cd "$dir" && go test $detector "${options[@]}" ./...) || code=1
  done
  return $code
}

# test_files prints the test files of the library, each after the path of its package.
test_files() { # options
  local format='{{range .TestGoFiles}}{{$.ImportPath}} {{$.Dir}}/{{.}}
{{end}}{{range .XTestGoFiles}}{{$.ImportPath}} {{$.Dir}}/{{.}}
{{end}}'
  go list "$@" -f "$format" ./... | grep . | sort
}

# declared prints the names that files declare, except exported ones.
declared() { grep -hoE '^(var|const|func) [a-z][A-Za-z0-9]*' "$@" | cut -d ' ' -f 2 | sort -u; }

# without_race prints the names of the tests in those files of a package that the race detector leaves out. What such a file declares
# may be declared anew for the detector, as how many schedules a test goes through: files that use that are wanted whole.
without_race() { # package, the files left out
  local package=$1 name files anew=()
  shift
  files=$(printf '%s\n' "$@")
  while read -r name; do anew+=("$name"); done < <(
    comm -13 <(test_files) <(test_files -tags race) | sed -n "s,^$package ,,p"
  )
  if [ ${#anew[@]} != 0 ]; then
    for name in $(comm -12 <(declared "$@") <(declared "${anew[@]}")); do
      files+=$'\n'$(test_files | sed -n "s,^$package ,,p" | xargs grep -lw "$name" | xargs grep -LwE "(var|const) $name" || true)
    done
  fi
  sort -u <<<"$files" | grep . | xargs grep -hoE '^func (Test|Example)[A-Za-z0-9_]*' | cut -d ' ' -f 2 | grep -vx TestMain
}

alloc() {
  local left package file files names code=0
  left=$(comm -23 <(test_files) <(test_files -tags race))
  for package in $(cut -d ' ' -f 1 <<<"$left" | sort -u); do
    files=()
    while read -r file; do files+=("$file"); done < <(sed -n "s,^$package ,,p" <<<"$left")
    names=$(without_race "$package" "${files[@]}")
    echo "    $(wc -w <<<"$names") of the tests in $package"
    go test "${options[@]}" -run "^($(paste -sd '|' - <<<"$names"))\$" "$package" || code=1
  done
  [ -n "$left" ] && return $code
}

case ${1:-race} in
race) race_in . ;;
modules) race_in $(modules | grep -vxF -e "$PWD" -e "$PWD/e2e") ;;
e2e) race_in e2e ;;
alloc) alloc ;;
short)
  code=0
  for dir in . client/build examples; do
    (cd "$dir" && go test -short -shuffle=on ./...) || code=1
  done
  exit $code
  ;;
*)
  echo "usage: ci/test.sh race|modules|e2e|alloc|short" >&2
  exit 2
  ;;
esac
