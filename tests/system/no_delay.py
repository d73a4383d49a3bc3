"""A delay of 0: a spike of step n arrives in step n, after the thresholds and before the resets.

Two neurons and a list of spikes against a retelling of their steps in Python, on any layout; when a spike of 1 ms is first seen,
for delays from 0 to 2 ms, against Brian 2's table (tests/data/README.md); and the schedule of a chain of two neurons, step by step,
against Brian 2's. Spikes and steps are equal, and values to rounding."""

import csv
import os

import numpy as np

from glion_test import DATA, check, finish, run, workspace
from recordings import read_report, read_spikes

DT = 1e-4
# all that can be recorded at
SLOTS = (
    ["start", "after_start", "before_groups", "after_groups", "before_thresholds", "after_thresholds", "before_synapses"]
    + ["after_synapses", "before_resets", "after_resets", "before_end", "end", "after_end"]
)
STEPS = 600
ROUNDING = 1e-14


def agree(a, b):
    return np.max(np.abs(a - b)) < ROUNDING

MODELS = """
neuron model jumping {
    I : 1 = 1.3
    receive spike(J : 1) { v += J }
    dv/dt = (I - v)/(10 ms) : 1 (unless refractory) = 0
    threshold v > 1
    reset { v = 0; n += 1 }
    refractory 0.5 ms
    n : integer = 0
    method euler
}
device model listed { spike_times : ms[] = []
    emit at spike_times }
synapse model now { weight : port = 0
    delay = 0 ms
    on_pre { send weight } }
"""

NETWORK = (
    MODELS
    + """
population x[3] : jumping { I = [1.3, 0.9, 1.15]; v = [0.5, 0.25, 0] }
population y : jumping { I = 0.5 }
population s : listed { spike_times = [0, 0.3, 2, 2, 29.9, 30, 31.7] ms }
connect xx : x -> x by all_to_all using now { weight = 0.0625 }
connect xy : x -> y by all_to_all using now { weight = 0.375 }
connect yx : y -> x by all_to_all using now { weight = -0.125; delay = 0.2 ms }
connect sx : s -> x by all_to_all using now { weight = 0.25 }
record spikes of x + y + s
record v, n of x
record v of y
"""
)


def retold():
    """v and n of x (three nodes) and y before each step, and who spiked in which step."""
    drive, v = np.array([1.3, 0.9, 1.15, 0.5]), np.array([0.5, 0.25, 0.0, 0.0])
    listed = [0, 3, 20, 20, 299, 300, 317]
    left, n = np.zeros(4, int), np.zeros(4, int)  # steps for which a node stays refractory, spikes so far
    values, counts, spikes, of_y = [], [], [], []
    for step in range(STEPS):
        values.append(v.copy())
        counts.append(n.copy())
        still = left > 0
        v = v + DT * np.where(still, 0, (drive - v) / 10e-3)
        spiked = (v > 1) & ~still
        left = np.where(spiked, 5, left)
        of_y.append(spiked[3])
        spikes += [(step, int(k)) for k in np.flatnonzero(spiked)]
        arrived = np.zeros(4)
        for _ in range(listed.count(step)):  # connections by name: sx, xx, xy, yx
            arrived[:3] += 0.25
        for _ in np.flatnonzero(spiked[:3]):
            arrived[:3] += 0.0625
            arrived[3] += 0.375
        if step >= 2 and of_y[step - 2]:
            arrived[:3] += -0.125
        v = np.where(left > 0, v, v + arrived)
        v = np.where(spiked, 0, v)
        n = n + spiked
        left = np.maximum(left - 1, 0)
    return np.array(values), np.array(counts), spikes


