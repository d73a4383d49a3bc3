"""Columns of CSV and HDF5 files are lists: a network made of them is the one whose text lists the same numbers, with any ranks,
whatever the form of the file and the folder it is read from. And what is wrong with a file is said before anything is written.

usage: data_files.py RANKS"""

import json
import os
import sys

import h5py
import numpy as np

from glion_test import check, finish, glion, run, workspace
from compare_recordings import differences

INPUT_FAULT = 2  # exit status
CELLS, PAIRS = 12, 60

NETWORK = """
population cells[%(cells)d] : iaf_psc_exp { I_e = 400 pA }
cells.V_m = %(v)s
synapses S : cells -> cells : static
connect S by pairs(%(i)s, %(j)s)
S.weight = %(w)s
S.delay = %(d)s
record spikes of cells
record V_m of cells
run 30 ms
"""


def make_data():
    random = np.random.default_rng(1)
    pairs = {name: random.integers(0, CELLS, PAIRS) for name in ("i", "j")}  # in no order, and some of them twice
    pairs["w"] = np.round(random.normal(100, 30, PAIRS), 3)
    pairs["d"] = np.round(random.uniform(0.5, 3, PAIRS), 4)
    return pairs, np.round(random.uniform(-70, -56, CELLS), 5)


def written(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="") as file:
        file.write(text)
    return path


def csv_text(columns, names, separator=",", end="\n", quote=""):
    lines = [separator.join(quote + name + quote for name in names)] if names else []
    lines += [separator.join(repr(float(cell)) if cell != int(cell) else str(int(cell)) for cell in row) for row in zip(*columns)]
    return end.join(lines) + end


def write_files(folder, pairs, v):
    columns = list(pairs.values())
    written(folder, "data/plain.csv", csv_text(columns, list(pairs)))
    written(folder, "data/v.csv", "v\n" + "".join(f"{number!r}\n" for number in v.tolist()))
    # as spreadsheets write it, with a byte order mark, and with comments, empty lines and spaces
    messy = csv_text(columns, ["i", "j", "the w", "d"], ";", "\r\n", '"').replace("\r\n", ' ; "1"\r\n').replace('"1"', '"a ""b"" c"', 1)
    messy = messy.replace("\r\n", " \r\n\r\n# a comment; of two cells\r\n", 1)
    written(folder, "data/messy.csv", "\ufeff" + messy)
    written(folder, "data/bare.tsv", csv_text(columns, None, "\t"))
    with h5py.File(os.path.join(folder, "data/pairs.h5"), "w") as file:
        file["ends/i"] = pairs["i"].astype("u1")
        file["ends/j"] = pairs["j"].astype(">i8")
        file.create_dataset("values", data=np.array([pairs["w"], pairs["d"]]).T, compression="gzip")
        file["table"] = np.array(list(zip(*columns)), dtype=[("i", "i4"), ("j", "u2"), ("w", "f8"), ("d", "f8")])
        file["v"] = v


def csv_columns(file, names):
    return {key: f'csv("data/{file}", {name})' for key, name in zip("ijwd", names)}


WAYS = {
    "plain.csv": csv_columns("plain.csv", ['"i"', '"j"', '"w"', '"d"']),
    "messy.csv": csv_columns("messy.csv", ['"i"', '"j"', '"the w"', '"d"']),
    "bare.tsv": csv_columns("bare.tsv", [0, 1, 2, 3]),
    "datasets": {
        "i": 'hdf5("data/pairs.h5", "/ends/i")',
        "j": 'hdf5("data/pairs.h5", "ends/j")',
        "w": 'hdf5("data/pairs.h5", "/values", 0)',
        "d": 'hdf5("data/pairs.h5", "/values", 1)',
    },
    "table": {name: f'hdf5("data/pairs.h5", "/table", "{name}")' for name in "ijwd"},
}


