"""Recordings alone: a driver shows made-up spikes, values and transmissions to the recorder, so every number in the files is known.

The same files for any number of ranks, length of intervals, partition and rhythm of flushes; full disks, kills, folders in use.
Environment: GLION is recording_driver, whose formulas stand here a second time."""

import os
import shutil
import subprocess
import sys
import time

import h5py
import numpy as np

from glion_test import MPI_ENVIRONMENT, MPIEXEC, check, finish, glion, workspace
from compare_recordings import differences

NETWORK = """
neuron model cell {{
    receive spike(J : nS) {{ v += J/(1 nS)*(1 mV) }}
    dv/dt = -v/(10 ms) : mV = 0 mV
    method euler
    threshold v > 10 mV
    reset {{ v = 0 mV }}
}}
neuron model late {{
    receive spike(J : nS) {{ v += J/(1 nS)*(1 mV) }}
    dv/dt = -v/(10 ms) : mV = 0 mV
    method euler
    threshold v > 10 mV
    reset {{ v = 0 mV }}
    spike_time end
}}
population a[{a}]   : cell
population quiet[4] : cell
population b[7]     : late
population never[3] : cell

connect plain : a[0:13] -> b by pairwise_bernoulli(p = 0.5) using static {{ weight = 1 nS }}
connect both  : b + a[2:13] -> a[3:6] + quiet + b[1:2] by pairwise_bernoulli(p = 0.4) using static {{ weight = 1 nS }}

record spikes of a[0:{seen}] + b
record spikes of a[3:9]
record spikes of quiet
record mixed : v of b[5:7] + a[8:11] + a[1:4] every 0.3 ms
record wide : v of a every 0.2 ms
record sent of plain
run {first} ms
record spikes of a[{seen}:{a}]
record sent of both
record afterwards : v of quiet
run {second} ms
record nothing : v of b
"""
SMALL = {"a": 13, "seen": 9, "first": 20, "second": 10.1}
LARGE = {"a": 1500, "seen": 1400, "first": 150, "second": 60.2}  # several chunks in both directions
POPULATIONS = ["a", "quiet", "b", "never"]


def steps_of(case):
    return round(case["first"] * 10), round((case["first"] + case["second"]) * 10)


def write_network(folder, name, case):
    path = os.path.join(folder, name + ".glion")
    with open(path, "w") as file:
        file.write(NETWORK.format(**case))
    return path


def record(network, output, *options, ranks=1, status=0):
    """Run the driver; its message."""
    process = glion(network, output, *options, ranks=ranks, timeout=120)
    if process.returncode != status or (status == 0 and process.stderr):
        sys.exit(f"{' '.join(process.args)}: status {process.returncode}\n{process.stderr[:2000]}")
    return process.stderr.split("--------")[0]


# ---- what must be in the files


def expected_spikes(population, nodes, begin, end):
    """(step, node) of every spike of a population, in order"""
    step, node = np.meshgrid(np.arange(begin, end), nodes, indexing="ij")
    multiplicity = np.where(step % 4 == 0, 2, 1) * ((7 * step + 3 * node + 5 * POPULATIONS.index(population)) % 11 == 0)
    return np.repeat(step.ravel(), multiplicity.ravel()), np.repeat(node.ravel(), multiplicity.ravel())


def check_spikes(folder, case):
    middle, end = steps_of(case)
    early, late = np.arange(case["seen"]), np.arange(case["a"])
    expected = {
        "a": np.hstack([expected_spikes("a", early, 0, middle), expected_spikes("a", late, middle, end)]),
        "b": np.array(expected_spikes("b", np.arange(7), 0, end)) + [[1], [0]],  # stamped at the end of the step
        "quiet": np.zeros((2, 0)),
    }
    with h5py.File(os.path.join(folder, "spikes.h5"), "r") as file:
        check(set(file["spikes"]) == set(expected), f"spikes of {list(file['spikes'])}")
        for name, (steps, nodes) in expected.items():
            group = file["spikes"][name]
            # decimal numbers, not sums of rounded ones
            check(np.array_equal(group["timestamps"][:], steps / 10), f"{name}: times {group['timestamps'][:]}")
            check(np.array_equal(group["node_ids"][:], nodes), f"{name}: nodes {group['node_ids'][:]}")


