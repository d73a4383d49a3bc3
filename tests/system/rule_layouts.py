"""Every rule before `third`, and arguments that depend on the distance: the same network for any number of ranks and threads and
every partition, seen in its statistics and its checksum; and with p = 1 as many third_in and third_out as primary connections."""

import os
import re

from glion_test import SYSTEM, check, finish, glion

NETWORK = os.path.join(SYSTEM, "rule_layouts.glion")
COUNT = re.compile(r"^(\w+)\.(primary|third_in|third_out) +\w+ +\w+ +(\d+) ", re.MULTILINE)


def connections(ranks, threads, partition):
    process = glion("connections", NETWORK, "--statistics", "--threads", threads, "--partition", partition, ranks=ranks)
    check(process.returncode == 0, f"{ranks} ranks: status {process.returncode}\n{process.stderr}")
    return process.stdout


def main():
    expected = connections(1, 1, "round_robin")
    counts = {}
    for projection, _, number in COUNT.findall(expected):
        counts.setdefault(projection, set()).add(int(number))
    check(len(counts) == 13, f"{len(counts)} projections")
    for projection, numbers in counts.items():
        check(len(numbers) == 1 and 0 not in numbers, f"{projection}: primary, third_in and third_out differ: {numbers}")
    for layout in ((1, 3, "block"), (2, 1, "round_robin"), (3, 2, "block")):
        printed = connections(*layout)
        check(printed == expected, f"{layout}:\n{printed}instead of\n{expected}")
    finish()


main()
