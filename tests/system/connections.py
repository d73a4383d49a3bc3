"""`glion connections`: the files that --export writes are the network that --statistics counts, with the weights and delays of the
script, and neither depends on the layout.

usage: connections.py RANKS"""

import os
import re
import sys

import h5py
import numpy as np

from glion_test import SYSTEM, check, finish, glion, workspace
from compare_recordings import differences

NETWORK = os.path.join(SYSTEM, "connections.glion")
SIZES = {"exc": 120, "inh": 40, "astro": 160, "noise": 1}

# connection: (sources, targets, weight, its unit, delay in ms); 1.25 ms are 13 steps of 0.1 ms; None where they are drawn
CONNECTIONS = {
    "noise__exc_inh__static": (["noise"], ["exc", "inh"], 1.5, "nS", 1.0),
    "pairs": (["inh"], ["exc"], -2, "nS", 1.3),
    "back": (["inh", "exc"], ["exc", "inh"], -4, "nS", 3.0),
    "drawn": (["inh", "exc"], ["exc", "inh"], None, "nS", None),
    "none": (["exc"], ["inh"], 1, "nS", 1.0),
    "tri.primary": (["exc"], ["exc", "inh"], 1, "nS", 2.0),
    "tri.third_in": (["exc"], ["astro"], 2, "1", 2.0),
    "tri.third_out": (["astro"], ["exc", "inh"], 0.01, "1", 1.0),
    "tiles.primary": (["exc"], ["exc", "inh"], 1, "nS", 1.0),
    "tiles.third_in": (["exc"], ["astro"], 1, "1", 1.0),
    "tiles.third_out": (["astro"], ["exc", "inh"], 1, "1", 1.0),
}


def export(folder, *arguments, ranks=1):
    """Build, count and write the network; returns the lines that were printed, without where it was written."""
    process = glion("connections", NETWORK, "--statistics", "--export", folder, *arguments, ranks=ranks)
    if process.returncode != 0:
        sys.exit(f"{' '.join(process.args)}: status {process.returncode}\n{process.stdout}{process.stderr}")
    return [line for line in process.stdout.splitlines() if not line.startswith("written to ")]


def tables(lines):
    """{title of the last column: {connection: row}} of the printed tables; columns are two spaces or more apart."""
    found, rows = {}, None
    for line in lines:
        cells = re.split(r" {2,}", line.strip())
        if cells[0] == "connection":
            rows = found.setdefault(cells[-1], {})
        elif rows is not None and len(cells) > 1:
            rows[cells[0]] = cells[1:]
    return found


def check_drawn(name, weights, delays):
    """The delay of a synapse is its weight, in other units and rounded; weights are a normal distribution between two bounds."""
    check(np.all((weights >= 1.5) & (weights <= 3)) and len(np.unique(weights)) == len(weights), f"{name}: weights {weights[:3]}")
    check(np.allclose(delays, np.trunc(weights / 0.1 + 0.5) * 0.1, rtol=1e-12), f"{name}: weights {weights[:3]}, delays {delays[:3]}")


def read_edges(folder, connection):
    """All edges of a connection, over its groups, as pairs (population, node); weights and delays are checked on the way."""
    sources, targets, weight, unit, delay = CONNECTIONS[connection]
    pairs = []
    with h5py.File(os.path.join(folder, connection + ".h5"), "r") as file:
        check(len(file["edges"]) == len(sources) * len(targets), f"{connection}: groups {list(file['edges'])}")
        for name, group in file["edges"].items():
            source, target = group["source_node_id"], group["target_node_id"]
            ends = source.attrs["node_population"], target.attrs["node_population"]
            expected = "__".join([*ends, connection]) if len(file["edges"]) > 1 else connection
            check(name == expected and ends[0] in sources and ends[1] in targets, f"{connection}: group {name} from {ends}")
            weights, delays = group["0/syn_weight"], group["0/delay"]
            if weight is None:
                check_drawn(name, weights[()], delays[()])
            else:
                check(np.allclose(weights, weight, rtol=1e-15), f"{name}: weights {weights[:3]}")
                check(np.allclose(delays, delay, rtol=1e-15), f"{name}: delays {delays[:3]}")
            check(weights.attrs["units"] == unit, f"{name}: weights in {weights.attrs['units']}")
            check(delays.attrs["units"] == "ms", f"{name}: delays in {delays.attrs['units']}")
            pairs += [((ends[0], s), (ends[1], t)) for s, t in zip(source[()].tolist(), target[()].tolist())]
    return pairs


