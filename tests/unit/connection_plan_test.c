/* What synapses compute: event-driven equations against NEST's closed formulas, and what has no closed form. */
#include "kernels/shared_values.h"
#include "plan_fixture.h"

#define NODES                                                         \
    "neuron model m { k : 1 = 3\n receive spike(J : nS) { g += J }\n" \
    "receive I : pA\n S = g*(2 mV) : pA\n dg/dt = -g/(2 ms) : nS\n"   \
    "threshold g > 1 nS }\npopulation cells[2] : m\n"

/* ---- the Tsodyks-Markram synapse ---- */

struct tsodyks {
    double U, tau_psc, tau_rec, tau_fac; /* ms */
    double x, y, u;
};

/* One spike `elapsed` ms after the last, by the formulas of NEST's tsodyks_synapse; returns r. For tau_psc == tau_rec what y adds
 * to x is its limit. */
static double tsodyks_spike(struct tsodyks *s, double elapsed)
{
    double Puu = s->tau_fac > 0 ? exp(-elapsed / s->tau_fac) : 0, Pyy = exp(-elapsed / s->tau_psc);
    double E = expm1(-elapsed / s->tau_rec), z = 1 - s->x - s->y;
    double Pxy = (E * s->tau_rec - expm1(-elapsed / s->tau_psc) * s->tau_psc) / (s->tau_psc - s->tau_rec);
    if (s->tau_psc == s->tau_rec)
        Pxy = -E - elapsed / s->tau_rec * Pyy;
    s->x += Pxy * s->y - E * z;
    s->y *= Pyy;
    s->u *= Puu;
    s->u += s->U * (1 - s->u);
    double r = s->u * s->x;
    s->x -= r;
    s->y += r;
    return r;
}

/* The state of a synapse between events, as the engine keeps it: one lane. */
struct synapse {
    struct arena *arena;
    const struct connection_plan *plan;
    double *shared, *scratch;
    _Alignas(LANES_ALIGNMENT) double state[8 * LANES];
};

static void synapse_create(const char *text, struct synapse *synapse)
{
    *synapse = (struct synapse){.arena = arena_create()};
    struct plan *plan = plan_of_text(synapse->arena, text);
    synapse->plan = &plan->connections[0];
    const struct value *values = synapse->plan->connection->values;
    assert_int_equal(synapse->plan->kind, CONNECTION_SPIKES);
    synapse->shared = shared_values(&synapse->plan->shared, synapse->plan->synapse, values, plan->script->dt, 0,
                                    MEMORY_TEMPORARY);
    synapse->scratch = memory_new(interpreter_scratch_bytes(&synapse->plan->on_pre), MEMORY_TEMPORARY);
    for (int k = 0; k < synapse->plan->n_states; k++)
        for (int lane = 0; lane < LANES; lane++)
            synapse->state[k * LANES + lane] = values[synapse->plan->state_variable[k]].number;
}

static void synapse_destroy(struct synapse *synapse)
{
    memory_free(synapse->shared);
    memory_free(synapse->scratch);
    arena_destroy(&synapse->arena);
}

/* What an event sends, `seconds` after the last. */
static double synapse_event(struct synapse *synapse, double seconds)
{
    _Alignas(LANES_ALIGNMENT) double elapsed[LANES], time[LANES];
    const struct program *program = &synapse->plan->on_pre;
    double sent = NAN;
    for (int lane = 0; lane < LANES; lane++) {
        elapsed[lane] = seconds;
        time[lane] = 0;
    }
    interpret(program,
              &(struct interpreter_leaves){.shared = synapse->shared, .slots = synapse->state, .argument = elapsed, .time = time},
              synapse->scratch);
    for (int k = 0; k < program->n_outputs; k++) {
        const double *value = synapse->scratch + program->outputs[k].reg * LANES;
        if (program->outputs[k].slot == synapse->plan->n_states)
            sent = value[3];
        else
            memcpy(synapse->state + program->outputs[k].slot * LANES, value, LANES * sizeof(double));
    }
    return sent;
}

static void check_tsodyks(struct tsodyks nest)
{
    const double intervals[] = {12, 0.1, 3, 40, 0.7, 900, 2500, 5, 1e5, 2, 2};
    struct synapse synapse;
    char text[1024];
    snprintf(text, sizeof text,
             NODES "connect cells -> cells by all_to_all using tsodyks { weight = 2 nS; U = %.17g; tau_psc = %.17g ms; "
                   "tau_rec = %.17g ms; tau_fac = %.17g ms }",
             nest.U, nest.tau_psc, nest.tau_rec, nest.tau_fac);
    synapse_create(text, &synapse);
    nest.x = 1;
    for (size_t k = 0; k < sizeof intervals / sizeof *intervals; k++) {
        double expected = 2e-9 * tsodyks_spike(&nest, intervals[k]);
        assert_relative(synapse_event(&synapse, intervals[k] * 1e-3), expected, 1e-13,
                        arena_format(synapse.arena, "spike %zu", k));
    }
    synapse_destroy(&synapse);
}

