"""Generators, and lists of pairs, make the connections that they say, for sources and for targets, within sets of any parts, with any ranks and threads;
those that are drawn with a probability are as many as it says, and the same for any layout. What they cannot say is refused.

usage: generator.py RANKS"""

import math
import os
import shutil
import sys

import h5py

from glion_test import check, finish, glion, workspace

INPUT_FAULT = 2  # exit status
N_PRE, N_POST = 35, 20

NETWORK = """
population a[20] : iaf_psc_exp
population b[30] : iaf_psc_exp
a.I_e = i %% 7*pA
b.I_e = i %% 5*pA
let pre = b[5:20] + a, post = a[10:20] + b[20:30]
synapses S : pre -> post : static
connect S by %s
S.weight = 1 pA + i*(100 pA) + j*pA                # who is connected, by position
run 1 ms
"""

J, I = range(N_POST), range(N_PRE)
X_PRE = [k % 5 for k in range(5, 20)] + [k % 7 for k in range(20)]  # I_e in pA, by position
X_POST = [k % 7 for k in range(10, 20)] + [k % 5 for k in range(20, 30)]
EXACT = {  # text: pairs of positions, in order of creation
    "j = (i + 1) % N_post": [(i, (i + 1) % N_POST) for i in I],
    "j = N_post - 1": [(i, N_POST - 1) for i in I],
    "j = k for k in 0:N_post if abs(i - k) < 3": [(i, k) for i in I for k in J if abs(i - k) < 3],
    "j = i + k for k in -2:3, skip_if_invalid = true": [(i, i + k) for i in I for k in range(-2, 3) if 0 <= i + k < N_POST],
    "j = 2*k + i % 2 for k in 0:i//4": [(i, 2 * k + i % 2) for i in I for k in range(i // 4)],
    "j = 3 for k in 0:i % 3": [(i, 3) for i in I for k in range(i % 3)],
    "j = k for k in i:10": [(i, k) for i in I for k in range(i, 10)],
    "j = min(i + 1, N_pre - 1) % N_post": [(i, min(i + 1, N_PRE - 1) % N_POST) for i in I],
    "i = j + 10": [(j + 10, j) for j in J],
    "i = j + k for k in 0:3 if k != 1": [(j + k, j) for j in J for k in range(3) if k != 1],
    "i = 30 - j for n in 0:2": [(30 - j, j) for j in J for n in range(2)],
    "pairs([3, 0, 3], [1, 19, 1], n = 2)": [(3, 1), (0, 19), (3, 1)] * 2,
    "pairs(7, [1, 5, 1])": [(7, 1), (7, 5), (7, 1)],
    "pairs(range(3), 4, n = 0)": [],
    # Brian's words; steps
    "j = k for k in range(N_post)": [(i, k) for i in I for k in J],
    "j = k for k in range(i - 3, i + 4) if k != i, skip_if_invalid = true": [(i, k) for i in I for k in J if 0 < abs(i - k) < 4],
    "j = k for k in range(i % 4, N_post, 3)": [(i, k) for i in I for k in range(i % 4, N_POST, 3)],
    "j = k for k in range(N_post - 1, i, -4)": [(i, k) for i in I for k in range(N_POST - 1, i, -4)],
    "i = k for k in sample(2, N_pre, 7, p = 1)": [(k, j) for j in J for k in range(2, N_PRE, 7)],
    "j = k for k in sample(N_post, size = N_post)": [(i, k) for i in I for k in J],
    "j = k for k in sample(i % 8, size = 9), skip_if_invalid = true": [(i, k) for i in I for k in range(i % 8)],
    # what is read of the nodes, and what is generated
    "j = k for k in range(N_post) if I_e_pre > 3 pA": [(i, k) for i in I for k in J if X_PRE[i] > 3],
    "j = int(I_e_pre/pA) for k in 0:2": [(i, X_PRE[i]) for i in I for k in range(2)],
    "j = k for k in 0:int(I_e_pre/pA)": [(i, k) for i in I for k in range(X_PRE[i])],
    "j = 2*k for k in 0:10 if j > i and I_e_post < 3 pA": [(i, k) for i in I for k in range(0, N_POST, 2) if k > i and X_POST[k] < 3],
    "j = i + k for k in 0:3 if I_e_post > I_e_pre, skip_if_invalid = true": [
        (i, i + k) for i in I for k in range(3) if i + k < N_POST and X_POST[i + k] > X_PRE[i]],
    "i = k for k in 0:N_pre if I_e_pre == I_e_post": [(i, j) for i in I for j in J if X_PRE[i] == X_POST[j]],
    # parallel ones
    "j = i, n = 3, skip_if_invalid = true": [(i, i) for i in J for n in range(3)],
    "j = k for k in 0:4, n = j + int(I_e_post/pA)": [(i, k) for i in I for k in range(4) for n in range(k + X_POST[k])],
}

SAMPLED = {  # text: (pairs that are possible, probability)
    "j = k for k in 0:N_post, p = 0.3": (N_PRE * N_POST, 0.3),
    "j = k for k in 0:N_post if k != i % N_post, p = 0.3": (N_PRE * (N_POST - 1), 0.3),
    "j = k % N_post for k in 0:4000, p = 0.05": (N_PRE * 4000, 0.05),
    "i = k for k in 0:N_pre, p = 0.5": (N_PRE * N_POST, 0.5),
    "j = k for k in sample(N_post, p = 0.3*(i % 2))": (N_PRE // 2 * N_POST, 0.3),
    "j = k for k in 0:N_post if rand() < 0.2": (N_PRE * N_POST, 0.2),
    "j = k for k in 0:N_post if randn() > 0": (N_PRE * N_POST, 0.5),
    "j = int(rand()*2*N_post) for k in 0:50, skip_if_invalid = true": (N_PRE * 50, 0.5),
    "pairs(34, range(2000) % 20, p = 0.4)": (2000, 0.4),
}
SIGMAS = 5.5  # of the normal distribution: a false alarm in 2.6e7 tests, here in 2.9e6 for all nine
# of a fixed size: each source has so many different targets, and each target is as likely
SIZED = {"j = k for k in sample(N_post, size = 6)": 6, "j = k for k in range(1, N_post, 2), size = 3": 3}

BAD = [
    ("j = i + 1", "for i = 19 this is 20, but the targets have positions from 0 to 19: exclude it by a condition, or write "
     "skip_if_invalid = true"),
    ("i = j - k for k in 0:2", "for j = 0, k = 1 this is -1, but the sources have positions from 0 to 34"),
    ("j = i/2, skip_if_invalid = true", "a position must be a whole number, but for i = 1 this is 0.5"),
    ("j = k for k in 0:i/4", "the bounds of a range must be whole numbers, less than 2^32 apart, but for i = 1 this is 0.25"),
    ("j = k for k in 0:1e12", "the bounds of a range must be whole numbers, less than 2^32 apart, but for i = 0 this is 1000000000000"),
    ("j = k*poisson(2) for k in 0:2", "'poisson' cannot be used in a generator, only rand() and randn()"),
    ("j = 10*rand()", "a position must be a whole number, but for i = 0 this is"),
    ("j = k for k in sample(2, size = 3)", "a size must be a whole number, from 0 to that of the values of 'k', but for i = 0 this is 3"),
    ("j = k for k in 0:3, n = k/2", "the number of synapses must be a whole one, 0 or more, but for i = 0, k = 1 this is 0.5"),
    ("j = k for k in range(0, 4, i - 1)", "the step of a range must be a whole number, and not 0, but for i = 1 this is 0"),
    ("j = k for k in 0:3, p = i - 1", "a probability must be from 0 to 1, but for i = 0 this is -1"),
    ("j = k for k in range(0, 3, 1, 1)", "'range' takes B, A and B, or A, B and a step"),
    ("j = k for k in sample(5)", "'sample' takes A, B and perhaps a step, and p = … or size = …"),
    ("j = k for k in sample(5, p = 1, size = 2)", "'sample' takes A, B and perhaps a step, and p = … or size = …"),
    ("j = k for k in sample(5, q = 1)", "rule 'generator' has no argument 'q'"),
    ("j = k for k in 0:5, p = 0.5, size = 2", "of the values either each is taken with probability 'p', or 'size' of them are"),
    ("j = k for k in 0:5, size = -1", "'size' must be a whole number, 0 or more, but is -1"),
    ("j = i, size = 2", "generator: 'size' goes with 'for NAME in A:B', of which it takes so many"),
    ("j = I_e_post/pA", "'I_e_post' belongs to the target that this finds: it can stand in the condition, behind 'if', and in n"),
    ("i = i + 1", "'i' belongs to the source that this finds"),
    ("j = I_pre", "the source population 'b' (model 'iaf_psc_exp') has no variable 'I'"),
    ("j = int(distance/mm)", "'distance' has no meaning in a generator: connect by condition(…)"),
    ("j = k for k in 0:2, p = 2", "probability 'p' must be from 0 to 1, but is 2"),
    ("p = 0.5", "generator needs the targets of each source, j = EXPRESSION, or the sources of each target, i = EXPRESSION"),
    ("j = i*mV", "'j' must be dimensionless, but this is in volt"),
    ("j = k", "unknown name 'k'"),
    ("j = a for a in 0:2", "'a' is already the name of a population"),
    ("j = k for k in 3", "expected ':' and the end of the range, found ')'"),
    ("j = k for k in 0:2 if k", "'if' must be a condition (such as a > b), but this is a number"),
    ("j = k for j in 0:2", "'j' is reserved; choose another name"),
]


def connected(folder, text, **layout):
    """[(source, target)] by position, in order of creation; or the process, if it fails"""
    network, out = os.path.join(folder, "network.glion"), os.path.join(folder, "edges")
    with open(network, "w") as file:
        file.write(NETWORK % (text if text.startswith("pairs") else f"generator({text})"))
    process = glion("connections", network, "--export", out, **layout)
    if process.returncode:
        return process
    pairs = []
    with h5py.File(os.path.join(out, "S.h5"), "r") as file:
        for group in file["edges"].values():
            pairs += [divmod(round(weight) - 1, 100) for weight in group["0/syn_weight"][()]]
    shutil.rmtree(out)
    return sorted(pairs)


def main():
    ranks = int(sys.argv[1])
    with workspace() as folder:
        for text, expected in EXACT.items():
            found = connected(folder, text, ranks=ranks)
            check(found == sorted(expected), f"{text}: {found}, but expected {sorted(expected)}")
        for text, (n, p) in SAMPLED.items():
            found = connected(folder, text, ranks=ranks)
            deviation = abs(len(found) - n * p) / math.sqrt(n * p * (1 - p))
            check(deviation < SIGMAS, f"{text}: {len(found)} of {n}, {deviation:.1f} standard deviations from what p says")
            check(ranks == 1 or found == connected(folder, text), f"{text}: other connections on {ranks} ranks than on one")
        for text, size in SIZED.items():
            found = connected(folder, text, ranks=ranks)
            check(sorted(source for source, _ in found) == sorted([*I] * size) and len(set(found)) == len(found),
                  f"{text}: not {size} different ones for each: {found}")
            check(ranks == 1 or found == connected(folder, text), f"{text}: other connections on {ranks} ranks than on one")
        for text, message in BAD if ranks != 2 else BAD[:4]:
            process = connected(folder, text, ranks=ranks)
            check(process.returncode == INPUT_FAULT and message in process.stderr and process.stderr.count("error:") == 1,
                  f"{text}: status {process.returncode}:\n{process.stderr}\nbut expected: {message}")
    finish()


main()
