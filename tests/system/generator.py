"""Generators make the connections that they say, for sources and for targets, within sets of any parts, with any ranks and threads;
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
let pre = b[5:20] + a, post = a[10:20] + b[20:30]
synapses S : pre -> post : static
connect S by generator(%s)
S.weight = 1 pA + i*(100 pA) + j*pA                # who is connected, by position
run 1 ms
"""

J, I = range(N_POST), range(N_PRE)
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
}

SAMPLED = {  # text: (pairs that are possible, probability)
    "j = k for k in 0:N_post, p = 0.3": (N_PRE * N_POST, 0.3),
    "j = k for k in 0:N_post if k != i % N_post, p = 0.3": (N_PRE * (N_POST - 1), 0.3),
    "j = k % N_post for k in 0:4000, p = 0.05": (N_PRE * 4000, 0.05),
    "i = k for k in 0:N_pre, p = 0.5": (N_PRE * N_POST, 0.5),
}
SIGMAS = 5.5  # of the normal distribution: a false alarm in 2.6e7 tests, here in 6e6 for all four

BAD = [
    ("j = i + 1", "for i = 19 this is 20, but the targets have positions from 0 to 19: exclude it by a condition, or write "
     "skip_if_invalid = true"),
    ("i = j - k for k in 0:2", "for j = 0, k = 1 this is -1, but the sources have positions from 0 to 34"),
    ("j = i/2, skip_if_invalid = true", "a position must be a whole number, but for i = 1 this is 0.5"),
    ("j = k for k in 0:i/4", "the bounds of a range must be whole numbers, less than 2^32 apart, but for i = 1 this is 0.25"),
    ("j = k for k in 0:1e12", "the bounds of a range must be whole numbers, less than 2^32 apart, but for i = 0 this is 1000000000000"),
    ("j = k*rand() for k in 0:2", "'rand' cannot be used in a generator: write p = …"),
    ("j = k for k in 0:2, p = 2", "probability 'p' must be from 0 to 1, but is 2"),
    ("i = i + 1", "'i' has no meaning here"),
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
        file.write(NETWORK % text)
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
        for text, message in BAD if ranks != 2 else BAD[:4]:
            process = connected(folder, text, ranks=ranks)
            check(process.returncode == INPUT_FAULT and message in process.stderr and process.stderr.count("error:") == 1,
                  f"{text}: status {process.returncode}:\n{process.stderr}\nbut expected: {message}")
    finish()


main()
