"""jobs/continuous_interaction, two neurons of which the second follows a gate of the first without delay: every variable against
Brian 2 at two resolutions, within 1e-9 of the column's largest value. Brian's monitor shows the sum of the step before."""

import csv
import os

import numpy as np

from glion_test import DATA, check, finish, run, workspace
from recordings import read_report
from small_jobs import network_of

EVERY = {0.1: 1, 0.01: 50}  # samples that the file holds


def reference(dt):
    """{(variable, neuron): column}"""
    with open(os.path.join(DATA, "brian", f"a_continuous_interaction_dt{dt}ms.csv"), newline="") as file:
        names, *rows = csv.reader(file)
    columns = np.array(rows, dtype=float).T
    return {tuple(name.split("[")[0].rsplit("_", 1)): column for name, column in zip(names[1:], columns[1:])}


def main():
    for dt, every in EVERY.items():
        with workspace() as folder:
            run(network_of("continuous_interaction"), folder, "--force", "--float64", "-D", f"resolution={dt} ms", ranks=2)
            for (variable, neuron), expected in reference(dt).items():
                own = read_report(os.path.join(folder, f"{variable}_rtm.h5"))["rtm"].data[:, int(neuron)]
                if variable == "s_in":
                    own = np.concatenate([[0], own[:-1]])
                error = np.max(np.abs(own[::every] - expected)) / (np.max(np.abs(expected)) or 1)
                check(error < 1e-9, f"dt {dt} ms: {variable} of neuron {neuron} is {error:.1e} from Brian's")
    finish()


main()
