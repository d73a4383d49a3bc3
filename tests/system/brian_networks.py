"""The statistics of whole networks that Brian's tables have (tests/data/README.md, brian/c_* and f_*), by the names of their columns.
Times are in ms, those of the beginnings of steps; windows are half open."""

import json
import os

import numpy as np

from recordings import read_spikes

HALF_A_STEP = 0.05  # ms; windows begin so much earlier, so that no rounding moves a time on the grid


def rate(times, size, start, stop):
    """Hz"""
    inside = (times >= start - HALF_A_STEP) & (times < stop - HALF_A_STEP)
    return float(inside.sum() / size / (stop - start) * 1000)


def fano_factor(times, start, stop, width):
    """Variance over mean of the population's spike count in bins."""
    edges = start - HALF_A_STEP + width * np.arange(round((stop - start) / width) + 1)
    counts, _ = np.histogram(times, edges)
    return float(counts.var() / counts.mean())


def interval_variations(times, node_ids):
    """Coefficient of variation of the intervals of every node with at least three spikes."""
    order = np.lexsort((times, node_ids))
    times, node_ids = times[order], node_ids[order]
    trains = np.split(times, np.flatnonzero(np.diff(node_ids)) + 1)
    intervals = [np.diff(train) for train in trains if len(train) >= 3]
    return np.array([gaps.std() / gaps.mean() for gaps in intervals])


def synapses_of(folder):
    """{connection: number of synapses}"""
    with open(os.path.join(folder, "run.json")) as file:
        return json.load(file)["connections"]


def split(times, node_ids, first):
    """Spikes of the first nodes, and of the others."""
    return [(times[part], node_ids[part].astype(np.int64)) for part in (node_ids < first, node_ids >= first)]


def coba(folder):
    n_exc, n_inh = 3200, 800
    times, node_ids = read_spikes(folder)["cells"]
    exc, inh = split(times, node_ids, n_exc)
    synapses = synapses_of(folder)
    found = {"n_exc_syn": synapses["exc_syn"], "n_inh_syn": synapses["inh_syn"]}
    for name, (of_kind, _), size in (("exc", exc, n_exc), ("inh", inh, n_inh)):
        found[f"rate_{name}[Hz]"] = rate(of_kind, size, 0, 1000)
        for start in (0, 250, 500, 750):
            found[f"rate_{name}_{start}_{start + 250}ms[Hz]"] = rate(of_kind, size, start, start + 250)
    variations = interval_variations(times, node_ids)
    found["cv_isi_mean(>=3 spikes)"] = variations.mean()
    found["cv_isi_sd"] = variations.std()
    found["cv_isi_n_neurons"] = len(variations)
    for width in (1, 2, 5, 10):
        found[f"fano_popcount_{width}ms_100_1000ms"] = fano_factor(times, 100, 1000, width)
    counts = np.bincount(node_ids.astype(np.int64), minlength=n_exc + n_inh)
    found["silent_neurons"] = np.count_nonzero(counts == 0)
    found["spike_count_var"] = counts.var()
    return found


def lif_inhibition(folder):
    n_exc, n_inh, n_input = 700, 300, 200
    spikes = read_spikes(folder)
    inh, exc = split(*spikes["neurons"], n_inh)
    synapses = synapses_of(folder)
    found = {"n_ext_exc": synapses["ext_a"], "n_ext_inh": synapses["ext_b"], "n_inh_exc": synapses["fb"]}
    found["input_rate[Hz]"] = rate(spikes["input"][0], n_input, 0, 500)
    windows = {"1": (0, 250), "2": (250, 500)}
    parts = ((0, 50), (50, 100), (100, 150), (150, 200), (200, 250), (250, 300), (300, 400), (400, 500))
    windows.update({f"{start}_{stop}ms": (start, stop) for start, stop in parts})
    for name, (times, _), size in (("exc", exc, n_exc), ("inh", inh, n_inh)):
        for part, window in windows.items():
            found[f"{name}_rate_{part}[Hz]"] = rate(times, size, *window)
        found[f"first_{name}_spike[s]"] = times.min() / 1000
    found["fano_exc_5ms_50_250ms"] = fano_factor(exc[0], 50, 250, 5)
    found["fano_inh_5ms_300_500ms"] = fano_factor(inh[0], 300, 500, 5)
    found["active_exc_first_half"] = len(np.unique(exc[1][exc[0] < 250 - HALF_A_STEP]))
    found["active_inh_second_half"] = len(np.unique(inh[1]))
    return found


# job: Brian's table, and what makes the same of an output folder
NETWORKS = {"coba": ("c_coba_stats_per_seed", coba), "lif_inhibition": ("f_dendrify_stats_per_seed", lif_inhibition)}
