"""Plastic synapses against the definition, spike by spike.

Every synapse's story is told forward in time here, from the recorded spikes of its two ends; Glion looks back from each spike of
the source to what the target did since. Delays are drawn and not recorded: one of those that are possible must explain all that
a synapse sent, to 1e-12."""

import os

import h5py
import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_spikes

# Spikes of the targets often arrive with those of the sources, and bursts have several spikes in a step.
NETWORK = """
simulation { seed = 5 }
population cells[30] : iaf_psc_exp { I_e = 450 pA + 60 pA*rand(); V_m = -70 mV + 14 mV*rand(); t_ref = 0.5 ms }
population bursts[2] : spike_generator { spike_times = [1, 2.4, 2.4, 5, 5, 5, 13, 13, 40.1, 40.2, 40.3, 40.3] ms }
population train     : spike_generator { spike_times = [2, 2, 4.9, 12.5, 12.8, 12.8, 12.8, 39, 39.1, 39.2, 39.2, 39.3] ms }
population repeat[3] : parrot_neuron
connect drive : train -> repeat by all_to_all using static { delay = 0.1 ms }
connect c : cells -> cells by pairwise_bernoulli(0.4) using stdp {
    weight = 25 pA; Wmax = 60 pA; lambda = 0.05; alpha = 1.1; tau_plus = 15 ms; tau_minus = 30 ms
    mu_plus = 0.4; mu_minus = 0.7
    delay = 0.1 ms*(1 + floor(13*rand()))
}
connect b : bursts -> repeat by all_to_all using stdp { weight = 1.5; Wmax = 4; lambda = 0.2; delay = 0.1 ms*(1 + floor(3*rand())) }
record spikes of cells + bursts + repeat
record sent of c
record sent of b
run 120 ms
"""
DEFAULTS = {"Wmax": 100.0, "lambda": 0.01, "alpha": 1.0, "mu_plus": 1.0, "mu_minus": 1.0, "tau_plus": 20.0, "tau_minus": 20.0}
CONNECTIONS = {  # source, target, weight, possible delays in steps, and the other values
    "c": ("cells", "cells", 25.0, range(1, 14),
          {"Wmax": 60.0, "lambda": 0.05, "alpha": 1.1, "tau_plus": 15.0, "tau_minus": 30.0, "mu_plus": 0.4, "mu_minus": 0.7}),
    "b": ("bursts", "repeat", 1.5, range(1, 4), {"Wmax": 4.0, "lambda": 0.2}),
}  # fmt: skip
POTENTIATE, SEND, TRACE = range(3)  # in this order at equal times


def sent_weights(sources, targets, weight, delay, p):
    """Weights sent with the spikes of the source; all times in steps of 0.1 ms."""
    events = [(s + delay, kind) for s in targets for kind in (POTENTIATE, TRACE)] + [(s, SEND) for s in sources]
    w, K_plus, K_minus, last, sent = weight / p["Wmax"], 0.0, 0.0, 0, []
    for time, kind in sorted(events):
        K_plus *= np.exp(-(time - last) * 0.1 / p["tau_plus"])
        K_minus *= np.exp(-(time - last) * 0.1 / p["tau_minus"])
        last = time
        if kind == POTENTIATE:
            w = min(w + p["lambda"] * (1 - w) ** p["mu_plus"] * K_plus, 1)
        elif kind == TRACE:
            K_minus += 1
        else:
            w = max(w - p["alpha"] * p["lambda"] * w ** p["mu_minus"] * K_minus, 0)
            K_plus += 1
            sent.append(w * p["Wmax"])
    return sent


def read_synapses(folder, name):
    """{(source, target): what the synapse sent}"""
    with h5py.File(os.path.join(folder, f"sent_{name}.h5"), "r") as file:
        group = file["sent"][name]
        ends = np.stack([group["source_node_ids"][:], group["target_node_ids"][:]])
        values = group["values"][:]
    return {(i, j): values[(ends[0] == i) & (ends[1] == j)] for i, j in np.unique(ends, axis=1).T}


def check_connection(folder, name, trains):
    source, target, weight, delays, values = CONNECTIONS[name]
    synapses = read_synapses(folder, name)
    changed, found = 0, set()
    for (i, j), sent in synapses.items():
        for delay in delays:
            expected = sent_weights(trains[source][i], trains[target][j], weight, delay, {**DEFAULTS, **values})
            if len(expected) == len(sent) and np.allclose(sent, expected, rtol=1e-12, atol=0):
                found.add(delay)
                break
        else:
            check(False, f"{name}: no delay explains what the synapse from {i} to {j} sent: {sent}")
        changed += np.ptp(sent) > 0.01 * values["Wmax"]
    check(changed > len(synapses) / 2, f"{name}: only {changed} of {len(synapses)} synapses changed")
    check(len(found) > len(delays) / 2, f"{name}: only the delays {found}")


def main():
    with workspace() as folder:
        path, output = os.path.join(folder, "network.glion"), os.path.join(folder, "out")
        with open(path, "w") as file:
            file.write(NETWORK)
        run(path, output, ranks=2)
        spikes = read_spikes(output)
        trains = {name: [np.rint(times[nodes == k] * 10).astype(int) for k in range(30)] for name, (times, nodes) in spikes.items()}
        check(len(spikes["cells"][0]) > 200, f"only {len(spikes['cells'][0])} spikes")
        for name in CONNECTIONS:
            check_connection(output, name, trains)
    finish()


main()
