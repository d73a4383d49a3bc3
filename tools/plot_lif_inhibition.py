#!/usr/bin/python3
"""Draw a run of jobs/lif_inhibition: the spikes of all neurons.

usage: plot_lif_inhibition.py OUTPUT_FOLDER [-o PNG] [--inhibitory N]"""

import matplotlib.pyplot as plt

from pictures import BLUE, VERMILLION, legend_above, main, without_frame
from recordings import read_spikes


def draw(folder, path, inhibitory):
    times, node_ids = read_spikes(folder)["neurons"]
    figure, axes = plt.subplots(figsize=(6, 5), constrained_layout=True)
    first = node_ids < inhibitory
    for label, color, shown in (("excitatory", BLUE, ~first), ("inhibitory", VERMILLION, first)):
        axes.plot(times[shown], node_ids[shown], ".", color=color, markersize=3, markeredgewidth=0, label=label)
    axes.set(xlabel="time (ms)", ylabel="neuron", xlim=(0, None))
    legend_above(axes, markerscale=3)
    without_frame(axes)
    figure.savefig(path, dpi=100)


def options(parser):
    parser.add_argument("--inhibitory", type=int, default=300, metavar="N", help="the first N neurons are inhibitory")


if __name__ == "__main__":
    main(__doc__, draw, options)
