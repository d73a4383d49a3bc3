#!/bin/bash
# Install what building, running and testing Glion needs on Debian (12 or newer) or Ubuntu (22.04 or newer).
# Does nothing, and needs no rights, when everything is there.
# usage: tools/setup.sh [--all]
#   --all  also what some of the tests need that take longer; those are skipped where it is missing
set -eu

packages=(
  gcc make cmake pkg-config
  libopenmpi-dev openmpi-bin libhdf5-openmpi-dev
  librandom123-dev libxxhash-dev libjansson-dev
  libcmocka-dev libgsl-dev clang-format-14
  python3 python3-h5py python3-numpy python3-scipy python3-matplotlib
)
# without these a test is skipped: the formatter of that version; SLURM for the scripts of jobs/; Brian, beside which small models
# run; clang for the fuzzer
spared=(clang-format-14)
if [ "${1:-}" = --all ]; then
  longer=(slurm-wlm munge python3-brian clang-14 libclang-rt-14-dev libomp-14-dev)
  packages+=("${longer[@]}")
  spared+=("${longer[@]}")
fi

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

can_install() {
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

is_offered() {
  can_install && apt-cache show "$1" >/dev/null 2>&1
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

if can_install; then # another program may hold the package lists for a moment, or a mirror may hiccup
  for attempt in 1 2 3; do
    as_root apt-get -qq -o DPkg::Lock::Timeout=600 update </dev/null && break
    sleep $((10 * attempt))
  done
fi
# what can be spared and cannot be had here is left out
needed=()
for package in "${missing[@]}"; do
  if [[ " ${spared[*]} " = *" $package "* ]] && ! is_offered "$package"; then
    echo "setup: $package cannot be installed here; the test that needs it will be skipped"
  else
    needed+=("$package")
  fi
done
if [ ${#needed[@]} -gt 0 ]; then
  echo "setup: installing ${needed[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
    install -y --no-install-recommends "${needed[@]}" </dev/null >/dev/null
fi
