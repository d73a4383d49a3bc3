#!/usr/bin/python3
"""Are two runs' recordings the same, bit for bit? Says where they differ, and nothing when they do not.

usage: compare_recordings.py FOLDER FOLDER

Every dataset and attribute of every HDF5 file is compared by name, type, shape and bytes, and run.json but for
how the file was called, when and on what layout it ran, how fast, and with how much memory. Exit status 1 if anything differs."""

import json
import os
import sys

import h5py
import numpy as np

ROWS_AT_ONCE = 65536
OF_THE_RUN = {"network_file", "started", "layout", "phases", "profile", "memory"}


def first_difference(a, b):
    """Where two datasets of one shape and type differ first: (index, value, value); None if they do not."""
    n_rows = a.shape[0] if a.shape else 1
    for start in range(0, n_rows, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE) if a.shape else ()
        x, y = np.ascontiguousarray(a[rows]), np.ascontiguousarray(b[rows])
        if x.tobytes() == y.tobytes():
            continue
        unequal = [u.tobytes() != v.tobytes() for u, v in zip(x.flat, y.flat)]
        index = np.unravel_index(np.argmax(unequal), x.shape)
        return (start + int(index[0]), *map(int, index[1:])), x[index], y[index]
    return None


def compare_attributes(a, b, name):
    for key in sorted(set(a.attrs) | set(b.attrs)):
        if key not in a.attrs or key not in b.attrs:
            yield f"{name}: attribute {key} is in one only"
            continue
        x, y = np.asarray(a.attrs[key]), np.asarray(b.attrs[key])
        if a.attrs.get_id(key).dtype != b.attrs.get_id(key).dtype or x.shape != y.shape or not np.array_equal(x, y):
            yield f"{name}: attribute {key} is {x} and {y}"


def compare_objects(a, b, name):
    """Differences of two HDF5 groups or datasets, a sentence each. Links are followed, so a second name of a dataset counts."""
    yield from compare_attributes(a, b, name)
    if isinstance(a, h5py.Group) != isinstance(b, h5py.Group):
        yield f"{name}: a group in one, a dataset in the other"
    elif isinstance(a, h5py.Group):
        for key in sorted(set(a) | set(b)):
            if key not in a or key not in b:
                yield f"{name}/{key}: is in one only"
            else:
                yield from compare_objects(a[key], b[key], f"{name}/{key}")
    elif a.dtype != b.dtype or a.shape != b.shape:
        yield f"{name}: {a.dtype}{list(a.shape)} and {b.dtype}{list(b.shape)}"
    else:
        difference = first_difference(a, b)
        if difference:
            index, value, other = difference
            yield f"{name}{list(index)} is {value!r} and {other!r}"


def compare_manifests(a, b):
    with open(a) as first, open(b) as second:
        x, y = json.load(first), json.load(second)
    for key in sorted((set(x) | set(y)) - OF_THE_RUN):
        if x.get(key) != y.get(key):
            yield f"run.json: {key} is {x.get(key)!r} and {y.get(key)!r}"


def differences(a, b):
    """All differences between two output folders, a sentence each."""
    names = {folder: {name for name in os.listdir(folder) if name.endswith((".h5", ".json"))} for folder in (a, b)}
    for name in sorted(names[a] | names[b]):
        paths = os.path.join(a, name), os.path.join(b, name)
        if not all(os.path.exists(path) for path in paths):
            yield f"{name}: is in one only"
        elif name.endswith(".json"):
            yield from compare_manifests(*paths)
        else:
            with h5py.File(paths[0], "r") as first, h5py.File(paths[1], "r") as second:
                yield from compare_objects(first, second, name)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    found = list(differences(sys.argv[1], sys.argv[2]))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
