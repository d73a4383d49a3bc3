#!/usr/bin/python3
"""Draw a run of jobs/coba. Left: the spikes of a quarter of the excitatory neurons and, above them, of the inhibitory ones; the mean
rate of all in bins of 1 ms. Right: one excitatory neuron: conductances (inhibition downwards), and potential with bars for its
spikes; the resources of its synapses, available (x) and ready for use (u), and what each of its spikes releases.

usage: plot_coba.py OUTPUT_FOLDER [-o PNG] [--excitatory N] [--inhibitory N]"""

import os

import h5py
import matplotlib.pyplot as plt
import numpy as np

from pictures import BLACK, BLUE, GREEN, VERMILLION, main, without_frame
from recordings import read_report, read_spikes

SHOWN = 4  # every so many neurons have their spikes drawn
THRESHOLD = -50.0  # mV
RATE_BIN = 1.0  # ms
RECOVERY, FORGETTING = 2.0, 3.33  # Omega_d and Omega_f, per second


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


def read_resource(folder, name):
    """Of the first synapse: the value of its last spike."""
    with h5py.File(os.path.join(folder, f"resources_{name}.h5")) as file:
        (group,) = file["report"].values()
        return group["data"][:, 0]


def draw_resources(axes, folder, times, spikes):
    """Recorded is the value of the last spike; between spikes it follows from the equations."""
    available, ready = read_resource(folder, "x_S"), read_resource(folder, "u_S")
    step = times[1] - times[0]
    at_spikes = np.rint(spikes / step).astype(int)
    last = np.concatenate(([0.0], spikes))[np.searchsorted(spikes, times + step / 2)]
    elapsed = (times - last) / 1000
    for values, curve, color, label in (
        (available, 1 + (available - 1) * np.exp(-elapsed * RECOVERY), VERMILLION, "x"),
        (ready, ready * np.exp(-elapsed * FORGETTING), GREEN, "u"),
    ):
        axes[0].plot(times, curve, color=color, linewidth=0.8, label=label)
        axes[0].plot(spikes, values[at_spikes], ".", color=color, markersize=4)
    axes[0].set(ylabel="x, u", ylim=(-0.05, 1.05))
    axes[0].legend(frameon=False, fontsize=8, ncols=2, loc="upper center")
    released = ready[at_spikes] * available[at_spikes] / (1 - ready[at_spikes])  # x was larger by it
    axes[1].vlines(spikes, 0, released, color=BLACK, linewidth=0.8)
    axes[1].set(xlabel="time (ms)", ylabel="released", ylim=(0, 0.62))


def draw(folder, path, excitatory, inhibitory):
    times, node_ids = read_spikes(folder)["cells"]
    potential = read_report(os.path.join(folder, "v_probe.h5"))["cells"]
    end = potential.times[-1]
    spikes = times[node_ids == potential.node_ids[0]]
    figure = plt.figure(figsize=(9, 5.5), constrained_layout=True)
    grid = figure.add_gridspec(4, 2)
    raster = figure.add_subplot(grid[:3, 0])
    rate = figure.add_subplot(grid[3, 0], sharex=raster)
    conductances, membrane, resources, released = (figure.add_subplot(grid[row, 1], sharex=raster) for row in range(4))
    draw_raster(raster, times, node_ids.astype(np.int64), excitatory, inhibitory)
    draw_rate(rate, times, excitatory + inhibitory, end)
    draw_conductances(conductances, folder)
    draw_potential(membrane, potential, spikes)
    draw_resources((resources, released), folder, potential.times, spikes)
    rate.set_xlim(0, end)
    for axes in (raster, conductances, membrane, resources):
        axes.tick_params(labelbottom=False)
    without_frame(*figure.axes)
    figure.savefig(path, dpi=100)


def options(parser):
    parser.add_argument("--excitatory", type=int, default=3200, metavar="N", help="neurons of the network, the first N")
    parser.add_argument("--inhibitory", type=int, default=800, metavar="N", help="neurons of the network, the last N")


if __name__ == "__main__":
    main(__doc__, draw, options)