static void test_tsodyks(void **state)
{
    check_tsodyks((struct tsodyks){.U = 0.5, .tau_psc = 3, .tau_rec = 800, .tau_fac = 0});
    check_tsodyks((struct tsodyks){.U = 0.04, .tau_psc = 2, .tau_rec = 100, .tau_fac = 1000});
    check_tsodyks((struct tsodyks){.U = 0.9, .tau_psc = 30, .tau_rec = 5, .tau_fac = 20});
    check_tsodyks((struct tsodyks){.U = 0.6, .tau_psc = 10, .tau_rec = 10, .tau_fac = 0});
    check_tsodyks((struct tsodyks){.U = 0.6, .tau_psc = 10, .tau_rec = 10, .tau_fac = 50});
}

/* An equation with a source of its own, and one without decay. */
static void test_driven_and_undamped(void **state)
{
    struct synapse synapse;
    synapse_create(NODES "synapse model s { delay = 1 ms\n a : 1/second = 3/second\n"
                         "dp/dt = a - 2*p/second : 1 (event-driven) = 0.5\n dq/dt = a : 1 (event-driven)\n"
                         "on_pre { send (p + 100*q)*(1 nS) } }\nconnect cells -> cells by all_to_all using s",
                   &synapse);
    double p = 0.5, q = 0;
    for (int k = 1; k < 6; k++) {
        p = 1.5 + (p - 1.5) * exp(-2 * 0.3 * k);
        q += 3 * 0.3 * k;
        assert_relative(synapse_event(&synapse, 0.3 * k), (p + 100 * q) * 1e-9, 1e-13, "driven");
    }
    synapse_destroy(&synapse);
}

/* ---- what cannot be solved, or is not there yet ---- */

#define SYNAPSE(text) NODES "synapse model s { delay = 1 ms\n" text " }\nconnect cells -> cells by all_to_all using s"

/* ---- what is kept where ---- */

#define CHAIN(settings)                                                                                                      \
    NODES "synapse model s { delay = 1 ms\n w : 1 = 1\n a : 1 = 2\n n : 1 = 0\n tau : ms = 3 ms\n"                           \
          "dx/dt = (y - x)/tau : 1 (event-driven)\n dy/dt = -y/ms : 1 (event-driven)\n dz/dt = -z/ms : 1 (event-driven)\n"   \
          "on_pre { send (w*x + z)*nS; y += 1; z += a; n += 1 } }\nconnect cells -> cells by all_to_all using s { " settings \
          " }"

/* Names of the states of a source and of the columns, each behind a space. */
static void assert_kept(const char *text, const char *states, const char *columns)
{
    struct arena *arena = arena_create();
    const struct connection_plan *plan = &plan_of_text(arena, text)->connections[0];
    const char *kept_states = "", *kept_columns = "";
    for (int k = 0; k < plan->n_states; k++)
        kept_states = arena_format(arena, "%s %s", kept_states, plan->synapse->variables[plan->state_variable[k]].name);
    for (int c = 0; c < plan->n_columns; c++)
        kept_columns = arena_format(arena, "%s %s", kept_columns, plan->synapse->variables[plan->columns[c].variable].name);
    assert_string_equal(kept_states, states);
    assert_string_equal(kept_columns, columns);
    arena_destroy(&arena);
}

static void test_what_is_kept(void **state)
{
    assert_kept(CHAIN(""), " n x y z", "");
    assert_kept(CHAIN("w = rand()"), " n x y z", " w");
    assert_kept(CHAIN("a = rand()"), " n x y", " a z");
    assert_kept(CHAIN("tau = 1 ms*(1 + rand())"), " n y z", " tau x"); /* as y of x's own events is still that of the source */
    assert_kept(CHAIN("delay = 1 ms*(1 + rand())"), " n x y z", "");
    /* a spike of the target moves x on without a spike of the source, so what drives x moves with it */
    assert_kept(NODES
                "synapse model s { delay = 1 ms\n dx/dt = (y - x)/ms : 1 (event-driven)\n dy/dt = -y/ms : 1 (event-driven)\n"
                "dz/dt = -z/ms : 1 (event-driven)\n w : 1 = 1\n on_pre { send w*nS; y += 1; z += 1 }\n"
                "on_post(delay = delay) { x += z } }\nconnect cells -> cells by all_to_all using s",
                " z", " x y");
    assert_kept(NODES "synapse model s { delay = 1 ms\n w : 1 = 1\n on_pre { send w*nS }\n on_post(delay = delay) { v = w } }\n"
                      "connect cells -> cells by all_to_all using s",
                "", "");
}

