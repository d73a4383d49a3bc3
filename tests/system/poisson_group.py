"""A poisson_group spikes as its definition says: in a step from t each node with probability rate(t)*dt, independently of other nodes
and steps, and at most once.

Numbers of spikes are compared with binomial laws; with fixed seeds the chance of a false alarm, 1e-4 over all, is taken once."""

import os

import numpy as np
from scipy import stats

from glion_test import check, finish, run, workspace
from recordings import read_spikes
from significance import holm

FALSE_ALARM_RATE = 1e-4
NODES, STEPS, DT = 500, 2000, 1e-4  # s
NETWORK = f"""
simulation {{ dt = 0.1 ms; seed = 5 }}
population even[{NODES}]   : poisson_group {{ rate = 200 Hz }}
population waving[{NODES}] : poisson_group {{ rate = 400 Hz*(1 + sin(2*pi*t/(50 ms))) }}
population graded[{NODES}] : poisson_group {{ rate = 1 Hz*i }}
population ceaseless[3]    : poisson_group {{ rate = 10 kHz }}
population silent[3]       : poisson_group
record spikes of even + waving + graded + ceaseless + silent
run {STEPS / 10} ms
"""
TIMES = DT * np.arange(STEPS)
RATES = {
    "even": np.full((STEPS, NODES), 200.0),
    "waving": np.repeat(400 * (1 + np.sin(2 * np.pi * TIMES / 50e-3))[:, None], NODES, axis=1),
    "graded": np.tile(np.arange(NODES), (STEPS, 1)),
}


def spike_matrix(times, node_ids, nodes):
    """[steps, nodes]: how often a node spiked in a step; the time on a spike is that of the beginning of its step."""
    counts = np.zeros((STEPS, nodes), int)
    np.add.at(counts, (np.rint(times * 10).astype(int), node_ids.astype(int)), 1)
    return counts


def chance(observed, expected, variance):
    """Of being as far from the expected number, of many independent events."""
    return 2 * stats.norm.sf(abs(observed - expected) / np.sqrt(variance))


def comparisons(name, spikes):
    """{what: probability}"""
    p = RATES[name] * DT
    found = {f"{name}: spikes": chance(spikes.sum(), p.sum(), (p * (1 - p)).sum())}
    parts = [(spikes.reshape(20, -1, NODES).sum((1, 2)), p.reshape(20, -1, NODES).sum((1, 2))), (spikes.sum(0), p.sum(0))]
    for part, (counts, expected) in zip(("parts of the time", "nodes"), parts):
        kept = expected >= 5
        statistic = ((counts - expected)[kept] ** 2 / expected[kept]).sum()  # p is small, so the counts are nearly Poisson
        found[f"{name}: {part}"] = stats.chi2.sf(statistic, kept.sum())
    disjoint_pairs = {
        "neighbours together": (spikes[:, ::2] * spikes[:, 1::2], p[:, ::2] * p[:, 1::2]),
        "in successive steps": (spikes[::2] * spikes[1::2], p[::2] * p[1::2]),
    }
    for what, (both, expected) in disjoint_pairs.items():
        found[f"{name}: {what}"] = chance(both.sum(), expected.sum(), (expected * (1 - expected)).sum())
    return found


def main():
    with workspace() as folder:
        network = os.path.join(folder, "network.glion")
        with open(network, "w") as file:
            file.write(NETWORK)
        output = os.path.join(folder, "out")
        run(network, output)
        spikes = read_spikes(output)
    probabilities = {}
    for name in RATES:
        matrix = spike_matrix(*spikes[name], NODES)
        check(matrix.max() == 1, f"{name}: {matrix.max()} spikes of a node in a step")
        probabilities.update(comparisons(name, matrix))
    for name in holm(probabilities, FALSE_ALARM_RATE):
        check(False, f"{name}: probability {probabilities[name]:.2g}")
    check(np.all(spike_matrix(*spikes["ceaseless"], 3) == 1), "a rate of 1/dt does not spike in every step")
    check(len(spikes["silent"][0]) == 0, "spikes without a rate")
    finish()


main()
