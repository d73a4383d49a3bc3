"""The library's poisson_input against its law, Brian's PoissonInput: in a step from t every target gets weight times an own binomial
number of n trials with probability rate(t)*dt, in that same step.

Sums of these numbers over nodes or steps are compared with the exact binomial distribution; the family-wise false-alarm rate is 1e-6
(Bonferroni over all comparisons). And all is the same bit for bit on any layout."""

import os

import numpy as np
from scipy.stats import binom

from glion_test import check, finish, run, workspace
from compare_recordings import differences
from recordings import read_report

NODES, DT, STEPS, FALSE_ALARMS = 500, 1e-4, 300, 1e-6
TRIALS = {"few": 20, "many": 3000, "one": 1, "certain": 7, "silent": 5}
NETWORK = f"""
simulation {{ dt = 0.1 ms; seed = 8 }}
let T_1 = 10 ms
population few     : poisson_input {{ n = 20; rate = where(t_in_timesteps >= 100 and t_in_timesteps < 200, 900 Hz, 0 Hz) }}
population many    : poisson_input {{ n = 3000; rate = 4 Hz*(1 + sin(2*pi*t/(7 ms))) }}
population one     : poisson_input {{ rate = 2 kHz }}
population certain : poisson_input {{ n = 7; rate = 12 kHz }}
population silent  : poisson_input {{ n = 5 }}
"""
for name in TRIALS:
    NETWORK += f"""
population of_{name}[{NODES}] {{ v : 1 = 0 }}
synapses by_{name} : {name} -> of_{name} {{ on_pre {{ v_post += 0.25 }} }}
connect by_{name} by all_to_all
record v of of_{name}
"""
NETWORK += f"run T_1\nrun {STEPS * 0.1:g} ms - T_1\n"
LAYOUTS = ((1, 2, ["--interpret"]), (2, 1, []), (3, 2, ["--interpret"]))


def probabilities():
    """{population: [step] probability}"""
    step = np.arange(STEPS)
    rates = {
        "few": np.where((step >= 100) & (step < 200), 900, 0),
        "many": 4 * (1 + np.sin(2 * np.pi * step * DT / 7e-3)),
        "one": np.full(STEPS, 2e3),
        "certain": np.full(STEPS, 12e3),
        "silent": np.zeros(STEPS),
    }
    return {name: np.minimum(rate * DT, 1) for name, rate in rates.items()}


def counts_of(folder, name):
    """[step][node] what arrived in a step: v at a time is before the step that begins then."""
    v = read_report(os.path.join(folder, f"v_of_{name}.h5"))[f"of_{name}"].data
    return np.diff(v, axis=0) / 0.25


def check_law(folder):
    found = []
    for name, p in probabilities().items():
        counts, trials = counts_of(folder, name), TRIALS[name]
        check(np.all(counts == np.rint(counts)) and counts.min() >= 0 and counts.max() <= trials, f"{name}: not 0 … {trials}")
        for step in range(len(counts)):
            found.append((f"{name}, step {step}", counts[step].sum(), NODES * trials, p[step]))
        if name != "many":  # the same probability in all steps, or in those from 100 to 200
            steps = slice(100, 200)
            for node in range(NODES):
                found.append((f"{name}, node {node}", counts[steps, node].sum(), 100 * trials, p[100]))
    for what, count, trials, p in found:
        chance = 2 * min(binom.cdf(count, trials, p), binom.sf(count - 1, trials, p))
        check(chance >= FALSE_ALARMS / len(found), f"{what}: {count:g} spikes, not {trials * p:.1f} of {trials}: chance {chance:.1e}")


def main():
    with workspace() as folder:
        network, reference = os.path.join(folder, "poisson_input.glion"), os.path.join(folder, "reference")
        with open(network, "w") as file:
            file.write(NETWORK)
        run(network, reference, "--float64")
        check_law(reference)
        for ranks, threads, options in LAYOUTS:
            output = os.path.join(folder, f"ranks_{ranks}")
            run(network, output, "--float64", *options, ranks=ranks, threads=threads)
            for difference in differences(reference, output):
                check(False, f"{ranks} ranks, {threads} threads {' '.join(options)}: {difference}")
    finish()


main()
