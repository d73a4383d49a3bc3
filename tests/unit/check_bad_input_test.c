/* What a user can get wrong in a network file, and the message for it. */
#include "check_fixture.h"

#define NEURONS "population p[10] : aeif_cond_alpha_astro\n"
#define ASTROCYTES "population a[7] : astrocyte_lr_1994\n"
#define NOISE "population d : poisson_generator\n"
#define CURRENT "population g : dc_generator\n"
#define TRAIN "population k : spike_generator\n"

static void names(void **state)
{
    assert_unchecked("let x = y", "test:1:9: error: unknown name 'y'");
    assert_unchecked("let Tau = 1 ms\nlet x = tau", "test:2:9: error: unknown name 'tau'; did you mean 'Tau'?");
    assert_unchecked("let a = 1\nlet a = 2", "test:2:5: error: 'a' is already the name of a constant, see test:1:5");
    assert_unchecked("let exp = 1", "test:1:5: error: 'exp' is a function and cannot be a name");
    assert_unchecked("let _x = 1", "test:1:5: error: '_x' cannot be a name: names do not begin with '_'");
    assert_unchecked("let xi_1 = 1", "test:1:5: error: 'xi_1' cannot be a name: names do not begin with 'xi_'");
    assert_unchecked("population p[3] : aeif_cond_alpha_astr",
                     "test:1:19: error: unknown model 'aeif_cond_alpha_astr'; did you mean 'aeif_cond_alpha_astro'? ('glion "
                     "models' lists the library)");
    assert_unchecked("population p[3] : nonsense",
                     "test:1:19: error: unknown model 'nonsense' ('glion models' lists the library)");
    assert_unchecked("population p[3] : static",
                     "test:1:19: error: 'static' is a synapse model; a population needs a neuron, astrocyte or device model");
    assert_unchecked(NEURONS "population p[10] : aeif_cond_alpha_astro",
                     "test:2:12: error: 'p' is already the name of a population, see test:1:12");
    assert_unchecked(NEURONS "let p = 1", "test:2:5: error: 'p' is already the name of a population, see test:1:12");
    assert_unchecked(NEURONS "record spikes of pp", "test:2:18: error: unknown name 'pp'; did you mean 'p'?");
    assert_unchecked("let x = 1/s", "test:1:11: error: unknown name 's'; a unit of one letter stands right behind a number only, "
                                    "elsewhere it is written out: 1/second");
    assert_unchecked("let x = expp(1)", "test:1:9: error: unknown function 'expp'; did you mean 'exp'?");
    assert_unchecked("let x = redraw(1, 0, 1)",
                     "test:1:9: error: 'redraw' cannot be used in a constant, which has one value for the whole network");
    assert_unchecked("let x = exp", "test:1:9: error: 'exp' is a function: write exp(x)");
    assert_unchecked("let x = t", "test:1:9: error: 't' has no meaning here");
    assert_unchecked("let lastspike = 1 ms", "test:1:5: error: 'lastspike' has a meaning of its own and cannot be a name");
    assert_unchecked("let sample = 3", "test:1:5: error: 'sample' is a function and cannot be a name");
}

static void units_behind_something_else(void **state)
{
    assert_unchecked("population p[2] { dx/dt = (20 + 7*i) Hz : 1 }",
                     "test:1:38: error: expected ':' and a unit, found 'Hz'; a unit stands right behind a number or a list, else "
                     "multiply with it");
    assert_unchecked("let x = 2\nlet y = x mV",
                     "test:2:11: error: expected the end of the statement, found 'mV'; a unit stands right behind a number or a "
                     "list, else multiply with it");
}

static void variables_of_sets(void **state)
{
    assert_unchecked("population p[2] { x : mV; y : mV }\np.x = 2*p.y",
                     "test:2:9: error: values of variables cannot be read in the script; what is assigned to nodes may read each "
                     "node's own, as 'y' alone");
}

static void constants(void **state)
{
    assert_unchecked(
        "let x = 1 mV + 2 pA",
        "test:1:9: error: both sides of '+' must have the same dimension, but the first is in volt and the second in amp");
    assert_unchecked("let x = 1 + \"a\"", "test:1:13: error: expected a number, but this is a text");
    assert_unchecked("let x = 1 mV < 2 mV and 3", "test:1:25: error: expected a condition (such as a > b), but this is a number");
    assert_unchecked("let x = exp(1 mV)", "test:1:13: error: 'exp' needs an argument that is dimensionless, but this is in volt");
    assert_unchecked("let x = exp(1, 2)", "test:1:9: error: exp(x) takes 1 argument, not 2");
    assert_unchecked("let x = where(1, 2, 3)", "test:1:15: error: expected a condition (such as a > b), but this is a number");
    assert_unchecked(
        "let x = where(1 < 2, 2 mV, 3)",
        "test:1:28: error: 'where' needs arguments of the same dimension, but this is dimensionless and another one is in volt");
    assert_unchecked(
        "let x = min(1 mV, 2 pA)",
        "test:1:19: error: 'min' needs arguments of the same dimension, but this is in amp and another one is in volt");
    assert_unchecked("let x = (2 mV)**0.3", "test:1:17: error: the base is in volt, which cannot be raised to the power of 0.3");
    assert_unchecked("let x = 2**(1 mV)", "test:1:13: error: an exponent must be dimensionless, but this is in volt");
    assert_unchecked("let x = sqrt(-1)",
                     "test:1:9: error: this is not a number (for example 0/0 or the root of a negative number)");
    assert_unchecked("let x = rand()",
                     "test:1:9: error: 'rand' cannot be used in a constant, which has one value for the whole network");
    assert_unchecked("let x = [1 mV, 2]", "test:1:16: error: the elements of a list must have the same dimension, but this is "
                                          "dimensionless and the first is in volt");
    assert_unchecked("let x = [1 mV] pA",
                     "test:1:10: error: the list has a unit behind it, so its elements must be plain numbers");
    assert_unchecked("let x = [1, 2]\nlet y = x[2]",
                     "test:2:11: error: 'x' has 2 elements, so an index must be from 0 to 1, not 2");
    assert_unchecked("let x = [1, 2]\nlet y = x[0.5]", "test:2:11: error: an index must be a whole number, but is 0.5");
    assert_unchecked("let x = 5\nlet y = x[1]",
                     "test:2:9: error: only sets of nodes and lists have elements, but this is a number");
    assert_unchecked("let x = steps(3)",
                     "test:1:15: error: 'steps' needs an argument that is in second, but this is dimensionless");
    assert_unchecked("let x = clip(1, low = 2, high = 3)",
                     "test:1:9: error: the arguments of 'clip' have no names: leave out 'low ='");
    assert_unchecked("let x = not 1", "test:1:13: error: expected a condition (such as a > b), but this is a number");
    assert_unchecked("let x = -\"a\"", "test:1:10: error: expected a number, but this is a text");
    assert_unchecked(
        "let x = 1 mV // 1 pA",
        "test:1:9: error: both sides of '//' must have the same dimension, but the first is in volt and the second in amp");
    assert_unchecked(NEURONS "let x = p + 1",
                     "test:2:9: error: sets of nodes can be joined with '+' only, and only with one another");
    assert_unchecked(NEURONS "let x = p*p",
                     "test:2:9: error: sets of nodes can be joined with '+' only, and only with one another");
    assert_unchecked(NEURONS "let x = p.V_m", "test:2:9: error: values of variables cannot be read in the script; what is "
                                              "assigned to nodes may read each node's own, as 'V_m' alone");
}

static void simulation_settings(void **state)
{
    assert_unchecked("simulation { dt = 0.1 }", "test:1:19: error: dt must be in second, but this is dimensionless");
    assert_unchecked("simulation { dt = -0.1 ms }", "test:1:19: error: dt must be above 0 ms, but is -0.1 ms");
    assert_unchecked("simulation { dt = 0 ms }", "test:1:19: error: dt must be above 0 ms, but is 0 ms");
    assert_unchecked("simulation { seed = 1.5 }", "test:1:21: error: the seed must be a whole number, but is 1.5");
    assert_unchecked("simulation { seed = -1 }", "test:1:21: error: the seed must be from 0 to 9007199254740992, but is -1");
    assert_unchecked("simulation { speed = 1 }", "test:1:14: error: unknown setting 'speed': 'simulation' takes dt and seed");
    assert_unchecked("simulation { dt = 1 ms }\nsimulation { dt = 1 ms }",
                     "test:2:1: error: 'simulation' stands twice, first at test:1:1");
    assert_unchecked(NEURONS "simulation { dt = 1 ms }",
                     "test:2:1: error: 'simulation' must stand before populations, connections, records, runs and samples");
    assert_unchecked("simulation { dt = 1 ms; dt = 2 ms }", "test:1:25: error: dt is given twice");
    assert_unchecked("let x = 2*dt\nsimulation { dt = 1 ms }",
                     "test:2:1: error: 'simulation' must stand before populations, connections, records, runs and samples");
}

static void populations_and_values(void **state)
{
    assert_unchecked("population p[0] : aeif_cond_alpha_astro",
                     "test:1:14: error: the size of a population must be from 1 to 2147483647, but is 0");
    assert_unchecked("population p[-3] : aeif_cond_alpha_astro",
                     "test:1:14: error: the size of a population must be from 1 to 2147483647, but is -3");
    assert_unchecked("population p[2.5] : aeif_cond_alpha_astro",
                     "test:1:14: error: the size of a population must be a whole number, but is 2.5");
    assert_unchecked("population p[3000000000] : aeif_cond_alpha_astro",
                     "test:1:14: error: the size of a population must be from 1 to 2147483647, but is 3000000000");
    assert_unchecked("population p[1 mV] : aeif_cond_alpha_astro",
                     "test:1:14: error: the size of a population must be dimensionless, but this is in volt");
    assert_unchecked("population p0[2000000000] : aeif_cond_alpha_astro\npopulation p1[2000000000] : "
                     "aeif_cond_alpha_astro\npopulation p2[2000000000] : aeif_cond_alpha_astro",
                     "test:3:1: error: the populations have more than 2^32 nodes together");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { tau_syn_ex = 2 nS }",
                     "test:1:57: error: 'tau_syn_ex' must be in second, but this is in siemens");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { tau_syn_ex = 2 }",
                     "test:1:57: error: 'tau_syn_ex' must be in second, but this is dimensionless");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { tau_syn_e = 2 ms }",
                     "test:1:44: error: 'tau_syn_e' is no parameter or state variable of model 'aeif_cond_alpha_astro'; did you "
                     "mean 'tau_syn_ex'?");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { C_m = -1 pF }",
                     "test:1:50: error: 'C_m' = -1 pF is outside its range (0, inf) pF");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { I_SIC = 1 pA }",
                     "test:1:44: error: 'I_SIC' of model 'aeif_cond_alpha_astro' is summed over connections and cannot be set");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { V = 1 mV }",
                     "test:1:44: error: 'V' of model 'aeif_cond_alpha_astro' is defined by an equation and cannot be set");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { C_m = 1 pF; C_m = 2 pF }",
                     "test:1:56: error: 'C_m' is set twice, first at test:1:44");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { E_L = [1, 2] mV }",
                     "test:1:50: error: 'E_L' needs one number for each of the 10 nodes, but this list has 2");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { E_L = \"a\" }",
                     "test:1:50: error: 'E_L' must be a number, but this is a text");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { E_L = E_L }",
                     "test:1:50: error: the value of 'E_L' depends on itself");
    assert_unchecked(NEURONS "population q : aeif_cond_alpha_astro { E_L = p }",
                     "test:2:46: error: 'p' is a set of nodes and has no value here");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { E_L = V_th; V_th = E_L }",
                     "test:1:63: error: the value of 'E_L' depends on itself");
    assert_unchecked("population p[10] : aeif_cond_alpha_astro { V_m = 1 mV*t/second }",
                     "test:1:50: error: 'V_m' has a differential equation: its initial value cannot depend on t");
    assert_unchecked("population k : spike_generator { spike_times = [0.05] ms }",
                     "test:1:48: error: a spike at 0.05 ms is not on the grid: times must be multiples of dt = 0.1 ms");
    assert_unchecked("population k : spike_generator { spike_times = [0] ms }",
                     "test:1:48: error: a spike at 0 ms is too early: times must be above 0 ms");
    assert_unchecked("population k : spike_generator { spike_times = [-1] ms }",
                     "test:1:48: error: a spike at -1 ms is too early: times must be above 0 ms");
    assert_unchecked("population k : spike_generator { spike_times = [1, 2] }",
                     "test:1:48: error: 'spike_times' must be in second, but this list is dimensionless");
    assert_unchecked("population k : spike_generator { spike_times = 3 ms }",
                     "test:1:48: error: 'spike_times' must be a list, such as [1, 2] ms");
    assert_unchecked("population k : spike_generator { spike_times = [1] ms; origin = rand()*ms }",
                     "test:1:48: error: the parameters of 'spike_generator' must be the same for all nodes of 'k'");
    assert_unchecked(
        NEURONS "p.V_q = 1 mV",
        "test:2:3: error: 'V_q' is no parameter or state variable of model 'aeif_cond_alpha_astro'; did you mean 'V_m'?");
    assert_unchecked(NEURONS "p.V_m = 1 pA", "test:2:9: error: 'V_m' must be in volt, but this is in amp");
    assert_unchecked(NEURONS "p[0:3].V_m = [1, 2] mV",
                     "test:2:14: error: 'V_m' needs one number for each of the 3 nodes, but this list has 2");
    assert_unchecked(NEURONS "p[0:3].C_m = -1 pF", "test:2:14: error: 'C_m' = -1 pF is outside its range (0, inf) pF");
    assert_unchecked(NEURONS "p[0:3].position = [1 mm, 2 mm]",
                     "test:2:8: error: 'position' belongs to the whole population 'p' and cannot be assigned to a part of it");
    assert_unchecked(NEURONS "run 1 ms\np.position = [1 mm, 2 mm]",
                     "test:3:3: error: 'position' of population 'p' cannot change after a run");
    assert_unchecked(NEURONS "let some = sample(p, 2)\nsome.V_m = i*mV",
                     "test:3:12: error: 'i' cannot be used for nodes that were chosen one by one");
    assert_unchecked("population k[4] : spike_generator\nk[0:2].spike_times = [1] ms",
                     "test:2:8: error: 'spike_times' belongs to the whole population 'k' and cannot be assigned to a part of it");
    assert_unchecked("population k[4] : spike_generator\nrun 1 ms\nk.start = 1 ms",
                     "test:3:11: error: the spikes of 'k' follow from its values, so these are given for the whole population, "
                     "before it runs");
    assert_unchecked("population p : aeif_cond_alpha_astro { V_m = t/second*mV }",
                     "test:1:46: error: 'V_m' has a differential equation: its initial value cannot depend on t");
    assert_unchecked("population p : aeif_cond_alpha_astro { I_e = t/second*mV }",
                     "test:1:46: error: 'I_e' must be in amp, but this is in volt");
    assert_unchecked("population p : aeif_cond_alpha_astro { I_e = rand()*t/second*pA }",
                     "test:1:46: error: 'rand' cannot be used in a value that follows t");
    assert_unchecked("population p : aeif_cond_alpha_astro { I_e = t/second*pA*(I_e/pA) }",
                     "test:1:40: error: 'I_e' is defined by itself");
    assert_unchecked("population k : spike_generator { spike_times = [1, 2]*t }",
                     "test:1:48: error: 'spike_times' is a list, which cannot depend on t");
    assert_unchecked("neuron model m { x : 1\n dv/dt = 1/ms : 1\n threshold v > 1\n reset { x += 1 } }\n"
                     "population p : m { x = t/second }",
                     "test:5:24: error: 'x' cannot follow t: model 'm' assigns it itself");
    assert_unchecked("neuron model m { x : 1\n dv/dt = 1/ms : 1\n every 1 ms { x = 2 } }\npopulation p : m { x = t/second }",
                     "test:4:24: error: 'x' cannot follow t: model 'm' assigns it itself");
    assert_unchecked("population p : aeif_cond_alpha_astro { I_e = t/second*pA }\np.I_e = 1 pA",
                     "test:2:3: error: 'I_e' of model 'aeif_cond_alpha_astro' is defined by an equation and cannot be set");
    assert_unchecked(NEURONS "q.V_m = 1 mV", "test:2:1: error: unknown name 'q'");
    assert_unchecked(NEURONS "run 1 ms\np.V_m = 1 pA", "test:3:9: error: 'V_m' must be in volt, but this is in amp");
    assert_unchecked("population x[2] { dv/dt = 1 mV : mV }",
                     "test:1:27: error: 'v' is in volt, so its derivative is in volt/second, but the right side is in volt");
    assert_unchecked("population x[2] { dv/dt = -v/(10 ms) : mV in [0, 1] = 5 mV; method euler }",
                     "test:1:55: error: 'v' = 5 mV is outside its range [0, 1] mV");
}