def from_files(columns, v):
    i, j = columns["i"], columns["j"]
    return NETWORK % {
        "cells": CELLS,
        "v": f"{v}*mV",
        "i": i,
        "j": j,
        "w": f"by_pair({i}, {j}, {columns['w']})*pA",
        "d": f"by_pair({i}, {j}, {columns['d']})*ms",
    }


def from_text(pairs, v):
    order = np.lexsort((pairs["j"], pairs["i"]))  # stable: copies stay in the order of the rows
    return NETWORK % {
        "cells": CELLS,
        "v": f"{v.tolist()} mV",
        "i": pairs["i"].tolist(),
        "j": pairs["j"].tolist(),
        "w": f"{pairs['w'][order].tolist()} pA",
        "d": f"{pairs['d'][order].tolist()} ms",
    }


def hashes(out):
    with open(os.path.join(out, "run.json")) as file:
        return {column["column"] if column["column"] is not None else column["dataset"]: column for column in json.load(file)["data"]}


def check_ways(folder, ranks):
    pairs, v = make_data()
    write_files(folder, pairs, v)
    listed = os.path.join(folder, "listed")
    run(written(folder, "listed.glion", from_text(pairs, v)), listed, "--float64")
    found = {}
    for name, columns in WAYS.items():
        out = os.path.join(folder, name + ".out")
        source = 'hdf5("data/pairs.h5", "/v")' if name == "datasets" else 'csv("data/v.csv", "v")'
        run(written(folder, name + ".glion", from_files(columns, source)), out, "--float64", ranks=ranks)
        for difference in differences(listed, out):
            check(difference.startswith(("run.json: network is", "run.json: data is")), f"{name}: {difference}")
        found[name] = hashes(out)
    for a, b in (("i", "/ends/i"), ("j", "ends/j"), ("v", "/v")):
        check(found["plain.csv"][a]["hash"] == found["datasets"][b]["hash"], f"column {a} has another hash as {b}")
    check(found["plain.csv"]["i"]["rows"] == PAIRS and found["plain.csv"]["i"]["file"] == "data/plain.csv", "run.json: data")
    check(len(found["plain.csv"]) == 5, "a column that is used twice stands once in run.json")


