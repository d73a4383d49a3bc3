"""Declared synapses are those that `connect … using` makes: the same ones with the same draws, whatever says what their values
are. And a list of values goes to them in order of creation: connect statement, source, target, copy; with any ranks.

usage: declared.py RANKS"""

import os
import sys

import h5py
import numpy as np

from glion_test import check, finish, glion, run, workspace
from compare_recordings import differences

NODES = """
population a[30] : iaf_psc_exp { I_e = 400 pA }
population b[41] : iaf_psc_exp { I_e = 380 pA; V_m = -60 mV + 5 mV*rand() }
let both = b[0:20] + a
synapse model jump { weight : port = 1
    gain : 1 = 2
    delay = 1 ms
    on_pre { send gain*weight } }
"""
VALUES = ("weight = 20 pA + 4 pA*randn()", "gain = 0.5 + rand()", "delay = redraw(1.5 ms + ms*randn(), 0.1 ms, 9 ms)")
RECORDED = "record spikes of a + b\nrecord V_m of both\nrun 60 ms\n"

# each makes the same network
WAYS = {
    "used": "connect S : both -> both by pairwise_bernoulli(0.1) using jump { %s; %s; %s }" % VALUES,
    "settings": "synapses S : both -> both : jump { %s; %s; %s }\nconnect S by pairwise_bernoulli(0.1)" % VALUES,
    "assigned": "synapses S : both -> both : jump { gain = 7 }\nconnect S by pairwise_bernoulli(0.1)\nS.%s\nS.%s\nS.%s" % VALUES,
    "inline": """synapses S : both -> both "weights that one may set" { weight : port = 1
        gain : 1 = 2
        on_pre { send gain*weight } }
        connect S by pairwise_bernoulli(0.1)\nS.%s\nS.%s\nS.%s""" % VALUES,
    "named": "connect S : both -> both by pairwise_bernoulli(0.1) using jump\nS.%s\nS.%s\nS.%s" % VALUES,
}

# two statements, copies, and sets that are not in order of their nodes
SOURCES, TARGETS = [3, 0, 49, 20, 0, 3], [49, 7, 0, 20, 7, 1]
LISTED = NODES + f"""
synapses S : both -> both : static
connect S by pairs({SOURCES}, {TARGETS})
connect S by one_to_one
S.weight = %s pA
S.delay = %s ms
"""


def written(folder, name, text):
    path = os.path.join(folder, name + ".glion")
    with open(path, "w") as file:
        file.write(text)
    return path


def check_ways(folder, ranks):
    first = os.path.join(folder, "used")
    for name, text in WAYS.items():
        path = written(folder, name, NODES + text + "\n" + RECORDED)
        run(path, os.path.join(folder, name), "--float64", ranks=ranks if name != "used" else 1)
        for difference in differences(first, os.path.join(folder, name)):
            check(difference.startswith("run.json: network is"), f"{name}: {difference}")


EVERY_PAIR = {
    "ruled": "synapses S : a -> b : jump { weight = 2 pA }\nconnect S by all_to_all\nconnect T : a -> a by all_to_all using jump",
    "unruled": "synapses S : a -> b : jump { weight = 2 pA }\nconnect S\nconnect T : a -> a using jump",
}


def check_every_pair(folder, ranks):
    """Without a rule every source is connected to every target."""
    for name, text in EVERY_PAIR.items():
        path = written(folder, name, NODES + text + "\n" + RECORDED)
        run(path, os.path.join(folder, name), "--float64", ranks=ranks)
    for difference in differences(os.path.join(folder, "ruled"), os.path.join(folder, "unruled")):
        check(difference.startswith("run.json: network is"), f"without a rule: {difference}")


def position(population, node):
    return {"b": 0, "a": 20}[population] + node


def edges_of(folder, connection):
    """{(source, target): [(weight, delay), …]} by position, in the order of the file."""
    found = {}
    with h5py.File(os.path.join(folder, connection + ".h5"), "r") as file:
        for group in file["edges"].values():
            ends = [group[f"{end}_node_id"] for end in ("source", "target")]
            populations = [end.attrs["node_population"] for end in ends]
            for s, t, weight, delay in zip(ends[0][()], ends[1][()], group["0/syn_weight"][()], group["0/delay"][()]):
                found.setdefault((position(populations[0], s), position(populations[1], t)), []).append((round(weight, 6), round(delay, 6)))
    return found


def check_lists(folder, ranks):
    n = len(SOURCES) + 50
    weights, delays = 1 + np.arange(n), 0.5 + np.arange(n) % 13
    network = written(folder, "listed", LISTED % (weights.tolist(), delays.tolist()) + "run 1 ms\n")
    out = os.path.join(folder, "edges")
    process = glion("connections", network, "--export", out, ranks=ranks)
    check(process.returncode == 0, process.stderr)
    pairs = sorted(zip(SOURCES, TARGETS))
    for connection, listed, first in (("S", pairs, 0), ("S.2", [(k, k) for k in range(50)], len(pairs))):
        expected = {}
        for k, pair in enumerate(listed):
            expected.setdefault(pair, []).append((float(weights[first + k]), float(delays[first + k])))
        check(edges_of(out, connection) == expected, f"{connection}: {edges_of(out, connection)}, but expected {expected}")


# two statements, and the same as two connections; what is sent depends on the spikes before, and arrives after different delays
CONDITIONS = "(i + 3*j) % 7 == 0", "(i + j) % 5 == 0"
PLASTIC = "weight = 20 pA + i*pA", "Wmax = 90 pA", "delay = 0.5 ms + 0.1 ms*((i + 2*j) % 30)"
TOGETHER = (
    "synapses S : both -> both : stdp\n"
    + "".join(f"connect S by condition({condition})\n" for condition in CONDITIONS)
    + "".join(f"S.{value}\n" for value in PLASTIC)
    + "record sent of S\n"
)
APART = "".join(
    f"connect {name} : both -> both by condition({condition}) using stdp {{ {'; '.join(PLASTIC)} }}\nrecord sent of {name}\n"
    for name, condition in zip(("one", "other"), CONDITIONS)
)


def sent_rows(folder, connection, before):
    """Rows (time, number, source, its population, target, its population, value); `before`: added to the numbers."""
    with h5py.File(os.path.join(folder, f"sent_{connection}.h5"), "r") as file:
        group = file["sent"][connection]
        columns = ("timestamps", "synapse_ids", "source_node_ids", "source_populations", "target_node_ids", "target_populations", "values")
        rows = [group[column][:] for column in columns]
    return list(zip(rows[0], rows[1] + before, *rows[2:]))


def check_sent(folder, ranks):
    """What synapses of several statements sent: rows in one order, numbered one statement behind the other."""
    n_first = sum((i + 3 * j) % 7 == 0 for i in range(50) for j in range(50))
    for name, text, n in (("together", TOGETHER, ranks), ("apart", APART, 1)):
        run(written(folder, name, NODES + text + RECORDED), os.path.join(folder, name), ranks=n, threads=1 + n % 2)
    together, apart = (os.path.join(folder, name) for name in ("together", "apart"))
    expected = sorted(sent_rows(apart, "one", 0) + sent_rows(apart, "other", n_first))
    check(len(expected) > 1000 and sent_rows(together, "S", 0) == expected, "'sent' of two statements is not that of two connections")


def main():
    ranks = int(sys.argv[1])
    with workspace() as folder:
        check_ways(folder, ranks)
        check_every_pair(folder, ranks)
        check_lists(folder, ranks)
        check_sent(folder, ranks)
    finish()


if __name__ == "__main__":
    main()
