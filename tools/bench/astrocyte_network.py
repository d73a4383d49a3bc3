#!/usr/bin/python3
"""Times the astrocyte network, phase by phase, for each layout of two cores: the figures of docs/performance.md.

usage: tools/bench/astrocyte_network.py [--repeats N] [--program build/glion] [OPTION OF glion run]…

Layouts take turns, so that a slow minute of the machine meets all of them. Printed per layout: the median over the repeats, and in brackets
the smallest and the largest. Seconds per second of model time are those of the whole step loop, recordings included."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NETWORK = os.path.join(ROOT, "jobs", "astrocyte_brunel", "astrocyte_brunel.glion")
LAYOUTS = ((2, 1), (1, 2), (1, 1))
MPI_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
}


def run(program, ranks, threads, options):
    """run.json of one run."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out")
        subprocess.run(
            ["mpirun", "-n", str(ranks), program, "run", NETWORK, "-o", output, "--threads", str(threads), *options],
            env={**MPI_ENVIRONMENT, **os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        with open(os.path.join(output, "run.json")) as file:
            return json.load(file)


def figures(manifest, ranks):
    """What a row shows, by name."""
    seconds = {name: spread["max"] for name, spread in manifest["phases"].items()}
    model_seconds = manifest["duration_ms"] / 1e3
    resident = manifest["memory"]["largest resident size"]
    return {
        "connect (s)": seconds["connect"],
        "simulate (s per model second)": seconds["simulate"] / model_seconds,
        **{
            f"  {name} (s per model second)": seconds[name] / model_seconds
            for name in ("prepare arrivals", "deliver", "integrate", "exchange", "record")
        },
        "resident memory, sum over ranks (MiB)": ranks * resident["mean"] / 2**20,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "glion"))
    arguments, options = parser.parse_known_args()
    rows = {layout: [] for layout in LAYOUTS}
    for _ in range(arguments.repeats):
        for ranks, threads in LAYOUTS:
            rows[ranks, threads].append(figures(run(arguments.program, ranks, threads, options), ranks))
    for (ranks, threads), repeats in rows.items():
        print(f"{ranks} rank{'s' * (ranks > 1)} x {threads} thread{'s' * (threads > 1)}")
        for name in repeats[0]:
            values = [repeat[name] for repeat in repeats]
            print(f"  {name:42} {statistics.median(values):8.2f}  [{min(values):.2f} … {max(values):.2f}]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
