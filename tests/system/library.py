"""Every neuron and astrocyte model of the library: it stays finite and does something, and what it records has the same bits with
compiled kernels on one rank and interpreted on two, with two threads each."""

import glob
import os

import numpy as np

from glion_test import ROOT, SYSTEM, check, finish, run, workspace
from compare_recordings import differences
from recordings import read_report, read_spikes

NETWORK = os.path.join(SYSTEM, "library.glion")


def check_that_none_is_missing():
    with open(NETWORK) as file:
        words = set(file.read().split())
    for path in glob.glob(os.path.join(ROOT, "models", "*", "*.glion")):
        name = os.path.splitext(os.path.basename(path))[0]
        check(name in words, f"library.glion does not use {name}")


def check_that_much_happens(folder):
    for population, (times, _) in read_spikes(folder).items():
        check(len(times) >= 11, f"only {len(times)} spikes of {population}")
    for path in glob.glob(os.path.join(folder, "*_*.h5")):
        for population, report in read_report(path).items():
            what = f"{os.path.basename(path)}, {population}"
            check(np.all(np.isfinite(report.data)), f"{what}: not finite")
            check(np.any(report.data != report.data[0]), f"{what}: stands still")


def main():
    check_that_none_is_missing()
    with workspace() as folder:
        compiled, interpreted = os.path.join(folder, "compiled"), os.path.join(folder, "interpreted")
        run(NETWORK, compiled, "--float64")
        check_that_much_happens(compiled)
        run(NETWORK, interpreted, "--float64", "--interpret", ranks=2, threads=2)
        for difference in differences(compiled, interpreted):
            check(False, difference)
    finish()


main()
