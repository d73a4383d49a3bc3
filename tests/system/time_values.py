"""Parameters that follow the time: the same bits as models that have the expression in place of the parameter, held over each step
where there are equations."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_report, read_spikes

RATE = "5 kHz*(1 + sin(2*pi*t/(20 ms)))"
CURRENT = "scale*(1 + i)*where(t_in_timesteps > 50, exp(-t/(10 ms)), 0)"
COMMON = """
let scale = 100 pA
neuron model cell {{ {parameter} : pA {flag}; tau : ms = 10 ms; dv/dt = -v/tau + I/(100 pF) : mV; method {method} }}
device model shots {{ {rate} : Hz; emit per connection poisson(rate*dt) }}
population cells[11] : cell {{ {current_value} }}
population noise : shots {{ {rate_value} }}
population parrots[40] : parrot_neuron
connect noise -> parrots by all_to_all using static {{ delay = 0.1 ms }}
record v, I of cells
record spikes of parrots
record rate of noise
run 30 ms
"""


def outcome(folder, name, method, **parts):
    path, output = os.path.join(folder, name + ".glion"), os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(COMMON.format(method=method, **parts))
    run(path, output, "--float64", ranks=2)
    reports = [read_report(os.path.join(output, f"{variable}.h5")) for variable in ("v_cells", "I_cells", "rate_noise")]
    return [next(iter(report.values())).data for report in reports] + list(read_spikes(output)["parrots"])


def main():
    with workspace() as folder:
        for method in ("euler", "rk4", "exact"):
            by_value = outcome(
                folder,
                method + "_value",
                method,
                parameter="I",
                flag="",
                rate="rate",
                current_value=f"I = {CURRENT}",
                rate_value=f"rate = {RATE}",
            )
            by_model = outcome(
                folder,
                method + "_model",
                method,
                parameter=f"I = {CURRENT}",
                flag="(constant over dt)",
                rate=f"rate = {RATE}",
                current_value="",
                rate_value="",
            )
            check(np.any(by_value[0] > 0) and len(by_value[-1]) > 1000, "nothing happens")
            check(all(np.array_equal(a, b) for a, b in zip(by_value, by_model)), f"method {method}: other values than those of the model")
    finish()


main()
