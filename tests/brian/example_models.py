"""The models of docs/brian-examples.md in Brian 2. Each gives dt in seconds, {report: [node][frame] in the report's unit} and
{population: spike monitor}."""

import warnings

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of modules that Brian imports
    from brian2 import BrianLogger, Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, StateMonitor, Synapses, TimedArray
    from brian2 import Hz, cm, defaultclock, meter, ms, mS, mV, nS, pA, pF, prefs, second, start_scope, uA, uF, umolar
    from brian2.codegen.generators.numpy_generator import NumpyCodeGenerator

prefs.codegen.target = "numpy"
NumpyCodeGenerator._use_ufunc_at_vectorisation = False  # synapses act one after the other, as in pair.py
BrianLogger.log_level_error()


def begin(dt):
    start_scope()
    defaultclock.dt = dt


def advance(duration, *objects, namespace=None):
    Network(*objects).run(duration, namespace=namespace or {})


def adaptive_threshold():
    begin(0.1 * ms)
    times = [2, 5, 5.5, 6, 7, 7.2, 7.5, 30, 31, 31.2, 31.3, 31.4, 31.5, 31.6]
    source = SpikeGeneratorGroup(4, np.tile(np.arange(4), len(times)), np.repeat(times, 4) * ms)
    equations = """dv/dt = -v/(10*ms) : volt
                   dvt/dt = (10*mV - vt)/(15*ms) : volt"""
    cell = NeuronGroup(1, equations, threshold="v > vt", reset="v = 0*mV; vt += 3*mV", method="exact")
    cell.vt = 10 * mV
    kicks = Synapses(source, cell, on_pre="v_post += 3*mV")
    kicks.connect()
    seen, spikes = StateMonitor(cell, ["v", "vt"], record=True), SpikeMonitor(cell)
    advance(100 * ms, source, cell, kicks, seen, spikes)
    return 1e-4, {"v_cell": seen.v / mV, "vt_cell": seen.vt / mV}, {"cell": spikes}


def morris_lecar():
    begin(0.05 * ms)
    constants = {"g_L": 2 * mS, "g_Ca": 4 * mS, "g_K": 8 * mS, "V_L": -50 * mV, "V_Ca": 100 * mV, "V_K": -70 * mV, "C": 20 * uF}
    equations = """dV/dt = (-g_L*(V - V_L) - g_Ca*m_inf*(V - V_Ca) - g_K*n*(V - V_K) + I)/C : volt
                   dn/dt = (n_inf - n)*cosh((V + 1*mV)/(29*mV))/(15*ms) : 1
                   m_inf = 0.5*(1 + tanh((V - 10*mV)/(15*mV))) : 1
                   n_inf = 0.5*(1 + tanh((V + 1*mV)/(14.5*mV))) : 1
                   I : amp"""
    fibres = NeuronGroup(20, equations, method="exponential_euler", namespace=constants)
    fibres.I, fibres.V = np.arange(1, 21) / 20 * 500 * uA, constants["V_L"]
    fibres.n = "n_inf"
    seen = StateMonitor(fibres, ["V", "n"], record=True, dt=1 * ms)
    advance(100 * ms, fibres, seen)
    return 5e-5, {"V_fibres": seen.V / mV, "n_fibres": seen.n}, {}


def synfire_chain():
    begin(0.1 * ms)
    equations = """dV/dt = (-70*mV - V + x)/(10*ms) : volt
                   dx/dt = (y - x)/(0.325*ms) : volt
                   dy/dt = 25.27*mV/ms - y/(0.325*ms) : volt"""
    chain = NeuronGroup(1000, equations, threshold="V > -55*mV", reset="V = -70*mV", refractory=1 * ms, method="exact")
    chain.V = "-70*mV + (i*37 % 100)/100.0*15*mV"
    pulse = NeuronGroup(85, "time : second", threshold="timestep(time, dt) == t_in_timesteps")
    pulse.time = "50*ms + (i - 42)*0.025*ms"
    along = Synapses(chain, chain, on_pre="y_post += 4.86*mV")
    along.connect(j="k for k in range((i//100 + 1)*100, (i//100 + 2)*100) if k < N_post")
    start = Synapses(pulse, chain, on_pre="y_post += 4.86*mV")
    start.connect(condition="j < 100")
    spikes = {"chain": SpikeMonitor(chain), "pulse": SpikeMonitor(pulse)}
    advance(100 * ms, chain, pulse, along, start, *spikes.values())
    return 1e-4, {}, spikes


