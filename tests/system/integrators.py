"""Every integrator against what Brian 2 computes with the method of the same name (tests/data/README.md), and its order of
convergence.

usage: integrators.py

Columns differ by at most 1e-12 of their largest value. For the orders the error at t = 4 ms against `rkf45` with a tolerance of
1e-14 is measured with dt and dt/2: it shrinks by 2 to the order."""

import csv
import os

import numpy as np

from glion_test import DATA, check, finish, run, workspace
from recordings import read_report

SYSTEMS = {  # equations, initial values, duration in ms
    "linear": ("dx/dt = (-x + 0.5*y + 1.5)/(10*ms) : 1 = 1\n dy/dt = (-2*y - 0.25*x + 0.3)/(4*ms) : 1 = -0.7", 50),
    "fhn": ("dx/dt = (x - x**3/3 - y + 0.5)/(1*ms) : 1 = -1\n dy/dt = 0.08*(x + 0.7 - 0.8*y)/(1*ms) : 1 = 0.2", 200),
    "gate": (
        "dx/dt = (1/(1+exp(-(y+40)/5)) - x)/(0.3*ms + 5*ms/cosh((y+40)/20)) : 1 = 0.05\n"
        "dy/dt = (-(y+65) - 12*x*(y+80) + 60*exp(-t/(30*ms)))/(8*ms) : 1 = -65",
        100,
    ),
    "stiff": ("dx/dt = (-x + cos(2*pi*t/(20*ms)))/(0.06*ms) : 1\n dy/dt = (x - y)/(5*ms) : 1", 50),
}

# with subexpressions of the time and of each other, so that stages must evaluate them anew
SMOOTH = (
    "drive = sin(t/(2*ms)) : 1\n pull = cos(drive*y) : 1\n"
    "dx/dt = (pull - 0.7*x*(1 + y**2))/ms : 1 = 0.3\n dy/dt = (x*drive - y*(1 + x**2))/(2*ms) : 1 = 1"
)
ORDERS = {"euler": 1, "exponential_euler": 1, "rk2": 2, "rk4": 4}


def simulate(folder, equations, methods, dt, duration, every):
    """{method: {variable: values}}; the methods side by side in one network."""
    populations = "\n".join(f"population {name}[1] {{ {equations}\n method {method} }}" for name, method in methods.items())
    records = "\n".join(f"record x, y of {name} every {every} ms" for name in methods)
    network = os.path.join(folder, "network.glion")
    with open(network, "w") as file:
        file.write(f"simulation {{ dt = {dt} ms }}\n{populations}\n{records}\nrun {duration} ms\n")
    output = os.path.join(folder, f"out_{dt}_{duration}")
    run(network, output, "--float64", "--interpret")
    return {
        name: {v: read_report(os.path.join(output, f"{v}_{name}.h5"))[name].data[:, 0] for v in "xy"} for name in methods
    }


def compare(folder, system):
    equations, duration = SYSTEMS[system]
    with open(os.path.join(DATA, "brian", f"integrator_{system}.csv")) as file:
        header, *rows = csv.reader(file)
    expected = dict(zip(header, np.array(rows, float).T))
    methods = {name[2:-3]: name[2:-3] for name in header if name.startswith("x_")}
    every = round((expected["t[s]"][1] - expected["t[s]"][0]) * 1e3, 6)
    os.mkdir(os.path.join(folder, system))
    found = simulate(os.path.join(folder, system), equations, methods, 0.1, duration, every)
    for method in methods:
        for variable in "xy":
            column = expected[f"{variable}_{method}[1]"]
            worst = np.max(np.abs(found[method][variable] - column)) / np.max(np.abs(column))
            check(worst <= 1e-12, f"{system}: {variable} with {method} differs by {worst:.2g} of its largest value")


def compare_orders(folder):
    methods = {**{name: name for name in ORDERS}, "precise": "rkf45(abs = 1e-14)"}
    errors = {}
    for dt in (0.1, 0.05):
        found = simulate(folder, SMOOTH, methods, dt, 4.2, 4)
        for method in ORDERS:
            errors[method, dt] = max(abs(found[method][v][1] - found["precise"][v][1]) for v in "xy")
    for method, order in ORDERS.items():
        measured = np.log2(errors[method, 0.1] / errors[method, 0.05])
        check(abs(measured - order) < 0.2, f"{method}: order {measured:.3f}, not {order}")


def main():
    with workspace() as folder:
        for system in SYSTEMS:
            compare(folder, system)
        compare_orders(folder)
    finish()


main()
