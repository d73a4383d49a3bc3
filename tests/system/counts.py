"""poisson() and binomial() wherever a model may draw: each place has its law, numbers of its own, and the same bits everywhere.

Counts of many nodes and steps are compared with the probabilities of the law by chi-square, over means and numbers of trials at
which they are drawn in different ways. Streams that were shared would show as equal sequences, or as a correlation: of all pairs of
places, of neighbouring steps, and of neighbouring nodes. The family-wise false-alarm rate is 1e-6 (Bonferroni)."""

import os
import subprocess

import numpy as np
from scipy import stats

from glion_test import GLION, check, finish, run, workspace
from recordings import report_of

NODES, STEPS = 200, 400
RATE = 1e-6
N_COMPARISONS = 1000  # more than there are below

# name -> the law of what it holds
LAWS = {
    "initial": stats.poisson(3),
    "assigned": stats.binom(50, 0.7),
    "held": stats.poisson(0.3),
    "held_again": stats.poisson(0.3),
    "before": stats.poisson(9.5),
    "after": stats.poisson(30),
    "arrived": stats.binom(8, 0.25),
    "at_reset": stats.binom(400, 0.4),
    "at_event": stats.poisson(3e5),
    "regular": stats.binom(2**31, 1e-9),
    "in_branch": stats.poisson(1),
    "by_synapse": stats.poisson(5),
}

NETWORK = f"""
simulation {{ seed = 21 }}
population cells[{NODES}] {{
    initial : 1 = poisson(3)
    assigned : 1
    before : 1
    after : 1
    arrived : 1
    at_reset : 1
    at_event : 1
    regular : 1
    in_branch : 1
    by_synapse : 1
    held = poisson(0.3) : 1 (constant over dt)
    held_again = poisson(0.3) : 1 (constant over dt)
    threshold t >= 0 ms
    every 0.1 ms {{ regular = binomial(2147483648, 1e-9) }}
    before_step {{ before = poisson(9.5) }}
    after_step {{ after = poisson(30); in_branch = where(i % 2 == 0, poisson(1), poisson(-1 + 2*(i % 2))) }}
    after_synapses {{ arrived = binomial(8, 0.25) }}
    reset {{ at_reset = binomial(400, 0.4) }}
    event always if t >= 0 ms {{ at_event = poisson(3e5) }}
}}
cells.assigned = binomial(50, 0.7)
synapses S : cells -> cells {{ on_pre {{ by_synapse_post = poisson(5) }} }}
connect S by one_to_one
record {", ".join(LAWS)} of cells
run {STEPS // 10} ms
cells.assigned = binomial(50, 0.7)
"""


def check_law(name, counts, law):
    """Chi-square over classes in which at least 20 are expected."""
    edges = np.unique(law.ppf(np.linspace(0, 1, 30)[1:-1]))
    expected = np.diff(np.concatenate([[0], law.cdf(edges), [1]])) * counts.size
    edges = edges[: len(edges)]
    seen = np.bincount(np.searchsorted(edges, counts.ravel(), side="left"), minlength=len(edges) + 1)
    keep = expected >= 20
    expected = np.concatenate([expected[keep], [expected[~keep].sum()]]) if (~keep).any() else expected
    seen = np.concatenate([seen[keep], [seen[~keep].sum()]]) if (~keep).any() else seen
    present = expected > 0
    check(seen[~present].sum() == 0, f"{name}: counts that cannot be")
    score = np.sum((seen[present] - expected[present]) ** 2 / expected[present])
    limit = stats.chi2.isf(RATE / N_COMPARISONS, max(1, present.sum() - 1))
    check(score < limit, f"{name}: chi-square {score:.0f}, at most {limit:.0f} was expected")


def check_independence(what, a, b, a_law, b_law):
    a, b = (a - a_law.mean()) / a_law.std(), (b - b_law.mean()) / b_law.std()
    score = np.sum(a * b) / np.sqrt(a.size)
    limit = stats.norm.isf(RATE / N_COMPARISONS / 2)
    check(abs(score) < limit, f"{what}: correlated, {score:.1f} standard errors")


def check_counts(found):
    changing = {name: counts[1:] for name, counts in found.items() if name not in ("initial", "assigned")}
    for name, counts in found.items():
        check_law(name, changing.get(name, counts[0]), LAWS[name])
    for name, counts in changing.items():
        check_independence(f"{name}, steps", counts[1:], counts[:-1], LAWS[name], LAWS[name])
        check_independence(f"{name}, nodes", counts[:, 1:], counts[:, :-1], LAWS[name], LAWS[name])
    names = list(changing)
    for k, a in enumerate(names):
        for b in names[:k]:
            check_independence(f"{a} and {b}", changing[a], changing[b], LAWS[a], LAWS[b])
            check(not np.array_equal(changing[a], changing[b]), f"{a} and {b} are the same counts")
    check_independence("initial and assigned", found["initial"][0], found["assigned"][0], LAWS["initial"], LAWS["assigned"])


WRONG = [
    ("reset { n = poisson(-1) }", "poisson() needs a mean from 0 to 2**50, but gets -1 at node 0 of population 'cells' in the step from t = 0 ms"),
    ("after_step { n = where(i == 30, poisson(t/ms - 0.35), 0) }", "gets -0.35 at node 30 of population 'cells' in the step from t = 0 ms"),
    ("after_step { n = where(i >= 9 and t > 0.55 ms, binomial(int(8 - i), 0.5), 0) }", "binomial() needs a whole number of trials from 0 to 2**50, but gets -1 at node 9 of population 'cells' in the step from t = 0.6 ms"),
    ("every 0.4 ms { n = where(t > 0 ms, binomial(3, 1 + i), 0) }", "binomial() needs a probability from 0 to 1, but gets 2 at node 1 of population 'cells' in the step from t = 0.4 ms"),
    ("h = poisson(0.25 - t/ms) : 1 (constant over dt)", "gets -0.05 at node 0 of population 'cells' in the step from t = 0.3 ms"),
    ("refractory poisson(n - 2)*ms", "gets -2 at node 0"),
    ("after_step { n = poisson(n/0) }", "gets nan at node 0"),
]


def check_wrong(folder):
    path = os.path.join(folder, "wrong.glion")
    for number, (statement, message) in enumerate(WRONG):
        with open(path, "w") as file:
            file.write(f"population cells[37] {{ n : 1; {statement}; threshold t >= 0 ms }}\nrun 2 ms\n")
        for options in ((), ("--interpret",)):
            output = os.path.join(folder, f"wrong_{number}")
            process = subprocess.run([GLION, "run", path, "-o", output, "--force", *options], capture_output=True, text=True)
            check(process.returncode == 1 and message in process.stderr, f"{statement} {options}: {process.returncode} {process.stderr}")


def main():
    with workspace() as folder:
        path, output = os.path.join(folder, "counts.glion"), os.path.join(folder, "output")
        with open(path, "w") as file:
            file.write(NETWORK)
        run(path, output, "--float64")
        check_counts({name: report_of(output, name).data for name in LAWS})
        check_wrong(folder)
    finish()


main()
