"""What a user may do wrong, under mpirun with two ranks: one message that names it, exit status 2, nothing written.

And what may go wrong in a run: the message names model, variable, node and time, every rank ends, and what was recorded is
readable."""

import os
import re
import time

import numpy as np

from glion_test import check, finish, glion, workspace
from recordings import read_report

NEURON = "population p[10] : aeif_cond_alpha_astro"
PAIR = f"{NEURON}\npopulation q[4] : aeif_cond_alpha_astro\n"
SYNAPSE = "using static { weight = 1 nS }"
TRIPARTITE = """population a[7] : astrocyte_lr_1994
connect tri : p -> q via a by tripartite_bernoulli_with_pool(p_primary = 0.5, p_third_if_primary = 0.5, %s) {
    primary using static { weight = 1 nS }
    third_in using static { weight = 1 }
    third_out using sic
}"""
BLOCKS = 'pool_size = 2, pool_type = "block"'

# what is wrong: (network text, what the message says)
TEXTS = {
    "syntax": (f"{NEURON} {{ I_e = }}\nrun 1 ms", ":1:50: error:"),
    "an unknown statement": ("populate p[10] : aeif_cond_alpha_astro\nrun 1 ms", ":1:1: error:"),
    "an unknown model": ("population p[10] : aeif_cond_alpha_astr\nrun 1 ms", ":1:20: error: unknown model 'aeif_cond_alpha_astr'; did you mean 'aeif_cond_alpha_astro'"),
    "an unknown parameter": (f"{NEURON} {{ tau_syn_e = 2 ms }}\nrun 1 ms", "did you mean 'tau_syn_ex'"),
    "an unknown rule": (f"{NEURON}\nconnect p -> p by pairwise_bernouli(0.1) {SYNAPSE}\nrun 1 ms", "did you mean 'pairwise_bernoulli'"),
    "an unknown name": (f"{NEURON}\nrecord spikes of pp\nrun 1 ms", ":2:18: error: unknown name 'pp'"),
    "a wrong unit": (f"{NEURON} {{ tau_syn_ex = 2 nS }}\nrun 1 ms", ":1:57: error: 'tau_syn_ex'"),
    "a missing unit": (f"{NEURON} {{ tau_syn_ex = 2 }}\nrun 1 ms", ":1:57: error: 'tau_syn_ex'"),
    "inconsistent units": ("population p[3] { dv/dt = 1 mV : mV; method euler }\nrun 1 ms", ":1:27: error: 'v'"),
    "a parameter out of range": (f"{NEURON} {{ C_m = -1 pF }}\nrun 1 ms", ":1:50: error: 'C_m'"),
    "a negative delay": (f"{NEURON}\nconnect p -> p by all_to_all using static {{ delay = -1 ms }}\nrun 1 ms", ":2:53: error: a delay"),
    "too few columns for what is only recorded": ("let a = timed_array([[1, 2], [3, 4]], 1 ms)\npopulation p[5] { x = a(t, i) : 1 }\nrecord x of p\nrun 1 ms", ":2:23: error: 'a' has 2 columns, but population 'p' has 5 nodes"),
    "a probability above 1": (f"{NEURON}\nconnect p -> p by pairwise_bernoulli(1.5) {SYNAPSE}\nrun 1 ms", ":2:38: error:"),
    "a probability above 1 by distance": (f"{NEURON} {{ position = [i*mm, 0 mm] }}\nconnect p -> p by pairwise_bernoulli(2 - distance/metre) {SYNAPSE}\nrun 1 ms", ":2:38: error: 'p' must be from 0 to 1, but is 2 at a distance of 0 m, from node 0 of 'p' to node 0 of 'p'"),
    "a probability below 0 by distance": (f"{NEURON} {{ position = [i*mm, 0 mm] }}\nconnect p -> p by pairwise_bernoulli(1 - distance/(5.5 mm)) {SYNAPSE}\nrun 1 ms", "but is -0.09090909091 at a distance of 0.006 m, from node 6 of 'p' to node 0 of 'p'"),
    "connecting by what a run has changed": ("population p[4] { x : 1; y : 1; dv/dt = -v/ms : 1; receive spike(J : 1) { v += J }; threshold v > 1; reset { y += 1 } }\nrun 1 ms\np[:2].x = y\nconnect p -> p by condition(x_pre > 0) using static { weight = 1 }\nrun 1 ms", "connecting by 'x' of 'p', which has changed in the run before, is not supported yet"),
    "too few sources near": (f"{NEURON} {{ position = [i*mm, 0 mm] }}\nconnect p -> p by fixed_indegree(4, p = where(distance < 2.5 mm, 1, 0), multapses = false) {SYNAPSE}\nrun 1 ms", "node 0 of 'p' has 3 sources with p above 0, too few for indegree = 4"),
    "a distance without positions": (f"{NEURON}\nconnect p -> p by pairwise_bernoulli(exp(-distance/mm)) {SYNAPSE}\nrun 1 ms", ":2:43: error: 'distance' needs positions"),
    "a degree above the number of sources": (f"{NEURON}\nconnect p -> p by fixed_indegree(11, multapses = false) {SYNAPSE}\nrun 1 ms", ":2:19: error: fixed_indegree without multapses"),
    "a pool larger than its population": (f"{PAIR}{TRIPARTITE % 'pool_size = 8'}\nrun 1 ms", ":4:31: error: pool_size"),
    "block pools that do not divide": (f"{PAIR}{TRIPARTITE % BLOCKS}\nrun 1 ms", ":4:31: error: block pools"),
    "a population of size 0": ("population p[0] : aeif_cond_alpha_astro\nrun 1 ms", ":1:14: error: the size"),
    "a population beyond 2^31": ("population p[3000000000] : aeif_cond_alpha_astro\nrun 1 ms", ":1:14: error: the size"),
    "a slice out of range": (f"{NEURON}\nrecord spikes of p[0:11]\nrun 1 ms", ":2:20: error: 'p'"),
    "overlapping sets": (f"{NEURON}\nrecord spikes of p[0:6] + p[5:10]\nrun 1 ms", ":2:18: error:"),
    "a negative time": (f"{NEURON}\nrun -1 ms", ":2:5: error: a run"),
    "a clash of names": (f"{NEURON}\n{NEURON}\nrun 1 ms", ":2:12: error: 'p'"),
    "deep nesting": ("let x = " + "(" * 10000 + "1" + ")" * 10000 + "\nrun 1 ms", ":1:209: error:"),
    "a drawn value out of range": (f"{NEURON} {{ C_m = 200 pF*(rand() - 1) }}\nrun 1 ms", ":1:50: error: 'C_m' of node 0 of population 'p' = -"),
    "a value out of range for one node": (f"{NEURON} {{ C_m = 200 pF*(5 - i) }}\nrun 1 ms", ":1:50: error: 'C_m' of node 5 of population 'p' = 0 pF is outside its range (0, inf) pF"),
    "bounds that nothing lies in": (f"{NEURON} {{ V_m = redraw(-60 mV + rand()*mV, where(i < 6, -60 mV, 0 mV), 1 mV) }}\nrun 1 ms", "'V_m' of node 6 of population 'p' was drawn"),
    "a drawn value of a synapse out of range": (f"{NEURON}\nconnect p -> p by all_to_all using tsodyks {{ weight = 1 nS; U = 1.5*rand() }}\nrun 1 ms", ":2:65: error: 'U' of the synapse from p["),
    "a drawn weight that the port refuses": ("neuron model m { receive spike(J : nS in [0, inf)) { g += J }\n dg/dt = -g/ms : nS\n threshold g > 1e9 nS }\npopulation p[10] : m\nconnect p -> p by all_to_all using static { weight = 1 nS - 1.2 nS*rand() }\nrun 1 ms", ":5:54: error: 'J' at the port 'spike' of the synapse from p["),
    "a drawn delay below a step": (f"{NEURON}\nconnect p -> p by all_to_all using static {{ weight = 1 nS; delay = rand()*ms - 0.2 ms }}\nrun 1 ms", ":2:68: error: the delay of the synapse from p["),
    "a drawn delay of a pathway below 0": (f"{NEURON}\nsynapse model s {{ d : ms; on_pre {{ V_m_post *= 0.9 }}; on_post(delay = d) {{ V_m_post *= 0.9 }} }}\nconnect p -> p by all_to_all using s {{ d = -0.1 ms*i }}\nrun 1 ms", ":2:71: error: the delay of the synapse from p[1]"),
    "a drawn delay of a pathway above 65535 steps": (f"{NEURON}\nsynapse model s {{ d : ms; on_pre {{ V_m_post *= 0.9 }}; on_post(delay = 2*d) {{ V_m_post *= 0.9 }} }}\nconnect p -> p by all_to_all using s {{ d = 3277 ms + 0.1 ms*i }}\nrun 1 ms", "but must be from 0 to 65535 steps"),
    "a drawn delay above 65535 steps": (f"{NEURON}\nconnect p -> p by all_to_all using static {{ weight = 1 nS; delay = 6553.5 ms + rand()*ms }}\nrun 1 ms", "but must be from one step (0.1 ms) to 65535 steps"),
    "a weight that is never accepted": (f"{NEURON}\nconnect p -> p by all_to_all using static {{ weight = redraw(rand()*nS, 2 nS, inf*nS) }}\nrun 1 ms", "in 'p__p__static' was drawn 100000 times and never lay within the bounds of 'redraw'"),
    "a delay that is never accepted": (f"{NEURON}\nconnect p -> p by all_to_all using static {{ weight = 1 nS; delay = redraw(rand()*ms, 2 ms, 3 ms) }}\nrun 1 ms", ":2:68: error: 'delay' of the synapse from p["),
    "no text": ("", "is empty"),
}
GOOD = f"let C = 281 pF\n{NEURON} {{ C_m = C }}\nrecord spikes of p\nrun 1 ms\n"

