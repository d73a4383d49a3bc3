"""Parrots repeat each spike after the delay of the connection, in the step in which it arrives and as often as it arrives: exact
times through chains, and Poisson counts of trains that are drawn for each connection. With compiled kernels on one rank, and the
same bits interpreted on three ranks with two threads each.

Each of the two tests of Poisson counts has a false-alarm rate of 1e-6."""

import os

import numpy as np
from scipy.stats import chi2, poisson

from glion_test import SYSTEM, check, finish, run, workspace
from compare_recordings import differences
from recordings import read_report, read_spikes

NETWORK = os.path.join(SYSTEM, "parrots.glion")
SOURCE = [10, 20, 20, 35, 36, 400]  # steps of 0.1 ms
END = 700
FALSE_ALARM = 1e-6


def train(spikes, population, node):
    times, nodes = spikes[population]
    return [round(10 * time) for time in times[nodes == node]]


def later(delay, *trains):
    """All spikes of some trains, `delay` steps later, as long as the run lasts."""
    return sorted(step + delay for train in trains for step in train if step + delay < END)


def check_chains(spikes):
    """Multiplicities add up and multiply; weights, even 0 and below, do not matter."""
    single = later(1, SOURCE)
    double = sorted(single + later(12, SOURCE))
    middle = later(7, double), sorted(later(7, double) + later(30, double)), later(7, double)
    expected = {
        "begin": [double if k in (5, 6) else single for k in range(13)],
        "middle": middle,
        "last": [later(20, *middle, *middle)],
        "deaf": [[], later(50, SOURCE)],
    }
    for population, trains in expected.items():
        for node, steps in enumerate(trains):
            found = train(spikes, population, node)
            check(found == steps, f"{population}[{node}] spikes at steps {found}, not {steps}")


def counts_of(spikes, population):
    """[step][node] spikes with the stamp of a step."""
    times, nodes = spikes[population]
    counts = np.zeros((END, 203), int)
    np.add.at(counts, (np.rint(10 * times).astype(int), nodes), 1)
    return counts


def check_poisson(what, counts, mean, first, last):
    """Poisson counts in the steps with the stamps first … last, which are drawn independently, and none elsewhere."""
    inside = counts[first : last + 1]
    check(inside.sum() == counts.sum(), f"{what}: spikes outside of the window")
    classes = np.arange(int(poisson.isf(20 / inside.size, mean)) + 1)  # the last one and all above: 20 or more are expected
    expected = inside.size * np.append(poisson.pmf(classes[:-1], mean), poisson.sf(classes[-2], mean))
    observed = np.bincount(np.minimum(inside, classes[-1]).ravel(), minlength=len(classes))
    statistic = np.sum((observed - expected) ** 2 / expected)
    limit = chi2.isf(FALSE_ALARM, len(classes) - 1)
    check(statistic < limit, f"{what}: chi-square {statistic:.1f}, not below {limit:.1f}: {observed}, not {expected}")


def main():
    with workspace() as folder:
        compiled, interpreted = os.path.join(folder, "compiled"), os.path.join(folder, "interpreted")
        run(NETWORK, compiled, "--float64")
        spikes = read_spikes(compiled)
        check_chains(spikes)
        # stamps of the generators lie in (start + dt, stop + dt]; delays of 0.4 and 1 ms; one and three trains
        check_poisson("quiet", counts_of(spikes, "quiet"), 0.5, 102 + 4, 601 + 4)
        check_poisson("loud", counts_of(spikes, "loud"), 1.5, 102 + 10, 601 + 10)
        # n at a time is what arrived in the step that ended then
        recorded = read_report(os.path.join(compiled, "n_loud.h5"))["loud"].data
        check(np.array_equal(recorded, counts_of(spikes, "loud")), "n differs from the number of spikes")
        run(NETWORK, interpreted, "--float64", "--interpret", ranks=3, threads=2)
        for difference in differences(compiled, interpreted):
            check(False, difference)
    finish()


main()