static void models(void **state)
{
    assert_unchecked("neuron model m { dv/dt = 1 mV : mV }",
                     "test:1:26: error: 'v' is in volt, so its derivative is in volt/second, but the right side is in volt");
    assert_unchecked("neuron model m { v = 1 pA : mV }", "test:1:22: error: 'v' is in volt, but the right side is in amp");
    assert_unchecked("neuron model m { v = w : mV }", "test:1:22: error: unknown name 'w'");
    assert_unchecked("neuron model m { a = b : 1; b = a : 1 }",
                     "test:1:18: error: 'a' is defined in a circle: it depends on 'b', which depends on it");
    assert_unchecked("neuron model m { a = a : 1 }", "test:1:18: error: 'a' is defined by itself");
    assert_unchecked("neuron model m { a = b : 1; b = c : 1; c = a + 1 : 1 }",
                     "test:1:18: error: 'a' is defined in a circle: it depends on 'c', which depends on it");
    assert_unchecked("neuron model m { v : mV; v : mV }", "test:1:26: error: 'v' is declared twice, first at test:1:18");
    assert_unchecked("neuron model m { exp : 1 }", "test:1:18: error: 'exp' is a function and cannot be a name");
    assert_unchecked("neuron model m { v_pre : mV }",
                     "test:1:18: error: 'v_pre' ends in _pre, which stands for variables of the source");
    assert_unchecked("neuron model m { v_post : mV }",
                     "test:1:18: error: 'v_post' ends in _post: only (summed) equations of synapses are named so");
    assert_unchecked("neuron model m { v : mV (event-driven) }",
                     "test:1:18: error: 'v': (event-driven) is for synapse models only");
    assert_unchecked("neuron model m { dv/dt = -v/ms : mV (event-driven) }",
                     "test:1:18: error: 'v': (event-driven) is for synapse models only");
    assert_unchecked("neuron model m { v : mV (unless refractory) }",
                     "test:1:18: error: 'v': (unless refractory) is for differential equations only");
    assert_unchecked("neuron model m { dv/dt = -v/ms : mV (shared) }",
                     "test:1:18: error: 'v': (shared) is for parameters and equations without d/dt only");
    assert_unchecked("neuron model m { v : mV (shared); threshold v > 1 mV; reset { v = 0 mV } }",
                     "test:1:63: error: 'v' is (shared): the nodes have one value together and cannot assign it");
    assert_unchecked("neuron model m { v : mV; x = 2*v : mV (shared) }",
                     "test:1:32: error: 'x' is (shared), so it can depend on (shared) variables only, not on 'v'");
    assert_unchecked("neuron model m { x = 2*i : 1 (shared) }",
                     "'x' is (shared), so it can depend on (shared) variables only, not on 'i'");
#define SHARED "population p[3] : iaf_psc_exp\nsynapses S : p -> p { k : 1 (shared)\n w : 1\n "
    assert_unchecked(SHARED "on_pre { k = 1 } }", "test:4:11: error: 'k' is (shared): the synapses have one value together");
    assert_unchecked(SHARED "x = k*w : 1 (shared) }", "'x' is (shared), so it can depend on (shared) variables only, not on 'w'");
    assert_unchecked(SHARED "x = k*V_m_post/mV : 1 (shared) }",
                     "'x' is (shared), so it can depend on (shared) variables only, not on 'V_m_post'");
    assert_unchecked(SHARED "on_pre { w = j } }\nconnect S\nS.k = rand()",
                     "'k' is (shared): all synapses have one value, which cannot be drawn or depend on the synapse");
    assert_unchecked(SHARED "on_pre { w = j } }\nconnect S\nS.k = [1, 2, 3, 4, 5, 6, 7, 8, 9]",
                     "'k' is (shared): all synapses have one value, not a list of them");
    assert_unchecked(SHARED "on_pre { w = j } }\nconnect S\nS[0, :].k = 3",
                     "'k' is (shared): all synapses of 'S' have one value, which cannot be drawn or depend on the synapse");
    assert_unchecked("population p[3] { v : 1 (shared) }\np.v = rand()",
                     "test:2:7: error: 'v' is (shared): all nodes have one value, which cannot be drawn or depend on the node");
    assert_unchecked("population p[3] { v : 1 (shared) }\np.v = [1, 2, 3]",
                     "test:2:7: error: 'v' is (shared): all nodes have one value, not a list of them");
    assert_unchecked("neuron model m { v : mV (constant over dt) }",
                     "test:1:18: error: 'v': (constant over dt) is for equations without d/dt only");
    assert_unchecked("neuron model m { every 3 { } }",
                     "test:1:24: error: what stands behind 'every' must be in second, but this is dimensionless");
    assert_unchecked("neuron model m { every t { } }", "test:1:24: error: 't' has no meaning here");
    assert_unchecked("neuron model m { v : mV; every 1 ms { v += 1 } }", "'v' is in volt, but the right side is dimensionless");
    assert_unchecked("neuron model m { every 1 ms v = 1 }", "expected '{'");
    assert_unchecked("synapse model m { every 1 { } }",
                     "test:1:25: error: what stands behind 'every' must be in second, but this is dimensionless");
    assert_unchecked(
        "synapse model m { every 1 ms { v_post += 1 } }",
        "test:1:32: error: 'v_post': 'every' of a synapse changes the synapse's own variables; those of the target are "
        "changed by its pathways, or by 'every' of the target");
    assert_unchecked(
        "synapse model m { w : 1; on_pre { send w }; every 1 ms { w *= 0.9 } }",
        "test:1:45: error: a synapse that changes at regular times acts on its target when a spike has arrived, so it "
        "cannot 'send': write on_pre { NAME_post += … }");
    assert_unchecked("neuron model m { v : mV = 3 mV in [5, 6] }", "test:1:27: error: 'v' = 3 mV is outside its range [5, 6] mV");
    assert_unchecked("neuron model m { v : mV = 3 mV in [6, 5] }", "test:1:32: error: this range is empty");
    assert_unchecked("neuron model m { v : mV = 3 pA }",
                     "test:1:27: error: the value of 'v' must be in volt, but this is in amp");
    assert_unchecked("neuron model m { v : mV; threshold v }",
                     "test:1:36: error: a threshold must be a condition (such as a > b), but this is a number");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 }",
                     "test:1:36: error: both sides of '>' must have the same dimension, but the first is in volt and the second "
                     "dimensionless");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; reset { v = 1 } }",
                     "test:1:58: error: 'v' is in volt, but the right side is dimensionless");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; reset { q += 1 } }", "test:1:54: error: unknown variable 'q'");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; refractory 3 mV }",
                     "test:1:57: error: a refractory period (unless it is a whole number of steps, or a condition) must be in "
                     "second, but this "
                     "is in volt");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; refractory 3.5 }", "or a condition) must be in second");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; refractory v > 2 }",
                     "test:1:57: error: both sides of '>' must have the same dimension");
    assert_unchecked("neuron model m { v : mV; reset { v = 1 mV } }",
                     "test:1:32: error: a reset without a threshold or 'emit COUNT' never happens");
    assert_unchecked("neuron model m { v : mV; u = v : mV; threshold v > 1 mV; reset { u = 1 mV } }",
                     "test:1:66: error: 'u' is defined by an equation and cannot be assigned");
    assert_unchecked("neuron model m { v : mV; after_synapses { v = 1 } }",
                     "test:1:47: error: 'v' is in volt, but the right side is dimensionless");
    assert_unchecked("neuron model m { v : mV; receive spike(J : 1) { v += J*rand()*mV } }",
                     "test:1:56: error: 'rand' cannot be used here: statements that draw are not supported yet");
    assert_unchecked("neuron model m { dv/dt = 1/ms : 1; method rkf45; threshold v > rand() each sub_step }",
                     "test:1:64: error: 'rand' cannot be used in a threshold that is tested in each sub-step");
    assert_unchecked("neuron model m { g : 1; v : 1; receive spike(J : 1) { v += g*J }; after_synapses { g = v } }",
                     "test:1:60: error: 'g' changes in time");
    assert_unchecked("neuron model m { v : mV (constant); threshold v > 1 mV; reset { v = 1 mV } }",
                     "test:1:65: error: 'v' is (constant) and cannot be assigned");
    assert_unchecked("neuron model m { dv/dt = -v/ms : mV; method rk5 }",
                     "test:1:45: error: unknown method 'rk5' (the methods are rkf45, exact and euler)");
    assert_unchecked("neuron model m { dv/dt = -v/ms : mV; method euler(abs = 1) }",
                     "test:1:57: error: method euler takes no tolerances");
    assert_unchecked("neuron model m { dv/dt = -v/ms : mV; method rkf45(abs = 0) }",
                     "test:1:57: error: a tolerance must be a constant above 0");
    assert_unchecked(
        "neuron model m { dv/dt = -v/ms : mV; method rkf45(abs = 1 mV) }",
        "test:1:57: error: a tolerance (in each variable's declared unit) must be dimensionless, but this is in volt");
    assert_unchecked("neuron model m { dv/dt = rand()/ms : 1 }",
                     "test:1:26: error: 'rand' cannot be used in a differential equation: noise is written xi, and NAME = rand() "
                     ": 1 (constant over dt) draws once in each step");
    assert_unchecked("neuron model m { dv/dt = -v/ms : mV; threshold v > 1 mV each sub_step; method euler }",
                     "test:1:48: error: 'each sub_step' needs an adaptive integrator: method rkf45(…)");
    assert_unchecked(
        "neuron model m { receive spike(J : nS) { g = J }; g : nS }",
        "test:1:42: error: a port can only add to variables: VARIABLE += EXPRESSION of 'J', parameters and constants");
    assert_unchecked("neuron model m { receive spike(J : nS) { g += J*g/(1 nS) }; g : nS }",
                     "test:1:49: error: 'g' changes in time: what a port adds may depend on 'J', parameters and constants only");
    assert_unchecked("neuron model m { receive spike(J : nS) { g += J }; g : pA }",
                     "test:1:47: error: 'g' is in amp, but the right side is in siemens");
    assert_unchecked("neuron model m { receive spike(v : nS) { v += 1 nS }; v : nS }",
                     "test:1:18: error: 'v' is a variable of the model already; name what arrives differently");
    assert_unchecked("neuron model m { receive spike(J : nS) { q += J }; g : nS }", "test:1:42: error: unknown variable 'q'");
    assert_unchecked("neuron model m { receive I : pA; receive I : pA }",
                     "test:1:42: error: 'I' is declared twice, first at test:1:26");
    assert_unchecked("neuron model m { receive a(J : 1) { x += J }; receive a(J : 1) { x += J }; x : 1 }",
                     "test:1:47: error: the port 'a' has the name of another port or variable");
    assert_unchecked("neuron model m { weight : port }",
                     "test:1:18: error: 'weight': the unit 'port' is for synapse models only");
    assert_unchecked("neuron model m { v : boolean = 3 }", "test:1:32: error: the value of 'v' must be a condition");
    assert_unchecked("neuron model m { v : integer = 2.5 in [3, 4] }", "test:1:32: error: 'v' = 2 is outside its range [3, 4]");
    assert_unchecked("neuron model m { dv/dt = 1/ms : integer }",
                     "test:1:18: error: 'v' has a differential equation, so it cannot be integer or boolean");
    assert_unchecked("neuron model m { emit at 3 mV }",
                     "test:1:26: error: what stands behind 'emit at' must be in second, but this is in volt");
    assert_unchecked("neuron model m { emit 1.5 }",
                     "test:1:23: error: the number of spikes must be an integer, e.g. a variable 'n : integer' or int(…)");
    assert_unchecked("device model m { emit per connection 1.5 }",
                     "test:1:38: error: the number of spikes must be an integer, e.g. poisson(…) or int(…)");
    assert_unchecked("neuron model m { emit 3 mV }",
                     "test:1:23: error: the number of spikes must be dimensionless, but this is in volt");
    assert_unchecked("device model m { n : 1 = 3\n emit per connection binomial(n, 0.5) }",
                     "test:2:31: error: 'binomial' needs a whole number of trials, such as a variable 'n : integer' or int(…)");
    assert_unchecked("neuron model m { emit poisson(3) }",
                     "test:1:23: error: 'poisson' cannot be used in 'emit': only 'emit per connection' draws");
    assert_unchecked("device model m { ts : ms[] = []; emit at ts; reset { x = 1 }; x : 1 }",
                     "test:1:52: error: a reset without a threshold or 'emit COUNT' never happens");
    assert_unchecked("neuron model m { emit 1 if 2 }",
                     "test:1:28: error: what follows 'if' must be a condition (such as a > b), but this is a number");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; emit 1 }",
                     "test:1:46: error: a model has either a threshold or 'emit', not both");
    assert_unchecked("neuron model m { v = x[1] : 1; x : 1 }",
                     "test:1:22: error: only sets of nodes and lists have elements, but this is a number");
    assert_unchecked("neuron model m { v = \"a\" : 1 }", "test:1:22: error: the right side must be a number, but this is a text");
    assert_unchecked("let v = 1\nneuron model m { v : mV }",
                     "test:2:18: error: 'v' is already a name of the script, see test:1:5; the variable needs another one");
    assert_unchecked("let v = 1\nneuron model m { w : mV; threshold w > 1 mV; reset { v = 1 } }",
                     "test:2:54: error: 'v' is a name of the script, see test:1:5; a temporary needs another one");
    assert_unchecked("neuron model m { v : mV }\nneuron model m { v : mV }",
                     "test:2:14: error: model 'm' is declared twice, first at test:1:14");
    assert_unchecked("neuron model m extends n { v : mV }", "test:1:24: error: unknown model 'n'");
    assert_unchecked("neuron model m { xs : ms[] = [1] ms; v = xs : ms }",
                     "test:1:42: error: the right side must be a number, but this is a list");
    assert_unchecked("neuron model m { xs : ms[] = [1] ms; v = xs[0] : ms }",
                     "test:1:42: error: the list 'xs' of the model can be used by 'emit at' and step_value() only");
    assert_unchecked("neuron model m { xs : ms[] = [1] ms; ys : ms[] = xs }\npopulation p : m",
                     "test:1:50: error: unknown name 'xs'");
    assert_unchecked("neuron model m { xs : ms[] = [1] ms; ys : ms[] = [2] ms }\npopulation p : m { xs = ys }",
                     "test:2:25: error: the list 'ys' of the model can be used by 'emit at' and step_value() only");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; reset { v **= 2 } }",
                     "test:1:54: error: 'v' is in volt, which this would change");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; reset { v *= 2 mV } }",
                     "test:1:59: error: the right side must be dimensionless, but this is in volt");
    assert_unchecked("neuron model m { v : mV; threshold v > 1 mV; reset { x = v > 1 mV; x = 3 } }",
                     "test:1:72: error: 'x' is a condition, so it cannot be set to this");
    assert_unchecked(
        "neuron model m { v : mV = 1 mV + 1 pA }",
        "test:1:27: error: both sides of '+' must have the same dimension, but the first is in volt and the second in amp");
    assert_unchecked("neuron model m { v : mV = w; w : mV = v }\npopulation p : m",
                     "test:1:39: error: the value of 'v' depends on itself");
    assert_unchecked("neuron model m { v = u_pre : mV }",
                     "test:1:22: error: 'u_pre': only synapses have a source and a target (_pre, _post)");
}

