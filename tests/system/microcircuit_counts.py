"""The cortical microcircuit has as many synapses between its populations as its authors' formula makes: the numbers were computed
apart from Glion, with the formula of Potjans & Diesmann (2014, doi:10.1093/cercor/bhs358), in double precision."""

import os
import re

from glion_test import ROOT, check, finish, glion

NETWORK = os.path.join(ROOT, "jobs", "microcircuit", "microcircuit.glion")
# a row for each target
FULL = (
    (45499805, 22323577, 20253647, 9670918, 3293578, 0, 2271404, 0),
    (17443694, 5018763, 4105338, 1690074, 2221213, 0, 353461, 0),
    (3503670, 756561, 24482849, 17413576, 714524, 7003, 14624432, 0),
    (8114254, 92832, 9933538, 5223272, 87836, 0, 8810905, 0),
    (10613575, 1817058, 5507804, 151900, 2040738, 2407889, 1438969, 0),
    (1241436, 169424, 607667, 12851, 319602, 430444, 132414, 0),
    (4681225, 556108, 6727570, 1320234, 4112225, 305029, 8372649, 10827677),
    (2260836, 17207, 220033, 8078, 401638, 25218, 2888426, 1354320),
)


def counts(*overrides):
    """{(target, source): synapses}"""
    process = glion("check", NETWORK, *overrides)
    check(process.returncode == 0, process.stderr)
    found = re.findall(r"^ *synapses_(\d)_(\d) +fixed_total_number .* (\d+)$", process.stdout, re.MULTILINE)
    return {(int(target), int(source)): int(n) for target, source, n in found}


def main():
    full = counts()
    check(len(full) == 64, f"{len(full)} connections instead of 64")
    for (target, source), n in full.items():
        check(n == FULL[target][source], f"{n} synapses from {source} to {target} instead of {FULL[target][source]}")
    for scale, total in ((0.25, 18680063), (0.5, 74720239)):
        found = sum(counts("-D", f"scale_N={scale}", "-D", f"scale_K={scale}").values())
        check(found == total, f"{found} synapses at scale {scale} instead of {total}")
    finish()


main()
