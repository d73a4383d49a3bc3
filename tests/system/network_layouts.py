"""A number of ranks, with one and two threads, and every way to spread nodes: the same network as on one rank, seen in its checksum,
its statistics, its synapse numbers, and every dataset and attribute of its SONATA files.

usage: network_layouts.py RANKS    (GLION names the program of network_layouts.c)"""

import os
import sys

import h5py
import numpy as np

from glion_test import check, finish, glion, workspace
from compare_recordings import differences

SIZES = {"exc": 200, "inh": 50, "astro": 125, "noise": 1}


def build(folder, scheme, ranks, threads):
    """Build and export the network; returns what was printed about it."""
    os.makedirs(folder)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    process = glion(folder, scheme, ranks=ranks)
    if process.returncode != 0:
        sys.exit(f"{' '.join(process.args)}: status {process.returncode}\n{process.stdout}{process.stderr}")
    return process.stdout


def check_index(index, nodes, size, name):
    """Through the index each node finds its edges, all of them, in ascending order."""
    ranges = index["node_id_to_ranges"][()]
    edges = index["range_to_edge_id"][()]
    check(np.array_equal(ranges, index["node_id_to_range"][()]), f"{name}: node_id_to_range differs")
    check(ranges.shape == (size, 2), f"{name}: {ranges.shape} for {size} nodes")
    for node in range(size):
        found = [np.arange(first, last) for first, last in edges[ranges[node, 0] : ranges[node, 1]]]
        found = np.concatenate(found) if found else np.array([], int)
        check(np.array_equal(found, np.flatnonzero(nodes == node)), f"{name}: node {node} has edges {found}")


def check_edges(group, name):
    """One group of edges: its columns, and the two indices against them."""
    source, target = group["source_node_id"], group["target_node_id"]
    n = len(source)
    check(np.array_equal(group["edge_group_index"][()], np.arange(n)), f"{name}: edge_group_index")
    check(not np.any(group["edge_group_id"][()]) and len(group["edge_group_id"]) == n, f"{name}: edge_group_id")
    check(np.all(group["0/delay"][()] == 1.0) and len(group["0/delay"]) == n, f"{name}: delay")
    for nodes, index in ((source, "source_to_target"), (target, "target_to_source")):
        check_index(group["indices"][index], nodes[()], SIZES[nodes.attrs["node_population"]], f"{name}: {index}")
    return n


def groups(folder, connection):
    with h5py.File(os.path.join(folder, connection + ".h5"), "r") as file:
        check(file.attrs["magic"] == 0x0A7A and list(file.attrs["version"]) == [0, 1], f"{connection}: root attributes")
        return {name: (group["source_node_id"][()], group["target_node_id"][()]) for name, group in file["edges"].items()}


def check_files(folder, statistics):
    """The files hold what the statistics count, and block pools go by the position in the whole target set."""
    for connection, count in statistics.items():
        with h5py.File(os.path.join(folder, connection + ".h5"), "r") as file:
            total = sum(check_edges(group, f"{connection}/{name}") for name, group in file["edges"].items())
            check(total == count, f"{connection}: {total} edges, but {count} synapses")
    for kind in ("random", "block", "shared", "third"):
        check(statistics[kind + ".third_in"] == statistics[kind + ".third_out"], f"{kind}: third_in and third_out differ")
    third, target = groups(folder, "shared.third_out")["shared.third_out"]
    check(np.array_equal(third, target // 4), "block pools of one node: not four consecutive targets for each")


def counts(output):
    """{connection: number of synapses} from the lines `NAME: COUNT, …`."""
    lines = [line.split(": ") for line in output.splitlines() if ", expected " in line]
    return {name: int(rest.split(",")[0]) for name, rest in lines}


def main():
    ranks = int(sys.argv[1])
    with workspace() as folder:
        reference = os.path.join(folder, "reference")
        expected = build(reference, "round_robin", 1, 1)
        statistics = counts(expected)
        check(len(statistics) == 25, f"{len(statistics)} connections")
        check_files(reference, statistics)
        for scheme, threads in (("round_robin", 1), ("round_robin", 2), ("block", 2)):
            layout = f"{scheme}, {ranks} ranks, {threads} threads"
            output = os.path.join(folder, layout)
            printed = build(output, scheme, ranks, threads)
            check(printed == expected, f"{layout}:\n{printed}instead of\n{expected}")
            for difference in differences(reference, output):
                check(False, f"{layout}: {difference}")
    finish()


main()
