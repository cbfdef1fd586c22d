# What the steps share. Sourced, from the root of the repository.

# Where steps write what they left out, for the end of the run.
if [ -z "${notes:-}" ]; then
  notes=$(mktemp)
  export notes
  trap 'rm -f "$notes"' EXIT
fi

# modules prints the folder of every module of go.work.
modules() { go list -m -f '{{.Dir}}'; }

# vet checks the packages of the current folder.
vet() { go vet -printf.funcs=HTMLf ./...; } # whose formats are those of Sprintf, which vet cannot see by itself

# leave_out says in one line what is not done and why. In CI that is a failure.
leave_out() {
  if [ "${CI:-}" = true ]; then
    echo "    $*; in CI this must run"
    return 1
  fi
  echo "    left out: $*"
  echo "    $*" >>"$notes"
}

# debian installs packages where that is possible: as root, on Debian or what is made of it.
debian() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  echo "    installing $* with apt-get"
  local log
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log"
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# tool prints the path of a Go program at a fixed version, which it builds once for each version of Go.
tool() { # package version
  local dir=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/wsx/$(go env GOVERSION)/$2
  local program=$dir/${1##*/}
  if [ ! -x "$program" ]; then
    echo "    building ${1##*/} $2" >&2
    GOWORK=off GOBIN=$dir go install "$1@$2" >&2 || return 1
  fi
  echo "$program"
}
