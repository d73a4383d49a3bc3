"""Recorded variables of synapses, retold from the spikes: a number that grows at every arrival shows how many there were before the
recorded time. And against Brian 2's traces (tests/data/README.md, brian/b_*). With 1 and 2 ranks, and 1 and 2 threads.

Synapses whose values and delays differ, those that share what their source's spikes change, those without delay, and those that
send and hear of their targets; whole and selected, at the start of a step and when all has arrived in it, every step and now and then, over two runs."""

import csv
import os

import h5py
import numpy as np

from brian_cases import CONDUCTANCES
from glion_test import DATA, check, finish, run, workspace
from compare_recordings import differences

# positions in a + b and in b; out of order, and one pair twice
SOURCES, TARGETS = [5, 0, 3, 7, 0, 3, 6], [3, 1, 0, 2, 1, 2, 0]
WEIGHTS, DELAYS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], [0.1, 0.7, 2.3, 0.1, 1.9, 0.4, 1.1]

NETWORK = f"""
population a[5] {{ dx/dt = (150 + 20*i)/second : 1;  n : 1;  threshold x > 1;  reset {{ x = 0 }};  method euler }}
population b[4] {{ dx/dt = (170 + 25*i)/second : 1;  n : 1;  threshold x > 1;  reset {{ x = 0 }};  method euler }}
synapse model growing {{ w : 1;  fixed : 1 = 7 (constant);  on_pre {{ w *= 1.25; n_post += w }} }}
synapses differ : a + b -> b extends growing {{ delay = 0.1 ms }}
connect differ by pairs({SOURCES}, {TARGETS})
differ.w = {WEIGHTS}
differ.delay = {DELAYS} ms
synapses shared : a -> b {{ w : 1 = 2;  delay = 0.3 ms;  on_pre {{ w *= 1.25; n_post += w }} }}
connect shared by all_to_all
record w of differ
record fixed of differ every 1 ms
record late : w of differ at after_synapses
record some : w of differ[3:6, :] every 0.7 ms at after_synapses
record w of shared every 0.3 ms at start
record one : w of shared[2, 1:3] at after_synapses
record spikes of a + b
"""
IMMEDIATE = """
synapses now : b -> a { w : 1 = 3;  delay = 0 ms;  on_pre { w *= 1.25; n_post += w } }
connect now by all_to_all
record w of now
record now_late : w of now[:, 0] every 0.2 ms at after_synapses
"""
RUNS = "run 20 ms\nrun 15.05 ms\n"
STEPS = 351


# Synapses that send, and hear of their targets: numbers of which each spike makes others; `trace` is kept per source
SENDING = f"""
population a[5] {{ dx/dt = (150 + 20*i)/second : 1;  threshold x > 1;  reset {{ x = 0 }};  method euler }}
population b[4] {{
    dx/dt = (170 + 25*i)/second : 1;  g : 1
    threshold x > 1;  reset {{ x = 0 }};  method euler;  receive spike(J : 1) {{ g += J }}
}}
synapses talk : a -> b {{
    w : 1;  trace : 1;  delay = 0.1 ms
    on_pre {{ w *= 1.25; trace += 1; send w }}
    on_post early(delay = delay, order = -2) {{ w += trace }}
    on_post late(delay = delay, order = 2) {{ w *= 0.75 }}
}}
connect talk by pairs({[source % 5 for source in SOURCES]}, {TARGETS})
talk.w = {WEIGHTS}
talk.delay = {DELAYS} ms
record w, trace of talk
record w_late : w of talk every 0.3 ms at after_synapses
record trace_late : trace of talk at after_synapses
record sent of talk
record spikes of a + b
"""


class Recorded:
    def __init__(self, folder, name):
        with h5py.File(os.path.join(folder, name + ".h5"), "r") as file:
            (self.synapses, group), = file["report"].items()
            mapping = group["mapping"]
            self.ids, self.sources, self.targets = (mapping[key][()] for key in ("synapse_ids", "source_node_ids", "target_node_ids"))
            self.populations = mapping["source_populations"][()] if "source_populations" in mapping else 0 * self.ids
            self.start, self.stop, self.step = mapping["time"][()]
            self.data = group["data"][()]


