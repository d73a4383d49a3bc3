"""The examples of docs: whole networks are accepted, mistakes are refused with the message that the page shows."""

import glob
import os
import re

import h5py

from glion_test import ROOT, check, finish, glion, workspace

OTHER_TESTS = {"connection-rules.md"}  # there examples go on from each other: connection_rules.py
INPUT_FAULT = 2  # exit status
WHOLE = re.compile(r"^```glion\n(.*?)^```", re.MULTILINE | re.DOTALL)
MISTAKE = re.compile(r"^```glion-error\n(.*?)^```", re.MULTILINE | re.DOTALL)
MESSAGE = re.compile(r"^# (.*)$", re.MULTILINE)  # in the last lines of a mistake


def write_data(folder):
    """The data files that examples read."""
    with open(os.path.join(folder, "weights.csv"), "w") as file:
        file.write("source,target,weight\n2,0,30\n0,1,-10.5\n0,3,2e1\n")
    with h5py.File(os.path.join(folder, "cells.h5"), "w") as file:
        file["V_m"], file["currents"] = [-70.0, -65.0, -60.0, -58.5], [[10, 0], [20, 0], [30, 1], [40, 1]]


def checked(folder, network):
    """`glion check` on a file that is called as on the page, in its own folder."""
    with open(os.path.join(folder, "network.glion"), "w") as file:
        file.write(network)
    return glion("check", "network.glion", cwd=folder)


def check_page(folder, page):
    with open(page) as file:
        text = file.read()
    for network in WHOLE.findall(text):
        process = checked(folder, network)
        check(process.returncode == 0 and "warning" not in process.stderr, f"{page}: {network}\nis refused:\n{process.stderr}")
    for network in MISTAKE.findall(text):
        messages = MESSAGE.findall(network)
        check(messages, f"{page}: {network}\nhas no message")
        process = checked(folder, network)
        check(process.returncode == INPUT_FAULT, f"{page}: {network}\nis not refused: status {process.returncode}")
        for line in messages:
            check(line in process.stderr, f"{page}: {network}\nis refused with\n{process.stderr}\nand not with\n{line}")


def main():
    pages = sorted(glob.glob(os.path.join(ROOT, "docs", "*.md")))
    pages = [page for page in pages if os.path.basename(page) not in OTHER_TESTS]
    check(len(pages) > 5, "docs has no pages")
    with workspace() as folder:
        write_data(folder)
        for page in pages:
            check_page(folder, page)
    finish()


main()
