"""Continuous couplings of any form, and clock-driven synapses: a network of phase oscillators against a plain loop over its
synapses, whose weights are read from an export, and whose spikes from the recording.

What rounds differently (sums in another order, another sine) moves phases by about 1e-15 per step of a smooth motion, so 1e-11
after 500 steps is generous and still finds every wrong term."""

import os

import h5py
import numpy as np

from glion_test import SYSTEM, check, finish, glion, run, workspace
from recordings import read_report, read_spikes

NETWORK = os.path.join(SYSTEM, "formulas.glion")
DT = 1e-4  # s


def recorded(folder, variable, population):
    return read_report(os.path.join(folder, f"{variable}_{population}.h5"))[population].data


def synapses(folder, connection):
    """[(source population, sources, target population, targets, weights)]"""
    pieces = []
    with h5py.File(os.path.join(folder, f"{connection}.h5"), "r") as file:
        for group in file["edges"].values():
            ends = [group[f"{end}_node_id"] for end in ("source", "target")]
            names = [end.attrs["node_population"] for end in ends]
            pieces.append((names[0], ends[0][:], names[1], ends[1][:], group["0/syn_weight"][:]))
    return pieces


def slow(theta):
    return 0.5 * (1 + np.sin(theta / 2))


def formula(connection, weight, before, now, gain, t):
    """What each synapse adds, from phases of its source before and of its target now; gain of both."""
    if connection in ("fast", "plain"):
        return gain[0] * weight * 30 * np.sin(before - now)
    if connection == "late":
        return weight * slow(before) * gain[1] * 5 * np.cos(before) * (1 + t)
    return weight * (slow(before) - slow(now))


DELAYS = {"fast": 1, "plain": 1, "late": 7, "gap": 4, "echo": 6, "gate": 3}  # steps
INPUTS = {"fast": "pull", "plain": "pull"}  # of the others: push
STATES = {"echo": 0.1, "gate": 0.0}  # at first


def advanced(connection, state, before, now):
    """A clock-driven state at the end of a step."""
    if connection == "echo":
        return state * np.exp(-DT / 3e-3)

    def rate(s):
        return (slow(before) - s) * 100 * (1 + slow(now))

    return state + DT * rate(state + DT / 2 * rate(state))


def loop(start, omega, gain, connections, spikes, n_steps):
    """The phases at each step, and the sums as each step formed them: {population: [steps, nodes]}. spikes[population][step]: who."""
    theta = {name: np.zeros((n_steps, len(first))) for name, first in start.items()}
    sums = {kind: {name: np.zeros((n_steps, len(first))) for name, first in start.items()} for kind in ("pull", "push")}
    states = {(name, k): np.full(len(piece[1]), STATES[name]) for name in STATES for k, piece in enumerate(connections[name])}
    for name, first in start.items():
        theta[name][0] = first
    for n in range(n_steps):
        for connection, pieces in connections.items():
            past = n - DELAYS[connection]
            for k, (source, i, target, j, weight) in enumerate(pieces):
                if past <= 0 and connection != "echo":  # which does not read its source
                    continue
                before, now = theta[source][max(past, 0), i], theta[target][n, j]
                if connection in STATES:
                    state = states[connection, k]
                    added = 2 * state if connection == "echo" else 8 * weight * state
                    state = advanced(connection, state, before, now)
                    if connection == "echo" and past >= 0:
                        state = state + weight * np.isin(i, spikes[source].get(past, []))
                    states[connection, k] = state
                else:
                    added = formula(connection, weight, before, now, (gain[source][i], gain[target][j]), n * DT)
                np.add.at(sums[INPUTS.get(connection, "push")][target][n], j, added)
        for name in start:
            if n + 1 < n_steps:
                rate = omega[name] + sums["pull"][name][n] + sums["push"][name][n]
                theta[name][n + 1] = theta[name][n] + DT * rate
    return theta, sums


def spikes_by_step(folder):
    spikes = {}
    for population, (times, nodes) in read_spikes(folder).items():
        spikes[population] = {}
        for time, node in zip(times, nodes):
            spikes[population].setdefault(round(time * 1e-3 / DT), []).append(node)
    return spikes


def check_oscillators(folder):
    output, exported = os.path.join(folder, "run"), os.path.join(folder, "edges")
    run(NETWORK, output, "--float64", ranks=2, threads=2)
    process = glion("connections", NETWORK, "--export", exported)
    check(process.returncode == 0, process.stderr)
    connections = {name: synapses(exported, name) for name in DELAYS}
    found = {name: recorded(output, "theta", name) for name in "ab"}
    parameters = [{name: recorded(output, variable, name)[0] for name in "ab"} for variable in ("omega", "gain")]
    start = {name: found[name][0] for name in "ab"}
    theta, sums = loop(start, *parameters, connections, spikes_by_step(output), len(found["a"]))
    expected = {("theta", name): theta[name] for name in "ab"}
    expected |= {(kind, name): sums[kind][name] for kind in sums for name in "ab"}
    for (variable, name), values in expected.items():
        error = np.max(np.abs(recorded(output, variable, name) - values)) / np.max(np.abs(values))
        check(error < 1e-11, f"{variable} of {name}: {error:.1e} from the loop")
        check(np.ptp(values) > 0.1, f"{variable} of {name} hardly changes")
    weights = connections["fast"][0][4]
    check(np.ptp(weights) > 0.5, "the weights of 'fast' hardly differ")


def main():
    with workspace() as folder:
        check_oscillators(folder)
    finish()


main()