static void synapse_models(void **state)
{
    assert_unchecked("synapse model m { dw/dt = -w/ms : 1 (event-driven, clock-driven); on_pre { send w } }",
                     "test:1:19: error: 'w' cannot be both (event-driven) and (clock-driven)");
    assert_unchecked("neuron model m { dv/dt = -v/ms : mV (clock-driven) }",
                     "test:1:18: error: 'v': (clock-driven) is for synapse models only");
    assert_unchecked("synapse model s { on_pre { send w }\n on_post { w = 1 }; w : 1 }",
                     "test:2:2: error: in a synapse that sends, spikes of the target reach the synapse after its delay, in this "
                     "version: write on_post(delay = delay)");
    assert_unchecked("synapse model s { on_pre { send w }\n on_post(delay = 2 ms) { w = 1 }; w : 1 }",
                     "test:2:18: error: in a synapse that sends, spikes of the target reach the synapse after its delay, in this "
                     "version: write on_post(delay = delay)");
    assert_unchecked("synapse model s { on_pre { send w }\n on_post(delay = delay) { send w }; w : 1 }",
                     "test:2:27: error: 'send' in 'on_post' is not supported yet");
    assert_unchecked(
        "synapse model s { on_pre { send w }\n on_post(delay = delay) { w = 1 }\n on_post(delay = delay) { w = 2 }; w : 1 }",
        "test:3:2: error: there are two blocks called 'post': give each a name, on_post NAME(…)");
    assert_unchecked(
        "synapse model s { on_pre { send w }\n on_post a(delay = delay) { w = 1 }; w : 1 = 1 }\n"
        "neuron model silent { receive spike(J : 1) { v += J }; v : 1 }\n"
        "neuron model loud { v : 1; threshold v > 1 }\npopulation p : loud\npopulation q : silent\n"
        "connect p -> q by all_to_all using s",
        "test:7:36: error: synapse 's' has on_post, but the target 'q' (model 'silent') cannot spike: it has neither a "
        "threshold nor 'emit'");
    assert_unchecked(
        "synapse model s { on_pre { send w }\n on_pre late { w = 1 }; w : 1 }",
        "test:2:2: error: a synapse that sends has one 'on_pre', without a name or delay of its own, in this version");
    assert_unchecked(
        "synapse model s { on_pre { v_post += 1; send 1 } }",
        "test:1:28: error: a synapse either sends to a port of its target, or writes to the target's variables: here "
        "it does both");
    assert_unchecked("synapse model s { on_pre { v_pre += 1 } }",
                     "test:1:28: error: 'v_pre': writing to variables of the source (_pre) is left to a later version");
    assert_unchecked("neuron model m { v : 1; threshold v > 1; reset { v_post = 1 } }",
                     "test:1:50: error: 'v_post': only synapses have a source and a target (_pre, _post)");
    assert_unchecked("synapse model s { on_pre { v_post += 1 > 2 } }",
                     "test:1:38: error: 'v_post' is a number, so it cannot be set to this");
    assert_unchecked("synapse model s { on_pre a(delay = 2 mV) { v_post += 1 } }",
                     "test:1:36: error: a delay must be in second, but this is in volt");
    assert_unchecked("synapse model s { w : port = 1 }",
                     "test:1:19: error: 'w' has the unit of a port, but the model sends nothing to a port");
    assert_unchecked("synapse model s { on_pre { send 1; send 2 to b } }",
                     "test:1:36: error: one synapse model sends to one port, here both 'spike' and 'b'");
    assert_unchecked(
        "synapse model s { a = b_pre : 1 (summed) }",
        "test:1:19: error: 'a': a (summed) equation is named for the variable of the target that it drives: NAME_post");
    assert_unchecked("synapse model s { a_pre = b_post : 1 (summed) }",
                     "test:1:19: error: sums into the source (_pre) are not supported yet");
    assert_unchecked("neuron model m { x : 1 (single) }", "test:1:18: error: 'x': (single) is for synapse models only");
    assert_unchecked("synapse model s { dx/dt = -x/ms : 1 (single) }", "'x': (single) is for parameters only");
    assert_unchecked("synapse model s { on_pre { send rand() } }",
                     "test:1:33: error: 'rand' cannot be used here: statements that draw are not supported yet");
}

static void connections(void **state)
{
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernouli(0.1) using static",
                     "test:2:19: error: unknown rule 'pairwise_bernouli' (the rules are all_to_all, one_to_one, "
                     "pairwise_bernoulli, tripartite_bernoulli_with_pool, pairs, fixed_total_number and pairwise_poisson); did "
                     "you mean 'pairwise_bernoulli'?");
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernoulli(1.5) using static",
                     "test:2:38: error: probability 'p' must be from 0 to 1, but is 1.5");
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernoulli(-0.1) using static",
                     "test:2:38: error: probability 'p' must be from 0 to 1, but is -0.1");
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernoulli using static",
                     "test:2:19: error: rule 'pairwise_bernoulli' needs the argument 'p'");
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernoulli(q = 1) using static",
                     "test:2:42: error: rule 'pairwise_bernoulli' has no argument 'q' (its arguments are p)");
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernoulli(0.1, p = 1) using static",
                     "test:2:47: error: argument 'p' is given twice");
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernoulli(0.1, 3) using static",
                     "test:2:43: error: rule 'pairwise_bernoulli' takes at most 1 argument: p");
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernoulli(1 mV) using static",
                     "test:2:38: error: 'p' must be dimensionless, but this is in volt");
    assert_unchecked(NEURONS "connect p -> p by all_to_all(1) using static",
                     "test:2:30: error: rule 'all_to_all' takes no arguments");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using statik",
                     "test:2:36: error: unknown model 'statik'; did you mean 'static'? ('glion models' lists the library)");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using aeif_cond_alpha_astro",
                     "test:2:36: error: 'aeif_cond_alpha_astro' is a neuron model, but a synapse model is needed here");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { weight = 1 }",
                     "test:2:54: error: 'weight' must be in siemens, but this is dimensionless");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { weight = 1 pA }",
                     "test:2:54: error: 'weight' must be in siemens, but this is in amp");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { wait = 1 nS }",
                     "test:2:45: error: 'wait' is no parameter or state variable of model 'static'");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { delay = -1 ms }",
                     "test:2:53: error: a delay cannot be negative, but this is -1 ms");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { delay = 0 ms }",
                     "test:2:53: error: synapse 'static' needs a delay of at least one step (0.1 ms), but this is 0 ms");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { delay = 0.04 ms }",
                     "test:2:53: error: synapse 'static' needs a delay of at least one step (0.1 ms), but this is 0.04 ms");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { delay = 1 }",
                     "test:2:53: error: a delay must be in second, but this is dimensionless");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { delay = inf*ms }",
                     "test:2:53: error: a delay of inf ms is more than 1e+09 steps");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { weight = [1] mV }",
                     "test:2:54: error: 'weight' must be in siemens, but this list is in volt");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { weight = 1 nS; weight = 2 nS }",
                     "test:2:60: error: 'weight' is set twice, first at test:2:45");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using tsodyks { weight = 1 nS; U = 1.5 }",
                     "test:2:65: error: 'U' = 1.5 is outside its range [0, 1]");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> a by all_to_all using static { weight = -1 }",
                     "test:3:54: error: 'J' at the port 'spike' of 'a' = -1 is outside its range [0, inf)");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> a by all_to_all using static { weight = 1 nS }",
                     "test:3:54: error: 'weight' must be dimensionless, but this is in siemens");
    assert_unchecked(NEURONS ASTROCYTES "connect a -> p by all_to_all using static { weight = 1 nS }",
                     "test:3:36: error: synapse 'static' acts on spikes, but the source 'a' (model 'astrocyte_lr_1994') cannot "
                     "spike: it has neither a threshold nor 'emit'");
    assert_unchecked(NEURONS NOISE "connect d -> p by all_to_all using tsodyks { weight = 1 nS }",
                     "test:3:36: error: 'd' (model 'poisson_generator') emits spikes for each connection on its own, which a "
                     "synapse with state, as 'tsodyks', cannot follow: use one without, such as 'static'");
    assert_unchecked(NEURONS CURRENT "connect p -> g by all_to_all using static { weight = 1 nS }",
                     "test:3:36: error: synapse 'static' sends to the port 'spike', which population 'g' (model 'dc_generator') "
                     "does not have; it has no ports");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using sic",
                     "test:2:36: error: synapse 'sic' uses 'SIC_pre', but the source population 'p' (model "
                     "'aeif_cond_alpha_astro') has no variable 'SIC'");
    assert_unchecked(ASTROCYTES "connect a -> a by all_to_all using sic",
                     "test:2:36: error: synapse 'sic' drives 'I_SIC', which population 'a' (model 'astrocyte_lr_1994') does not "
                     "receive; it receives 'J_noise'");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> p + a by all_to_all using static { weight = 1 nS }",
                     "test:3:40: error: the port 'spike' is in nS in population 'p', but in 1 in 'a': connect them apart");
    assert_unchecked(NEURONS ASTROCYTES "connect p + a -> p by all_to_all using sic",
                     "test:3:40: error: synapse 'sic' uses 'SIC_pre', but the source population 'p' (model "
                     "'aeif_cond_alpha_astro') has no variable 'SIC'");
    assert_unchecked(NEURONS "connect p -> p via p by all_to_all using static",
                     "test:2:20: error: rule 'all_to_all' takes no pool: leave out 'via …'");
    assert_unchecked(NEURONS "connect p -> p by all_to_all { primary using static }",
                     "test:2:32: error: rule 'all_to_all' makes one kind of connection, without roles: 'using SYNAPSE'");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> p by tripartite_bernoulli_with_pool(0.5) using static",
                     "test:3:19: error: rule 'tripartite_bernoulli_with_pool' needs a pool of third nodes: 'connect … via POOL'");
    assert_unchecked(
        NEURONS ASTROCYTES "connect p -> p via a by tripartite_bernoulli_with_pool(0.5) using static",
        "test:3:61: error: rule 'tripartite_bernoulli_with_pool' needs a synapse for each of primary, third_in and third_out");
    assert_unchecked(NEURONS ASTROCYTES "connect tri : p -> p via a by tripartite_bernoulli_with_pool(p_primary = 0.5, pool_size "
                                        "= 2) { primary using static { weight = 1 nS }; third_in using static { weight = 1 } }",
                     "test:3:1: error: the role 'third_out' is missing: rule 'tripartite_bernoulli_with_pool' needs primary, "
                     "third_in and third_out");
    assert_unchecked(NEURONS ASTROCYTES
                     "connect tri : p -> p via a by tripartite_bernoulli_with_pool(p_primary = 0.5, pool_size = 0) { primary "
                     "using static { weight = 1 nS }; third_in using static { weight = 1 }; third_out using sic }",
                     "test:3:91: error: 'pool_size' must be from 1 to 2147483647, but is 0");
    assert_unchecked(NEURONS ASTROCYTES
                     "connect tri : p -> p via a by tripartite_bernoulli_with_pool(p_primary = 0.5, pool_type = \"blok\") { "
                     "primary using static { weight = 1 nS }; third_in using static { weight = 1 }; third_out using sic }",
                     "test:3:91: error: 'pool_type' must be one of \"random\" and \"block\"");
    assert_unchecked(NEURONS ASTROCYTES
                     "connect tri : p -> p via a by tripartite_bernoulli_with_pool(p_primary = 0.5, pool_type = 3) { primary "
                     "using static { weight = 1 nS }; third_in using static { weight = 1 }; third_out using sic }",
                     "test:3:91: error: 'pool_type' must be one of \"random\" and \"block\"");
    assert_unchecked(NEURONS "connect p[0:3] -> p by all_to_all using static { weight = 1 nS }\n"
                             "let p_0_3 = p[0:3]\nconnect p_0_3 -> p by all_to_all using static { weight = 1 nS }",
                     "test:4:1: error: a connection without a name is called 'p_0_3__p__static', as another one at test:2:1");
    assert_unchecked(NEURONS "connect p -> p by all_to_all using static { weight = 1 nS }\nconnect p -> p by all_to_all using "
                             "static { weight = 1 nS }",
                     "test:3:1: error: a connection without a name is called 'p__p__static', as another one at test:2:1: write "
                     "'connect NAME : …'");
    assert_unchecked(NEURONS "connect c : p -> p by all_to_all using static { weight = 1 nS }\nconnect c : p -> p by all_to_all "
                             "using static { weight = 1 nS }",
                     "test:3:9: error: 'c' is already the name of a connection, see test:2:9");
    assert_unchecked(NEURONS "connect 3 -> p by all_to_all using static { weight = 1 nS }",
                     "test:2:9: error: expected a population or a set of nodes");
    assert_unchecked(NEURONS "connect c : p -> p by pairs([0.5]) using static",
                     "test:2:29: error: 'sources': 0.5 is no position (row 0)");
    assert_unchecked(NEURONS "connect c : p -> p by pairs([0, 1], [0, 1], n = 0.5) using static",
                     "test:2:49: error: 'n' must be a whole number, 0 or more, but is 0.5");
    assert_unchecked(NEURONS "connect c : p -> p by pairs(0, [0, 1], p = 2) using static",
                     "test:2:44: error: probability 'p' must be from 0 to 1, but is 2");
    assert_unchecked(NEURONS "connect c : p -> p by pairs([-1]) using static",
                     "test:2:29: error: 'sources': -1 is no position (row 0)");
    assert_unchecked(NEURONS "connect c : p -> p by pairs(true) using static",
                     "test:2:29: error: 'sources' must be a list of positions, such as [0, 1], or one");
    assert_unchecked(NEURONS "connect c : p -> p by all_to_all using static\nlet x = c",
                     "test:3:9: error: 'c' is a connection and has no value here");
    assert_unchecked(NEURONS "connect c : p -> p by all_to_all using static\nc.weight = 1 mV",
                     "test:3:12: error: 'weight' must be in siemens, but this is in volt");
    assert_unchecked(NEURONS "let c = 1\nconnect c : p -> p by all_to_all using static",
                     "test:3:9: error: 'c' is already the name of a constant, see test:2:5");
    assert_unchecked(NEURONS "synapse model s { I_SIC_post = V_m_pre : pA (summed) }\nconnect p -> p by all_to_all using s",
                     "test:2:32: error: 'I_SIC_post' is in amp, but the right side is in volt");
    assert_unchecked(
        NEURONS
        "synapse model s { I_SIC_post = 2*w_pre : pA (summed); on_pre { send 3 mV } }\nconnect p -> p by all_to_all using s",
        "test:2:69: error: what is sent to this port must be in siemens, but this is in volt");
    assert_unchecked(NEURONS
                     "synapse model s { I_SIC_post = V_m_pre*(1 pA) : pA*mV (summed) }\nconnect p -> p by all_to_all using s",
                     "test:3:36: error: synapse 's' gives 'I_SIC' in watt, but population 'p' receives it in amp");
    assert_unchecked(
        NEURONS "connect p -> p by all_to_all using gap_junction { weight = 1 nS; delay = 0 ms }",
        "test:2:74: error: synapse 'gap_junction' needs a delay of at least one step (0.1 ms), but this is 0 ms: all "
        "synapses of the library do");
    assert_unchecked(NEURONS "synapse model s { on_pre { send 1 nS } }\nconnect p -> p by all_to_all using s",
                     "test:3:30: error: synapse 's' says no delay for what it sends: set 'delay' where it is connected");
    assert_unchecked("population late : iaf_psc_delta\nsynapse model s { delay = 0.04 ms; on_pre { send 1 mV } }\n"
                     "connect late -> late by all_to_all using s",
                     "test:2:27: error: synapse 's' needs a delay of at least one step (0.1 ms), but this is 0.04 ms: its target "
                     "'late' (model 'iaf_psc_delta') spikes `after synapses`");
    assert_unchecked(NEURONS "synapse model s { w : siemens; on_pre { send w }; on_post(delay = delay) { w += 1 nS } }\n"
                             "connect p -> p by all_to_all using s { delay = 0 ms }",
                     "error: synapse 's' needs a delay of at least one step (0.1 ms), but this is 0 ms: it has on_post");
    assert_unchecked(NEURONS "synapse model s { on_pre { send 1 nS to g_ex } }\nconnect p -> p by all_to_all using s",
                     "test:3:36: error: synapse 's' sends to the port 'g_ex', which population 'p' (model "
                     "'aeif_cond_alpha_astro') does not have; it has 'spike'");
}

#define DRIVEN                                                                                                       \
    "neuron model n { s_in : 1\n n : integer\n fixed : 1 (constant)\n own : 1\n list : 1[] = []\n twice = 2*v : 1\n" \
    "receive I : 1\n dv/dt = (s_in - v)/ms : 1\n threshold v > 1\n reset { own = 1 } }\npopulation p[9] : n\n"
