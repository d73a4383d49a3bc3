"""`glion run --profile`: what it counts is exact and the same for any layout, parts take no longer than the phase that they are
parts of, and the recordings are the same as without it."""

import json
import os
import re

from glion_test import check, finish, run, workspace
from compare_recordings import differences
from recordings import read_spikes

STEPS, CELLS = 200, 20
NETWORK = f"""
population cells[{CELLS}] : iaf_psc_exp {{ I_e = 500 pA + 10*i*pA }}
population stimulus       : spike_generator {{ spike_times = [1, 2, 2.5, 19.9] ms }}
population noise[2]       : poisson_generator {{ rate = 5 kHz }}
population drive          : dc_generator {{ amplitude = 10 pA }}
connect shots   : stimulus -> cells by all_to_all using static {{ weight = 50 pA; delay = 1.5 ms }}
connect chain   : cells -> cells by one_to_one using static {{ weight = 10 pA; delay = 2 ms }}
connect kicks   : noise -> cells by all_to_all using static {{ weight = 1 pA; delay = 1 ms }}
connect current : drive -> cells by all_to_all using current
record spikes of cells
run {STEPS // 10} ms
"""
OF_NODES = ("clear inputs", "deliver", "integrate")  # what is counted by node or synapse: the same wherever they live
LAYOUTS = ((1, 1), (1, 2), (2, 2))


def read_manifest(folder):
    with open(os.path.join(folder, "run.json")) as file:
        return json.load(file)


def numbers(manifest):
    return {(row["part"], row["of"]): (row["number"], row["unit"]) for row in manifest["profile"] if row["part"] in OF_NODES}


def check_numbers(manifest, folder):
    found = numbers(manifest)
    times, _ = read_spikes(folder)["cells"]
    arrived = int((times.round(1) - 0.1 + 2 < STEPS / 10 - 0.01).sum())  # emitted a step before the stamp
    for key, expected in {
        ("integrate", "cells"): (CELLS * STEPS, "node-steps"),
        ("clear inputs", "cells"): (CELLS * STEPS, "node-steps"),
        ("deliver", "shots"): (3 * CELLS, "events"),
        ("deliver", "chain"): (arrived, "events"),
        ("deliver", "kicks"): (2 * CELLS * (STEPS - 10 - 1), "draws"),  # the first step has the stamp 0.1 ms, after `start`
    }.items():
        check(found.get(key) == expected, f"{key}: {found.get(key)}, expected {expected}")
    additions, unit = found["deliver", "current"]
    check(unit == "additions" and 0 < additions <= CELLS * STEPS, f"current: {additions} {unit}")
    check(0 < arrived < len(times), f"the test needs spikes that arrive and spikes that do not: {arrived} of {len(times)}")


def check_sums(manifest, ranks):
    phases = manifest["phases"]
    for name, phase in phases.items():
        rows = [row for row in manifest["profile"] if row["phase"] == name]
        parts = sum(row["seconds"]["mean"] for row in rows)
        check(parts <= phase["mean"] * (1 + 1e-6) + 1e-9, f"{name}: its parts took {parts} s, the phase {phase['mean']} s")
        for row in rows:
            spread = row["seconds"]
            check(0 <= spread["min"] <= spread["mean"] <= spread["max"], f"{row}: the spread is no spread")
            check(row["processor_seconds"] >= 0.999 * ranks * spread["mean"], f"{row}: less processor time than time")
    loop = ("prepare arrivals", "deliver", "integrate", "wait for threads", "exchange", "record")
    whole = sum(phases[name]["mean"] for name in loop)
    check(whole <= phases["simulate"]["mean"] * (1 + 1e-6) + 1e-9, f"the loop's phases took {whole} s of {phases['simulate']['mean']} s")


def check_table(output, manifest):
    """Rows as printed: part, name, mean, max, number, unit, ns each."""
    lines = output.split("\nprofile ")[1].split("\n\n")[0].splitlines()[1:]
    check(len(lines) == len(manifest["profile"]), f"{len(lines)} lines for {len(manifest['profile'])} rows")
    for line, row in zip(lines, manifest["profile"]):
        said = re.fullmatch(r"(.{16}) (.{28}) +([\d.]+) +([\d.]+) +([\d,]+) (\S+) +([\d.]+)", line)
        check(said, f"cannot be read: {line}")
        if said:
            part, name, mean, _, number, unit, each = (text.strip() for text in said.groups())
            number = int(number.replace(",", ""))
            check((part, name, number, unit) == (row["part"], row["of"], row["number"], row["unit"]), f"{line}: not {row}")
            check(abs(float(mean) - row["seconds"]["mean"]) <= 0.00051, f"{line}: not {row}")
            check(abs(float(each) - 1e9 * row["processor_seconds"] / number) <= 0.0051, f"{line}: not {row}")


def main():
    with workspace() as folder:
        network, plain = os.path.join(folder, "network.glion"), os.path.join(folder, "plain")
        with open(network, "w") as file:
            file.write(NETWORK)
        process = run(network, plain)
        check("profile" not in read_manifest(plain) and "\nprofile " not in process.stdout, "there is a profile unasked")
        first = None
        for ranks, threads in LAYOUTS:
            output = os.path.join(folder, f"{ranks}x{threads}")
            process = run(network, output, "--profile", ranks=ranks, threads=threads)
            manifest = read_manifest(output)
            first = first or numbers(manifest)
            check(numbers(manifest) == first, f"{ranks} ranks, {threads} threads: {numbers(manifest)}, not {first}")
            check_numbers(manifest, output)
            check_sums(manifest, ranks)
            check_table(process.stdout, manifest)
            for difference in differences(plain, output):
                check(False, f"with a profile: {difference}")
    finish()


main()
