"""What the system tests share: running the real glion under the real mpirun in a folder of their own, and saying what is wrong.

A test is a small script that says nothing when right. GLION names the program, MPIEXEC the launcher; CTest sets both."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SYSTEM = os.path.join(ROOT, "tests", "system")
DATA = os.path.join(ROOT, "tests", "data")
sys.path.insert(0, os.path.join(ROOT, "tools"))  # its modules are imported after this one

GLION = os.environ.get("GLION", os.path.join(ROOT, "build", "glion"))
MPIEXEC = os.environ.get("MPIEXEC", "mpirun")

# more ranks than cores, as root in a container, no pinning, and waiting ranks that give their core away
MPI_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
}

failures = []


def check(right, message):
    """Note a failure and go on, so that one run of a test shows all that is wrong."""
    if not right:
        failures.append(message)


def finish():
    """The last line of every test."""
    if failures:
        sys.exit("\n".join(failures))


@contextlib.contextmanager
def workspace():
    """A fresh folder, removed at the end."""
    folder = tempfile.mkdtemp(prefix="glion-test-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def glion(*arguments, ranks=1, timeout=300, cwd=None):
    """Run `mpirun -n RANKS glion ARGUMENTS`; the completed process with its output as text."""
    command = [MPIEXEC, "-n", str(ranks), GLION, *map(str, arguments)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=cwd,
        env={**MPI_ENVIRONMENT, **os.environ},
    )
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.terminate()  # mpirun ends its ranks
        output, errors = process.communicate()
        errors += f"\nended by the test after {timeout} s"
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def run(network, folder, *arguments, ranks=1, threads=1, timeout=300):
    """`glion run` a network file into a folder; it must succeed. Returns the completed process."""
    process = glion("run", network, "-o", folder, "--threads", threads, *arguments, ranks=ranks, timeout=timeout)
    if process.returncode != 0:
        sys.exit(f"{' '.join(process.args)}: status {process.returncode}\n{process.stdout}{process.stderr}")
    return process
