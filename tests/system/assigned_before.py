"""Connections by values of nodes that the script has assigned in parts: conditions, probabilities, generators, weights and delays see
what the nodes have at that moment of the script, the same bits as a simulation that begins there records, for any ranks and threads.

usage: assigned_before.py RANKS"""

import os
import re
import sys

import h5py
import numpy as np

from glion_test import check, finish, run, workspace
from compare_recordings import differences
from recordings import read_report

VARIABLES = ("x", "y", "n", "k", "sum")

# A moment is a comment; behind it stand the lines that connect.
NETWORK = """
simulation { seed = 3 }
synapse model pushing { w : 1; a : 1; b : 1; on_pre { v_post += w } }
population cells[40] {
    x : 1 = rand(); y : 1 = 2*x; n : integer = 1 + 3*rand(); k : 1 = 3; q : 1 = 7
    sum = x/k + y : 1
    dv/dt = -v/(7 ms) : 1
    threshold v > 1
    reset { v = 0; k = 1.1*k }
}
population more[9] { x : 1 = 0.1*i; y : 1 = rand(); n : integer = 2; k : 1; sum = x : 1; dv/dt = -v/(5 ms) : 1; threshold v > 1 }
population few[3] { z : 1 = 1 + i; threshold z > 5 }
let all = more[2:7] + cells[5:] + more[7:9]
cells[0:10].x = 3*rand()
cells[5:30].y = x + rand() + 0.1*i
cells[[1, 3, 39]].x = [9, 8, 7]
all.x = x/k + 0.3
more.x = i
cells[[2, 9, 30]].n = 4.7*rand() + n
# moment parts
synapses S : all -> cells extends pushing { }
connect S by condition(x_pre > y_post and n_pre > 1)
S.w = sum_pre + 10*sum_post
S.delay = 1 ms + 0.01 ms*x_pre
cells[0:20].x = 100 + 2*x
cells[20:].n = n - 1
# moment more
S.a = x_pre + n_post
all.x = rand()
cells.x = 2*x
# moment whole
S.b = x_pre
synapses T : cells -> all extends pushing { }
connect T by generator(j = k for k in 0:N_post if x_pre > y_post and n_post > 1)
T.w = x_pre + y_post
connect U : cells -> cells by pairwise_bernoulli(where(x_pre > y_post, 1, 0)) using pushing { w = sum_post }
connect V : all -> cells by fixed_indegree(3) using pushing { w = x_pre }
synapses X : few -> cells { w : 1; a : 1; b : 1; twice = 2*z_pre : 1; on_pre { v_post += w } }
connect X
X.w = twice
few.z = 2*i
X.a = twice
cells.x = 77                                                # too late for all of these
run 0.2 ms
all.n = 2*n + i
cells[3:8].q = 4 + n
# moment run
synapses W : cells -> all extends pushing { }
connect W by condition(n_pre > n_post)
W.w = x_pre + n_post
W.a = q_pre + y_post
run 0.3 ms
"""
CONNECTS = re.compile(r"(synapses|connect|[STWX]\.)")


def moment_of(name):
    """The script until a moment, without synapses, and a run that records what the nodes begin it with."""
    until = NETWORK[: NETWORK.index("# moment " + name)]
    lines = [line for line in until.splitlines() if not CONNECTS.match(line)]
    records = [f"record {', '.join(VARIABLES)} of {population}" for population in ("cells", "more")]
    return "\n".join([*lines, *records, "record q of cells", "run 0.1 ms", ""])


def values_at(folder, name):
    """{variable: values by position in `cells`, and in `all`} at a moment."""
    network, output = os.path.join(folder, name + ".glion"), os.path.join(folder, name)
    with open(network, "w") as file:
        file.write(moment_of(name))
    run(network, output, "--float64")
    values = {}
    for variable in (*VARIABLES, "q"):
        first = {p: read_report(os.path.join(output, f"{variable}_{p}.h5"))[p].data[0]
                 for p in ("cells", "more") if (variable, p) != ("q", "more")}
        cells, more = first["cells"], first.get("more", np.zeros(9))
        values[variable] = cells, np.concatenate([more[2:7], cells[5:], more[7:9]])
    return values


