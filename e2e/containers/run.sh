#!/usr/bin/env bash
# The tests of containers: builds the images and runs them on a Docker daemon of its own.
# Usage: e2e/containers/run.sh [FILE…]     (root on Debian; about 7 min; CONTAINERS_DIR keeps the daemon's data)
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(docker.io docker-cli docker-buildx docker-compose iptables iproute2 openssh-server openssh-client mmdebstrap python3
  podman runc nftables catatonit netavark aardvark-dns kubernetes-client)
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  install="apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" -ne 0 ] || [ ! -e /etc/debian_version ]; then
    echo "The tests of containers need root and these packages: sudo $install" >&2
    exit 1
  fi
  echo "Installing ${missing[*]} …"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null
fi

if [ $# -eq 0 ]; then set -- e2e/containers/*.test.ts; fi
# Not under the temporary folder's usual name: sockets have short paths.
directory=${CONTAINERS_DIR:-$(mktemp -d /tmp/containers.XXXXXX)}
[ -n "${CONTAINERS_DIR:-}" ] || trap 'rm -rf "$directory"' EXIT

echo "Starting a Docker daemon in $directory …"
e2e/containers/private-dockerd.sh "$directory" sh -ec '
  docker image inspect node:22-trixie-slim >/dev/null 2>&1 || {
    echo "Base images …"
    docker pull --quiet node:22-trixie-slim 2>/dev/null || e2e/containers/offline-base-images.sh
  }
  for image in server client; do
    echo "Building catalyst-peer/$image …"
    docker build --quiet --file clientRunner.Dockerfile --target $image --tag catalyst-peer/$image . >/dev/null
  done
  together= alone=
  for file; do case $file in *.alone.test.ts) alone="$alone $file" ;; *) together="$together $file" ;; esac; done
  run() { [ $# -eq 1 ] || node --require tsx/cjs --test --test-reporter=spec --test-concurrency="$@"; }
  status=0
  run 2 $together || status=1
  run 1 $alone || status=1
  exit $status
' sh "$@"
