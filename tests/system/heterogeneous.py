"""Nodes with parameters of their own: the library's linear neurons with a capacitance and time constants that differ, integrated
exactly and reached by ports that use them, do what each of them does alone in a population that shares its parameters; to
rounding, since what is computed per node, or once for all, is rounded differently. And they do it bit for bit with any ranks,
threads and kernels."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from compare_recordings import differences
from recordings import read_report, read_spikes

SIZE = 11
RELATIVE = 1e-13
MODELS = {"iaf_psc_exp": ["V_m", "I_syn_ex", "I_syn_in"], "iaf_psc_alpha": ["V_m", "x_ex", "I_syn_ex", "x_in", "I_syn_in"]}
PARAMETERS = "C_m = %s; tau_m = %s; tau_syn_ex = %s; tau_syn_in = %s; I_e = 350 pA; V_th = -62 mV"
LISTS = ("C", "tau", "tau_ex", "tau_in")
STIMULUS = """
connect excite_%(name)s : kick -> %(set)s by all_to_all using static { weight = 300 pA }
connect inhibit_%(name)s : kick -> %(set)s by all_to_all using static { weight = -180 pA; delay = 2 ms }
"""


def numbers(first, step, unit):
    return f"[{', '.join(str(round(first + step * k, 6)) for k in range(SIZE))}] {unit}"


def network(model, variables):
    text = f"""
let C = {numbers(180, 13, 'pF')}, tau = {numbers(6, 0.7, 'ms')}
let tau_ex = {numbers(0.5, 0.35, 'ms')}, tau_in = {numbers(4, -0.3, 'ms')}
population kick : spike_generator {{ spike_times = [1, 1.5, 4, 4, 9, 12, 12.5, 20, 33] ms }}
population noise : poisson_generator {{ rate = 4 kHz }}
population many[{SIZE}] : {model} {{ {PARAMETERS % LISTS} }}
population drawn[37] : {model} {{ tau_m = 8 ms + 4 ms*rand(); tau_syn_ex = redraw(2 ms + ms*randn(), 0.5 ms, inf*ms); I_e = 350 pA }}
{STIMULUS % dict(name='many', set='many')}
connect noise -> drawn by all_to_all using static {{ weight = 12 pA }}
connect drawn -> drawn by fixed_indegree(5) using static {{ weight = 40 pA; delay = 0.7 ms }}
record spikes of many + drawn
record {', '.join(variables)} of many
record V_m of drawn
"""
    for k in range(SIZE):
        text += f"population alone_{k} : {model} {{ {PARAMETERS % tuple(f'{name}[{k}]' for name in LISTS)} }}\n"
        text += STIMULUS % dict(name=k, set=f"alone_{k}")
        text += f"record spikes of alone_{k}\nrecord {', '.join(variables)} of alone_{k}\n"
    return text + "run 60 ms\n"


def recorded(folder, variable, population):
    return read_report(os.path.join(folder, f"{variable}_{population}.h5"))[population].data


def check_model(folder, model, variables):
    path, reference = os.path.join(folder, f"{model}.glion"), os.path.join(folder, model)
    with open(path, "w") as file:
        file.write(network(model, variables))
    run(path, reference, "--float64")
    spikes = read_spikes(reference)
    check(len(spikes["many"][0]) > 20 and len(spikes["drawn"][0]) > 20, f"{model}: there are hardly any spikes")
    for k in range(SIZE):
        times, nodes = spikes["many"]
        own = times[nodes == k]
        check(np.array_equal(own, spikes[f"alone_{k}"][0]), f"{model}: node {k} spikes at {own}, alone at {spikes[f'alone_{k}'][0]}")
        for variable in variables:
            together = recorded(reference, variable, "many")[:, k]
            alone = recorded(reference, variable, f"alone_{k}")[:, 0]
            check(np.any(alone != alone[0]), f"{model}: {variable} of node {k} does not change")
            error = np.max(np.abs(together - alone)) / np.max(np.abs(alone))
            check(error < RELATIVE, f"{model}: {variable} of node {k} is {error:.1e} from what it is alone")
    for ranks, threads, options in ((1, 2, ["--interpret"]), (2, 1, []), (3, 2, ["--interpret"])):
        output = os.path.join(folder, f"{model}_{ranks}")
        run(path, output, "--float64", *options, ranks=ranks, threads=threads)
        for difference in differences(reference, output):
            check(False, f"{model}: {ranks} ranks, {threads} threads {' '.join(options)}: {difference}")


def main():
    with workspace() as folder:
        for model, variables in MODELS.items():
            check_model(folder, model, variables)
    finish()


main()
