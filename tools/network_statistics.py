"""Statistics of runs whose spikes are all recorded; those of the astrocyte network as tests/data/README.md defines them for NEST."""

import csv

import numpy as np

from recordings import read_spikes, report_of

STEPS_AT_MOST = 10**7  # of a run, to pack a node and a step into one integer
SPIKES_FOR_CV = 4


def within(times, start, stop):
    return (times > start) & (times <= stop + 1e-6)


def interval_variation(times, node_ids):
    """Coefficient of variation of the intervals of every node with at least SPIKES_FOR_CV spikes."""
    order = np.lexsort((times, node_ids))
    times, node_ids = times[order], node_ids[order]
    trains = np.split(times, np.flatnonzero(np.diff(node_ids)) + 1)
    intervals = [np.diff(train) for train in trains if len(train) >= SPIKES_FOR_CV]
    return np.array([gaps.std() / gaps.mean() for gaps in intervals])


def spike_counts(times, start, stop, width):
    """Of a population, in as many whole bins (t, t + width] as fit between start and stop; times are multiples of 0.1 ms."""
    n_bins = int((stop - start) / width + 1e-9)
    return np.histogram(times, start + 0.05 + width * np.arange(n_bins + 1))[0]


def count_correlations(times, node_ids, start, stop, neurons, width=2.0):
    """Correlation coefficients of the spike counts in bins, of all pairs of the first `neurons` nodes that spiked."""
    first = np.unique(node_ids)[:neurons]
    counts = np.array([spike_counts(times[node_ids == node], start, stop, width) for node in first])
    counts = counts[counts.std(axis=1) > 0]
    return np.corrcoef(counts)[np.triu_indices(len(counts), 1)]


def population_statistics(times, node_ids, size, start, stop):
    """Rates (Hz) of the neurons of a population, how irregularly one spikes, and how much they spike together."""
    inside = within(times, start, stop)
    times, node_ids = times[inside], node_ids[inside].astype(np.int64)
    rates = np.bincount(node_ids, minlength=size) / ((stop - start) / 1000.0)
    together = spike_counts(times, start, stop, 3.0)
    return {
        "rate": float(rates.mean()),
        "sd": float(rates.std()),
        "silent": float(np.mean(rates == 0)),
        "cv": float(interval_variation(times, node_ids).mean()),
        "vmr": float(together.var() / together.mean()),
    }


def mean_and_sd(values):
    return (float(np.mean(values)), float(np.std(values))) if len(values) else (np.nan, np.nan)


def spike_statistics(folder, sizes, start, stop):
    statistics = {"n_spikes": 0, "n_repeat_spikes_same_step": 0}
    spikes = read_spikes(folder)
    for population, size in sizes.items():
        times, node_ids = spikes[population]
        inside = within(times, start, stop)
        times, node_ids = times[inside], node_ids[inside].astype(np.int64)
        rates = np.bincount(node_ids, minlength=size) / ((stop - start) / 1000.0)
        variation = interval_variation(times, node_ids)
        mean, sd = mean_and_sd(rates)
        statistics.update({f"rate_{population}_mean_Hz": mean, f"rate_{population}_sd_over_neurons_Hz": sd})
        mean, sd = mean_and_sd(variation)
        statistics.update({f"cv_isi_{population}_mean": mean, f"cv_isi_{population}_sd": sd, f"n_cv_{population}": len(variation)})
        steps = node_ids * STEPS_AT_MOST + np.rint(times * 10).astype(np.int64)
        statistics["n_spikes"] += len(times)
        statistics["n_repeat_spikes_same_step"] += len(steps) - len(np.unique(steps))
        if population == "exc":
            counts, _ = np.histogram(times, np.arange(start + 0.05, stop + 0.1, 1.0))  # bins (t, t + 1 ms]
            statistics.update(exc_count_per_1ms_mean=float(counts.mean()), exc_count_per_1ms_var=float(counts.var()))
    return statistics


def report_statistics(folder, start, stop):
    statistics = {}
    for variable, unit in (("IP3", "uM"), ("Ca_astro", "uM"), ("I_SIC", "pA")):
        report = report_of(folder, variable)
        mean, sd = mean_and_sd(report.data[within(report.times, start, stop)])
        statistics.update({f"{variable}_mean_{unit}": mean, f"{variable}_sd_{unit}": sd})
    return statistics


def network_statistics(folder, sizes, start, stop):
    """{column of NEST's summary: value}; `sizes` are those of exc and inh, the window is (start, stop] in ms."""
    return {**spike_statistics(folder, sizes, start, stop), **report_statistics(folder, start, stop)}


def read_summary(path, start, stop):
    """NEST's runs over one window: a list of {column: value}, one per seed."""
    with open(path) as file:
        rows = [row for row in csv.DictReader(file) if row["run"].startswith("seed")]
    rows = [{column: float(value) for column, value in row.items() if column != "run"} for row in rows]
    return [row for row in rows if row["t_start_ms"] == start and row["t_stop_ms"] == stop]