# what is wrong: (options of `run` beside the good network, what the message says)
OPTIONS = {
    "an override of an unknown name": (["-D", "D=1 pF"], "'D'"),
    "an override with a wrong unit": (["-D", "C=1 mV"], "C"),
    "an override without a value": (["-D", "C"], "C"),
    "an unknown option": (["--fast"], "--fast"),
    "a number of threads": (["--threads", "many"], "many"),
    "an unknown partition": (["--partition", "nobody"], "nobody"),
}


def message_of(process):
    """The lines on the error stream that are not mpirun's own, which stand between rulers."""
    text = re.sub(r"^-{20,}\n.*?^-{20,}\n", "", process.stderr, flags=re.MULTILINE | re.DOTALL)
    return [line for line in text.splitlines() if line.strip()]


def check_refused(what, process, expected):
    lines = message_of(process)
    check(process.returncode == 2, f"{what}: exit status {process.returncode}, not 2\n{process.stderr[:2000]}")
    check(1 <= len(lines) <= 3, f"{what}: the message has {len(lines)} lines:\n{process.stderr[:2000]}")
    check(expected in "\n".join(lines), f"{what}: the message does not say {expected}:\n{process.stderr[:2000]}")
    check(max(map(len, lines), default=0) < 400, f"{what}: the message has a line of {max(map(len, lines), default=0)} characters")


