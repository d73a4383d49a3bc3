"""Synapses that differ and that spikes change.

The same network, once with values that hold for all synapses of a connection, which are computed once per source, and then with
one of them given to each synapse, though equal: membrane potentials and what each spike sends are the same, bit for bit."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_sent, report_of

NETWORK = """
population cells[60] : iaf_psc_exp {{ I_e = 420 pA + 30 pA*randn(); V_m = -70 mV + 10 mV*rand() }}
connect c : cells -> cells by fixed_total_number(2000) using {synapse} {{ {values} }}
record V_m of cells
record sent of c
run 60 ms
"""
VALUES = {
    "tsodyks": {"weight": "40 pA", "delay": "1.5 ms", "tau_rec": "100 ms", "tau_fac": "30 ms", "U": "0.3", "x": "0.9"},
    "tsodyks2": {"weight": "40 pA", "delay": "1.5 ms", "tau_rec": "100 ms", "tau_fac": "30 ms", "U": "0.3"},
}
ZERO = {"weight": "0 pA*rand()", "delay": "0 ms*rand()", "tau_rec": "0 ms*rand()", "tau_fac": "0 ms*rand()", "U": "0*rand()",
        "x": "0*rand()"}  # fmt: skip


def network(synapse, differing):
    values = [f"{name} = {value}{' + ' + ZERO[name] if name in differing else ''}" for name, value in VALUES[synapse].items()]
    return NETWORK.format(synapse=synapse, values="; ".join(values))


def record(folder, synapse, differing):
    path = os.path.join(folder, "network.glion")
    with open(path, "w") as file:
        file.write(network(synapse, differing))
    output = os.path.join(folder, "_".join([synapse, *differing]))
    run(path, output, "--float64")
    return report_of(output, "V_m").data, read_sent(output, "c").values


def main():
    with workspace() as folder:
        for synapse, values in VALUES.items():
            potential, sent = record(folder, synapse, [])
            check(np.std(sent) > 1e-3 * np.mean(sent) and len(sent) > 5000, f"{synapse}: hardly anything happens")
            for differing in [[name] for name in values] + [list(values)]:
                own_potential, own_sent = record(folder, synapse, differing)
                name = f"{synapse} with {', '.join(differing)} for each synapse"
                check(np.array_equal(own_sent, sent), f"{name}: sends something else")
                check(np.array_equal(own_potential, potential), f"{name}: another V_m")
    finish()


main()
