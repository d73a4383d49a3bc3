"""The models that both simulators run: a case is a few lines. Together they cover what a user of Brian may write."""

import dataclasses

from pair import Case, Cells, Synapses, one

LEAKY = "dv/dt = (drive - v)/(8*ms) : 1\n drive : 1"
SPREAD = {"drive": "0.9 + 0.37*i"}
# six synapses between four cells; and six that leave out cell 2 as a target
SIX = ([0, 0, 1, 2, 2, 3], [0, 1, 2, 0, 3, 3])
SIX_TO_THREE = ([0, 0, 1, 2, 2, 3], [0, 1, 1, 0, 3, 3])
# cells that spike at times which everybody knows: every 7, 10, 13 … steps
CLOCK = Cells("period : 1\n gain = 1/(1 + 0.1*i) : 1", threshold="(t_in_timesteps + i) % period == 0", values={"period": "7 + 3*i"})


PUSHED = Cells("""dv/dt = -v/(8*ms) : 1 (unless refractory)
                  n : 1
                  k : 1""", threshold="v > 0.8", reset="v = 0.1", refractory="1.2*ms")
SHARED_TARGETS = ([0, 0, 1, 1, 2, 3], [0, 1, 0, 1, 3, 0])


# cells with events of their own, tested while refractory, too
EVENTFUL = Cells("""dv/dt = (drive - v)/(8*ms) : 1 (unless refractory)
                     drive : 1
                     n : 1
                     k : 1""", threshold="v > 1", reset="v = 0.1; n *= 0.9", refractory="1.2*ms", values={"drive": "1.05 + 0.1*i"},
                 events={"high": ("v > 0.8 and v < 0.83", "n += 0.25"), "a_low": ("v < 0.2", "k = k*0.99")})
# those that never spike
SILENT = Cells("x : 1", events={"b_often": ("(t_in_timesteps + 2*i) % 9 == 0", "x += 1")})


def over(values, formulas):
    """What the formulas, one a line, make of an x that begins at `values` and rises by 2.74."""
    return one("dx/dt = 1.37/(10*ms) : 1\n" + formulas, size=6, method="euler", values={"x": values})


# a gate, whose equation is linear in itself, and a potential, whose coefficients depend on the gate and on time
GATE = """dm/dt = (1/(1 + exp(-(v + 40)/5)) - m)/(0.3*ms + 5*ms/cosh((v + 40)/20)) : 1
          dv/dt = (-(v + 65) - 12*m*(v + 80) + 60*exp(-t/(30*ms)))/(8*ms) : 1 (unless refractory)
          dn/dt = rise/(20*ms) : 1
          rise = m*v : 1"""
GATE_SPIKES = {"threshold": "v > -55 + i", "reset": "v = -66", "refractory": "1.5*ms", "values": {"m": "0.05*(i + 1)", "v": "-65 + 5*i"}}
FITZHUGH_NAGUMO = """dx/dt = (x - x**3/3 - y + 0.3*i)/ms : 1
                     dy/dt = 0.08*(x + 0.7 - 0.8*y)/ms : 1"""

