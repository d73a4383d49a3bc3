"""Tripartite connections against NEST's, 50 seeds for each of seven configurations (tests/data/README.md), drawn by two ranks.

What must hold exactly is checked for every seed. Counts are compared with NEST's by two-sample tests and with the binomial law; all
tests together raise a false alarm with probability 1e-4 (Holm, Scand. J. Stat. 6:65, 1979). Seeds are fixed.

GLION names the program of pool_statistics.c."""

import csv
import os
import sys

import numpy as np
from scipy import stats

from glion_test import DATA, check, finish, glion

FALSE_ALARM = 1e-4
N_SEEDS = 200

# (pool type, pool size, sources, targets, thirds, p_primary, p_third_if_primary)
CONFIGURATIONS = [
    ("block", 1, 10, 10, 5, 0.5, 0.5),
    ("block", 1, 10, 10, 10, 0.5, 0.5),
    ("block", 10, 10, 10, 100, 0.5, 0.5),
    ("random", 1, 10, 10, 10, 0.5, 0.5),
    ("random", 3, 10, 10, 10, 0.5, 0.5),
    ("random", 10, 10, 10, 10, 0.5, 0.5),
    ("random", 10, 100, 10, 100, 0.2, 0.5),
]


def columns(lines):
    """A CSV table as {column: values}; what is counted for each target becomes one column of all of them."""
    header, *rows = csv.reader(lines)
    table = {}
    for name, values in zip(header, np.array(rows, int).T):
        table.setdefault(name.rstrip("0123456789"), []).append(values)
    return {name: np.concatenate(values) for name, values in table.items()}


def draw(configuration):
    os.environ["OMP_NUM_THREADS"] = "1"  # networks this small are not worth waiting for threads
    process = glion(*configuration, N_SEEDS, ranks=2)
    if process.returncode != 0:
        sys.exit(f"{' '.join(process.args)}: status {process.returncode}\n{process.stderr}")
    return columns(process.stdout.splitlines())


def nest(pool_type, pool_size, n_source, n_target, n_third):
    name = f"e_{pool_type}_pool{pool_size}_{n_source}x{n_target}x{n_third}.csv"
    with open(os.path.join(DATA, "nest", name)) as file:
        return columns(file)


def check_exact(table, pool_type, pool_size, name):
    """What holds for each seed."""
    per_target = {key: table[key].reshape(-1, len(table["seed"])) for key in ("third_out_indegree_target", "n_distinct_astro_target")}
    indegree, distinct = per_target["third_out_indegree_target"], per_target["n_distinct_astro_target"]
    check(np.array_equal(table["n_third_in"], table["n_third_out"]), f"{name}: third_in and third_out differ")
    check(np.array_equal(indegree.sum(0), table["n_third_out"]), f"{name}: in-degrees do not add up")
    check(np.all(distinct <= np.minimum(pool_size, indegree)), f"{name}: a target has more third nodes than its pool")
    check(np.all((distinct > 0) == (indegree > 0)), f"{name}: connections without third nodes")
    if pool_type == "block" and pool_size > 1:
        check(np.array_equal(distinct.sum(0), table["n_distinct_astro_used"]), f"{name}: pools overlap")


def compare_with_nest(ours, theirs, name):
    """(what was compared, p-value): location by Mann and Whitney, distribution by Kolmogorov and Smirnov."""
    for column in sorted(set(theirs) - {"seed"}):
        if np.ptp(np.concatenate([ours[column], theirs[column]])) == 0:
            continue
        yield f"{name}: {column}, location", stats.mannwhitneyu(ours[column], theirs[column]).pvalue
        yield f"{name}: {column}, distribution", stats.ks_2samp(ours[column], theirs[column], method="asymp").pvalue


def compare_with_law(ours, n_source, n_target, p_primary, p_third, name):
    n_primary, n_third = ours["n_primary"], ours["n_third_in"]
    pairs = n_source * n_target
    yield f"{name}: primary", stats.binomtest(int(n_primary.sum()), pairs * len(n_primary), p_primary).pvalue
    yield f"{name}: third", stats.binomtest(int(n_third.sum()), int(n_primary.sum()), p_third).pvalue
    for column, p in ((n_primary, p_primary), (n_third, p_primary * p_third)):
        dispersion = np.sum((column - pairs * p) ** 2) / (pairs * p * (1 - p))
        tails = stats.chi2.cdf(dispersion, len(column)), stats.chi2.sf(dispersion, len(column))
        yield f"{name}: spread", min(1, 2 * min(tails))


def holm(tests):
    """Those of the tests that fail when all together have the false-alarm rate."""
    ordered = sorted(tests, key=lambda test: test[1])
    for rank, (name, p) in enumerate(ordered):
        if p >= FALSE_ALARM / (len(ordered) - rank):
            return
        yield name, p


def main():
    tests = []
    for configuration in CONFIGURATIONS:
        pool_type, pool_size, n_source, n_target, n_third, p_primary, p_third = configuration
        name = f"{pool_type} pools of {pool_size} out of {n_third}"
        ours, theirs = draw(configuration), nest(pool_type, pool_size, n_source, n_target, n_third)
        check(set(ours) == set(theirs), f"{name}: columns {sorted(ours)} and {sorted(theirs)}")
        for table, whose in ((ours, "ours"), (theirs, "NEST's")):
            check_exact(table, pool_type, pool_size, f"{name}, {whose}")
        tests += compare_with_nest(ours, theirs, name)
        tests += compare_with_law(ours, n_source, n_target, p_primary, p_third, name)
    for name, p in holm(tests):
        check(False, f"{name}: p = {p:.3g}, one of {len(tests)} tests")
    finish()


main()