def jeffress():
    begin(0.02 * ms)
    values = [0.3, -0.2, 0.9, -0.8, 0.1, 0.5, -0.4, 0.7, -0.9, 0.6, 0.2, -0.1, 0.8, -0.5, 0.4, 0.3, -0.7, 1, -0.3, 0.5]
    constants = {"sound": TimedArray(values, dt=1 * ms), "across": 20 * cm / (300 * meter / second)}
    equations = """side = 1 - 2*i : 1
                   heard = 3*sound(t - side*0.5*across*sin(2*pi*t/(20*ms))) : 1
                   dx/dt = (heard - x)/ms : 1"""
    ears = NeuronGroup(2, equations, threshold="x > 1", reset="x = 0", refractory=2.5 * ms, method="euler", namespace=constants)
    detectors = NeuronGroup(30, "dv/dt = -v/ms : 1", threshold="v > 1", reset="v = 0", method="exact")
    fibres = Synapses(ears, detectors, on_pre="v_post += 0.8", namespace=constants)
    fibres.connect()
    steps = np.where(fibres.i[:] == 0, fibres.j[:], 29 - fibres.j[:])
    fibres.delay = 1.1 * constants["across"] * steps / 29
    seen = StateMonitor(ears, "x", record=True)
    spikes = {"ears": SpikeMonitor(ears), "detectors": SpikeMonitor(detectors)}
    advance(20 * ms, ears, detectors, fibres, seen, *spikes.values())
    return 2e-5, {"x_ears": seen.x}, spikes


def learning_inhibition():
    begin(0.1 * ms)
    equations = """dv/dt = (10*nS*(-60*mV - v) - g_exc*v + g_inh*(-80*mV - v) + I)/(200*pF) : volt (unless refractory)
                   dg_exc/dt = -g_exc/(5*ms) : siemens
                   dg_inh/dt = -g_inh/(10*ms) : siemens
                   I : amp"""
    cells = NeuronGroup(200, equations, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method="euler")
    cells.v, cells.I = "-60*mV + (i*17 % 50)*0.2*mV", "150*pA + (i*7 % 20)*5*pA"
    exc, inh = cells[:160], cells[160:]
    excitation = Synapses(exc, cells, on_pre="g_exc_post += 0.3*nS")
    among_inh = Synapses(inh, inh, on_pre="g_inh_post += 3*nS")
    learning = Synapses(
        inh,
        exc,
        """w : 1
           dApre/dt = -Apre/tau : 1 (event-driven)
           dApost/dt = -Apost/tau : 1 (event-driven)""",
        on_pre="Apre += 1; w = clip(w + (Apost - alpha)*eta, 0, 100); g_inh_post += w*nS",
        on_post="Apost += 1; w = clip(w + Apre*eta, 0, 100)",
        namespace={"tau": 20 * ms, "eta": 0.01, "alpha": 2 * 3 * Hz * 20 * ms},
    )
    excitation.connect(condition="(i*7 + j*13) % 10 == 0")
    among_inh.connect(condition="(i*7 + j*13) % 10 == 0")
    learning.connect(condition="(i*11 + j*3) % 10 == 0")
    seen, spikes = StateMonitor(learning, "w", record=True, dt=10 * ms), SpikeMonitor(cells)
    advance(300 * ms, cells, excitation, among_inh, learning, seen, spikes)
    return 1e-4, {"w_learning": seen.w}, {"cells": spikes}


def half_centre():
    begin(0.05 * ms)
    equations = """g : 1
                   dv/dt = (v - v**3/3 - w + 0.6 - g*(v + 2))/ms : 1
                   dw/dt = 0.01*(v + 0.7 - 0.8*w)/ms : 1
                   release = 1/(1 + exp(-(v - 0.3)/0.1)) : 1"""
    cells = NeuronGroup(2, equations, method="rk2", name="cells")
    cells.v = [1, -1]
    crossed = Synapses(
        cells,
        cells,
        """ds/dt = (release_pre - s)/(5*ms) : 1 (clock-driven)
           g_post = 0.8*s : 1 (summed)""",
        method="euler",
        name="a_synapse",  # before "cells": it is to read them before they are advanced
    )
    crossed.connect(condition="i != j")
    seen = StateMonitor(cells, ["v", "w"], record=True)
    advance(300 * ms, cells, crossed, seen)
    return 5e-5, {"v_cells": seen.v, "w_cells": seen.w}, {}


