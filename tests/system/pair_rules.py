"""Connections by expressions of the pair: exactly the pairs of which a condition holds, as NumPy finds them among all; as many of
the others as their probabilities say; and the same ones with any ranks and threads. Values and delays of synapses that are
expressions of i, j, their ends, the numbers of synapses there and the distance are what NumPy makes of these.

False alarms: the counts of each projection with chance are tested against their exact mean and variance, at 4.9 standard
deviations (1e-6 two-sided, and there are fewer than ten of them): below 1e-5 together."""

import os
import sys

import h5py
import numpy as np

from glion_test import check, finish, glion, workspace

NODES = """
neuron model m {
    receive spike(J : 1) { v += J }
    x  : 1 = 0
    y  : 1 = 0
    on : boolean = 0 < 1
    z = x + y : 1
    dv/dt = -v/ms : 1
    threshold v > 1
}
population a[150] : m { x = i*0.5; y = 3*sin(i); v = y + 1; position = [i*0.1 mm, 0 mm] }
population b[130] : m { x = i + 0.25; on = i % 3 == 0; position = [i*0.05 mm, 0.3 mm] }
let mixed = b[100:] + a[0:60]
"""
A = {"x": np.arange(150) * 0.5, "y": 3 * np.sin(np.arange(150)), "position": np.stack([np.arange(150) * 0.1, np.zeros(150)])}
A["v"], A["z"], A["on"] = A["y"] + 1, A["x"] + A["y"], np.ones(150, bool)
B = {"x": np.arange(130) + 0.25, "y": np.zeros(130), "on": np.arange(130) % 3 == 0, "v": np.zeros(130)}
B["z"], B["position"] = B["x"], np.stack([np.arange(130) * 0.05, np.full(130, 0.3)])
MIXED = {name: np.concatenate([B[name][..., 100:], A[name][..., :60]], axis=-1) for name in A}
SETS = {"a": A, "b": B, "mixed": MIXED}

