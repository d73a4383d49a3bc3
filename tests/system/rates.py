"""Recorded rates are the spikes of each frame, counted a second time: whole populations, parts and unions, every step and in frames,
from the beginning and from a later run on, with 1, 2 and 3 ranks."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_rate, read_spikes

NETWORK = """
population a[7] { dx/dt = (150 + 20*i)/second : 1;  rate : 1 = 5;  threshold x > 1;  reset { x = 0 };  method euler }
population b[5] { dx/dt = (170 + 25*i)/second : 1;  threshold x > 1;  reset { x = 0 };  method euler;  spike_time end }
population c : spike_generator { spike_times = [1, 1, 2] ms }
record spikes of a + b + c
record rate of b
record population_rate of a every 0.7 ms
record both : rate of b + c every 1 ms
record some : population_rate of a[1:3] + b[4] every 5 ms
run 10 ms
record rate of b[2] every 3 ms
run 20.05 ms
"""
STEPS, MIDDLE = 301, 100
# file: ({population: nodes}, first step, steps of a frame)
RATES = {
    "rate_b": ({"b": range(5)}, 0, 1),
    "population_rate_a": ({"a": range(7)}, 0, 7),
    "both": ({"b": range(5), "c": [0]}, 0, 10),
    "some": ({"a": [1, 2], "b": [4]}, 0, 50),
    "rate_b_2": ({"b": [2]}, MIDDLE, 30),
}


def emissions(folder):
    """{population: (step, node)}; what is stamped with the end of its step was emitted in the one before."""
    late = {"b": 1, "c": 1}
    return {name: (np.rint(times * 10).astype(int) - late.get(name, 0), nodes) for name, (times, nodes) in read_spikes(folder).items()}


def expected(spikes, nodes, first, every):
    edges = np.append(np.arange(first, STEPS, every), STEPS)  # the last frame may be shorter
    counts = np.zeros(len(edges) - 1)
    for name, members in nodes.items():
        steps, ids = spikes[name]
        counts += np.histogram(steps[np.isin(ids, members)], edges - 0.5)[0]
    return counts / (sum(map(len, nodes.values())) * np.diff(edges) * 1e-4), edges / 10


def main():
    with workspace() as folder:
        network = os.path.join(folder, "network.glion")
        with open(network, "w") as file:
            file.write(NETWORK)
        for ranks in (1, 2, 3):
            output = os.path.join(folder, str(ranks))
            run(network, output, ranks=ranks, threads=2 if ranks == 1 else 1)
            spikes = emissions(output)
            for name, (nodes, first, every) in RATES.items():
                rate = read_rate(os.path.join(output, name + ".h5"))
                data, times = expected(spikes, nodes, first, every)
                check(rate.nodes == sum(map(len, nodes.values())), f"{name}: {rate.nodes} nodes")
                check(np.allclose(rate.times, times, rtol=0, atol=1e-9), f"{name}: frames at {rate.times}")
                check(data.any() and np.allclose(rate.data, data, rtol=1e-14), f"{name}, {ranks} ranks: {rate.data}, not {data}")
    finish()


main()