/* ---- pathways that run at arrival ---- */

#define ARRIVING(body, settings)                                                                            \
    NODES "neuron model q { k : 1 = 2\n n : integer\n dg/dt = -g/(2 ms) : nS }\npopulation others[3] : q\n" \
          "synapse model s { w : nS = 1 nS\n dx/dt = (1 - x)/ms : 1 (event-driven) = 1\n"                   \
          "dy/dt = -y/ms : 1 (event-driven) = 2\n on_pre a(delay = d) { " body " }\n d : ms = 1 ms }\n"     \
          "connect cells -> others by all_to_all using s { " settings " }"

static void test_what_is_kept_at_arrival(void **state)
{
    assert_kept(ARRIVING("x -= 0.1; g_post += w*x; n_post += 1; g_post -= w", ""), " x y", "");
    assert_kept(ARRIVING("y += 1; g_post += w*y", "w = 1 nS*rand()"), " x y", " w");
    assert_kept(ARRIVING("w *= 0.9; g_post += w*k_pre", "w = 1 nS*rand()"), " x y", " w");
}

/* The population gets one port for each combination of variables that synapses add to, and an accumulator for each variable. */
static void test_made_ports(void **state)
{
    struct arena *arena = arena_create();
    const struct plan *plan = plan_of_text(
        arena, ARRIVING("n_post += 1; g_post += w; g_post -= 2*w", "") "\n"
                                                                       "connect again : cells -> others by all_to_all using s");
    const struct node_plan *nodes = &plan->nodes[1];
    assert_int_equal(nodes->n_ports, 1);
    assert_string_equal(nodes->ports[0].name, "n_post, g_post");
    assert_int_equal(nodes->n_arrivals, 2);
    for (int c = 0; c < 2; c++) {
        assert_int_equal(plan->connections[c].n_sent, 2);
        assert_ptr_equal(node_plan_port(nodes, plan->connections[c].port), &nodes->ports[0]);
        assert_int_equal(plan->connections[c].min_delay, 10);
    }
    assert_true(nodes->assigned[model_variable(nodes->model, "n")]);
    assert_int_equal(nodes->places[model_variable(nodes->model, "n")].kind, PLACE_NODE);
    arena_destroy(&arena);
}

static void test_arrival_refusals(void **state)
{
    assert_unplanned(ARRIVING("g_post = where(not_refractory, 1, 2)*w", ""), "not_refractory is not supported in pathways yet");
    assert_unplanned("neuron model p { v : 1\n twice = 2*v : 1 }\npopulation cells[2] : p\n"
                     "population source : spike_generator\nsynapse model s { on_pre { v_post *= 2; v_post += twice_post } }\n"
                     "connect source -> cells by all_to_all using s",
                     "'twice_post' follows from what this block has set before");
    assert_unplanned("population cells[2] : izhikevich\nsynapse model s { on_pre(delay = 1 ms) { V_m_post *= 0.5 } }\n"
                     "connect cells -> cells by all_to_all using s",
                     "spikes `after synapses`: synapses that read their target");
    assert_unplanned("population cells[2] : iaf_cond_exp\npopulation noise : poisson_generator\n"
                     "synapse model s { delay = 1 ms\n on_pre { g_ex_post *= 2 } }\nconnect noise -> cells by all_to_all using s",
                     "emits per connection; such spikes can only add");
    assert_unplanned("population cells[2] : izhikevich\npopulation more[2] : iaf_cond_exp\n"
                     "synapse model s { delay = 1 ms\n on_pre { g_ex_post += nS*V_m_pre/mV } }\n"
                     "connect cells -> more by all_to_all using s",
                     "pathways read only what stays the same of such nodes");
    assert_unplanned("neuron model p { k : 1 = 3\n receive spike(J : 1) { v += k*J }\n v : 1 }\npopulation cells[2] : p\n"
                     "population source : spike_generator\nsynapse model s { delay = 1 ms\n on_pre { k_post += 1 } }\n"
                     "connect source -> cells by all_to_all using s",
                     "depends on a parameter that synapses write to");
}

/* Whatever more than adding to the target they do, pathways are general: all of a synapse's, each with its place among the
 * arrivals. */
