"""One description of a small model, and from it the model in Brian and in Glion.

The two languages agree in most of what is between the quotes: equations, conditions, statements and expressions are written once
and given to both as they are. So a difference between the results is one of meaning, not of spelling. What they call otherwise is
translated here: a synapse's `send VALUE` to the port `receive` of its target is an addition to that variable in Brian."""

import dataclasses
import os
import re
import warnings

import h5py
import numpy as np

import glion_test
from recordings import read_beside, read_rate, read_report, read_spikes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of modules that Brian imports
    import brian2
    from brian2.codegen.generators.numpy_generator import NumpyCodeGenerator

brian2.prefs.codegen.target = "numpy"
# Synapses that arrive in one step act one after the other, as with Brian's compiled targets; by itself this one would carry out
# each statement for all of them before the next one where it can.
NumpyCodeGenerator._use_ufunc_at_vectorisation = False
brian2.BrianLogger.log_level_error()

CHOICE = ("exact", "euler", "heun")  # Brian's own: the first that suits
KNOWN = {**vars(brian2.units.allunits), **vars(brian2.units), "timed_array": brian2.TimedArray}  # in values


@dataclasses.dataclass
class Cells:
    """A population."""

    equations: str  # a declaration in each line; all of them are recorded at each step, but for `sums`
    size: int = 4
    threshold: str = ""
    reset: str = ""
    refractory: str = ""
    events: dict = dataclasses.field(default_factory=dict)  # {name: (condition, statements)}
    method: str = ""  # none: each simulator chooses
    receive: str = ""  # "v : volt": what arrives is added to v
    values: dict = dataclasses.field(default_factory=dict)  # {variable: expression of i and N, or list such as "[1, 2] mV"}
    sums: tuple = ()  # not recorded: what (summed) equations drive, for Brian's monitor shows the sums of the step before; (linked)

    def happenings(self):
        return [*(["spikes"] if self.threshold else []), *self.events]

    def variables(self):
        names = re.findall(r"^\s*(?:d(?=\w+/dt))?(\w+)", self.equations, re.MULTILINE)
        return [name for name in names if name not in self.sums]


@dataclasses.dataclass
class Synapses:
    """Synapses between two populations, or slices of them, from cell `pairs[0][k]` to cell `pairs[1][k]`; sources ascend."""

    source: str  # "cells" or "cells[1:3]"
    target: str
    on_pre: str
    pairs: tuple
    equations: str = ""
    delay: str = "1*ms"  # or a list
    method: str = ""  # of clock-driven equations
    values: dict = dataclasses.field(default_factory=dict)
    later: tuple = ()  # the pairs that are connected after the first run
    pathways: dict = dataclasses.field(default_factory=dict)  # further ones: {"on_post" or "on_pre NAME": (statements, delay or list)}
    orders: dict = dataclasses.field(default_factory=dict)  # {name of a pathway: its order}, of on_pre "pre", of on_post "post"
    events: dict = dataclasses.field(default_factory=dict)  # {name of a pathway: the event at which it runs}; else spikes
    every: tuple = ()  # of (statements, interval)
    slots: tuple = ()  # of a step, at which variables are recorded besides `after_synapses`

    def recorded(self):
        """The variables of those that are connected at once: recorded when all has arrived in a step."""
        return [] if self.later else re.findall(r"^\s*(?:d(?=\w+/dt))?(\w+)(?:/dt = .*| :(?!.*\(shared\)).*)$", self.equations, re.MULTILINE)