CASES = {
    # ---- integration, and its choice
    "exact, one equation": one(LEAKY, threshold="v > 1", reset="v = 0", method="exact", values=SPREAD),
    "exact, coupled": one(
        """dx/dt = (-x + 0.5*y + 1.5)/(10*ms) : 1
           dy/dt = (-2*y - 0.25*x + 0.3)/(4*ms) : 1""",
        values={"x": "1 - 0.3*i", "y": "-0.7"},
        method="exact",
    ),
    "exact, a cascade": one(
        """dv/dt = (g - v)/(10*ms) : volt
           dg/dt = (h - g)/(5*ms) : volt
           dh/dt = -h/(3*ms) : volt""",
        values={"h": "(5 + i)*mV"},
        method="exact",
    ),
    "exact, coefficients differ between nodes": one(
        "dv/dt = (1 - v)/tau : 1\n tau : second (constant)", method="exact", values={"tau": "(3 + 2*i)*ms"}
    ),
    "exact, what drives others stands still": one(
        """dv/dt = (1.5 + 0.3*i - v - 0.2*w)/(8*ms) : 1 (unless refractory)
           dw/dt = (0.5*v - w)/(4*ms) : 1""",
        threshold="v > 0.9",
        reset="v = 0",
        refractory="2*ms",
    ),
    "exact, a cascade that stands still": one(
        """dh/dt = (1.3 + u - h)/tau : 1 (unless refractory)
           dg/dt = (h - g)/(5*ms) : 1
           dk/dt = (g - k)/(3*ms) : 1
           du/dt = (0.1*i - u)/(2*ms) : 1
           tau : second""",
        threshold="h > 1",
        reset="h = 0; tau *= 1.05",
        refractory="1.5*ms",
        values={"tau": "(7 + i)*ms"},
    ),
    "exact, a parameter that spikes change": one(
        LEAKY.replace("8*ms", "tau") + "\n tau : second",
        threshold="v > 1",
        reset="v = 0; tau *= 0.93",
        values={**SPREAD, "tau": "(9 - i)*ms"},
    ),
    "exact, coupled by a parameter that spikes change": one(
        """dv/dt = (1.6 + 0.2*i - v - a*w)/(6*ms) : volt
           dw/dt = (b*v - w)/(9*ms) : amp
           a : ohm
           b : siemens""".replace("1.6 + 0.2*i", "(1.6 + 0.2*i)*mV"),
        threshold="v > 1*mV",
        reset="v = 0*mV; w += 0.2*nA; a *= 0.9; b *= 1.1",
        values={"a": "0.5*Mohm", "b": "-0.4*uS"},
        runs=("40*ms",),
    ),
    "exact, a timed array": one(
        "dv/dt = (1 - rise(t)*v + fall(t, i))/(5*ms) : 1",
        constants={"rise": "timed_array([1, 3, 0.5], 5*ms)", "fall": "timed_array([[0, 1, 2, 3], [2, 3, 0, 1]], 8*ms)"},
    ),
    "euler, a timed array that changes within steps": one(
        "dv/dt = (1 - rise(t)*v)/(5*ms) : 1", constants={"rise": "timed_array([1, 3, 0.5], 5.03*ms)"}
    ),
    "exact, constant over dt": one(
        """level = 1.2 + sin(t/(3*ms)) : 1 (constant over dt)
           dv/dt = (i - level*v)/(5*ms) : 1""",
    ),
    "exact, the number of the step and the last spike": one(
        "dv/dt = (2 - v*(1 + 1/(1 + lastspike**2/(1*ms)**2)) + 0.01*t_in_timesteps)/(8*ms) : 1",
        threshold="v > 1",
        reset="v = 0.2*i",
        refractory="0.3*ms",
    ),
    "the integral of another variable": one(
        """dx/dt = v : 1
           dv/dt = (40*Hz + i*Hz - v)/(7*ms) : Hz"""
    ),
    "euler": one(LEAKY, threshold="v > 1", reset="v = 0", method="euler", values=SPREAD),
    "euler, in units": one(
        """dv/dt = (g_l*(E_l - v) + I)/C : volt
           I : amp""",
        constants={"g_l": "10*nS", "E_l": "-60*mV", "C": "200*pF"},
        threshold="v > -50*mV",
        reset="v = E_l",
        method="euler",
        values={"v": "E_l + 1.5*mV*i", "I": "(90 + 40*i)*pA"},
    ),
    **{f"{method}, a gate": one(GATE, method=method, **GATE_SPIKES) for method in ("euler", "exponential_euler", "rk2", "rk4")},
    **{
        f"{method}, FitzHugh–Nagumo": one(FITZHUGH_NAGUMO, method=method, values={"x": "-1", "y": "0.2"}, runs=("60*ms",))
        for method in ("euler", "rk2", "rk4")
    },
    "chosen, linear": one(LEAKY, threshold="v > 1", reset="v -= 0.8", values=SPREAD),
    "chosen, not linear": one("dv/dt = (v**2 + 0.3 - v)/ms : 1", threshold="v > 3", reset="v = -1", values={"v": "0.1*i"}),
    "chosen, depends on time": one("dv/dt = (sin(2*pi*t/(7*ms)) - v)/(3*ms) : 1"),
    "exponential_euler, a gate that follows its potential at once": one(
        """dV/dt = (2*(-50 - V) + 4*m*(100 - V) + 8*n*(-70 - V) + I)/(20*ms) : 1
           dn/dt = cosh((V + 1)/29)/(15*ms)*(0.5*(1 + tanh((V + 1)/14.5)) - n) : 1
           m = 0.5*(1 + tanh((V - 10)/15)) : 1
           I : 1""",
        method="exponential_euler",
        values={"V": "-50", "n": "0.01", "I": "120*i"},
        runs=("40*ms",),
    ),
    "exponential_euler, its own value in divisors and functions": one(
        """dx/dt = (2 - x)/(1 + exp(-x))/(3*ms) + sqrt(1 + x**2)/(5*ms) : 1
           dy/dt = -abs(y)*y/ms + 3/(1 + y)/(10*ms) : 1""",
        method="exponential_euler",
        values={"x": "0.5*i", "y": "2 - 0.3*i"},
    ),
    # ---- custom events
    "custom events: when they are tested, what they do, and refractoriness": one(
        """dx/dt = rise : 1
           rise : Hz
           dy/dt = -y/(10*ms) + 1/(7*ms) : 1 (unless refractory)
           n : 1
           last : second""",
        threshold="x > 1",
        reset="x = 0; y += 0.25",
        refractory="1.5*ms",
        events={
            "crossing": ("x > 0.5 and x < 0.55", "k = 2; n += k; last = t; y = 0.1"),
            "a_high": ("y > 0.4 + 0.1*i", "y -= 0.3; n *= 1.5"),  # on top of what resets and refractoriness leave
            "b_refracted": ("not not_refractory", "n += 0.125"),
        },
        method="euler",
        values={"rise": "(150 + 40*i)*Hz"},
        runs=("15*ms", "15*ms"),
    ),
    # ---- equations
    "subexpressions of subexpressions": one(
        """a = b*b + 1 : 1
           b = v - 0.5*c : 1
           dv/dt = (a - v)/(9*ms) : 1
           c : 1""",
        values={"c": "0.2*i"},
    ),
    "adaptive exponential": one(
        """dv/dt = (g_l*(E_l - v) + g_l*D*exp((v - V_t)/D) - w + I)/C : volt
           dw/dt = (a*(v - E_l) - w)/tau_w : amp
           I : amp""",
        constants={
            **{"g_l": "30*nS", "E_l": "-70.6*mV", "D": "2*mV", "V_t": "-50.4*mV", "C": "281*pF"},
            **{"a": "4*nS", "tau_w": "40*ms", "b": "80.5*pA"},
        },
        threshold="v > -40*mV",
        reset="v = E_l; w += b",
        method="euler",
        values={"v": "E_l", "I": "(0.9 + 0.2*i)*nA"},
        runs=("60*ms",),
    ),
    "Izhikevich": one(
        """dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
           du/dt = a*(b*v - u)/ms : 1
           a : 1
           b : 1
           I : 1""",
        threshold="v >= 30",
        reset="v = -65; u += 8 - 2*i",
        method="euler",
        values={"v": "-65", "u": "-13", "a": "0.02*(1 + i)", "b": "0.2", "I": "10 + i"},
        runs=("50*ms",),
    ),
    "Hodgkin–Huxley, one gate": one(
        """dn/dt = alpha*(1 - n) - beta*n : 1
           alpha = 0.1/exprel(-(v + 55)/10)/ms : 1/second
           beta = 0.125*exp(-(v + 65)/80)/ms : 1/second
           dv/dt = (-36*n**4*(v + 77) - 0.3*(v + 54.4) + I)/ms : 1
           I : 1""",
        method="euler",
        dt="0.02*ms",
        values={"v": "-65", "n": "0.3", "I": "4*i"},
    ),
    "reduced Traub–Miles, which begins in the gates' steady state": one(
        """alphah = 0.128*exp(-(vm + 50*mV)/(18*mV))/ms : Hz
           alpham = 0.32/mV*(vm + 54*mV)/(1.0 - exp(-(vm + 54*mV)/(4*mV)))/ms : Hz
           alphan = 0.032/mV*(vm + 52*mV)/(1.0 - exp(-(vm + 52*mV)/(5*mV)))/ms : Hz
           betah = 4.0/(1.0 + exp(-(vm + 27*mV)/(5*mV)))/ms : Hz
           betam = 0.28/mV*(vm + 27*mV)/(exp((vm + 27*mV)/(5*mV)) - 1.0)/ms : Hz
           betan = 0.5*exp(-(vm + 57*mV)/(40*mV))/ms : Hz
           I = I_ext + g_Na*m**3*h*(E_Na - vm) + g_l*(E_l - vm) + g_K*n**4*(E_K - vm) : amp
           I_ext : amp
           dm/dt = alpham*(1 - m) - betam*m : 1
           dn/dt = alphan*(1 - n) - betan*n : 1
           dh/dt = alphah*(1 - h) - betah*h : 1
           dvm/dt = I/C : volt""",
        method="exponential_euler",
        dt="0.01*ms",
        constants={
            **{"E_l": "-67*mV", "E_K": "-100*mV", "E_Na": "50*mV", "C": "1*ufarad"},
            **{"g_l": "0.1*msiemens", "g_K": "80*msiemens", "g_Na": "100*msiemens"},
        },
        values={
            **{"vm": "[-70, -66, -65, -60] mV", "m": "alpham/(alpham + betam)", "n": "alphan/(alphan + betan)"},
            **{"h": "alphah/(alphah + betah)", "I_ext": "[1.5, 0, 0.5, 3] uamp"},
        },
        largest=1e-9,  # an action potential is so steep that it magnifies rounding
    ),
    "integers and conditions as variables": one(
        """k : integer
           on : boolean
           dv/dt = (k*int(on) - v)/(5*ms) : 1""",
        values={"k": "3*i - 4", "on": "i % 2 == 0"},
        method="euler",
    ),
    "integers and conditions that spikes change": one(
        """n : integer
           up : boolean
           dv/dt = (1.5 + 0.3*n*int(up) - v)/(5*ms) : 1""",
        threshold="v > 1 and not (up and v < 1.1)",
        reset="v = 0; n += 1; up = not up",
        values={"n": "i % 3", "up": "i > 1"},
    ),
    "one value for all": one(
        """level : 1 (shared)
           wave = level*sin(t/(3*ms)) : 1 (shared)
           dv/dt = (wave + 0.2*i - v)/(5*ms) : 1""",
        values={"level": "1.7"},
        sums=("level", "wave"),  # Brian records one column
    ),
    **{
        f"constant over dt, {method or 'chosen'}": one(
            """pull = v*(1 + 0.5*sin(t/(2*ms))) : 1 (constant over dt)
               above = v > 1 : boolean (constant over dt)
               dv/dt = (1.6 + 0.1*i - pull - 0.3*int(above))/(4*ms) : 1""",
            threshold="v > 1.2 and pull > 0.9",
            reset="v -= 0.5*pull",
            method=method,
        )
        for method in ("", "euler", "rk4")
    },
    "initial values by condition": one(
        "dv/dt = (w - v)/(5*ms) : 1\n dw/dt = -w/(9*ms) : 1",
        values={"v": "int(i % 2 == 0)*0.3 + int(i > 1)*(i - 1)", "w": "1 - int(i == 3) + v"},
    ),
    "functions of one's own": one(
        """dv/dt = (2*sigmoid(5*(v - 0.5)) - v + mixed(v, k))/(4*ms) : 1
           k : 1""",
        constants={"sigmoid(x)": "1/(1 + exp(-x))", "mixed(x, y)": "x*y/(1 + x**2)"},
        method="rk2",
        threshold="sigmoid(v) > 0.6",
        reset="v -= mixed(v, 0.5)",
        values={"v": "0.2*i", "k": "0.3*i - 0.2"},
    ),
    **{
        f"functions of time, {method}": one(
            """dv/dt = (stairs(t)*mV + pulses(t - 3*ms, i)*mV - v)/(4*ms) : volt
               I = stairs(t) : 1""",
            constants={
                "stairs": "timed_array([0, 1, 0.5, 2], 3.05*ms)",
                "pulses": "timed_array([[1, 0, 0, 0.2], [0, 1, 0, 0.3], [0, 0, 1, 0.4]], 5*ms)",
            },
            method=method,
        )
        for method in ("euler", "rk4")
    },
    # ---- spiking
    "threshold that rises": one(
        """dv/dt = (2.2 - v)/(6*ms) : 1
           dth/dt = (1 - th)/(15*ms) : 1""",
        threshold="v > th",
        reset="v = 0; th += 0.3*(i + 1)",
        values={"th": "1"},
        runs=("40*ms",),
    ),
    "threshold that depends on time": one("x : 1", threshold="t_in_timesteps % (i + 3) == 1", reset="x += 1"),
    "threshold without a reset": one(LEAKY, threshold="v > 0.5 and not v > 0.8", values=SPREAD),
    "reset with a temporary": one(
        LEAKY + "\n n : 1",
        threshold="v > 1",
        reset="over = v - 1; v = over*0.5; n += 1; drive *= 0.97; drive /= 1.01",
        values=SPREAD,
    ),
    # ---- refractoriness
    "refractory, stands still": one(
        "dv/dt = (1.5 + u - v)/(8*ms) : 1 (unless refractory)\n du/dt = (i - u)/(4*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        refractory="2*ms",
    ),
    "refractory, what drives others stands still": one(
        "dv/dt = (1.5 + i/2 - v)/(8*ms) : 1 (unless refractory)\n du/dt = (v - u)/(4*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        refractory="2*ms",
        method="euler",
    ),
    "refractory, without a flag": one(LEAKY, threshold="v > 1", reset="v *= 0.9", refractory="3*ms", values={"drive": "1.5 + 0.5*i"}),
    "refractory, between steps": one(
        "dv/dt = (2 - v)/(2*ms) : 1 (unless refractory)", threshold="v > 1", reset="v = 0", refractory="1.96*ms", size=1
    ),
    "refractory, less than a step": one("dv/dt = 300/second : 1", threshold="v > 0.5", refractory="0.04*ms", size=1),
    "refractory, differs between nodes": one(
        "dv/dt = (2 - v)/(3*ms) : 1 (unless refractory)\n ref : second",
        threshold="v > 1",
        reset="v = 0",
        refractory="ref",
        values={"ref": "1*ms*i"},
    ),
    "refractory, changes": one(
        "dv/dt = (2 - v)/(3*ms) : 1 (unless refractory)\n ref : second",
        threshold="v > 1",
        reset="v = 0; ref += 0.35*ms",
        refractory="ref",
        values={"ref": "0.5*ms*i"},
        runs=("40*ms",),
    ),
    "refractory, as long as a condition": one(
        "dv/dt = (1.5 + i - v)/(5*ms) : 1",
        threshold="v > 1",
        reset="",
        refractory="v > 0.6 + 0.5*int(t_in_timesteps % 50 > 25)",
        values={},
    ),
    "refractory, in an equation": one(
        "dv/dt = (2*int(not_refractory) - v)/(3*ms) : 1", threshold="v > 1", refractory="2.5*ms", method="euler", size=2
    ),
    "refractory, the time since the last spike": one(
        """dv/dt = (2 - v)/(5*ms) : 1 (unless refractory)
           since = clip(t - lastspike, 0*ms, 50*ms) : second""",
        threshold="v > 1 + 0.5*exp(-(t - lastspike)/(4*ms))",
        reset="v = 0.2*i",
        refractory="0.5*ms",
    ),
    # ---- functions and operators, over a range of values
    "exponential functions": over(
        "-3 + 0.9*i",
        """a = exp(x) : 1
           b = expm1(x) : 1
           c = exprel(x) : 1
           d = exp(-100*x) : 1
           f = 2.5**x : 1""",
    ),
    "logarithms and powers": over(
        "0.01 + 2**i",
        """a = log(x) : 1
           b = log10(x) : 1
           c = log1p(x) : 1
           d = sqrt(x) : 1
           f = x**0.3 : 1
           g = x**-2.0 : 1""",
    ),
    "circular functions": over(
        "-9.03 + 3.7*i",
        """a = sin(x) : 1
           b = cos(x) : 1
           c = tan(x) : 1
           d = arctan(x) : 1
           f = arcsin(sin(x)) : 1
           g = arccos(cos(x)) : 1""",
    ),
    "hyperbolic functions": over(
        "-9.03 + 3.7*i",
        """a = sinh(x) : 1
           b = cosh(x) : 1
           c = tanh(x) : 1""",
    ),
    "functions with steps": over(
        "-4.03 + 1.7*i",
        """a = abs(x) : 1
           b = sign(x) : 1
           c = floor(x) : 1
           d = ceil(x) : 1
           f = int(x)*1.0 : 1
           g = clip(x, -1.5, i) : 1""",
    ),
    "operators": over(
        "-4.03 + 1.7*i",
        """a = x % 1.7 : 1
           b = x // 0.9 : 1
           c = -x**2 : 1
           d = 7/(x + 20)*3 - 2 : 1
           f = int(x > 0 or x < -2 and not x < -3)*1.0 : 1""",
    ),
    "comparisons": one(
        "a = int(k < 2) + 2*int(k <= 2) + 4*int(k == 2) + 8*int(k != 2) + 16*int(k >= 2) + 32*int(k > 2) : 1\n k : 1", values={"k": "i"}
    ),
    "time, step and indices": one(
        """a = timestep(t, 0.3*ms)*1.0 : 1
           b = t/ms + 100*i + 10000*N + t_in_timesteps : 1
           c = dt : second"""
    ),
    # ---- runs and steps
    "several runs": one(LEAKY, threshold="v > 1", reset="v = 0", values=SPREAD, runs=("0.25*ms", "0.25*ms", "7*ms")),
    "another resolution": one(LEAKY, threshold="v > 1", reset="v = 0", values=SPREAD, dt="0.05*ms", method="euler"),
    # ---- what is recorded within a step
    "slots of a step": Case(
        {
            "clock": CLOCK,
            "cells": Cells(
                """dv/dt = (drive - v)/(5*ms) : 1 (unless refractory)
                   dw/dt = (0.3*v - w)/(7*ms) : 1
                   drive = 1.3 + 0.4*sin(t/ms) - w : 1
                   held = v + w : 1 (constant over dt)
                   since = (t - lastspike)/ms : 1
                   free = int(not_refractory) : 1
                   pace : 1""",
                receive="v : 1",
                threshold="v > 1",
                reset="v = 0.1*i; w += 0.2",
                refractory="0.7*ms",
                method="euler",
                values={"pace": "1 + i"},
            ),
            "still": Cells("rest : 1\n aging = rest + t/ms : 1", values={"rest": "2 + i"}),
        },
        {
            "S": Synapses("clock", "cells", "send 0.3", pairs=SIX, delay="0.5*ms"),
            "T": Synapses("cells", "cells", "send 0.05", pairs=([0, 1, 3], [3, 0, 1]), delay="0*ms"),
        },
        slots=("after_thresholds", "before_synapses", "after_synapses", "before_resets", "after_resets", "end"),
        runs=("4.3*ms", "8*ms"),
        between=("cells.w = 0.2*i", "still.rest = 3"),
    ),
    "variables beside spikes and events": Case(
        {
            "clock": CLOCK,
            "cells": Cells(
                """dv/dt = (drive - v)/(5*ms) : 1 (unless refractory)
                   dw/dt = (0.3*v - w)/(7*ms) : 1
                   drive = 1.3 + 0.4*sin(t/ms) - w : 1
                   held = cos(t/(2*ms)) : 1 (constant over dt)
                   since = (t - lastspike)/ms : 1
                   free = int(not_refractory) : 1
                   pace : 1""",
                receive="v : 1",
                threshold="v > 1",
                reset="v = 0.1*i; w += 0.2",
                refractory="0.7*ms",
                events={"high": ("v > 0.8", "w += 0.01; v *= 0.99"), "low": ("v < 0.1*i", "pace += 0.1")},
                method="euler",
                values={"pace": "1 + i"},
            ),
        },
        {
            "S": Synapses("clock", "cells", "send 0.3", pairs=SIX, delay="0.5*ms"),
            "T": Synapses("cells", "cells", "send 0.05", pairs=([0, 1, 3], [3, 0, 1]), delay="0*ms"),
        },
        beside=True,
        runs=("4.3*ms", "8*ms"),
        between=("cells.w = 0.2*i",),
    ),
    "slots of a step, delays alone": Case(
        {
            "clock": CLOCK,
            "cells": Cells(
                "dv/dt = -v/(5*ms) : 1 (unless refractory)\n n : 1",
                receive="v : 1",
                threshold="v > 0.5",
                reset="v -= 0.5",
                refractory="0.3*ms",
                events={"high": ("v > 0.4", "n += 1")},
            ),
        },
        {"S": Synapses("clock", "cells", "send 0.3", pairs=SIX, delay="0.8*ms")},
        slots=("after_groups", "before_thresholds", "after_thresholds", "after_synapses", "end"),
        runs=("3*ms", "9*ms"),
    ),
    "slots of a step, pathways": Case(
        {
            "clock": CLOCK,
            "cells": Cells("dv/dt = -v/(5*ms) : 1\n sum : 1", threshold="v > 1", reset="v = 0"),
        },
        {
            "S": Synapses(
                "clock", "cells", "v_post = v_post*0.9 + w", pairs=SIX, equations="w : 1", delay="0.4*ms", values={"w": "0.1*(1 + i)"}
            ),
        },
        slots=("before_groups", "after_thresholds", "after_synapses", "end"),
    ),
    # ---- synapses
    "delays": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = -v/(5*ms) : 1", receive="v : 1")},
        {
            "S": Synapses(
                "clock",
                "cells",
                "send w",
                pairs=SIX,
                equations="w : 1",
                delay="[0.15, 0.16, 0.25, 1.04, 1.05, 3] ms",
                values={"w": "[0.3, 0.23, 0.26, 0.5, 0.29, 0.4]"},
            )
        },
    ),
    "no delay, or less than half a step": Case(
        {
            "clock": CLOCK,
            "cells": Cells("dv/dt = (0.9 - v)/(5*ms) : 1", receive="v : 1", threshold="v > 1", reset="v = 0.1*i"),
        },
        {
            "S": Synapses(
                "clock",
                "cells",
                "send w",
                pairs=SIX,
                equations="w : 1",
                delay="[0, 0.04, 0.05, 0.1, 0, 0] ms",
                values={"w": "[0.3, 0.23, 0.26, 0.5, 0.29, 0.4]"},
            ),
            "T": Synapses("cells", "cells", "send 0.05", pairs=([0, 1, 3], [3, 0, 1]), delay="0*ms"),
        },
    ),
    "parallel synapses, to cells that are refractory": Case(
        {
            "clock": CLOCK,
            "cells": Cells(
                "dv/dt = -v/(5*ms) : volt (unless refractory)",
                receive="v : volt",
                threshold="v > 2*mV",
                reset="v = 0*mV",
                refractory="1*ms",
            ),
        },
        {
            "S": Synapses(
                "clock",
                "cells",
                "send w",
                pairs=([0, 0, 0, 1], [0, 0, 1, 0]),
                equations="w : volt",
                delay="0.7*ms",
                values={"w": "[1, 0.5, 0.7, 0.9] mV"},
            )
        },
    ),
    "two kinds of synapses": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = -v/(5*ms) : 1", receive="v : 1")},
        {
            "S": Synapses("clock", "cells", "send 0.3*w", pairs=([0, 1], [1, 1]), equations="w : 1", delay="0.4*ms", values={"w": "1"}),
            "T": Synapses("clock", "cells", "send -0.1", pairs=([0, 3], [1, 2]), delay="1.2*ms"),
        },
    ),
    "between slices": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = -v/(5*ms) : 1", receive="v : 1", size=6)},
        {
            "S": Synapses(
                "clock[1:4]", "cells[2:5]", "send 0.3 + 0.1*k", pairs=([0, 0, 2], [0, 1, 2]), equations="k : 1", values={"k": "[1, 2, 3]"}
            )
        },
    ),
    "connected between runs": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = -v/(5*ms) : 1", receive="v : 1")},
        {
            "S": Synapses(
                "clock",
                "cells",
                "send 0.3 - y; y += 0.02",
                pairs=([0, 1], [1, 3]),
                equations="dy/dt = -y/(20*ms) : 1 (event-driven)",
                delay="0.8*ms",
                later=([0, 1, 1], [0, 2, 3]),
            )
        },
        runs=("10.23*ms", "15*ms"),
    ),
    **{
        f"clock-driven synapses, {method}": Case(
            {"clock": CLOCK, "cells": Cells("dv/dt = (g*(1 - v) - v)/(5*ms) : 1\n g : 1", method="euler")},
            {
                "S": Synapses(
                    "clock",
                    "cells",
                    "x += 1; k *= 0.95",
                    pairs=([0, 0, 1, 2, 3], [0, 1, 2, 3, 0]),
                    equations="""dx/dt = -x/(2*ms) : 1 (clock-driven)
                                 ds/dt = k*x*(1 - s)/ms - s/(8*ms) : 1 (clock-driven)
                                 k : 1
                                 g_post = 0.5*s : 1 (summed)""",
                    delay="0.3*ms",
                    method=method,
                    values={"k": "[1, 0.5, 0.2, 0.7, 0.4]"},
                )
            },
        )
        for method in ("euler", "exponential_euler", "rk4")
    },
    # ---- synapses that change at regular times
    "weights that are normalised at regular times, beside plasticity": Case(
        {"clock": CLOCK, "cells": Cells("""dv/dt = (0.2 - v)/(5*ms) : 1
                                             dr/dt = -r/(20*ms) : 1
                                             lack = 1 - r : 1""", threshold="v > 0.6", reset="v = 0; r += 0.3", method="euler")},
        {
            "S": Synapses(
                "clock", "cells", "v_post += w; apre += 0.02; w = clip(w + apost, 0, 1)", pairs=SHARED_TARGETS, delay="0.3*ms",
                equations="""w : 1
                             k : 1
                             dapre/dt = -apre/(20*ms) : 1 (event-driven)
                             dapost/dt = -apost/(15*ms) : 1 (clock-driven)""",
                pathways={"on_post": ("apost -= 0.021; w = clip(w + apre, 0, 1)", "0*ms")},
                values={"w": "[0.5, 0.7, 0.9, 0.75, 0.6, 0.3]", "k": "1 + 0.1*i"},
                every=(("w = clip(w*0.99 + 0.02*lack_post*k, 0, 1); apost *= 0.98", "1*ms"), ("k += 0.01*(v_post - gain_pre*j); w *= k", "2.5*ms")),
                slots=("before_groups", "after_thresholds", "end"),
            ),
        },
        runs=("31.2*ms", "30*ms"),
    ),
    "synapses that read their changing source at regular times, with sums": Case(
        {
            "a": Cells("dx/dt = (1 + 0.3*i - x)/(7*ms) : 1", threshold="x > 0.8", reset="x = 0", method="euler"),
            "cells": Cells("dv/dt = (g - v)/(5*ms) : 1\n g : 1", sums=("g",), method="euler"),
        },
        {
            "S": Synapses(
                "a", "cells", "s += 0.2", pairs=SIX, delay="0*ms", method="euler", values={"c": "0.1*j"},
                equations="""c : 1
                             ds/dt = -s/(4*ms) : 1 (clock-driven)
                             g_post = s*c : 1 (summed)""",
                every=(("c = 0.9*c + 0.1*x_pre*(1 - v_post)*t/(10*ms) + 0.01*N_incoming", "0.7*ms"),),
                slots=("before_groups",),
            ),
        },
        runs=("14*ms", "20*ms"),
    ),
    # ---- noise that comes to nothing: what is drawn differs
    **{
        f"clock-driven synapses, {method} beside noise": Case(
            {"clock": CLOCK, "cells": Cells("dv/dt = (g*(1 - v) - v)/(5*ms) : 1\n g : 1", method="euler")},
            {
                "S": Synapses(
                    "clock", "cells", "x += 1", pairs=SIX, delay="0.3*ms", method=method, values={"k": "0"},
                    equations="""dx/dt = -x/(2*ms) + k*xi/ms**0.5 : 1 (clock-driven)
                                 ds/dt = x*(1 - s)/ms - s/(8*ms)""" + s_noise + """ : 1 (clock-driven)
                                 k : 1 (constant)
                                 g_post = 0.5*s : 1 (summed)"""),
            },
        )
        for method, s_noise in (("euler", ""), ("heun", " + k*s*xi_s/ms**0.5"), ("milstein", " + k*s*xi_s/ms**0.5"), ("", " + k*s*xi_s/ms**0.5"))
    },
    # ---- linear clock-driven synapses, which Brian integrates exactly. Its solution divides by differences of time constants:
    # with 2, 3 and 3.4 ms it is wrong in the sixth digit, and with two of them equal nothing is left; so these are far apart.
    **{
        f"clock-driven synapses, exact: {name}": Case(
            {"clock": CLOCK, "cells": Cells("dv/dt = (g*(1 - v) - v)/(5*ms) : 1\n g : 1", method="euler")},
            {
                "S": Synapses(
                    "clock", "cells", "x += 1", pairs=SIX, equations=equations + "\n g_post = 0.5*z : 1 (summed)", delay="0.3*ms",
                    method=method, values={"tau": "[0.2, 0.3, 0.1, 0.15, 0.4, 0.7] ms"} if "tau" in equations else {}),
            },
        )
        for name, method, equations in (
            ("a chain of three", "exact", """dx/dt = -x/(2*ms) : 1
                                             dy/dt = (x - y)/(3*ms) : 1
                                             dz/dt = (y - z + 0.1)/(7*ms) : 1"""),
            ("of each synapse", "exact", """dx/dt = -x/tau : 1
                                            dy/dt = (x - y)/(3*ms) : 1
                                            dz/dt = (y - z)/(1.7*tau) : 1
                                            tau : second"""),
            ("in a circle", "exact", """dx/dt = (0.3*z - x)/(2*ms) : 1
                                        dz/dt = (x - z)/(5*ms) : 1"""),
            ("Brian's choice", "", """dx/dt = (0.2*y - x)/(2*ms) : 1
                                      dy/dt = (x - y)/tau : 1
                                      dz/dt = (y - z)/(7*ms) : 1
                                      tau : second"""),
            ("not for an integral", "", """dx/dt = -x/(2*ms) : 1
                                           dz/dt = (x - 0.1)/(9*ms) : 1"""),
        )
    },
    "clock-driven synapses that know their places, and what they share": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = (g*(1 - v) - v)/(5*ms) : 1\n g : 1", method="euler")},
        {
            "S": Synapses(
                "clock", "cells", "x += k", pairs=SIX, delay="0.3*ms", method="exact", values={"k": "0.7"},
                equations="""k : 1 (shared)
                             wave = 0.1*k*sin(t/ms) : 1 (shared)
                             dx/dt = (0.1*i + 0.2*j - x*(1 + i))/(3*ms) : 1
                             dy/dt = (x - y)/(2*ms) : 1
                             dz/dt = (y - z)/(4*ms*(1 + j)) : 1
                             g_post = z*i + wave*j/N_post : 1 (summed)"""),
        },
    ),
    # ---- clock-driven synapses whose events do more than change them
    **{
        f"pair-based plasticity with clock-driven traces, {name}": Case(
            {"clock": CLOCK, "cells": PUSHED},
            {
                "S": Synapses(
                    "clock", "cells", "v_post += w; apre += 0.02; w = clip(w + apost, 0, 1)", pairs=SHARED_TARGETS,
                    equations="""w : 1
                                 dapre/dt = -apre/(20*ms) : 1 (clock-driven)
                                 dapost/dt = -apost/(15*ms) : 1 (clock-driven)""",
                    delay=delay, values={"w": "[0.5, 0.7, 0.9, 0.75, 0.6, 0.3]"},
                    pathways={"on_post": ("apost -= 0.021; w = clip(w + apre, 0, 1)", post_delay)},
                    slots=("start", "after_thresholds", "end"),
                ),
            },
            runs=("60*ms",),
        )
        for name, delay, post_delay in (
            ("without delay", "0*ms", "0*ms"),
            ("delays of both", "0.3*ms", "0.7*ms"),
            ("delays differ", "[0, 0.1, 1.5, 0.2, 0.7, 2] ms", "0.2*ms"),
        )
    },
    "clock-driven synapses that the target drives, with sums and several pathways": Case(
        {"clock": CLOCK, "cells": Cells("""dv/dt = (0.3 + g*(1 - v) + h - v)/(5*ms) : 1 (unless refractory)
                                             dc/dt = -c/(15*ms) : 1
                                             u = v**2 - c : 1
                                             g : 1
                                             h : 1""", threshold="v > 0.5", reset="v = 0; c += 0.1", refractory="0.8*ms", method="euler")},
        {
            "S": Synapses(
                "clock", "cells", "x += 0.3 - 0.1*clip(u_post, 0, 1); v_post = v_post + 0.1*s", pairs=SHARED_TARGETS,
                equations="""dx/dt = (0.2*c_post*gain_pre - x)/(2*ms) : 1 (clock-driven)
                             ds/dt = k*x*(1 - s)/ms - s*(1 + clip(v_post, 0, 1))/(8*ms) : 1
                             dy/dt = -y/(9*ms) : 1 (event-driven)
                             k : 1
                             n : 1
                             g_post = 0.5*s : 1 (summed)
                             h_post = 0.2*n*x - 0.02*clip(u_post, -1, 1) : 1 (summed)""",
                delay="0*ms", values={"k": "[1, 0.5, 0.2, 0.7, 0.4, 0.8]"}, method="rk2",
                pathways={"on_pre more": ("y += x; n = clip(y, 0, 1)", "1.3*ms"), "on_post": ("k *= 0.98; x = x*0.9; c_post += 0.05*y", "0.2*ms"),
                          "on_post early": ("n += 0.1*s", "0*ms")},
                slots=("before_groups", "before_thresholds", "after_resets"),
            ),
        },
        runs=("30*ms", "30*ms"),
        between=("S.k = 0.9*k + 0.01*j", "S[0, :].s = 0.2"),
    ),
    "depressing and facilitating synapses": Case(
        {"clock": CLOCK, "cells": Cells("dg/dt = -g/(5*ms) : siemens", receive="g : siemens")},
        {
            "S": Synapses(
                "clock",
                "cells",
                "u += U*(1 - u); r = u*x; x -= r; send w*r",
                pairs=([0, 0, 1, 2, 3], [0, 1, 2, 3, 0]),
                equations="""du/dt = -u/(30*ms) : 1 (event-driven)
                             dx/dt = (1 - x)/(80*ms) : 1 (event-driven)
                             w : siemens (constant)
                             U : 1 (constant)""",
                delay="1.5*ms",
                values={"w": "[1, 2, 3, 4, 5] nS", "U": "[0.1, 0.2, 0.3, 0.4, 0.5]", "x": "1"},
            )
        },
        runs=("100*ms",),
    ),
    # ---- pathways that write to the target
    **{
        f"resources of synapses, {name}": Case(
            {
                "clock": CLOCK,
                "cells": Cells(
                    """dv/dt = (g_e*(1 - v) + g_i*(-0.2 - v) - v)/(5*ms) : 1 (unless refractory)
                       dg_e/dt = -g_e/(4*ms) : 1
                       dg_i/dt = -g_i/(9*ms) : 1
                       n : 1""",
                    threshold="v > 0.3",
                    reset="v = 0; n -= 0.5",
                    refractory="1.5*ms",
                    method="euler",
                ),
            },
            {
                "S": Synapses(
                    "clock",
                    "cells",
                    "u += U*(1 - u); r = u*x; x -= r; g_e_post += w*r; n_post += 1",
                    pairs=SIX,
                    equations="""du/dt = -u/(30*ms) : 1 (event-driven)
                                 dx/dt = (1 - x)/(80*ms) : 1 (event-driven)
                                 w : 1 (constant)
                                 U : 1 (constant)""",
                    delay=delay,
                    values={"w": weight, "U": U, "x": "1"},
                ),
                "T": Synapses(
                    "cells",
                    "cells",
                    "g_i_post += 0.2; v_post -= 0.01; g_i_post -= 0.05*a; a += 1",
                    pairs=([0, 0, 3], [0, 3, 1]),
                    equations="da/dt = (2 - a)/(20*ms) : 1 (event-driven)",
                    delay="0.3*ms",
                    values={"a": "0.5"},
                ),
            },
            runs=("60*ms",),
        )
        for name, delay, weight, U in (
            ("all equal", "1.5*ms", "2", "0.3"),
            ("without delay", "0*ms", "2", "0.3"),
            ("weights differ", "0.7*ms", "[1, 2, 1.5, 2.5, 3, 2]", "0.3"),
            ("what spikes use up differs", "0.7*ms", "2", "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]"),
            ("delays differ", "[0, 0.1, 1.5, 0.2, 0.7, 2] ms", "[1, 2, 1.5, 2.5, 3, 2]", "0.3"),
        )
    },
    "a parameter of the source, and jumps of what is refractory": Case(
        {
            "clock": Cells("dx/dt = rate : 1\n rate : Hz\n gain : 1", threshold="x > 1", reset="x = 0", method="euler",
                           values={"rate": "(100 + 130*i)*Hz", "gain": "3"}),
            "cells": Cells("dv/dt = -v/(5*ms) : volt (unless refractory)\n k : volt", threshold="v > 2*mV", reset="v = 0*mV",
                           refractory="1*ms"),
        },
        {
            "S": Synapses("clock", "cells", "v_post += 0.3*w*gain_pre; k_post -= w; w *= 1.02", pairs=([0, 0, 0, 1], [0, 0, 1, 0]),
                          equations="w : volt", delay="0.2*ms", values={"w": "[1, 0.5, 0.7, 0.9] mV"}),
        },
    ),  # fmt: skip
    # ---- spikes of targets
    "traces that spikes of both ends leave": Case(
        {"clock": CLOCK, "cells": Cells("dg/dt = -g/(5*ms) : 1\n dx/dt = (0.15 + 0.03*i)/ms : 1", threshold="x > 1", reset="x = 0", method="euler")},
        {
            "S": Synapses(
                "clock",
                "cells",
                "a += 0.1; w = clip(w + b, 0, 2); g_post += w",
                pathways={"on_post": ("b -= 0.12; w = clip(w + a, 0, 2)", "0*ms")},
                pairs=SIX,
                equations="""da/dt = -a/(8*ms) : 1 (event-driven)
                             db/dt = -b/(6*ms) : 1 (event-driven)
                             w : 1""",
                delay="0.3*ms",
                values={"w": "[1, 0.9, 0.8, 0.7, 0.6, 0.5]"},
            )
        },
        runs=("60*ms",),
    ),
    # ---- general pathways: events act one after the other
    "reading the target, and what it has received": Case(
        {"clock": CLOCK, "cells": PUSHED},
        {
            "S": Synapses("clock", "cells", "v_post += w*(E - v_post); w = w + 0.01*v_post; n_post += 1", pairs=SHARED_TARGETS,
                          equations="w : 1\n E : 1", delay="0.3*ms", values={"w": "[0.2, 0.3, 0.4, 0.5, 0.35, 0.25]", "E": "1.2"}),
            "adding": Synapses("clock", "cells", "v_post += 0.05; n_post += 0.1", pairs=SHARED_TARGETS, delay="0.3*ms"),
            "zoom": Synapses("clock", "cells", "n_post *= 0.9; v_post -= 0.01*n_post", pairs=SHARED_TARGETS, delay="0.3*ms"),
        },
        runs=("60*ms",),
    ),
    **{
        f"setting the target, delay {delay}": Case(
            {"clock": CLOCK, "cells": PUSHED},
            {
                "S": Synapses("clock", "cells", "v_post = w*(1 + 0.1*n_post); n_post = n_post/2 + w + k_post; k_post += 1",
                              pairs=SHARED_TARGETS, equations="w : 1", delay=delay,
                              values={"w": "[0.5, 0.7, 0.9, 0.75, 0.6, 0.3]"}),
            },
            runs=("60*ms",),
        )
        for delay in ("0*ms", "0.4*ms")
    },
    "several on_pre, and on_post on the target": Case(
        {"clock": CLOCK, "cells": PUSHED},
        {
            "S": Synapses("clock", "cells", "v_post += w", pairs=SHARED_TARGETS, equations="w : 1", delay="0.3*ms",
                          values={"w": "[0.5, 0.7, 0.9, 0.75, 0.6, 0.3]"},
                          pathways={"on_pre late": ("n_post = 0.5*n_post + w*v_post", "1.1*ms"),
                                    "on_pre again": ("w *= 0.99", "0.3*ms"),
                                    "on_post": ("w = clip(w*1.05, 0, 2); n_post -= 0.1*w", "0*ms"),
                                    "on_post later": ("v_post -= 0.01*n_post", "0.7*ms")}),
            "more": Synapses("clock", "cells", "v_post *= 1.1; x = x + 1; k_post = x", pairs=([0, 3], [2, 3]), later=([1, 2], [2, 1]),
                             equations="dx/dt = -x/(10*ms) : 1 (event-driven)", delay="0.2*ms"),
        },
        runs=("30*ms", "30*ms"),
    ),
    **{
        f"pair-based plasticity that the target sees, on_post of order {order}": Case(
            {"clock": CLOCK, "cells": PUSHED},
            {
                "S": Synapses(
                    "clock", "cells", "v_post += w; x += 0.02; w = clip(w + y - 0.01*v_post, 0, 1)", pairs=SHARED_TARGETS,
                    equations="""w : 1
                                 dx/dt = -x/(20*ms) : 1 (event-driven)
                                 dy/dt = (x - y)/(30*ms) : 1 (event-driven)""",
                    delay="0*ms", values={"w": "[0.5, 0.7, 0.9, 0.75, 0.6, 0.3]"},
                    pathways={"on_post": ("y -= 0.021; w = clip(w + x, 0, 1); n_post += w", "0*ms")}, orders={"post": order}),
            },
            runs=("80*ms",),
        )
        for order in (-2, 1)
    },
    "delays that differ, of events that act one after the other": Case(
        {"clock": CLOCK, "cells": PUSHED},
        {
            "S": Synapses("clock", "cells", "x += 0.1; v_post += w*(1.3 - v_post); w *= 1.01", pairs=SHARED_TARGETS,
                          equations="w : 1\n dx/dt = -x/(5*ms) : 1 (event-driven)", delay="[0, 0.1, 1.5, 0.2, 0.7, 2] ms",
                          values={"w": "[0.5, 0.7, 0.9, 0.75, 0.6, 0.3]"},
                          pathways={"on_pre late": ("n_post = 0.5*n_post + x", "1.1*ms"), "on_post": ("w *= 0.95; n_post += w*x", "0.1*ms")}),
            "restless": Synapses("clock", "cells", "k_post += y*exp(-t/(50*ms)); y -= 0.2", pairs=SHARED_TARGETS,
                                 equations="dy/dt = (1 - y)/(20*ms) : 1 (event-driven)", delay="[0, 0.4, 1.5, 0.2, 0.7, 2] ms"),
            "adding": Synapses("clock", "cells", "k_post += w; w += 1", pairs=SHARED_TARGETS, equations="w : 1",
                               delay="[0.3, 0.1, 0.3, 0.2, 0, 0.3] ms", pathways={"on_post": ("w *= 0.5", "0*ms")}),
        },
        runs=("60*ms",),
    ),
    "delays that differ, of each pathway for itself": Case(
        {"clock": CLOCK, "cells": PUSHED},
        {
            "S": Synapses("clock", "cells", "x += 0.1; v_post += w*(1.3 - v_post); w *= 1.01", pairs=SHARED_TARGETS,
                          equations="w : 1\n dx/dt = -x/(5*ms) : 1 (event-driven)", delay="[0, 0.1, 1.5, 0.2, 0.7, 2] ms",
                          values={"w": "[0.5, 0.7, 0.9, 0.75, 0.6, 0.3]"},
                          pathways={"on_pre late": ("n_post = 0.5*n_post + x", "[1.1, 0.4, 0, 2.2, 0.3, 0.3] ms"),
                                    "on_post": ("w *= 0.95; n_post += w*x", "[0.1, 0.2, 0.1, 0, 3, 1] ms")}),
            "even": Synapses("clock", "cells", "k_post = k_post/2 + 1", pairs=SHARED_TARGETS, delay="0.3*ms",
                             pathways={"on_pre late": ("k_post -= 0.1*n_post", "[0.3, 0.6, 0.3, 0, 1, 4] ms")}),
            "traces": Synapses("clock", "cells", "a += 0.1; w = clip(w + b, 0, 2); k_post += w", pairs=SHARED_TARGETS,
                               equations="da/dt = -a/(8*ms) : 1 (event-driven)\n db/dt = -b/(6*ms) : 1 (event-driven)\n w : 1",
                               delay="0.2*ms", pathways={"on_post": ("b -= 0.12; w = clip(w + a, 0, 2)", "[0.3, 0, 0.2, 1.5, 0.2, 0.9] ms")}),
        },
        runs=("35*ms", "25*ms"),
    ),
    "what changes at the source": Case(
        {"drivers": Cells("dv/dt = (1.2 + 0.05*i - v)/(5*ms) : 1\n da/dt = -a/(20*ms) : 1\n u = v*exp(-a) : 1", threshold="v > 1",
                          reset="v = 0; a += 0.3", method="euler", values={"v": "0.2*i"}), "cells": PUSHED},
        {
            "S": Synapses("drivers", "cells", "v_post += 0.3*u_pre", pairs=SHARED_TARGETS, delay="0*ms",
                          pathways={"on_pre late": ("n_post += v_pre", "0.8*ms"), "on_post": ("k_post += a_pre*v_pre", "0*ms")}),
            "adding": Synapses("drivers", "cells", "k_post += a_pre", pairs=SHARED_TARGETS, delay="0.1*ms"),
        },
        runs=("60*ms",),
    ),
    **{
        f"pathways at custom events, {what}": Case(
            {"drivers": EVENTFUL, "cells": dataclasses.replace(EVENTFUL, values={"drive": "1.3 - 0.1*i"}), "silent": SILENT},
            {
                "S": Synapses("drivers", "cells", "v_post += w*(1.3 - v_post); x += 0.1", pairs=SHARED_TARGETS,
                              equations="w : 1\n dx/dt = -x/(10*ms) : 1 (event-driven)", delay=delays[0],
                              values={"w": "[0.05, 0.07, 0.09, 0.075, 0.06, 0.03]"},
                              pathways={"on_pre late": ("n_post = 0.5*n_post + x", delays[1]),
                                        "on_pre spiking": ("n_post += 0.1*w", "0.3*ms"),
                                        "on_post": ("w = clip(w + 0.01*x, 0, 1); n_post -= 0.1*w", delays[2]),
                                        "on_post spiking_too": ("w *= 0.99", "0*ms")},
                              orders={"late": 2}, events={"pre": "high", "late": "a_low", "post": "high"}),
                "adding": Synapses("drivers[1:4]", "cells", "k_post += 1", pairs=([0, 1, 2], [0, 1, 1]), delay="0*ms",
                                   events={"pre": "a_low"}),
                "alone": Synapses("silent", "cells", "k_post += 0.5", pairs=([0, 1], [2, 3]), delay="0.2*ms", events={"pre": "b_often"}),
            },
            runs=("30.1*ms", "29.9*ms"),
        )
        for what, delays in {
            "without delay": ("0*ms", "0*ms", "0*ms"),
            "a delay of each pathway": ("0.4*ms", "1.1*ms", "0.2*ms"),
            "delays that differ": ("[0, 0.1, 1.5, 0.2, 0.7, 2] ms", "[1.1, 0.4, 0, 2.2, 0.3, 0.3] ms", "[0.1, 0.2, 0.1, 0, 3, 1] ms"),
        }.items()
    },
    "what pathways know: expressions of the target, its places, the time": Case(
        {"clock": CLOCK, "cells": dataclasses.replace(PUSHED, equations=PUSHED.equations + "\n u = v**2 + 0.1*i : 1")},
        {
            "S": Synapses("clock", "cells", "v_post += 0.3*exp(-u_post)*gain_pre; n_post = 0.9*n_post + i + 2*j + t/ms + t_in_timesteps*dt/ms",
                          pairs=SHARED_TARGETS, delay="0.2*ms"),
            "adding": Synapses("clock", "cells", "k_post += 0.1*period_pre + j + N_pre/(1 + N_post)", pairs=SHARED_TARGETS),
        },
        runs=("60*ms",),
    ),
    "event-driven, time constants and delays of each synapse": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = -v/(5*ms) : 1", method="euler", receive="v : 1")},
        {
            "S": Synapses(
                "clock",
                "cells",
                "f += 0.3*(1 - f); send f*x; x -= 0.4*x",
                pairs=SIX_TO_THREE,
                equations="""df/dt = -f/tau : 1 (event-driven)
                             dx/dt = (1 - x)/tau : 1 (event-driven)
                             tau : second""",
                delay="[0.5, 1, 0.2, 1.3, 0.7, 0.6] ms",
                values={"tau": "[2, 3, 4, 5, 6, 7] ms", "x": "1"},
            )
        },
    ),
    # ---- how many synapses there are
    **{
        f"how many synapses there are, {name}": Case(
            {"clock": CLOCK, "cells": dataclasses.replace(PUSHED, equations="dv/dt = (total - v)/(8*ms) : 1 (unless refractory)\n n : 1\n k : 1\n total : 1", receive="v : 1", sums=("total",))},
            {
                "S": Synapses("clock", "cells", on_pre, pairs=SHARED_TARGETS, equations=equations, delay="0.3*ms" if on_pre else "0*ms",
                              later=later, values=values),
                "T": Synapses("clock", "cells", "n_post += 0.01*N", pairs=SIX, delay="0.3*ms"),
            },
            runs=("30*ms", "30*ms"),
            between=between,
        )
        for later in ((), ([1, 1, 2, 3], [2, 1, 1, 0]))
        for name, on_pre, equations, values, between in (
            (f"adding, later {len(later)}", "v_post += 0.3/N_incoming + 0.1/N_outgoing; k_post += N", "", {}, ()),
            (f"acting one after the other, later {len(later)}", "v_post = v_post + 0.3/N_incoming; k_post = N_outgoing + N*v_post", "", {}, ()),
            (f"sending, later {len(later)}", "send w/N_incoming + 0.01*N", "w : 1", {"w": "0.3 + 0.1*N_outgoing/N"}, ("S.w = 0.2*N_incoming + w/N",)),
            (f"clock-driven, later {len(later)}", "g += 1/N_outgoing", "dg/dt = -g*N/(20*ms) : 1 (clock-driven)\n total_post = g/N_incoming : 1 (summed)", {}, ()),
            (f"a sum, later {len(later)}", "", "total_post = period_pre/N_incoming + 0.1*N_outgoing*N : 1 (summed)", {}, ()),
        )
    },
    "one value for all synapses": Case(
        {
            "clock": CLOCK,
            "cells": Cells("dv/dt = (1.2 - v)/(9*ms) : 1", threshold="v > 1", reset="v = 0", method="euler"),
        },
        {
            "S": Synapses(
                "clock",
                "cells",
                "a += 1; w = clip(w + b*kappa, 0, 1); v_post += rise*w",
                pathways={"on_post": ("b += eta; w = clip(w + a*kappa, 0, 1)", "0*ms")},
                pairs=SIX,
                equations="""eta : 1 (constant, shared)
                             kappa : 1 (shared)
                             rise = 2*kappa*(1 + t/second) : 1 (shared)
                             da/dt = -a/(7*ms) : 1 (event-driven)
                             db/dt = -b/(9*ms) : 1 (event-driven)
                             w : 1""",
                values={"eta": "0.3", "kappa": "0.05", "w": "0.1 + 0.1*i"},
                later=([0, 1, 3], [3, 2, 0]),
            )
        },
        runs=("30*ms", "30*ms"),
        between=("S.eta = -0.2",),
    ),
    # ---- assignments to synapses between runs
    **{
        f"assigned between runs, {name}": Case(
            {"clock": CLOCK, "cells": Cells("dg/dt = -g/(5*ms) : 1")},
            {
                "S": Synapses(
                    "clock",
                    "cells",
                    "u += 0.3*(1 - u); r = u*x; x -= r; g_post += w*r",
                    pairs=SIX,
                    equations="""du/dt = -u/(30*ms) : 1 (event-driven)
                                 dx/dt = (1 - x)/(80*ms) : 1 (event-driven)
                                 w : 1""",
                    delay="1.5*ms",
                    values={"w": "2", "x": "1"},
                )
            },
            runs=("31*ms", "40*ms"),
            between=between,
        )
        for name, between in (
            ("a weight", ("S.w = 0.5",)),
            ("from themselves", ("S.w = 2*w + 0.1*i - j*x", "S.u = u/2")),
            ("what is rest", ("S.x = 1", "S.w = 3")),
            ("parts", ("S[0, :].w = 0.25", "S[1:3, 2:4].x = u*x", "S[:, 3].u = 0")),
        )
    },
    "assigned between runs, to some nodes": one(
        "dv/dt = (drive - v)/(8*ms) : 1\n drive : 1",
        size=9,
        method="euler",
        values={"drive": "1 + 0.1*i"},
        runs=("3*ms", "3*ms"),
        between=("cells[[0, 3, 8]].v = 0.1 + v", "cells[-2:].drive = 2*drive", "cells[[1, 2]].drive = 0.5", "cells[-9].v = 0.3"),
    ),
    "assigned between runs, what sources and targets have": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = (1.1 - v)/(5*ms) : 1\n u = 2*v + gain : 1\n gain : 1", threshold="v > 1", reset="v = 0", method="euler", values={"gain": "0.1*i"})},
        {"S": Synapses("clock", "cells", "v_post += w", pairs=SIX, equations="w : 1", values={"w": "0.1*gain_pre + 0.1*gain_post"})},
        runs=("31*ms", "20*ms"),
        between=("S.w = w + 0.1*v_post - 0.05*gain_pre", "cells.gain = 0.3*gain", "S[1:3, :].w = 0.1*u_post/N_incoming"),
    ),
    "assigned between runs, what pathways only read": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = (1.1 - v)/(5*ms) : 1", threshold="v > 1", reset="v = 0", method="euler")},
        {
            "S": Synapses(
                "clock",
                "cells",
                "v_post += w*(2 - v_post)",
                pathways={"on_pre late": ("v_post -= w/2", "3*ms")},
                pairs=SIX,
                equations="w : 1",
                values={"w": "0.1"},
            )
        },
        runs=("31*ms", "20*ms", "7*ms"),
        between=("S.w = 2*w", "S[1:3, :].w = w - 0.05"),
    ),
    "assigned between runs, to synapses that listen": Case(
        {"clock": CLOCK, "cells": Cells("dg/dt = -g/(5*ms) : 1\n dx/dt = (0.15 + 0.03*i)/ms : 1", threshold="x > 1", reset="x = 0", method="euler")},
        {
            "S": Synapses(
                "clock",
                "cells",
                "a += 0.1; w = clip(w + b, 0, 2); g_post += w",
                pathways={"on_post": ("b -= 0.12; w = clip(w + a, 0, 2)", "0*ms")},
                pairs=SIX,
                equations="""da/dt = -a/(8*ms) : 1 (event-driven)
                             db/dt = -b/(6*ms) : 1 (event-driven)
                             w : 1""",
                delay="0.3*ms",
                values={"w": "[1, 0.9, 0.8, 0.7, 0.6, 0.5]"},
            )
        },
        runs=("33*ms", "37*ms"),
        between=("S.w = clip(w + a + 2*b, 0, 1)", "S[0:2, :].b = b/2", "S[:, 3].a = 0.05*j"),
    ),
    "assigned between runs, to clock-driven ones": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = (g_in - v)/(5*ms) : 1\n g_in : 1", method="euler", sums=("g_in",))},
        {
            "S": Synapses(
                "clock",
                "cells",
                "g += w",
                pairs=SIX_TO_THREE,
                equations="""dg/dt = -g/(4*ms) : 1 (clock-driven)
                             w : 1
                             g_in_post = g**2 + 0.1*w : 1 (summed)""",
                delay="0.5*ms",
                values={"w": "0.3"},
            )
        },
        runs=("11*ms", "20*ms"),
        between=("S.g = g/2 + w", "S.w = 0.1 + 0.1*i"),
    ),
    # ---- (linked) parameters, of populations that Brian advances before those that they are linked to, by their names
    "linked, one to one": Case(
        {
            "alias": Cells("du/dt = (x - u)/(3*ms) : 1\n x : 1 (linked)", method="euler", sums=("x",)),
            "base": Cells(LEAKY, threshold="v > 1", reset="v = 0", method="euler", values=SPREAD),
        },
        links={"alias.x": ("base.v", "")},
    ),
    "linked, one for all": Case(
        {
            "alias": Cells("du/dt = (x - u)/(3*ms) : volt\n x : volt (linked)", method="rk4", sums=("x",)),
            "base": Cells("dv/dt = (10*mV - v)/(8*ms) : volt", size=1),
        },
        links={"alias.x": ("base.v", "")},
    ),
    "linked, by an index": Case(
        {
            "alias": Cells("du/dt = (x*y - u)/(3*ms) : 1\n x : 1 (linked)\n y : 1 (linked)", size=6, method="euler", sums=("x", "y")),
            "base": Cells(LEAKY, threshold="v > 1", reset="v = 0", method="euler", values=SPREAD),
        },
        links={"alias.x": ("base.v", "[3, 0, 0, 2, 1, 3]"), "alias.y": ("base.drive", "[0, 1, 2, 3, 2, 1]")},
    ),
    "linked, whole numbers and conditions": Case(
        {
            "alias": Cells(
                """dx/dt = (m//2 + int(c) + k + 10*int(h and not c) + r)/ms : 1
                   m : integer (linked)
                   c : boolean (linked)
                   k : integer (linked)
                   h : boolean (linked)
                   r : 1 (linked)""",
                size=5,
                method="euler",
                sums=("m", "c", "k", "h", "r"),
            ),
            "base": Cells(
                """dv/dt = (1 - v)/(2*ms) : 1
                   n : integer
                   up : boolean
                   more = n + 1 : integer
                   high = v > 0.5 : boolean""",
                size=3,
                threshold="v > 0.8",
                reset="v = 0; n += 1; up = not up",
                method="euler",
                values={"n": "i + 1", "up": "i != 1", "v": "0.2*i"},
            ),
        },
        links={
            "alias.m": ("base.n", "[0, 1, 2, 0, 1]"),
            "alias.c": ("base.up", "[0, 1, 2, 0, 1]"),
            "alias.k": ("base.more", "[2, 2, 2, 2, 2]"),
            "alias.h": ("base.high", "[1, 1, 0, 2, 1]"),
            "alias.r": ("base.v", "[2, 1, 0, 0, 1]"),
        },
    ),
    "linked, a parameter that is assigned between runs": Case(
        {
            "alias": Cells("du/dt = (x - u)/tau : 1\n x : 1 (linked)\n tau : second (linked)", method="euler", sums=("x", "tau")),
            "base": Cells("p : 1\n q : second", values={"p": "1 + i", "q": "(2 + i)*ms"}),
        },
        links={"alias.x": ("base.p", ""), "alias.tau": ("base.q", "[1, 1, 3, 0]")},
        runs=("5*ms", "5*ms"),
        between=("base.p = 3 - p", "base.q = 4*ms"),
    ),
    "linked, a subexpression, and the population's own": Case(
        {
            "alias": Cells("du/dt = (x + 0.1*next - u)/(3*ms) : 1\n x : 1 (linked)\n next : 1 (linked)", method="euler", sums=("x", "next"), values={"u": "i"}),
            "base": Cells("dv/dt = (1 + i - v)/(8*ms) : 1\n s = v**2 + t/(20*ms) : 1", method="euler"),
        },
        links={"alias.x": ("base.s", ""), "alias.next": ("alias.u", "[1, 2, 3, 0]")},
    ),
    # ---- clock-driven synapses
    "clock-driven synapses, summed": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = (g_in - v)/(5*ms) : 1\n g_in : 1", method="euler", sums=("g_in",))},
        {
            "S": Synapses(
                "clock",
                "cells",
                "g += w",
                pairs=SIX_TO_THREE,
                equations="""dg/dt = -g/tau : 1 (clock-driven)
                             w : 1
                             tau : second
                             g_in_post = g**2 + 0.1*w : 1 (summed)""",
                delay="0.5*ms",
                values={"w": "[0.3, 0.23, 0.26, 0.5, 0.29, 0.4]", "tau": "[2, 3, 4, 5, 6, 7] ms", "g": "0.2"},
            )
        },
    ),
    "a coefficient that synapses sum": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = (1 + 0.1*i - v*(1 + g))/(5*ms) : 1\n g : 1", sums=("g",))},
        {
            "S": Synapses(
                "clock",
                "cells",
                "s += w",
                pairs=SIX,
                equations="""ds/dt = -s/(4*ms) : 1 (clock-driven)
                             w : 1
                             g_post = s : 1 (summed)""",
                delay="0.4*ms",
                values={"w": "[0.3, 0.23, 0.26, 0.5, 0.29, 0.4]"},
            )
        },
    ),
    "clock-driven synapses that drive each other": Case(
        {"clock": CLOCK, "cells": Cells("dv/dt = (g_in - v)/(5*ms) : 1\n g_in : 1", method="euler", sums=("g_in",))},
        {
            "S": Synapses(
                "clock",
                "cells",
                "x += 1; n += x",
                pairs=SIX_TO_THREE,
                equations="""ds/dt = alpha*x*(1 - s) - s/(20*ms) : 1 (clock-driven)
                             dx/dt = -x/(3*ms) : 1 (clock-driven)
                             alpha : Hz
                             n : 1
                             g_in_post = 2*s/(1 + 0.1*n) : 1 (summed)""",
                delay="0.3*ms",
                values={"alpha": "[100, 130, 160, 200, 230, 260] Hz"},
            )
        },
    ),
}