def check_retold(folder):
    values, counts, spikes = retold()
    check(len(spikes) > 15, "there are hardly any spikes")
    network = os.path.join(folder, "retold.glion")
    for case, (end, ranks, threads, options) in enumerate(
        [
            ("run 60 ms", 1, 1, []),
            ("run 30 ms; run 30 ms", 1, 1, []),
            ("run 0.1 ms; run 0.2 ms; run 29.7 ms; run 30 ms", 2, 2, ["--interpret"]),
            ("run 60 ms", 3, 1, ["--partition", "block"]),
            ("run 60 ms", 4, 2, []),
        ]
    ):
        output = os.path.join(folder, f"retold_{case}")
        with open(network, "w") as file:
            file.write(NETWORK + end)
        run(network, output, "--float64", *options, ranks=ranks, threads=threads)
        told = [(round(t / 0.1), int(k)) for t, k in zip(*read_spikes(output)["x"])]
        told += [(round(t / 0.1), 3) for t in read_spikes(output)["y"][0]]
        check(sorted(told) == spikes, f"{end}, {ranks} ranks: spikes {sorted(told)[:9]}, not {spikes[:9]}")
        v = read_report(os.path.join(output, "v_x.h5"))["x"].data
        y = read_report(os.path.join(output, "v_y.h5"))["y"].data
        n = read_report(os.path.join(output, "n_x.h5"))["x"].data
        check(agree(v, values[:, :3]), f"{end}, {ranks} ranks: v of x differs")
        check(agree(y[:, 0], values[:, 3]), f"{end}, {ranks} ranks: v of y differs")
        check(np.array_equal(n, counts[:, :3]), f"{end}, {ranks} ranks: n of x differs")


def check_delays(folder):
    """A spike of step 10 reaches x by trunc(delay/dt + 0.5) steps later, and is in the state that the next step begins with."""
    with open(os.path.join(DATA, "brian", "i_delays.csv")) as file:
        rows = list(csv.DictReader(file))
    check(len(rows) > 20, "rows of i_delays.csv are missing")
    text = MODELS + "population s : listed { spike_times = [1] ms }\n"
    for k, row in enumerate(rows):
        delay = f"{float(row['delay[s]'])!r}*second"
        if row["mode"] == "heterogeneous_array":
            delay += " + 0*ms*rand()"  # each synapse has one of its own
        text += f"population x_{k} {{ receive spike(J : 1) {{ x += J }}\n dx/dt = 0/second : 1 }}\n"
        text += f"connect s -> x_{k} by all_to_all using now {{ weight = 1; delay = {delay} }}\nrecord x of x_{k}\n"
    network, output = os.path.join(folder, "delays.glion"), os.path.join(folder, "delays")
    with open(network, "w") as file:
        file.write(text + "run 5 ms\n")
    run(network, output, "--interpret")
    for k, row in enumerate(rows):
        x = read_report(os.path.join(output, f"x_x_{k}.h5"))[f"x_{k}"].data[:, 0]
        expected = int(row["first_changed_step_at_start"])
        check(int(np.argmax(x > 0)) == expected, f"delay {row['delay[s]']} ({row['mode']}): seen at {int(np.argmax(x > 0))}, not {expected}")


