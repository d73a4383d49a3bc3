"""A model that has no trace of NEST, or parameters that its trace does not have, against a plain loop over the steps that follows
NEST's description of the model. The parameters stand in tests/system/loops/CASE.glion and here.

usage: loops.py CASE

Spike times are equal; everything else is equal to 1e-12 of its largest value."""

import os
import sys

import numpy as np
from scipy.linalg import expm

from glion_test import SYSTEM, check, finish, run, workspace
from recordings import read_report, read_sent, read_spikes

DT = 0.1  # ms
DELAY = 10  # steps
UP = (5, 5.4, 12, 20, 20.8, 21.3, 33, 60.1)  # ms, of two generators
DOWN = (2, 2.1, 20.8, 40, 41, 42, 43, 44, 80)


def steps(time):
    return round(time / DT)


def arrivals(n_steps, times, weight):
    """[n_steps + 1] sums of the weights that arrive at the end of each step."""
    arrived = np.zeros(n_steps + 1)
    for time in times:
        arrived[steps(time) + DELAY] += weight
    return arrived


def iaf_psc_delta():
    decay, bound, v, left = np.exp(-DT / 10), -71.5, -70.0, 0
    jumps = arrivals(1500, UP, 9) + arrivals(1500, DOWN, -6)
    trace, spikes = [v], []
    for step in range(1, 1501):
        if left > 0:
            left -= 1  # what arrives is lost
        else:
            v = max(-70 + decay * (v + 70) + 10 / 250 * (1 - decay) * 420 + jumps[step], bound)
        if v >= -55:
            v, left = -69.0, 15
            spikes.append(step)
        trace.append(v)
    return {"V_m": trace}, spikes, bound


def izhikevich():
    bound, v, u = -76, -65.0, 0.0
    jumps = arrivals(1500, UP, 9) + arrivals(1500, DOWN, -6)
    potential, recovery, spikes = [v], [u], []
    for step in range(1, 1501):
        v, u = v + DT * (0.04 * v**2 + 5 * v + 140 - u + 12) + jumps[step], u + DT * 0.02 * (0.2 * v - u)
        v = max(v, bound)
        if v >= 30:
            v, u = -65.0, u + 8
            spikes.append(step)
        potential.append(v)
        recovery.append(u)
    return {"V_m": potential, "U_m": recovery}, spikes, bound


def current_neuron(system, state_up, state_down, jumps, bound):
    """A membrane (state 0, without E_L) with currents: x' = system x + I_e/C, jumps of two states, no refractory period."""
    propagator = expm(DT * system)
    rest = np.linalg.solve(system, np.eye(len(system))[0] * 250 / 250)
    x, spikes = np.zeros(len(system)), []
    x[0] = -70 + 66
    trace = [x.copy()]
    for step in range(1, 1501):
        x = propagator @ (x + rest) - rest
        x[0] = max(x[0], bound + 66)
        x[state_up] += jumps[0][step]
        x[state_down] += jumps[1][step]
        if x[0] >= -55 + 66:
            x[0] = -72 + 66
            spikes.append(step)
        trace.append(x.copy())
    return np.array(trace), spikes


def iaf_psc_exp():
    system = np.array([[-1 / 10, 1 / 250, 1 / 250], [0, -1 / 10, 0], [0, 0, -1 / 0.5]])
    jumps = arrivals(1500, UP, 260), arrivals(1500, DOWN, -900)
    trace, spikes = current_neuron(system, 1, 2, jumps, -np.inf)
    return {"V_m": trace[:, 0] - 66, "I_syn_ex": trace[:, 1], "I_syn_in": trace[:, 2]}, spikes, -np.inf


def iaf_psc_alpha():
    system = np.zeros((5, 5))  # V, I_ex, I'_ex, I_in, I'_in
    system[0, :] = -1 / 10, 1 / 250, 0, 1 / 250, 0
    system[1, 1:3] = -1 / 10, 1
    system[2, 2] = -1 / 10
    system[3, 3:5] = -1 / 0.5, 1
    system[4, 4] = -1 / 0.5
    jumps = arrivals(1500, UP, 260 * np.e / 10), arrivals(1500, DOWN, -900 * np.e / 0.5)
    trace, spikes = current_neuron(system, 2, 4, jumps, -72)
    return {"V_m": trace[:, 0] - 66, "I_syn_ex": trace[:, 1], "I_syn_in": trace[:, 3]}, spikes, -72