static void test_general_pathways(void **state)
{
    static const char *const texts[] = {
        "on_pre { g_post = w*nS }",
        "on_pre { g_post *= 2 }",
        "on_pre { g_post += 0.1*g_post }",
        "on_pre { w += 1 }",
        "on_pre { g_post += w*nS }\n on_pre b(delay = 2 ms) { g_post += w*nS }",
        "on_pre { g_post += w*nS }\n on_post { g_post += 1 nS }",
        "on_pre { g_post += w*nS }\n on_post { w += g_post/nS }",
        "on_pre { g_post += w*nS }\n on_post(order = -2) { w += 1 }",
        "on_pre { g_post += w*nS }\n on_post { w += 1 }\n on_post b(delay = 1 ms) { w += 1 }",
        "on_pre { g_post += rand()*nS }",
        "on_pre { g_post += i*nS }",
        "on_pre { g_post += g_pre }",
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct arena *arena = arena_create();
        const char *text = arena_format(arena,
                                        "%ssynapse model s { delay = 1 ms\n w : 1 = 1\n%s }\n"
                                        "connect cells -> cells by all_to_all using s",
                                        NODES, texts[k]);
        const struct plan *plan = plan_of_text(arena, text);
        const struct connection_plan *connection = &plan->connections[0];
        assert_int_equal(connection->kind, CONNECTION_PATHWAYS);
        assert_int_equal(connection->pathways.n, connection->synapse->n_pathways);
        assert_int_equal(plan->n_arriving, connection->pathways.n);
        assert_int_equal(plan->nodes[0].split_connection, 0);
        assert_int_equal(plan->max_delay, strstr(texts[k], "2 ms") ? 20 : 10);
        arena_destroy(&arena);
    }
    struct arena *arena = arena_create(); /* 'y' does not rest where it begins, so it differs where delays do */
    assert_int_equal(plan_of_text(arena, ARRIVING("g_post += w*x", "d = 1 ms + 1 ms*rand()"))->connections[0].kind,
                     CONNECTION_PATHWAYS);
    assert_int_equal(plan_of_text(arena, ARRIVING("g_post += w*t/ms", "d = 1 ms + 1 ms*rand()"))->connections[0].kind,
                     CONNECTION_PATHWAYS);
    arena_destroy(&arena);
}

static void test_order_of_blocks(void **state)
{
    struct arena *arena = arena_create();
    const struct connection_plan *plan =
        &plan_of_text(arena, NODES "synapse model s { delay = 1 ms\n w : 1 = 1\n on_post z(delay = delay) { w += 1 }\n"
                                   "on_post b(delay = delay, order = -1) { w += 2 }\n on_pre { send w*nS }\n"
                                   "on_post r(delay = delay, order = -1) { w += 3 }\n on_post a(delay = delay) { w += 4 } }\n"
                                   "connect cells -> cells by all_to_all using s")
             ->connections[0];
    const char *const names[] = {"b", "r", "a", "z"}; /* on_pre, of order -1 and called pre, stands behind b */
    assert_int_equal(plan->n_on_post, 4);
    for (int k = 0; k < 4; k++) {
        assert_string_equal(plan->on_post[k].pathway->name, names[k]);
        assert_int_equal(plan->on_post[k].is_early, k == 0);
    }
    arena_destroy(&arena);
}

static void test_refusals(void **state)
{
    assert_unplanned(SYNAPSE("dx/dt = -x**2/ms : 1 (event-driven)\n on_pre { send x*nS }"), "no solution in closed form");
    assert_unplanned(SYNAPSE("dx/dt = -x*y/ms : 1 (event-driven)\n dy/dt = -y/ms : 1 (event-driven)\n on_pre { send x*nS }"),
                     "no solution in closed form");
    assert_unplanned(SYNAPSE("dx/dt = where(x > 1, -x, x)/ms : 1 (event-driven)\n on_pre { send x*nS }"),
                     "no solution in closed form");
    assert_unplanned(SYNAPSE("dx/dt = y/ms : 1 (event-driven)\n dy/dt = z/ms : 1 (event-driven)\n"
                             "dz/dt = -z/ms : 1 (event-driven)\n on_pre { send x*nS }"),
                     "chains of two");
    assert_unplanned(SYNAPSE("dx/dt = t/ms**2 : 1 (event-driven)\n on_pre { send x*nS }"), "no solution in closed form");
    assert_unplanned(SYNAPSE("dx/dt = -x*t/ms**2 : 1 (event-driven)\n on_pre { send x*nS }"), "no solution in closed form");
    assert_unplanned(SYNAPSE("on_pre { send i*nS }"), "not supported in synapses yet");
    assert_unplanned(SYNAPSE("on_pre { send t_in_timesteps*nS }"), "not supported in synapses yet");
    assert_unplanned(SYNAPSE("on_pre { send where(not_refractory, 1 nS, 2 nS) }"), "not supported in synapses yet");
}

