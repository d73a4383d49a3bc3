"""What is recorded within a step: it changes nothing of what the network does, though its nodes then take their steps in two
phases; what a step leaves behind is what the next one begins with; and all of it is the same on another layout, bit for bit.

usage: slots.py NETWORK"""

import os
import sys

import numpy as np

from glion_test import SYSTEM, check, finish, run, workspace
from compare_recordings import differences
from recordings import read_beside, read_report, read_spikes

# Networks, and of which states and inputs something is recorded in them.
SEEN = {
    "nodes": {"slow": ("v", "a"), "rapid": ("V",), "pushed": ("V",), "switching": ("v", "n")},
    "layouts": {"exc": ("V_m", "I_SIC"), "astro": ("Ca_astro", "IP3"), "inh": ("w", "I_stim")},
    "stdp": {"exc": ("V_m",)},
    "formulas": {"a": ("theta", "pull")},
    "random": {"heun_ones": ("v",), "by_chance": ("v",)},
    "pathways": {"a": ("v", "k"), "c": ("n",)},
}
ACTING = ("switching",)  # between two steps, by `every`
DT = 0.1  # ms
ENDING = ("exc",)  # whose spikes have the time of the end of their step
INPUTS = ("I_SIC", "I_stim", "pull")
# And with which spikes or events their variables are recorded too.
BESIDE = {
    "nodes": {"slow": ("spikes",), "switching": ("spikes", "resting")},
    "stdp": {"exc": ("spikes",)},
    "formulas": {"a": ("spikes",)},
    "random": {"by_chance": ("spikes",)},
    "pathways": {"a": ("spikes",)},
}
SLOTS = ("start", "after_thresholds", "after_synapses", "end")


def check_beside(folder, of, event, variable):
    """What stands beside a spike is what was there behind the thresholds of its step."""
    times, nodes, values = read_beside(os.path.join(folder, f"{event}_{of}.h5"))[of]
    frames = read_report(os.path.join(folder, f"{variable}_{of}_after_thresholds.h5"))[of]
    expected = frames.data[np.rint(times / DT).astype(int) - (of in ENDING), nodes]
    check(len(times) > 10, f"{len(times)} of {event} of {of} tell little")
    check(np.array_equal(values[variable], expected), f"{variable} of {of} at {event} is another than behind the thresholds")
    if event == "spikes":
        same = all(np.array_equal(ours, one) for ours, one in zip((times, nodes), read_spikes(folder)[of]))
        check(same, f"the spikes of {of} are others where variables stand beside")


def write(path, network, seen):
    with open(os.path.join(SYSTEM, network + ".glion")) as file:
        text = file.read()
    records = [f"record {variable}_{of}_{slot} : {variable} of {of} at {slot}\n" for of in seen for variable in seen[of] for slot in SLOTS]
    for of in BESIDE.get(network, ()) if seen else ():
        records += [f"record {', '.join(seen[of])} of {of} at {event}\n" for event in BESIDE[network][of]]
    with open(path, "w") as file:
        file.write(text.replace("run T_1\n", "".join(records) + "run T_1\n"))


def check_frames(folder, of, variable):
    start, threshold, synapses, end = (
        read_report(os.path.join(folder, f"{variable}_{of}_{slot}.h5"))[of].data for slot in SLOTS
    )
    check(start.shape == threshold.shape == synapses.shape == end.shape, f"frames of {variable} of {of} are missing")
    if variable in INPUTS:
        check(np.array_equal(start, end), f"the input {variable} of {of} is another at the end of a step")
    else:
        follows = np.array_equal(start[1:], end[:-1])
        acts = of in ACTING and variable == "v"
        check(follows != acts, f"{variable} of {of}: does a step begin with what the last one left? {follows}")
        check(not np.array_equal(start, end), f"{variable} of {of} does not change")


def main():
    network = sys.argv[1]
    seen = SEEN[network]
    with workspace() as folder:
        plain, within = os.path.join(folder, network + ".glion"), os.path.join(folder, "within.glion")
        write(plain, network, {})
        write(within, network, seen)
        unseen, reference, output = (os.path.join(folder, name) for name in ("unseen", "reference", "output"))
        run(plain, unseen, "--float64")
        run(within, reference, "--float64")
        for of in seen:
            for variable in seen[of]:
                check_frames(reference, of, variable)
                for event in BESIDE.get(network, {}).get(of, ()):
                    check_beside(reference, of, event, variable)
        run(within, output, "--float64", "--interpret", ranks=3, threads=2)
        for difference in differences(reference, output):
            check(False, f"on another layout: {difference}")
        for difference in differences(unseen, reference):
            check("is in one only" in difference or difference.startswith("run.json"), f"for what is recorded: {difference}")
    finish()


main()
