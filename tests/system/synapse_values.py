"""Values of synapses that are assigned and printed between runs: for every kind of path, over ranks and threads, bit for bit.

A value that is assigned to itself changes nothing, though what spikes of targets do must act before. A doubled value acts like one
that was twice as large from then on."""

import os
import re

import numpy as np

from glion_test import check, finish, glion, run, workspace
from compare_recordings import differences
from recordings import read_report

NETWORK = """
let T = 20 ms
population cells[12] {{
    rate : Hz = 150 Hz + 10 Hz*i;  g : 1;  n : 1
    receive spike(J : 1) {{ g += J }}
    receive flow : Hz
    dx/dt = rate + flow : 1
    dv/dt = (x - v)/(5 ms) : 1
    threshold x > 1;  reset {{ x = 0; v *= 0.5 }};  method euler
}}
cells.x = rand()
synapse model drawn  {{ w : 1 = 1;  delay = 0.3 ms;  on_pre {{ send w }} }}
synapse model tired  {{ w : 1 = 1;  delay = 0.4 ms;  dr/dt = (1 - r)/(9 ms) : 1 (event-driven) = 1;  on_pre {{ send w*r; r *= 0.7 }} }}
synapse model timed  {{
    w : 1 = 1;  delay = 0.5 ms;  da/dt = -a/(7 ms) : 1 (event-driven)
    on_pre {{ w *= 0.9; send w; a += 1 }}
    on_post(delay = delay) {{ w += 0.1*a }}
}}
synapse model paired {{
    w : 1 = 1;  da/dt = -a/(7 ms) : 1 (event-driven);  db/dt = -b/(6 ms) : 1 (event-driven)
    on_pre {{ a += 0.1; w += b; n_post += w }}
    on_post {{ b -= 0.05; w += a }}
    delay = 0.2 ms
}}
synapse model acts   {{
    w : 1 = 0.2;  da/dt = -a/(7 ms) : 1 (event-driven);  delay = 0.3 ms
    on_pre {{ a += 0.1;  w *= 0.95;  v_post += w*(1 - v_post) }}
    on_post {{ w += 0.1*a }}
}}
synapse model flows  {{ w : 1 = 1;  delay = 0.1 ms;  flow_post = w*v_pre*(5 Hz) : Hz (summed) }}
synapse model pulls  {{ w : 1 = 1;  delay = 0.1 ms;  flow_post = w*(v_pre - v_post)*(5 Hz) : Hz (summed) }}
synapse model bends  {{
    w : 1 = 1;  delay = 0.1 ms
    ds/dt = -s/(4 ms) : 1 (clock-driven);  on_pre {{ s += 0.2 }}
    flow_post = w*s*(1 + sin(v_pre))*(5 Hz) : Hz (summed)
}}
synapses drawn_some : cells -> cells extends drawn {{ }}
connect drawn_some by fixed_indegree(4)
drawn_some.delay = 0.1 ms + 1 ms*rand()
connect drawn_all : cells -> cells by pairwise_bernoulli(0.3) using drawn {{ w = 0.3 }}
connect tired : cells -> cells by fixed_indegree(3) using tired {{ w = rand() }}
connect tired_all : cells -> cells by fixed_indegree(3) using tired
connect timed : cells -> cells by fixed_indegree(3) using timed {{ delay = 0.4 ms + 1 ms*rand() }}
connect paired : cells -> cells by fixed_indegree(3) using paired {{ w = rand() }}
connect acts : cells -> cells by fixed_indegree(2) using acts
connect flows : cells -> cells by fixed_indegree(3) using flows {{ w = rand() }}
connect pulls : cells -> cells by fixed_indegree(3) using pulls
connect bends : cells -> cells by fixed_indegree(2) using bends
population noise[4] : poisson_generator {{ rate = 2 kHz }}
connect noisy : noise -> cells by all_to_all using drawn {{ w = 0.01*(1 + j) }}
record g, n, flow, x of cells
record w of timed
record r of tired_all every 0.5 ms
record a of paired at after_synapses
run T
{between}
run T
"""
NAMES = ("drawn_some", "drawn_all", "tired", "tired_all", "timed", "paired", "acts", "flows", "pulls", "bends", "noisy")
SAME = "\n".join(f"{name}.w = w" for name in NAMES) + "\ntired_all.r = r\npaired.b = b\nbends.s = s\n"
CHANGED = "\n".join(f"{name}[:, 2:9].w = 2*w + 0.1*i*rand()\nprint {name}.w, {name}[3, :].w" for name in NAMES)
CHANGED += "\ncells[3:6].v = 2*v\nbends[:, 2:8].w = w + 0.1*v_pre + 0.05*x_post*N_incoming\nprint bends.w"
CHANGED += "\ntired_all[:6, :].r = 1\nprint tired_all.r\ntired.r = w*rand()\nacts[4, :].a = a + j\nprint timed.a, paired.b, paired.a\nbends[1:5, :].s = s + w\n"