def write(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


def check_networks(folder):
    bad_files = {
        "a missing file": (os.path.join(folder, "nowhere.glion"), "nowhere.glion"),
        "a folder": (folder, "directory"),
        "a binary file": (write(folder, "binary.glion", bytes(range(256)) * 10), "binary"),
        "100 MB of nonsense": (write(folder, "huge.glion", os.urandom(1 << 20) * 100), "huge.glion"),
        "3 MB of brackets": (write(folder, "brackets.glion", "([{" * 1000000), "brackets.glion:1:"),
    }
    for number, (what, (text, expected)) in enumerate(TEXTS.items()):
        bad_files[what] = write(folder, f"{number}.glion", text), expected
    before = sorted(os.listdir(folder))
    for what, (path, expected) in bad_files.items():
        process = glion("run", path, "-o", os.path.join(folder, "out"), ranks=2, timeout=60)
        check_refused(what, process, expected)
        check(sorted(os.listdir(folder)) == before, f"{what}: wrote {set(os.listdir(folder)) - set(before)}")


def check_options(folder):
    network = write(folder, "good.glion", GOOD)
    before = sorted(os.listdir(folder))
    output = os.path.join(folder, "out")
    for what, (options, expected) in OPTIONS.items():
        check_refused(what, glion("run", network, "-o", output, *options, ranks=2, timeout=60), expected)
    check_refused("an unknown command", glion("rum", network, ranks=2, timeout=60), "rum")
    unwritable = "/proc/glion/out"  # where not even root may make a folder
    check_refused("an unwritable folder", glion("run", network, "-o", unwritable, ranks=2, timeout=60), unwritable)
    check(sorted(os.listdir(folder)) == before, f"refused options: wrote {set(os.listdir(folder)) - set(before)}")


def check_existing_folder(folder):
    network = write(folder, "good.glion", GOOD)
    output = os.path.join(folder, "existing")
    os.mkdir(output)
    treasure = write(output, "treasure.txt", "mine")
    check_refused("an existing folder", glion("run", network, "-o", output, ranks=2, timeout=60), "--force")
    check(os.listdir(output) == ["treasure.txt"], f"an existing folder: {os.listdir(output)} is in it now")
    process = glion("run", network, "-o", output, "--force", ranks=2, timeout=60)
    check(process.returncode == 0 and os.path.exists(treasure), f"--force: status {process.returncode}, {os.listdir(output)}")


def check_excessive_rate(folder):
    network = write(
        folder,
        "excessive.glion",
        "population source : poisson_generator { rate = 1e20 Hz }\n"
        "population cells[10] : aeif_cond_alpha_astro\n"
        "connect source -> cells by all_to_all using static { weight = 1 nS }\n"
        "record spikes of cells\n"
        "run 30 ms\n",
    )
    process = glion("run", network, "-o", os.path.join(folder, "excessive"), ranks=2, timeout=60)
    message = "\n".join(message_of(process))
    check(process.returncode == 1, f"an excessive rate: status {process.returncode}\n{process.stderr}")
    for word in ("poisson_generator", "source", "1e\\+16", "0.2 ms"):
        check(re.search(word, message), f"an excessive rate: the message does not say {word}:\n{message}")


def check_multiplying_spikes(folder):
    """Two parrots that repeat each other's spikes over four connections: the spikes quadruple every 1 ms."""
    network = write(
        folder,
        "echo.glion",
        "population start : spike_generator { spike_times = [1] ms }\n"
        "population echo[2] : parrot_neuron\n"
        "connect begin : start -> echo[0] by one_to_one using static\n"
        "connect echo -> echo by all_to_all using static\n"
        "connect again : echo -> echo by all_to_all using static\n"
        "run 30 ms\n",
    )
    process = glion("run", network, "-o", os.path.join(folder, "echo"), ranks=2, timeout=60)
    message = "\n".join(message_of(process))
    check(process.returncode == 1, f"multiplying spikes: status {process.returncode}\n{process.stderr}")
    expected = "model 'parrot_neuron': node 0 of population 'echo' would emit more than 1000000 spikes at t = 13 ms"
    check(expected in message, f"multiplying spikes: the message does not say {expected}:\n{message}")


def check_blow_up(folder):
    """dx/dt = x² from 1/s: infinite at t = 1 s/x(0), which for node 7 is 5 ms, else never in this run."""
    network = write(
        folder,
        "blow_up.glion",
        "population steady[50] { dx/dt = 0/second : 1; method euler }\n"
        "population explosive[50] { dx/dt = x**2/second : 1; method euler }\n"
        "explosive.x = where(i == 7, 200, 0)\n"
        "record x of explosive\n"
        "run 10 s\n",
    )
    output = os.path.join(folder, "blow_up")
    process = glion("run", network, "-o", output, ranks=2, timeout=120)
    ended = time.time()
    message = "\n".join(message_of(process))
    check(process.returncode == 1, f"a variable that becomes infinite: status {process.returncode}\n{process.stderr}")
    for word in ("explosive", "x", "7", "ms"):
        check(re.search(rf"\b{word}\b", message), f"a variable that becomes infinite: the message does not say {word}:\n{message}")
    check(not processes_of(network), f"a variable that becomes infinite: ranks are left after {time.time() - ended:.1f} s")
    data = read_report(os.path.join(output, "x_explosive.h5"))["explosive"].data
    check(10 < len(data) < 1000, f"a variable that becomes infinite: {len(data)} frames were recorded")
    check(data[0, 7] == 200 and np.all(data[:, :7] == 0), "a variable that becomes infinite: the frames before are wrong")


def processes_of(network):
    """Process ids whose command line has the network file; waits up to two seconds for them to end."""
    for _ in range(20):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if network.encode() in file.read():
                        found.append(pid)
            except OSError:  # it ended meanwhile
                pass
        if not found:
            break
        time.sleep(0.1)
    return found


def main():
    with workspace() as folder:
        check_networks(folder)
        check_options(folder)
        check_existing_folder(folder)
        check_excessive_rate(folder)
        check_multiplying_spikes(folder)
        check_blow_up(folder)
    finish()


main()
