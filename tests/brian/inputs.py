"""What a comparison variable by variable cannot say, beside Brian 2, which runs in this process: that what is drawn has one law, and
that a delayed (summed) variable, which Brian does not have, is what Brian makes of values that the cells themselves put aside.

usage: inputs.py

The numbers that are drawn are compared by two tests, with a false-alarm rate of 1e-6 for both together."""

import importlib.util
import os
import sys
import warnings

import numpy as np
from scipy import stats

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from glion_test import check, finish, run, workspace

SKIPPED, FALSE_ALARMS, LARGEST = 77, 1e-6, 1e-12  # the last: difference, of the largest value
NODES, TRIALS, RATE, WEIGHT, STEPS = 3000, 40, 60, 0.25, 100  # Hz

BACKGROUND = f"""
population background : poisson_input {{ n = {TRIALS}; rate = {RATE} Hz }}
population cells[{NODES}] {{ v : 1 }}
synapses drive : background -> cells {{ on_pre {{ v_post += {WEIGHT} }} }}
connect drive by all_to_all
record final v of cells
run {STEPS * 0.1:g} ms
"""
OSCILLATORS, DELAY, PAIRS = 6, 3, ([0, 1, 1, 2, 4, 5, 5], [1, 0, 3, 2, 5, 0, 4])  # steps
EQUATION = "dtheta/dt = (1 + 0.2*i)*60*Hz + pull : 1"
DELAYED = f"""
population cells[{OSCILLATORS}] {{
    pull : Hz
    {EQUATION}
    method euler
}}
synapses S : cells -> cells {{
    w : 1
    delay = {DELAY * 0.1:g} ms
    pull_post = w*(70 Hz)*sin(theta_pre - 0.5*theta_post) : Hz (summed)
}}
connect S by pairs({PAIRS[0]}, {PAIRS[1]})
S.w = 1 + 0.1*i - 0.05*j
cells.theta = 0.3*i
record theta of cells
run {STEPS * 0.1:g} ms
"""


def simulate(folder, name, text):
    path, out = os.path.join(folder, name + ".glion"), os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    run(path, out, "--float64", "--interpret")
    return out


def background_in_brian():
    import brian2

    brian2.seed(4)
    cells = brian2.NeuronGroup(NODES, "v : 1")
    background = brian2.PoissonInput(cells, "v", TRIALS, RATE * brian2.Hz, WEIGHT)
    brian2.Network(cells, background).run(STEPS * 0.1 * brian2.ms)
    return np.asarray(cells.v) / WEIGHT


def check_background(folder):
    """How many spikes each cell got: samples of one binomial law."""
    from recordings import read_report

    report = read_report(os.path.join(simulate(folder, "background", BACKGROUND), "final_v_cells.h5"))
    ours, theirs = report["cells"].data[0] / WEIGHT, background_in_brian()
    check(np.array_equal(ours, np.rint(ours)), "other than whole numbers of spikes arrive")
    means = stats.ttest_ind(ours, theirs).pvalue
    spread = stats.levene(ours, theirs, center="mean").pvalue
    for what, probability in (("mean", means), ("spread", spread)):
        check(probability > FALSE_ALARMS / 2, f"poisson_input: another {what} than Brian's, with probability {probability:.2g}")


def delayed_in_brian():
    """A cell keeps what it was in the last steps; a coupling reads nothing of the instant t = 0 (docs/language.md)."""
    import brian2

    kept = [f"past_{k}" for k in range(DELAY + 1)]  # at the start of the step from t, past_k is theta at t - k dt
    equations = EQUATION + "\npull : Hz\n" + "\n".join(f"{name} : 1" for name in kept)
    cells = brian2.NeuronGroup(OSCILLATORS, equations, method="euler", name="cells")
    shifts = [f"{kept[k]} = {kept[k - 1]}" for k in range(DELAY, 0, -1)]
    keeping = cells.run_regularly("\n".join([*shifts, "past_0 = theta"]), dt=brian2.defaultclock.dt, when="start")
    synapses = brian2.Synapses(
        cells,
        cells,
        f"w : 1\npull_post = int(t_in_timesteps > {DELAY})*w*(70*Hz)*sin(past_{DELAY}_pre - 0.5*theta_post) : Hz (summed)",
        name="a_synapses",  # before the cells
    )
    synapses.connect(i=np.array(PAIRS[0]), j=np.array(PAIRS[1]))
    synapses.w = "1 + 0.1*i - 0.05*j"
    cells.theta = "0.3*i"
    seen = brian2.StateMonitor(cells, "theta", record=True)
    brian2.Network(cells, keeping, synapses, seen).run(STEPS * 0.1 * brian2.ms)
    return np.asarray(seen.theta).T


def check_delayed(folder):
    from recordings import read_report

    ours = read_report(os.path.join(simulate(folder, "delayed", DELAYED), "theta_cells.h5"))["cells"].data
    theirs = delayed_in_brian()
    worst = np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs))
    check(worst <= LARGEST, f"a delayed sum: theta differs by {worst:.2g}")


def main():
    if importlib.util.find_spec("brian2") is None:
        print("Brian 2 is not installed (tools/setup.sh --all installs it)", file=sys.stderr)
        sys.exit(SKIPPED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of modules that Brian imports
        import brian2

    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = 0.1 * brian2.ms
    with workspace() as folder:
        check_background(folder)
        check_delayed(folder)
    finish()


main()
