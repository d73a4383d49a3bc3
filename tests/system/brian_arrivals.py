"""Synapses that write to their targets against Brian 2's traces of the same neurons (tests/data/README.md, brian/b_* and brian/e_*).

b: a conductance-based neuron, driven by given spikes through synapses with short-term plasticity, with weak and with strong ones.
e: jumps of five cells that relax. Spikes fall in the same steps; values differ by rounding only, 1e-12 of a column's largest."""

import csv
import os

import numpy as np

from brian_cases import CONDUCTANCES
from glion_test import DATA, check, finish, run, workspace
from recordings import read_report, read_spikes

TOLERANCE = 1e-12

JUMPS = """
population P[5] {
    dv/dt = (1 - v)/(10 ms) : 1
    threshold v > -55
    reset { v = -70 }
    refractory 2 ms
    method exact
}
population Q[5] { dv/dt = (1 - v)/(10 ms) : 1;  method exact }
P.v = -70
Q.v = -70
synapses S : P -> Q { del_w : 1 (constant);  on_pre { v_post += del_w };  delay = 2 ms }
connect S by one_to_one
S.del_w = [0.00082085, 0.00086726, 0.00091173, 0.00095847, 0.00100761]
record spikes of P
record v of P
record v of Q
run 1 s
"""


def read_table(name):
    with open(os.path.join(DATA, "brian", name + ".csv")) as file:
        header, *rows = csv.reader(file)
    return header, rows


def column(header, rows, name):
    return np.array([row[header.index(name)] for row in rows], float)


def record(folder, name, text):
    path, output = os.path.join(folder, name + ".glion"), os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    run(path, output, "--float64")
    return output


def steps_of(output, population, node=0):
    times, nodes = read_spikes(output)[population]
    return np.rint(times[nodes == node] * 10).astype(int)


def compare(what, data, expected):
    error, largest = np.max(np.abs(data - expected)), np.max(np.abs(expected))
    check(largest > 0 and error <= TOLERANCE * largest, f"{what} differs by {error / largest:.1e} of its largest value")


def check_conductances(folder, case, w_e, w_i):
    header, rows = read_table(case + "_spikes")
    spikes = [(row[0], int(row[1]), int(row[2])) for row in rows]
    trains = [[step / 10 for source, index, step in spikes if (source, index) == ("input", k)] for k in range(3)]
    output = record(folder, case, CONDUCTANCES.format(w_e=w_e, w_i=w_i, trains=trains, recorded="record v, g_e, g_i of neuron"))
    expected = [step for source, _, step in spikes if source == "neuron"]
    check(list(steps_of(output, "neuron")) == expected, f"{case}: spikes at {steps_of(output, 'neuron')}, in Brian at {expected}")
    header, rows = read_table(case)
    steps = np.rint(column(header, rows, "t[s]") * 1e4).astype(int)
    for name, unit in (("v", "V"), ("g_e", "S"), ("g_i", "S")):
        data = read_report(os.path.join(output, f"{name}_neuron.h5"))["neuron"].data[:, 0]
        compare(f"{case}: {name}", data[steps], column(header, rows, f"{name}_start[{unit}]"))


def check_jumps(folder):
    output = record(folder, "jumps", JUMPS)
    header, rows = read_table("e_epsp_P_spikes")
    expected = column(header, rows, "step").astype(int)
    check(np.array_equal(steps_of(output, "P"), expected), f"e: spikes at {steps_of(output, 'P')}, in Brian at {expected}")
    header, rows = read_table("e_epsp")
    steps = np.rint(column(header, rows, "t[s]") * 1e4).astype(int)
    P, Q = (read_report(os.path.join(output, f"v_{name}.h5"))[name].data for name in "PQ")
    compare("e: v of P", P[steps, 0], column(header, rows, "v_P[1]"))
    for k in range(5):
        compare(f"e: v of Q[{k}]", Q[steps, k], column(header, rows, f"v_Q_{k}[1]"))


def main():
    with workspace() as folder:
        check_conductances(folder, "b_coba_single_tm", 0.05, 1)
        check_conductances(folder, "b_coba_single_tm_strong", 2, 10)
        check_jumps(folder)
    finish()


main()
