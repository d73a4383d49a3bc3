"""A job of jobs/, made small: it records the same, bit for bit, on 1, 2 and 4 ranks; its tool draws what it recorded; and its folder
has a README, which shows the picture, and a script for SLURM.

usage: jobs.py JOB"""

import os
import re
import subprocess
import sys

from glion_test import ROOT, check, finish, run, workspace
from compare_recordings import differences
from small_jobs import JOBS, SMALL, network_of

TOOLS = os.path.join(ROOT, "tools")
LAYOUTS = [(1, 2), (2, 1), (2, 2), (4, 1)]  # ranks, threads
NOT_DRAWN = ["brunel", "microcircuit"]  # so short and small that there are no statistics to draw


def check_that_none_is_missing():
    check(sorted(SMALL) == sorted(os.listdir(JOBS)), f"small_jobs.py knows {sorted(SMALL)}, jobs/ has {sorted(os.listdir(JOBS))}")


def check_readme(job):
    """The commands that it shows; returns the tool that draws the picture."""
    with open(os.path.join(JOBS, job, "README.md")) as file:
        text = file.read()
    check(f"run jobs/{job}/{job}.glion" in text, "README.md does not say how to run the network")
    check(f"`{job}.sbatch`" in text and os.path.exists(os.path.join(JOBS, job, job + ".sbatch")), "there is no script for SLURM")
    for target in re.findall(r"\]\(([^)#:]+)[)#]", text):
        check(os.path.exists(os.path.join(JOBS, job, target)), f"README.md links to {target}, which does not exist")
    return re.search(rf"^tools/(plot_\w+\.py) out/{job}", text, re.MULTILINE)[1]


def check_picture(tool, folder):
    picture = os.path.join(folder, "picture.png")
    command = [sys.executable, os.path.join(TOOLS, tool), folder, "-o", picture]
    drawn = subprocess.run(command, capture_output=True, text=True)
    check(drawn.returncode == 0 and os.path.getsize(picture) > 10000, f"{tool} draws nothing:\n{drawn.stderr}")


def main():
    job = sys.argv[1]
    check_that_none_is_missing()
    tool = check_readme(job)
    with workspace() as folder:
        reference = os.path.join(folder, "reference")
        run(network_of(job), reference, *SMALL[job])
        for ranks, threads in LAYOUTS:
            output = os.path.join(folder, f"{ranks}x{threads}")
            run(network_of(job), output, *SMALL[job], ranks=ranks, threads=threads)
            for difference in differences(reference, output):
                check(False, f"{ranks} ranks, {threads} threads: {difference}")
        if job not in NOT_DRAWN:
            check_picture(tool, reference)
    finish()


main()