def count(values, n):
    """Smallest, mean and largest number of occurrences among n things, as the table shows them."""
    number = {value: 0 for value in values}
    for value in values:
        number[value] += 1
    least = min(number.values()) if len(number) == n else 0
    return [str(least), f"{len(values) / n:.2f}", str(max(number.values(), default=0))]


def check_statistics(lines, edges):
    table = tables(lines)
    check("expected" in table and "most copies" in table, f"tables {list(table)}")
    n_source = {"pairs": 40, "back": 50, "drawn": 50}
    n_target = {"pairs": 40}
    for connection, pairs in edges.items():
        sources, targets = CONNECTIONS[connection][:2]
        incoming = count([target for _, target in pairs], n_target.get(connection, sum(SIZES[name] for name in targets)))
        outgoing = count([source for source, _ in pairs], n_source.get(connection, sum(SIZES[name] for name in sources)))
        copies = count(pairs, len(set(pairs)))[2] if pairs else "0"
        expected = [*incoming, *outgoing, str(len(set(pairs))), copies]
        check(table["most copies"][connection] == expected, f"{connection}: {table['most copies'][connection]}, not {expected}")
        check(table["expected"][connection][2] == str(len(pairs)), f"{connection}: {table['expected'][connection]}, not {len(pairs)}")


def check_rules(edges):
    """What each rule promises."""
    check(len(edges["noise__exc_inh__static"]) == 160, "all_to_all")
    check(edges["pairs"] == [(("inh", k), ("exc", 80 + k)) for k in range(40)], "one_to_one")
    check(edges["none"] == [], "probability 0")
    check(len(set(edges["back"])) == len(edges["back"]), "parallel synapses in pairwise_bernoulli")
    position = {("exc", k): k for k in range(120)} | {("inh", k): 120 + k for k in range(40)}
    check(all(third == position[target] for (_, third), target in edges["tiles.third_out"]), "block pools of one node")
    for name, pool in (("tri", 10), ("tiles", 1)):
        check(len(edges[name + ".third_in"]) == len(edges[name + ".third_out"]), f"{name}: third_in and third_out")
        for target in position:
            members = {third for third, to in edges[name + ".third_out"] if to == target}
            check(len(members) <= pool, f"{name}: {len(members)} third nodes of {target}")
    check(len(edges["tiles.third_in"]) == len(edges["tiles.primary"]), "third nodes with probability 1")


def main():
    ranks = int(sys.argv[1])
    with workspace() as folder:
        reference = os.path.join(folder, "reference")
        printed = export(reference)
        edges = {connection: read_edges(reference, connection) for connection in CONNECTIONS}
        check(set(os.listdir(reference)) >= {name + ".h5" for name in CONNECTIONS}, f"files {os.listdir(reference)}")
        check_statistics(printed, edges)
        check_rules(edges)
        for scheme in ("round_robin", "block"):
            for threads in (1, 2):
                output = os.path.join(folder, f"{scheme}-{threads}")
                again = export(output, "--partition", scheme, "--threads", threads, ranks=ranks)
                check(again == printed, f"{ranks} ranks, {threads} threads, {scheme}:\n" + "\n".join(again))
                for difference in differences(reference, output):
                    check(False, f"{ranks} ranks, {threads} threads, {scheme}: {difference}")
    finish()


main()