def emissions(folder):
    """{(population, node): steps}"""
    found = {}
    with h5py.File(os.path.join(folder, "spikes.h5"), "r") as file:
        for name, group in file["spikes"].items():
            for time, node in zip(group["timestamps"][()], group["node_ids"][()]):
                found.setdefault((name, int(node)), []).append(round(time * 10))
    return found


def grown(first, arrivals, step):
    for _ in range(sum(arrival < step for arrival in arrivals)):
        first *= 1.25
    return first


def check_retold(what, recorded, columns, every, late):
    """columns: [(number, source's spikes, first value, delay in steps)]"""
    check(list(recorded.ids) == [column[0] for column in columns], f"{what}: the synapses {list(recorded.ids)} are recorded")
    steps = range(0, STEPS, every)
    check(recorded.data.shape == (len(steps), len(columns)), f"{what}: {recorded.data.shape} values")
    check((recorded.start, round(recorded.step * 10), round(recorded.stop * 10)) == (0, every, every * len(steps)), f"{what}: wrong times")
    for column, (number, spikes, first, delay) in enumerate(columns):
        retold = [grown(first, [spike + delay for spike in spikes], step + late) for step in steps]
        check(list(recorded.data[:, column]) == retold, f"{what}: synapse {number} is not what its source's spikes make of it")


def check_growth(folder):
    spikes = emissions(folder)
    check(len(spikes) == 9 and min(map(len, spikes.values())) >= 4, f"there are too few spikes: {spikes}")
    node = lambda position: ("a", position) if position < 5 else ("b", position - 5)
    order = sorted(range(7), key=lambda k: (SOURCES[k], TARGETS[k]))
    differ = [(number, spikes[node(SOURCES[k])], WEIGHTS[number], round(DELAYS[number] * 10)) for number, k in enumerate(order)]
    shared = [(4 * i + j, spikes["a", i], 2.0, 3) for i in range(5) for j in range(4)]
    check_retold("w", Recorded(folder, "w_differ"), differ, 1, 0)
    check_retold("late", Recorded(folder, "late"), differ, 1, 1)
    some = [column for column, k in zip(differ, order) if 3 <= SOURCES[k] < 6]
    check_retold("some", Recorded(folder, "some"), some, 7, 1)
    check_retold("shared", Recorded(folder, "w_shared"), shared, 3, 0)
    check_retold("one", Recorded(folder, "one"), shared[9:11], 1, 1)
    fixed = Recorded(folder, "fixed_differ")
    check(np.all(fixed.data == 7) and fixed.data.shape == (36, 7), "a constant is not what it was")
    whole = Recorded(folder, "w_differ")
    ends = [(("a", "b")[p], s, t) for p, s, t in zip(whole.populations, whole.sources, whole.targets)]
    check(ends == [(*node(SOURCES[k]), TARGETS[k]) for k in order], f"the synapses lead from and to {ends}")
    if os.path.exists(os.path.join(folder, "w_now.h5")):
        now = [(5 * i + j, spikes["b", i], 3.0, 0) for i in range(4) for j in range(5)]
        check_retold("now", Recorded(folder, "w_now"), now, 1, 0)
        check_retold("now_late", Recorded(folder, "now_late"), now[::5], 2, 1)


def told(events, w, until):
    """(w, trace) when the events before the stamp `until` have acted, and those at it that precede the source's spike."""
    trace = 0
    for time, kind in sorted(events):
        if time < until or (time == until and kind == "0 early"):
            w, trace = {"0 early": (w + trace, trace), "1 pre": (w * 1.25, trace + 1), "2 late": (w * 0.75, trace)}[kind]
    return w, trace


