#!/bin/bash
# The client container's program. The runner takes this process's place, so that signals reach it and its exit code is the
# container's. It serves the page itself, on a free port, and says itself what is missing.
set -euo pipefail
cd "$(dirname "$0")"

# The generation of the peer library that the image's page was built with.
export LIBRARY=${LIBRARY:-$(cat library)}

if ! probe=$(mktemp -d "${TMPDIR:-/tmp}/client.XXXXXX" 2>&1); then
  echo "The browser cannot write its profile ($probe): give the container a writable /tmp, as in --tmpfs /tmp" >&2
  exit 1
fi
rmdir "$probe"

exec node run-clients.js "$@"
