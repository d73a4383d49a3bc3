"""Networks whose connections, inputs and beginnings are drawn, beside ten runs of Brian 2 (tests/data/README.md, brian/c_* and f_*):
numbers of synapses, rates of excitatory and inhibitory neurons in parts of the time, the variability of intervals, how much the
population fires together, how many neurons are silent.

usage: brian_statistics.py JOB

Ten seeds of ours against Brian's ten. For every quantity the means over seeds are compared (Welch's t-test, of the logarithms: all
are positive and skewed), for the rates also the spread over seeds (Brown and Forsythe's test); what is 0 in all of Brian's runs must
be 0 in ours. Holm's correction keeps the chance of a false alarm over all of a job's quantities below 1e-4; as the seeds are fixed,
that chance is taken once, not at every run."""

import csv
import os
import sys

import numpy as np
from scipy import stats

from glion_test import DATA, check, finish, run, workspace
from brian_networks import NETWORKS
from significance import holm
from small_jobs import network_of

FALSE_ALARM_RATE = 1e-4
SEEDS = range(1, 11)


def runs_of_brian(table):
    """{quantity: value in each run}"""
    with open(os.path.join(DATA, "brian", table + ".csv")) as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def runs_of_ours(job, statistics_of):
    runs = []
    with workspace() as folder:
        for seed in SEEDS:
            output = os.path.join(folder, str(seed))
            run(network_of(job), output, "-D", f"seed={seed}", timeout=600)
            runs.append(statistics_of(output))
    return {name: np.array([found[name] for found in runs]) for name in runs[0]}


def probabilities(ours, theirs):
    """{what is compared: (probability that such a difference is chance, our mean or spread, Brian's)}"""
    found = {}
    for name, x in ours.items():
        y = theirs[name]
        if not np.any(y):
            check(not np.any(x), f"{name}: {x}, which is 0 in Brian")
            continue
        x, y = np.log(x), np.log(y)
        found["mean of " + name] = stats.ttest_ind(x, y, equal_var=False).pvalue, np.exp(x.mean()), np.exp(y.mean())
        if "rate" in name:
            found["relative spread of " + name] = stats.levene(x, y, center="median").pvalue, x.std(ddof=1), y.std(ddof=1)
    return found


def main():
    table, statistics_of = NETWORKS[sys.argv[1]]
    found = probabilities(runs_of_ours(sys.argv[1], statistics_of), runs_of_brian(table))
    if "--print" in sys.argv:
        for name, (probability, ours, brian) in found.items():
            print(f"{name:45} {ours:10.5g} {brian:10.5g}   {probability:.2g}")
    for name in holm({name: probability for name, (probability, _, _) in found.items()}, FALSE_ALARM_RATE):
        probability, ours, brian = found[name]
        check(False, f"{name}: {ours:.5g} against {brian:.5g} of Brian, probability {probability:.2g}")
    finish()


main()
