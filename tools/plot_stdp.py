#!/usr/bin/python3
"""Draw a run of jobs/stdp, a row for each pair. Left: spikes of the source (below) and of the target. Right: the weight.

usage: plot_stdp.py OUTPUT_FOLDER [-o PNG]"""

import os

import h5py
import matplotlib.pyplot as plt

from pictures import BLUE, VERMILLION, main, without_frame
from recordings import read_spikes

PAIRS = 3  # sources are nodes 0, 1, 2, targets 3, 4, 5


def read_weights(folder):
    """Times in ms, and weights [sample, synapse]."""
    with h5py.File(os.path.join(folder, "w_plastic.h5")) as file:
        group = file["report/plastic"]
        start, _, step = group["mapping/time"][:]
        weights = group["data"][:]
    return [start + step * k for k in range(len(weights))], weights


def draw(folder, path):
    times, node_ids = read_spikes(folder)["osc"]
    sampled, weights = read_weights(folder)
    figure, axes = plt.subplots(PAIRS, 2, sharex=True, figsize=(9, 3.5), constrained_layout=True)
    for pair, (spikes, weight) in enumerate(axes):
        for height, (node, color) in enumerate(((pair, BLUE), (PAIRS + pair, VERMILLION))):
            shown = times[node_ids == node]
            spikes.plot(shown, [height] * len(shown), "|", color=color, markersize=6, markeredgewidth=0.5)
        spikes.set(yticks=[], ylim=(-0.6, 1.6))
        weight.plot(sampled, weights[:, pair], color=BLUE, linewidth=0.9)
        weight.set(ylim=(0, 1), ylabel="weight")
    for bottom in axes[-1]:
        bottom.set(xlabel="time (ms)", xlim=(0, sampled[-1]))
    without_frame(*figure.axes)
    for spikes, _ in axes:
        spikes.spines["left"].set_visible(False)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main(__doc__, draw)
