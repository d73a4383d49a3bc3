#!/usr/bin/python3
"""Draw a run of the astrocyte network: the spikes of the first 100 neurons with their mean rate, IP3 and calcium in the
astrocytes, and the slow inward current in the neurons (lines: mean over the recorded nodes; bands: ± standard deviation).

usage: plot_astrocyte_network.py OUTPUT_FOLDER [-o PNG]"""

import matplotlib.pyplot as plt
import numpy as np

from pictures import BLACK, BLUE, GREEN, VERMILLION, main, without_frame
from recordings import read_spikes, report_of

NEURONS = 100
RATE_BIN = 5.0  # ms


def first_spikes(folder):
    """Times and positions of the spikes of the first NEURONS nodes of the first population that was recorded."""
    population, (times, node_ids) = next(iter(read_spikes(folder).items()))
    shown = node_ids < NEURONS
    return population, times[shown], node_ids[shown]


def draw_raster(raster, rate, folder, end):
    population, times, node_ids = first_spikes(folder)
    raster.plot(times, node_ids, "|", color=BLACK, markersize=2.5, markeredgewidth=0.7)
    raster.set_ylim(-1, NEURONS)
    raster.set_ylabel("neuron")
    raster.set_title(f"Spikes of neurons 0 to {NEURONS - 1} of {population}, and their mean rate")
    bins = np.arange(0.0, end + RATE_BIN, RATE_BIN)
    counts, _ = np.histogram(times, bins)
    rate.stairs(counts / (NEURONS * RATE_BIN / 1000.0), bins, fill=True, color=BLACK, alpha=0.6)
    rate.set_ylabel("rate (Hz)")


def draw_mean(axes, report, color, label):
    mean, deviation = report.data.mean(axis=1), report.data.std(axis=1)
    axes.fill_between(report.times, mean - deviation, mean + deviation, color=color, alpha=0.25, linewidth=0)
    axes.plot(report.times, mean, color=color, linewidth=1.2)
    axes.set_ylabel(label, color=color)
    axes.tick_params(axis="y", labelcolor=color)


def draw(folder, path):
    ip3, calcium, current = (report_of(folder, name) for name in ("IP3", "Ca_astro", "I_SIC"))
    end = ip3.times[-1]
    figure, (raster, rate, astrocytes, neurons) = plt.subplots(
        4, 1, sharex=True, figsize=(8, 9), gridspec_kw={"height_ratios": (3, 1, 2, 2)}, constrained_layout=True
    )
    draw_raster(raster, rate, folder, end)
    draw_mean(astrocytes, ip3, BLUE, "IP$_3$ (µM)")
    right = astrocytes.twinx()
    draw_mean(right, calcium, VERMILLION, "Ca$^{2+}$ (µM)")
    astrocytes.set_title(f"IP$_3$ (left) and Ca$^{{2+}}$ (right) in {len(ip3.node_ids)} astrocytes")
    draw_mean(neurons, current, GREEN, "SIC (pA)")
    neurons.set_title(f"Slow inward current in {len(current.node_ids)} neurons")
    neurons.set_xlabel("time (ms)")
    neurons.set_xlim(0.0, end)
    without_frame(raster, rate, neurons)
    for axes in (raster, rate, astrocytes, right, neurons):
        axes.spines["top"].set_visible(False)
        axes.title.set_fontsize(10)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main(__doc__, draw)