#define DRIVE(variable) \
    DRIVEN "synapse model s { delay = 1 ms\n " variable "_post = v_pre : 1 (summed) }\nconnect p -> p by all_to_all using s"

/* Sums into what is not declared to receive them. */
static void driven_parameters(void **state)
{
    assert_unchecked(DRIVE("v"), "test:14:36: error: synapse 's' drives 'v' of population 'p' (model 'n'), but 'v' has a "
                                 "differential equation: it must be declared 'receive v : UNIT', or as a parameter that nothing "
                                 "else changes");
    assert_unchecked(DRIVE("twice"), "but 'twice' has an equation of its own");
    assert_unchecked(DRIVE("n"), "but 'n' is integer or boolean");
    assert_unchecked(DRIVE("fixed"), "but 'fixed' is flagged (constant)");
    assert_unchecked(DRIVE("own"), "but 'own' is assigned by the model itself");
    assert_unchecked("neuron model n { s : 1\n dv/dt = s/ms : 1\n every 1 ms { s = 2 } }\npopulation p[9] : n\n"
                     "synapse model c { delay = 1 ms\n s_post = v_pre : 1 (summed) }\nconnect p -> p by all_to_all using c",
                     "but 's' is assigned by the model itself");
    assert_unchecked(DRIVE("list"), "but 'list' is a list");
    assert_unchecked(DRIVE("nothing"),
                     "synapse 's' drives 'nothing', which population 'p' (model 'n') does not receive; it receives 'I'");
    assert_unchecked(DRIVE("s_in") "\nconnect again : p -> p by all_to_all using s",
                     "test:15:44: error: 's_in' of population 'p' is the sum of 'p__p__s' already, and a parameter takes one "
                     "(summed) equation; declare it 'receive s_in : UNIT' to add up several");
    assert_unchecked(DRIVEN "synapse model s { delay = 1 ms\n s_in_post = v_pre*mV : volt (summed) }\n"
                            "connect p -> p by all_to_all using s",
                     "synapse 's' gives 's_in' in volt, but population 'p' receives it dimensionless");
    assert_unchecked(DRIVEN "synapse model s { delay = 1 ms\n s_in_post = w_pre : 1 (summed) }\n"
                            "connect p -> p by all_to_all using s",
                     "synapse 's' uses 'w_pre', but the source population 'p' (model 'n') has no variable 'w'");
}

#define LINKED                                                                                              \
    "population b[4] { p : volt; k : integer; receive I : volt; l : ms[] = []; dv/dt = (I - v)/ms : volt\n" \
    "  w : 1 }\n"                                                                                           \
    "population a[6] { x : volt (linked); z : volt; du/dt = (x - u)/ms : volt }\n"

/* (linked) parameters: their declarations, and the statements that say what they stand for. */
static void linked_parameters(void **state)
{
    assert_unchecked("synapse model s { x : 1 (linked) }",
                     "test:1:19: error: 'x': (linked) is for neuron, astrocyte and device models only");
    assert_unchecked("neuron model m { x = 3 : 1 (linked) }", "test:1:18: error: 'x': (linked) is for parameters only");
    assert_unchecked("neuron model m { x : 1 (linked, constant) }", "test:1:18: error: 'x': (linked) goes with no other flag");
    assert_unchecked("neuron model m { x : ms[] (linked) }",
                     "test:1:18: error: 'x': a list cannot be (linked): it is set for the whole population");
    assert_unchecked("neuron model m { x : 1 (linked) = 3 }", "test:1:18: error: 'x' is (linked), so its values are those of "
                                                              "another variable: it has no default and no range");
    assert_unchecked("neuron model m { x : 1 (linked) in [0, 1] }", "it has no default and no range");
    assert_unchecked("neuron model m { x : 1 (linked); every 1 ms { x = 2 } }",
                     "test:1:47: error: 'x' is (linked) and cannot be assigned");
    assert_unchecked("neuron model m { x : 1 (linked); y : 1 = 2*x }\npopulation a : m",
                     "test:1:44: error: 'x' is (linked), so it has no value before the first step");
    assert_unchecked("neuron model m { x : 1 (linked) }\npopulation a : m { x = 3 }",
                     "test:2:20: error: 'x' is (linked) and takes no value: say what it stands for, A.x = linked(B.y)");
    assert_unchecked("neuron model m { x : 1 (linked) }\npopulation a : m { x = t/ms }",
                     "test:2:24: error: 'x' is (linked), so it takes no value");

    assert_unchecked(LINKED "run 1 ms", "test:3:12: error: 'x' of population 'a' (model 'a') is (linked), but nothing says to "
                                        "what: a.x = linked(B.y)");
    assert_unchecked(LINKED "a.x = 3 mV", "test:4:3: error: 'x' is (linked) and takes no value");
    assert_unchecked(LINKED "a.u = 2*x", "test:4:9: error: 'x' is (linked), so it has no value before the first step");
    assert_unchecked(LINKED "a.x = linked(b[0].v); a.x = linked(b[0].v)",
                     "test:4:25: error: 'x' of population 'a' is linked already, at test:4:1");
    assert_unchecked(LINKED "a.z = linked(b[0].v)", "test:4:3: error: 'z' is no (linked) parameter of population 'a' (model "
                                                    "'a'): declare it 'z : UNIT (linked)'");
    assert_unchecked(LINKED "a[1:].x = linked(b[0].v)",
                     "test:4:7: error: 'x' is linked for the whole population 'a', not for a part of it");
    assert_unchecked(LINKED "run 1 ms\na.x = linked(b[0].v)",
                     "test:5:3: error: population 'a' has run already: its parameters are linked before that");
    assert_unchecked(LINKED "a.x = linked(b)",
                     "test:4:7: error: a link names a variable of a population, and perhaps which of its "
                     "nodes: A.x = linked(B.y) or A.x = linked(B.y, INDEX)");
    assert_unchecked(LINKED "a.x = linked(b.v, i, i)", "test:4:7: error: a link names a variable");
    assert_unchecked(LINKED "a.x = linked(b.v, list = i)", "test:4:7: error: a link names a variable");
    assert_unchecked(LINKED "a.x = linked(c.v)", "test:4:14: error: unknown name 'c'");
    assert_unchecked(LINKED "a.x = linked(b.q)", "test:4:14: error: population 'b' (model 'b') has no variable 'q'");
    assert_unchecked(LINKED "a.x = linked(b.w)",
                     "test:4:14: error: 'x' is declared in volt, but 'w' of population 'b' is dimensionless");
    assert_unchecked(LINKED "a.x = linked(b.k)",
                     "test:4:14: error: 'x' is declared in volt, but 'k' of population 'b' is dimensionless");
    assert_unchecked(LINKED "population c[4] { n : integer (linked) }\nc.n = linked(b.v)",
                     "test:5:14: error: 'n' is declared integer, but 'v' of population 'b' is a real number");
    assert_unchecked(LINKED "population c[4] { n : boolean (linked) }\nc.n = linked(b.k)",
                     "test:5:14: error: 'n' is declared boolean, but 'k' of population 'b' is integer");
    assert_unchecked(LINKED "a.x = linked(b.l)", "'l' of population 'b' cannot be linked to: it is a list");
    assert_unchecked(LINKED "a.x = linked(b.I)", "'I' of population 'b' cannot be linked to: it is summed over connections");
    assert_unchecked(LINKED "a.x = linked(a.x)", "'x' of population 'a' cannot be linked to: it is (linked) itself");

    assert_unchecked(LINKED "a.x = linked(b.v)", "test:4:14: error: 'a' has 6 nodes and 'b' has 4: say which of these each node "
                                                 "stands for, linked(b.v, INDEX)");
    assert_unchecked(LINKED "a.x = linked(b.v, i)",
                     "test:4:19: error: the index of node 4 is 4, but the nodes of 'b' are 0 to 3");
    assert_unchecked(LINKED "a.x = linked(b.v, i - 1)", "the index of node 0 is -1, but");
    assert_unchecked(LINKED "a.x = linked(b.v, i/2)", "the index of node 1 is 0.5, but");
    assert_unchecked(LINKED "a.x = linked(b.v, [0, 1, 2, 3, 4, 0])", "test:4:19: error: the index of node 4 is 4, but");
    assert_unchecked(LINKED "a.x = linked(b.v, [0, 1])",
                     "test:4:19: error: the index needs a number for each of the 6 nodes of 'a', but has 2");
    assert_unchecked(LINKED "a.x = linked(b.v, [0, 1, 2, 3, 0, 0] mV)",
                     "test:4:19: error: an index must be dimensionless, but this list is in volt");
    assert_unchecked(LINKED "a.x = linked(b.v, i*mV)", "test:4:19: error: an index must be dimensionless, but this is in volt");
    assert_unchecked(LINKED "a.x = linked(b.v, rand())", "test:4:19: error: 'rand' cannot be used in an index");
    assert_unchecked(LINKED "a.x = linked(b.v, p)", "test:4:19: error: unknown name 'p'");

    assert_unchecked("neuron model m { x : 1 (linked); v : 1 }\npopulation a : m\npopulation b : m\npopulation a_b : m\n"
                     "(a + b).x = linked(a.v)\na_b.x = linked(a.v)",
                     "test:6:1: error: another link is called 'a_b.x', too: give the set a name by 'let'");
    assert_unchecked(LINKED "synapse model s { delay = 1 ms\n x_post = v_pre : volt (summed) }\n"
                            "connect b -> a by all_to_all using s",
                     "synapse 's' drives 'x' of population 'a' (model 'a'), but 'x' is flagged (linked)");
    assert_unchecked(LINKED "synapses s : a -> a { w : volt }\nconnect s by one_to_one\ns.w = x_post",
                     "test:6:7: error: 'x_post' is (linked), so it has no value before the first step");
}

/* Synapses that write to variables of their targets. */
static void written_targets(void **state)
{
#define CELLS                                                                             \
    "neuron model m { k : 1 (constant) = 3;  s = 2*v : 1;  l : ms[] = [];  b : boolean\n" \
    "receive I : pA;  dv/dt = -v/ms : 1;  g : mV }\npopulation p : m\n"
#define WRITES(text)                                                                                 \
    CELLS "population s : spike_generator\nsynapse model w { delay = 1 ms;  on_pre { " text " } }\n" \
          "connect s -> p by all_to_all using w"
    assert_unchecked(
        WRITES("x_post += 1"),
        "test:6:36: error: synapse 'w' uses 'x_post', but the target population 'p' (model 'm') has no variable 'x'");
    assert_unchecked(WRITES("k_post += 1"), "test:6:36: error: synapse 'w' writes to 'k_post', but in the target population 'p' "
                                            "(model 'm') 'k' is (constant)");
    assert_unchecked(WRITES("s_post += 1"), "test:6:36: error: synapse 'w' writes to 's_post', but in the target population 'p' "
                                            "(model 'm') 's' is defined by an equation");
    assert_unchecked(WRITES("I_post += 1 pA"), "test:6:36: error: synapse 'w' writes to 'I_post', but in the target population "
                                               "'p' (model 'm') 'I' is summed over connections");
    assert_unchecked(WRITES("l_post += 1 ms"), "test:6:36: error: synapse 'w' writes to 'l_post', but in the target population "
                                               "'p' (model 'm') 'l' is a list");
    assert_unchecked(WRITES("g_post += 1 nS"), "test:5:53: error: 'g_post' is in volt, but the right side is in siemens");
    assert_unchecked(WRITES("b_post += 1"), "test:5:53: error: 'b_post' is a condition, so it cannot be set to this");
    assert_unchecked(WRITES("v_post += y_pre"),
                     "test:6:36: error: synapse 'w' uses 'y_pre', but the source population 's' (model 'spike_generator') has no "
                     "variable 'y'");
    assert_unchecked(
        CELLS "population s : spike_generator\nsynapse model w { on_pre a(delay = 1 ms) { v_post += 1 } }\n"
              "connect s -> p by all_to_all using w { delay = 2 ms }",
        "test:6:48: error: 'delay' is that of an unnamed on_pre, or of a pathway with (delay = delay), which synapse "
        "'w' does not have");
    assert_unchecked(
        "population s : spike_generator\nsynapse model w { on_pre { n_post += 1 } }\npopulation p : parrot_neuron\n"
        "connect s -> p by all_to_all using w",
        "test:4:30: error: synapse 'w' needs a delay of at least one step (0.1 ms), but this is 0 ms: its target 'p' "
        "(model 'parrot_neuron') spikes `after synapses`");
#undef WRITES
}

static void sets(void **state)
{
    assert_unchecked(NEURONS "let x = p[0:11]", "test:2:11: error: 'p' has 10 nodes, so a slice must lie within 0:10, not 0:11");
    assert_unchecked(NEURONS "let x = p[-1:3]", "test:2:11: error: the slice 9:3 is empty");
    assert_unchecked(NEURONS "let x = p[-11]", "test:2:11: error: 'p' has 10 nodes, so an index must be from 0 to 9, not -1");
    assert_unchecked(NEURONS "let x = p[[1, 1]]", "test:2:11: error: positions must ascend, but behind 1 stands 1");
    assert_unchecked(NEURONS "let x = p[[1, 10]]",
                     "test:2:11: error: the set has 10 nodes, so positions must be from 0 to 9, not 10");
    assert_unchecked(NEURONS "let x = p[[0.5]]",
                     "test:2:11: error: the set has 10 nodes, so positions must be from 0 to 9, not 0.5");
    assert_unchecked(NEURONS "let x = p[[1] mV]", "test:2:11: error: nodes are listed by their positions, such as [0, 2, 5]");
    assert_unchecked(NEURONS "let x = p[[]]", "test:2:11: error: nodes are listed by their positions, such as [0, 2, 5]");
    assert_unchecked(NEURONS "let x = p[3:3]", "test:2:11: error: the slice 3:3 is empty");
    assert_unchecked(NEURONS "let x = p[10]", "test:2:11: error: 'p' has 10 nodes, so an index must be from 0 to 9, not 10");
    assert_unchecked(NEURONS "let x = p[0.5]", "test:2:11: error: an index must be a whole number, but is 0.5");
    assert_unchecked(NEURONS "let x = p[0:6] + p[5:10]",
                     "test:2:9: error: 'p[0:6]' and 'p[5:10]' overlap: both hold node 5 of population 'p'");
    assert_unchecked(NEURONS "let l = p[0:6], r = p[5:10]\nlet x = l + r",
                     "test:3:9: error: 'l' and 'r' overlap: both hold node 5 of population 'p'");
    assert_unchecked(NEURONS "let x = p + p", "test:2:9: error: 'p' and 'p' overlap: both hold node 0 of population 'p'");
    assert_unchecked(NEURONS "let x = sample(p, 11)", "test:2:19: error: cannot draw 11 different nodes: 'p' has 10");
    assert_unchecked(NEURONS "let x = sample(p, 0)",
                     "test:2:19: error: the count of 'sample' must be from 1 to 4294967295, but is 0");
    assert_unchecked(NEURONS "let x = sample(3, 1)", "test:2:16: error: expected a set of nodes, but this is a number");
    assert_unchecked(NEURONS "let x = sample(p)", "test:2:9: error: sample(set, count) takes 2 arguments, not 1");
    assert_unchecked(NEURONS "record spikes of sample(p, 3)",
                     "test:2:18: error: a sample needs a name, which decides what is drawn: let NAME = sample(…)");
    assert_unchecked(NEURONS "let x = p[i > 5]", "test:2:11: error: 'i' has no meaning here");
    assert_unchecked(NEURONS "let x = p[1, 2]", "test:2:9: error: a set of nodes takes one index");
}