def check_sending(folder):
    spikes = emissions(folder)
    order = sorted(range(7), key=lambda k: (SOURCES[k] % 5, TARGETS[k]))
    recorded = {name: Recorded(folder, name).data for name in ("w_talk", "trace_talk", "w_late", "trace_late")}
    for number, k in enumerate(order):
        delay = round(DELAYS[number] * 10)
        events = [(step, "1 pre") for step in spikes["a", SOURCES[k] % 5]]
        events += [(step + delay, kind) for step in spikes["b", TARGETS[k]] for kind in ("0 early", "2 late")]
        story = [told(events, WEIGHTS[number], step - delay) for step in range(STEPS + 1)]
        for name, column, late, every in (("w_talk", 0, 0, 1), ("trace_talk", 1, 0, 1), ("w_late", 0, 1, 3), ("trace_late", 1, 1, 1)):
            expected = [story[step + late][column] for step in range(0, STEPS, every)]
            check(list(recorded[name][:, number]) == expected, f"{name}: synapse {number} is not what spikes of both its ends make of it")


def check_unseen(folder, text, output):
    """Nobody's spikes depend on who looks at synapses."""
    unseen = "".join(line + "\n" for line in text.splitlines() if " of talk" not in line or line.startswith("record sent"))
    path = os.path.join(folder, "unseen.glion")
    with open(path, "w") as file:
        file.write(unseen)
    run(path, os.path.join(folder, "unseen"), "--float64")
    for name in ("spikes.h5", "sent_talk.h5"):
        with h5py.File(os.path.join(output, name), "r") as seen, h5py.File(os.path.join(folder, "unseen", name), "r") as other:
            (what, groups), = seen.items()
            for group, rows in groups.items():
                for key in rows:
                    same = np.array_equal(rows[key][()], other[what][group][key][()])
                    check(same, f"{key} of {group} in {name} changes when variables of synapses are recorded")


def check_layouts(folder, name, text):
    path = os.path.join(folder, name + ".glion")
    with open(path, "w") as file:
        file.write(text)
    outputs = []
    for ranks, threads in ((1, 1), (1, 2), (2, 1), (3, 2)):
        outputs.append(os.path.join(folder, f"{name}-{ranks}-{threads}"))
        run(path, outputs[-1], "--float64", ranks=ranks, threads=threads)
        for difference in differences(outputs[0], outputs[-1]):
            check(False, f"{name}, {ranks} ranks, {threads} threads: {difference}")
    return outputs[0]


def read_table(name):
    with open(os.path.join(DATA, "brian", name + ".csv")) as file:
        header, *rows = csv.reader(file)
    return {name: np.array([row[k] for row in rows]) for k, name in enumerate(header)}


def check_brian(folder):
    spikes = read_table("b_coba_single_tm_spikes")
    trains = [[int(step) / 10 for step in spikes["step"][(spikes["source"] == "input") & (spikes["index"] == str(k))]] for k in range(3)]
    text = CONDUCTANCES.format(w_e=0.05, w_i=1, trains=trains, recorded="record u_S, x_S of exc every 0.5 ms at after_synapses\n"
                               "record u_S, x_S of inh every 0.5 ms at after_synapses")
    output = check_layouts(folder, "brian", text)
    table = read_table("b_coba_single_tm_synapses")
    for synapses in ("exc", "inh"):
        for variable in ("u_S", "x_S"):
            data = Recorded(output, f"{variable}_{synapses}").data
            for k in range(data.shape[1]):
                name = f"{variable}_{synapses}{k if synapses == 'exc' else ''}_aftersyn[1]"
                expected = table[name].astype(float)
                error = np.max(np.abs(data[:, k] - expected))
                check(error <= 1e-12 * np.max(expected), f"{name} differs by {error:.1e} from Brian's")


def main():
    with workspace() as folder:
        check_growth(check_layouts(folder, "delayed", NETWORK + RUNS))
        check_growth(check_layouts(folder, "immediate", NETWORK + IMMEDIATE + RUNS))
        sending = check_layouts(folder, "sending", SENDING + RUNS)
        check_sending(sending)
        check_unseen(folder, SENDING + RUNS, sending)
        check_brian(folder)
    finish()


main()
