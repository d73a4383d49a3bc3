"""Recordings that `stop` between runs hold what the same script without `stop` records up to there, and final values are those with
which one more step would begin. With whole steps and steps in two phases, with 1 and 3 ranks."""

import os

import h5py
import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_rate, read_report, read_sent, read_spikes

NETWORK = """
population a[9] {{ dx/dt = (150 + 20*i)/second : 1;  y = x*x : 1;  n : 1;  threshold x > 1;  reset {{ x = 0 }};  method euler }}
population b[4] {{ dx/dt = (170 + 25*i)/second : 1;  n : 1;  threshold x > 1;  reset {{ x = 0 }};  method euler }}
synapses S : a -> b {{ w : 1 = 2;  delay = {delay};  on_pre {{ w *= 1.25; n_post += w }} }}
connect S by all_to_all
synapses T : a -> a {{ w : 1 = rand();  delay = 0.3 ms;  on_pre {{ w += 0.5; n_post += w }} }}
connect T by all_to_all
population repeat[2] : parrot_neuron
population cells[2]  : iaf_psc_exp {{ I_e = 700 pA }}
connect P : cells -> repeat by all_to_all using static {{ delay = 0.7 ms }}
record spikes of a[0:6] + b
record x, y of a every 0.7 ms
record both : x, n of b
record w of S at after_synapses
record rate of a every 3 ms
record sent of P
{rest}
"""
STOPPED = """
run 10 ms
stop spikes, x_a, both, w_S, rate_a, sent_P
run 5 ms
record spikes of a[3:9]
run 5 ms
record final x, y, n of a
record final w of T[2:4, :]
record last : final x of b[1:3]
"""
GOING_ON = "run 20 ms\nrecord x, y, n of a\nrecord w of T[2:4, :]\nrun 0.1 ms"
MIDDLE, AGAIN, END = 100, 150, 200  # steps


def write(folder, name, text):
    path = os.path.join(folder, name + ".glion")
    with open(path, "w") as file:
        file.write(text)
    return path


def data_of(folder, name):
    with h5py.File(os.path.join(folder, name + ".h5")) as file:
        (group,) = file["report"].values()
        return group["data"][()], group["mapping/time"][()]


def check_stopped(stopped, whole, name, frames, where):
    ours, time = data_of(stopped, name)
    check(len(ours) == frames, f"{where}: {name} has {len(ours)} frames, not {frames}")
    check(np.array_equal(ours, data_of(whole, name)[0][:frames]), f"{where}: {name} differs before it is stopped")
    check(abs(time[1] - frames * time[2]) < 1e-6, f"{where}: {name}: time {time}")


def check_events(stopped, whole, where):
    for name, (times, nodes) in read_spikes(stopped).items():
        all_times, all_nodes = read_spikes(whole)[name]
        steps = np.rint(all_times * 10)
        kept = (steps < MIDDLE) & (all_nodes < 6)
        if name == "a":
            with_others = read_spikes(whole + "_all")[name]
            all_times, all_nodes = with_others
            steps = np.rint(all_times * 10)
            kept = ((steps < MIDDLE) & (all_nodes < 6)) | ((steps >= AGAIN) & (all_nodes >= 3))
        check(kept.any() and np.array_equal(times, all_times[kept]) and np.array_equal(nodes, all_nodes[kept]), f"{where}: spikes of {name}")
    ours, theirs = read_sent(stopped, "P"), read_sent(whole, "P")
    kept = theirs.times < 10.05  # stamped at the end of their steps
    check(kept.any() and not kept.all() and np.array_equal(ours.times, theirs.times[kept]), f"{where}: sent {ours.times}")
    ours, theirs = (read_rate(os.path.join(folder, "rate_a.h5")) for folder in (stopped, whole))
    check(np.array_equal(ours.data[:3], theirs.data[:3]) and len(ours.data) == 4 and ours.times[-1] == 10, f"{where}: rates {ours}")


def check_final(stopped, whole, where):
    for name in ("x_a", "y_a", "n_a", "w_T"):
        final, time = data_of(stopped, "final_" + name)
        last = name in ("x_a", "y_a") and f"later_{name}" or name
        check(len(final) == 1 and time[0] == END / 10, f"{where}: final_{name}: {final.shape} at {time}")
        check(np.array_equal(final[0], data_of(whole, last)[0][-1]), f"{where}: final_{name} {final[0]}")
    check(data_of(stopped, "last")[0].shape == (1, 2), f"{where}: last")


def main():
    with workspace() as folder:
        for delay in ("0 ms", "0.2 ms"):
            reference = NETWORK.format(delay=delay, rest=GOING_ON.replace("record x, y, n of a", "record later_x_a : x of a\nrecord later_y_a : y of a\nrecord n of a"))
            networks = {
                "stopped": NETWORK.format(delay=delay, rest=STOPPED),
                "whole": reference,
                "whole_all": reference.replace("a[0:6] + b", "a"),
            }
            for ranks in (1, 3):
                where = f"delay {delay}, {ranks} ranks"
                outputs = {name: os.path.join(folder, f"{delay}-{ranks}-{name}") for name in networks}
                outputs["whole_all"] = outputs["whole"] + "_all"
                for name, text in networks.items():
                    run(write(folder, name, text), outputs[name], "--float64", ranks=ranks)
                for name, frames in (("x_a", 15), ("both_x", MIDDLE), ("both_n", MIDDLE), ("w_S", MIDDLE)):
                    check_stopped(outputs["stopped"], outputs["whole"], name, frames, where)
                check(len(data_of(outputs["stopped"], "y_a")[0]) == 29, f"{where}: y_a is stopped, too")
                check_events(outputs["stopped"], outputs["whole"], where)
                check_final(outputs["stopped"], outputs["whole"], where)
    finish()


main()
