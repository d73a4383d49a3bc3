"""The cortical microcircuit with a quarter of the neurons and of the synapses to each, beside three runs of NEST: for each of its
eight populations the mean rate, its spread over neurons, the fraction of silent neurons, the variability of intervals and that of the
population's spike count, over 1 s after 500 ms.

For each of the 40 quantities the means over seeds are compared (significance.py; NEST's are rounded, which is allowed for); Holm's
correction keeps the chance of a false alarm over all together below 1e-4. As the seeds are fixed, that chance is taken once, not at
every run."""

import csv
import os

import numpy as np

from glion_test import DATA, ROOT, check, finish, run, workspace
from network_statistics import population_statistics
from recordings import read_spikes
from significance import holm, of_summary

FALSE_ALARM_RATE = 1e-4
SEEDS = range(1, 9)
WINDOW = 500.0, 1500.0
SIZES = 5171, 1458, 5479, 1370, 1212, 266, 3599, 737
QUANTITIES = "rate", "sd", "silent", "cv", "vmr"
NEST_RUNS, NEST_ROUNDING = 3, 0.0005


def statistics_of(folder):
    """{(population, quantity): value}"""
    spikes = read_spikes(folder)
    found = {}
    for k, size in enumerate(SIZES):
        for quantity, value in population_statistics(*spikes[f"pop_{k}"], size, *WINDOW).items():
            found[k, quantity] = value
    return found


def runs_of_ours():
    network = os.path.join(ROOT, "jobs", "microcircuit", "microcircuit.glion")
    with workspace() as folder:
        for seed in SEEDS:
            output = os.path.join(folder, str(seed))
            run(network, output, "-D", "scale_N=0.25", "-D", "scale_K=0.25", "-D", f"seed={seed}", threads=2, timeout=1200)
            yield statistics_of(output)


def main():
    with open(os.path.join(DATA, "nest", "i_microcircuit_quarter_summary.csv")) as file:
        nest = list(csv.DictReader(file))
    runs = list(runs_of_ours())
    probabilities, messages = {}, {}
    for k, row in enumerate(nest):
        for quantity in QUANTITIES:
            unit = "Hz" if quantity in ("rate", "sd") else "1"
            mean, sd = float(row[f"{quantity}_mean_{unit}"]), float(row[f"{quantity}_spread_{unit}"])
            ours = np.array([statistics[k, quantity] for statistics in runs])
            name = f"{quantity} of {row['population']}"
            probabilities[name] = of_summary(ours, mean, sd, NEST_RUNS, NEST_ROUNDING)
            messages[name] = f"{name}: {ours.mean():.4g} ± {ours.std(ddof=1):.2g}, NEST has {mean} ± {sd}"
    for name in holm(probabilities, FALSE_ALARM_RATE):
        check(False, f"{messages[name]}: probability {probabilities[name]:.2g}")
    finish()


main()
