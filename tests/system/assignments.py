"""Assignments to populations and parts of them, before and between runs: what is recorded is what the statements say, in order,
and what follows is what equations with these values give."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_report

NETWORK = """
population cells[21] {
    tau : ms = 10 ms
    rate : hertz (constant)
    seen : boolean = false
    dx/dt = rate : 1
    dy/dt = (1 - y)/tau : 1
    method exact
}
population other[4] { dx/dt = 0*hertz : 1 = 7; method euler }
let low = cells[0:9], high = cells[9:], some = sample(cells, 5)
low.rate = 200 Hz
high.rate = [101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112] Hz
cells.x = 0.01*i
high.x = x + 0.5*i + N                         # i and N count in the set
cells[4].x = -x
(cells[4:6] + other[1:3]).x = x + 10*i
cells.y = x                                     # sees the values of x so far
some.seen = true
record x, y, rate, tau, seen of cells
record others : x of other
run 2 ms
run 0 ms
cells[2:5].x = rand()
cells[2:5].y = y + x
cells.tau = where(i % 2 == 0, 5 ms, 20 ms)
low.rate = 2*rate
run 2 ms
cells[2:5].x = rand()                           # other draws
record late : x of cells
run 1 ms
"""


def expected_x():
    """At the beginning, and the rate of each node."""
    index = np.arange(21)
    x = 0.01 * index
    x[9:] = x[9:] + 0.5 * np.arange(12) + 12
    x[4] = -x[4]
    x[4:6] = x[4:6] + 10 * np.arange(2)
    return x, np.where(index < 9, 200.0, 92.0 + index)


def close(one, other):
    return np.allclose(one, other, rtol=0, atol=1e-12)


def check_values(folder):
    frames = {name: read_report(os.path.join(folder, f"{name}_cells.h5"))["cells"].data for name in ("x", "y", "rate", "tau", "seen")}
    index = np.arange(21)
    x, rate = expected_x()
    check(np.array_equal(frames["x"][0], x) and np.array_equal(frames["y"][0], x), f"at the beginning x = {frames['x'][0]}")
    check(np.array_equal(frames["rate"][0], rate) and np.array_equal(frames["rate"][20], np.where(index < 9, 400, rate)), "rate")
    check(np.sum(frames["seen"][0]) == 5 and np.all(frames["tau"][19] == 10), "seen, tau")
    check(np.array_equal(frames["tau"][20], np.where(index % 2 == 0, 5, 20)), "tau after a run")
    others = read_report(os.path.join(folder, "others.h5"))["other"].data[0]
    check(np.array_equal(others, [7, 27, 37, 7]), f"a set over two populations: {others}")

    drawn, again = frames["x"][20][2:5], read_report(os.path.join(folder, "late.h5"))["cells"].data[0][2:5]
    before = frames["x"][19] + rate * 1e-4  # what step 19 makes of it
    check(len(set(drawn) | set(again)) == 6 and np.all((drawn > 0) & (drawn < 1)), f"draws {drawn}, {again}")
    check(close(np.delete(frames["x"][20], [2, 3, 4]), np.delete(before, [2, 3, 4])), "x of nodes that were not assigned")
    y = 1 + (frames["y"][19] - 1) * np.exp(-0.01)
    y[2:5] += drawn
    check(close(frames["y"][20], y), "y = y + x")
    tau = np.where(index % 2 == 0, 5, 20)
    check(close(frames["y"][30], 1 + (y - 1) * np.exp(-1 / tau)), "method exact with time constants that were assigned after a run")
    check(close(frames["x"][30] - frames["x"][20], np.where(index < 9, 400, rate) * 1e-3), "rates that were assigned after a run")


def main():
    with workspace() as folder:
        network, output = os.path.join(folder, "assignments.glion"), os.path.join(folder, "output")
        with open(network, "w") as file:
            file.write(NETWORK)
        run(network, output, "--float64", ranks=2)
        check_values(output)
    finish()


main()
