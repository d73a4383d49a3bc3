#!/usr/bin/python3
"""Draw a run of jobs/continuous_interaction: the potentials of both neurons, the gate of the first one, and what the synapse makes
of it in the second.

usage: plot_continuous_interaction.py OUTPUT_FOLDER [-o PNG]"""

import os

import matplotlib.pyplot as plt

from pictures import BLUE, VERMILLION, legend_above, main, without_frame
from recordings import read_report


def draw(folder, path):
    vm, s, s_in = (read_report(os.path.join(folder, f"{name}_rtm.h5"))["rtm"] for name in ("vm", "s", "s_in"))
    figure, (potentials, gates) = plt.subplots(2, figsize=(8, 5), sharex=True, height_ratios=(3, 1), constrained_layout=True)
    for neuron, color in enumerate((VERMILLION, BLUE)):
        potentials.plot(vm.times, 1e3 * vm.data[:, neuron], color=color, linewidth=1.5, label=f"neuron {neuron}")
    potentials.set(ylabel="potential (mV)", ylim=(-100, 55), xlim=(0, vm.times[-1]))
    gates.plot(s.times, s.data[:, 0], color=VERMILLION, linewidth=1.5, label="s of neuron 0")
    gates.plot(s_in.times, s_in.data[:, 1], color=BLUE, linewidth=1.5, label="s_in of neuron 1")
    gates.set(xlabel="time (ms)", ylabel="gate", ylim=(0, 1))
    for axes in (potentials, gates):
        legend_above(axes, fontsize=9)
    without_frame(potentials, gates)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main(__doc__, draw)
