"""Small models beside the real Brian 2, which runs in this process: variables differ by rounding only, spikes not at all.

usage: brian.py [CASE]…     by default all of models.py"""

import importlib.util
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from glion_test import check, finish, workspace

SKIPPED = 77


def check_trace(name, ours, theirs, largest):
    check(ours.shape == theirs.shape, f"{name} has {ours.shape} steps and nodes, in Brian {theirs.shape}")
    if ours.shape != theirs.shape:
        return
    difference = np.abs(ours - theirs)
    difference[(ours == theirs) | (np.isnan(ours) & np.isnan(theirs))] = 0  # also infinite values
    allowed = largest * np.nanmax(np.abs(theirs), axis=0)
    excess = np.argwhere(~(difference <= allowed))
    if len(excess):
        step, node = excess[0]
        check(False, f"{name}, node {node}, step {step}: {ours[step, node]!r}, in Brian {theirs[step, node]!r}; {len(excess)} differ")


def check_case(name, case, folder):
    from pair import simulate_in_brian, simulate_in_glion

    try:
        ours, our_spikes = simulate_in_glion(case, folder)
        theirs, their_spikes = simulate_in_brian(case)
    except Exception as refused:  # by either; the other cases are still tried
        check(False, f"{name}: {refused!r}")
        return
    for population, variable in theirs:
        check_trace(f"{name}: {variable} of {population}", ours[population, variable], theirs[population, variable], case.largest)
    for population, expected in their_spikes.items():
        check(our_spikes[population] == expected, f"{name}: spikes {our_spikes[population][:20]}…, in Brian {expected[:20]}…")
        check(expected, f"{name}: {population} has a threshold, but nothing spikes, so nothing is tested")


def main():
    if importlib.util.find_spec("brian2") is None:
        print("Brian 2 is not installed (tools/setup.sh --all installs it)", file=sys.stderr)
        sys.exit(SKIPPED)
    from models import CASES

    for name in sys.argv[1:] or CASES:
        with workspace() as folder:
            check_case(name, CASES[name], folder)
    finish()


main()
