"""Delays, and weights, that differ between synapses of what devices draw for each connection, and of continuous couplings: each synapse
does what it would do alone.

Parallel synapses with other delays draw numbers of their own: the test of the variance has a false-alarm rate of 1e-6."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_report

NODES, DT, STEPS = 40, 0.1, 60
DELAYS = [1 + (7 * j) % 11 for j in range(NODES)]  # steps
WEIGHTS = [1 + 0.25 * (j % 5) for j in range(NODES)]
VALUES = f"weight = {WEIGHTS}; delay = {DELAYS}*{DT} ms"

# One spike for each connection in the step that begins at 1 ms; a current; noise without a spread and with one.
NETWORK = f"""
device model wave {{ x = sin(t/ms) : 1 }}
device model hiss {{
    level : 1 = 1
    spread : 1 = 0
    z = randn_per_connection(t_in_timesteps) : 1
    x = level*sin(t/ms) + spread*z : 1
}}
neuron model seen {{
    v : 1;  offset : 1
    receive spike(J : 1) {{ v += J }}
    receive flow : 1
    dy/dt = (cos(t/ms) - y)/ms : 1
    method euler
}}
synapse model flowing {{ weight : 1 = 1; delay = 0.1 ms; flow_post = weight*x_pre : 1 (summed) }}
synapse model pulling {{ weight : 1 = 1; delay = 0.1 ms; flow_post = weight*(y_pre - y_post) : 1 (summed) }}
population once : poisson_input {{ n = 1; rate = where(t_in_timesteps == 10, 1/dt, 0 Hz) }}
population waving : wave
population still : hiss
population loud : hiss {{ level = 0; spread = 1 }}
population one : seen
population by_spike[{NODES}] : seen
population by_wave[{NODES}] : seen
population by_still[{NODES}] : seen
population by_loud[{NODES}] : seen
population by_loud_alike[{NODES}] : seen
population by_pull[{NODES}] : seen
connect once -> by_spike using static {{ {VALUES} }}
connect waving -> by_wave using flowing {{ {VALUES} }}
connect still -> by_still using flowing {{ {VALUES} }}
connect named : loud -> by_loud using flowing {{ weight = {WEIGHTS} }}
connect one -> by_pull using pulling {{ {VALUES} }}
record v of by_spike
record flow of by_wave + by_still + by_loud + by_pull
record y of one + by_pull
run {STEPS * DT:g} ms
"""
PARALLEL = """
device model hiss {
    z = randn_per_connection(7) : 1
    x = 1*z : 1
}
neuron model seen { receive flow : 1;  v : 1 }
synapse model flowing { weight : 1 = 1; delay = 0.1 ms; flow_post = weight*x_pre : 1 (summed) }
population loud : hiss
population cells[4000] : seen
connect a : loud -> cells by fixed_indegree(2) using flowing { delay = 0.1 ms + 0.5 ms*rand() }
record flow of cells
run 2 ms
"""


def simulate(folder, name, text):
    path, out = os.path.join(folder, name + ".glion"), os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    run(path, out, "--float64", "--interpret", ranks=2)
    return out


def frames(folder, variable, of, name):
    return read_report(os.path.join(folder, f"{variable}_{of}.h5"))[name].data


def check_alone(folder):
    """Step by step, what each synapse must bring."""
    out = simulate(folder, "alone", NETWORK)
    step, delay, weight = np.arange(STEPS)[:, None], np.array(DELAYS), np.array(WEIGHTS)
    # a spike of step 10 arrives in step 10 + d, and shows at its end
    check(np.array_equal(frames(out, "v", "by_spike", "by_spike"), weight * (step > 10 + delay)), "spikes come at other times, or bring other weights")
    union = "by_wave_by_still_by_loud_by_pull"
    known = step - delay > 0  # nothing is known of the instant of connecting
    wave = weight * np.where(known, np.sin((step - delay) * DT), 0)
    for name in ("by_wave", "by_still"):
        found = frames(out, "flow", union, name)
        check(np.max(np.abs(found - wave)) < 1e-14, f"{name}: another current, by {np.max(np.abs(found - wave)):.2g}")
    source, target = (frames(out, "y", "one_by_pull", name) for name in ("one", "by_pull"))
    pull = np.where(known, weight * (source[np.maximum(step - delay, 0), 0] - target), 0)
    found = frames(out, "flow", union, "by_pull")
    check(np.max(np.abs(found - pull)) < 1e-14, f"differences: another current, by {np.max(np.abs(found - pull)):.2g}")
    alike = simulate(folder, "alike", NETWORK.replace(f"flowing {{ weight = {WEIGHTS} }}", "flowing"))
    same = frames(alike, "flow", union, "by_loud")
    check(np.array_equal(frames(out, "flow", union, "by_loud"), weight * same), "weights change what is drawn")
    check(np.std(same) > 0.5, "no noise")


def check_parallel(folder):
    """Two synapses from one device to one cell, of which most have different delays: each has drawn once, and the cell has their sum."""
    out = simulate(folder, "parallel", PARALLEL)
    sums = frames(out, "flow", "cells", "cells")[-1]
    variance, limit = np.mean(sums**2), 4.9 * np.sqrt(2 * 2**2 / len(sums))
    check(abs(variance - 2) < limit, f"the variance of the sum of two draws is {variance:.4f}; it would be 4 if they were the same")


def main():
    with workspace() as folder:
        check_alone(folder)
        check_parallel(folder)
    finish()


main()
