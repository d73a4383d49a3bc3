#!/bin/bash
# Install what building, running and testing Glion needs on Debian (12 or newer) or Ubuntu (22.04 or newer).
# Does nothing, and needs no rights, when everything is there.
set -eu

packages=(
  gcc make cmake pkg-config
  libopenmpi-dev openmpi-bin libhdf5-openmpi-dev
  librandom123-dev libxxhash-dev libjansson-dev
  libcmocka-dev libgsl-dev clang-format-14
  python3 python3-h5py python3-numpy python3-scipy python3-matplotlib
)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

if ! command -v dpkg-query >/dev/null; then
  echo "setup: this is not a Debian or Ubuntu system; please install the counterparts of: ${packages[*]}" >&2
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

echo "setup: installing ${missing[*]}"
# another program may hold the package lists for a moment, or a mirror may hiccup
for attempt in 1 2 3; do
  as_root apt-get -qq -o DPkg::Lock::Timeout=600 update </dev/null && break
  sleep $((10 * attempt))
done
# the formatter of that version is only for the format test, which is skipped without it
if ! apt-cache show clang-format-14 >/dev/null 2>&1; then
  echo "setup: clang-format-14 is not offered here; the format test will be skipped"
  needed=()
  for package in "${missing[@]}"; do
    [ "$package" = clang-format-14 ] || needed+=("$package")
  done
  missing=(${needed[@]+"${needed[@]}"})
fi
if [ ${#missing[@]} -gt 0 ]; then
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
    install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null
fi