# (what stands in the file, the expression, the message): of a.csv, or of a.h5 where the first is None
BAD_COLUMNS = [
    ("v\n1\n", 'csv("b.csv", "v")', "'b.csv' cannot be opened: No such file or directory"),
    ("v\n1\n", 'csv(".", "v")', "'.' is no file that can be read"),
    ("u, w\n1,2\n", 'csv("a.csv", "v")', "'a.csv' has no column 'v' (its columns are u, w)"),
    ("v,v\n1,2\n", 'csv("a.csv", "v")', "'a.csv' has two columns that are called 'v'"),
    ("1,2\n3,4\n", 'csv("a.csv", 2)', "'a.csv' has 2 columns, so a column must be from 0 to 1, not 2"),
    ("1,2\n3,4\n", 'csv("a.csv", -1)', "the number of a column must be from 0 to 1000000000, but is -1"),
    ("v\n1\ntwo\n3\n", 'csv("a.csv", "v")', "'a.csv', line 3: 'two' is not a number"),
    ("v\n\n# 1\n1 2\n", 'csv("a.csv", "v")', "'a.csv', line 4: '1 2' is not a number"),
    ("v\nnan\n", 'csv("a.csv", "v")', "'a.csv', line 2: 'nan' is not a number"),
    ("u,v\n1,\n", 'csv("a.csv", "v")', "'a.csv', line 2: the cell is empty, where a number is needed"),
    ("u,v\n1,2\n1\n", 'csv("a.csv", "v")', "'a.csv', line 3: it has 1 cell, but the first row has 2"),
    ('u,v\n1,"2\n', 'csv("a.csv", "v")', "'a.csv', line 2: a cell in quotes is not closed, or goes on behind them"),
    ("# nothing\n\n", 'csv("a.csv", "v")', "'a.csv' is empty"),
    ("v\n1\0\n2\n", 'csv("a.csv", "v")', "'a.csv', line 2: it is longer than 1 MiB, or holds a zero byte: is this a CSV file?"),
    ("v\n1\n2\n", 'csv("a.csv", "v")', "'V_m' must be in volt, but this list is dimensionless"),
    ("v\n1\n2\n", 'csv("a.csv", "v")*mV', "'V_m' needs one number for each of the 3 nodes, but this list has 2"),
    ("v\n1\n", 'csv("a.csv")', "csv(file, column) takes 2 arguments, not 1"),
    ("v\n1\n", 'csv(3, "v")', 'the name of a file must be a text, such as "a.h5", but this is a number'),
    ("v\n1\n", 'csv("a.csv", 3 mV)', "a column is called by its name or its number, which must be dimensionless, but this is in volt"),
    (None, 'hdf5("b.h5", "v")', "'b.h5' cannot be opened: No such file or directory"),
    ("v\n1\n", 'hdf5("a.csv", "v")', "'a.csv' is no HDF5 file"),
    (None, 'hdf5("a.h5", "w")', "'a.h5' has no dataset 'w'"),
    (None, 'hdf5("a.h5", "group")', "'a.h5' has no dataset 'group'"),
    (None, 'hdf5("a.h5", "table")', "dataset 'table' of 'a.h5' has named columns: say which, hdf5(FILE, DATASET, \"NAME\")"),
    (None, 'hdf5("a.h5", "table", "w")', "dataset 'table' of 'a.h5' has no column 'w'"),
    (None, 'hdf5("a.h5", "table", "name")', "column 'name' of dataset 'table' of 'a.h5' does not hold numbers"),
    (None, 'hdf5("a.h5", "v", "w")', "dataset 'v' of 'a.h5' has no column 'w'"),
    (None, 'hdf5("a.h5", "names")', "dataset 'names' of 'a.h5' does not hold numbers"),
    (None, 'hdf5("a.h5", "matrix")', "dataset 'matrix' of 'a.h5' has 2 dimensions: say which column, hdf5(FILE, DATASET, 0)"),
    (None, 'hdf5("a.h5", "matrix", 2)', "dataset 'matrix' of 'a.h5' has 2 columns, counted from 0, so none has the number 2"),
    (None, 'hdf5("a.h5", "v", 0)', "dataset 'v' of 'a.h5' has 1 dimensions, so it is no column of numbers"),
    (None, 'hdf5("a.h5", "scalar")', "dataset 'scalar' of 'a.h5' has 0 dimensions, so it is no column of numbers"),
    (None, 'hdf5("a.h5", "holes")', "dataset 'holes' of 'a.h5', row 1, counted from 0: this is not a number (NaN)"),
]

BAD_PAIRS = [
    ("i,j,w\n0,1,5\n3,0,7\n", "S.weight = W*pA", "pairs: 'sources' has position 3 (row 1), but p has 3 nodes, from 0 to 2"),
    ("i,j,w\n0,1,5\n1,0.5,7\n", "S.weight = W*pA", "'targets': 0.5 is no position (row 1)"),
    ("i,j,w\n0,1,5\n1,0,7\n0,2,6\n", "S.weight = W*pA", "lists number synapses by source and target, but the pairs of 'S' have another "
     "order (row 2 goes before row 1): write by_pair(SOURCES, TARGETS, VALUES), or sort the file"),
    ("i,j,w\n0,1,5\n1,0,7\n", "S.weight = W[1:]*pA", "'weight' needs one number for each of the 2 synapses, but this list has 1"),
    ("i,j,w\n0,1,5\n1,0,7\n", "S.weight = by_pair(I, J[1:], W)*pA", "by_pair() needs lists of equal length, but this one has 1 "
     "and the first 2"),
    ("i,j,w\n0,1,5\n1,0,7\n", "S.weight = by_pair(I, J*mV, W)*pA", "the targets of by_pair() must be dimensionless, but this list is in volt"),
    ("i,j,w\n0,1,5\n1,0,7\n", "S.weight = by_pair(I, 0, W)*pA", "the targets of by_pair() must be a list of numbers, but this is a number"),
    ("i,j,w\n0,1,5\n1,0,7\n", "S.delay = -W*ms", "delay"),
]


