#!/bin/bash
# The client container's program: serves the page on port 7654 of this container, then runs the peers. The runner takes
# this process's place, so that signals reach it and its exit code is the container's. It says itself what is missing.
set -euo pipefail
cd "$(dirname "$0")"

if [ -z "${CLIENT_URL:-}" ]; then
  # The generation of the peer library that the page was built with.
  export LIBRARY=${LIBRARY:-$(cat library)}
  export CLIENT_URL=http://localhost:7654/
  node page-server.js page 7654 &
  until (exec 3<>/dev/tcp/localhost/7654) 2>/dev/null; do
    kill -0 $! 2>/dev/null || exit 1
    sleep 0.05
  done
fi

if ! probe=$(mktemp -d "${TMPDIR:-/tmp}/client.XXXXXX" 2>&1); then
  echo "The browser cannot write its profile ($probe): give the container a writable /tmp, as in --tmpfs /tmp" >&2
  exit 1
fi
rmdir "$probe"

exec node run-clients.js "$@"
