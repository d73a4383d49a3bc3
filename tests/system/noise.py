"""Noise in equations: mean and variance over many nodes, and over many synapses, against the exact moments of each method's
recursion.

An Ornstein-Uhlenbeck process and one with multiplicative noise, 20000 independent nodes or synapses, four of these between each
two nodes, with `euler`, `heun` and `milstein`, at three times. Each mean and each variance is compared with its sampling error;
the family-wise false-alarm rate is 1e-6 (Bonferroni over the 60 comparisons; the fourth moments of the second process are those of
the sample). No two synapses have the same value, but for a chance of 1e-5: 5 cases of 2e8 pairs of numbers of about 50 bits."""

import os

import h5py
import numpy as np
from scipy import stats

from glion_test import check, finish, run, workspace
from recordings import read_report

NODES, DT, TIMES, FALSE_ALARMS = 20000, 1e-4, (5, 20, 50), 1e-6
CASES = {
    **{f"ou_{method}": ("dx/dt = (0.5-x)/(10*ms) + 0.3*sqrt(2/(10*ms))*xi : 1 = 2", method) for method in ("euler", "heun", "milstein")},
    **{f"gbm_{method}": ("dx/dt = -x/(50*ms) + 0.4*x*xi/sqrt(50*ms) : 1 = 1", method) for method in ("heun", "milstein")},
}


def moments(case, method):
    """{time in ms: (mean, variance)}: a factor for each step with known mean and mean square."""
    mean, variance, square, found = (2.0, 0.0, 4.0, {}) if case.startswith("ou") else (1.0, 0.0, 1.0, {})
    mu, c = -1 / 0.05, 0.4 / np.sqrt(0.05)
    bend = c * c / 2 if method == "heun" else c / 2 * (c + mu * np.sqrt(DT))  # stands before dW squared
    for step in range(1, round(TIMES[-1] * 1e-3 / DT) + 1):
        if case.startswith("ou"):
            mean += DT * (0.5 - mean) / 0.01
            variance = variance * (1 - DT / 0.01) ** 2 + 0.09 * 2 / 0.01 * DT
        else:
            a = 1 + mu * DT
            mean *= a + bend * DT
            square *= a * a + c * c * DT + 3 * bend**2 * DT**2 + 2 * a * bend * DT
            variance = square - mean * mean
        found[step] = mean, variance
    return {time: found[round(time * 1e-3 / DT)] for time in TIMES}


def check_moments(name, recorded, expected, limit):
    for time, (mean, variance) in expected.items():
        x = recorded[round(time / 5)]
        kurtosis = np.mean((x - x.mean()) ** 4) / x.var() ** 2
        of_mean = (x.mean() - mean) / np.sqrt(variance / NODES)
        of_variance = (x.var() / variance - 1) / np.sqrt((kurtosis - 1) / NODES)
        check(x.size == NODES, f"{name}: {x.size} values")
        check(abs(of_mean) < limit, f"{name} at {time} ms: mean {x.mean()}, not {mean}: {of_mean:.1f} standard errors")
        check(abs(of_variance) < limit, f"{name} at {time} ms: variance {x.var()}, not {variance}: {of_variance:.1f} s.e.")


def main():
    with workspace() as folder:
        network, output = os.path.join(folder, "noise.glion"), os.path.join(folder, "out")
        with open(network, "w") as file:
            file.write("simulation { dt = 0.1 ms; seed = 2026 }\npopulation pre[50] { v : 1 }\npopulation post[100] { v : 1 }\n")
            for name, (equation, method) in CASES.items():
                file.write(f"population {name}[{NODES}] {{ {equation}\n method {method} }}\nrecord x of {name} every 5 ms\n")
                file.write(f"synapses S_{name} : pre -> post {{ {equation}\n method {method} }}\n")
                file.write(f"connect S_{name} by condition(true, n = 4)\nrecord x of S_{name} every 5 ms\n")
            file.write("run 50.1 ms\n")
        run(network, output, "--float64", threads=2)
        limit = stats.norm.isf(FALSE_ALARMS / (2 * 2 * 2 * len(CASES) * len(TIMES)))
        for name, (_, method) in CASES.items():
            expected = moments(name, method)
            check_moments(name, read_report(os.path.join(output, f"x_{name}.h5"))[name].data, expected, limit)
            with h5py.File(os.path.join(output, f"x_S_{name}.h5"), "r") as file:
                of_synapses = file[f"report/S_{name}/data"][:]
            check_moments(f"synapses, {name}", of_synapses, expected, limit)
            check(len(np.unique(of_synapses[-1])) == NODES, f"synapses, {name}: some have the same noise")
    finish()


main()
