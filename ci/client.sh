#!/usr/bin/env bash
# The strict type check of the browser client. Its tests run in browsers, with those in e2e; that client/dist is made of
# client/src is a test of client/build. So Node is for this alone.
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
