#!/usr/bin/python3
"""The astrocyte network at full size beside NEST's runs of it: a table in Markdown, and a figure of the time courses.

usage: compare_with_nest.py OUTPUT_FOLDER… [-o PNG]

The runs must have recorded the spikes of all neurons (-D N_spikes=10000), one folder per seed."""

import argparse
import csv
import os

import matplotlib.pyplot as plt
import numpy as np

from network_statistics import network_statistics, read_summary
from pictures import BLACK, VERMILLION, without_frame
from recordings import read_spikes, report_of

NEST = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "data", "nest")
SIZES = {"exc": 8000, "inh": 2000}
WINDOWS = [(100.0, 1100.0), (100.0, 400.0)]
SMOOTHING = 5  # ms
UNITS = {"IP3": "uM", "Ca_astro": "uM", "I_SIC": "pA"}

ROWS = [  # column of the summary, name, whether it means something in the short window (few neurons fire four times in it)
    ("rate_exc_mean_Hz", "rate of excitatory neurons (Hz)", True),
    ("rate_exc_sd_over_neurons_Hz", "… its standard deviation over neurons", True),
    ("rate_inh_mean_Hz", "rate of inhibitory neurons (Hz)", True),
    ("rate_inh_sd_over_neurons_Hz", "… its standard deviation over neurons", True),
    ("cv_isi_exc_mean", "variation of intervals, excitatory", False),
    ("cv_isi_inh_mean", "variation of intervals, inhibitory", False),
    ("exc_count_per_1ms_var", "variance of excitatory spikes per ms", True),
    ("n_repeat_spikes_same_step", "spikes repeated in a step", True),
    ("IP3_mean_uM", "IP3 (µM)", True),
    ("IP3_sd_uM", "… its standard deviation", True),
    ("Ca_astro_mean_uM", "calcium (µM)", True),
    ("Ca_astro_sd_uM", "… its standard deviation", True),
    ("I_SIC_mean_pA", "slow inward current (pA)", True),
    ("I_SIC_sd_pA", "… its standard deviation", True),
]


def cell(runs, column):
    """Mean over runs, and their standard deviation if there are several."""
    values = np.array([run[column] for run in runs])
    mean, sd = (float(f"{value:.{digits}g}") for value, digits in ((values.mean(), 4), (values.std(ddof=len(values) > 1), 2)))
    return f"{mean:g}" + (f" ± {sd:g}" if len(values) > 1 else "")


def table(folders, window):
    theirs = read_summary(os.path.join(NEST, "h_astrocyte_brunel_summary.csv"), *window)
    ours = [network_statistics(folder, SIZES, *window) for folder in folders]
    lines = [
        f"| {window[0]:g} to {window[1]:g} ms | NEST, {len(theirs)} seeds | Glion, {len(ours)} seed{'s'[:len(ours) > 1]} |",
        "| --- | ---: | ---: |",
    ]
    short = window[1] - window[0] < 1000
    lines += [f"| {name} | {cell(theirs, column)} | {cell(ours, column)} |" for column, name, both in ROWS if both or not short]
    return "\n".join(lines)


def smooth(values):
    return np.convolve(values, np.ones(SMOOTHING) / SMOOTHING, mode="same")


def courses_of_nest():
    """A list per seed of {quantity: (times, values)}."""
    with open(os.path.join(NEST, "h_astrocyte_brunel_timecourse.csv")) as file:
        header, *rows = csv.reader(file)
    columns = dict(zip(header, np.array(rows, float).T))
    seeds = [name.rpartition("_")[2] for name in header if name.startswith("exc_spikes_per_ms")]
    return [
        {
            "rate": (columns["t_ms"], smooth(columns[f"exc_spikes_per_ms_{seed}"]) / SIZES["exc"] * 1000),
            **{name: (columns["t_ms"], columns[f"{name}_mean_{unit}_{seed}"]) for name, unit in UNITS.items()},
        }
        for seed in seeds
    ]


def course_of_ours(folder):
    start, stop = WINDOWS[0]
    times, _ = read_spikes(folder)["exc"]
    counts, edges = np.histogram(times, np.arange(start + 0.05, stop + 0.1, 1.0))
    course = {"rate": (edges[:-1] + 0.95, smooth(counts) / SIZES["exc"] * 1000)}
    for name in UNITS:
        report = report_of(folder, name)
        kept = report.times > start
        course[name] = report.times[kept], report.data[kept].mean(axis=1)
    return course


def draw(folders, path):
    labels = {"rate": "excitatory rate (Hz)", "IP3": "IP$_3$ (µM)", "Ca_astro": "Ca$^{2+}$ (µM)", "I_SIC": "SIC (pA)"}
    theirs = courses_of_nest()
    ours = [course_of_ours(folder) for folder in folders[: len(theirs)]]  # as many lines of each
    figure, panels = plt.subplots(len(labels), 1, sharex=True, figsize=(8, 9), constrained_layout=True)
    for axes, (name, label) in zip(panels, labels.items()):
        for courses, color, width, legend in ((theirs, BLACK, 0.7, "NEST"), (ours, VERMILLION, 1.2, "Glion")):
            for number, course in enumerate(courses):
                axes.plot(*course[name], color=color, linewidth=width, alpha=0.7, label=None if number else legend)
        axes.set_ylabel(label)
    without_frame(*panels)
    panels[0].legend(frameon=False, ncol=2, loc="upper right")
    panels[-1].set_xlabel("time (ms)")
    panels[-1].set_xlim(WINDOWS[0])
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", help="output folders, one per seed")
    parser.add_argument("-o", "--output", help="PNG file to write")
    arguments = parser.parse_args()
    print("\n\n".join(table(arguments.folders, window) for window in WINDOWS))
    if arguments.output:
        draw(arguments.folders, arguments.output)


if __name__ == "__main__":
    main()
