"""Pathways that run when a spike arrives, against the definition, step by step and spike by spike.

A network is told again here: its sources' spikes are taken from the recording, its synapses and their delays from the export, and
everything else follows from the model's statements, one after the other, for each synapse by itself. State variables agree to
1e-12 of their largest value, spikes exactly."""

import os

import h5py
import numpy as np

from glion_test import check, finish, glion, run, workspace
from few_layouts import check_layouts
from recordings import read_report, read_spikes

DT = 1e-4  # s
STEPS = 1500
TOLERANCE = 1e-12

# One connection whose synapses are equal, so that the plan keeps u and x once for each source; one whose weights differ, and one
# whose delays do; one without state, which is fused with others; one with a trace of its own; one from a device.
NETWORK = """
simulation { seed = 11 }
neuron model clock {
    rate : Hz = 50 Hz
    gain : 1 = 1.5
    dx/dt = rate : 1 = 0
    threshold x > 1
    reset { x = 0 }
    method euler
}
neuron model cell {
    tau_e : ms = 5 ms
    dv/dt   = (10 nS*(-60 mV - v) + g_e*(0 mV - v) + g_i*(-80 mV - v) + 110 pA)/(200 pF) : volt (unless refractory) = -60 mV
    dg_e/dt = -g_e/tau_e   : siemens = 0 nS
    dg_i/dt = -g_i/(10 ms) : siemens = 0 nS
    count : integer = 0
    load  : pA = 0 pA
    threshold v > -50 mV
    reset { v = -60 mV; load += 1 pA }
    refractory 2 ms
    method euler
}
population clocks[40] : clock { rate = 20 Hz + 100 Hz*rand(); x = rand() }
population bursts : spike_generator { spike_times = [5, 5, 20, 20, 20, 61, 61.1, 100] ms }
population cells[35] : cell
population more[10]  : cell { tau_e = 3 ms + 4 ms*rand() }

synapse model short_term {
    weight : nS = 1 nS
    U      : 1 = 0.6
    delay = 0.5 ms
    du/dt = -3.33/second*u    : 1 (event-driven) = 0
    dx/dt = 20/second*(1 - x) : 1 (event-driven) = 1
    on_pre { u += U*(1 - u); r = u*x; x -= r; g_e_post += weight*r; count_post += 1 }
}
synapse model jump {
    weight : mV = 1 mV
    on_pre kick(delay = 1.3 ms) { v_post += weight*gain_pre; load_post -= weight*(1 pA/mV) }
}
synapse model fading {
    weight : nS = 1 nS
    loss   : 1 = 0.1
    delay = 0.1 ms
    dtrace/dt = -trace/(20 ms) : 1 (event-driven) = 0.5
    on_pre { trace += loss; weight *= 1 - loss*trace; g_i_post += weight; g_e_post -= 0.1*weight }
}
connect equal  : clocks -> cells + more by fixed_total_number(300) using short_term { weight = 0.8 nS }
connect weighted : clocks -> cells by fixed_indegree(6) using short_term { weight = 2 nS*rand(); U = 0.3 }
connect delayed : clocks -> cells by fixed_indegree(6) using short_term { weight = 1 nS; delay = 0.1 ms*(1 + floor(20*rand())) }
connect jumps : clocks -> cells by fixed_indegree(3) using jump { weight = 0.5 mV + 0.5 mV*rand() }
connect at_once : clocks -> cells by fixed_indegree(3) using fading { delay = 0 ms }
connect slow : clocks -> more by fixed_indegree(2) using fading { delay = 2 ms }
connect same_jumps : clocks -> cells + more by fixed_indegree(2) using jump
connect fades : clocks -> cells by fixed_indegree(4) using fading { weight = 1 nS*(1 + rand()); delay = 0.7 ms }
connect burst : bursts -> cells by fixed_outdegree(60) using fading { weight = 1 nS }
record spikes of clocks + cells + more
record v, g_e, g_i, count, load of cells
record v, g_e, g_i, count, load of more
run 150 ms
"""


