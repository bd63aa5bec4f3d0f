#!/bin/sh
# Installs the dependencies if they are not there (a fresh clone, or a lock file that has changed), then runs a command
# of node_modules/.bin. Usage: with-setup.sh [-C FOLDER] COMMAND [ARG…]   (FOLDER: a package of its own, such as deploy/aws)
set -eu
cd "$(dirname "$0")/.."
if [ "$1" = -C ]; then
  cd "$2"
  shift 2
fi
node=$(node --version 2>/dev/null) || { echo "Node.js was not found: install version 20.19 or later." >&2; exit 1; }
major=${node#v}
minor=${major#*.}
major=${major%%.*}
minor=${minor%%.*}
if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 19 ]; }; then
  echo "Node.js ${node#v} is too old: install version 20.19 or later." >&2
  exit 1
fi
stamp=node_modules/.installed-lock
if ! cmp -s package-lock.json "$stamp"; then
  echo "Installing dependencies (npm ci) …" >&2
  npm ci --include=dev --ignore-scripts --loglevel=error >&2
  cp package-lock.json "$stamp"
fi
PATH="$PWD/node_modules/.bin:$PATH" exec "$@"