# The same coupling, as a product and as a formula, whose weights change
COUPLED = """
population cells[6] {{
    dv/dt = (1 + i - v + pull)/(5 ms) : 1
    receive pull : 1
    method euler
}}
synapse model pulls {{ w : 1 = 0.1;  delay = 0.3 ms;  pull_post = {form} : 1 (summed) }}
connect c : cells -> cells by all_to_all using pulls
record pull of cells
run 10 ms
c[:, 1:4].w = 3*w - 0.01*(i + j)
run 10 ms
"""

# A device that is silent in the first run
DRIVEN = """
population cells[6] : iaf_psc_exp
population noise[2] : poisson_generator {{ rate = 5 kHz; start = 10 ms }}
connect drive : noise -> cells by all_to_all using static {{ weight = {before} }}
record V_m of cells
run 10 ms
{between}
run 10 ms
"""


def simulate(folder, name, text, ranks=1, threads=1):
    path, output = os.path.join(folder, name + ".glion"), os.path.join(folder, f"{name}-{ranks}-{threads}")
    with open(path, "w") as file:
        file.write(text)
    printed = run(path, output, "--float64", ranks=ranks, threads=threads).stdout
    return output, [line for line in printed.splitlines() if line.startswith("[")]


def check_self(folder):
    untouched, _ = simulate(folder, "untouched", NETWORK.format(between=""))
    same, _ = simulate(folder, "same", NETWORK.format(between=SAME))
    for difference in differences(untouched, same):
        check("run.json" in difference, f"values that are assigned to themselves: {difference}")


def check_layouts(folder):
    first, lines = simulate(folder, "changed", NETWORK.format(between=CHANGED))
    check(len(lines) == len(NAMES) + 3, f"{len(lines)} lines are printed")
    check(all(re.match(r"\[[^]]+\]", line) for line in lines), f"not what prints look like: {lines[:2]}")
    for ranks, threads in ((1, 2), (2, 1), (3, 2)):
        other, other_lines = simulate(folder, "changed", NETWORK.format(between=CHANGED), ranks, threads)
        check(other_lines == lines, f"{ranks} ranks, {threads} threads print something else")
        for difference in differences(first, other):
            check(False, f"{ranks} ranks, {threads} threads: {difference}")


def check_couplings(folder):
    forms = ("w*v_pre", "w*(v_pre - v_post)")
    for number, form in enumerate(forms):
        # a factor of 1 that the plan does not know
        product, _ = simulate(folder, f"product{number}", COUPLED.format(form=form))
        formula, _ = simulate(folder, f"formula{number}", COUPLED.format(form=form + "*where(v_pre > -1e9, 1, v_post)"))
        one, other = (read_report(os.path.join(output, "pull_cells.h5"))["cells"].data for output in (product, formula))
        check(np.max(np.abs(one - other)) <= 1e-12 * np.max(np.abs(other)), f"{form}: weights that change act in two ways")
        check(not np.allclose(one[100], one[101], rtol=1e-3), f"{form}: the weights do not change")


