#!/usr/bin/python3
"""Draw a run of jobs/coba. Left: the spikes of a quarter of the excitatory neurons and, above them, of the inhibitory ones; the mean
rate of all in bins of 1 ms. Right: conductances (inhibition downwards) and potential of one excitatory neuron, with bars for its spikes.

usage: plot_coba.py OUTPUT_FOLDER [-o PNG] [--excitatory N] [--inhibitory N]"""

import os

import matplotlib.pyplot as plt
import numpy as np

from pictures import BLACK, BLUE, GREEN, VERMILLION, main, without_frame
from recordings import read_report, read_spikes

SHOWN = 4  # every so many neurons have their spikes drawn
THRESHOLD = -50.0  # mV
RATE_BIN = 1.0  # ms


def draw_raster(axes, times, node_ids, excitatory, inhibitory):
    inside = node_ids < excitatory
    places = np.where(inside, node_ids, node_ids - excitatory + excitatory // SHOWN)
    for color, shown in ((BLUE, node_ids < excitatory // SHOWN), (VERMILLION, ~inside & (node_ids < excitatory + inhibitory // SHOWN))):
        axes.plot(times[shown], places[shown], "|", color=color, markersize=2, markeredgewidth=0.5)
    axes.set(ylabel="neuron", ylim=(0, (excitatory + inhibitory) // SHOWN))


def draw_rate(axes, times, neurons, end):
    counts, edges = np.histogram(times, np.arange(-0.05, end + RATE_BIN / 2, RATE_BIN))
    axes.plot(edges[:-1] + 0.05, counts / (neurons * RATE_BIN / 1000), color=BLACK, linewidth=0.6)
    axes.set(xlabel="time (ms)", ylabel="rate (Hz)", ylim=(0, 10))


def draw_conductances(axes, folder):
    for name, sign, color in (("g_e", 1, BLUE), ("g_i", -1, VERMILLION)):
        report = read_report(os.path.join(folder, f"{name}_probe.h5"))["cells"]
        axes.plot(report.times, sign * 1e9 * report.data[:, 0], color=color, linewidth=0.8)
    axes.axhline(0, color="grey", linewidth=0.8)
    axes.set(ylabel="g$_e$, −g$_i$ (nS)")


def draw_potential(axes, report, spikes):
    axes.axhline(THRESHOLD, color=GREEN, linestyle=":")
    axes.plot(report.times, 1e3 * report.data[:, 0], color=BLACK, linewidth=0.8)
    axes.vlines(spikes, THRESHOLD, 0, color=BLACK, linewidth=0.8)
    axes.set(ylabel="v (mV)", ylim=(-61, 0))


def draw(folder, path, excitatory, inhibitory):
    times, node_ids = read_spikes(folder)["cells"]
    potential = read_report(os.path.join(folder, "v_probe.h5"))["cells"]
    end = potential.times[-1]
    figure = plt.figure(figsize=(9, 4.5), constrained_layout=True)
    grid = figure.add_gridspec(4, 2)
    raster = figure.add_subplot(grid[:3, 0])
    rate = figure.add_subplot(grid[3, 0], sharex=raster)
    conductances = figure.add_subplot(grid[:2, 1], sharex=raster)
    membrane = figure.add_subplot(grid[2:, 1], sharex=raster)
    draw_raster(raster, times, node_ids.astype(np.int64), excitatory, inhibitory)
    draw_rate(rate, times, excitatory + inhibitory, end)
    draw_conductances(conductances, folder)
    draw_potential(membrane, potential, times[node_ids == potential.node_ids[0]])
    membrane.set_xlabel("time (ms)")
    rate.set_xlim(0, end)
    for axes in (raster, conductances):
        axes.tick_params(labelbottom=False)
    without_frame(*figure.axes)
    figure.savefig(path, dpi=100)


def options(parser):
    parser.add_argument("--excitatory", type=int, default=3200, metavar="N", help="neurons of the network, the first N")
    parser.add_argument("--inhibitory", type=int, default=800, metavar="N", help="neurons of the network, the last N")


if __name__ == "__main__":
    main(__doc__, draw, options)
