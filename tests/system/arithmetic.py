"""Operators and functions of expressions against numpy, over numbers of both signs, zeros, infinities and large ones.

Each expression is a recorded subexpression of a population whose nodes hold all pairs of test numbers. What numpy rounds correctly
is equal bit for bit; the other functions differ by at most 4 units in the last place of the result. NaN agrees with NaN."""

import os

import numpy as np

from glion_test import check, finish, run, workspace
from recordings import read_report

NUMBERS = [-1e300, -1000.5, -7.5, -7.0, -2.7, -1.0, -0.3, -1e-12, 0.0, 1e-12, 0.5, 1.0, 2.0, 3.0, 3.7, 8.0, 700.0, 1e15, np.inf, -np.inf]

# expression of Glion: its value for arrays x and y, and how many units in the last place it may differ by
EXACT, ROUNDED = 0, 4
CASES = {
    "x + y": (lambda x, y: x + y, EXACT),
    "x - y": (lambda x, y: x - y, EXACT),
    "x*y": (lambda x, y: x * y, EXACT),
    "x/y": (lambda x, y: x / y, EXACT),
    "-x": (lambda x, y: -x, EXACT),
    "-x**2": (lambda x, y: -(x**2), EXACT),
    "clip(x, -1e9, 1e9)//3": (lambda x, y: np.clip(x, -1e9, 1e9) // 3, EXACT),
    "clip(x, -1e9, 1e9)//-2": (lambda x, y: np.clip(x, -1e9, 1e9) // -2, EXACT),
    "clip(x, -1e9, 1e9) % 3": (lambda x, y: np.clip(x, -1e9, 1e9) % 3, EXACT),
    "clip(x, -1e9, 1e9) % -2": (lambda x, y: np.clip(x, -1e9, 1e9) % -2, EXACT),
    "-7//2 + 0*x": (lambda x, y: -4 + 0 * x, EXACT),
    "-7 % 3 + 0*x": (lambda x, y: 2 + 0 * x, EXACT),
    "-7.5 % 2 + 0*x": (lambda x, y: 0.5 + 0 * x, EXACT),
    "7/2 + 0*x": (lambda x, y: 3.5 + 0 * x, EXACT),
    "-2**2 + 0*x": (lambda x, y: -4 + 0 * x, EXACT),
    "2**3**2 + 0*x": (lambda x, y: 512 + 0 * x, EXACT),
    "abs(clip(x, -50, 50))**clip(y, -5, 5)": (lambda x, y: np.abs(np.clip(x, -50, 50)) ** np.clip(y, -5, 5), ROUNDED),
    "x**3": (lambda x, y: x * x * x, EXACT),
    "int(clip(x, -1e9, 1e9))": (lambda x, y: np.trunc(np.clip(x, -1e9, 1e9)), EXACT),
    "int(x > y)": (lambda x, y: 1.0 * (x > y), EXACT),
    "int(x >= y) + 2*int(x <= y)": (lambda x, y: 1.0 * (x >= y) + 2 * (x <= y), EXACT),
    "int(x == y) + 2*int(x != y)": (lambda x, y: 1.0 * (x == y) + 2 * (x != y), EXACT),
    "int(x < y and not y < 2 or x == 0)": (lambda x, y: 1.0 * ((x < y) & ~(y < 2) | (x == 0)), EXACT),
    "abs(x)": (lambda x, y: np.abs(x), EXACT),
    "sign(x)": (lambda x, y: np.sign(x), EXACT),
    "floor(x)": (lambda x, y: np.floor(x), EXACT),
    "ceil(x)": (lambda x, y: np.ceil(x), EXACT),
    "min(x, y)": (lambda x, y: np.minimum(x, y), EXACT),
    "max(x, y)": (lambda x, y: np.maximum(x, y), EXACT),
    "clip(x, -1, 2)": (lambda x, y: np.clip(x, -1, 2), EXACT),
    "where(x > y, x, y - 1)": (lambda x, y: np.where(x > y, x, y - 1), EXACT),
    "where(x > 0, sqrt(x), 0)": (lambda x, y: np.where(x > 0, np.sqrt(x), 0), EXACT),
    "exp(x)": (lambda x, y: np.exp(x), ROUNDED),
    "expm1(x)": (lambda x, y: np.expm1(x), ROUNDED),
    "exprel(x)": (lambda x, y: np.where(x == 0, 1, np.expm1(x) / np.where(np.isposinf(x), 1, x)), ROUNDED),
    "log(x)": (lambda x, y: np.log(x), ROUNDED),
    "log10(x)": (lambda x, y: np.log10(x), ROUNDED),
    "log1p(x)": (lambda x, y: np.log1p(x), ROUNDED),
    "sin(clip(x, -1e4, 1e4))": (lambda x, y: np.sin(np.clip(x, -1e4, 1e4)), ROUNDED),
    "cos(clip(x, -1e4, 1e4))": (lambda x, y: np.cos(np.clip(x, -1e4, 1e4)), ROUNDED),
    "tan(clip(x, -1e4, 1e4))": (lambda x, y: np.tan(np.clip(x, -1e4, 1e4)), ROUNDED),
    "arcsin(x)": (lambda x, y: np.arcsin(x), ROUNDED),
    "arccos(x)": (lambda x, y: np.arccos(x), ROUNDED),
    "arctan(x)": (lambda x, y: np.arctan(x), ROUNDED),
    "sinh(x)": (lambda x, y: np.sinh(x), ROUNDED),
    "cosh(x)": (lambda x, y: np.cosh(x), ROUNDED),
    "tanh(x)": (lambda x, y: np.tanh(x), ROUNDED),
}


def text_of(number):
    return "inf" if number == np.inf else "-inf" if number == -np.inf else repr(float(number))


def main():
    x, y = (axis.ravel() for axis in np.meshgrid(NUMBERS, NUMBERS))
    with workspace() as folder:
        network, output = os.path.join(folder, "network.glion"), os.path.join(folder, "out")
        names = [f"value_{k}" for k in range(len(CASES))]
        with open(network, "w") as file:
            file.write("neuron model numbers {\n x : 1\n y : 1\n dclock/dt = 1/second : 1\n")
            for name, expression in zip(names, CASES):
                file.write(f" {name} = {expression} : 1\n")
            file.write("}\n" + f"population cells[{len(x)}] : numbers {{\n")
            file.write(f" x = [{', '.join(map(text_of, x))}]\n y = [{', '.join(map(text_of, y))}]\n}}\n")
            file.write(f"record {', '.join(names)} of cells\nrun 0.1 ms\n")
        run(network, output, "--float64", "--interpret")
        with np.errstate(all="ignore"):
            for name, (expression, (function, units)) in zip(names, CASES.items()):
                found = read_report(os.path.join(output, f"{name}_cells.h5"))["cells"].data[0]
                expected = function(x, y)
                near = np.abs(found - expected) <= units * np.spacing(np.abs(expected))
                for k in np.flatnonzero(~((found == expected) | near | (np.isnan(found) & np.isnan(expected))))[:3]:
                    check(False, f"{expression} with x = {x[k]}, y = {y[k]}: {found[k]!r}, not {expected[k]!r}")
    finish()


main()
