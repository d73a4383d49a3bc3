"""Synapses that listen to their targets, without sending: on_pre and on_post at arrival, against the definition.

Each synapse is told again by itself: the spikes of its two ends, from the recording, each after its delay, in order of time,
on_pre before on_post where both come in the same step. Its weight is recorded, and what on_pre adds to the target shows it, too.
1e-12 of the largest value; equal bits for any layout."""

import os

import h5py
import numpy as np

from glion_test import check, finish, glion, run, workspace
from few_layouts import check_layouts
from recordings import read_report, read_spikes

DT = 1e-4  # s
STEPS = 2000
TOLERANCE = 1e-12
TAU_PRE, TAU_POST, D_PRE, D_POST = 20e-3, 30e-3, 0.02, -0.021

NETWORK = """
simulation { seed = 5 }
population sources[12] {
    rate : Hz
    dx/dt = rate : 1
    threshold x > 1
    reset { x = 0 }
    method euler
}
population targets[9] {
    rate : Hz
    near : 1
    far  : 1
    late : 1
    dx/dt = rate : 1
    threshold x > 1
    reset { x = 0 }
    method euler
}
sources.rate = 100 Hz + 150 Hz*rand()
targets.rate = 100 Hz + 150 Hz*rand()
targets.x = rand()
synapse model pair_based {
    w : 1
    dApre/dt  = -Apre/(20 ms)  : 1 (event-driven)
    dApost/dt = -Apost/(30 ms) : 1 (event-driven)
    on_post { Apost += -0.021; w = clip(w + Apre, 0, 1) }
}
synapses at_once : sources -> targets extends pair_based { on_pre { Apre += 0.02; w = clip(w + Apost, 0, 1); near_post += w } }
synapses delayed : sources -> targets extends pair_based { on_pre { Apre += 0.02; w = clip(w + Apost, 0, 1); far_post += w }; delay = 0.7 ms }
synapses both : sources -> targets {
    w : 1
    dApre/dt  = -Apre/(20 ms)  : 1 (event-driven)
    dApost/dt = -Apost/(30 ms) : 1 (event-driven)
    on_pre { Apre += 0.02; w = clip(w + Apost, 0, 1); late_post += w }
    on_post(delay = 1.2 ms) { Apost += -0.021; w = clip(w + Apre, 0, 1) }
    delay = 0.3 ms
}
connect at_once by fixed_indegree(5)
connect delayed by fixed_total_number(40)
connect both by all_to_all
at_once.w = 0.1*((i + 3*j) % 10)
delayed.w = 0.5
both.w = 0.3 + 0.02*((i*j) % 20)
record spikes of sources + targets
record near, far, late of targets
record w of at_once
record w of delayed
record w of both
run 200 ms
"""

# name: what it adds to, delays of on_pre and on_post in steps, the first weight
CONNECTIONS = {
    "at_once": ("near", 0, 0, lambda i, j: 0.1 * ((i + 3 * j) % 10)),
    "delayed": ("far", 7, 0, lambda i, j: 0.5),
    "both": ("late", 3, 12, lambda i, j: 0.3 + 0.02 * ((i * j) % 20)),
}


def read_edges(folder, name):
    with h5py.File(os.path.join(folder, f"{name}.h5")) as file:
        (group,) = file["edges"].values()
        return group["source_node_id"][:], group["target_node_id"][:]


def retell_synapse(w, source_steps, target_steps):
    """(step, is it on_post, weight) whenever one of them has run."""
    before, after = 0.0, 0.0
    last = 0
    for step, is_post in sorted([(step, False) for step in source_steps] + [(step, True) for step in target_steps]):
        before *= np.exp(-(step - last) * DT / TAU_PRE)
        after *= np.exp(-(step - last) * DT / TAU_POST)
        last = step
        if is_post:
            after += D_POST
            w = min(max(w + before, 0.0), 1.0)
        else:
            before += D_PRE
            w = min(max(w + after, 0.0), 1.0)
        yield step, is_post, w


def trains_of(folder, population):
    trains = {}
    for time, node in zip(*read_spikes(folder)[population]):
        trains.setdefault(int(node), []).append(int(np.rint(time * 10)))
    return trains


def read_weights(folder, name):
    """The weights, [step, synapse], and the ends of each synapse."""
    with h5py.File(os.path.join(folder, f"w_{name}.h5")) as file:
        (group,) = file["report"].values()
        return group["data"][:], list(zip(*(group[f"mapping/{end}_node_ids"][:].tolist() for end in ("source", "target"))))


def check_connection(exported, output, name):
    variable, pre_delay, post_delay, weight = CONNECTIONS[name]
    sources, targets = trains_of(output, "sources"), trains_of(output, "targets")
    data = read_report(os.path.join(output, f"{variable}_targets.h5"))["targets"].data
    added = np.zeros_like(data)  # by step in which on_pre runs
    weights = []  # of each synapse, at the beginning of each step
    n_events = 0
    edges = sorted(zip(*read_edges(exported, name)))
    for i, j in edges:
        weights.append(np.full(STEPS, weight(int(i), int(j))))
        pre = [step + pre_delay for step in sources[i] if step + pre_delay < STEPS]
        post = [step + post_delay for step in targets[j]]
        for step, is_post, w in retell_synapse(weight(int(i), int(j)), pre, post):
            weights[-1][step + 1 :] = w
            if not is_post:
                added[step, j] += w
                n_events += 1
    expected = np.vstack([np.zeros(added.shape[1]), np.cumsum(added, axis=0)[:-1]])
    error, largest = np.max(np.abs(data - expected)), np.max(np.abs(expected))
    recorded, ends = read_weights(output, name)
    check(ends == [(int(i), int(j)) for i, j in edges], f"{name}: other synapses")
    difference = np.max(np.abs(recorded - np.array(weights).T))
    check(difference <= TOLERANCE, f"{name}: weights differ by {difference:.1e}")
    check(n_events > 500 and error <= TOLERANCE * largest, f"{name}: {error / largest:.1e} of the largest, {n_events} events")


def main():
    with workspace() as folder:
        path, output, exported = (os.path.join(folder, name) for name in ("network.glion", "reference", "edges"))
        with open(path, "w") as file:
            file.write(NETWORK)
        run(path, output, "--float64")
        process = glion("connections", path, "--export", exported)
        check(process.returncode == 0, process.stderr)
        for name in CONNECTIONS:
            check_connection(exported, output, name)
        check_layouts(path, output, folder)
    finish()


main()