/* ---- continuous couplings ---- */

/* a and b of I_post = a*S_pre + b*g_post; b is 0 without such a term. */
static void check_coupling(const char *equation, double source_weight, double target_weight)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(
        arena, arena_format(arena,
                            NODES "synapse model s { delay = 1 ms\n w : 1 = 3\n u : mV = 5 mV\n I_post = %s : pA (summed) }\n"
                                  "connect cells -> cells by all_to_all using s",
                            equation));
    const struct connection_plan *connection = &plan->connections[0];
    assert_int_equal(connection->kind, CONNECTION_COUPLING);
    assert_string_equal(connection->input, "I");
    assert_string_equal(connection->source_variable, "S");
    assert_int_equal(plan->nodes[0].n_couplings, 1);
    assert_int_equal(plan->nodes[0].n_own_terms, connection->target_variable != NULL);
    assert_int_equal(node_plan_input_rows(&plan->nodes[0]), 1 + plan->nodes[0].n_own_terms);
    double *shared = shared_values(&connection->shared, connection->synapse, connection->connection->values, 1e-4, 0,
                                   MEMORY_TEMPORARY);
    double weights[2];
    interpret_uniform(&connection->weights, shared, weights);
    assert_relative(weights[WEIGHT_OF_SOURCE], source_weight, 1e-15, equation);
    if (connection->target_variable) {
        assert_string_equal(connection->target_variable, "g");
        assert_relative(weights[WEIGHT_OF_TARGET], target_weight, 1e-15, equation);
    } else {
        assert_true(target_weight == 0);
    }
    memory_free(shared);
    arena_destroy(&arena);
}

static void test_couplings(void **state)
{
    check_coupling("S_pre", 1, 0);
    check_coupling("w*S_pre", 3, 0);
    check_coupling("-w*S_pre*w/2", -4.5, 0);
    check_coupling("w*S_pre + S_pre/2", 3.5, 0);
    check_coupling("w*(S_pre - g_post*u)", 3, -15e-3);
    check_coupling("-(g_post*(u + 1 mV) - S_pre)*2", 2, -12e-3);
    check_coupling("S_pre - g_post*u - S_pre/4 + u*g_post/w", 0.75, 5e-3 / 3 - 5e-3);
}

/* Couplings of any other form: how many names of ends are read, and which of them change in time. */
static void check_formula(const char *equation, int n_ends, const char *changing)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, arena_format(arena, SYNAPSE("w : 1 = 3\n I_post = %s : pA (summed)"), equation));
    const struct connection_plan *connection = &plan->connections[0];
    const char *found = "";
    assert_int_equal(connection->kind, CONNECTION_FORMULA);
    assert_int_equal(connection->formula.n_inputs, 1);
    assert_string_equal(connection->formula.inputs[0], "I");
    assert_int_equal(connection->formula.n_ends, n_ends);
    for (int k = 0; k < n_ends; k++) {
        const struct formula_end *end = &connection->formula.ends[k];
        if (!end->is_steady)
            found = arena_format(arena, "%s %s_%s", found, end->name, end->is_source ? "pre" : "post");
    }
    assert_string_equal(found, changing);
    bool reads_target = strstr(changing, "_post");
    assert_int_equal(plan->stepwise_connection, reads_target ? 0 : -1);
    assert_int_equal(plan->nodes[0].n_couplings, strstr(changing, "_pre") != NULL);
    arena_destroy(&arena);
}

static void test_formulas(void **state)
{
    check_formula("S_pre*S_pre/(1 pA)", 1, " S_pre");
    check_formula("S_pre*S_post/(1 pA)", 2, " S_pre S_post");
    check_formula("S_pre + 1 pA", 1, " S_pre");
    check_formula("abs(S_pre - S_post)", 2, " S_pre S_post");
    check_formula("w*S_pre*t/ms", 1, " S_pre");
    check_formula("S_post", 1, " S_post");
    check_formula("2 pA", 0, "");
    check_formula("k_pre*t/ms*pA", 1, ""); /* a parameter that nobody changes is copied once */
    check_formula("S_pre*k_post", 2, " S_pre");
    check_formula("where(S_pre > 1 pA, k_pre, k_post)*pA", 3, " S_pre");
}

