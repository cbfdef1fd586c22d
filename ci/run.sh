#!/usr/bin/env bash
# Runs the steps that it is given, each with a heading and its time, and stops after the first that fails. A word may be one step,
# or lanes that run side by side, divided by +, whose steps follow one another, divided by commas: e2e+lint,modules. What such a
# step prints is shown in one piece, once it is over.
# The same on a laptop and in CI; there CI=true, and a step that cannot run is a failure instead of a line.
set -uo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

work=$(mktemp -d)
lanes=()
stop() {
  local lane
  for lane in ${lanes[@]+"${lanes[@]}"}; do kill -- "-$lane" 2>/dev/null; done
}
trap 'stop; rm -rf "$work" "$notes"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run_step runs one step, and notes that it passed or failed.
run_step() {
  local step=$1 script=ci/$1.sh began=$SECONDS
  case $step in
  race | modules | e2e | alloc | short) script="ci/test.sh $step" ;;
  esac
  printf '\n=== %s\n' "$step"
  if bash $script; then
    printf '    %s: %d s\n' "$step" $((SECONDS - began))
    echo "$step" >>"$work/passed"
  else
    printf '\nFAILED: %s, after %d s\n' "$step" $((SECONDS - began))
    echo "$step" >>"$work/failed"
    return 1
  fi
}

# run_lane runs steps one after another, and shows the output of each when it is over, with no other's in between.
run_lane() {
  local step code output
  for step in ${1//,/ }; do
    output=$work/$step.output code=0
    run_step "$step" >"$output" 2>&1 || code=1
    until mkdir "$work/printing" 2>/dev/null; do sleep 0.1; done
    cat "$output"
    rmdir "$work/printing"
    [ $code = 0 ] || return 1
  done
}

run_lanes() {
  local lane code=0
  printf '\n=== side by side: %s\n' "$1"
  set -m # each lane is a group of processes, so that it can be stopped as a whole
  lanes=()
  for lane in ${1//+/ }; do
    run_lane "$lane" </dev/null &
    lanes+=($!)
  done
  set +m
  for lane in "${lanes[@]}"; do wait "$lane" || code=1; done
  lanes=()
  return $code
}

touch "$work/passed" "$work/failed"
for word in "$@"; do
  case $word in
  *+*) run_lanes "$word" ;;
  *) run_step "$word" ;;
  esac || break
done
if [ -s "$notes" ]; then
  printf '\nLeft out:\n%s\n' "$(cat "$notes")"
fi
failed=$(wc -l <"$work/failed")
if [ "$failed" != 0 ]; then
  printf '\nFAILED: %s\n' "$(paste -sd ' ' "$work/failed")"
else
  printf '\nOK: %s\n' "$*"
fi
printf 'Steps: %d passed, %d failed, in %d s\n' "$(wc -l <"$work/passed")" "$failed" "$SECONDS"
[ "$failed" = 0 ]
