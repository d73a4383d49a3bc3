"""For every kind of connection, bit for bit: a run may be cut at any time, and a connection over which nothing has gone yet may as
well begin behind a run. With two layouts."""

import os

from glion_test import check, finish, run, workspace
from compare_recordings import differences
from recordings import read_spikes

NODES = """
device model clock extends spike_generator { event high if t > 10 ms and t_in_timesteps % 17 == 4 }
population source : clock { spike_times = [10.1, 11, 11.1, 13, 13, 14.2, 17, 18.9] ms }
population cells[11] {
    g : 1;  n : 1;  pushed : 1
    receive spike(J : 1) { g += J }
    receive flow : Hz
    dx/dt = flow + 200 Hz*g*exp(-x) : 1
    dv/dt = (pushed + x - v)/(5 ms) : 1
    event high if x > 0.2 and x < 0.23
    threshold x > 0.4 + 0.01*i;  reset { x = 0; v *= 0.5 };  refractory 0.4 ms;  method euler
}
"""
RECORDS = "record x, v, g, n, flow, pushed of cells\nrecord spikes of cells\n"

# What spikes go over, and the values that it is given: {name: (model, values)}. Nothing spikes in the first 10 ms.
KINDS = {
    "sent": ("w : 1 = 1;  delay = 0.7 ms;  on_pre { send w }", ""),
    "sent without delay": ("w : 1 = 1;  delay = 0 ms;  on_pre { send w }", ""),
    "sent, values that differ": ("w : 1 = 1;  delay = 0.3 ms;  on_pre { send w }", "{ w = rand(); delay = 2 ms*rand() }"),
    "sent, a state of the source": ("x : 1 = 1;  delay = 0.7 ms;  on_pre { send x; x *= 0.8 }", ""),
    "sent, states that differ": (
        "w : 1 = 1;  x : 1 = 1;  delay = 0.7 ms;  on_pre { send w*x; x *= 0.8*w }",
        "{ w = rand(); delay = 0.1 ms + ms*rand() }",
    ),
    "sent, with on_post": (
        "w : 1 = 1;  da/dt = -a/(7 ms) : 1 (event-driven);  delay = 0.4 ms\n"
        "on_pre { send w; a += 1 }\non_post(delay = delay) { w += 0.1*a }",
        "{ delay = 0.2 ms + ms*rand() }",
    ),
    "at arrival": ("dr/dt = (1 - r)/(9 ms) : 1 (event-driven) = 1;  delay = 0.6 ms;  on_pre { g_post += r; r *= 0.7 }", ""),
    "at arrival, without delay": ("w : 1 = 1;  on_pre { g_post += w; w *= 0.9 }", "{ w = rand() }"),
    "at arrival, with on_post": (
        "w : 1 = 1;  da/dt = -a/(7 ms) : 1 (event-driven);  delay = 0.2 ms\non_pre { a += 0.1; g_post += w }\non_post { w += a }",
        "{ w = rand() }",
    ),
    "general": (
        "w : 1 = 0.3;  delay = 0.3 ms;  on_pre { g_post += w*(2 - g_post); w *= 0.95 }\non_post { n_post = n_post + w }",
        "{ w = rand() }",
    ),
    "general, delays of each pathway": (
        "w : 1 = 0.3;  d : ms;  on_pre { g_post += w*(2 - g_post); w *= 0.95 }\non_pre late(delay = d) { n_post = n_post/2 + w }\n"
        "on_post(delay = 2*d) { w += 0.01*n_post }",
        "{ w = rand(); d = ms*rand(); delay = ms*rand() }",
    ),
    "general, without delay": ("w : 1 = 0.3;  on_pre { g_post += w*(2 - g_post); n_post = 1 - n_post }", "{ w = rand() }"),
    "general, at events": (
        "w : 1 = 0.3;  d : ms;  on_pre(event = high) { g_post += w*(2 - g_post); w *= 0.95 }\n"
        "on_pre late(delay = d, event = high) { n_post += w };  on_post(delay = 0.3 ms, event = high) { w += 0.01*n_post }\n"
        "on_pre spikes(delay = 0.7 ms) { g_post += w }",
        "{ w = rand(); d = 2 ms*rand(); delay = ms*rand() }",
    ),
    "clock-driven": (
        "ds/dt = -s/(4 ms) : 1 (clock-driven);  delay = 0.3 ms;  on_pre { s += 0.5 }\nflow_post = s*(300 Hz) : Hz (summed)",
        "",
    ),
    "clock-driven, on both ends": (
        "w : 1;  ds/dt = (v_post - s)/(4 ms) : 1 (clock-driven);  da/dt = -a/(7 ms) : 1 (clock-driven);  delay = 0.3 ms\n"
        "on_pre { s += 0.5; a += 0.1; g_post += w; n_post = n_post + s }\non_post(delay = 0.2 ms) { w = clip(w + a, 0, 1) }\n"
        "flow_post = s*(300 Hz) : Hz (summed)",
        "{ w = rand() }",
    ),
    "at regular times": (
        "w : 1 = 0.3;  s : 1;  on_pre { g_post += w; s += 0.5 }\n"
        "every 0.3 ms { w = clip(w + 0.1*s*(v_post - 0.5*rand()), 0, 1) }\nevery 1.1 ms { s *= 0.9 - 0.1*w }",
        "{ w = 1; delay = 0.5 ms*rand() }",
    ),
    "at regular times, with sums": (
        "s : 1;  delay = 0.3 ms;  on_pre { s += 0.5 }\nevery 0.7 ms { s *= 0.8 }\nflow_post = s*(300 Hz) : Hz (summed)",
        "",
    ),
    "clock-driven, with noise": (
        "ds/dt = -s/(4 ms) + 0.2*s*xi/ms**0.5 : 1 (clock-driven);  delay = 0.3 ms;  on_pre { s += 0.5 }\n"
        "flow_post = s*(300 Hz) : Hz (summed)",
        "",
    ),
    "clock-driven, without delay": (
        "ds/dt = -s/(4 ms) : 1 (clock-driven);  on_pre { s += 0.5 }\nflow_post = s*(300 Hz) : Hz (summed)",
        "",
    ),
}
# What acts at all times: its runs are cut, and it stands before them.
COUPLED = "connect c : cells -> cells by fixed_indegree(3) using m { w = rand() }\ncells.v = rand()\n"
COUPLINGS = {
    "a product": "w : 1 = 1;  delay = 0.3 ms;  flow_post = w*v_pre*(90 Hz) : Hz (summed)",
    "a product without delay": "w : 1 = 1;  flow_post = w*v_pre*(90 Hz) : Hz (summed)",
    "a difference": "w : 1 = 1;  delay = 0.2 ms;  flow_post = w*(1 + v_pre - v_post)*(90 Hz) : Hz (summed)",
    "a formula": "w : 1 = 1;  delay = 0.3 ms;  flow_post = w*sin(v_pre)*(90 Hz) : Hz (summed)",
    "a formula without delay": "w : 1 = 1;  flow_post = w*cos(v_pre - v_post)*(90 Hz) : Hz (summed)",
}
DEVICES = {
    "what a device draws": """
population noise : poisson_generator { rate = 500 Hz }
connect noise -> cells by all_to_all using static { weight = 0.2 }
""",
    "what a device draws, delays that differ": """
population noise[2] : poisson_generator { rate = 500 Hz }
connect noise -> cells by all_to_all using static { weight = rand(); delay = 0.1 ms + ms*rand() }
device model hiss { z = randn_per_connection(t_in_timesteps//7) : 1
    x = (1 + z)*50 Hz : Hz }
synapse model m { w : 1 = 1;  delay = 0.3 ms;  flow_post = w*x_pre : Hz (summed) }
population drawn[2] : hiss
connect drawn -> cells by all_to_all using m { w = rand(); delay = 0.1 ms + ms*rand() }
synapse model pull { w : 1 = 1;  delay = 0.3 ms;  flow_post = w*v_pre*(40 Hz) : Hz (summed) }
connect c : cells -> cells by fixed_indegree(3) using pull { w = rand(); delay = 0.1 ms + ms*rand() }
""",
    "what a device draws, without delay": """
population noise : poisson_input { n = 50; rate = 20 Hz }
synapses c : noise -> cells { on_pre { g_post += 0.1 } }
connect c by all_to_all
""",
    "every, without delay": """
synapse model m { w : 1 = 0.5;  on_pre { g_post += w } }
population clocks[3] { n : 1;  every 0.7 ms { n += 1 };  threshold n > 2 + i;  reset { n = 0 } }
connect c : clocks -> cells by all_to_all using m
""",
    "two kinds, some without delay": """
synapse model m { w : 1 = 0.2;  on_pre { g_post += w } }
connect a : source -> cells by all_to_all using m
connect b : cells -> cells by fixed_indegree(2) using m { delay = 0.5 ms*rand() }
""",
}


