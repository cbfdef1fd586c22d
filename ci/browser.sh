#!/usr/bin/env bash
# Finds a Chromium for the browser tests in e2e, or installs one. Without one those tests skip themselves.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

find_chromium() {
  if [ -n "${WSX_CHROMIUM:-}" ]; then
    command -v "$WSX_CHROMIUM"
  else
    command -v chromium || command -v chromium-browser || command -v google-chrome
  fi
}

if ! find_chromium >/dev/null && ! { debian chromium && find_chromium >/dev/null; }; then
  leave_out "the browser tests: there is no Chromium; install one or set WSX_CHROMIUM to its path"
  exit
fi
echo "    $("$(find_chromium)" --version 2>/dev/null || find_chromium)"
