#!/usr/bin/env bash
# vet, staticcheck and govulncheck in every module, go.mod files that say what is needed, and the one rule of the
# architecture that a tool can check. The tools are pinned, so that a new version of theirs breaks no old commit.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

staticcheck=$(tool honnef.co/go/tools/cmd/staticcheck v0.8.2)
govulncheck=$(tool golang.org/x/vuln/cmd/govulncheck v1.8.0)

# check_vulnerabilities runs govulncheck in the current folder. Its database is on the network, and a machine without a way
# to it is no reason to fail: that is the one failure that only gets a line. Findings (exit code 3) and all others fail.
database=reached
check_vulnerabilities() {
  [ "$database" = reached ] || return 0
  local output code=0
  output=$("$govulncheck" ./... 2>&1) || code=$?
  if [ $code = 1 ] && grep -q '^govulncheck: fetching vulnerabilities:' <<<"$output"; then
    database=unreachable
    echo "    left out: govulncheck, whose database does not answer"
    echo "    govulncheck, whose database does not answer" >>"$notes"
  elif [ $code != 0 ]; then
    echo "$output"
    return 1
  fi
}

# checks prints what staticcheck is to look for in a folder: its defaults, but the errors of the examples are sentences,
# since they are shown to people.
checks() {
  case $1 in
  */examples) echo inherit,-ST1005 ;;
  *) echo inherit ;;
  esac
}

for dir in $(modules); do
  echo "    .${dir#"$PWD"}"
  pushd "$dir" >/dev/null
  go mod tidy -diff
  vet
  "$staticcheck" -checks "$(checks "$dir")" ./...
  check_vulnerabilities
  popd >/dev/null
done

# A program that uses wsx compiles these and nothing else: another dependency needs a decision in docs/adr.
foreign=$(go list -deps -f '{{with .Module}}{{.Path}}{{end}}' . ./wsxtest | sort -u |
  grep -vxF -e github.com/wsxgo/wsx -e github.com/coder/websocket -e golang.org/x/time || true)
if [ -n "$foreign" ]; then
  echo "new dependencies of the library:"
  echo "$foreign"
  exit 1
fi