# name: (source, target, condition here, condition in NumPy, copies here, copies in NumPy)
EXACT = {
    "near": ("a", "b", "i != j and abs(i - j) < 10", lambda p: (p.i != p.j) & (abs(p.i - p.j) < 10), "1", lambda p: 1),
    "next": ("a", "a", "j == (i + 1) % N_post", lambda p: p.j == (p.i + 1) % 150, "1", lambda p: 1),
    "tiles": ("a", "b", "i//7 == j//7 or not (j % 11 > 2)", lambda p: (p.i // 7 == p.j // 7) | ~(p.j % 11 > 2), "1", lambda p: 1),
    "values": ("a", "b", "abs(x_pre - x_post) < 2 and on_post", lambda p: (abs(p.pre.x - p.post.x) < 2) & p.post.on, "1",
               lambda p: 1),
    "states": ("a", "a", "z_pre + v_post > 20 and v_pre < 2*v_post", lambda p: (p.pre.z + p.post.v > 20) & (p.pre.v < 2 * p.post.v),
               "1", lambda p: 1),
    "union": ("mixed", "b", "x_pre*y_pre > j - i", lambda p: p.pre.x * p.pre.y > p.j - p.i, "1", lambda p: 1),
    "far": ("a", "b", "distance > 0.52 mm and i < j and x_pre < 10",
            lambda p: (p.distance > 0.52) & (p.i < p.j) & (p.pre.x < 10), "1", lambda p: 1),
    "copies": ("a", "b", "i % 10 == 3 and j > N_pre - 100", lambda p: (p.i % 10 == 3) & (p.j > 50), "(i + j) % 4",
               lambda p: (p.i + p.j) % 4),
    "thrice": ("b", "mixed", "i == j", lambda p: p.i == p.j, "3", lambda p: 3),
    "none": ("a", "b", "i < 0", lambda p: p.i < 0, "1", lambda p: 1),
    "everything": ("b", "b", "true", lambda p: p.i >= 0, "1", lambda p: 1),
}

# name: (source, target, rule, mean and variance of the number of synapses of a pair in NumPy)
def bernoulli(p):
    return p, p * (1 - p)


CHANCE = {
    "p_constant": ("a", "b", "condition(i != j, p = 0.1)", lambda p: bernoulli(0.1 * (p.i != p.j))),
    "p_of_place": ("a", "a", "condition(true, p = 0.3*exp(-abs(i - j)/N_pre))", lambda p: bernoulli(0.3 * np.exp(-abs(p.i - p.j) / 150))),
    "bernoulli": ("a", "b", "pairwise_bernoulli(clip((x_pre - y_pre)/100, 0, 1)*int(on_post))",
                  lambda p: bernoulli(np.clip((p.pre.x - p.pre.y) / 100, 0, 1) * p.post.on)),
    "tossed": ("a", "b", "condition(rand() < 0.2 and j > i)", lambda p: bernoulli(0.2 * (p.j > p.i))),
    "rand_copies": ("a", "b", "condition(i % 2 == 0, p = 0.5, n = 1 + int(3*rand()))",
                    lambda p: (1.0 * (p.i % 2 == 0), (p.i % 2 == 0) * (0.5 * 14 / 3 - 1))),
    "poissonian": ("b", "a", "pairwise_poisson(where(i < j, 0.2, 0))", lambda p: (0.2 * (p.i < p.j), 0.2 * (p.i < p.j))),
    "near_by_chance": ("a", "b", "condition(distance < 1 mm and i != j, p = 0.5)",
                       lambda p: bernoulli(0.5 * ((p.distance < 1) & (p.i != p.j)))),
}


VALUES = """
synapses made : mixed -> b : static
connect made by condition(j > i)
made.weight = 1000*i + 100*j + x_pre*y_pre + z_post + where(i % 2 == 0, N_incoming, N_outgoing)/N_post
made.delay = distance/mm*ms + 1.003 ms
"""


class Pairs:
    """All pairs of two sets: sources along the first axis."""

    def __init__(self, source, target):
        class Values:
            pass

        n, m = SETS[source]["x"].size, SETS[target]["x"].size
        self.i, self.j = np.arange(n)[:, None] + np.zeros((n, m), int), np.arange(m)[None, :] + np.zeros((n, m), int)
        self.pre, self.post = Values(), Values()
        for name in ("x", "y", "z", "v", "on"):
            setattr(self.pre, name, SETS[source][name][:, None])
            setattr(self.post, name, SETS[target][name][None, :])
        difference = SETS[source]["position"][:, :, None] - SETS[target]["position"][:, None, :]
        self.distance = np.sqrt((difference**2).sum(axis=0))


def network():
    text = NODES
    for name, (source, target, condition, _, copies, _) in EXACT.items():
        text += f"synapses {name} : {source} -> {target} : static\nconnect {name} by condition({condition}, n = {copies})\n"
    for name, (source, target, rule, _) in CHANCE.items():
        text += f"connect {name} : {source} -> {target} by {rule} using static\n"
    return text + VALUES + "run 1 ms\n"


def position(set_name, population, node):
    return node if set_name != "mixed" else node - 100 if population == "b" else node + 30


def counts_of(folder, name, source, target):
    """Number of synapses of each pair, by position in the sets."""
    counts = np.zeros((SETS[source]["x"].size, SETS[target]["x"].size), int)
    with h5py.File(os.path.join(folder, name + ".h5"), "r") as file:
        for group in file["edges"].values():
            ends = [group[f"{end}_node_id"] for end in ("source", "target")]
            places = [position(which, end.attrs["node_population"], end[()].astype(int)) for which, end in zip((source, target), ends)]
            np.add.at(counts, tuple(places), 1)
    return counts


def check_counts(folder):
    for name, (source, target, _, condition, _, copies) in EXACT.items():
        pairs = Pairs(source, target)
        expected = (condition(pairs) + np.zeros_like(pairs.i)) * copies(pairs)
        found = counts_of(folder, name, source, target)
        check(np.array_equal(found, expected), f"{name}: {int((found != expected).sum())} pairs differ of {expected.sum()} synapses")
    for name, (source, target, _, law) in CHANCE.items():
        mean, variance = law(Pairs(source, target))
        found = counts_of(folder, name, source, target)
        off = (found.sum() - np.sum(mean)) / np.sqrt(np.sum(variance))
        check(abs(off) < 4.9, f"{name}: {found.sum()} synapses, {np.sum(mean):.1f} expected: {off:.1f} standard deviations")
        check(not np.any(found[np.broadcast_to(mean == 0, found.shape)]), f"{name}: synapses where there can be none")


def check_values(folder):
    pairs = Pairs("mixed", "b")
    made = pairs.j > pairs.i
    incoming, outgoing = made.sum(axis=0)[None, :], made.sum(axis=1)[:, None]
    weight = 1000 * pairs.i + 100 * pairs.j + pairs.pre.x * pairs.pre.y + pairs.post.z + np.where(pairs.i % 2 == 0, incoming, outgoing) / 130
    delay = np.floor((pairs.distance + 1.003) * 10 + 0.5) / 10
    found = 0
    with h5py.File(os.path.join(folder, "made.h5"), "r") as file:
        for group in file["edges"].values():
            ends = [group[f"{end}_node_id"] for end in ("source", "target")]
            s, t = (position(which, end.attrs["node_population"], end[()].astype(int)) for which, end in zip(("mixed", "b"), ends))
            check(np.allclose(group["0/syn_weight"][()], weight[s, t], rtol=1e-13), "values are not as computed")
            check(np.allclose(group["0/delay"][()], delay[s, t], rtol=1e-13), "delays are not as computed")
            found += s.size
    check(found == made.sum(), f"made: {found} synapses")


def main():
    with workspace() as folder:
        path = os.path.join(folder, "network.glion")
        with open(path, "w") as file:
            file.write(network())
        printed = []
        for ranks, threads in ((1, 1), (3, 2), (4, 1)):
            out = os.path.join(folder, f"edges_{ranks}")
            process = glion("connections", path, "--statistics", "--threads", threads, "--export", out, ranks=ranks)
            check(process.returncode == 0, process.stderr)
            printed.append([line for line in process.stdout.splitlines() if not line.startswith("written to ")])
        check(printed[1] == printed[0] and printed[2] == printed[0], "not the same with other ranks and threads")
        check_counts(os.path.join(folder, "edges_3"))
        check_values(os.path.join(folder, "edges_3"))
    finish()


if __name__ == "__main__":
    sys.exit(main())
