"""What Brian is given as arrays, beside Brian 2, which runs in this process: spike times listed with their nodes, on the grid and off
it, spike in the same steps and reach their targets there; and generators of connections make the same ones.

usage: given.py"""

import importlib.util
import os
import shutil
import sys
import warnings

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from glion_test import check, finish, glion, run, workspace

SKIPPED = 77
NODES, DURATION, LARGEST = 6, 40, 1e-12  # ms; difference, of the largest value

NETWORK = """
population trains[%d] : spike_generator_group { spike_times = by_node(%s, %s ms); period = %s ms }
population cells[%d] {
    dv/dt = -v/(7 ms) : 1
    method euler
}
synapses S : trains -> cells { on_pre { v_post += 0.5 + 0.1*%s } }
connect S by one_to_one
record spikes of trains
record v of cells
run %d ms
"""


def make_spikes():
    """In no order, and at most once in each step: a tenth of them a little before or behind the grid, as rounding leaves them."""
    random = np.random.default_rng(3)
    flat = random.choice(NODES * DURATION * 10, 150, replace=False)
    nodes, steps = flat // (DURATION * 10), flat % (DURATION * 10)
    offsets = np.where(random.random(150) < 0.1, random.choice([-1e-6, 1e-6], 150), random.uniform(0, 0.09, 150))
    return nodes, np.maximum(0, np.round(steps * 0.1 + offsets, 9))


def in_brian(nodes, times, period, duration):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of modules that Brian imports
        import brian2

    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = 0.1 * brian2.ms
    trains = brian2.SpikeGeneratorGroup(NODES, nodes, times * brian2.ms, period=period * brian2.ms)
    cells = brian2.NeuronGroup(NODES, "dv/dt = -v/(7*ms) : 1", method="euler")
    synapses = brian2.Synapses(trains, cells, on_pre="v_post += 0.5 + 0.1*1")
    synapses.connect(j="i")
    spikes, seen = brian2.SpikeMonitor(trains), brian2.StateMonitor(cells, "v", record=True)
    brian2.Network(trains, cells, synapses, spikes, seen).run(duration * brian2.ms)
    steps = np.rint(np.asarray(spikes.t) / 1e-4).astype(int)
    return sorted(zip(steps.tolist(), spikes.i[:].tolist())), np.asarray(seen.v).T


GENERATORS = {  # Brian's: Glion's
    "(i + 1) % N_post": "j = (i + 1) % N_post",
    "k for k in range(i - 2, i + 3) if k != i and k >= 0 and k < N_post": "j = k for k in i - 2:i + 3 if k != i and k >= 0 and k < N_post",
    "i + 2*k for k in range(1, 4)": "j = i + 2*k for k in 1:4, skip_if_invalid = true",
    "k for k in range(0, 3)": "j = k for k in 0:3",
    **{  # as they stand
        generator: f"j = {generator}{', skip_if_invalid = true' if skipped else ''}"
        for generator, skipped in [
            ("k for k in range(i - 3, i + 4) if i != k", True),
            ("k for k in range(0, N_post, 3)", False),
            ("k for k in range(7, 0, -3) if i != j", False),
            ("k for k in range(N_post) if v_pre > 0.5", False),
            ("k for k in range(N_post) if v_post > v_pre", False),
            ("k for k in range(i) if v_post > 0.5", False),
            ("int(v_pre*7)", False),
            ("k for k in range(int(v_pre*9))", False),
            ("k for k in sample(2, N_post, size=N_post - 2)", False),
            ("k for k in sample(i, size=11)", True),
            ("k for k in sample(N_post, p=i % 2)", False),
        ]
    },
}
COPIES = {("i", "2"): "j = i, n = 2", ("k for k in range(i) if j % 2 == 0", "i"): "j = k for k in range(i) if j % 2 == 0, n = i"}


def generated_in_brian(generator, skip, n="1"):
    import brian2

    cells = brian2.NeuronGroup(11, "v : 1", threshold="v > 1", reset="")
    cells.v = "(7*i) % 11/11.0"
    synapses = brian2.Synapses(cells, cells)
    synapses.connect(j=generator, skip_if_invalid=skip, n=n)
    return sorted(zip(synapses.i[:].tolist(), synapses.j[:].tolist()))


def generated(folder, generator):
    network, out = os.path.join(folder, "network.glion"), os.path.join(folder, "edges")
    with open(network, "w") as file:
        file.write(f"""population cells[11] {{
    v : 1
    threshold v > 1
}}
cells.v = (7*i) % 11/11.0
synapses S : cells -> cells {{ on_pre {{ v_post += 1 }} }}
connect S by generator({generator})
run 1 ms
""")
    process = glion("connections", network, "--export", out)
    check(process.returncode == 0, process.stderr)
    with h5py.File(os.path.join(out, "S.h5"), "r") as file:
        group = file["edges/S"]
        pairs = sorted(zip(group["source_node_id"][:].tolist(), group["target_node_id"][:].tolist()))
    shutil.rmtree(out)
    return pairs


def main():
    if importlib.util.find_spec("brian2") is None:
        print("Brian 2 is not installed (tools/setup.sh --all installs it)", file=sys.stderr)
        sys.exit(SKIPPED)
    from recordings import read_report, read_spikes

    nodes, times = make_spikes()
    with workspace() as folder:
        for period, duration in ((0, DURATION), (DURATION + 0.3, 3 * DURATION)):
            expected_spikes, expected = in_brian(nodes, times, period, duration)
            path, out = os.path.join(folder, "network.glion"), os.path.join(folder, f"out-{period}")
            with open(path, "w") as file:
                file.write(NETWORK % (NODES, nodes.tolist(), times.tolist(), period, NODES, 1, duration))
            run(path, out, "--float64")
            stamps, ids = read_spikes(out)["trains"]
            spikes = sorted(zip(np.rint(stamps / 0.1).astype(int).tolist(), ids.tolist()))
            check(spikes == expected_spikes, f"period {period}: spikes {spikes[:10]}…, in Brian {expected_spikes[:10]}…")
            check(len(expected_spikes) > 140 * (3 if period else 1) - 10, "hardly anything spikes")
            found = read_report(os.path.join(out, "v_cells.h5"))["cells"].data
            worst = np.max(np.abs(found - expected)) / np.max(expected)
            check(worst <= LARGEST, f"period {period}: v of the targets differs by {worst:.2g}")
        for theirs, ours in GENERATORS.items():
            expected, found = generated_in_brian(theirs, "skip_if_invalid" in ours), generated(folder, ours)
            check(found == expected, f"{ours}: {found}, in Brian {expected}")
        for (theirs, n), ours in COPIES.items():
            expected, found = generated_in_brian(theirs, False, n), generated(folder, ours)
            check(found == expected, f"{ours}: {found}, in Brian {expected}")
    finish()


main()