@dataclasses.dataclass
class Case:
    cells: dict  # {name: Cells}
    synapses: dict = dataclasses.field(default_factory=dict)  # {name: Synapses}
    constants: dict = dataclasses.field(default_factory=dict)  # {name: quantity or timed_array(list, quantity)}, {"f(x)": expression}
    links: dict = dataclasses.field(default_factory=dict)  # {"A.x": ("B.y", ""), or with a list "[0, 0, 1]"}: (linked) parameters
    runs: tuple = ("20*ms",)
    slots: tuple = ()  # of a step, at which all variables of all cells are recorded besides its start
    beside: bool = False  # all variables are recorded beside spikes and events, too
    between: tuple = ()  # assignments after the first run: "S.w = 2*w", or "S[0, :].w = 0.5"
    dt: str = "0.1*ms"
    largest: float = 1e-12  # difference, of a variable's largest value: Brian's exact integration has coefficients of 15 digits

    def final(self, name):
        """Those that are compared in the end: of what is constant over dt Brian still has what was held in the last step."""
        held = re.findall(r"^\s*(\w+) = .*\(constant over dt\)$", self.cells[name].equations, re.MULTILINE)
        return [variable for variable in self.recorded(name) if variable not in held]

    def recorded(self, name):
        """The variables of a population, without (summed) ones: at t Brian still has the sum of the step before."""
        summed = {found for one in self.synapses.values() for found in re.findall(r"(\w+)_post = .*\(summed\)", one.equations)}
        return [variable for variable in self.cells[name].variables() if variable not in summed]


def one(equations, runs=Case.runs, dt=Case.dt, largest=Case.largest, constants=None, between=(), **more):
    """The case of a single population."""
    cells = {"cells": Cells(equations, **more)}
    return Case(cells, runs=runs, dt=dt, largest=largest, constants=constants or {}, between=between)


def quantity(text):
    """A quantity of Brian: `10*ms`, or of a list, `[1, 2] ms`."""
    listed = re.fullmatch(r"(\[.*\])\s*(\w*)", text)
    if listed:
        return np.array(eval(listed[1])) * eval(listed[2] or "1", KNOWN)
    return eval(text, KNOWN)


# ---- in Glion


def block(head, lines):
    return head + " {\n" + "".join(f"    {line}\n" for line in lines if line) + "}\n"


def declarations(equations):
    return [line.strip() for line in equations.strip().splitlines()]


def glion_cells(name, cells):
    lines = declarations(cells.equations)
    if cells.receive:
        variable, unit = cells.receive.split(" : ")
        lines.append(f"receive spike(J : {unit}) {{ {variable} += J }}")
    lines += [
        cells.threshold and f"threshold {cells.threshold}",
        cells.reset and f"reset {{ {cells.reset} }}",
        cells.refractory and f"refractory {cells.refractory}",
        *(f"event {event} if {condition} {{ {action} }}" for event, (condition, action) in cells.events.items()),
        cells.method and f"method {cells.method}",
    ]
    return block(f"population {name}[{cells.size}]", lines)


def glion_synapses(name, synapses):
    scalar = synapses.delay if "[" not in synapses.delay else "1*ms"
    lines = [*declarations(synapses.equations), f"on_pre{more_text(synapses, 'pre')} {{ {synapses.on_pre} }}", f"delay = {scalar}"]
    listed = {}  # delays of pathways that differ from synapse to synapse, which are values of these
    for head, (statements, delay) in synapses.pathways.items():
        if "[" in delay:
            listed[listed_delay(head)], delay = delay, listed_delay(head)
            lines.append(f"{delay} : second")
        lines.append(f"{head}(delay = {delay}{more_text(synapses, pathway_name(head), ', ')}) {{ {statements} }}")
    lines += [f"every {interval} {{ {statements} }}" for statements, interval in synapses.every]
    lines.append(synapses.method and f"method {synapses.method}")
    text = block(f"synapses {name} : {synapses.source} -> {synapses.target}", lines) + glion_connect(name, synapses.pairs)
    if "[" in synapses.delay:
        listed["delay"] = synapses.delay
    return text + "".join(f"{name}.{variable} = {delay}\n" for variable, delay in listed.items())


def listed_delay(head):
    return f"{pathway_name(head)}_waits"


def pathway_name(head):
    kind, _, name = head.partition(" ")
    return name or kind.removeprefix("on_")


def more_text(synapses, name, comma=""):
    """Of a pathway, besides its delay."""
    said = {"order": synapses.orders, "event": synapses.events}
    text = ", ".join(f"{word} = {given[name]}" for word, given in said.items() if name in given)
    return text and (comma + text if comma else f"({text})")


