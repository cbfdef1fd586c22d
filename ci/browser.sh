#!/usr/bin/env bash
# Finds the engines for the browser tests in e2e, or installs them. The tests of one that is not there skip themselves.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

# each calls a function with every engine: its name, the variable for its path, Debian's package, and the programs that it
# may be, by name or by a pattern of paths; the same as in e2e.
each() {
  "$1" Chromium WSX_CHROMIUM chromium chromium chromium-browser google-chrome
  "$1" Firefox WSX_FIREFOX firefox-esr firefox-esr firefox
  "$1" WebKit WSX_WEBKIT libwebkit2gtk-4.1-0 MiniBrowser '/usr/lib*/webkit*gtk-*/MiniBrowser' '/usr/lib*/*/webkit*gtk-*/MiniBrowser'
  "$1" "Xvfb, which WebKit needs" WSX_XVFB xvfb Xvfb
}

find_engine() {
  local variable=$2 program
  shift 3
  if [ -n "${!variable:-}" ]; then set -- "${!variable}"; fi
  for program in "$@"; do
    if command -v "$program" || compgen -G "$program"; then return; fi
  done
  return 1
}

missing=()
note_missing() { find_engine "$@" >/dev/null || missing+=("$3"); }

tell() {
  local path
  if path=$(find_engine "$@" | head -n 1); then
    echo "    $("$path" --version 2>/dev/null || echo "$path")"
  else
    leave_out "the browser tests in $1: install it or set $2 to its path"
  fi
}

each note_missing
if [ ${#missing[@]} != 0 ]; then debian "${missing[@]}" || true; fi
each tell