/* Clock-driven variables stand first among the columns; how they are integrated. */
static void check_clocked(const char *text, const char *method, int n_clocked, const char *columns)
{
    struct arena *arena = arena_create();
    const struct plan *plan = plan_of_text(arena, text);
    const struct connection_plan *connection = &plan->connections[0];
    const char *found = "";
    for (int c = 0; c < connection->n_columns; c++)
        found = arena_format(arena, "%s %s", found, connection->synapse->variables[connection->columns[c].variable].name);
    assert_int_equal(connection->kind, CONNECTION_FORMULA);
    assert_string_equal(connection->formula.method, method);
    assert_int_equal(connection->formula.n_clocked, n_clocked);
    assert_int_equal(connection->formula.advance.n_outputs, n_clocked);
    assert_string_equal(found, columns);
    arena_destroy(&arena);
}

static void test_clock_driven(void **state)
{
    check_clocked(SYNAPSE("w : 1\n dx/dt = -x/ms : 1 (clock-driven)\n on_pre { x += w }\n I_post = x*pA : pA (summed)"), "exact",
                  1, " x");
    check_clocked(SYNAPSE("n : 1\n dx/dt = -x/ms : 1\n dy/dt = (x - y)/ms : 1\n on_pre { x += 1; n += 1 }"), "exact", 2,
                  " x y n");
    check_clocked(SYNAPSE("dx/dt = (S_pre/pA - x)*k_post/ms : 1"), "exact", 1, " x");
    check_clocked(SYNAPSE("dx/dt = -x/ms : 1\n dy/dt = (x - y)/ms : 1\n dz/dt = (y - z)/ms : 1"), "exact", 3, " x y z");
    check_clocked(SYNAPSE("dx/dt = (1 - y)/ms : 1\n dy/dt = x/ms : 1\n method exact"), "exact", 2, " x y");
    check_clocked(SYNAPSE("dx/dt = -x/ms : 1\n dy/dt = x/ms : 1"), "euler", 2, " x y"); /* without an equilibrium */
    check_clocked(SYNAPSE("dx/dt = (i - x)/ms : 1\n I_post = j*x*pA : pA (summed)"), "exact", 1, " x");
    check_clocked(SYNAPSE("k : 1 (shared)\n dx/dt = (k - x)/ms : 1"), "exact", 1, " x");
    check_clocked(SYNAPSE("dx/dt = (1 - x*x)/ms : 1"), "euler", 1, " x");
    check_clocked(SYNAPSE("dx/dt = (sin(t/ms) - x)/ms : 1"), "euler", 1, " x");
    check_clocked(SYNAPSE("dx/dt = (1 - x)/ms : 1\n method rk4"), "rk4", 1, " x");
    check_clocked(SYNAPSE("dx/dt = -x/ms : 1\n method exponential_euler"), "exponential_euler", 1, " x");
    assert_unplanned(SYNAPSE("dx/dt = (1 - x*x)/ms : 1\n method exact"),
                     "method exact cannot integrate this: the equations of 's' must be linear");
    assert_unplanned(SYNAPSE("dx/dt = -x/ms : 1\n method rkf45"), "method rkf45 cannot integrate synapses");
    assert_unplanned(SYNAPSE("dx/dt = -x/ms + y/ms : 1\n dy/dt = -y/ms : 1 (event-driven)"),
                     "'x' is computed in every step, but made from an (event-driven) variable");
    assert_unplanned(SYNAPSE("z = y : 1\n dy/dt = -y/ms : 1 (event-driven)\n I_post = z*pA : pA (summed)"),
                     "'I_post' is computed in every step, but made from an (event-driven) variable");
    assert_unplanned(SYNAPSE("dx/dt = -x/ms : 1\n dy/dt = (x - y)/ms : 1 (event-driven)"),
                     "'y' is (event-driven), but made from a clock-driven variable");
    assert_unplanned(SYNAPSE("dx/dt = -x/ms : 1\n on_pre { send x*nS }"), "so it cannot 'send': write on_pre { NAME_post += … }");
    assert_unplanned(NODES "synapse model s { d : ms\n dx/dt = (S_pre/pA - x)/ms : 1\n on_pre { x += 1 }\n delay = d }\n"
                           "connect cells -> cells by all_to_all using s { d = ms*rand() }",
                     "delays that differ between synapses are not supported for continuous couplings other than products of one "
                     "variable of the source");
}

#define EVENTFUL \
    "neuron model cell { x : 1; event high if x > 1; event low if x < 0 }\npopulation a[3] : cell\npopulation b[5] : cell\n"