static void records(void **state)
{
    assert_unchecked(
        NEURONS "record V_x of p",
        "test:2:8: error: population 'p' (model 'aeif_cond_alpha_astro') has no variable 'V_x'; did you mean 'V_m'?");
    assert_unchecked(NEURONS "record V_m of p every 0.25 ms",
                     "test:2:23: error: the interval must be a positive multiple of dt = 0.1 ms, but is 0.25 ms");
    assert_unchecked(NEURONS "record V_m of p every 0 ms",
                     "test:2:23: error: the interval must be a positive multiple of dt = 0.1 ms, but is 0 ms");
    assert_unchecked(NEURONS "record V_m of p every -1 ms",
                     "test:2:23: error: the interval must be a positive multiple of dt = 0.1 ms, but is -1 ms");
    assert_unchecked(NEURONS "record V_m of p every 3",
                     "test:2:23: error: an interval must be in second, but this is dimensionless");
    assert_unchecked(
        NEURONS "record V_m of p\nrecord V_m of p",
        "test:3:8: error: the file 'V_m_p.h5' is already written for the record at test:2:8: write 'record NAME : …'");
    assert_unchecked(
        NEURONS "record V_m of p[0:3]\nlet p_0_3 = p[0:2]\nrecord V_m of p_0_3",
        "test:4:8: error: the file 'V_m_p_0_3.h5' is already written for the record at test:2:8: write 'record NAME : …'");
    assert_unchecked(ASTROCYTES "record rate of a", "test:2:8: error: 'a' (model 'astrocyte_lr_1994') cannot spike");
    assert_unchecked(NEURONS "record rate of p every 0.25 ms",
                     "test:2:24: error: the interval must be a positive multiple of dt = 0.1 ms, but is 0.25 ms");
    assert_unchecked(NEURONS "record rate of p at start",
                     "test:2:1: error: a rate counts the spikes of whole steps: leave out 'at start'");
    assert_unchecked(NEURONS "record rate of p\nrecord rate of p", "the file 'rate_p.h5' is already written for the record at");
    assert_unchecked(NOISE "record population_rate of d", "emits spikes for each connection on its own; they cannot be recorded");
    assert_unchecked(NEURONS "record spikes of p every 1 ms", "test:2:26: error: every spike is recorded: leave out 'every'");
    assert_unchecked(ASTROCYTES "record spikes of a", "test:2:8: error: 'a' (model 'astrocyte_lr_1994') cannot spike");
    assert_unchecked(
        NOISE "record spikes of d",
        "test:2:8: error: 'd' (model 'poisson_generator') emits spikes for each connection on its own; they cannot be recorded");
    assert_unchecked(NEURONS ASTROCYTES "record V_m of p + a",
                     "test:3:8: error: population 'a' (model 'astrocyte_lr_1994') has no variable 'V_m'");
    assert_unchecked(NEURONS "record x : spikes of p", "test:2:8: error: spikes are written to 'spikes.h5': leave out the name");
    assert_unchecked(NEURONS "record spikes : V_m of p",
                     "test:2:8: error: 'spikes' has a meaning of its own and cannot be a name");
    assert_unchecked(NEURONS "record sent of x", "test:2:16: error: unknown connection 'x'");
    assert_unchecked(NEURONS "connect c : p -> p by all_to_all using static { weight = 1 nS }\nrecord sent of d",
                     "test:3:16: error: unknown connection 'd'");
#define CONNECTED NEURONS "connect c : p -> p by all_to_all using static { weight = 1 nS }\n"
    assert_unchecked(CONNECTED "record wait of c", "test:3:8: error: the synapses 'c' have no variable 'wait'");
    assert_unchecked(CONNECTED "record weight of c[0]", "test:3:18: error: synapses are selected by their sources and their "
                                                        "targets: c[i, j], with ':' for all");
    assert_unchecked(CONNECTED "record weight of c[:, 99]", "test:3:23: error: there are 10 targets, counted from 0 to 9");
    assert_unchecked(CONNECTED "record weight of c[2:2, 0]", "test:3:20: error: the slice 2:2 is empty");
    assert_unchecked(CONNECTED "record weight of c at resets",
                     "test:3:1: error: 'at resets' is not supported: variables of synapses "
                     "are recorded 'at start', 'at after_thresholds' or 'at "
                     "after_synapses'");
    assert_unchecked(CONNECTED "record sent of c at start",
                     "test:3:1: error: 'sent' is recorded at every transmission: leave out 'at start'");
    assert_unchecked(
        CONNECTED "record weight of c\nrecord weight of c[0, :]",
        "test:4:8: error: the file 'weight_c.h5' is already written for the record at test:3:8: write 'record NAME : …'");
#undef CONNECTED
    assert_unchecked(NEURONS ASTROCYTES "connect c : a -> p by all_to_all using sic\nrecord sent of c",
                     "test:4:16: error: 'c' sends nothing: its synapse is 'sic'");
    assert_unchecked(NEURONS "record V_m of p at resets",
                     "test:2:1: error: 'at resets' is not supported yet for what is recorded of nodes: they are recorded "
                     "'at start', 'after_groups', 'after_thresholds', 'after_synapses' or 'end'");
    assert_unchecked("population p : izhikevich\nrecord V_m of p at end",
                     "test:2:1: error: 'at end' is not supported for 'p' (model 'izhikevich'), which spikes `after synapses`: it "
                     "is recorded 'at start'");
    assert_unchecked("population p { v = (t - lastspike)/ms : 1; threshold t > 1 ms }\nrecord v of p at before_thresholds",
                     "test:2:1: error: 'at before_thresholds' is not supported yet for 'p' (model 'p'), which reads "
                     "not_refractory or lastspike: record it 'at after_thresholds'");
    assert_unchecked("population p : izhikevich\nrecord V_m of p at spikes",
                     "test:2:1: error: 'at spikes' is not supported for 'p' (model 'izhikevich'), which spikes `after synapses`");
    assert_unchecked("population p : aeif_cond_alpha\nrecord V_m of p at spikes",
                     "test:2:1: error: 'at spikes' is not supported for 'p' (model 'aeif_cond_alpha'), which spikes `each "
                     "sub_step`");
    assert_unchecked("population p : spike_generator\nrecord start of p at spikes",
                     "test:2:1: error: 'at spikes' is not supported for 'p' (model 'spike_generator'), which spikes at listed "
                     "times");
    assert_unchecked("population p : poisson_generator\nrecord rate of p at spikes",
                     "test:2:1: error: 'p' (model 'poisson_generator') emits spikes for each connection on its own; they cannot "
                     "be recorded");
    assert_unchecked("population p { v : 1 }\nrecord v of p at spikes", "test:2:1: error: 'p' (model 'p') cannot spike");
    assert_unchecked("population p : iaf_psc_exp\nrecord V_m of p every 1 ms at spikes",
                     "test:2:23: error: every one of 'spikes' is recorded: leave out 'every'");
    assert_unchecked("population p : iaf_psc_exp\nrecord V_m, spikes of p at spikes",
                     "test:2:13: error: times and nodes stand in the file of what is recorded 'at spikes': leave out 'spikes'");
    assert_unchecked("population p : iaf_psc_exp\nrecord V_m, V_m of p at spikes", "test:2:13: error: 'V_m' is recorded twice");
    assert_unchecked("population p : iaf_psc_exp\nrecord V_n of p at spikes",
                     "test:2:8: error: population 'p' (model 'iaf_psc_exp') has no variable "
                     "'V_n'");
    assert_unchecked("population p : iaf_psc_exp\nrecord V_m of p at spikes\nrecord I_syn_ex of p at spikes",
                     "test:3:8: error: the file 'spikes_p.h5' is already written for the record at test:2:8");
    assert_unchecked("population p : iaf_psc_exp\nrecord final V_m of p at spikes",
                     "test:2:1: error: a final value is recorded once, at the end: leave out 'at spikes'");
    assert_unchecked("population p { v : 1; event high if v > 1 }\npopulation q { v : 1 }\nrecord v of p + q at high",
                     "test:3:1: error: population 'q' (model 'q') has no event 'high'");
    assert_unchecked(NEURONS "record spikes of p at end", "test:2:1: error: a spike has a time of its own: leave out 'at end'");
    assert_unchecked("population p { v : 1; event high if v > 1 { v = 0 } }\nrecord high of p at end",
                     "test:2:1: error: an event has a time of its own: leave out 'at end'");
    assert_unchecked(NEURONS "record x : V_m of p\nrecord x : w of p",
                     "test:3:12: error: the file 'x.h5' is already written for the record at test:2:12: write 'record NAME : …'");
    assert_unchecked(NEURONS "record V_m of 3", "test:2:15: error: expected a population or a set of nodes");
    assert_unchecked(TRAIN "record spike_times of k", "test:2:8: error: 'spike_times' is a list and cannot be recorded");
}

static void stops_and_final_values(void **state)
{
    assert_unchecked(NEURONS "record V_m of p\nrun 1 ms\nstop V_m_pp",
                     "test:4:6: error: no recording is called 'V_m_pp'; did you mean 'V_m_p'?");
    assert_unchecked(NEURONS "record V_m of p\nstop V_m_p",
                     "test:3:6: error: nothing is recorded: no 'run' stands between 'record' at test:2:8 and this 'stop'");
    assert_unchecked(NEURONS "record x : V_m, w of p\nrun 1 ms\nstop x\nrun 1 ms\nstop x_w",
                     "test:6:6: error: 'x_w', recorded at test:2:17, has been stopped already");
    assert_unchecked(NEURONS "record spikes of p\nrun 1 ms\nstop spikes, spikes",
                     "test:4:14: error: 'spikes', recorded at test:2:8, has been stopped already");
    assert_unchecked(NEURONS "record final V_m of p\nrun 1 ms\nstop final_V_m_p",
                     "test:4:6: error: 'final_V_m_p' is recorded once, when the script ends");
    assert_unchecked(NEURONS "stop", "test:2:5: error: expected the name of a recording, as its file is called");
    assert_unchecked(NEURONS "record final V_m of p every 1 ms",
                     "test:2:29: error: a final value is recorded once, at the end: leave out 'every'");
    assert_unchecked(NEURONS "record final V_m of p at start",
                     "test:2:1: error: a final value is recorded once, at the end: leave out 'at start'");
    assert_unchecked(NEURONS "record final spikes of p", "test:2:14: error: 'spikes' are events, which have no final value");
    assert_unchecked(NEURONS "record final rate of p",
                     "test:2:14: error: a rate counts the spikes of whole steps: it has no final value");
    assert_unchecked(NEURONS "record final of p",
                     "test:2:8: error: population 'p' (model 'aeif_cond_alpha_astro') has no variable 'final'");
}

#define NEURONS_Q "population q[2] { dx/dt = 1/second : 1 }\n"
#define EVENTFUL "population p[3] { dx/dt = 1/second : 1; event high if x > 1 }\n"

static void events(void **state)
{
    assert_unchecked("population p[3] { dx/dt = 1/second : 1; event high if x }",
                     "test:1:55: error: 'high' is a condition, so it cannot be set to this");
    assert_unchecked("population p[3] { dx/dt = 1/second : 1; event high x > 1 }", "test:1:52: error: expected 'if', found 'x'");
    assert_unchecked("population p[3] { dx/dt = 1/second : 1; event x if x > 1 }",
                     "test:1:47: error: 'x' is declared twice, first at test:1:20");
    assert_unchecked("population p[3] { dx/dt = 1/second : 1; event high if x > 1 { q += 1 } }",
                     "test:1:63: error: unknown variable 'q'");
    assert_unchecked("neuron model a { dx/dt = 1/second : 1; event high if x > 1 }\n"
                     "population q[2] extends a { event high if x < 0 }",
                     "test:2:35: error: 'high' is declared twice, first at test:1:46");
    assert_unchecked("synapse model s { event high if 1 > 0 { } }",
                     "test:1:19: error: 'event' belongs into a neuron, astrocyte or device model");
    assert_unchecked(EVENTFUL "record high of p every 1 ms", "test:2:24: error: every event is recorded: leave out 'every'");
    assert_unchecked(EVENTFUL "record z : high of p", "test:2:8: error: events are written to 'high.h5': leave out the name");
    assert_unchecked(EVENTFUL "record final high of p", "test:2:14: error: 'high' are events, which have no final value");
    assert_unchecked(EVENTFUL NEURONS_Q "record high of p + q", "error: population 'q' (model 'q') has no event 'high'");
    assert_unchecked(EVENTFUL "record high : x of p\nrecord high of p",
                     "the file 'high.h5' is already written for the record at");
    assert_unchecked(
        EVENTFUL "synapses S : p -> p { on_pre(event = hgih) { x_post += 1 } }",
        "test:2:38: error: synapse 'S' has on_pre at the event 'hgih', but the source 'p' (model 'p') has no such event");
    assert_unchecked(EVENTFUL NEURONS_Q "synapse model s { on_post(event = high) { x_post += 1 } }\n"
                                        "connect p -> p + q by all_to_all using s",
                     "test:4:40: error: synapse 's' has on_post at the event 'high', but the target 'q' (model 'q') has no such "
                     "event");
    assert_unchecked(EVENTFUL "synapses S : p -> p { on_pre(event = high) { x_post += 1 }\non_post { x_post += 1 } }",
                     "test:2:10: error: synapse 'S' has on_post, but the target 'p' (model 'p') cannot spike");
    assert_unchecked(
        "device model d { emit per connection poisson(0.1); n : 1; event high if t > 1 ms }\npopulation n : d\n" NEURONS_Q
        "synapse model s { on_pre(event = high) { x_post += 1 } }\nconnect n -> q by all_to_all using s",
        "test:5:36: error: 'n' (model 'd') emits spikes for each connection on its own: pathways at its events are "
        "not supported yet");
    assert_unchecked("population p[3] { receive spike(J : 1) { x += J }; dx/dt = 1/second : 1; event high if x > 1 }\n"
                     "synapse model s { delay = 1 ms; on_pre(event = high) { send 1 } }\nconnect p -> p by all_to_all using s",
                     "test:2:48: error: in a synapse that sends, pathways run at spikes: at events of one's own is not supported "
                     "yet");
}

static void runs(void **state)
{
    assert_unchecked(NEURONS "run -1 ms", "test:2:5: error: a run cannot last a negative time: this is -1 ms");
    assert_unchecked(NEURONS "run 3", "test:2:5: error: the duration of a run must be in second, but this is dimensionless");
    assert_unchecked(NEURONS "run inf*ms", "test:2:5: error: a run of inf s has too many steps");
    assert_unchecked(NEURONS "run 1e300 s", "test:2:5: error: a run of 1e+300 s has too many steps");
}

static void matrices(void **state)
{
    const char *rows = "let x = [[1, 2, 3], [4, 5, 6]] mV\n";
    struct arena *arena = arena_create();
    assert_unchecked("let x = timed_array([[1, 2], [3]], 1 ms)",
                     "test:1:21: error: the rows of a matrix must have the same length, but row 1 has 1 and the first 2");
    assert_unchecked("let x = [[3], []]\nlet y = x[:, 0]", "test:2:9: error: a row of a matrix cannot be empty, as row 1 is");
    assert_unchecked("let x = [[1, 2], 3]",
                     "test:1:18: error: the elements of a list must be all numbers or all lists (the rows of a matrix)");
    assert_unchecked("let x = [[[1]]]", "test:1:10: error: a matrix has rows and columns only: its rows are lists of numbers");
    assert_unchecked("let x = [[1] mV, [2] pA]",
                     "test:1:18: error: the elements of a list must have the same dimension, but this "
                     "is in amp and the first is in volt");
    assert_unchecked("let x = [[1] mV] mV",
                     "test:1:10: error: the list has a unit behind it, so its elements must be plain numbers");
    assert_unchecked(arena_format(arena, "%slet y = x[2, 0]", rows),
                     "test:2:11: error: 'x' has 2 rows, so an index must be from 0 to 1, not 2");
    assert_unchecked(arena_format(arena, "%slet y = x[1, 3]", rows),
                     "test:2:14: error: 'x' has 3 columns, so an index must be from 0 to 2, not 3");
    assert_unchecked(arena_format(arena, "%slet y = x[-1, 0]", rows),
                     "test:2:11: error: 'x' has 2 rows, so an index must be from 0 to 1, not -1");
    assert_unchecked(arena_format(arena, "%slet y = x[0.5, 0]", rows),
                     "test:2:11: error: an index must be a whole number, but is 0.5");
    assert_unchecked(arena_format(arena, "%slet y = x[1]", rows), "test:2:9: error: a matrix takes two indices: [row, column]");
    assert_unchecked(arena_format(arena, "%slet y = x[0, 1:4]", rows),
                     "test:2:14: error: 'x' has 3 columns, so a slice must lie within 0:3, not 1:4");
    assert_unchecked(arena_format(arena, "%slet y = x[0, 2:1]", rows), "test:2:14: error: the slice 2:1 ends before it begins");
    assert_unchecked(arena_format(arena, "%slet y = x + [1, 2] mV", rows),
                     "test:2:13: error: lists are combined element by element, but this is a list of length 2 and the first is a "
                     "matrix of 2 rows and 3 columns");
    assert_unchecked(arena_format(arena, "%spopulation p[2] : aeif_cond_alpha_astro { V_m = x }", rows),
                     "test:2:49: error: expected a list of numbers, such as [1, 2], but this is a matrix");
    assert_unchecked("let x = [1, 2]\nlet y = x[1, 1]", "test:2:9: error: a list takes one index");
    assert_unchecked("let x = []\nlet y = x[0]", "test:2:11: error: 'x' has 0 elements");
    assert_unchecked_with(rows, &(struct override){"x", "[1, 2] mV"}, 1,
                          "'x' is a matrix in volt (test:1:5), but this is a list");
    arena_destroy(&arena);
}

