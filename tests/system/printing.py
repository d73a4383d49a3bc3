"""`print`: the lines on the screen and in run.json, with any number of ranks."""

import json
import os

from glion_test import check, finish, run, workspace

NETWORK = """
let T = 10 ms, word = "text"
population Q[5] { dv/dt = (1 - v)/T : 1; y = v*(2 mV) : mV; b : boolean = true; n : integer = 7; method exact }
population wide[30] { x : pA = 1 pA }
wide.x = 0.5*i*pA
Q.v = 0.25*i
print "before:", word, T, 2 > 1, 3, [1, 2.5], Q.v
run T
Q[0].v = 3
print Q[0].v, Q.n; Q.v = 1
print (Q[4:] + Q[0:2]).y, Q.b
run T
print Q.v
print wide.x
for k in 0:2 { print "pass", k }
"""
LINES = [
    "before: text 0.01 second true 3 [1, 2.5] [0, 0.25, 0.5, 0.75, 1]",
    "3 [7, 7, 7, 7, 7]",
    "[2, 2, 2] mV [true, true, true, true, true]",
    "[1, 1, 1, 1, 1]",
    "[0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, …, 12.5, 13, 13.5, 14, 14.5] pA (30 values)",
    "pass 0",
    "pass 1",
]


def main():
    with workspace() as folder:
        network = os.path.join(folder, "network.glion")
        with open(network, "w") as file:
            file.write(NETWORK)
        for ranks in (1, 3):
            output = os.path.join(folder, str(ranks))
            process = run(network, output, ranks=ranks)
            shown = process.stdout.split("\n")
            with open(os.path.join(output, "run.json")) as file:
                kept = json.load(file)["printed"]
            check(kept == LINES, f"{ranks} ranks: run.json has {kept}")
            check([line for line in shown if line in LINES] == LINES, f"{ranks} ranks print {process.stdout}")
    finish()


main()