def refused(folder, name, network, message, ranks):
    path, out = written(folder, "bad.glion", network), os.path.join(folder, "bad.out")
    process = glion("run", path, "-o", out, ranks=ranks)
    check(process.returncode == INPUT_FAULT and message in process.stderr and not os.path.exists(out),
          f"{name}: status {process.returncode}, folder {os.path.exists(out)}:\n{process.stderr}\nbut expected: {message}")
    check(process.stderr.count("error:") == 1, f"{name}: not one message:\n{process.stderr}")


def check_bad_files(folder, ranks, columns):
    with h5py.File(os.path.join(folder, "a.h5"), "w") as file:
        file["v"], file["holes"], file["matrix"], file["scalar"] = [1.0, 2.0, 3.0], [1, np.nan], np.ones((3, 2)), 1.0
        file["names"] = np.array([b"a", b"b"])
        file["table"] = np.array([(1, b"a")], dtype=[("x", "f4"), ("name", "S3")])
        file.create_group("group")
    for text, expression, message in columns:
        if text is not None:
            written(folder, "a.csv", text)
        refused(folder, expression, f"population p[3] : iaf_psc_exp {{ V_m = {expression} }}\nrun 1 ms\n", message, ranks)
    for text, assignment, message in BAD_PAIRS:
        written(folder, "a.csv", text)
        network = f"""let I = csv("a.csv", "i"), J = csv("a.csv", "j"), W = csv("a.csv", "w")
population p[3] : iaf_psc_exp
synapses S : p -> p : static
connect S by pairs(I, J)
{assignment}
run 1 ms
"""
        refused(folder, assignment, network, message, ranks)


def check_long_lists(folder, ranks):
    """A list of more than a mebibyte, and one that is computed from it, stand once for all ranks of this host; and who is wrong
    about one is told once."""
    n = 150_000
    v = np.round(np.random.default_rng(2).uniform(-1, 1, n), 6)
    written(folder, "long.csv", "v\n" + "".join(f"{number!r}\n" for number in v.tolist()))
    network = f"""neuron model m {{ x : 1 = 0; y : 1 = 0 }}
population cells[{n}] : m {{ x = csv("long.csv", "v"); y = 2*csv("long.csv", "v") + 1 }}
record x, y of cells every 1 ms
run 1 ms
"""
    out = os.path.join(folder, "long.out")
    process = glion("run", written(folder, "long.glion", network), "-o", out, "--float64", ranks=ranks)
    check(process.returncode == 0, f"long lists: {process.stderr}")
    for name, expected in (("x", v), ("y", 2 * v + 1)):
        with h5py.File(os.path.join(out, f"{name}_cells.h5")) as file:
            check(np.array_equal(file["report/cells/data"][0], expected), f"long lists: {name} differs")
    with open(os.path.join(out, "run.json")) as file:
        kept = json.load(file)["memory"]["script and plan"]
    check(kept["max"] > 16 * n and (ranks == 1 or kept["min"] < 8 * n), f"long lists: kept by a rank: {kept}")
    refused(folder, "a long list", network.replace("2*csv", "0*(1/0)*csv"), "is not a number", ranks)


def main():
    ranks = int(sys.argv[1])
    with workspace() as folder:
        check_ways(folder, ranks)
        check_long_lists(folder, ranks)
        check_bad_files(folder, ranks, BAD_COLUMNS[:: 1 if ranks == 1 else 8])
    finish()


if __name__ == "__main__":
    main()