static void arithmetic_with_lists(void **state)
{
    assert_unchecked("let x = [1, 2] + [1, 2, 3]",
                     "test:1:18: error: lists are combined element by element, but this is a list of "
                     "length 3 and the first is a list of length 2");
    assert_unchecked("let x = [1, 2] mV + 1",
                     "test:1:9: error: both sides of '+' must have the same dimension, but the first is in volt and the second "
                     "dimensionless");
    assert_unchecked("let x = exp([1, 2] mV)",
                     "test:1:13: error: 'exp' needs an argument that is dimensionless, but this is in volt");
    assert_unchecked("let x = sqrt([1, -1])", "test:1:9: error: element 1 is not a number");
    assert_unchecked("let x = [1, 2] mV**[1, 2]",
                     "test:1:20: error: the base is in volt, so the exponent must be one number, not a list");
    assert_unchecked("let x = [1, 2]*rand()", "test:1:16: error: 'rand' cannot be used in a constant");
    assert_unchecked("let x = [1, 2] + \"a\"", "test:1:18: error: expected a number, but this is a text");
    assert_unchecked("let x = not [1, 2]", "test:1:13: error: expected a condition (such as a > b), but this is a number");
    assert_unchecked("let x = [1, 2] > 1\nfor k in x { }",
                     "test:2:10: error: a loop runs over a range, such as 0:8, or a list, but this is a list of conditions");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = [1, 2] > 1 }",
                     "test:1:49: error: expected a list of numbers, such as [1, 2], but this is a list of conditions");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = [1, 2] mV*rand() }",
                     "test:1:59: error: this is not a constant, so it cannot be combined with a list");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = [1, 2] mV*i }",
                     "test:1:59: error: this is not a constant, so it cannot be combined with a list");
    assert_unchecked("population p[3] : aeif_cond_alpha_astro { V_m = 2*[1, 2] mV }",
                     "test:1:49: error: 'V_m' needs one number for each of the 3 nodes, but this list has 2");
    assert_unchecked("neuron model m { a : 1[] = [1]\n b = step_value([1] ms, 2*a, t, 0) : 1 }\npopulation p : m",
                     "test:2:27: error: the list 'a' of the model can be used by 'emit at' and step_value() only");
    assert_unchecked("let x = range(3 ms)",
                     "test:1:9: error: range() of numbers that are in second needs a step: range(begin, end, step)");
    assert_unchecked("let x = range(0, 1 ms)",
                     "test:1:18: error: an argument of range() like the first must be dimensionless, but this is in second");
    assert_unchecked("let x = range(0, 1, 0)", "test:1:21: error: the step of range() cannot be 0");
    assert_unchecked("let x = range(1e9)",
                     "test:1:9: error: a list of 1000000000 numbers is too long: at most 1000000 can be made");
    assert_unchecked("let x = range(inf)", "test:1:15: error: an argument of range() must be finite");
    assert_unchecked("let x = range()", "test:1:9: error: range(begin, end, step) takes 1 to 3 arguments, not 0");
    assert_unchecked("let x = linspace(0, 1, 1)",
                     "test:1:24: error: the count of linspace() must be from 2 to 1000000, but is 1");
    assert_unchecked("let x = len(3)", "test:1:13: error: len() counts the elements of a list, but this is a number");
    assert_unchecked("population p[2] { dv/dt = [1, 2]*v/ms : 1 }",
                     "test:1:27: error: the right side must be a number, but this is a list");
}

#define TRAINS "population k[3] : spike_generator { spike_times = "

static void spikes_of_each_node(void **state)
{
    assert_unchecked(TRAINS "[[1], [2]] ms }",
                     "test:1:51: error: a list for each of the 3 nodes is needed, or one for all, but there are 2");
    assert_unchecked(TRAINS "by_node([0, 3, 1], [1, 1, 1] ms) }",
                     "test:1:51: error: by_node() names node 3 (row 1), but there are 3 nodes, from 0 to 2");
    assert_unchecked(TRAINS "by_node([0, 1.5], [1, 1] ms) }", "test:1:59: error: by_node(): 1.5 is no node (row 1)");
    assert_unchecked(TRAINS "by_node([0, -1], [1, 1] ms) }", "test:1:59: error: by_node(): -1 is no node (row 1)");
    assert_unchecked(TRAINS "by_node([0, 1], [1] ms) }",
                     "test:1:67: error: by_node() needs lists of equal length, but this one has 1 and the first 2");
    assert_unchecked(TRAINS "by_node([0, 1], [1, 2]) }",
                     "test:1:51: error: 'spike_times' must be in second, but this list is dimensionless");
    assert_unchecked(TRAINS "[[1], [2, 3, 2], []] ms }",
                     "test:1:51: error: node 1 of 'k' has two spikes in the step from 1.9 ms to 2 ms");
    assert_unchecked(TRAINS "[[1], [-2], []] ms }", "test:1:51: error: a spike at -2 ms is too early: times must be above 0 ms");
    assert_unchecked(TRAINS "[[1], [2.05], []] ms }",
                     "test:1:51: error: a spike at 2.05 ms is not on the grid: times must be multiples of dt = 0.1 ms");
    assert_unchecked("population k[2] : spike_generator_group { spike_times = [[1, 1.05], [2]] ms }",
                     "test:1:57: error: node 0 of 'k' has two spikes in the step from 1 ms to 1.1 ms");
#define GROUP "population k[2] : spike_generator_group { spike_times = [1, 2] ms; period = "
    assert_unchecked(GROUP "2 ms }", "test:1:57: error: 'k' spikes in the step from 2 ms on, which is not before the end of its "
                                     "period of 2 ms");
    assert_unchecked(GROUP "2.25 ms }", "error: the period of 'k' must be a multiple of dt = 0.1 ms, or 0 ms, not 2.25 ms");
    assert_unchecked(GROUP "-3 ms }", "error: 'period' = -3 ms is outside its range [0, inf) ms");
    assert_unchecked(GROUP "3 ms*rand() }", "error: the period of 'k' must be the same for all its nodes");
    assert_unchecked("device model d { times : ms[] = []\n emit at times every 3 }",
                     "test:2:22: error: a period must be in second, but this is dimensionless");
    assert_unchecked("device model d { times : ms[] = []\n emit at times every 3 ms if t > 5 ms }",
                     "test:2:30: error: spikes that are repeated with 'every' have no 'if', which is asked once for each listed "
                     "time");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = by_node([0, 1], [1, 2] mV) }",
                     "test:1:49: error: expected a list of numbers, such as [1, 2], but this is a matrix");
    assert_unchecked("device model d { times : ms[] = []\n x = step_value(times, [1, 2], t, 0) : 1\n emit at times }\n"
                     "population p[2] : d { times = [[1], [2]] ms }",
                     "test:4:31: error: step_value() takes 'times', so it must be one list for all nodes");
}

static void loops(void **state)
{
    assert_unchecked("for k in 0:2 { let x = y }", "in the pass with k = 0");
    assert_unchecked("let l = [1]\nfor k in 0:2 { let x = l[k] }",
                     "test:2:26: error: 'l' has 1 element, so an index must be from 0 to 0, not 1\n"
                     "    for k in 0:2 { let x = l[k] }\n"
                     "                             ^\n"
                     "    in the pass with k = 1");
    assert_unchecked("let l = [1]\nfor a in 5:7 { for w in [1, 2] mV { let x = l[w/mV - 1] } }",
                     "in the pass with a = 5, w = 0.002 volt");
    assert_unchecked("for k in 0:2 { let k = 1 }", "test:1:20: error: 'k' is already the name of a constant, see test:1:5");
    assert_unchecked("let k = 1\nfor k in 0:2 { }", "test:2:5: error: 'k' is already the name of a constant, see test:1:5");
    assert_unchecked("let x = 1\nfor k in 0:2 { let x = 1 }", "test:2:20: error: 'x' is already the name of a constant");
    assert_unchecked("for k in 0:2 { for k in 0:2 { } }", "test:1:20: error: 'k' is already the name of a constant");
    assert_unchecked("for k in 0:2 { let x = 1 }\nlet y = x", "test:2:9: error: unknown name 'x'");
    assert_unchecked("for k in 0:2 { }\nlet y = k", "test:2:9: error: unknown name 'k'");
    assert_unchecked("for k in 3:2 { }", "test:1:10: error: the range 3:2 ends before it begins");
    assert_unchecked("for k in 0:2.5 { }", "test:1:12: error: the end of a range must be a whole number, but is 2.5");
    assert_unchecked("for k in 0:inf { }", "test:1:12: error: the end of a range must be a whole number, but is inf");
    assert_unchecked("for k in 0 mV:2 { }",
                     "test:1:10: error: the first number of a range must be dimensionless, but this is in volt");
    assert_unchecked("for k in rand():2 { }", "test:1:10: error: 'rand' cannot be used in a constant");
    assert_unchecked("for k in 8 { }",
                     "test:1:10: error: a loop runs over a range, such as 0:8, or a list, but this is a number");
    assert_unchecked("for k in [[1]] { }",
                     "test:1:10: error: a loop runs over a range, such as 0:8, or a list, but this is a matrix");
    assert_unchecked("for k in 0:1000000000 { }", "test:1:1: error: the loops come to more than 1000000 passes and statements");
    assert_unchecked("for a in 0:1000 { for b in 0:1000 { let x = a*b } }",
                     "error: the loops come to more than 1000000 passes and statements: connect larger populations instead");
    assert_unchecked("for k in 0:2 { neuron model m { x : 1 } }", "test:1:16: error: models are declared outside of loops");
    assert_unchecked("for k in 0:2 { simulation { dt = 1 ms } }", "test:1:16: error: 'simulation' stands twice");
    assert_unchecked("for k in 0:2 { population p[3] : aeif_cond_alpha_astro }",
                     "test:1:27: error: in a loop, populations are members of a family: population p[k][SIZE]");
    assert_unchecked_with("for k in 0:2 { let x = 1 }", &(struct override){"x", "2"}, 1, "has no 'let' with the name 'x'");
    assert_unchecked(NEURONS "let s_1 = 1\nfor k in 0:2 { let s = p[k:k + 1] }",
                     "test:3:20: error: 's_1' is already the name of a constant, see test:2:5");
    assert_unchecked(NEURONS "for k in [1, 1] { connect c : p -> p by all_to_all using static }",
                     "test:2:27: error: 'c_1' is already the name of a connection, see test:2:27");
    assert_unchecked(NEURONS "for k in 0:2 { connect p -> p by all_to_all using static }",
                     "a connection without a name is called 'p__p__static', as another one");
    assert_unchecked(NEURONS "for k in 0:2 { record V_m of p }", "the file 'V_m_p.h5' is already written");
}

static void arguments_of_rules(void **state)
{
    assert_unchecked(NEURONS "connect p -> p by fixed_total_number(-1) using static",
                     "test:2:38: error: 'N' must be from 0 to 9007199254740992, but is -1");
    assert_unchecked(NEURONS "connect p -> p by fixed_total_number(2.5) using static",
                     "test:2:38: error: 'N' must be a whole number, but is 2.5");
    assert_unchecked(NEURONS "connect p -> p by fixed_total_number(3, autapses = 0) using static",
                     "test:2:52: error: 'autapses' must be true or false, but this is a number");
    assert_unchecked(NEURONS "connect p -> p by fixed_total_number(3, multapses = \"no\") using static",
                     "test:2:53: error: 'multapses' must be true or false, but this is a text");
    assert_unchecked(NEURONS "connect p -> p by fixed_total_number(3, autapses = fals) using static",
                     "test:2:52: error: unknown name 'fals'");
    assert_unchecked(NEURONS "connect p -> p by pairwise_poisson(-0.5) using static",
                     "test:2:36: error: 'mean' must be 0 or more, and finite, but is -0.5");
    assert_unchecked(NEURONS "connect p -> p by pairwise_poisson(inf) using static",
                     "test:2:36: error: 'mean' must be 0 or more, and finite, but is inf");
    assert_unchecked(NEURONS "connect p -> p by pairwise_poisson(1 mV) using static",
                     "test:2:36: error: 'mean' must be dimensionless, but this is in volt");
    assert_unchecked(NEURONS "connect p -> p by pairwise_poisson(rand()) using static",
                     "test:2:36: error: 'rand' cannot be used in a constant");
    assert_unchecked(NEURONS "connect p -> p by pairs([0]) using static",
                     "test:2:19: error: rule 'pairs' needs the argument 'targets'");
    assert_unchecked(NEURONS "connect p -> p by pairs([[0]], [0]) using static",
                     "test:2:25: error: 'sources' must be a list of positions, such as [0, 1], or one");
    assert_unchecked("let true = 1", "error: 'true' has a meaning of its own and cannot be a name");
}

static void third_rules(void **state)
{
#define ROLES " { primary using static; third_in using static; third_out using sic }"
    assert_unchecked(NEURONS ASTROCYTES "connect p -> p by bernoulli_with_pool(p = 0.5) via a" ROLES,
                     "test:3:19: error: rule 'bernoulli_with_pool' adds third nodes to another rule: by RULE third "
                     "bernoulli_with_pool(…)");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> p by one_to_one third all_to_all via a" ROLES,
                     "test:3:36: error: rule 'all_to_all' cannot stand behind 'third'");
    assert_unchecked(NEURONS ASTROCYTES
                     "connect p -> p by tripartite_bernoulli_with_pool(0.1) third bernoulli_with_pool(0.5) via a" ROLES,
                     "error: rule 'tripartite_bernoulli_with_pool' makes third connections itself: leave out 'third …'");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> p by one_to_one third bernoulli_with_pool(0.5)" ROLES,
                     "test:3:36: error: rule 'bernoulli_with_pool' needs a pool of third nodes: 'connect … via POOL'");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> p by one_to_one third bernoulli_with_pool(1.5) via a" ROLES,
                     "test:3:56: error: probability 'p' must be from 0 to 1, but is 1.5");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> p by one_to_one third bernoulli_with_pool(0.5) via a using static",
                     "error: rule 'bernoulli_with_pool' needs a synapse for each of primary, third_in and third_out");
    assert_unchecked(NEURONS ASTROCYTES
                     "connect p -> p by one_to_one third bernoulli_with_pool(0.5) via a { primary using static }",
                     "error: the role 'third_in' is missing: rule 'bernoulli_with_pool' needs primary, third_in and third_out");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> p by one_to_one third bernouli_with_pool(0.5) via a" ROLES,
                     "error: unknown rule 'bernouli_with_pool' (the rules are bernoulli_with_pool); did you mean "
                     "'bernoulli_with_pool'?");
#undef ROLES
}

#define STATIC "connect p -> p by all_to_all using static { "

