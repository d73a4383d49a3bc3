"""tools/compare_recordings.py, on which the tests of layouts rest, sees the smallest difference."""

import json
import os
import shutil

import h5py
import numpy as np

from glion_test import check, finish, workspace
from compare_recordings import differences


def make(folder):
    os.mkdir(folder)
    with h5py.File(os.path.join(folder, "spikes.h5"), "w") as file:
        file.attrs["version"] = np.array([0, 1], "u4")
        group = file.create_group("spikes/cells")
        group["timestamps"] = np.arange(200000) / 10.0
        group["node_ids"] = np.arange(200000, dtype="u8")
        group["timestamps"].attrs["units"] = "ms"
    with open(os.path.join(folder, "run.json"), "w") as file:
        json.dump({"seed": 1, "layout": {"ranks": 1}}, file)


def change_last_bit(file):
    times = file["spikes/cells/timestamps"]
    times[150000] = np.nextafter(times[150000], np.inf)


def change_unit(file):
    file["spikes/cells/timestamps"].attrs["units"] = "s"


def change_type_of_attribute(file):
    file.attrs["version"] = np.array([0, 1], "u8")


def change_type(file):
    del file["spikes/cells/node_ids"]
    file["spikes/cells/node_ids"] = np.arange(200000, dtype="i8")


def change_length(file):
    del file["spikes/cells/node_ids"]
    file["spikes/cells/node_ids"] = np.arange(200001, dtype="u8")


def add_group(file):
    file.create_group("spikes/others")


CHANGES = [change_last_bit, change_unit, change_type_of_attribute, change_type, change_length, add_group]


def rewrite_manifest(folder, content):
    with open(os.path.join(folder, "run.json"), "w") as file:
        json.dump(content, file)


def main():
    with workspace() as folder:
        original, copy = os.path.join(folder, "original"), os.path.join(folder, "copy")
        make(original)
        for change in CHANGES:
            shutil.copytree(original, copy)
            check(not list(differences(original, copy)), "equal folders differ")
            with h5py.File(os.path.join(copy, "spikes.h5"), "r+") as file:
                change(file)
            found = list(differences(original, copy))
            check(len(found) == 1, f"{change.__name__}: {found}")
            shutil.rmtree(copy)
        shutil.copytree(original, copy)
        rewrite_manifest(copy, {"seed": 1, "layout": {"ranks": 2}})
        check(not list(differences(original, copy)), "the layout counts as a difference")
        rewrite_manifest(copy, {"seed": 2, "layout": {"ranks": 1}})
        check(len(list(differences(original, copy))) == 1, "another seed does not count as a difference")
        os.remove(os.path.join(copy, "spikes.h5"))
        check(len(list(differences(original, copy))) == 2, "a missing file does not count as a difference")
    finish()


main()
