"""Reading what `glion run` wrote: spikes, reports and transmissions as numpy arrays. docs/file-formats.md has the layout."""

import glob
import os
from dataclasses import dataclass

import h5py
import numpy as np


@dataclass
class Report:
    """One recorded variable of one population."""

    times: np.ndarray  # [frames], ms
    node_ids: np.ndarray  # [nodes], index in the population
    data: np.ndarray  # [frames, nodes]
    unit: str


@dataclass
class Sent:
    """What the synapses of a connection transmitted, a row each time, ordered by time, then synapse."""

    times: np.ndarray  # ms
    synapses: np.ndarray  # number of the synapse within the connection
    values: np.ndarray
    unit: str


@dataclass
class Rate:
    """How often the nodes of a set spiked on average, frame by frame."""

    times: np.ndarray  # [frames + 1], ms: where frames begin, and the end of the last one
    data: np.ndarray  # [frames], Hz
    nodes: int


def read_spikes(folder, event="spikes"):
    """{population: (timestamps in ms, node_ids)}, ordered by time, then node; of spikes, or of a custom event"""
    with h5py.File(os.path.join(folder, event + ".h5"), "r") as file:
        return {name: (group["timestamps"][:], group["node_ids"][:]) for name, group in file["spikes"].items()}


def read_beside(path):
    """{population: (timestamps in ms, node_ids, {variable: values})} of what was recorded at spikes, or at an event"""
    with h5py.File(path, "r") as file:
        return {
            name: (group["timestamps"][:], group["node_ids"][:], {variable: of[:] for variable, of in group["values"].items()})
            for name, group in file["spikes"].items()
        }


def read_report(path):
    """{population: Report}"""
    reports = {}
    with h5py.File(path, "r") as file:
        for name, group in file["report"].items():
            data = group["data"]
            start, _, step = group["mapping/time"][:]
            times = start + step * np.arange(data.shape[0])
            reports[name] = Report(times, group["mapping/node_ids"][:], data[:], data.attrs["units"])
    return reports


def read_sent(folder, connection):
    with h5py.File(os.path.join(folder, f"sent_{connection}.h5"), "r") as file:
        group = file["sent"][connection]
        return Sent(group["timestamps"][:], group["synapse_ids"][:], group["values"][:], group["values"].attrs["units"])


def read_rate(path):
    with h5py.File(path, "r") as file:
        (group,) = file["rate"].values()
        start, stop, step = group["time"][:]
        times = np.append(start + step * np.arange(len(group["data"])), stop)
        return Rate(times, group["data"][:], int(group["data"].attrs["nodes"]))


def rate_of(folder, name):
    """The folder's rate of a set; None if it was not recorded."""
    for word in ("rate", "population_rate"):
        path = os.path.join(folder, f"{word}_{name}.h5")
        if os.path.exists(path):
            with h5py.File(path, "r") as file:
                is_rate = "rate" in file  # not the report of a variable of this name
            if is_rate:
                return read_rate(path)
    return None


def is_report_of(path, variable):
    """The file's name alone does not tell: s_in_cells.h5 may be of s_in, or of s."""
    with h5py.File(path, "r") as file:
        return "report" in file and all(group["data"].attrs["variable"] == variable for group in file["report"].values())


def report_of(folder, variable):
    """The folder's report of a variable, its populations side by side; None if it was not recorded."""
    paths = sorted(glob.glob(os.path.join(folder, variable + "_*.h5")))
    paths = [path for path in paths if is_report_of(path, variable)]
    if not paths:
        return None
    parts = list(read_report(paths[0]).values())
    node_ids = np.concatenate([part.node_ids for part in parts])
    return Report(parts[0].times, node_ids, np.hstack([part.data for part in parts]), parts[0].unit)