def glion_connect(name, pairs):
    sources, targets = map(list, pairs)
    return f"connect {name} by pairs({sources}, {targets})\n"


def glion_text(case):
    text = "".join(f"let {name} = {value}\n" for name, value in case.constants.items())
    text += f"simulation {{ dt = {case.dt} }}\n"
    text += "".join(glion_cells(*item) for item in case.cells.items())
    text += "".join(glion_synapses(*item) for item in case.synapses.items())
    text += "".join(f"{alias} = linked({of}{index and ', '}{index})\n" for alias, (of, index) in case.links.items())
    for name, part in [*case.cells.items(), *case.synapses.items()]:
        text += "".join(f"{name}.{variable} = {value}\n" for variable, value in part.values.items())
    for name, cells in case.cells.items():
        text += f"record {', '.join(case.recorded(name))} of {name}\n"
        text += f"record final {', '.join(case.final(name))} of {name}\n" if case.final(name) else ""
        for variable in case.recorded(name):
            text += "".join(f"record {variable}_{name}_{slot} : {variable} of {name} at {slot}\n" for slot in case.slots)
        text += f"record spikes, population_rate of {name}\n" if cells.threshold else ""
        text += "".join(f"record {event} of {name}\n" for event in cells.events)
        for event in cells.happenings() if case.beside else ():
            text += f"record {', '.join(case.recorded(name))} of {name} at {event}\n"
    for name, synapses in case.synapses.items():
        text += f"record {', '.join(synapses.recorded())} of {name} at after_synapses\n" if synapses.recorded() else ""
        for variable in synapses.recorded():
            text += "".join(f"record {variable}_{name}_{slot} : {variable} of {name} at {slot}\n" for slot in synapses.slots)
    first, *others = (f"run {duration}\n" for duration in case.runs)
    later = [glion_connect(name, synapses.later) for name, synapses in case.synapses.items() if synapses.later]
    assigned = [assignment + "\n" for assignment in case.between]
    return "".join([text, first, *later, *assigned, *others])


def simulate_in_glion(case, folder):
    """({(population, variable): [step][node], and what it is in the end}, {population: sorted (step, node)}). Interpreted: the same bits as compiled, at once."""
    network, output = os.path.join(folder, "network.glion"), os.path.join(folder, "output")
    with open(network, "w") as file:
        file.write(glion_text(case))
    process = glion_test.glion("run", network, "-o", output, "--float64", "--interpret")
    if process.returncode != 0:
        raise RuntimeError(f"{glion_text(case)}{process.stderr}")
    traces, spikes = {}, {}
    for name, cells in case.cells.items():
        for variable in case.recorded(name):
            kinds = ("", "final_") if variable in case.final(name) else ("",)
            paths = (os.path.join(output, f"{kind}{variable}_{name}.h5") for kind in kinds)
            traces[name, variable] = np.vstack([read_report(path)[name].data for path in paths])
            for slot in case.slots:
                path = os.path.join(output, f"{variable}_{name}_{slot}.h5")
                traces[name, f"{variable} at {slot}"] = read_report(path)[name].data
        if cells.threshold:
            times, nodes = read_spikes(output)[name]
            steps = np.rint(times / float(quantity(case.dt) / brian2.ms)).astype(int)
            spikes[name] = sorted(zip(steps.tolist(), nodes.tolist()))
            rate = read_rate(os.path.join(output, f"population_rate_{name}.h5"))
            traces[name, "the rate"] = rate.data[:, None]
    for name, cells in case.cells.items():
        for event in cells.events:
            times, nodes = read_spikes(output, event)[name]
            steps = np.rint(times / float(quantity(case.dt) / brian2.ms)).astype(int)
            spikes[f"{event} of {name}"] = sorted(zip(steps.tolist(), nodes.tolist()))
    for name, cells in case.cells.items():
        for event in cells.happenings() if case.beside else ():
            _, _, beside = read_beside(os.path.join(output, f"{event}_{name}.h5"))[name]
            traces |= {(name, f"{variable} at {event}"): values[:, None] for variable, values in beside.items()}
    for name, synapses in case.synapses.items():
        for variable in synapses.recorded():
            for slot in ("", *synapses.slots):
                path = f"{variable}_{name}_{slot}".rstrip("_") + ".h5"
                with h5py.File(os.path.join(output, path), "r") as file:
                    traces[name, f"{variable} at {slot}" if slot else variable] = file["report"][name]["data"][:]
    return traces, spikes