static void drawn_values(void **state)
{
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = redraw(-60 mV, -70 mV, -50 mV) }",
                     "test:1:56: error: nothing is drawn here, so 'redraw' could not change it");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = redraw(rand()*mV, 2 mV, 1 mV) }",
                     "test:1:49: error: nothing lies within these bounds of 'redraw'");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = redraw(rand()*mV, 0 mV, 1) }",
                     "test:1:73: error: 'redraw' needs arguments of the same dimension");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = redraw(rand()*mV, 0 mV, rand()*mV) }",
                     "test:1:73: error: a bound of 'redraw' cannot be random");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = redraw(redraw(rand(), 0, 1)*mV, 0 mV, 1 mV) }",
                     "test:1:56: error: 'redraw' cannot stand within another one");
    assert_unchecked("population p[2] : aeif_cond_alpha_astro { V_m = redraw(rand()*mV, 0 mV) }",
                     "test:1:49: error: redraw(x, low, high) takes 3 arguments, not 2");
    assert_unchecked("neuron model m { v : 1 = redraw(rand(), 0, 0.5) }",
                     "test:1:26: error: 'redraw' can be used in values that the script gives to nodes and synapses only");
    assert_unchecked("neuron model m { dv/dt = redraw(rand(), 0, 0.5)/ms : 1 }",
                     "test:1:33: error: 'rand' cannot be used in a differential equation: noise is written xi, and NAME = rand() "
                     ": 1 (constant over dt) draws once in each step");
    assert_unchecked(NEURONS STATIC "weight = randn() }",
                     "test:2:54: error: 'weight' must be in siemens, but this is dimensionless");
    assert_unchecked(NEURONS STATIC "weight = i }", "test:2:54: error: 'weight' must be in siemens, but this is dimensionless");
    assert_unchecked(NEURONS STATIC "weight = t*nS/ms }", "test:2:54: error: 't' has no meaning here");
    assert_unchecked(
        NEURONS STATIC "weight = V_mm_pre*nS/mV }",
        "test:2:54: error: the source population 'p' (model 'aeif_cond_alpha_astro') has no variable 'V_mm'; did you "
        "mean 'V_m'?");
    assert_unchecked(NEURONS STATIC "weight = I_SIC_post*nS/pA }",
                     "test:2:54: error: 'I_SIC_post' is summed over connections, so it has no value before they are made");
    assert_unchecked(NEURONS STATIC "weight = distance*nS/mm }",
                     "test:2:54: error: 'distance' needs positions, but population 'p' has none: set position = [x, y]");
    assert_unchecked(NEURONS ASTROCYTES "connect p -> a by pairwise_bernoulli(0.1*N) using static { weight = 0.1 }",
                     "test:3:42: error: there are 10 sources, but 7 targets: write N_pre or N_post");
    assert_unchecked(NEURONS "synapses S : p -> p {\n on_pre { V_m_post += mV/N_incoming } }\nconnect S\nS.N_incoming = 3",
                     "test:5:3: error: 'N_incoming' is how many synapses there are, and takes no value");
    assert_unchecked(NEURONS "synapse model s { on_pre { N_outgoing = 3; V_m_post += N_outgoing*mV } }",
                     "test:2:28: error: 'N_outgoing' is how many synapses there are and cannot be assigned");
    assert_unchecked(
        NEURONS "synapse model s { w : 1 = N_pre\n delay = 1 ms\n on_pre { send w*nS } }\n"
                "connect p -> p by all_to_all using s",
        "test:2:27: error: 'N_pre' is not known in the text of a synapse model: give the value where it is connected");
    assert_unchecked(NEURONS STATIC "weight = rand()*weight }", "test:2:61: error: the value of 'weight' depends on itself");
    assert_unchecked(NEURONS STATIC "delay = rand() }", "test:2:53: error: a delay must be in second, but this is dimensionless");
    assert_unchecked(NEURONS STATIC "delay = [1, 2] mV }",
                     "test:2:53: error: a delay must be in second, but this list is in volt");
    assert_unchecked(NEURONS STATIC "delay = t*rand() }", "test:2:53: error: 't' has no meaning here");
    assert_unchecked(NEURONS STATIC "delay = redraw(1 ms, dt, inf*ms) }", "test:2:60: error: nothing is drawn here");
    assert_unchecked(NEURONS "synapse model s { w : port = rand();  delay = 1 ms;  on_pre { send w } }\n"
                             "connect p -> p by all_to_all using s",
                     "test:2:30: error: 'w' counts in the unit of the port, so its default must be a constant");
}

#define IN_SPACE(name, settings) "population " name "[3] : dc_generator { " settings " }\n"

static void positions(void **state)
{
    assert_unchecked(IN_SPACE("q", "position = 3 mm"), "test:1:45: error: 'position' must be written as [x, y] or [x, y, z]");
    assert_unchecked(IN_SPACE("q", "position = [3 mm]"), "error: 'position' must be written as [x, y] or [x, y, z]");
    assert_unchecked(IN_SPACE("q", "position = [1, 2, 3, 4] mm"), "error: 'position' must be written as [x, y] or [x, y, z]");
    assert_unchecked(IN_SPACE("q", "position = [1, 2] ms"),
                     "test:1:46: error: a coordinate must be in metre, but this is in second");
    assert_unchecked(IN_SPACE("q", "position = [1 mm, 2]"),
                     "test:1:52: error: a coordinate must be in metre, but this is dimensionless");
    assert_unchecked(IN_SPACE("q", "position = [1 mm, [1, 2] mm]"),
                     "test:1:52: error: a coordinate needs one number for each of the 3 nodes, but this list has 2");
    assert_unchecked(IN_SPACE("q", "position = [1 mm, [1, 2, 3] ms]"),
                     "test:1:52: error: a coordinate must be in metre, but this list is in second");
    assert_unchecked(IN_SPACE("q", "position = [1 mm, inf*mm]"), "test:1:52: error: a coordinate must be finite");
    assert_unchecked(IN_SPACE("q", "position = [1 mm, amplitude*mm/pA]"), "test:1:52: error: unknown name 'amplitude'");
    assert_unchecked(IN_SPACE("q", "position = [i*mm, t*mm/ms]"), "test:1:52: error: 't' has no meaning here");
    assert_unchecked(IN_SPACE("q", "position = [i*mm, 0 mm]; position = [0 mm, 0 mm]"), "error: 'position' is set twice");
    assert_unchecked(IN_SPACE("q", "periodic = [1 mm, 1 mm]"),
                     "test:1:45: error: 'periodic' has 2 numbers, but the positions of 'q' have 0");
    assert_unchecked(IN_SPACE("q", "position = [i*mm, 0 mm]; periodic = [1 mm, 0 mm]"),
                     "error: a period must be above 0 m and finite, but is 0 m");
    assert_unchecked(IN_SPACE("q", "position = [i*mm, 0 mm]") "q.periodic = [1 mm, 1 mm, 1 mm]",
                     "test:2:14: error: 'periodic' has 3 numbers, but the positions of 'q' have 2");
    assert_unchecked(NEURONS "connect p -> p by pairwise_bernoulli(exp(-distance/mm)) using static",
                     "test:2:43: error: 'distance' needs positions, but population 'p' has none: set position = [x, y]");
    assert_unchecked(
        NEURONS "p.position = [0 mm, 0 mm]\n" IN_SPACE(
            "q", "position = [0 mm, 0 mm, 0 mm]") "connect q -> p by pairwise_bernoulli(exp(-distance/mm)) using static",
        "error: 'distance': 'q' and 'p' do not lie in the same space: their positions have different dimensions or "
        "periods");
    assert_unchecked(NEURONS "p.position = [0 mm, 0 mm]\nconnect p -> p by pairwise_bernoulli(distance) using static",
                     "test:3:38: error: 'p' must be dimensionless, but this is in metre");
    assert_unchecked(NEURONS "p.position = [0 mm, 0 mm]\nconnect p -> p by fixed_total_number(distance/mm) using static",
                     "test:3:38: error: 'distance' has no meaning here");
    assert_unchecked("let x = distance", "test:1:9: error: 'distance' has no meaning here");
    assert_unchecked("let distance = 3", "test:1:5: error: 'distance' has a meaning of its own and cannot be a name");
}

#define FAMILY "for k in 2:5 { population q[k][k] : aeif_cond_alpha_astro }\n"

static void families(void **state)
{
    assert_unchecked("population q[-1][3] : aeif_cond_alpha_astro",
                     "test:1:14: error: the index of a population must be from 0 to 2147483647, but is -1");
    assert_unchecked("population q[0.5][3] : aeif_cond_alpha_astro",
                     "test:1:14: error: the index of a population must be a whole number, but is 0.5");
    assert_unchecked("population q[1][0] : aeif_cond_alpha_astro",
                     "test:1:17: error: the size of a population must be from 1 to 2147483647, but is 0");
    assert_unchecked("for k in [1, 1] { population q[k][3] : aeif_cond_alpha_astro }",
                     "test:1:30: error: 'q_1' is already the name of a population, see test:1:30");
    assert_unchecked("let q_1 = 3\npopulation q[1][3] : aeif_cond_alpha_astro",
                     "test:2:12: error: 'q_1' is already the name of a constant, see test:1:5");
    assert_unchecked("let q = 3\npopulation q[1][3] : aeif_cond_alpha_astro",
                     "test:2:12: error: 'q' is already the name of a constant, see test:1:5");
    assert_unchecked("population q[3] : aeif_cond_alpha_astro\npopulation q[1][3] : aeif_cond_alpha_astro",
                     "test:2:12: error: 'q' is already the name of a population, see test:1:12");
    assert_unchecked(FAMILY "population q[3] : aeif_cond_alpha_astro",
                     "test:2:12: error: 'q' is already the name of a family of populations, see test:1:27");
    assert_unchecked(FAMILY "record spikes of q", "test:2:18: error: 'q' is a family of populations: write q[k] or q[:]");
    assert_unchecked(FAMILY "record spikes of q[5]", "test:2:20: error: the family 'q' has no member 5: it has 3, from 2 to 4");
    assert_unchecked(FAMILY "record spikes of q[-1]", "test:2:20: error: the family 'q' has no member -1");
    assert_unchecked(FAMILY "record spikes of q[2.5]",
                     "test:2:20: error: the index of a population must be a whole number, but is 2.5");
    assert_unchecked(FAMILY "record spikes of q[2 mV]",
                     "test:2:20: error: the index of a population must be dimensionless, but this is in volt");
    assert_unchecked(FAMILY "record spikes of q[2, 0]",
                     "test:2:18: error: a family takes one index: q[k][…] is a part of population q[k]");
    assert_unchecked(FAMILY "record spikes of q[1:3]", "test:2:20: error: the family 'q' has no member 1");
    assert_unchecked(FAMILY "record spikes of q[3:6]", "test:2:20: error: the family 'q' has no member 5");
    assert_unchecked(FAMILY "record spikes of q[3:3]", "test:2:20: error: no member of the family 'q' lies in this slice");
    assert_unchecked(FAMILY "record spikes of q[7:]", "test:2:20: error: no member of the family 'q' lies in this slice");
    assert_unchecked(FAMILY "record spikes of q[3][0:4]",
                     "test:2:23: error: 'q[3]' has 3 nodes, so a slice must lie within 0:3, not 0:4");
    assert_unchecked(FAMILY "let x = q[:] + q[3]",
                     "test:2:9: error: 'q[:]' and 'q[3]' overlap: both hold node 0 of population 'q_3'");
    assert_unchecked(FAMILY "q[3].V = 3 mV",
                     "test:2:6: error: 'V' of model 'aeif_cond_alpha_astro' is defined by an equation and cannot be set");
}

static void step_values(void **state)
{
    const char *const generator = "population g : step_current_generator { amplitude_times = [1, 2] ms";
    assert_unchecked("neuron model m { v = step_value(1 ms, [1], t, 0) : 1 }",
                     "test:1:33: error: step_value() needs a list here, such as [10, 20] ms, but this is a number");
    assert_unchecked("neuron model m { v = step_value([1] ms, [[1]], t, 0) : 1 }",
                     "test:1:41: error: step_value() needs a list here, such as [10, 20] ms, but this is a matrix");
    assert_unchecked("neuron model m { x : 1; v = step_value([1] ms, [x], t, 0) : 1 }",
                     "test:1:49: error: the elements of a list must be constants");
    assert_unchecked("neuron model m { v = step_value([1] mV, [1], t, 0) : 1 }",
                     "test:1:33: error: the times of step_value() must be in second, but this list is in volt");
    assert_unchecked("neuron model m { v = step_value([1] ms, [1], i, 0) : 1 }",
                     "test:1:46: error: the third argument of step_value() must be in second, but this is dimensionless");
    assert_unchecked("neuron model m { v = step_value([1] ms, [1] mV, t, 0) : mV }",
                     "test:1:52: error: the values of step_value() are in volt, but what holds before them is dimensionless");
    assert_unchecked("neuron model m { v = step_value([1] ms, [1], t) : 1 }",
                     "test:1:22: error: step_value(times, values, t, before) takes 4 arguments, not 3");
    assert_unchecked("neuron model m { v = step_value([1, 3, 3] ms, [1, 2, 3], t, 0) : 1 }",
                     "test:1:33: error: the times of step_value() must ascend, but 3 ms follows 3 ms in the list of times");
    assert_unchecked("neuron model m { v = step_value([1, 3] ms, [1, 2, 3], t, 0) : 1 }",
                     "test:1:44: error: step_value() needs as many values as times, but this list has 3 and the list of times "
                     "has 2");
    assert_unchecked("neuron model m { xs : 1[] = [1]; v = step_value([1 ms, dt], xs, t, 0) : 1 }\nsimulation { dt = 1 ms } ",
                     "test:2:1: error: 'simulation' must stand before populations, connections, records, runs and samples");
    struct arena *arena = arena_create();
    assert_unchecked(arena_format(arena, "%s }", generator),
                     "test:1:12: error: step_value() needs as many values as times, but 'amplitude_values' of 'g' has 0 and "
                     "'amplitude_times' of 'g' has 2");
    assert_unchecked(arena_format(arena, "%s; amplitude_values = [1] mV }", generator),
                     "test:1:89: error: 'amplitude_values' must be in amp, but this list is in volt");
    assert_unchecked(arena_format(arena, "%s }\ng.amplitude_values = [5, 6, 7] pA\nrun 1 ms", generator),
                     "test:2:22: error: step_value() needs as many values as times, but 'amplitude_values' of 'g' has 3 and "
                     "'amplitude_times' of 'g' has 2");
    assert_unchecked(
        "population g : step_current_generator { amplitude_times = [2, 1] ms; amplitude_values = [1, 2] pA }",
        "test:1:59: error: the times of step_value() must ascend, but 1 ms follows 2 ms in 'amplitude_times' of 'g'");
    assert_unchecked("population g : step_current_generator { amplitude_times = [0, 1] ms; amplitude_values = [1, 2] pA }",
                     "test:1:59: error: 'amplitude_times' = 0 ms is outside its range (0, inf) ms");
    assert_unchecked("population g : inhomogeneous_poisson_generator { rate_times = [1] ms; rate_values = [-1] Hz }",
                     "test:1:85: error: 'rate_values' = -1 Hz is outside its range [0, inf) Hz");
    arena_destroy(&arena);
}

/* What those write who come from Brian: the message says what is written here. */
static void words_of_brian(void **state)
{
    assert_unchecked("G = NeuronGroup(100, eqs)",
                     "test:1:5: error: there is no 'NeuronGroup': here it is 'population NAME[SIZE] { EQUATIONS … }'");
    assert_unchecked(NEURONS "S = Synapses(p, p)", "test:2:5: error: there is no 'Synapses': here it is 'synapses NAME : ");
    assert_unchecked(NEURONS "p.run_regularly(1)", "test:2:3: error: there is no 'run_regularly': here it is 'every TIME { … }'");
    assert_unchecked("let x = TimedArray([1, 2], 1 ms)",
                     "test:1:9: error: unknown function 'TimedArray': here it is 'let NAME = ");
    assert_unchecked("defaultclock.dt = 0.1 ms", "test:1:1: error: unknown name 'defaultclock': here it is 'simulation { dt = ");
    assert_unchecked("from brian2", "test:1:1: error: 'from' begins no statement: nothing is imported here");
    assert_unchecked("let b = True", "test:1:9: error: unknown name 'True': here it is 'true'");
    assert_unchecked(NEURONS "p.I_e = 1 pA if i > 3", "found 'if'");
    assert_unchecked(NEURONS "p.I_e += 1 pA", "test:2:7: error: '+=' is for blocks of models; here write '= I_e + …'");
    assert_unchecked(NEURONS "p.I_e[:3] = 1 pA", "NAME.VARIABLE = …; of some of them NAME[…].VARIABLE = …");
    assert_unchecked("neuron model m { dv/dt = -v/ms : 1; threshold = v > 1 }",
                     "'threshold' begins a statement in a model, without '=' or ':' behind it");
    assert_unchecked("neuron model m { dv/dt = -v/ms : 1; threshold 'v > 1' }",
                     "texts stand in double quotes, and equations, conditions, statements and values without any");
    assert_unchecked("neuron model m { dv/dt = -2v/ms : 1 }",
                     "a product is written with '*', and a unit with a space before it: 2*v");
    assert_unchecked("connect A -> B using static", "test:1:9: error: unknown name 'A'\n");
}

