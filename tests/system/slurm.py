"""Under a SLURM of this machine (tools/local-slurm): what jobs record is what mpirun records, bit for bit; they get the ranks and
threads that were asked for; and SIGTERM, which the scripts ask for shortly before the time is up, ends a run as it should.

The script that docs/slurm.md shows is submitted as a plain job, and each script of jobs/ in a small form: one as an array of four
seeds, the others with one seed. The time for all is limited, and whatever happens, SLURM is stopped."""

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time

from glion_test import GLION, ROOT, check, finish, run, workspace
from compare_recordings import differences
from small_jobs import SMALL

LOCAL_SLURM = os.path.join(ROOT, "tools", "local-slurm")
CANNOT_BE_TRIED = 77  # exit status of local-slurm, and of a test that is skipped
DEADLINE = time.monotonic() + 1000  # seconds; CTest's limit is longer

RANKS, THREADS = 2, 2
RESOURCES = [f"--ntasks={RANKS}", f"--cpus-per-task={THREADS}", "--time=30"]
ARRAY = {"brunel": [1, 2, 3, 4]}  # seeds of the job that runs as an array; the others run with one


def seconds_left():
    return max(1.0, DEADLINE - time.monotonic())


def read(path):
    with open(path) as file:
        return file.read()


@contextlib.contextmanager
def local_slurm(folder):
    """A SLURM whose daemons live as long as the block; the test is skipped where it cannot be."""
    started = subprocess.run([LOCAL_SLURM, "start", folder], capture_output=True, text=True, timeout=seconds_left())
    if started.returncode != 0:
        print(started.stderr, file=sys.stderr)
        sys.exit(CANNOT_BE_TRIED if started.returncode == CANNOT_BE_TRIED else 1)
    try:
        os.environ["SLURM_CONF"] = os.path.join(folder, "slurm.conf")
        yield
    finally:
        subprocess.run([LOCAL_SLURM, "stop", folder], timeout=120)


def wait_until(happened, what):
    while not happened():
        if time.monotonic() > DEADLINE:
            raise TimeoutError(f"waited in vain until {what}")
        time.sleep(0.2)


def submit(script, *arguments, options=()):
    """Submit a script from the current folder; the number of the job."""
    command = ["sbatch", "--parsable", *RESOURCES, *options, script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(command)}: status {done.returncode}\n{done.stderr}")
    return done.stdout.strip()


def states(job):
    """(state, exit status) of each task of a job; none if SLURM does not answer."""
    shown = subprocess.run(["scontrol", "--oneliner", "show", "job", job], capture_output=True, text=True).stdout
    return re.findall(r"JobState=(\S+) .* ExitCode=(\S+)", shown)


def is_over(job):
    """Unlike `sbatch --wait`, which looks after 2, 4, 8, … seconds."""
    found = states(job)
    return found and not any(state in ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING") for state, _ in found)


def complete(script, *arguments, options=()):
    """Submit a script and wait until its tasks are over; they must succeed. The number of the job."""
    job = submit(script, *arguments, options=options)
    wait_until(lambda: is_over(job), f"{script} is over")
    check(all(state == ("COMPLETED", "0:0") for state in states(job)), f"{script} ends with {states(job)}")
    return job


def check_same(recorded, log, network, *arguments):
    """A task's recordings are those of mpirun, and the task had the ranks and threads that were asked for."""
    if not os.path.exists(os.path.join(recorded, "run.json")):
        check(False, f"{recorded} has no run; {log}:\n{read(log) if os.path.exists(log) else 'is missing'}")
        return
    layout = json.loads(read(os.path.join(recorded, "run.json")))["layout"]
    check(layout["ranks"] == RANKS and layout["threads"] == THREADS, f"{recorded}: {layout}")
    expected = recorded + "-mpirun"
    run(network, expected, *arguments, ranks=RANKS, timeout=seconds_left())
    found = list(differences(recorded, expected))
    check(not found, "\n".join([f"{recorded} and mpirun's recordings differ:", *found]))


def check_page():
    """The script of docs/slurm.md with the network of the README, a plain job."""
    fenced = r"^```{}\n(.*?)^```"
    script = re.search(fenced.format("bash"), read(os.path.join(ROOT, "docs", "slurm.md")), re.MULTILINE | re.DOTALL)[1]
    network = re.search(fenced.format("glion"), read(os.path.join(ROOT, "README.md")), re.MULTILINE | re.DOTALL)[1]
    for name, text in (("network.sbatch", script), ("network.glion", network)):
        with open(name, "w") as file:
            file.write(text)
    job = complete("network.sbatch")
    check_same(f"out/network-{job}", f"slurm-{job}.out", "network.glion")


def check_job(name):
    """A job's script, with each of its seeds."""
    seeds, small = ARRAY.get(name, [2]), SMALL[name]
    array = "--array=" + ",".join(map(str, seeds))
    job = complete(f"jobs/{name}/{name}.sbatch", *small, options=[array])
    for seed in seeds:
        network = f"jobs/{name}/{name}.glion"
        check_same(f"out/{name}-{job}/seed-{seed}", f"{name}-{job}-{seed}.log", network, *small, "-D", f"seed={seed}")


def check_stop():
    """SIGTERM, sent as --signal sends it, in the midst of a run that would take hours."""
    options = "-D N_ex=1000 -D N_in=250 -D N_spikes=250 -D T=10000*second".split()
    job = submit("jobs/brunel/brunel.sbatch", *options, options=["--array=5"])
    recorded, log = f"out/brunel-{job}/seed-5", f"brunel-{job}-5.log"
    wait_until(lambda: os.path.exists(os.path.join(recorded, "run.json")) or is_over(job), "a job runs")
    subprocess.run(["scancel", "--signal=TERM", job], capture_output=True)
    wait_until(lambda: is_over(job), "a job that got SIGTERM is over")
    check("stopped by signal 15" in read(log), f"SIGTERM does not stop a job:\n{read(log)}")
    fault = json.loads(read(os.path.join(recorded, "run.json")))["fault"]
    check(fault and "stopped by signal 15" in fault, f"{recorded}/run.json does not say that the run was stopped, but {fault}")


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("ended by SIGTERM"))
    with workspace() as folder, local_slurm(os.path.join(folder, "slurm")):
        os.makedirs(os.path.join(folder, "checkout", "build"))
        os.chdir(os.path.join(folder, "checkout"))  # as the scripts want it: a checkout that has been built
        os.symlink(os.path.join(ROOT, "jobs"), "jobs")
        os.symlink(GLION, os.path.join("build", "glion"))
        try:
            check_page()
            for name in SMALL:
                check_job(name)
            check_stop()
        except Exception as broken_off:  # what was wrong before is still said
            check(False, f"broken off: {broken_off!r}")
    finish()


main()
