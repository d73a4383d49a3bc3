"""Gap junctions: the trace of two cells against a plain loop and against the equations without delay; charge and energy; what is
recorded; and the same bits with compiled kernels on one rank and interpreted on three, with two threads each."""

import os

import numpy as np
from scipy.integrate import solve_ivp

from glion_test import SYSTEM, check, finish, run, workspace
from compare_recordings import differences
from recordings import read_report, read_spikes

NETWORK = os.path.join(SYSTEM, "gap_junctions.glion")
PAIR = os.path.join(SYSTEM, "gap_junction_pair.glion")
DT = 0.1  # ms
N = 400


def trace(folder, population, name="V_m", file=None):
    return read_report(os.path.join(folder, f"{name}_{file or population}.h5"))[population].data


# ---- integrate-and-fire


def iaf_pair():
    """iaf_psc_exp without synapses: V' = -(V - E_L)/tau + I/C, exact over a step in which the current is constant: that of the
    other cell's potential three steps ago and of the own one at the beginning of the step."""
    decay, delay, weight = np.exp(-DT / 10), 3, 4.0
    v, left, spikes = np.zeros((N, 2)), [0, 0], [[], []]
    v[0] = -70, -60
    for n in range(N - 1):
        for k in range(2):
            current = weight * (v[n - delay, 1 - k] - v[n, k]) if n > delay else 0
            v[n + 1, k] = v[n, k]
            if left[k] > 0:
                left[k] -= 1
                continue
            v[n + 1, k] = -70 + decay * (v[n, k] + 70) + 10 / 250 * (1 - decay) * (current + (800, 0)[k])
            if v[n + 1, k] >= -55:
                v[n + 1, k], left[k] = -70, 20
                spikes[k].append(n + 1)
    return v, spikes


def check_loop(folder):
    expected, spikes = iaf_pair()
    found = trace(folder, "pair")
    worst = np.max(np.abs(found - expected))
    check(worst < 1e-12 * 70, f"pair: {worst} mV from the loop")
    times, nodes = read_spikes(folder)["pair"]
    steps = [[round(time / DT) for time in times[nodes == k]] for k in range(2)]
    check(steps == spikes and len(spikes[0]) > 2, f"pair: spikes at {steps}, not at {spikes}")
    check(np.array_equal(trace(folder, "mirrored"), found[:, ::-1]), "mirrored: not the mirror image of pair")


# ---- Hodgkin and Huxley


def hodgkin_huxley(v, m, h, n, current):
    """C = 100 pF; in mV, ms, pA and nS."""
    exprel = np.expm1
    alpha_m = 0.1 * (v + 40) / -exprel(-(v + 40) / 10)
    alpha_n = 0.01 * (v + 55) / -exprel(-(v + 55) / 10)
    ionic = 12000 * m**3 * h * (v - 50) + 3600 * n**4 * (v + 77) + 30 * (v + 54.402)
    return (
        (current - ionic) / 100,
        alpha_m * (1 - m) - 4 * np.exp(-(v + 65) / 18) * m,
        0.07 * np.exp(-(v + 65) / 20) * (1 - h) - h / (1 + np.exp(-(v + 35) / 10)),
        alpha_n * (1 - n) - 0.125 * np.exp(-(v + 65) / 80) * n,
    )


def coupled_cells(times):
    """[time][cell] potentials of two cells whose contact has no delay."""
    weight, drive = 40, (700, 0)

    def rate(_, y):
        v = y[0], y[4]
        return np.concatenate([hodgkin_huxley(*y[4 * k : 4 * k + 4], drive[k] + weight * (v[1 - k] - v[k])) for k in range(2)])

    alpha_m, alpha_n = 2.5 / np.expm1(2.5), 0.1 / np.expm1(1)
    rest = alpha_m / (alpha_m + 4), 0.07 / (0.07 + 1 / (1 + np.exp(3))), alpha_n / (alpha_n + 0.125)
    solution = solve_ivp(rate, (0, times[-1]), [-65, *rest, -60, *rest], "DOP853", times, rtol=1e-11, atol=1e-11)
    return solution.y[[0, 4]].T


def check_convergence(folder):
    """The delay is one step, so the distance from the equations without delay is proportional to the step."""
    steps, distances = (0.02, 0.01, 0.005), []
    for step in steps:
        output = os.path.join(folder, f"pair_{step}")
        run(PAIR, output, "--float64", "-D", f"h={step} ms")
        found = trace(output, "cells")
        expected = coupled_cells(0.1 * np.arange(len(found)))
        check(np.all(expected.max(axis=0) > 0), "the equations do not spike")
        distances.append(np.max(np.abs(found - expected)))
    ratios = np.divide(distances[:-1], distances[1:])
    check(np.all(np.abs(ratios - 2) < 0.1), f"steps of {steps} ms are {distances} mV away: ratios {ratios}, not 2")


# ---- charge and energy


def check_charge(folder):
    """Between two cells charge only moves, and the energy of its distribution falls until the potentials are equal."""
    v = trace(folder, "two")
    check(np.max(np.abs(v.sum(axis=1) + 60)) < 1e-11, "two: charge is lost")
    energy = (v**2).sum(axis=1)
    check(np.all(np.diff(energy)[2:100] < 0) and np.all(np.diff(energy) <= 1e-9), "two: the energy rises")
    check(np.max(np.abs(v[-1] + 30)) < 1e-6, f"two: the potentials end at {v[-1]}")


def check_extremes(folder):
    """A potential moves towards those of its neighbours, never beyond."""
    v = trace(folder, "many")
    low, high = v.min(axis=1), v.max(axis=1)
    check(np.all(np.diff(low) >= -1e-11) and np.all(np.diff(high) <= 1e-11), "many: a potential left the range of the others")
    check(high[-1] - low[-1] < 0.1 * (high[0] - low[0]), f"many: potentials end from {low[-1]} to {high[-1]} mV")


# ---- what is recorded


def check_recorded_current(folder):
    """I_stim at t: potentials of 0.5 ms ago less the own one at t, and the current of the device, which comes after 1 ms."""
    v = np.hstack([trace(folder, part, file="tissue") for part in ("rough", "smooth")])
    found = np.hstack([trace(folder, part, "I_stim", "tissue") for part in ("rough", "smooth")])
    expected = np.zeros_like(v)
    others = v.sum(axis=1)[:, None] - v
    expected[6:] = 3 * (others[1:-5] - 11 * v[6:])
    expected[60:] += 30
    worst = np.max(np.abs(found - expected))
    check(worst < 1e-9, f"I_stim: {worst} pA from what the potentials say, at {np.unravel_index(np.argmax(np.abs(found - expected)), found.shape)}")
    times, _ = read_spikes(folder)["rough"]
    check(len(times) > 10, f"only {len(times)} spikes")


def main():
    with workspace() as folder:
        compiled, interpreted = os.path.join(folder, "compiled"), os.path.join(folder, "interpreted")
        run(NETWORK, compiled, "--float64")
        check_loop(compiled)
        check_charge(compiled)
        check_extremes(compiled)
        check_recorded_current(compiled)
        check_convergence(folder)
        run(NETWORK, interpreted, "--float64", "--interpret", ranks=3, threads=2)
        for difference in differences(compiled, interpreted):
            check(False, difference)
    finish()


main()