def wang_buzsaki():
    begin(0.01 * ms)
    equations = """dv/dt = (I - 0.1*mS*(v + 65*mV) - 35*mS*m**3*h*(v - 55*mV) - 9*mS*n**4*(v + 90*mV))/(1*uF) : volt
                   m = 1/(1 + 4*exp(-(v + 60*mV)/(18*mV))*exprel(-(v + 35*mV)/(10*mV))) : 1
                   dh/dt = 5*(0.07*exp(-(v + 58*mV)/(20*mV))*(1 - h) - h/(1 + exp(-(v + 28*mV)/(10*mV))))/ms : 1
                   dn/dt = 5*(0.1/exprel(-(v + 34*mV)/(10*mV))*(1 - n) - 0.125*exp(-(v + 44*mV)/(80*mV))*n)/ms : 1
                   I : amp"""
    cells = NeuronGroup(3, equations, method="exponential_euler", namespace={"mS": mS})
    cells.v, cells.h, cells.I = -70 * mV, 1, [0.5, 1, 2] * uA
    seen = StateMonitor(cells, ["v", "h"], record=True, dt=0.1 * ms)
    advance(25 * ms, cells, seen)
    return 1e-5, {"v_cells": seen.v / mV, "h_cells": seen.h}, {}


def astrocyte_ring():
    begin(50 * ms)
    past = "(1 + tanh((abs({0}) - 0.3*uM)/(0.05*uM)))*sign({0})"
    equations = """target : mmolar
        leak : mmolar/second
        aim = target*int(t % (50*second) < 20*second) : mmolar
        dIP3/dt = 0.6*uM/second/(1 + IP3/(1.5*uM))*Ca**2/(Ca**2 + (0.1*uM)**2)
            - 4.5*uM/second*Ca**4/(Ca**4 + (0.7*uM)**4)*IP3/(IP3 + 1*uM) - IP3*(0.05*Hz) - 0.045*uM/second*PAST + leak : mmolar
        free = 2*uM - (1 + 0.18)*Ca : mmolar
        open = IP3/(IP3 + 0.13*uM)*Ca/(Ca + 0.08*uM)*h : 1
        Q = 1.05*uM*(IP3 + 0.13*uM)/(IP3 + 0.9434*uM) : mmolar
        dCa/dt = (6*Hz*open**3 + 0.1*Hz)*free - 0.9*uM/second*Ca**2/(Ca**2 + (0.05*uM)**2) : mmolar
        dh/dt = (Q - h*(Q + Ca))*(0.2/uM/second) : 1""".replace("PAST", past.format("(IP3 - aim)"))
    ring = NeuronGroup(50, equations, method="rk4", name="ring", namespace={"uM": umolar})
    ring.h, ring.target[25] = 0.9, 1 * umolar
    flow = "leak_post = 0.045*uM/second*PAST : mmolar/second (summed)".replace("PAST", past.format("(IP3_pre - IP3_post)"))
    junctions = Synapses(ring, ring, flow, name="a_synapse", namespace={"uM": umolar})
    junctions.connect(condition="abs(i - j) == 1 or abs(i - j) == N_pre - 1")
    seen = StateMonitor(ring, ["Ca", "IP3"], record=True, dt=0.5 * second)
    advance(60 * second, ring, junctions, seen)
    return 5e-2, {"Ca_ring": seen.Ca / umolar, "IP3_ring": seen.IP3 / umolar}, {}