def simulate(folder, name, text, ranks, threads):
    path, output = os.path.join(folder, name + ".glion"), os.path.join(folder, f"{name}-{ranks}")
    with open(path, "w") as file:
        file.write(text)
    run(path, output, "--float64", "--interpret", ranks=ranks, threads=threads)
    return output


def check_same(what, one, other):
    for difference in differences(one, other):
        check(difference.startswith("run.json: network "), f"{what}: {difference}")


def check_cuts(folder, what, text):
    """The output of one run."""
    whole = simulate(folder, "whole", text + "run 20 ms\n", 1, 1)
    n_spikes = len(read_spikes(whole)["cells"][0])
    check(n_spikes >= 10, f"{what}: {n_spikes} spikes tell little")
    cut = simulate(folder, "cut", text + "run 10.3 ms\nrun 0.1 ms\nrun 4.4 ms\nrun 5.2 ms\n", 2, 1)
    check_same(f"{what}, in four runs", whole, cut)
    return whole


def check_kind(folder, what, model, use):
    head = NODES + f"synapse model m {{\n{model}\n}}\n"
    connection = f"connect c : source + cells -> cells by pairwise_bernoulli(0.6) using m {use}\n"
    whole = check_cuts(folder, what, head + connection + RECORDS)
    late = simulate(folder, "late", head + RECORDS + "run 10 ms\n" + connection + "run 10 ms\n", 1, 2)
    check_same(f"{what}, behind a run", whole, late)


def main():
    for what, (model, use) in KINDS.items():
        with workspace() as folder:
            check_kind(folder, what, model, use)
    steady = {what: f"synapse model m {{ {model} }}\n{COUPLED}" for what, model in COUPLINGS.items()} | DEVICES
    for what, text in steady.items():
        with workspace() as folder:
            check_cuts(folder, what, NODES + text + RECORDS)
    finish()


main()
