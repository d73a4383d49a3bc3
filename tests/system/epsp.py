"""jobs/epsp as it stands: the final potentials that it prints are Brian 2's, to 1e-12 of the largest, and its neurons fire in the same
steps (tests/data/README.md, brian/e_*)."""

import csv
import json
import os

import numpy as np

from glion_test import DATA, check, finish, run, workspace
from recordings import read_spikes
from small_jobs import network_of

TOLERANCE = 1e-12


def read_column(table, name):
    with open(os.path.join(DATA, "brian", table + ".csv")) as file:
        return np.array([float(row[name]) for row in csv.DictReader(file)])


def main():
    with workspace() as folder:
        output = os.path.join(folder, "out")
        run(network_of("epsp"), output, ranks=2)
        with open(os.path.join(output, "run.json")) as file:
            (line,) = json.load(file)["printed"]
        times, node_ids = read_spikes(output)["P"]
    final, expected = np.array(json.loads(line[line.index("[") :])), read_column("e_epsp_final", "final_v_Q_after_run[1]")
    check(np.max(np.abs(final - expected)) <= TOLERANCE * np.max(expected), f"final potentials {final}, not {expected}")
    for node in range(5):
        steps = np.rint(times[node_ids == node] * 10).astype(int)
        check(np.array_equal(steps, read_column("e_epsp_P_spikes", "step")), f"spikes of P[{node}] in steps {steps}")
    finish()


main()
