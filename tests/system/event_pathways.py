"""Pathways at events of nodes: each recorded event reaches each synapse of its node, once, when its delay has passed; whatever the
nodes are integrated with and wherever they spike in a step, and from when on they, or their connections, exist."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from few_layouts import check_layouts
from recordings import read_report, read_spikes

COUNTERS, STEPS, LATER = 3, 400, 150  # steps of 0.1 ms; behind LATER the second run begins
# {population: (its size, its equations)}
SOURCES = {
    "whole": (19, "threshold v > 1;  reset { v = 0 }"),
    "adaptive": (11, "threshold v > 1 each sub_step;  reset { v = 0 };  method rkf45(abs = 1e-6)"),
    "behind": (10, "threshold v > 1 after synapses;  reset { v = 0 }"),
    "silent": (9, "method euler"),
    "split": (13, "threshold v > 1;  reset { v = 0 };  refractory 1 ms"),
    "late": (12, "threshold v > 1;  reset { v = 0 }"),
}
# {connection: (source, delay in steps, the first step in which it exists)}
CONNECTIONS = {
    **{f"from_{name}": (name, delay, 0) for name, delay in (("whole", 4), ("adaptive", 0), ("behind", 0), ("silent", 30), ("split", 0))},
    "once_more": ("whole", 2, LATER),
    "from_late": ("late", 1, LATER),
}


def source(name):
    size, spiking = SOURCES[name]
    return f"""
population {name}[{size}] {{
    dv/dt = 3*cos(t/(4 ms) + i)/(5 ms) - v/(9 ms) : 1
    {spiking}
    event high if v > 0.4 and v < 0.5 {{ v += 0.01 }}
}}
record high of {name}
"""


def connection(name):
    of, delay, _ = CONNECTIONS[name]
    return f"""
population {name}_counters[{COUNTERS}] {{ up : 1;  ticks : 1;  event tick if t_in_timesteps % 7 == 2*i }}
synapses {name} : {of} -> {name}_counters {{
    on_pre(event = high, delay = {delay / 10} ms)  {{ up_post += 1 }}
    on_post(event = tick, delay = {delay / 5} ms) {{ ticks_post += 1 }}
}}
connect {name} by all_to_all
record up, ticks of {name}_counters
"""


NETWORK = "".join(map(source, [name for name in SOURCES if name != "late"]))
NETWORK += "".join(connection(name) for name, (_, _, since) in CONNECTIONS.items() if since == 0)
NETWORK += "synapses within : split -> split { on_pre(event = high) { v_post = v_post*0.99 } }\nconnect within by fixed_indegree(2)\n"
NETWORK += f"run {LATER / 10} ms\n" + source("late")
NETWORK += "".join(connection(name) for name, (_, _, since) in CONNECTIONS.items() if since > 0)
NETWORK += f"run {(STEPS - LATER) / 10} ms\n"


def arrived(steps, delay, first):
    """How many of the events have arrived before each step that is recorded."""
    steps = np.sort(steps[steps >= first])
    return np.searchsorted(steps + delay, np.arange(first, STEPS), side="left")


def counted(folder, name, variable):
    counters = f"{name}_counters"
    return read_report(os.path.join(folder, f"{variable}_{counters}.h5"))[counters].data


def main():
    with workspace() as folder:
        path, output = os.path.join(folder, "events.glion"), os.path.join(folder, "output")
        with open(path, "w") as file:
            file.write(NETWORK)
        run(path, output, "--float64")
        check_layouts(path, output, folder)
        events = {name: np.rint(times * 10).astype(int) for name, (times, _) in read_spikes(output, "high").items()}
        for name, (of, delay, first) in CONNECTIONS.items():
            up, ticks = (counted(output, name, variable) for variable in ("up", "ticks"))
            expected = arrived(events[of], delay, first)
            check(expected[-1] > 50, f"{name}: {expected[-1]} events tell little")
            check(np.array_equal(up, np.repeat(expected[:, None], COUNTERS, axis=1)), f"{name}: {up[-1]} of {expected[-1]} events")
            for node in range(COUNTERS):
                ticking = np.arange(STEPS)[np.arange(STEPS) % 7 == 2 * node]
                expected = arrived(ticking, 2 * delay, first) * SOURCES[of][0]
                check(np.array_equal(ticks[:, node], expected), f"{name}, on_post: {ticks[-1, node]} of {expected[-1]} events")
    finish()


main()