# ---- the statements ----


def short_term(synapse, node, k, j, elapsed):
    s = synapse
    u = s["u"][k] * np.exp(-3.33 * elapsed)
    x = 1 + (s["x"][k] - 1) * np.exp(-20 * elapsed)
    u += s["U"] * (1 - u)
    r = u * x
    s["u"][k], s["x"][k] = u, x - r
    node.add("g_e", j, s["weight"][k] * 1e-9 * r)
    node.add("count", j, 1)


def jump(synapse, node, k, j, elapsed):
    node.add("v", j, synapse["weight"][k] * 1e-3 * 1.5)
    node.add("load", j, -synapse["weight"][k] * 1e-12)


def fading(synapse, node, k, j, elapsed):
    s = synapse
    s["trace"][k] = s["trace"][k] * np.exp(-elapsed / 20e-3) + 0.1
    s["weight"][k] *= 1 - 0.1 * s["trace"][k]
    node.add("g_i", j, s["weight"][k] * 1e-9)
    node.add("g_e", j, -0.1 * s["weight"][k] * 1e-9)


# name: statements, weight in the unit of the model where all have the same, delay in steps likewise, values
CONNECTIONS = {
    "equal": (short_term, 0.8, 5, {"u": 0.0, "x": 1.0, "U": 0.6}),
    "weighted": (short_term, None, 5, {"u": 0.0, "x": 1.0, "U": 0.3}),
    "delayed": (short_term, 1.0, None, {"u": 0.0, "x": 1.0, "U": 0.6}),
    "jumps": (jump, None, 13, {}),
    "same_jumps": (jump, 1.0, 13, {}),
    "fades": (fading, None, 7, {"trace": 0.5}),
    "at_once": (fading, 1.0, 0, {"trace": 0.5}),
    "slow": (fading, 1.0, 20, {"trace": 0.5}),
    "burst": (fading, 1.0, 1, {"trace": 0.5}),
}


class Cells:
    """The target nodes; v loses what arrives while its node is refractory."""

    def __init__(self, n, tau_e):
        self.tau_e = tau_e
        self.values = {"v": np.full(n, -60e-3), **{name: np.zeros(n) for name in ("g_e", "g_i", "count", "load")}}
        self.left = np.zeros(n, int)

    def add(self, name, j, value):
        if name != "v" or self.left[j] <= 0:
            self.values[name][j] += value

    def integrate(self):
        s = self.values
        rate = (10e-9 * (-60e-3 - s["v"]) + s["g_e"] * (0 - s["v"]) + s["g_i"] * (-80e-3 - s["v"]) + 110e-12) / 200e-12
        s["v"] = np.where(self.left > 0, s["v"], s["v"] + DT * rate)
        s["g_e"] = s["g_e"] - DT * s["g_e"] / self.tau_e
        s["g_i"] = s["g_i"] - DT * s["g_i"] / 10e-3

    def spike(self):
        spiked = (self.left <= 0) & (self.values["v"] > -50e-3)
        self.left[spiked] = 20
        return spiked

    def reset(self, spiked):
        self.values["v"][spiked] = -60e-3
        self.values["load"][spiked] += 1e-12
        self.left = np.maximum(self.left - 1, 0)


def read_synapses(folder, name, population):
    """Source and target indices, weights and delays of the edges that lead to one population; None if there are none."""
    with h5py.File(os.path.join(folder, f"{name}.h5")) as file:
        for group in file["edges"].values():
            target = group["target_node_id"].attrs["node_population"]
            if (target.decode() if isinstance(target, bytes) else target) != population:
                continue
            weight = group["0/syn_weight"][:] if "syn_weight" in group["0"] else None
            return group["source_node_id"][:], group["target_node_id"][:], weight, group["0/delay"][:]
    return None


