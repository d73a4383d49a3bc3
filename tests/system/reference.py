"""One neuron, astrocyte or synapse against NEST's trace of the same case (tests/data/README.md).

usage: reference.py CASE

Spike times are equal on the grid of 0.1 ms. Glion integrates with NEST's method and step control, so values differ by rounding
only, and by what the equations make of it: 1e-12 of the largest value where they are linear. V_m is not compared in the sample of
a spike and the one before it where an exponential makes it arbitrarily steep."""

import csv
import os
import sys

import numpy as np

from glion_test import DATA, SYSTEM, check, finish, run, workspace
from recordings import read_report, read_sent, read_spikes

LARGEST = {"V_m": 1e-6}  # mV
LARGEST_ELSE = 1e-9  # in the column's unit

# the cases f: equations that are integrated exactly; that are not, but are smooth; with an exponential
LINEAR = ("iaf_psc_alpha", "iaf_psc_exp")
SMOOTH = ("iaf_cond_alpha", "iaf_cond_exp", "hh_psc_alpha")
STEEP = ("aeif_cond_alpha", "aeif_cond_exp")

# case: files of NEST
TRACES = {
    "a": ("a_aeif_cond_alpha_astro_step_trace", "a_aeif_cond_alpha_astro_step_spikes"),
    "b": ("b_aeif_cond_alpha_astro_syn_trace", "b_aeif_cond_alpha_astro_syn_spikes"),
    "b2": ("b2_aeif_cond_alpha_astro_syn_spiking_trace", "b2_aeif_cond_alpha_astro_syn_spiking_spikes"),
    "c": ("c_astrocyte_default_trace", "c_astrocyte_default_neuron_spikes"),
    "c2": ("c2_astrocyte_strong_trace", "c2_astrocyte_strong_neuron_spikes"),
    "c3": ("c3_astrocyte_brunel_params_trace", "c3_astrocyte_brunel_params_neuron_spikes"),
    **{f"f_{model}": (f"f_{model}_trace", f"f_{model}_spikes") for model in LINEAR + SMOOTH + STEEP},
}
SENT = {
    "d_depressing": "d_tsodyks_depressing",
    "d_facilitating": "d_tsodyks_facilitating",
    "d_tsodyks2_depressing": "d_tsodyks2_depressing",
    "d_tsodyks2_facilitating": "d_tsodyks2_facilitating",
    "g_stdp_default": "g_stdp_default",
    "g_stdp_w50": "g_stdp_w50",
}


def read_table(name):
    """A CSV file as its column names without the unit, and a matrix."""
    with open(os.path.join(DATA, "nest", name + ".csv")) as file:
        header, *rows = csv.reader(file)
    return [column.rpartition("_")[0] for column in header], np.array(rows, float).reshape(len(rows), len(header))


def grid(times):
    """Times in ms as numbers of steps of 0.1 ms."""
    return np.rint(np.asarray(times) * 10).astype(int)


def compare_spikes(folder, name):
    expected = grid(read_table(name)[1][:, 0])
    times, _ = read_spikes(folder)["neuron"]
    check(np.array_equal(grid(times), expected), f"{name}: spikes at steps {grid(times)}, not {expected}")
    return expected


def compare_column(folder, column, steps, expected, largest):
    population = "astrocyte" if column in ("IP3", "Ca_astro", "h_IP3R") else "neuron"
    report = read_report(os.path.join(folder, f"{column}_{population}.h5"))[population]
    frame_of = {step: frame for frame, step in enumerate(grid(report.times))}
    values = report.data[[frame_of[step] for step in steps], 0]
    difference = np.abs(values - expected)
    worst = np.argmax(difference)
    check(
        difference[worst] <= largest,
        f"{column}: {values[worst]!r}, not {expected[worst]!r}, at {steps[worst] / 10} ms (may differ by {largest})",
    )


def compare_trace(folder, case):
    trace, spike_times = TRACES[case]
    spikes = compare_spikes(folder, spike_times)
    columns, rows = read_table(trace)
    steps, model = grid(rows[:, 0]), case.removeprefix("f_")
    beside_spike = np.isin(steps, spikes) | np.isin(steps + 1, spikes)
    for column, expected in zip(columns[1:], rows[:, 1:].T):
        kept = ~beside_spike if column == "V_m" and model not in LINEAR + SMOOTH else np.ones(len(steps), bool)
        largest = 1e-12 * np.max(np.abs(expected)) if model in LINEAR else LARGEST.get(column, LARGEST_ELSE)
        compare_column(folder, column, steps[kept], expected[kept], largest)


def compare_sent(folder, case):
    _, rows = read_table(SENT[case])
    sent = read_sent(folder, "plastic")
    check(np.array_equal(grid(sent.times), grid(rows[:, 0])), f"{case}: sent at {sent.times}, not {rows[:, 0]}")
    check(np.allclose(sent.values, rows[:, 1], rtol=1e-12, atol=0), f"{case}: sent {sent.values}, not {rows[:, 1]}")


def main():
    case = sys.argv[1]
    with workspace() as folder:
        output = os.path.join(folder, "out")
        run(os.path.join(SYSTEM, "reference", case + ".glion"), output, "--float64")
        if case in SENT:
            compare_sent(output, case)
        else:
            compare_trace(output, case)
    finish()


main()
