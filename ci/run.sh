#!/usr/bin/env bash
# Runs the steps that it is given, each with a heading and its time, and stops at the first that fails.
# The same on a laptop and in CI; there CI=true, and a step that cannot run is a failure instead of a line.
set -uo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

all=$SECONDS
for step in "$@"; do
  script=ci/$step.sh
  case $step in
  race | alloc) script="ci/test.sh $step" ;;
  esac
  printf '\n=== %s\n' "$step"
  began=$SECONDS
  if ! bash $script; then
    printf '\nFAILED: %s, after %d s\n' "$step" $((SECONDS - began))
    exit 1
  fi
  printf '    %s: %d s\n' "$step" $((SECONDS - began))
done
left=$(cat "$notes")
if [ -n "$left" ]; then
  printf '\nLeft out:\n%s\n' "$left"
fi
printf '\nOK: %s, in %d s\n' "$*" $((SECONDS - all))