# ---- in Brian


def brian_cells(name, cells, namespace):
    made = brian2.NeuronGroup(
        cells.size,
        cells.equations,
        threshold=cells.threshold or None,
        reset=cells.reset or None,
        refractory=cells.refractory or False,
        events={event: condition for event, (condition, _) in cells.events.items()},
        method=cells.method or CHOICE,
        namespace=namespace,
        name=name,
    )
    for event, (_, action) in cells.events.items():
        made.run_on_event(event, action)
    return made


def group_of(groups, text):
    """A population, or a slice of one."""
    name, begin, end = re.fullmatch(r"(\w+)(?:\[(\d+):(\d+)\])?", text).groups()
    return groups[name][int(begin) : int(end)] if begin else groups[name]


def brian_synapses(name, synapses, case, groups):
    port = case.cells[synapses.target.partition("[")[0]].receive.split(" : ")[0]
    on_pre = re.sub(r"\bsend (.*?)(?=;|$)", rf"{port}_post += \1", synapses.on_pre)
    named = {head: pathway_name(head) for head in synapses.pathways}
    delays = {} if "[" in synapses.delay else {"pre": quantity(synapses.delay)}
    made = brian2.Synapses(
        group_of(groups, synapses.source),
        group_of(groups, synapses.target),
        synapses.equations,
        on_pre={"pre": on_pre, **{named[head]: synapses.pathways[head][0] for head in named if head.startswith("on_pre")}},
        on_post={named[head]: synapses.pathways[head][0] for head in named if head.startswith("on_post")} or None,
        on_event={name: synapses.events.get(name, "spike") for name in ["pre", *named.values()]},
        method=synapses.method or CHOICE,
        delay=delays | {named[head]: quantity(delay) for head, (_, delay) in synapses.pathways.items() if "[" not in delay},
        namespace=namespace_of(case),
        name=name,
    )
    for pathway, order in synapses.orders.items():
        getattr(made, pathway).order = order
    for statements, interval in synapses.every:
        made.run_regularly(statements.replace("; ", "\n"), dt=quantity(interval))
    brian_connect(made, synapses.pairs)
    for head, (_, delay) in synapses.pathways.items():
        if "[" in delay:
            getattr(made, named[head]).delay = quantity(delay)
    if "[" in synapses.delay:
        made.delay = quantity(synapses.delay)
    return made


def brian_connect(made, pairs):
    sources, targets = map(np.array, pairs)
    made.connect(i=sources, j=targets)


def namespace_of(case):
    """Its constants and functions; the latter of numbers without dimension."""
    namespace = {}
    for name, value in case.constants.items():
        name, is_function, parameters = name.rstrip(")").partition("(")
        if is_function:
            units = [1] * len(parameters.split(","))
            function = eval(f"lambda {parameters}: {value}", vars(np))
            namespace[name] = brian2.Function(function, arg_units=units, return_unit=1)
        else:
            namespace[name] = quantity(value)
    return namespace


def set_values(made, values, namespace):
    for variable, value in values.items():
        if value.startswith("["):
            setattr(made, variable, quantity(value))
        else:
            getattr(made, variable).set_item(slice(None), value, namespace=namespace)


def assign_in_brian(assignment, made, namespace):
    name, which, variable, value = re.fullmatch(r"(\w+)(?:\[(.*)\])?\.(\w+) = (.*)", assignment).groups()
    which = eval(f"np.s_[{which or ':'}]")
    getattr(made[name], variable).set_item(which, value, namespace=namespace)


