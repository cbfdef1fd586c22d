#!/usr/bin/env bash
# The strict type check of the browser client, its model of regions and positions, and what its package for npm holds. Its tests run in
# browsers, with those in e2e; that client/dist is made of client/src is a test of client/build. So Node is for this alone.
set -euo pipefail
cd "$(dirname "$0")/.."
. ci/lib.sh

if ! command -v npm >/dev/null && ! debian nodejs npm; then
  leave_out "the type check of the client, which needs npm"
  exit
fi
cd client
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  echo "    npm ci"
  if ! npm ci --no-audit --no-fund --no-update-notifier --loglevel=error; then
    leave_out "the type check of the client: npm ci failed"
    exit
  fi
fi
npm run --silent check

# The model of regions and positions, on two cores.
model() { node test/model/run.js 5000 "$1"; }
seed=$((RANDOM * 10000))
model $seed & first=$!
model $((seed + 5000)) & second=$!
# Each by itself: set -e ignores what fails on the left of &&.
wait $first
wait $second

# The package: all that it promises, and nothing that is for this repository alone.
packed=$(npm pack --dry-run --json --loglevel=error | node -p 'JSON.parse(require("fs").readFileSync(0))[0].files.map((f) => f.path).join("\n")')
for promised in LICENSE README.md package.json wsx.d.ts src/module.js dist/wsx.js dist/wsx-{http,more,morph,debug}.js; do
  grep -qxF "$promised" <<<"$packed" || { echo "the package for npm lacks $promised" && exit 1; }
done
if grep -vxE '(LICENSE|README\.md|package\.json|wsx\.d\.ts|dist/[a-z-]+\.js|src/([a-z]+/)?[a-z-]+\.js)' <<<"$packed"; then
  echo "these do not belong into the package for npm"
  exit 1
fi
# A server that renders pages may import what it never runs.
node --input-type=module -e 'import "./src/module.js"'
cmp LICENSE ../LICENSE