/* Whatever they do. Each event that some pathway asks for has a channel, behind the spikes of all populations. */
static void test_pathways_at_events(void **state)
{
    struct arena *arena = arena_create();
    const struct plan *plan = plan_of_text(arena, EVENTFUL
                                           "synapses S : a + b -> b { on_pre(event = high) { x_post += 1 }\n"
                                           "on_pre again(event = high) { x_post += 1 }\non_post(event = low) { x_post += 1 } }\n"
                                           "connect S by all_to_all");
    static const struct channel expected[] = {{0, -1, 0}, {1, -1, 3}, {0, 0, 8}, {1, 0, 11}, {1, 1, 16}};
    assert_int_equal(plan->connections[0].kind, CONNECTION_PATHWAYS);
    assert_int_equal(plan->channels.n, 5);
    for (int k = 0; k < 5; k++) {
        assert_int_equal(plan->channels.list[k].population, expected[k].population);
        assert_int_equal(plan->channels.list[k].event, expected[k].event);
        assert_int_equal(plan->channels.list[k].base, expected[k].base);
        assert_int_equal(channels_of_id(&plan->channels, expected[k].base), k);
        assert_int_equal(channels_of_id(&plan->channels, expected[k].base + 2), k);
    }
    const struct pathway *pathways = plan->connections[0].synapse->pathways;
    assert_int_equal(channels_of_pathway(&plan->channels, plan->script, 1, &pathways[1]), 3);
    assert_int_equal(channels_of_pathway(&plan->channels, plan->script, 1, &pathways[2]), 4);
    plan = plan_of_text(arena, EVENTFUL "synapses S : a -> b { s : 1; on_pre(event = high) { s += 1 }\n"
                                        "x_post = s : 1 (summed) }\nconnect S by all_to_all");
    assert_int_equal(plan->connections[0].kind, CONNECTION_PATHWAYS); /* its formula takes spikes only */
    arena_destroy(&arena);
}

/* What changes a synapse at regular times is a formula's, whatever else the synapse does. */
static void test_regular_times(void **state)
{
    struct arena *arena = arena_create();
    const struct plan *plan = plan_of_text(
        arena, SYNAPSE("w : 1 = 1\n n : 1\n on_pre { k_post += w }\n every 2 ms { w *= 0.9 }\n every 0.3 ms { n += "
                       "S_pre/pA + k_post }"));
    const struct connection_plan *connection = &plan->connections[0];
    assert_int_equal(connection->kind, CONNECTION_PATHWAYS);
    assert_int_equal(connection->n_columns, 2);
    assert_int_equal(connection->formula.n_everys, 2);
    assert_int_equal(connection->formula.everys[0].period, 20);
    assert_int_equal(connection->formula.everys[1].period, 3);
    assert_int_equal(connection->formula.n_ends, 2);
    arena_destroy(&arena);
    assert_unplanned(SYNAPSE("w : 1\n every 0.25 ms { w += 1 }"),
                     "what stands behind 'every' must be a multiple of dt = 0.1 ms, not 0.25 ms");
    assert_unplanned(SYNAPSE("w : 1\n every w*ms { w += 1 }"), "must be the same for all synapses and all times");
    assert_unplanned(SYNAPSE("w : 1\n every 1 ms { w += poisson(2) }"),
                     "poisson() and binomial() are not supported yet in 'every' of synapses");
    assert_unplanned(SYNAPSE("w : 1\n every 1 ms { w += S_pre/pA }\n I_post = S_pre : pA (summed)"),
                     "'every' reads 'S_pre', which changes, but what this synapse computes in each step reads its source with a "
                     "delay");
}

/* Events that do more than change the synapse are general; what it computes in every step stays a formula. */
static void test_clock_driven_with_general_pathways(void **state)
{
    static const char *const texts[] = {
        "on_pre { x += 1; k_post += x }",
        "on_pre { x += 1; k_post = x }",
        "on_pre { x += S_post }",
        "on_pre { x += rand() }",
        "on_pre { x += i }",
        "on_pre { x += 1 }\n on_post { x = 0 }",
        "on_pre { x += 1 }\n on_pre b { x = 0 }",
        "on_post { x = 0 }",
        "on_pre { x += 1 }\n delay = 1 ms*(1 + d)",
        "on_pre { x += 1; y += 1 }\n dy/dt = -y/ms : 1 (event-driven)",
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct arena *arena = arena_create();
        const char *text = arena_format(
            arena,
            "neuron model m { k : 1\n S = 3*v : 1\n dv/dt = -v/ms : 1\n threshold v > 1 }\n"
            "population cells[4] : m\nsynapse model s { d : 1\n dx/dt = -x/ms : 1 (clock-driven)\n%s }\n"
            "connect cells -> cells by all_to_all using s { d = rand() }",
            texts[k]);
        const struct plan *plan = plan_of_text(arena, text);
        const struct connection_plan *connection = &plan->connections[0];
        assert_int_equal(connection->kind, CONNECTION_PATHWAYS);
        assert_int_equal(connection->pathways.n, connection->synapse->n_pathways);
        assert_int_equal(connection->formula.advance.n_outputs, 1);
        assert_int_equal(connection->formula.on_pre.n_outputs, 0);
        assert_int_equal(connection->columns[0].variable, model_variable(connection->synapse, "x"));
        assert_int_equal(plan->nodes[0].split_connection, 0);
        assert_int_equal(plan->immediate_connection, -1);
        arena_destroy(&arena);
    }
}