def link_in_brian(alias, of, index, groups):
    (name, variable), (source, linked) = alias.split("."), of.split(".")
    which = {"index": np.array(eval(index))} if index else {}
    setattr(groups[name], variable, brian2.linked_var(groups[source], linked, **which))


def in_order(synapses):
    """Brian counts synapses in the order of the pairs, Glion by source and target."""
    return np.lexsort((synapses.j, synapses.i))


def simulate_in_brian(case):
    """As simulate_in_glion()."""
    namespace, dt = namespace_of(case), quantity(case.dt)
    brian2.defaultclock.dt = dt
    groups = {name: brian_cells(name, cells, namespace) for name, cells in case.cells.items()}
    synapses = {name: brian_synapses(name, part, case, groups) for name, part in case.synapses.items()}
    for alias, (of, index) in case.links.items():
        link_in_brian(alias, of, index, groups)
    for name, part in [*case.cells.items(), *case.synapses.items()]:
        set_values((groups | synapses)[name], part.values, namespace)
    states = {name: brian2.StateMonitor(group, case.recorded(name), record=True) for name, group in groups.items()}
    within = {
        (name, slot): brian2.StateMonitor(group, case.recorded(name), record=True, when=slot)
        for name, group in groups.items()
        for slot in case.slots
    }
    for name, made in synapses.items():
        variables = case.synapses[name].recorded()
        if variables:
            states[name] = brian2.StateMonitor(made, variables, record=True, when="after_synapses")
            within |= {(name, slot): brian2.StateMonitor(made, variables, record=True, when=slot) for slot in case.synapses[name].slots}
    beside = {name: case.recorded(name) if case.beside else None for name in groups}
    emitted = {name: brian2.SpikeMonitor(groups[name], beside[name]) for name, cells in case.cells.items() if cells.threshold}
    for name, cells in case.cells.items():
        emitted |= {f"{event} of {name}": brian2.EventMonitor(groups[name], event, beside[name]) for event in cells.events}
    rates = {name: brian2.PopulationRateMonitor(groups[name]) for name, cells in case.cells.items() if cells.threshold}
    network = brian2.Network(groups, synapses, states, within, emitted, rates)
    for number, duration in enumerate(case.runs):
        for name, part in case.synapses.items():
            if number == 1 and part.later:
                brian_connect(synapses[name], part.later)
        for assignment in case.between if number == 1 else ():
            assign_in_brian(assignment, groups | synapses, namespace)
        network.run(quantity(duration), namespace={})
    traces = {}
    for name, monitor in states.items():
        for variable in monitor.record_variables:
            traces[name, variable] = np.asarray(getattr(monitor, variable), float).T
            if name in synapses:
                traces[name, variable] = traces[name, variable][:, in_order(synapses[name])]
            elif variable in case.final(name):
                last = getattr(groups[name], variable).get_item(slice(None), namespace=namespace)
                last = np.broadcast_to(np.asarray(last, float), traces[name, variable].shape[1])  # some are the same for all
                traces[name, variable] = np.vstack([traces[name, variable], last])
    for (name, slot), monitor in within.items():
        for variable in monitor.record_variables:
            trace = np.asarray(getattr(monitor, variable), float).T
            traces[name, f"{variable} at {slot}"] = trace[:, in_order(synapses[name])] if name in synapses else trace
    for name, monitor in rates.items():
        traces[name, "the rate"] = np.asarray(monitor.rate / brian2.Hz)[:, None]
    for label, monitor in emitted.items():  # "cells", or "high of cells"
        event, _, name = label.rpartition(" of ")
        order = np.lexsort((monitor.i, monitor.t / dt))
        for variable in beside[name] or ():
            values = np.asarray(getattr(monitor, variable), float)
            traces[name, f"{variable} at {event or 'spikes'}"] = values[order][:, None]
    steps = {name: np.rint(np.asarray(monitor.t / dt)).astype(int) for name, monitor in emitted.items()}
    return traces, {name: sorted(zip(steps[name].tolist(), monitor.i[:].tolist())) for name, monitor in emitted.items()}
