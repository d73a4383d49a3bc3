#!/usr/bin/python3
"""Draw the spikes of a run, population by population: when some neurons spiked, the mean rate of all that were recorded, and how
rates and the variability of intervals (the coefficient of variation) are spread over them.

usage: plot_spikes.py OUTPUT_FOLDER [-o PNG] [--window BEGIN END] [--settled TIME] [--neurons N]"""

import json
import os

import matplotlib.pyplot as plt
import numpy as np

from network_statistics import SPIKES_FOR_CV, interval_variation, within
from pictures import BLUE, GREEN, VERMILLION, main, without_frame
from recordings import rate_of, read_spikes

COLORS = BLUE, VERMILLION, GREEN
RATE_BIN = 1.0  # ms
WINDOW, SETTLED = 200.0, 100.0  # ms; of runs that are long enough


def draw_raster(axes, trains, neurons):
    """`neurons` of each population, the first population on top."""
    for place, (color, (times, node_ids)) in enumerate(zip(COLORS, trains)):
        shown = node_ids < neurons
        axes.plot(times[shown], node_ids[shown] - place * neurons, "|", color=color, markersize=3, markeredgewidth=0.8)
    axes.set_ylim(-(len(trains) - 1) * neurons - 1, neurons)
    axes.set_yticks([])
    axes.set_ylabel(f"{neurons} neurons of each")


def rate_in_bins(times, size, window):
    bins = np.arange(window[0], window[1] + RATE_BIN / 2, RATE_BIN)
    counts, _ = np.histogram(times, bins)
    return counts / (size * RATE_BIN / 1000), bins


def draw_rates(axes, folder, names, trains, sizes, window):
    """As recorded, with the recording's own frames; else from the spikes."""
    for color, name, (times, _), size in zip(COLORS, names, trains, sizes):
        recorded = rate_of(folder, name)
        rate, bins = (recorded.data, recorded.times) if recorded else rate_in_bins(times, size, window)
        axes.stairs(rate, bins, color=color, label=name, linewidth=1)
    axes.set_xlim(window)
    axes.set_ylabel("rate (Hz)")
    axes.set_xlabel("time (ms)")
    axes.legend(frameon=False, fontsize=8, ncols=len(names), loc="upper right")


def draw_spread(axes, values, width, label):
    """Histograms with bins of a width, in whose middle its multiples lie; of populations that have values."""
    coloured = [pair for pair in zip(COLORS, values) if pair[1].size]
    everything = np.concatenate([v for _, v in coloured] or [np.zeros(1)])
    low, high = everything.min(), everything.max()
    bins = width * np.arange(np.rint(low / width) - 0.5, np.rint(high / width) + 1.5)
    for color, of_population in coloured:
        counts, _ = np.histogram(of_population, bins, density=True)
        axes.stairs(counts, bins, color=color, linewidth=1.2)
        axes.axvline(of_population.mean(), color=color, linewidth=0.8, linestyle=":")
    axes.set_xlabel(label)
    axes.set_ylabel("density")


def recorded_after(folder, start):
    """Names, trains after `start`, and numbers of neurons that were recorded: those up to the last one that spiked."""
    spikes = read_spikes(folder)
    trains = [(times[times > start], node_ids[times > start].astype(np.int64)) for times, node_ids in spikes.values()]
    return list(spikes), trains, [int(node_ids.max(initial=0)) + 1 for _, node_ids in trains]


def duration(folder):
    with open(os.path.join(folder, "run.json")) as file:
        return json.load(file)["duration_ms"]


def draw(folder, path, window, settled, neurons):
    end = duration(folder)
    if settled is None:
        settled = min(SETTLED, end / 2)
    if window is None:
        window = max(settled, end - WINDOW), end
    names, trains, sizes = recorded_after(folder, settled)
    figure = plt.figure(figsize=(8, 7), constrained_layout=True)
    grid = figure.add_gridspec(3, 2, height_ratios=(3, 1.2, 1.6))
    raster = figure.add_subplot(grid[0, :])
    rate = figure.add_subplot(grid[1, :], sharex=raster)
    seen = [(times[within(times, *window)], node_ids[within(times, *window)]) for times, node_ids in trains]
    draw_raster(raster, seen, neurons)
    draw_rates(rate, folder, names, seen, sizes, window)
    one_spike = 1000 / (end - settled)  # Hz
    rates = [one_spike * np.bincount(node_ids, minlength=size) for (_, node_ids), size in zip(trains, sizes)]
    draw_spread(figure.add_subplot(grid[2, 0]), rates, one_spike, "rate of a neuron (Hz)")
    variations = [interval_variation(*train) for train in trains]
    draw_spread(figure.add_subplot(grid[2, 1]), variations, 0.02, f"CV of its intervals, from {SPIKES_FOR_CV} spikes on")
    raster.tick_params(labelbottom=False)
    without_frame(*figure.axes)
    figure.savefig(path, dpi=150)


def options(parser):
    parser.add_argument("--window", type=float, nargs=2, help="ms; what raster and rates show, by default the last 200 ms")
    parser.add_argument("--settled", type=float, help="ms; rates and CVs of neurons count from here, by default 100")
    parser.add_argument("--neurons", type=int, default=50, help="of each population, in the raster")


if __name__ == "__main__":
    main(__doc__, draw, options)