def expected_values(population, nodes, steps, dtype):
    value = (steps[:, None] + 100 * POPULATIONS.index(population) + nodes / 1024.0) * 1e-3
    return (value / 1e-3).astype(dtype)


def check_report(folder, name, columns, begin, end, every, dtype):
    steps = np.arange(begin, end, every)
    with h5py.File(os.path.join(folder, name + ".h5"), "r") as file:
        check(set(file["report"]) == set(columns), f"{name}: {list(file['report'])}")
        for population, nodes in columns.items():
            group = file["report"][population]
            check(np.array_equal(group["mapping/node_ids"][:], nodes), f"{name}: nodes {group['mapping/node_ids'][:]}")
            check(group["data"].dtype == dtype, f"{name}: {group['data'].dtype}")
            expected = expected_values(population, np.array(nodes), steps, dtype)
            check(np.array_equal(group["data"][:], expected), f"{name}: {population} has other values")
            start, stop, step = group["mapping/time"][:]
            check((start, step) == (begin / 10, every / 10), f"{name}: time {start}, {stop}, {step}")
            check(int((stop - start) / step) == len(steps), f"{name}: {start} to {stop} by {step} is not {len(steps)} frames")
            check(abs(stop - (begin + len(steps) * every) / 10) < 1e-6, f"{name}: stop {stop}")
            pointers = group["mapping/index_pointers"]
            check(np.array_equal(pointers[:], np.arange(len(nodes) + 1)), f"{name}: {pointers[:]}")
            check(pointers == group["mapping/index_pointer"], f"{name}: index_pointer is another dataset")
            check(not group["mapping/element_ids"][:].any() and not group["mapping/element_pos"][:].any(), f"{name}: elements")
            check(group["data"].attrs["units"] == "mV" and group["data"].attrs["variable"] == "v", f"{name}: attributes")


def check_reports(folder, case, dtype):
    middle, end = steps_of(case)
    check_report(folder, "mixed", {"a": [1, 2, 3, 8, 9, 10], "b": [5, 6]}, 0, end, 3, dtype)
    check_report(folder, "wide", {"a": range(case["a"])}, 0, end, 2, dtype)
    check_report(folder, "afterwards", {"quiet": range(4)}, middle, end, 1, dtype)
    check_report(folder, "nothing", {"b": range(7)}, end, end, 1, dtype)


def positions(group, side):
    """Population and node of every row at one end, as one column each."""
    ids = group[side + "_node_ids"]
    if "node_population" in ids.attrs:
        return np.full(len(ids), POPULATIONS.index(ids.attrs["node_population"])), ids[:].astype(int)
    names = np.array([POPULATIONS.index(name) for name in ids.attrs["node_populations"]])
    return names[group[side + "_populations"][:]], ids[:].astype(int)