static void test_refused_couplings(void **state)
{
    /* without delay, a coupling is read before the inputs of the step are known */
    assert_unplanned("population p { receive I : 1; x = I + v : 1; dv/dt = (I - v)/ms : 1 }\n"
                     "synapse model s { I_post = x_pre : 1 (summed) }\nconnect c : p -> p by all_to_all using s",
                     "'c' has no delay, but 'x' of 'p' depends on what 'p' receives in the same step: give it a delay of a step");
    /* what is added to an input may not be made from it */
    assert_unplanned(SYNAPSE("I_post = S_pre - I_post/2 : pA (summed)"), "'I_post' is defined by itself");
    assert_unplanned(
        "neuron model n { receive I : 1\n x = 2*y : 1\n y = I + v : 1\n dv/dt = (I - v)/ms : 1 }\npopulation p : n\n"
        "synapse model s { delay = 1 ms\n I_post = v_pre - x_post : 1 (summed) }\n"
        "connect p -> p by all_to_all using s",
        "test:8:30: error: synapse 's' adds 'x' of population 'p' to its input 'I', but 'x' is made from inputs itself");
    assert_unplanned("neuron model n { receive I : 1\n x = 2*I : 1\n dv/dt = (I - v)/ms : 1 }\npopulation p : n\n"
                     "synapse model s { delay = 1 ms\n I_post = sin(v_pre - x_post) : 1 (summed) }\n"
                     "connect p -> p by all_to_all using s",
                     "test:7:30: error: synapse 's' reads 'x_post' of population 'p', but 'x' is made from inputs, which are "
                     "formed after it is "
                     "read");
    assert_unplanned(
        "device model d { z = randn_per_connection(0) : 1 }\nneuron model n { receive I : 1\n dv/dt = (I - v)/ms : 1 }\n"
        "population p : n\npopulation q : d\nsynapse model s { delay = 1 ms\n I_post = z_pre**2 : 1 (summed) }\n"
        "connect q -> p by all_to_all using s",
        "is drawn for each connection, which only a weight times NAME_pre can carry, in this version");
}

/* Arrivals are added in the order of the connections' names, whatever the order of the text. */
static void test_arrival_order_and_delays(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, NODES
                                     "population noise : poisson_generator\n"
                                     "connect c : cells -> cells by all_to_all using static { delay = 2 ms; weight = 1 nS }\n"
                                     "connect a : noise -> cells by all_to_all using static { delay = 0.1 ms; weight = 1 nS }\n"
                                     "connect b : cells -> cells by all_to_all using static { delay = 0.7 ms; weight = 1 nS }");
    const struct arriving expected[] = {{1, 0}, {2, 0}, {0, 0}};
    assert_int_equal(plan->n_arriving, 3);
    assert_memory_equal(plan->arrival_order, expected, sizeof expected);
    assert_int_equal(plan->min_delay, 7);
    assert_int_equal(plan->min_delay_connection, 2);
    assert_int_equal(plan->max_delay, 20);
    assert_int_equal(plan->connections[1].kind, CONNECTION_EMISSION);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tsodyks),
        cmocka_unit_test(test_driven_and_undamped),
        cmocka_unit_test(test_what_is_kept),
        cmocka_unit_test(test_what_is_kept_at_arrival),
        cmocka_unit_test(test_made_ports),
        cmocka_unit_test(test_arrival_refusals),
        cmocka_unit_test(test_general_pathways),
        cmocka_unit_test(test_order_of_blocks),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_couplings),
        cmocka_unit_test(test_formulas),
        cmocka_unit_test(test_clock_driven),
        cmocka_unit_test(test_regular_times),
        cmocka_unit_test(test_pathways_at_events),
        cmocka_unit_test(test_clock_driven_with_general_pathways),
        cmocka_unit_test(test_refused_couplings),
        cmocka_unit_test(test_arrival_order_and_delays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