static void declared_synapses(void **state)
{
#define DECLARED NEURONS "synapses S : p -> p : static\n"
    assert_unchecked(NEURONS "synapses S : p -> p", "test:2:20: error: expected ': MODEL' or '{' and what the synapses do, found "
                                                    "the end of the file");
    assert_unchecked(NEURONS "synapses p : p -> p : static",
                     "test:2:10: error: 'p' is already the name of a population, see test:1:12");
    assert_unchecked(DECLARED "synapses S : p -> p : static",
                     "test:3:10: error: 'S' is already the name of declared synapses, see test:2:10");
    assert_unchecked(NEURONS "synapses S : p -> q : static", "test:2:19: error: unknown name 'q'");
    assert_unchecked(NEURONS "synapses S : p -> p : statik", "test:2:23: error: unknown model 'statik'; did you mean 'static'? "
                                                             "('glion models' lists the library)");
    assert_unchecked(NEURONS "synapses S : p -> p : aeif_cond_alpha_astro",
                     "test:2:23: error: 'aeif_cond_alpha_astro' is a neuron model, but a synapse model is needed here");
    assert_unchecked(NEURONS "synapses S : p -> p : static { w = 1 }",
                     "test:2:32: error: 'w' is no parameter or state variable of model 'static'");
    assert_unchecked(NEURONS "synapses S : p -> p { w : 1\n on_pre { send w } }",
                     "test:3:16: error: what is sent to this port must be in siemens, but this is dimensionless");
    assert_unchecked(NEURONS "synapses S : p -> p { w : siemens\n on_pre { send w } }\nconnect S by all_to_all",
                     "test:2:10: error: synapse 'S' says no delay for what it sends: set its 'delay'");
    assert_unchecked(DECLARED "connect S : p -> p by all_to_all using static",
                     "test:3:9: error: 'S' is already the name of declared synapses, see test:2:10");
    assert_unchecked(DECLARED "connect T by all_to_all", "test:3:9: error: unknown synapses 'T'");
    assert_unchecked(
        DECLARED "connect p by all_to_all",
        "test:3:9: error: only declared synapses are connected by their name: 'connect SOURCE -> TARGET by RULE using "
        "SYNAPSE'");
    assert_unchecked(DECLARED "connect T", "test:3:9: error: unknown synapses 'T'");
    assert_unchecked(DECLARED "connect S via p",
                     "test:3:16: error: expected 'by' and a connection rule, found the end of the file");
    assert_unchecked(DECLARED "connect S by all_to_all using static",
                     "test:3:25: error: the synapses 'S' are declared already, with their model");
    assert_unchecked(DECLARED "connect S via p by all_to_all",
                     "test:3:15: error: declared synapses have no third nodes: 'connect NAME : SOURCE -> TARGET via POOL …'");
    assert_unchecked(DECLARED "connect S by tripartite_bernoulli_with_pool(p_primary = 1)",
                     "test:3:14: error: rule 'tripartite_bernoulli_with_pool' makes third nodes, which declared synapses do not "
                     "have");
    assert_unchecked(DECLARED "synapses Q : S -> p : static",
                     "test:3:14: error: 'S' are synapses, but here nodes are meant, a population or a set of them; synapses as "
                     "sources or targets are left to a later version");
    assert_unchecked(DECLARED "connect p -> S[0] using static", "test:3:14: error: 'S' are synapses, but here nodes are meant");
    assert_unchecked(DECLARED "let x = S", "test:3:9: error: 'S' is a connection and has no value here");
    assert_unchecked(DECLARED "record sent of S", "test:3:16: error: nothing is recorded: 'S' are not connected yet");
}

static void values_of_declared_synapses(void **state)
{
#define CONNECTED DECLARED "connect S by all_to_all\n"
    assert_unchecked(CONNECTED "S.wait = 1 nS", "test:4:3: error: 'wait' is no parameter or state variable of model 'static'");
    assert_unchecked(DECLARED "S.wait = 1 nS", "test:3:3: error: 'wait' is no parameter or state variable of model 'static'");
    assert_unchecked(CONNECTED "S.weight = 1 mV", "test:4:12: error: 'weight' must be in siemens, but this is in volt");
    assert_unchecked(CONNECTED "S.weight = [1, 2] mV", "test:4:12: error: 'weight' must be in siemens, but this list is in volt");
    assert_unchecked(CONNECTED "S.weight = [[1], [2]] nS",
                     "test:4:12: error: expected a list of numbers, such as [1, 2], but this is a matrix");
    assert_unchecked(CONNECTED "S.delay = 1 mV", "test:4:11: error: a delay must be in second, but this is in volt");
    assert_unchecked(CONNECTED "S.delay = [1, 2]", "test:4:11: error: a delay must be in second, but this list is dimensionless");
    assert_unchecked(CONNECTED "S.delay = -1 ms", "test:4:11: error: a delay cannot be negative, but this is -1 ms");
    assert_unchecked(CONNECTED "S.delay = 0 ms",
                     "test:4:11: error: synapse 'static' needs a delay of at least one step (0.1 ms), "
                     "but this is 0 ms");
    assert_unchecked(CONNECTED "S.weight = rand()", "test:4:12: error: 'weight' must be in siemens, but this is dimensionless");
    assert_unchecked(CONNECTED "S.primary.weight = 1 nS", "test:4:1: error: unknown connection 'S.primary'");
    assert_unchecked(CONNECTED "run 1 ms\nS.weight = 1 mV", "test:5:12: error: 'weight' must be in siemens, but this is in volt");
    assert_unchecked(CONNECTED "run 1 ms\nS.wait = 1 nS",
                     "test:5:3: error: 'wait' is no parameter or state variable of model 'static'");
    assert_unchecked(CONNECTED "run 1 ms\nS.delay = 2 ms",
                     "test:5:3: error: the delay of 'S' is given once, for all of its synapses, before they run");
    assert_unchecked(NEURONS
                     "synapses S : p -> p {\n d : ms\n on_pre { V_m_post *= 2 }\n on_post(delay = d/2) { V_m_post /= 2 } }\n"
                     "connect S\nS[0, :].d = 2 ms",
                     "test:7:9: error: 'd' is a delay of 'S', or a part of one: delays are given once, for all synapses, before "
                     "they run");
    assert_unchecked("population p[4] { x : 1 }\nsynapses S : p -> p { w : 1 }\nconnect S\nS.w = x_pre\np[:2].x = 3\n"
                     "S.delay = x_pre*ms",
                     "test:6:3: error: what other values of 'S' read of nodes has been assigned since they were given: give the "
                     "delay before that");
    assert_unchecked(CONNECTED "S[0, :].delay = 2 ms",
                     "test:4:9: error: the delay of 'S' is given once, for all of its synapses, before they run");
    assert_unchecked(CONNECTED "S[0, :].weight = [1, 2] nS",
                     "test:4:18: error: a list has a number for each of the synapses, and cannot be assigned to some of them");
    assert_unchecked(CONNECTED "S[0].weight = 1 nS", "test:4:1: error: synapses are selected by their sources and their targets: "
                                                     "S[i, j], with ':' for all");
    assert_unchecked(DECLARED "S[0, :].weight = 1 nS", "test:3:1: error: nothing is assigned: 'S' are not connected yet");
    assert_unchecked(NEURONS "synapses S : p -> p : tsodyks\nconnect S by all_to_all\nS.U = tau_rec/(800 ms)*rand()\n"
                             "S.tau_rec = 100 ms",
                     "test:5:1: error: 'U' is set from 'tau_rec' for each synapse: assign 'tau_rec' before it");
    assert_unchecked(NEURONS "synapses S : p -> p : tsodyks\nconnect S by all_to_all\nS.delay = tau_rec*rand()\n"
                             "S.tau_rec = 100 ms",
                     "test:5:1: error: the delay is set from 'tau_rec' for each synapse: assign 'tau_rec' before it");
    assert_unchecked(NEURONS "connect c : p -> p by all_to_all using static\nc.primary.weight = 1 nS",
                     "test:3:1: error: unknown connection 'c.primary'");
    assert_unchecked(NEURONS ASTROCYTES "connect c : p -> p via a by tripartite_bernoulli_with_pool(p_primary = 1) {\n"
                                        "primary using static\nthird_in using static\nthird_out using sic\n}\nc.weight = 1 mV",
                     "test:8:1: error: 'c' has three parts: c.primary, c.third_in and c.third_out");
}

static void what_is_not_supported_yet(void **state)
{
    assert_unchecked(NEURONS "print p", "test:2:7: error: print a variable of these nodes, such as NAME.V_m");
    assert_unchecked(
        NEURONS "print \"p:\", p.V_q",
        "test:2:15: error: population 'p' (model 'aeif_cond_alpha_astro') has no variable 'V_q'; did you mean 'V_m'?");
    assert_unchecked(NEURONS "print p.V_m + 1 mV", "test:2:7: error: values of variables cannot be read in the script; what is "
                                                   "assigned to nodes may read each node's own, as 'V_m' alone");
    assert_unchecked("let x = [[1, 2], [3, 4]]\nprint x", "test:2:7: error: a matrix cannot be printed: print its elements");
    assert_unchecked(NEURONS "connect c : p -> p by all_to_all using static\nprint c.wait",
                     "test:3:9: error: the synapses 'c' have no variable 'wait'");
    assert_unchecked(NEURONS "synapses S : p -> p : static\nprint S.weight",
                     "test:3:7: error: nothing is printed: 'S' are not connected yet");
}

#define TWO(body) "population c[2] { " body " }"
#define BETWEEN(body) "population c[2] { dv/dt = -v/ms : 1; threshold v > 1 }\nsynapses S : c -> c { " body " }"

/* One rule after the other that equations and what stands beside them must keep. */
static void rules_of_equations(void **state)
{
    assert_unchecked(TWO("dv/dt = v : volt"), "test:1:27: error: 'v' is in volt, so its derivative is in volt/second, but the "
                                              "right side is in volt");
    assert_unchecked(TWO("dv/dt = -v/ms + 0 : volt"), "test:1:27: error: both sides of '+' must have the same dimension, but the "
                                                      "first is in volt/second and the second dimensionless");
    assert_unchecked(TWO("x = 5 : volt"), "test:1:23: error: 'x' is in volt, but the right side is dimensionless");
    assert_unchecked(TWO("dv/dt = exp(v)/ms : volt"),
                     "test:1:31: error: 'exp' needs an argument that is dimensionless, but this is in volt");
    assert_unchecked(TWO("k : 1; dv/dt = v**k/ms : volt"),
                     "test:1:37: error: the base is in volt, so the exponent must be a constant");
    assert_unchecked(TWO("dv/dt = clip(v, 0 mV, 1 mV)/ms : 1"), "test:1:35: error: 'clip' needs arguments of the same dimension, "
                                                                "but this is in volt and another one is dimensionless");
    assert_unchecked(TWO("dv/dt = (v > 1)/ms : 1"), "test:1:28: error: expected a number, but this is a condition");
    assert_unchecked(TWO("dv/dt = where(v, 1, 2)/ms : 1"),
                     "test:1:33: error: expected a condition (such as a > b), but this is a number");
    assert_unchecked(TWO("dv/dt = -v/ms : 1; threshold v > 1 mV"),
                     "test:1:48: error: both sides of '>' must have the same "
                     "dimension, but the first is dimensionless and the second in volt");
    assert_unchecked(
        TWO("dv/dt = -v/ms : 1; threshold v > 1; refractory 2 mV"),
        "test:1:66: error: a refractory period (unless it is a whole number of steps, or a condition) must be in second, "
        "but this is in volt");
    assert_unchecked(TWO("dv/dt = -v/ms : 1; threshold v > 1; refractory -2 ms"),
                     "test:1:66: error: a refractory period cannot be negative");
    assert_unchecked(TWO("x = y : 1; y = x : 1"),
                     "test:1:19: error: 'x' is defined in a circle: it depends on 'y', which depends on it");
    assert_unchecked(TWO("dn/dt = 1/ms : integer"),
                     "test:1:19: error: 'n' has a differential equation, so it cannot be integer or boolean");
    assert_unchecked(TWO("dv/dt = xi : 1"),
                     "test:1:27: error: 'v' is dimensionless, so its derivative is in hertz, but the right "
                     "side is in s^-0.5");
    assert_unchecked(TWO("tau : ms = 1 ms*sin(t/ms)"),
                     "test:1:39: error: 't' has no value before the first step; what follows the "
                     "time is an equation, NAME = EXPRESSION");
}

static void rules_of_flags(void **state)
{
    assert_unchecked(TWO("dv/dt = -v/ms : 1 (event-driven)"), "test:1:19: error: 'v': (event-driven) is for synapse models only");
    assert_unchecked(TWO("v : 1 (constant over dt)"),
                     "test:1:19: error: 'v': (constant over dt) is for equations without d/dt only");
    assert_unchecked(TWO("dv/dt = -v/ms : 1 (shared)"),
                     "test:1:19: error: 'v': (shared) is for parameters and equations without d/dt only");
    assert_unchecked(TWO("v : 1 (constant, constant)"), "test:1:36: error: the flag 'constant' stands here twice");
    assert_unchecked(TWO("x = v : 1 (shared); dv/dt = -v/ms : 1"),
                     "test:1:23: error: 'x' is (shared), so it can depend on (shared) variables only, not on 'v'");
}

/* Draws stand where it is clear how often they are made. */
static void rules_of_draws(void **state)
{
    assert_unchecked(
        TWO("dv/dt = rand()/ms : 1"),
        "test:1:27: error: 'rand' cannot be used in a differential equation: noise is written xi, and NAME = rand() : 1 "
        "(constant over dt) draws once in each step");
    assert_unchecked(TWO("x = 2*randn() : 1"),
                     "test:1:25: error: 'randn' cannot be used in this equation, which would draw wherever "
                     "it is used: flag it (constant over dt)");
    assert_unchecked(TWO("x = rand() : 1 (constant over dt, shared)"),
                     "test:1:23: error: 'rand' cannot be used in a (shared) equation, which has one value for all nodes");
}

static void names_in_synapses(void **state)
{
    assert_unchecked(TWO("dv/dt = -v_pre/ms : 1"),
                     "test:1:28: error: 'v_pre': only synapses have a source and a target (_pre, _post)");
    assert_unchecked(BETWEEN("on_pre { v += 1 }"),
                     "test:2:32: error: unknown variable 'v'; a variable of the target is called NAME_post");
    assert_unchecked(BETWEEN("w : 1; on_pre { w = v }"), "test:2:43: error: unknown name 'v'; variables of the source and of the "
                                                         "target are called NAME_pre and NAME_post");
    assert_unchecked(BETWEEN("dw/dt = xi/sqrt(ms) : 1 (event-driven)"),
                     "test:2:31: error: 'xi' is noise, which can stand in differential equations only, but not in those that are "
                     "(event-driven)");
    assert_unchecked(BETWEEN("w : 1; on_pre { w = xi*sqrt(ms) }"),
                     "test:2:43: error: 'xi' is noise, which can stand in differential equations only, but not in those that are "
                     "(event-driven)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(units_behind_something_else),
        cmocka_unit_test(variables_of_sets),
        cmocka_unit_test(constants),
        cmocka_unit_test(simulation_settings),
        cmocka_unit_test(populations_and_values),
        cmocka_unit_test(models),
        cmocka_unit_test(synapse_models),
        cmocka_unit_test(connections),
        cmocka_unit_test(driven_parameters),
        cmocka_unit_test(linked_parameters),
        cmocka_unit_test(written_targets),
        cmocka_unit_test(sets),
        cmocka_unit_test(records),
        cmocka_unit_test(stops_and_final_values),
        cmocka_unit_test(events),
        cmocka_unit_test(runs),
        cmocka_unit_test(matrices),
        cmocka_unit_test(arithmetic_with_lists),
        cmocka_unit_test(spikes_of_each_node),
        cmocka_unit_test(loops),
        cmocka_unit_test(drawn_values),
        cmocka_unit_test(positions),
        cmocka_unit_test(arguments_of_rules),
        cmocka_unit_test(third_rules),
        cmocka_unit_test(families),
        cmocka_unit_test(step_values),
        cmocka_unit_test(words_of_brian),
        cmocka_unit_test(declared_synapses),
        cmocka_unit_test(values_of_declared_synapses),
        cmocka_unit_test(rules_of_equations),
        cmocka_unit_test(rules_of_flags),
        cmocka_unit_test(rules_of_draws),
        cmocka_unit_test(names_in_synapses),
        cmocka_unit_test(what_is_not_supported_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
