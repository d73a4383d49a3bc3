"""Nodes of spike generators spike at the times of their own lists, once or again and again, wherever these stand: in the text, listed
with their nodes, or in a file; what is recorded of them is what is listed, and reaches the targets. With any ranks, threads and partition.

usage: spike_lists.py RANKS"""

import os
import sys

import numpy as np

from glion_test import check, finish, run, workspace
from compare_recordings import differences
from recordings import read_spikes

NODES, SPIKES, DT = 23, 300, 0.1

NETWORK = """
population trains[%d] : spike_generator_group { spike_times = %s }
population cells[7] : iaf_psc_exp
connect trains -> cells by fixed_indegree(5) using static { weight = 300 pA }
record spikes of trains + cells
record V_m of cells
run 20 ms
population late[%d] : spike_generator_group
late.spike_times = %s
population again[%d] : spike_generator_group { period = 39 ms; spike_times = %s }
record spikes of late + again
run 60 ms
"""


def make_spikes():
    """Pairs (node, step) in no order; some nodes have none."""
    random = np.random.default_rng(5)
    flat = random.choice((NODES - 3) * 390, SPIKES, replace=False)
    return flat // 390, flat % 390


def ways(nodes, steps):
    times = np.round(steps * DT, 6)
    rows = [times[nodes == node].tolist() for node in range(NODES)]
    yield "rows", f"{rows} ms"
    yield "by_node", f"by_node({nodes.tolist()}, {times.tolist()} ms)"
    yield "file", 'by_node(csv("spikes.csv", "node"), csv("spikes.csv", "time")*ms)'


def main():
    ranks = int(sys.argv[1])
    nodes, steps = make_spikes()
    with workspace() as folder:
        with open(os.path.join(folder, "spikes.csv"), "w") as file:
            file.write("node,time\n" + "".join(f"{node},{step * DT:.6f}\n" for node, step in zip(nodes, steps)))
        first = None
        for name, values in ways(nodes, steps):
            network, out = os.path.join(folder, name + ".glion"), os.path.join(folder, name)
            with open(network, "w") as file:
                file.write(NETWORK % ((NODES, values) * 3))
            run(network, out, "--float64", "--partition", "block" if name == "rows" else "round_robin", ranks=ranks, threads=2)
            for population, begin, n_periods in (("trains", 0, 1), ("late", 200, 1), ("again", 200, 3)):
                found = read_spikes(out)[population]
                order = np.lexsort((nodes, steps))
                expected = [(steps[k] + 390 * period, nodes[k]) for period in range(n_periods) for k in order]
                expected = [(step * DT, node) for step, node in expected if begin <= step < 800]
                check(len(found[0]) == len(expected), f"{name}, {population}: {len(found[0])} spikes of {len(expected)}")
                check(np.allclose(found[0], [row[0] for row in expected]), f"{name}, {population}: other times")
                check(np.array_equal(found[1], [row[1] for row in expected]), f"{name}, {population}: other nodes")
            for difference in differences(first or out, out):
                check(difference.startswith(("run.json: network is", "run.json: data is")), f"{name}: {difference}")
            first = first or out
    finish()


main()
