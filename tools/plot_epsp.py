#!/usr/bin/python3
"""Draw a run of jobs/epsp: the potential of the first neuron of a pair, which fires, and those of the five second ones, from their
beginning and, enlarged, when only the postsynaptic potentials are left.

usage: plot_epsp.py OUTPUT_FOLDER [-o PNG]"""

import os

import matplotlib.pyplot as plt

from pictures import BLACK, main, without_frame
from recordings import read_report

BEGINNING = 60.0  # ms
END = 20.0  # ms before the end of the run
COLORS = plt.get_cmap("viridis")


def draw(folder, path):
    source, target = (read_report(os.path.join(folder, f"v_{name}.h5"))[name] for name in ("P", "Q"))
    figure, (beginning, end) = plt.subplots(1, 2, figsize=(8, 3.2), constrained_layout=True)
    beginning.plot(source.times, source.data[:, 0], color=BLACK, linewidth=0.9, label="P, fires")
    beginning.plot(target.times, target.data[:, 0], color=COLORS(0.0), linewidth=1.5, label="Q, after its spikes")
    beginning.set(xlabel="time (ms)", ylabel="potential", xlim=(0, BEGINNING))
    beginning.legend(frameon=False, fontsize=9)
    pairs = target.data.shape[1]
    for pair in reversed(range(pairs)):
        end.plot(target.times, target.data[:, pair], color=COLORS(pair / pairs), linewidth=1.2, label=f"Q of pair {pair}")
    last = target.times[-1]
    shown = target.data[target.times > last - END]
    end.set(xlabel="time (ms)", xlim=(last - END, last), ylim=(shown.min() - 5e-5, shown.max() + 5e-5))
    end.ticklabel_format(axis="y", useOffset=False)
    end.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    without_frame(beginning, end)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main(__doc__, draw)
