"""Random numbers of equations that are (constant over dt): drawn once for each node and step, and held through it.

What a variable integrates, what `every` and a reset see and what a recording shows is the same number. Beside that the law: mean
and variance of 100 nodes times 400 steps, uniform and normal, and the correlation of steps that follow each other, with a
family-wise false-alarm rate of 1e-6 (Bonferroni over 6)."""

import os

import numpy as np
from scipy import stats

from glion_test import check, finish, run, workspace
from recordings import read_report

NETWORK = """
simulation { dt = 0.1 ms; seed = 11 }
population cells[100] {
    u = rand() : 1 (constant over dt)
    z = 3*randn() + 0*u : 1 (constant over dt)
    seen : 1
    kept : 1
    dv/dt = (z - v)/(5 ms) : 1
    dw/dt = (u - 0.5)/(1 ms) : 1
    threshold t_in_timesteps % 7 == 3
    reset { kept = u }
    every 0.5 ms { seen = u }
    method METHOD
}
record u, z, v, w, seen, kept of cells
run 13.3 ms
run 26.7 ms
"""


def recorded(folder, method):
    network, output = os.path.join(folder, f"{method}.glion"), os.path.join(folder, method)
    with open(network, "w") as file:
        file.write(NETWORK.replace("METHOD", method))
    run(network, output, "--float64", "--interpret", ranks=2)
    return {name: read_report(os.path.join(output, f"{name}_cells.h5"))["cells"].data for name in ("u", "z", "v", "w", "seen", "kept")}


def check_held(found, method):
    steps = len(found["u"])
    check(steps == 400 and len(np.unique(found["u"])) == found["u"].size, f"{method}: numbers are drawn twice")
    w = np.cumsum((found["u"] - 0.5) * 0.1, axis=0)
    check(np.allclose(found["w"][1:], w[:-1], rtol=0, atol=1e-12), f"{method}: w does not integrate the recorded u")
    if method == "exact":
        decay = np.exp(-0.1 / 5)
        v = found["v"][:-1] * decay + found["z"][:-1] * (1 - decay)
        check(np.allclose(found["v"][1:], v, rtol=0, atol=1e-12), "exact: v does not follow the recorded z")
    for step in range(steps - 1):
        check(np.array_equal(found["seen"][step], found["u"][step // 5 * 5]), f"{method}: `every` saw another u by step {step}")
        spiked = (step - 3) // 7 * 7 + 3
        if spiked >= 0:
            check(np.array_equal(found["kept"][step + 1], found["u"][spiked]), f"{method}: the reset saw another u by step {step}")


def check_law(found):
    limit = stats.norm.isf(1e-6 / (2 * 6))
    for name, mean, variance, kurtosis in (("u", 0.5, 1 / 12, 1.8), ("z", 0, 9, 3)):
        x = found[name]
        scores = {
            "mean": (x.mean() - mean) / np.sqrt(variance / x.size),
            "variance": (np.mean((x - mean) ** 2) / variance - 1) / np.sqrt((kurtosis - 1) / x.size),
            "correlation in time": np.mean((x[1:] - mean) * (x[:-1] - mean)) / variance * np.sqrt(x[1:].size),
        }
        for what, score in scores.items():
            check(abs(score) < limit, f"{what} of {name} is {score:.1f} standard errors off")


def main():
    with workspace() as folder:
        for method in ("euler", "exact", "rk4"):
            found = recorded(folder, method)
            check_held(found, method)
        check_law(found)
    finish()


main()