def voltage_learning():
    begin(0.5 * ms)
    inputs = NeuronGroup(
        5,
        "drecent/dt = -recent/(15*ms) : 1",
        threshold="(t_in_timesteps + 17*i) % (40 + 9*i) == 0",
        reset="recent += 1/15",
        method="exact",
    )
    equations = """dv/dt = (30*nS*(-70*mV - v) - g*v)/(300*pF) : volt
                   dg/dt = -g/(2*ms) : siemens
                   dslow/dt = (v - slow)/(40*ms) : volt
                   dfast/dt = (v - fast)/(30*ms) : volt
                   dmean/dt = (v + 70*mV - mean)/(1*second) : volt"""
    cell = NeuronGroup(1, equations, threshold="v > -55*mV", reset="v = -70*mV", method="euler")
    cell.v, cell.slow, cell.fast = -70 * mV, -70 * mV, -70 * mV
    synapses = Synapses(
        inputs,
        cell,
        """w : 1
           aim : 1 (shared)""",
        on_pre="""g_post += w*(50*nS)
                  w = clip(w - 1.5e-4*(mean_post/mV)**2/aim*clip(slow_post/mV + 70, 0, inf), 0, 1)""",
        on_post="""slow_post += 10*mV
                   fast_post += 10*mV
                   mean_post += 0.1*mV
                   w = clip(w + 0.015*recent_pre*clip(fast_post/mV + 70, 0, inf), 0, 1)""",
    )
    synapses.connect()
    synapses.w, synapses.aim = 0.5, 12
    seen, watched = StateMonitor(synapses, "w", record=True), StateMonitor(cell, ["v", "fast", "mean"], record=True)
    spikes = {"inputs": SpikeMonitor(inputs), "cell": SpikeMonitor(cell)}
    advance(1 * second, inputs, cell, synapses, seen, watched, *spikes.values())
    traces = {"w_S": seen.w, **{f"{name}_cell": getattr(watched, name) / mV for name in ("v", "fast", "mean")}}
    return 5e-4, traces, spikes


def cortical_map():
    begin(0.1 * ms)
    lower = NeuronGroup(
        36,
        """x : 1
           y : 1
           angle : 1
           dphase/dt = 60*Hz*(1 + cos(2*pi*(t/(80*ms) - angle))) : 1""",
        threshold="phase > 1",
        reset="phase -= 1",
        method="euler",
    )
    upper = NeuronGroup(
        180,
        """x : 1
           y : 1
           tau : second
           dv/dt = (g - v)/tau : 1
           dg/dt = -g/(4*ms) : 1""",
        threshold="v > 1",
        reset="v = 0",
        method="euler",
    )
    exciting, calming = upper[:144], upper[144:]
    lower.x, lower.y, lower.angle = "(i % 6)/2", "(i//6)/2", "(i % 2 + 2*(i//6 % 2))/4"
    lower.phase = "0.3*angle + 0.001*i"
    exciting.x, exciting.y, exciting.tau = "(i % 12)/4", "(i//12)/4", 10 * ms
    calming.x, calming.y, calming.tau = "(i % 6)/2 + 0.1", "(i//6)/2 + 0.1", 5 * ms
    apart = "((x_pre - x_post)**2 + (y_pre - y_post)**2)"
    feeding = Synapses(lower, upper, "w : 1", on_pre="g_post += w")
    feeding.connect(condition="x_pre//1 == x_post//1 and y_pre//1 == y_post//1")
    feeding.w = "1.3*tau_post/(10*ms)"
    spreading = Synapses(exciting, upper, "w : 1", on_pre="g_post += w")
    spreading.connect(condition=f"i != j and {apart} < 0.6")
    spreading.w = f"0.1*exp(-{apart})"
    calming_down = Synapses(calming, exciting, on_pre="g_post -= 0.2")
    calming_down.connect(condition=f"{apart} < 0.8")
    seen = StateMonitor(upper, "v", record=True, dt=1 * ms)
    spikes = {"lower": SpikeMonitor(lower), "upper": SpikeMonitor(upper)}
    advance(200 * ms, lower, upper, feeding, spreading, calming_down, seen, *spikes.values())
    return 1e-4, {"v_exciting_calming": seen.v}, spikes


MODELS = {  # {heading of the page: function}
    "An adaptive threshold, and given spikes": adaptive_threshold,
    "Morris and Lecar 1981": morris_lecar,
    "A synfire chain: Diesmann, Gewaltig and Aertsen 1999": synfire_chain,
    "Jeffress 1948: where a sound comes from": jeffress,
    "Inhibition that learns: Vogels et al. 2011": learning_inhibition,
    "Two halves of a rhythm": half_centre,
    "Gamma rhythms: the cell of Wang and Buzsáki 1996": wang_buzsaki,
    "A ring of astrocytes: Stimberg et al. 2019": astrocyte_ring,
    "Learning from the voltage: Clopath et al. 2010": voltage_learning,
    "A map in parts: after Kremer et al. 2011": cortical_map,
}
