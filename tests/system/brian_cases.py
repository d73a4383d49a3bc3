"""Networks that several tests compare with Brian 2 (tests/data/README.md)."""

CONDUCTANCES = """
let U_0 = 0.6, Omega_d = 2/second, Omega_f = 3.33/second, w_e = {w_e} nS, w_i = {w_i} nS
device model train {{
    times : ms[] = []
    emit at times
}}
population input_0 : train {{ times = {trains[0]} ms }}
population input_1 : train {{ times = {trains[1]} ms }}
population input_2 : train {{ times = {trains[2]} ms }}
population neuron {{
    dv/dt   = (9.99 nS*(-60 mV - v) + g_e*(0 mV - v) + g_i*(-80 mV - v) + 150 pA)/(198 pF) : volt (unless refractory)
    dg_e/dt = -g_e/(5 ms)  : siemens
    dg_i/dt = -g_i/(10 ms) : siemens
    threshold v > -50 mV
    reset {{ v = -60 mV }}
    refractory 5 ms
    method euler
}}
neuron.v = -60 mV
synapse model resources {{
    du_S/dt = -Omega_f*u_S      : 1 (event-driven)
    dx_S/dt = Omega_d*(1 - x_S) : 1 (event-driven) = 1
}}
synapses exc : input_0 + input_1 -> neuron extends resources {{
    on_pre {{ u_S += U_0*(1 - u_S); r_S = u_S*x_S; x_S -= r_S; g_e_post += w_e*r_S }}
}}
synapses inh : input_2 -> neuron extends resources {{
    on_pre {{ u_S += U_0*(1 - u_S); r_S = u_S*x_S; x_S -= r_S; g_i_post += w_i*r_S }}
}}
connect exc by all_to_all
connect inh by all_to_all
record spikes of neuron
{recorded}
run 500 ms
"""