def arrivals_of(folder, population, trains):
    """{step: [(connection, edge), …]} in the order of (name, emission, source, copy)."""
    events, synapses = {}, {}
    for name in sorted(CONNECTIONS):
        read = read_synapses(folder, name, population)
        if read is None:
            continue
        statements, weight, delay, values = CONNECTIONS[name]
        source, target, weights, delays = read
        n = len(source)
        state = {key: value if key == "U" else np.full(n, value) for key, value in values.items()}
        state["weight"] = weights.copy() if weight is None else np.full(n, weight)
        steps = np.rint(delays * 10).astype(int)
        check(delay is None or np.all(steps == delay), f"{name}: delays {steps}")
        synapses[name] = (statements, state, target, np.zeros(n, int))
        train = trains["bursts" if name == "burst" else "clocks"]
        for edge in range(n):
            for step in train.get(source[edge], ()):
                events.setdefault(step + steps[edge], []).append((name, step, source[edge], edge))
    return {step: sorted(found) for step, found in events.items()}, synapses


def retell(events, synapses, cells):
    """What is recorded: variables at the beginning of each step, and spikes."""
    trace, spikes = {name: [] for name in cells.values}, []
    for step in range(STEPS):
        for name, values in cells.values.items():
            trace[name].append(values.copy())
        cells.integrate()
        spiked = cells.spike()
        spikes += [(step, node) for node in np.flatnonzero(spiked)]
        for name, _, _, edge in events.get(step, ()):
            statements, state, target, last = synapses[name]
            statements(state, cells, edge, target[edge], (step - last[edge]) * DT)
            last[edge] = step
        cells.reset(spiked)
    return {name: np.array(rows) for name, rows in trace.items()}, spikes


def trains_of(times, nodes):
    trains = {}
    for time, node in zip(times, nodes):
        trains.setdefault(node, []).append(int(np.rint(time * 10)))
    return trains


def check_population(exported, output, population, trains, tau_e):
    n = len(tau_e)
    events, synapses = arrivals_of(exported, population, trains)
    check(sum(map(len, events.values())) > 500, f"{population}: hardly anything arrives")
    trace, spikes = retell(events, synapses, Cells(n, tau_e))
    times, nodes = read_spikes(output)[population]
    recorded = [(int(np.rint(time * 10)), node) for time, node in zip(times, nodes)]
    check(len(spikes) > 20 and recorded == spikes, f"{population}: {len(recorded)} spikes, not {len(spikes)}, or others")
    for name, expected in trace.items():
        scale = {"v": 1, "g_e": 1, "g_i": 1, "count": 1, "load": 1e-12}[name]
        data = read_report(os.path.join(output, f"{name}_{population}.h5"))[population].data * scale
        error, largest = np.max(np.abs(data - expected)), np.max(np.abs(expected))
        check(largest > 0 and error <= TOLERANCE * largest, f"{population}: {name} differs by {error / largest:.1e} of its largest")


def tau_of(folder, path):
    """The time constants that were drawn, recorded in a run of their own."""
    output = os.path.join(folder, "tau")
    with open(path) as file:
        text = file.read().replace("run 150 ms", "record tau_e of more\nrun 0.1 ms")
    with open(path + ".tau", "w") as file:
        file.write(text)
    run(path + ".tau", output, "--float64")
    return read_report(os.path.join(output, "tau_e_more.h5"))["more"].data[0] * 1e-3


def main():
    with workspace() as folder:
        path, output, exported = (os.path.join(folder, name) for name in ("network.glion", "reference", "edges"))
        with open(path, "w") as file:
            file.write(NETWORK)
        run(path, output, "--float64")
        process = glion("connections", path, "--export", exported)
        check(process.returncode == 0, process.stderr)
        trains = {"clocks": trains_of(*read_spikes(output)["clocks"])}
        trains["bursts"] = {0: [49, 49, 199, 199, 199, 609, 610, 999]}  # in the steps that end then
        check_population(exported, output, "cells", trains, np.full(35, 5e-3))
        check_population(exported, output, "more", trains, tau_of(folder, path))
        check_layouts(path, output, folder)
    finish()


main()
