"""The networks in jobs/, made so small and short that a test runs them in seconds."""

import os

from glion_test import ROOT

JOBS = os.path.join(ROOT, "jobs")

SMALL = {  # options of glion run
    "astrocyte_brunel": "-D N_ex=160 -D N_in=40 -D N_astro=200 -D p=0.5 -D T_pre=20*ms -D T=40*ms".split(),
    "brunel": "-D N_ex=1000 -D N_in=250 -D N_spikes=250 -D T_pre=20*ms -D T=40*ms".split(),
    "coba": "-D N_e=640 -D N_i=160 -D p_e=0.25 -D p_i=1.0 -D T=100*ms".split(),
    "continuous_interaction": [],
    "epsp": "-D T=200*ms".split(),
    "lif_inhibition": "-D T_1=60*ms -D T_2=60*ms".split(),
    "microcircuit": "-D scale_N=0.02 -D scale_K=0.02 -D T_pre=20*ms -D T=40*ms".split(),
    "stdp": "-D T=200*ms".split(),
}


def network_of(job):
    return os.path.join(JOBS, job, job + ".glion")
