"""The astrocyte network, reduced to 2000 nodes, against ten runs of NEST: rates, variability, IP3, calcium and current.

Ten seeds of ours against NEST's ten. For every quantity the means over seeds are compared (Welch's t-test, of the logarithms: all
are positive and skewed), for the main ones also the spread over seeds (Brown and Forsythe's test), and the number of repeated
spikes in a step (binomial test). Holm's correction keeps the chance of a false alarm over all tests together below 1e-4; as the
seeds are fixed, that chance is taken once, not at every run."""

import os

import numpy as np
from scipy import stats

from glion_test import DATA, ROOT, check, finish, run, workspace
from network_statistics import network_statistics, read_summary
from significance import holm

FALSE_ALARM_RATE = 1e-4
SEEDS = range(1, 11)
WINDOW = 100.0, 1100.0
SIZES = {"exc": 800, "inh": 200}
SMALL = {"N_ex": 800, "N_in": 200, "N_astro": 1000, "N_spikes": 1000, "p": 0.5}

MEANS = [f"rate_{p}_{q}_Hz" for p in ("exc", "inh") for q in ("mean", "sd_over_neurons")]
MEANS += [f"cv_isi_{p}_{q}" for p in ("exc", "inh") for q in ("mean", "sd")]
MEANS += [f"{v}_{q}" for v in ("IP3", "Ca_astro") for q in ("mean_uM", "sd_uM")]
MEANS += ["I_SIC_mean_pA", "I_SIC_sd_pA", "exc_count_per_1ms_var"]
SPREADS = ["rate_exc_mean_Hz", "rate_inh_mean_Hz", "IP3_mean_uM", "Ca_astro_mean_uM", "I_SIC_mean_pA"]


def runs_of_ours():
    network = os.path.join(ROOT, "jobs", "astrocyte_brunel", "astrocyte_brunel.glion")
    overrides = [argument for name, value in SMALL.items() for argument in ("-D", f"{name}={value}")]
    runs = []
    with workspace() as folder:
        for seed in SEEDS:
            output = os.path.join(folder, str(seed))
            run(network, output, *overrides, "-D", f"seed={seed}", ranks=2, timeout=600)
            runs.append(network_statistics(output, SIZES, *WINDOW))
    return runs


def column(runs, name):
    return np.array([run[name] for run in runs])


def probabilities(ours, theirs):
    """{what is compared: (probability that such a difference is chance, our number, NEST's)}"""
    found = {}
    for name in MEANS:
        x, y = column(ours, name), column(theirs, name)
        found["mean of " + name] = stats.ttest_ind(np.log(x), np.log(y), equal_var=False).pvalue, x.mean(), y.mean()
    for name in SPREADS:
        x, y = column(ours, name), column(theirs, name)
        found["spread of " + name] = stats.levene(np.log(x), np.log(y), center="median").pvalue, x.std(), y.std()
    repeats = [int(column(runs, "n_repeat_spikes_same_step").sum()) for runs in (ours, theirs)]
    chance = stats.binomtest(repeats[0], sum(repeats), 0.5).pvalue if sum(repeats) else 1.0
    found["spikes repeated in a step"] = chance, *repeats
    return found


def main():
    theirs = read_summary(os.path.join(DATA, "nest", "h_small_brunel_summary.csv"), *WINDOW)
    found = probabilities(runs_of_ours(), theirs)
    for name in holm({name: probability for name, (probability, _, _) in found.items()}, FALSE_ALARM_RATE):
        probability, ours, nest = found[name]
        check(False, f"{name}: {ours:.5g} against {nest:.5g} of NEST, probability {probability:.2g}")
    finish()


main()
