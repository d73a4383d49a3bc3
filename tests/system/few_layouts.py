"""The same recordings on other layouts, for tests whose point is another one; layouts.py tries them all."""

import os

from glion_test import check, run
from compare_recordings import differences

LAYOUTS = ((1, 2, ["--interpret"]), (2, 1, []), (3, 2, ["--interpret"]), (4, 1, ["--partition", "block"]))  # ranks, threads, options


def check_layouts(path, reference, folder):
    """Run the network again, with reports in double precision as in the folder `reference`, and compare every recording."""
    for ranks, threads, options in LAYOUTS:
        again = os.path.join(folder, f"{ranks}")
        run(path, again, "--float64", *options, ranks=ranks, threads=threads)
        for difference in differences(reference, again):
            check(False, f"{ranks} ranks, {threads} threads {' '.join(options)}: {difference}")