def recorded(folder, name, variable):
    """Values of synapses, by (source, target) as positions."""
    with h5py.File(os.path.join(folder, f"final_{variable}_{name}.h5"), "r") as file:
        (group,) = file["report"].values()
        mapping, data = group["mapping"], group["data"][-1]

        def positions(side):  # in `cells` they are the indices
            nodes = mapping[side + "_node_ids"][:].astype(int)
            if side + "_populations" not in mapping:
                return nodes
            names = list(mapping[side + "_node_ids"].attrs["node_populations"])
            is_more = mapping[side + "_populations"][:] == names.index("more")
            return np.where(is_more, np.where(nodes < 7, nodes - 2, nodes + 33), nodes)

        return positions("source"), positions("target"), data


def check_equal(folder, name, variable, expected):
    """expected: function of the positions of source and target."""
    source, target, data = recorded(folder, name, variable)
    check(len(data) > 0 and np.array_equal(data, expected(source, target)), f"{variable} of {name} is not what the nodes had")


def check_pairs(folder, name, holds):
    """holds[source, target]: the pairs that are connected once."""
    source, target, _ = recorded(folder, name, "w")
    found = np.zeros(holds.shape, dtype=int)
    np.add.at(found, (source, target), 1)
    check(np.any(holds) and not np.all(holds), f"{name}: the condition says nothing")
    check(np.array_equal(found, holds.astype(int)), f"{name} connects others than its condition says")


def check_values(folder, output):
    parts, more, whole, after = (values_at(folder, name) for name in ("parts", "more", "whole", "run"))
    CELLS, ALL = 0, 1

    def of(moment, variable, end):
        return moment[variable][end]

    def over(pre, post):
        return pre[:, None] > post[None, :]

    check_pairs(output, "S", over(of(parts, "x", ALL), of(parts, "y", CELLS)) & (of(parts, "n", ALL) > 1)[:, None])
    check_equal(output, "S", "w", lambda i, j: of(parts, "sum", ALL)[i] + 10 * of(parts, "sum", CELLS)[j])
    check_equal(output, "S", "a", lambda i, j: of(more, "x", ALL)[i] + of(more, "n", CELLS)[j])
    check_equal(output, "S", "b", lambda i, j: of(whole, "x", ALL)[i])
    check_pairs(output, "T", over(of(whole, "x", CELLS), of(whole, "y", ALL)) & (of(whole, "n", ALL) > 1)[None, :])
    check_equal(output, "T", "w", lambda i, j: of(whole, "x", CELLS)[i] + of(whole, "y", ALL)[j])
    check_pairs(output, "U", over(of(whole, "x", CELLS), of(whole, "y", CELLS)))
    check_equal(output, "U", "w", lambda i, j: of(whole, "sum", CELLS)[j])
    check_equal(output, "V", "w", lambda i, j: of(whole, "x", ALL)[i])
    check_equal(output, "X", "w", lambda i, j: 2 + 2 * i)
    check_equal(output, "X", "a", lambda i, j: 4 * i)
    check_pairs(output, "W", over(of(after, "n", CELLS), of(after, "n", ALL)))
    check_equal(output, "W", "w", lambda i, j: 77 + of(after, "n", ALL)[j])
    check_equal(output, "W", "a", lambda i, j: of(after, "q", CELLS)[i] + of(after, "y", ALL)[j])


def main():
    ranks = int(sys.argv[1])
    with workspace() as folder:
        network, output = os.path.join(folder, "network.glion"), os.path.join(folder, "output")
        records = [f"record final {variable} of {name}" for name in "STUVWX" for variable in ("w", "a", "b")]
        with open(network, "w") as file:
            file.write(NETWORK.rstrip().rsplit("\n", 1)[0] + "\n" + "\n".join([*records, "record v of cells", "run 0.3 ms", ""]))
        run(network, output, "--float64")
        check_values(folder, output)
        for arguments, threads in (((), 2), (("--interpret",), 1), (("--partition", "block"), 2)):
            other = os.path.join(folder, "other" + "".join(arguments) + str(threads))
            run(network, other, "--float64", *arguments, ranks=ranks, threads=threads)
            for difference in differences(output, other):
                check(difference.startswith("run.json") and "--partition" in arguments, f"{ranks} ranks, {arguments}: {difference}")
    finish()


main()
