"""Recordings have SONATA's layout: what its readers insist on is there, with the types they insist on.

The network of the tests of layouts has unions, samples and several populations in one file."""

import os

import h5py
import numpy as np

from glion_test import SYSTEM, check, finish, run, workspace

SORTING = {"none": 0, "by_id": 1, "by_time": 2}


def is_text(attribute):
    kind = h5py.check_string_dtype(attribute.dtype)
    return attribute.shape == () and kind is not None and kind.encoding == "utf-8" and kind.length is None


def check_units(dataset, unit=None):
    ok = "units" in dataset.attrs and is_text(dataset.attrs.get_id("units"))
    check(ok and unit in (None, dataset.attrs["units"]), f"{dataset.file.filename}{dataset.name}: units are missing or wrong")


def check_types(group, types):
    for path, dtype in types.items():
        check(path in group and group[path].dtype == dtype, f"{group.file.filename}{group.name}/{path}: not there as {dtype}")


def check_root(file):
    magic, version = file.attrs.get_id("magic"), file.attrs.get_id("version")
    check(magic.dtype == "<u4" and magic.shape == () and file.attrs["magic"] == 0x0A7A, f"{file.filename}: magic")
    check(version.dtype == "<u4" and np.array_equal(file.attrs["version"], [0, 1]), f"{file.filename}: version")


def check_spikes(path):
    with h5py.File(path, "r") as file:
        check_root(file)
        check(set(file) == {"spikes"}, f"{path}: {list(file)}")
        for name, group in file["spikes"].items():
            sorting = group.attrs.get_id("sorting")
            check(h5py.check_enum_dtype(sorting.dtype) == SORTING and group.attrs["sorting"] == 2, f"{name}: sorting")
            check_types(group, {"timestamps": "<f8", "node_ids": "<u8"})
            check_units(group["timestamps"], "ms")
            times, nodes = group["timestamps"][:], group["node_ids"][:]
            check(len(times) == len(nodes), f"{name}: {len(times)} times, {len(nodes)} nodes")
            check(np.array_equal(np.lexsort((nodes, times)), np.arange(len(times))), f"{name}: not ordered by time, then node")
            check(np.all((times >= 0) & (times <= 50)), f"{name}: times outside the run")


def check_report(path):
    with h5py.File(path, "r") as file:
        check_root(file)
        check(set(file) == {"report"}, f"{path}: {list(file)}")
        for name, group in file["report"].items():
            mapping = group["mapping"]
            check_types(group, {"data": "<f4"})
            check_types(mapping, {"node_ids": "<u8", "element_ids": "<u4", "element_pos": "<f4", "time": "<f8"})
            check_types(mapping, {"index_pointers": "<u8", "index_pointer": "<u8"})
            check_units(group["data"])
            check_units(mapping["time"], "ms")
            frames, columns = group["data"].shape
            nodes = mapping["node_ids"][:]
            check(len(nodes) == columns and np.all(np.diff(nodes.astype(int)) > 0), f"{path}: {name}: nodes")
            check(mapping["node_ids"].attrs["sorted"] == 1, f"{path}: {name}: sorted")
            for pointers in ("index_pointers", "index_pointer"):
                check(np.array_equal(mapping[pointers][:], np.arange(columns + 1)), f"{path}: {name}: {pointers}")
            check(not mapping["element_ids"][:].any() and not mapping["element_pos"][:].any(), f"{path}: {name}: elements")
            start, stop, step = mapping["time"][:]
            check(start == 0 and abs(stop - 50) < 1e-6 + step, f"{path}: {name}: from {start} to {stop}")
            check(int((stop - start) / step) == frames, f"{path}: {name}: {frames} frames of {step} from {start} to {stop}")
            check(np.all(np.isfinite(group["data"][:])), f"{path}: {name}: not finite")


def check_rate(path):
    with h5py.File(path, "r") as file:
        check_root(file)
        check(set(file) == {"rate"}, f"{path}: {list(file)}")
        for name, group in file["rate"].items():
            check_types(group, {"data": "<f8", "time": "<f8"})
            check_units(group["data"], "Hz")
            check_units(group["time"], "ms")
            start, stop, step = group["time"][:]
            rates = group["data"][:]
            check(len(rates) == round((stop - start) / step), f"{path}: {name}: {len(rates)} frames of {step} from {start} to {stop}")
            check(group["data"].attrs["nodes"] > 0 and np.all(rates >= 0) and rates.any(), f"{path}: {name}: no rates")


def check_sent(path):
    with h5py.File(path, "r") as file:
        check_root(file)
        for group in file["sent"].values():
            check_types(group, {"timestamps": "<f8", "synapse_ids": "<u8", "values": "<f8"})
            check_types(group, {"source_node_ids": "<u8", "target_node_ids": "<u8"})
            check_units(group["timestamps"], "ms")
            check_units(group["values"])
            times, synapses = group["timestamps"][:], group["synapse_ids"][:]
            check(len(times) > 0, f"{path}: nothing was sent")
            check(np.array_equal(np.lexsort((synapses, times)), np.arange(len(times))), f"{path}: not ordered")


def main():
    with workspace() as folder:
        output = os.path.join(folder, "out")
        run(os.path.join(SYSTEM, "layouts.glion"), output, ranks=2)
        for name in sorted(os.listdir(output)):
            path = os.path.join(output, name)
            if name == "spikes.h5":
                check_spikes(path)
            elif name.startswith("sent_"):
                check_sent(path)
            elif name.startswith("rate_"):
                check_rate(path)
            elif name.endswith(".h5"):
                check_report(path)
    finish()


main()
