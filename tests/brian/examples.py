"""The networks of docs/brian-examples.md beside the same models in Brian 2, which runs in this process: spikes fall into the same
steps, and recorded variables differ by rounding only.

usage: examples.py [HEADING]…     by default all of the page"""

import importlib.util
import os
import re
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from glion_test import ROOT, check, finish, run, workspace

PAGE = os.path.join(ROOT, "docs", "brian-examples.md")
SECTION = re.compile(r"^## (.*?)\n.*?^```glion\n(.*?)^```", re.MULTILINE | re.DOTALL)
SKIPPED = 77
LARGEST = 1e-11  # difference, of a variable's largest value; spikes and oscillations amplify rounding


def report(path):
    """[frame][node or synapse] of the one set of a report, and the unit"""
    with h5py.File(path, "r") as file:
        (group,) = file["report"].values()
        return group["data"][:], group["data"].attrs["units"]


def spike_steps(folder, population, dt):
    with h5py.File(os.path.join(folder, "spikes.h5"), "r") as file:
        group = file["spikes"][population]
        steps = np.rint(group["timestamps"][:] * 1e-3 / dt).astype(int)
        return sorted(zip(steps.tolist(), group["node_ids"][:].tolist()))


def check_example(name, network, model):
    with workspace() as folder:
        path, output = os.path.join(folder, "network.glion"), os.path.join(folder, "output")
        with open(path, "w") as file:
            file.write(network)
        run(path, output, "--float64")
        dt, traces, spikes = model()
        for report_name, theirs in traces.items():
            ours, _ = report(os.path.join(output, report_name + ".h5"))
            theirs = np.asarray(theirs).T
            check(ours.shape == theirs.shape, f"{name}: {report_name} has {ours.shape} frames and nodes, in Brian {theirs.shape}")
            if ours.shape == theirs.shape:
                worst = np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs))
                check(worst <= LARGEST, f"{name}: {report_name} differs by {worst:.2g} of its largest value")
        for population, monitor in spikes.items():
            ours = spike_steps(output, population, dt)
            theirs = sorted(zip(np.rint(np.asarray(monitor.t) / dt).astype(int).tolist(), monitor.i[:].tolist()))
            check(theirs, f"{name}: {population} does not spike")
            check(ours == theirs, f"{name}: {len(ours)} spikes of {population}, in Brian {len(theirs)}, or others")


def main():
    if importlib.util.find_spec("brian2") is None:
        print("Brian 2 is not installed (tools/setup.sh --all installs it)", file=sys.stderr)
        sys.exit(SKIPPED)
    from example_models import MODELS

    with open(PAGE) as file:
        sections = dict(SECTION.findall(file.read()))
    check(sections.keys() == MODELS.keys(), f"{PAGE} has {sorted(sections)}, and there are models for {sorted(MODELS)}")
    for name in sys.argv[1:] or sections:
        check_example(name, sections[name], MODELS[name])
    finish()


main()
