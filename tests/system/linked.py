"""(linked) parameters: at every step each node has, to the bit, what the node that it stands for has at that time."""

import os

import numpy as np

from glion_test import SYSTEM, check, finish, run, workspace
from recordings import read_report

NETWORK = os.path.join(SYSTEM, "linked.glion")


def main():
    with workspace() as folder:
        output = os.path.join(folder, "output")
        run(NETWORK, output, "--float64", ranks=2)

        def recorded(variable, population):
            return read_report(os.path.join(output, f"{variable}_{population}.h5"))[population].data

        near, far = np.arange(48), np.arange(29)
        expected = {
            ("x", "near"): np.hstack([recorded("v", "fast"), recorded("v", "slow")]),
            ("y", "near"): recorded("twice", "fast")[:, (7 * near + 3) % 37],
            ("T", "near"): recorded("tau", "fast")[:, np.where(near < 37, near, 49 - near)] / 1000,  # which is in ms
            ("level", "near"): recorded("v", "common")[:, 0 * near],
            ("neighbour", "near"): recorded("u", "near")[:, (near + 1) % 48],
            ("x", "far"): recorded("v", "fast")[:, 8:],
            ("y", "far"): recorded("twice", "slow")[:, far // 3],
            ("T", "far"): recorded("tau", "slow")[:, 0 * far + 3] / 1000,
            ("level", "far"): recorded("drive", "common")[:, 0 * far],
            ("neighbour", "far"): recorded("u", "near")[:, far],
            ("count", "near"): recorded("n", "fast")[:, (5 * near + 1) % 37],
            ("odd", "near"): np.hstack([recorded("odd", "slow"), recorded("odd", "fast")]),
            ("count", "far"): recorded("n", "slow")[:, 0 * far + 7],
            ("odd", "far"): recorded("odd", "fast")[:, far + 3],
            ("z", "echo_0"): recorded("u", "far")[:, :13],
            ("z", "echo_1"): recorded("u", "far")[:, 16:],
        }
        for (variable, population), theirs in expected.items():
            ours = recorded(variable, population)
            check(ours.shape == theirs.shape, f"{variable} of {population}: {ours.shape}, expected {theirs.shape}")
            # seconds were made milliseconds for the recording of what is in ms, and are made seconds here
            allowed = 4e-16 * np.abs(theirs) if variable == "T" else 0
            check(np.all(np.abs(ours - theirs) <= allowed), f"{variable} of {population} differs from what it stands for")
        check(np.std(recorded("u", "near")) > 0.1, "nothing happens, so nothing is tested")
    finish()


main()