def check_sent(folder, name, begin, end, late, order):
    """late: populations whose spikes are stamped at the end of the step; order: the populations of each end's union, as written"""
    with h5py.File(os.path.join(folder, f"sent_{name}.h5"), "r") as file:
        group = file["sent"][name]
        source_population, source = positions(group, "source")
        target_population, target = positions(group, "target")
        number, values = group["synapse_ids"][:].astype(int), group["values"][:]
        steps = np.rint(group["timestamps"][:] * 10).astype(int) - np.isin(source_population, late)
        check(group["values"].attrs["units"] == "nS", f"{name}: {group['values'].attrs['units']}")
    synapses, first, rows = np.unique(number, return_index=True, return_counts=True)
    check(len(synapses) > 10 and np.array_equal(synapses, np.arange(len(synapses))), f"{name}: synapses {synapses}")
    place = [source_population, source, target_population, target]
    check(all(np.array_equal(column, column[first][number]) for column in place), f"{name}: a synapse has several places")
    rank = [np.array([order[0].index(p) for p in source_population[first]]), source[first]]
    rank += [np.array([order[1].index(p) for p in target_population[first]]), target[first]]
    check(np.array_equal(np.lexsort(rank[::-1]), np.arange(len(first))), f"{name}: not numbered by source, then target")
    # every synapse transmits what the formula says, in order
    step, synapse = np.meshgrid(np.arange(begin, end), synapses, indexing="ij")
    copies = np.where(step % 5 == 0, 2, 1) * ((step + source[first][synapse] + 2 * target[first][synapse]) % 7 == 0)
    step, synapse, copies = step.ravel(), synapse.ravel(), copies.ravel()
    copy = np.concatenate([np.arange(n) for n in copies[copies > 0]])
    step, synapse = np.repeat(step, copies), np.repeat(synapse, copies)
    check(np.array_equal(steps, step) and np.array_equal(number, synapse), f"{name}: other rows or another order")
    value = (step + source[first][synapse] / 64.0 + target[first][synapse] / 4096.0 + copy * 1000) * 1e-9 / 1e-9
    check(np.array_equal(values, value), f"{name}: other values")


def check_content(folder, case, dtype):
    middle, end = steps_of(case)
    check_spikes(folder, case)
    check_reports(folder, case, dtype)
    check_sent(folder, "plain", 0, end, [], ([0], [2]))
    check_sent(folder, "both", middle, end, [2], ([2, 0], [0, 1, 2]))


# ---- layouts


def same_bytes(a, b):
    for name in os.listdir(a):
        with open(os.path.join(a, name), "rb") as first, open(os.path.join(b, name), "rb") as second:
            if name.endswith(".h5") and first.read() != second.read():
                yield name


def check_layouts(folder):
    small, large = write_network(folder, "small", SMALL), write_network(folder, "large", LARGE)
    record(small, folder + "/small64", "--float64")
    check_content(folder + "/small64", SMALL, "<f8")
    record(large, folder + "/large")
    check_content(folder + "/large", LARGE, "<f4")
    for ranks in (2, 3, 4):
        output = f"{folder}/small{ranks}"
        record(small, output, "--float64", "--interval", ranks, ranks=ranks)
        check(not list(same_bytes(folder + "/small64", output)), f"{ranks} ranks: {list(same_bytes(folder + '/small64', output))}")
    record(small, folder + "/often", "--float64", "--interval", 3, "--flush", 1e-9, "--partition", "block", ranks=3)
    record(large, folder + "/large3", "--flush", 0.01, ranks=3)
    for a, b in (("small64", "often"), ("large", "large3")):
        for difference in differences(f"{folder}/{a}", f"{folder}/{b}"):
            check(False, f"{b}: {difference}")
    for ranks in (2, 4):
        message = record("collective", folder, ranks=ranks)
        check(message == "", f"{ranks} ranks: {message}")


# ---- folders


def check_folders(folder):
    network = write_network(folder, "folders", SMALL)
    output = os.path.join(folder, "parents", "that", "were", "not", "there", "")
    record(network, output, ranks=2)
    check("run.lock" not in os.listdir(output) and len(os.listdir(output)) == 8, f"the folder has {os.listdir(output)}")
    check("--force" in record(network, output, ranks=2, status=2), "an existing folder: the message does not say --force")
    with open(output + "treasure.h5", "w"), open(output + "run.json") as manifest:
        text = manifest.read()
    with open(output + "older.h5", "w"), open(output + "run.json", "w") as manifest:
        manifest.write(text.replace('"spikes.h5"', '"older.h5", "../older.h5"'))
    with open(os.path.dirname(output.rstrip("/")) + "/older.h5", "w"):
        record(network, output, "--force", ranks=2)
    check("treasure.h5" in os.listdir(output) and "older.h5" not in os.listdir(output), f"--force: {os.listdir(output)}")
    check(os.path.exists(output + "../older.h5"), "--force removed a file outside the folder")
    before = sorted(os.listdir(folder))
    for bad in (network, network + "/below", "/proc/glion/out"):
        message = record(network, bad, "--force", ranks=2, status=2)
        check(bad in message and message.count("\n") == 1, f"{bad}: {message}")
    check(sorted(os.listdir(folder)) == before, f"refused folders: {os.listdir(folder)}")


