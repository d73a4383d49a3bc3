"""Random numbers in pathways: each event has its own, whatever else arrives. Counts and sums over many events against their means
and variances; parallel synapses, copies of a spike, sources, targets, steps and calls differ.

Six comparisons within 5.5 standard deviations of normal distributions: a false alarm once in 4 million runs."""

import os

import h5py
import numpy as np

from glion_test import check, finish, run, workspace
from few_layouts import check_layouts
from recordings import report_of

SOURCES, TARGETS, STEPS, P = 20, 30, 500, 0.3
LARGEST = 5.5

NETWORK = f"""
simulation {{ seed = 3 }}
population clock[{SOURCES}] {{ threshold t >= 0 ms }}
population cells[{TARGETS}] {{ n : 1; x : 1; xx : 1; same : 1; u : 1 }}
synapses S : clock -> cells {{
    last : 1
    on_pre {{
        r = rand()
        g = randn()
        n_post += where(r < {P}, 1, 0)
        x_post += g
        xx_post += g*g
        same_post += where(r == last, 1, 0)
        last = r
    }}
    on_pre other {{ u_post += (rand() - 0.5)*(last - 0.5) }}
}}
connect S by all_to_all
connect S by pairs([0, 0, 0, 5, 5], [0, 0, 3, 7, 7])
record n, x, xx, same, u of cells
record last of S at after_synapses
run {STEPS/10} ms
"""


def check_sum(name, total, n, mean, variance):
    distance = (total - n * mean) / np.sqrt(n * variance)
    check(abs(distance) < LARGEST, f"{name}: {total} of {n} events is {distance:.1f} standard deviations from {n * mean}")


def main():
    with workspace() as folder:
        path, output = os.path.join(folder, "draws.glion"), os.path.join(folder, "output")
        with open(path, "w") as file:
            file.write(NETWORK)
        run(path, output, "--float64")
        check_layouts(path, output, folder)
        n_events = (SOURCES * TARGETS + 5) * (STEPS - 1)  # a sample stands before its step
        sums = {name: report_of(output, name).data[-1].sum() for name in ("n", "x", "xx", "same", "u")}
        check_sum("rand() < p", sums["n"], n_events, P, P * (1 - P))
        check_sum("randn()", sums["x"], n_events, 0, 1)
        check_sum("randn()**2", sums["xx"], n_events, 1, 2)
        check_sum("two calls", sums["u"], n_events, 0, 1 / 144)
        check(sums["same"] == 0, f"{sums['same']} numbers are those of the event before")
        with h5py.File(os.path.join(output, "last_S.h5"), "r") as file:
            last = file["report/S/data"][:]
        check(len(np.unique(last)) == last.size, "different events have the same number")
        between = [("steps", last[1:, :], last[:-1, :]), ("synapses", last[:, 1:], last[:, :-1])]
        for name, a, b in between:
            check_sum(f"correlation of {name}", np.sum((a - 0.5) * (b - 0.5)), a.size, 0, 1 / 144)
    finish()


main()
