"""A number of ranks, with one and two threads, with compiled kernels and interpreted: every dataset and attribute as with one
rank, one thread and compiled kernels, bit for bit; and a run cut in two elsewhere records the same.

usage: layouts.py RANKS"""

import os
import sys

import numpy as np

from glion_test import SYSTEM, check, finish, run, workspace
from compare_recordings import differences
from recordings import read_spikes, report_of

NETWORK = os.path.join(SYSTEM, "layouts.glion")


def check_that_much_happens(folder):
    """Equal files mean something only if neurons fire and currents flow."""
    for population, (times, _) in read_spikes(folder).items():
        check(len(times) > 20, f"only {len(times)} spikes of {population}")
    for variable in ("I_SIC", "SIC", "I_stim", "I_spike"):
        check(np.any(report_of(folder, variable).data > 0), f"{variable} is 0 throughout")


def main():
    ranks = int(sys.argv[1])
    with workspace() as folder:
        reference = os.path.join(folder, "reference")
        run(NETWORK, reference, "--float64")
        check_that_much_happens(reference)
        for threads in (1, 2):
            for kernels in ([], ["--interpret"]):
                output = os.path.join(folder, f"{threads}{''.join(kernels)}")
                run(NETWORK, output, "--float64", *kernels, ranks=ranks, threads=threads)
                for difference in differences(reference, output):
                    check(False, f"{ranks} ranks, {threads} threads {' '.join(kernels)}: {difference}")
        output = os.path.join(folder, "split")
        run(NETWORK, output, "--float64", "-D", "T_1=10.3 ms", "-D", "T_2=39.7 ms", ranks=ranks)
        for difference in differences(reference, output):
            check(difference.startswith("run.json"), f"cut at another time: {difference}")
    finish()


main()