def check_use(folder):
    """A folder that a run writes into is not taken, even by force; one whose run was killed is."""
    network = write_network(folder, "use", SMALL)
    output = os.path.join(folder, "used")
    environment = {**MPI_ENVIRONMENT, **os.environ}
    command = [MPIEXEC, "-n", "2", os.environ["GLION"], network, output, "--hold", "60"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not os.path.exists(os.path.join(output, "run.json")):
        time.sleep(0.05)
    message = record(network, output, "--force", ranks=2, status=2)
    check("another run" in message and "process" in message, f"a folder in use: {message}")
    process.terminate()
    process.wait()
    check(os.path.exists(os.path.join(output, "run.lock")), "the run ended in peace")
    record(network, output, "--force")
    check_content(output, SMALL, "<f4")


# ---- disks and kills


def check_readable(folder, case):
    """All files open, and what is in them is a beginning of what should be."""
    middle, end = steps_of(case)
    with h5py.File(os.path.join(folder, "spikes.h5"), "r") as file:
        for name, first in (("a", case["seen"]), ("b", 7)):
            times, nodes = file["spikes"][name]["timestamps"][:], file["spikes"][name]["node_ids"][:]
            steps, expected = expected_spikes(name, np.arange(first), 0, middle)
            n = min(len(times), len(steps))
            check(len(times) == len(nodes) and np.array_equal(nodes[:n], expected[:n]), f"{folder}: spikes of {name}")
    with h5py.File(os.path.join(folder, "wide.h5"), "r") as file:
        data, (start, stop, step) = file["report/a/data"][:], file["report/a/mapping/time"][:]
        expected = expected_values("a", np.arange(case["a"]), np.arange(0, end, 2), "<f4")[: len(data)]
        check(np.array_equal(data, expected), f"{folder}: frames")
        check(int((stop - start) / step) <= len(data), f"{folder}: the time axis has {stop / step} frames, not {len(data)}")
    return len(data)


def check_disk_full(folder):
    network = write_network(folder, "full", LARGE)
    for limit in (200000, 1500000):
        output = os.path.join(folder, f"limit{limit}")
        message = record(network, output, "--limit", limit, "--flush", 1e-9, ranks=3, status=1)
        check("File too large" in message and message.count("\n") == 1 and output in message, f"a limit of {limit}: {message}")
        check_readable(output, LARGE)
    mounted = os.path.join(folder, "mounted")
    os.mkdir(mounted)
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", mounted]
    if subprocess.run(mount, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        return  # only root may mount
    try:
        message = record(network, mounted + "/out", "--flush", 1e-9, ranks=3, status=1)
        check("No space left" in message and message.count("\n") == 1, f"a full disk: {message}")
        check_readable(mounted + "/out", LARGE)
        shutil.rmtree(mounted + "/out")
        with open(mounted + "/filler", "wb") as filler:
            filler.write(bytes(3 << 20)[: shutil.disk_usage(mounted).free - 20000])
        message = record(network, mounted + "/out", ranks=3, status=1)
        check("No space left" in message and os.listdir(mounted) == ["filler"], f"{message}{os.listdir(mounted)}")
    finally:
        subprocess.run(["umount", mounted])


def check_kill(folder):
    network = write_network(folder, "kill", LARGE)
    for ranks in (1, 3):
        for step in (10, 700, 1600):
            output = f"{folder}/kill{ranks}{step}"
            glion(network, output, "--kill", step, "--flush", 1e-9, ranks=ranks, timeout=60)
            frames = check_readable(output, LARGE)
            check(frames >= step // 2 - 10, f"killed at step {step}: only {frames} frames are left")


def main():
    with workspace() as folder:
        check_layouts(folder)
        check_folders(folder)
        check_use(folder)
        check_disk_full(folder)
        check_kill(folder)
    finish()


main()
