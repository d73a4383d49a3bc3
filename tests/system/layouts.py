"""A number of ranks, with one and two threads, with compiled kernels and interpreted: every dataset and attribute as with one
rank, one thread and compiled kernels, bit for bit; and a run cut in two elsewhere records the same, with nodes spread in blocks.

usage: layouts.py RANKS NETWORK"""

import os
import sys

import numpy as np

from glion_test import SYSTEM, check, finish, run, workspace
from compare_recordings import differences
from recordings import read_spikes, report_of

# Networks, and variables of theirs that must not stay 0.
VARIABLES = {
    "layouts": ("I_SIC", "SIC", "I_stim", "I_spike"),
    "synapses": (),
    "plastic": (),
    "stdp": (),
    "nodes": (),
    "random": ("w",),
    "epochs": ("I_stim",),
    "formulas": ("pull", "push"),
    "clocked": ("n", "g"),
    "no_delay": (),
    "panels": ("g_e", "g_i"),
    "linked": ("x", "u"),
    "pathways": ("n", "k"),
}


def check_that_much_happens(folder, variables):
    """Equal files mean something only if neurons fire and currents flow."""
    for population, (times, _) in read_spikes(folder).items():
        check(len(times) > 20, f"only {len(times)} spikes of {population}")
    for variable in variables:
        check(np.any(report_of(folder, variable).data > 0), f"{variable} is 0 throughout")


def main():
    ranks = int(sys.argv[1])
    network = os.path.join(SYSTEM, sys.argv[2] + ".glion")
    with workspace() as folder:
        reference = os.path.join(folder, "reference")
        run(network, reference, "--float64")
        check_that_much_happens(reference, VARIABLES[sys.argv[2]])
        for threads in (1, 2):
            for kernels in ([], ["--interpret"]):
                output = os.path.join(folder, f"{threads}{''.join(kernels)}")
                run(network, output, "--float64", *kernels, ranks=ranks, threads=threads)
                for difference in differences(reference, output):
                    check(False, f"{ranks} ranks, {threads} threads {' '.join(kernels)}: {difference}")
        output = os.path.join(folder, "split")
        run(network, output, "--float64", "-D", "T_1=10.3 ms", "-D", "T_2=39.7 ms", "--partition", "block", ranks=ranks)
        for difference in differences(reference, output):
            check(difference.startswith("run.json"), f"cut at another time, with other nodes on each rank: {difference}")
    finish()


main()
