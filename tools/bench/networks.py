#!/usr/bin/python3
"""Times whole networks, phase by phase, for each layout of two cores: the figures of docs/performance.md.

usage: tools/bench/networks.py [NETWORK]… [--size full|reduced] [--layouts 2x1,1x2,1x1] [--repeats N] [--program build/glion]
       [-- OPTION OF glion run…]

Layouts (ranks x threads of each) take turns, so that a slow minute of the machine meets all of them. Printed per layout: the median
over the repeats, and in brackets the smallest and the largest. Seconds per second of model time are those of the whole step loop,
recordings included. Processor time is that of all ranks and threads from start to end; unlike the others it is hardly longer
when somebody else uses the machine, but waiting ranks and threads that spin count."""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MPI_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
}

# The values of `let` that make a smaller network, which fires alike: a tenth of the nodes, or in the microcircuit a quarter, and a
# sixteenth of the connections, and in coba a fifth. To add a network is to add a line. The larger coba network that is compared with
# Brian: networks.py coba -- -D N_e=32000 -D N_i=8000 -D p_e=0.005 -D p_i=0.02
REDUCED = {
    "astrocyte_brunel": {"N_ex": 800, "N_in": 200, "N_astro": 1000, "p": 0.5},
    "brunel": {"N_ex": 1000, "N_in": 250, "N_spikes": 250},
    "coba": {"N_e": 640, "N_i": 160, "p_e": 0.25, "p_i": 1.0},
    "microcircuit": {"scale_N": 0.25, "scale_K": 0.25},
}


def overrides(network, size):
    values = REDUCED[network] if size == "reduced" else {}
    return [argument for name, value in values.items() for argument in ("-D", f"{name}={value}")]


def run(program, network, ranks, threads, options):
    """run.json of one run, with its processor time."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out")
        file = os.path.join(ROOT, "jobs", network, network + ".glion")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            ["mpirun", "-n", str(ranks), program, "run", file, "-o", output, "--threads", str(threads), *options],
            env={**MPI_ENVIRONMENT, **os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(os.path.join(output, "run.json")) as file:
            return {**json.load(file), "processor": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def figures(manifest, ranks):
    """What a row shows, by name."""
    seconds = {name: spread["max"] for name, spread in manifest["phases"].items()}
    model_seconds = manifest["duration_ms"] / 1e3
    memory = {name: ranks * spread["mean"] for name, spread in manifest["memory"].items()}
    return {
        "connect (s)": seconds["connect"],
        "simulate (s per model second)": seconds["simulate"] / model_seconds,
        **{
            f"  {name} (s per model second)": seconds[name] / model_seconds
            for name in ("prepare arrivals", "deliver", "integrate", "exchange", "record")
        },
        "processor time (s)": manifest["processor"],
        "bytes per connection": memory["synapses"] / max(sum(manifest["connections"].values()), 1),
        "resident memory, sum over ranks (MiB)": memory["largest resident size"] / 2**20,
    }


def measure(program, network, layouts, repeats, options):
    rows = {layout: [] for layout in layouts}
    for _ in range(repeats):
        for layout in layouts:
            ranks, threads = map(int, layout.split("x"))
            rows[layout].append(figures(run(program, network, ranks, threads, options), ranks))
    for layout, taken in rows.items():
        print(f"{network}, {layout} (ranks x threads)")
        for name in taken[0]:
            values = [figure[name] for figure in taken]
            print(f"  {name:42} {statistics.median(values):8.2f}  [{min(values):.2f} … {max(values):.2f}]", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=f"of {', '.join(REDUCED)}; default: all")
    parser.add_argument("--size", choices=("full", "reduced"), default="full")
    parser.add_argument("--layouts", default="2x1,1x2,1x1")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "glion"))
    own, options = sys.argv[1:], []
    if "--" in own:
        own, options = own[: own.index("--")], own[own.index("--") + 1 :]
    arguments = parser.parse_args(own)
    for network in arguments.networks:
        if network not in REDUCED:
            parser.error(f"there is no network '{network}'; known: {', '.join(REDUCED)}")
    print(f"load of the machine in the last minute: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    for network in arguments.networks or REDUCED:
        measure(arguments.program, network, arguments.layouts.split(","), arguments.repeats,
                [*overrides(network, arguments.size), *options])
    return 0


if __name__ == "__main__":
    sys.exit(main())
