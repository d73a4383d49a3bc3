"""A neuron with refractory periods of all kinds against Brian 2's traces of the same neurons (tests/data/README.md, brian/h_*).

Spikes fall in the same steps, and a neuron is refractory in the same steps. Values differ by rounding only: 1e-12 of the largest."""

import csv
import os

import numpy as np

from glion_test import DATA, check, finish, run, workspace
from recordings import read_report, read_spikes

# the case in the names of Brian's columns: what the model says
CASES = {
    "none": "",
    "5ms": "refractory 5 ms",
    "4.96ms": "refractory 4.96 ms",
    "5.04ms": "refractory 5.04 ms",
    "5.05ms": "refractory 5.05 ms",
    "5.06ms": "refractory 5.06 ms",
    "0.1ms": "refractory 0.1 ms",
    "0.04ms": "refractory 0.04 ms",
    "0ms": "refractory 0 ms",
    "str_tref": "refractory t_ref",
    "bool_v_gt_0.5": "refractory u > 0.9",
}

NEURON = """population {name} {{
    I : 1 = 1.6
    tau : ms = 10 ms
    t_ref : ms = 3.33 ms
    dv/dt = (I - v)/tau : 1 {flag}
    du/dt = -u/(20 ms) : 1
    threshold v > 1
    reset {{ v = 0; u += 1 }}
    {refractory}
    notref = int(not_refractory) : 1
    method euler
}}
"""


def population(case):
    return "case_" + case.replace(".", "_")


def network():
    text = "simulation { dt = 0.1 ms }\n"
    for case, refractory in CASES.items():
        flag = "(unless refractory)" if refractory else ""
        text += NEURON.format(name=population(case), flag=flag, refractory=refractory)
    populations = " + ".join(population(case) for case in CASES)
    return text + f"let neurons = {populations}\nrecord spikes of neurons\nrecord v, u, notref of neurons\nrun 100 ms\n"


def read_table(name):
    with open(os.path.join(DATA, "brian", name + ".csv")) as file:
        return list(csv.DictReader(file))


def compare_trace(folder, case, table):
    for variable, unit in ("v", "[1]"), ("u", "[1]"), ("notref", ""):
        column = f"{variable}_{case}{unit}"
        if column not in table[0]:
            continue
        expected = np.array([float(row[column]) for row in table])
        report = read_report(os.path.join(folder, f"{variable}_neurons.h5"))[population(case)]
        values = report.data[:, 0]
        check(len(values) == len(expected), f"{column}: {len(values)} samples, not {len(expected)}")
        worst = np.argmax(np.abs(values - expected))
        largest = 1e-12 * np.max(np.abs(expected))
        check(
            abs(values[worst] - expected[worst]) <= largest,
            f"{column}: {values[worst]!r}, not {expected[worst]!r}, in step {worst} (may differ by {largest})",
        )


def compare_spikes(folder, case, table):
    expected = [int(row["step"]) for row in table if row["case"] == case]
    times, _ = read_spikes(folder)[population(case)]
    steps = np.rint(np.asarray(times) * 10).astype(int).tolist()
    check(steps == expected, f"{case}: spikes in steps {steps}, not {expected}")


def main():
    trace, spikes = read_table("h_refractory"), read_table("h_refractory_spikes")
    with workspace() as folder:
        path = os.path.join(folder, "network.glion")
        with open(path, "w") as file:
            file.write(network())
        out = os.path.join(folder, "out")
        run(path, out, "--float64")
        for case in CASES:
            compare_trace(out, case, trace)
            compare_spikes(out, case, spikes)
    finish()


main()