def close(name, values, expected):
    values, expected = np.asarray(values), np.asarray(expected)
    check(len(values) == len(expected), f"{name}: {len(values)} values, not {len(expected)}")
    difference = np.abs(values[: len(expected)] - expected[: len(values)])
    worst = np.argmax(difference)
    check(
        difference[worst] <= 1e-12 * np.max(np.abs(expected)),
        f"{name}: {values[worst]!r}, not {expected[worst]!r}, at place {worst}",
    )


def compare_neuron(folder, loop):
    columns, spikes, bound = loop()
    times, _ = read_spikes(folder)["neuron"]
    check(len(spikes) > 3, f"only {len(spikes)} spikes")
    check([steps(time) for time in times] == spikes, f"spikes at {times} ms, not at steps {spikes}")
    check(bound == -np.inf or np.min(columns["V_m"]) == bound, "V_m does not come to its bound")
    for name, expected in columns.items():
        values = read_report(os.path.join(folder, f"{name}_neuron.h5"))["neuron"].data[:, 0]
        close(name, values, expected[:-1])


def sine(step, amplitude, offset, frequency, phase):
    return offset + amplitude * np.sin(2 * np.pi * frequency * step * DT / 1000 + phase * np.pi / 180)


def compare_currents(folder, whole, part):
    """Two currents, and the membranes that they reach: the one 1 ms later, the other doubled and 1.5 ms later."""
    close("I of whole", read_report(os.path.join(folder, "I_whole.h5"))["whole"].data[:, 0], whole)
    close("I of part", read_report(os.path.join(folder, "I_part.h5"))["part"].data[:, 0], part)
    potentials = read_report(os.path.join(folder, "V_m_neuron.h5"))["neuron"].data
    decay = np.exp(-DT / 10)
    for neuron, (current, delay) in enumerate([(whole, 10), (2 * part, 15)]):
        v = np.full(1000, -70.0)
        for k in range(1, 1000):
            sent = k - 1 - delay  # what was sent at time 0 does not exist in NEST
            acting = current[sent] if sent > 0 else 0
            v[k] = -70 + decay * (v[k - 1] + 70) + 10 / 250 * (1 - decay) * acting
        close(f"V_m of neuron {neuron}", potentials[:, neuron], v)


def ac_generator(folder):
    step = np.arange(1000)
    part = np.where((step >= 250) & (step < 750), sine(step, 80, 0, 120, -45), 0)
    compare_currents(folder, sine(step, 50, 20, 35, 60), part)


def step_current_generator(folder):
    """Steps in which the current changes are those of the listed times; 55.55 ms counts from 55.6 ms on."""
    step = np.arange(1000)
    whole = np.zeros(1000)
    for first, value in ((1, 60), (123, -25), (200, 110), (201, 40), (556, 15), (700, 0)):
        whole[first:] = value
    compare_currents(folder, whole, np.where((step >= 150) & (step < 650), whole, 0))


def tsodyks2(folder):
    times = np.array([40, 43, 43.1, 60, 61.5, 200, 1200, 1203])
    for name, tau_rec, tau_fac in (("facilitating", 120, 700), ("depressing", 800, 0)):
        u, x, expected = 0.6, 0.5, []
        for k in range(len(times)):
            if k > 0:
                elapsed = times[k] - times[k - 1]
                x = 1 + (x - x * u - 1) * np.exp(-elapsed / tau_rec)
                u = 0.3 + u * (1 - 0.3) * (np.exp(-elapsed / tau_fac) if tau_fac > 0 else 0)
            expected.append(2 * x * u)
        close(name, read_sent(folder, name).values, expected)


NEURONS = {loop.__name__: loop for loop in (iaf_psc_delta, izhikevich, iaf_psc_exp, iaf_psc_alpha)}
OTHERS = {compare.__name__: compare for compare in (ac_generator, step_current_generator, tsodyks2)}


def main():
    case = sys.argv[1]
    with workspace() as folder:
        output = os.path.join(folder, "out")
        run(os.path.join(SYSTEM, "loops", case + ".glion"), output, "--float64")
        if case in NEURONS:
            compare_neuron(output, NEURONS[case])
        else:
            OTHERS[case](output)
    finish()


main()
