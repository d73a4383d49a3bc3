"""The astrocyte network at full size: two ranks and one rank with two threads record the same, and its statistics are in the
range of NEST's three runs.

Three runs are too few for a test of their own (nest_statistics.py makes one at a tenth of the size); here every quantity must
lie within a quarter of NEST's mean, or, where NEST's own runs scatter more, within four of their standard deviations."""

import os

import numpy as np

from glion_test import DATA, ROOT, check, finish, run, workspace
from compare_recordings import differences
from network_statistics import network_statistics, read_summary

NETWORK = os.path.join(ROOT, "jobs", "astrocyte_brunel", "astrocyte_brunel.glion")
SIZES = {"exc": 8000, "inh": 2000}
WINDOWS = [(100.0, 1100.0), (100.0, 400.0)]
COMPARED = ["rate_exc_mean_Hz", "rate_inh_mean_Hz", "IP3_mean_uM", "Ca_astro_mean_uM", "I_SIC_mean_pA"]
COMPARED_OVER_A_SECOND = ["cv_isi_exc_mean", "cv_isi_inh_mean"]


def check_statistics(folder, window):
    ours = network_statistics(folder, SIZES, *window)
    runs = read_summary(os.path.join(DATA, "nest", "h_astrocyte_brunel_summary.csv"), *window)
    for name in COMPARED + (COMPARED_OVER_A_SECOND if window == WINDOWS[0] else []):
        theirs = np.array([run[name] for run in runs])
        margin = max(0.25 * theirs.mean(), 4 * theirs.std(ddof=1))
        check(
            abs(ours[name] - theirs.mean()) <= margin,
            f"{name} in {window[0]:g} to {window[1]:g} ms: {ours[name]:.5g}, NEST has {theirs.mean():.5g} ± {theirs.std(ddof=1):.2g}",
        )


def main():
    with workspace() as folder:
        first, second = os.path.join(folder, "2x1"), os.path.join(folder, "1x2")
        run(NETWORK, first, "-D", "N_spikes=10000", ranks=2, timeout=900)
        for window in WINDOWS:
            check_statistics(first, window)
        run(NETWORK, second, "-D", "N_spikes=10000", threads=2, timeout=900)
        for difference in differences(first, second):
            check(False, f"2 ranks and 2 threads: {difference}")
    finish()


main()
