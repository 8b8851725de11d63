#!/bin/sh
# What the tests run for real and Python cannot bring: Debian's packages, installed where they are missing and may be.
set -eu
export PATH="$PATH:/usr/sbin:/sbin"
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need git git
need bwrap bubblewrap
need prlimit util-linux
need sshd openssh-server
need ssh openssh-client
need nginx nginx-light
need ps procps
need ping iputils-ping
need ip iproute2
need dig bind9-dnsutils
need sudo sudo
need podman podman
need runc runc
need dockerd docker.io
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "the tests need these Debian packages:$missing (apt-get install$missing)" >&2
  exit 1
fi
echo "Installing what the tests run for real:$missing ..."
export DEBIAN_FRONTEND=noninteractive
# A server that a package brings is not started: the tests start their own.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
apt-get update -qq
# shellcheck disable=SC2086 # one word a package
apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io $missing >/dev/null
