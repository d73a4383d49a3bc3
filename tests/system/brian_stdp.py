"""jobs/stdp as it stands: its weights are Brian 2's in every row of the table, to 1e-12 of the largest, and its neurons fire in the
same steps (tests/data/README.md, brian/d_*)."""

import csv
import os

import h5py
import numpy as np

from glion_test import DATA, check, finish, run, workspace
from recordings import read_spikes
from small_jobs import network_of

EVERY = 10  # rows of Brian's trace that the table keeps
TOLERANCE = 1e-12


def read_table(name):
    with open(os.path.join(DATA, "brian", name + ".csv")) as file:
        return list(csv.DictReader(file))


def main():
    with workspace() as folder:
        output = os.path.join(folder, "out")
        run(network_of("stdp"), output, "--float64", ranks=2)
        with h5py.File(os.path.join(output, "w_plastic.h5")) as file:
            weights = file["report/plastic/data"][:]
        times, node_ids = read_spikes(output)["osc"]
    table = read_table("d_stdp_w")
    expected = np.array([[float(row[f"w_{pair}[1]"]) for pair in range(3)] for row in table])
    error = np.max(np.abs(weights[::EVERY] - expected))
    check(weights.shape == (EVERY * len(table), 3), f"{weights.shape} samples")
    check(error <= TOLERANCE * np.max(expected), f"weights differ by {error:.1e}")
    found = sorted((int(step), int(node)) for step, node in zip(np.rint(times * 10), node_ids))
    brian = sorted((int(row["step"]), int(row["index"]) + (3 if row["population"] == "post" else 0)) for row in read_table("d_stdp_spikes"))
    check(found == brian, f"{len(found)} spikes, or others than Brian's {len(brian)}")
    finish()


main()
