"""What stands behind a run: later connections carry what is emitted from then on, no more and no less, and later populations
begin then. Each is compared, bit for bit, with a network that is whole from the start but silent before."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_report, read_sent, read_spikes

# A spike stamped 20 ms is emitted before the second run, one stamped 20.1 ms in its first step. Couplings read 0 at the time of
# their connection and before, so a current that the reference switches on begins a step later.
LATE = {
    "stamps": "[5, 19.9, 20, 20.1, 31]",
    "targets": "[4, 12, 19.9, 25, 34]",
    "poisson_start": "0 ms",
    "current_start": "0 ms",
    "first_run": "run 20 ms",
    "second_run": "",
}
REFERENCE = {
    "stamps": "[20.1, 31]",
    "targets": "[25, 34]",
    "poisson_start": "19.9 ms",  # counted as NEST does: the first spike is stamped 20.1 ms
    "current_start": "20.1 ms",
    "first_run": "",
    "second_run": "run 20 ms",
}
NETWORK = """
population source : spike_generator {{ spike_times = {stamps} ms }}
population act    : spike_generator {{ spike_times = {targets} ms }}
population under_way : spike_generator {{ spike_times = [1, 10, 19] ms }}
population noise : poisson_generator {{ rate = 5 kHz; start = {poisson_start} }}
population current_source : dc_generator {{ amplitude = 100 pA; start = {current_start} }}
population cells[20] : iaf_psc_exp {{ V_m = E_L + 5 mV*rand() }}
population pair[2] : parrot_neuron
connect under_way -> cells by all_to_all using static {{ weight = 20 pA; delay = 25 ms }}
connect act -> pair by all_to_all using static {{ delay = 0.1 ms }}
record V_m of cells
record spikes of cells
{first_run}
connect plain : source -> cells by all_to_all using static {{ weight = 100 pA; delay = 2.5 ms }}
connect drawn : source -> cells by pairwise_bernoulli(0.5) using static {{ weight = 200 pA*rand(); delay = 3 ms*rand() + 1 ms }}
connect short : source -> cells by all_to_all using tsodyks {{ weight = 150 pA }}
connect mixed : source -> cells by all_to_all using tsodyks {{ weight = 150 pA*rand() }}
connect shot  : noise -> cells by all_to_all using static {{ weight = 5 pA }}
connect flow : current_source -> cells by all_to_all using current
connect timed : source -> pair by all_to_all using stdp {{ weight = 1; Wmax = 3; lambda = 0.5 }}
record sent of mixed
record sent of timed
{second_run}
run 40 ms
"""

# Nodes that begin at 20 ms do then what others do at 0.
SHIFTED = """
let current = [300, 380, 420, 500, 610, 380, 390, 400, 410] pA
population early[9] : iaf_psc_exp { I_e = current; V_m = -66 mV }
record V_m of early
record spikes of early
run 20 ms
population late[9] : iaf_psc_exp { I_e = current; V_m = -66 mV }
population listed : spike_generator { spike_times = [10, 20.1, 25] ms }   # the first one never comes
record V_m of late
record spikes of late
record spikes of listed
run 30 ms
"""


def written(folder, name, text):
    path = os.path.join(folder, name + ".glion")
    with open(path, "w") as file:
        file.write(text)
    return path


def same_rows(one, other):
    return all(np.array_equal(a, b) for a, b in zip((one.times, one.synapses, one.values), (other.times, other.synapses, other.values)))


def connections(folder):
    late, reference = os.path.join(folder, "late"), os.path.join(folder, "reference")
    run(written(folder, "late", NETWORK.format(**LATE)), late, "--float64")
    run(written(folder, "reference", NETWORK.format(**REFERENCE)), reference, "--float64")
    potentials = read_report(os.path.join(late, "V_m_cells.h5"))["cells"].data
    expected = read_report(os.path.join(reference, "V_m_cells.h5"))["cells"].data
    check(np.array_equal(potentials, expected), "connections made after a run: V_m differs")
    for name in ("mixed", "timed"):
        one, other = read_sent(late, name), read_sent(reference, name)
        check(len(one.times) > 0 and same_rows(one, other), f"connections made after a run: what {name} sent differs")


def populations(folder):
    output = os.path.join(folder, "shifted")
    run(written(folder, "shifted", SHIFTED), output, "--float64")
    early = read_report(os.path.join(output, "V_m_early.h5"))["early"]
    late = read_report(os.path.join(output, "V_m_late.h5"))["late"]
    check(late.times[0] == 20 and late.data.shape == (300, 9), "frames of a later population")
    check(np.array_equal(early.data[:300], late.data), "a population made after a run does something else than at 0 ms")
    spikes = read_spikes(output)
    times = spikes["early"][0][spikes["early"][0] < 30 + 1e-9]
    check(len(times) > 5 and np.allclose(times + 20, spikes["late"][0], rtol=0, atol=1e-9), "spikes of a later population")
    check(np.allclose(spikes["listed"][0], [20.1, 25]), f"listed spikes: {spikes['listed'][0]}")


def main():
    with workspace() as folder:
        connections(folder)
        populations(folder)
    finish()


main()
