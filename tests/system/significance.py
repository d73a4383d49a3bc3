"""Whether numbers of ours differ from NEST's by more than chance, over many comparisons together."""

import numpy as np
from scipy import stats


def of_summary(ours, mean, sd, n, rounding):
    """Probability that n further runs of ours have a mean as far away as NEST's n runs, of which mean and standard deviation (0 if
    n is 1) are known, the mean up to ± rounding: Student's test. If both simulate the same network, both scatter alike, so the
    variances are pooled; that of NEST's few runs alone would say little."""
    ours = np.asarray(ours)
    freedom = len(ours) + n - 2
    variance = ((len(ours) - 1) * ours.var(ddof=1) + (n - 1) * sd**2) / freedom
    distance = max(abs(mean - ours.mean()) - rounding, 0)
    return 2 * stats.t.sf(distance / np.sqrt(variance * (1 / len(ours) + 1 / n)), freedom)


def holm(probabilities, false_alarm_rate):
    """Names of {name: probability} whose difference is too large to be chance; at most with the false alarm rate is there one among
    them if all are chance (Holm's step-down correction). A probability that is not a number is one of them."""
    rejected = []
    for rank, (name, probability) in enumerate(sorted(probabilities.items(), key=lambda item: np.nan_to_num(item[1]))):
        if probability >= false_alarm_rate / (len(probabilities) - rank):
            break
        rejected.append(name)
    return rejected
