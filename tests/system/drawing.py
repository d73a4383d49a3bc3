"""Short runs and cells that hardly spike are drawn too, and a variable's report is found beside those whose names begin alike."""

import os
import subprocess
import sys

from glion_test import ROOT, check, finish, run, workspace
from recordings import report_of

NETWORK = """
population silent[3] { s_in : 1 = 2; s : 1 = 1; threshold s > 5 }
population once[2]   { dx/dt = 30 Hz : 1; threshold x > 1; reset { x = 0 }; method euler }
record spikes of silent + once
record s_in, s of silent
run 40 ms
"""


def check_drawing(folder, output, *options):
    picture = os.path.join(folder, "picture.png")
    command = [sys.executable, os.path.join(ROOT, "tools", "plot_spikes.py"), output, "-o", picture, *options]
    process = subprocess.run(command, capture_output=True, text=True)
    check(process.returncode == 0 and not process.stderr, f"plot_spikes.py {options}: {process.stderr}")
    check(os.path.exists(picture), f"plot_spikes.py {options} draws nothing")


def main():
    with workspace() as folder:
        path, output = os.path.join(folder, "network.glion"), os.path.join(folder, "output")
        with open(path, "w") as file:
            file.write(NETWORK)
        run(path, output)
        check_drawing(folder, output)
        check_drawing(folder, output, "--settled", "39", "--window", "39", "40")
        check((report_of(output, "s").data == 1).all(), "the report of s is another variable's")
        check((report_of(output, "s_in").data == 2).all(), "the report of s_in is another variable's")
        check(report_of(output, "x") is None, "there is a report of what was not recorded")
    finish()


main()