def check_devices(folder):
    texts = dict(doubled=("1 pA*(1 + j)", "drive.weight = 2*weight"), double=("2 pA*(1 + j)", ""), single=("1 pA*(1 + j)", ""))
    outputs = {name: simulate(folder, name, DRIVEN.format(before=before, between=between))[0]
               for name, (before, between) in texts.items()}
    doubled, double, single = (read_report(os.path.join(outputs[name], "V_m_cells.h5"))["cells"].data for name in texts)
    check(np.array_equal(doubled, double), "weights of a device's synapses that are doubled are not twice as large")
    check(not np.array_equal(doubled, single), "weights of a device's synapses do not change")


OUTSIDE = """population cells[4] : iaf_psc_exp
synapses S : cells -> cells { k : 1 = 0.5 in [0, 1]; delay = 1 ms; on_pre { send k*(1 pA) } }
connect S by all_to_all
run 1 ms
S[1:3, :].k = k + 0.2*j
run 1 ms
"""


# What is assigned is made of what sources and targets have at that place of the script.
ENDS = """
population source[7] { p : 1 = i;  dx/dt = (p - x)/(5 ms) : 1;  s = 2*x + t/ms : 1;  threshold x > 100;  method euler }
population target[5] { q : 1;  dy/dt = q/ms : 1;  method euler }
let from = source[4:7] + source[0:3]
target.q = 1 + i
synapses S : from -> target { w : 1; on_pre { y_post += w } }
connect S by condition((i + j) % 3 != 0)
S[1:, :3].w = p_pre + 10*q_post
S.w = w + p_pre                                 # what nodes begin with, though it is assigned later
print S.w
run 2 ms
S.w = x_pre + 10*y_post + 100*s_pre
print S.w, from.x, target.y
source[0:5].p = 10*p
target.q = q/2
S[:, 2:].w = p_pre + 100*q_post
print S.w
run 0 ms
S.w = w + p_pre
print S.w
run 1 ms
"""


def check_ends(folder):
    i, j = np.array([(i, j) for i in range(6) for j in range(5) if (i + j) % 3]).T
    p, q = np.array([4, 5, 6, 0, 1, 2]), 1.0 + np.arange(5)
    first = np.where((i >= 1) & (j < 3), p[i] + 10 * q[j], 0) + p[i]
    for ranks in (1, 3):
        _, lines = simulate(folder, "ends", ENDS, ranks)
        printed = [[np.array(eval(part), float) for part in re.findall(r"\[.*?\]", line)] for line in lines]
        x, y = printed[1][1:]
        second = x[i] + 10 * y[j] + 100 * (2 * x[i] + 2)
        later, half = np.where(p < 5, 10 * p, p), q / 2
        third = np.where(j >= 2, later[i] + 100 * half[j], second)
        for number, expected in enumerate((first, second, third, third + later[i])):
            found = printed[number][0]
            check(np.allclose(found, expected, rtol=1e-14, atol=0), f"{ranks} ranks, print {number}: {found}, not {expected}")


def check_range(folder):
    path = os.path.join(folder, "outside.glion")
    with open(path, "w") as file:
        file.write(OUTSIDE)
    for ranks in (1, 3):
        process = glion("run", path, "-o", os.path.join(folder, f"outside-{ranks}"), ranks=ranks)
        message = "outside.glion:5:15: error: 'k' of the synapse from cells[1] to cells[3] in 'S' = 1.1 is outside its range [0, 1]"
        check(process.returncode == 2 and process.stderr.count(message) == 1, f"{ranks} ranks: {process.returncode} {process.stderr}")


def main():
    with workspace() as folder:
        check_self(folder)
        check_layouts(folder)
        check_couplings(folder)
        check_devices(folder)
        check_ends(folder)
        check_range(folder)
    finish()


main()
