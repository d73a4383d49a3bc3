# Sourced by the scripts beside it: where the repository is, and how Open MPI should behave on one small machine.
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# The system's Python has the modules that setup.sh installs; another `python3` on PATH may not see them.
python=/usr/bin/python3

# More ranks than cores are fine, ranks are not pinned (a rank may have several threads), and a waiting rank gives its core away.
export OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1
if [ "$(id -u)" -eq 0 ]; then # in a container
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# configure_and_build FOLDER [CMAKE_OPTION]…: quiet unless it fails
configure_and_build() {
  local folder=$1 log=$1/build.log
  shift
  echo "building in $folder"
  mkdir -p "$folder"
  if ! { cmake -S . -B "$folder" -DPython3_EXECUTABLE=$python "$@" && cmake --build "$folder" -j "$(nproc)"; } >"$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
}
