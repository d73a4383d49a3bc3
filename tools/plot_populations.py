#!/usr/bin/python3
"""Draw the spikes of a run with many populations: when neurons of all populations spiked, and for each population how rates,
the variability of intervals (the coefficient of variation) and correlations are spread over its neurons (boxes: quartiles and median;
whiskers: 5th and 95th percentile; crosses: mean).

usage: plot_populations.py OUTPUT_FOLDER [-o PNG] [--window BEGIN END] [--settled MS] [--names NAME,NAME,…]"""

import matplotlib.pyplot as plt
import numpy as np

from network_statistics import SPIKES_FOR_CV, count_correlations, interval_variation, within
from pictures import BLUE, VERMILLION, main, without_frame
from recordings import read_spikes

COLORS = BLUE, VERMILLION  # in turns: excitatory populations and inhibitory ones
DOTS = 8000  # neurons in the raster, of all populations together
CORRELATED = 200  # neurons of each population whose pairs are correlated


def draw_raster(axes, names, trains, sizes, window):
    """Every n-th neuron of all populations, the first population on top."""
    every = max(sum(sizes) // DOTS, 1)
    top = 0
    middles = []
    for k, ((times, node_ids), size) in enumerate(zip(trains, sizes)):
        shown = within(times, *window) & (node_ids % every == 0)
        axes.plot(times[shown], -(top + node_ids[shown] / every), ".", color=COLORS[k % 2], markersize=1.8, markeredgewidth=0)
        middles.append(-(top + size / every / 2))
        top += size / every
    axes.set_xlim(window)
    axes.set_ylim(-top - 1, 1)
    axes.set_yticks(middles, names)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("time (ms)")


def draw_boxes(axes, names, values, label):
    parts = axes.boxplot(values[::-1], vert=False, whis=(5, 95), showfliers=False, showmeans=True, patch_artist=True,
                         medianprops={"color": "black"}, meanprops={"marker": "x", "markeredgecolor": "black", "markersize": 4})
    for k, box in enumerate(reversed(parts["boxes"])):
        box.set(facecolor=COLORS[k % 2], alpha=0.7)
    axes.set_yticks(range(1, len(names) + 1), names[::-1])
    axes.set_xlabel(label)


def draw(folder, path, window, settled, names):
    spikes = {name: train for name, train in read_spikes(folder).items() if len(train[0])}
    trains = [(times[times > settled], node_ids[times > settled].astype(np.int64)) for times, node_ids in spikes.values()]
    sizes = [int(node_ids.max()) + 1 for _, node_ids in trains]
    names = names or list(spikes)
    end = max(times.max() for times, _ in trains)
    figure = plt.figure(figsize=(9, 6.5), constrained_layout=True)
    grid = figure.add_gridspec(3, 2, width_ratios=(1.7, 1))
    draw_raster(figure.add_subplot(grid[:, 0]), names, trains, sizes, window)
    rates = [np.bincount(node_ids, minlength=size) * 1000 / (end - settled) for (_, node_ids), size in zip(trains, sizes)]
    draw_boxes(figure.add_subplot(grid[0, 1]), names, rates, "rate of a neuron (Hz)")
    variations = [interval_variation(*train) for train in trains]
    draw_boxes(figure.add_subplot(grid[1, 1]), names, variations, f"CV of its intervals, from {SPIKES_FOR_CV} spikes on")
    correlations = [count_correlations(*train, settled, end, CORRELATED) for train in trains]
    draw_boxes(figure.add_subplot(grid[2, 1]), names, correlations, "correlation of two neurons, counts in 2 ms")
    without_frame(*figure.axes)
    figure.savefig(path, dpi=150)


def options(parser):
    parser.add_argument("--window", type=float, nargs=2, default=(1000.0, 1200.0), help="ms; what the raster shows")
    parser.add_argument("--settled", type=float, default=500.0, help="ms; statistics count from here")
    parser.add_argument("--names", type=lambda text: text.split(","), help="how to call the populations, separated by commas")


if __name__ == "__main__":
    main(__doc__, draw, options)