def check_schedule(folder):
    """Values at the start of each step; and spikes, in the step in which Brian's thresholds make them."""
    network, output = os.path.join(folder, "schedule.glion"), os.path.join(folder, "schedule")
    with open(network, "w") as file:
        file.write(
            MODELS
            + """
population p { dx/dt = 0.3/(0.1*ms) : 1; threshold x > 1; reset { x = 0 }; method euler }
population q { z : integer = 0; receive spike(J : 1) { y += J }; dy/dt = -0.5*y/(0.1*ms) : 1; threshold y > 2.5
    reset { y = 0; z += 1 }; method euler }
connect p -> q by all_to_all using now { weight = 2 }
record spikes of p + q
"""
            + "".join(f"record p_{slot} : x of p at {slot}\nrecord q_{slot} : y, z of q at {slot}\n" for slot in SLOTS)
            + "run 1.2 ms\nrun 1.8 ms\n"
        )
    run(network, output, "--float64", ranks=2)
    with open(os.path.join(DATA, "brian", "j_schedule.csv")) as file:
        table = list(csv.DictReader(file))
    for slot in SLOTS:
        rows = [row for row in table if row["slot(monitor order=10)"] == slot]
        check(len(rows) == 30, f"rows of j_schedule.csv are missing: {slot}")
        for name, population, column in ((f"p_{slot}", "p", "x_P[1]"), (f"q_{slot}_y", "q", "y_Q[1]"), (f"q_{slot}_z", "q", "z_Q[1]")):
            told = read_report(os.path.join(output, f"{name}.h5"))[population].data
            expected = np.array([float(row[column]) for row in rows])
            check(told.shape == (30, 1) and agree(told[:, 0], expected), f"{name}: {told}, not {expected}")
    rows = [row for row in table if row["slot(monitor order=10)"] == "start"]
    for population, column in (("p", "P_spikes_in_step"), ("q", "Q_spikes_in_step")):
        told = [round(t / 0.1) for t in read_spikes(output)[population][0]]
        expected = [int(row["step"]) for row in rows if row[column] == "1"]
        check(told == expected, f"spikes of {population} in steps {told}, not {expected}")


def check_couplings(folder):
    """Without delay a coupling reads its source as the step begins, at t = 0 too, and with what arrived in the step before."""
    network = os.path.join(folder, "couplings.glion")
    with open(network, "w") as file:
        file.write(
            MODELS
            + """
synapse model s { sum_post = x_pre : 1 (summed) }
synapse model square { sum_post = x_pre*x_pre : 1 (summed) }
population g[2] { receive sum : 1; receive spike(J : 1) { x += J }
    dx/dt = 0.5/(0.1*ms) : 1 = 3
    dq/dt = sum/(0.1*ms) : 1
    method euler }
population h { receive sum : 1; dq/dt = sum/(0.1*ms) : 1; method euler }
population kick : listed { spike_times = [0, 0.4, 1.1] ms }
connect kick -> g by pairs([0], [0]) using now { weight = 4 }
connect g -> g by pairs([0], [1]) using s
connect g -> h by all_to_all using square
record x, q, sum of g
record q of h
run 0.7 ms
run 1.3 ms
"""
        )
    x, sums, q, squares = [3.0, 3.0], [], [0.0], [0.0]
    for step in range(20):
        sums.append(x[0])
        q.append(q[-1] + x[0])
        squares.append(squares[-1] + x[0] ** 2 + x[1] ** 2)
        x = [x[0] + 0.5 + (4 if step in (0, 4, 11) else 0), x[1] + 0.5]
    for ranks, options in ((1, []), (2, ["--interpret"]), (3, [])):
        output = os.path.join(folder, f"couplings_{ranks}")
        run(network, output, "--float64", *options, ranks=ranks)
        g = {name: read_report(os.path.join(output, f"{name}_g.h5"))["g"].data for name in ("q", "sum")}
        h = read_report(os.path.join(output, "q_h.h5"))["h"].data[:, 0]
        check(np.allclose(g["sum"][:, 1], sums, rtol=1e-14), f"{ranks} ranks: the coupling carries {g['sum'][:, 1]}, not {sums}")
        check(np.allclose(g["q"][:, 1], q[:-1], rtol=1e-14), f"{ranks} ranks: it makes {g['q'][:, 1]}, not {q[:-1]}")
        check(np.all(g["sum"][:, 0] == 0), f"{ranks} ranks: something reaches a node that is not coupled")
        check(np.allclose(h, squares[:-1], rtol=1e-14), f"{ranks} ranks: the formula makes {h}, not {squares[:-1]}")


def main():
    with workspace() as folder:
        check_couplings(folder)
        check_retold(folder)
        check_delays(folder)
        check_schedule(folder)
    finish()


main()
