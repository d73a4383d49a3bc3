"""The balanced network at full size beside NEST's: mean rates of 1000 excitatory and 1000 inhibitory neurons, and the mean
coefficient of variation of the excitatory intervals, over 1 s after 100 ms.

Of NEST there is one run. Were it a run of ours, its distance from the mean of n of ours, in units of their standard deviation times
sqrt(1 + 1/n), would follow Student's law with n - 1 degrees of freedom; the three quantities together raise a false alarm with
probability 1e-4 at most (Bonferroni). As the seeds are fixed, that chance is taken once, not at every run. NEST's numbers are
rounded, which is allowed for."""

import os

import numpy as np

from glion_test import ROOT, check, finish, run, workspace
from network_statistics import spike_statistics
from significance import of_summary

FALSE_ALARM_RATE = 1e-4
SEEDS = range(1, 9)
WINDOW = 100.0, 1100.0
SIZES = {"exc": 1000, "inh": 1000}
NEST = {"rate_exc_mean_Hz": (32.44, 0.005), "rate_inh_mean_Hz": (32.57, 0.005), "cv_isi_exc_mean": (0.40, 0.005)}  # ± rounding


def runs_of_ours():
    network = os.path.join(ROOT, "jobs", "brunel", "brunel.glion")
    with workspace() as folder:
        for seed in SEEDS:
            output = os.path.join(folder, str(seed))
            run(network, output, "-D", f"seed={seed}", threads=2, timeout=600)
            yield spike_statistics(output, SIZES, *WINDOW)


def main():
    runs = list(runs_of_ours())
    for name, (nest, rounding) in NEST.items():
        ours = np.array([run[name] for run in runs])
        chance = of_summary(ours, nest, 0, 1, rounding)
        check(
            chance >= FALSE_ALARM_RATE / len(NEST),
            f"{name}: {ours.mean():.5g} ± {ours.std(ddof=1):.2g}, NEST has {nest}: probability {chance:.2g}",
        )
    finish()


main()
