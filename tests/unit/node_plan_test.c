/* How a population is integrated: the choice of a method and what is refused; exact and Euler steps against formulas; initial
 * values; refractory periods and the order of a step. */
#include "plan_fixture.h"

/* ---- choice ---- */

static void check_choice(const char *body, enum integrator expected, const char *reason)
{
    struct arena *arena = arena_create();
    const char *text = arena_format(arena, "neuron model m { a : 1 = 2\n receive I : 1\n %s }\npopulation cells[3] : m", body);
    struct plan *plan = plan_of_text(arena, text);
    assert_int_equal(plan->nodes[0].integrator, expected);
    if (!strstr(plan->nodes[0].integrator_reason, reason))
        fail_msg("'%s' should be reason for '%s'", reason, plan->nodes[0].integrator_reason);
    arena_destroy(&arena);
}

static void test_choice(void **state)
{
    check_choice("b : 1 = 1", INTEGRATOR_NONE, "nothing to integrate");
    check_choice("dv/dt = -v/ms : 1", INTEGRATOR_EXACT, "linear with constant coefficients");
    check_choice("dv/dt = (a*(I - v) + w*exp(a) - (v - 1)/3)/ms : 1\n dw/dt = (I**2 - w)/ms : 1", INTEGRATOR_EXACT, "linear");
    check_choice("x = 2*v : 1\n dv/dt = where(a > 1, -x, v)/ms : 1", INTEGRATOR_EXACT, "linear");
    check_choice("dv/dt = -v/ms : 1\n dx/dt = v/ms : 1", INTEGRATOR_EULER, "no single equilibrium");
    check_choice("dv/dt = (w - v)/ms : 1\n dw/dt = -v/ms : 1", INTEGRATOR_EXACT, "linear with constant coefficients");
    check_choice("dx/dt = a/ms : 1", INTEGRATOR_EULER, "no single equilibrium");
    check_choice("dv/dt = -v/ms : 1\n method euler", INTEGRATOR_EULER, "asks for it");
    check_choice("dv/dt = -v/ms : 1\n method exact", INTEGRATOR_EXACT, "asks for it");
    check_choice("dv/dt = -v/ms : 1\n method exponential_euler", INTEGRATOR_EXPONENTIAL_EULER, "asks for it");
    check_choice("dv/dt = -v**2/ms : 1\n method rk2", INTEGRATOR_RK2, "asks for it");
    check_choice("dv/dt = -v**2/ms : 1\n method rk4", INTEGRATOR_RK4, "asks for it");
    check_choice("dv/dt = -v/ms : 1\n method rkf45(abs = 1e-3)", INTEGRATOR_RKF45, "asks for it");
    check_choice("dv/dt = -v**2/ms : 1", INTEGRATOR_EULER, "must be linear in the state variables; see 'v**2'");
    check_choice("dv/dt = where(v > 1, -v, v)/ms : 1", INTEGRATOR_EULER, "must be linear");
    check_choice("dv/dt = min(v, 1)/ms : 1", INTEGRATOR_EULER, "must be linear");
    check_choice("dv/dt = 1/(v + 1)/ms : 1", INTEGRATOR_EULER, "must be linear");
    check_choice("dv/dt = -i*v/ms : 1", INTEGRATOR_EXACT, "linear with constant coefficients");
    check_choice("dv/dt = (sin(t/ms) - v)/ms : 1", INTEGRATOR_EULER, "'t' changes within a step, in the equation of 'v'");
    check_choice("dv/dt = -v*I/ms : 1", INTEGRATOR_EXACT, "that of 'v' in the equation of 'v' is found anew in each");
    check_choice("dv/dt = -v/ms : 1\n dw/dt = (v*t_in_timesteps - w)/ms : 1", INTEGRATOR_EXACT,
                 "that of 'v' in the equation of 'w'");
    check_choice("y = sin(t/ms) : 1 (constant over dt)\n dv/dt = -y*v/ms : 1", INTEGRATOR_EXACT, "found anew");
    check_choice("dv/dt = -v*step_value([1] ms, [2], t, 1)/ms : 1", INTEGRATOR_EXACT, "found anew");
    check_choice("dv/dt = -v*step_value([1] ms, [2], t - 0.5*ms, 1)/ms : 1", INTEGRATOR_EULER, "'t' changes within a step");
}

#define MODEL(body) "neuron model m { a : 1 = 2\n" body " }\npopulation cells[3] : m"

static void test_refusals(void **state)
{
    assert_unplanned(MODEL("dv/dt = -v*v/ms : 1\n method exact"), "method exact cannot integrate this");
    assert_unplanned(MODEL("dv/dt = -v*t/ms**2 : 1\n method exact"), "method exact cannot integrate this");
    assert_unplanned(MODEL("y = t/ms : 1\n dv/dt = -v*y/ms : 1\n method exact"),
                     "'t' changes within a step, in the equation of 'v'");
    assert_unplanned(MODEL("dv/dt = a*v*v/ms : 1\n method exponential_euler"),
                     "the equation of 'v' must be linear in 'v' itself");
    assert_unplanned(MODEL("w = exp(v) : 1\n dv/dt = (1 - w)/ms : 1\n method exponential_euler"),
                     "method exponential_euler cannot integrate this");
    assert_unplanned(MODEL("dv/dt = (sqrt(v) - v**0.5)/ms : 1\n method exponential_euler"),
                     "the equation of 'v' must be linear in 'v' itself");
    assert_unplanned(MODEL("dv/dt = -v/ms : 1\n threshold v > 1 each sub_step"), "adaptive integrator");
    assert_unplanned(MODEL("dv/dt = -v/ms : 1\n receive J : 1") " { v = J }", "outside of the steps");
    assert_unplanned(MODEL("dv/dt = -v/ms : 1\n y = t/second : 1") " { v = y }", "outside of the steps");
    assert_unplanned("device model d { dr/dt = 1/second**2 : Hz\n emit per connection poisson(r*dt) }\npopulation p : d",
                     "do not change");
    assert_unplanned("device model d { receive r : Hz\n emit per connection poisson(r*dt) }\npopulation p : d", "do not change");
    assert_unplanned("device model d { n : integer = 3\n receive p : 1\n emit per connection binomial(n, p) }\npopulation p : d",
                     "do not change");
    assert_unplanned("device model d { emit per connection 2*poisson(3) }\npopulation p : d",
                     "takes poisson(MEAN) or binomial(TRIALS, PROBABILITY)");
    assert_unplanned(MODEL("x = rand() : 1 (constant over dt)\n dv/dt = (x - v)/ms : 1") " { v = x }", "outside of the steps");
    assert_unplanned(MODEL("dv/dt = -v/ms : 1\n every v*ms { v = 1 }"), "must be the same for all nodes and all times");
    assert_unplanned("device model d { emit per connection poisson(rand()) }\npopulation p : d", "do not change");
}

static void test_too_many_variables(void **state)
{
    struct arena *arena = arena_create();
    const char *equations = "";
    for (int k = 0; k < 65; k++)
        equations = arena_format(arena, "%sdx%d/dt = -x%d/ms : 1\n", equations, k, k);
    assert_unplanned(arena_format(arena, "neuron model m { %s }\npopulation cells : m", equations), "at most 64");
    arena_destroy(&arena);
}

/* ---- initial values ---- */

/* A value may be made from other variables, in whatever order they stand. */
static void test_initial_values(void **state)
{
    struct group group;
    group_create("neuron model m { a : 1 = 2\n b : 1 = 3*a\n c : 1\n flag : boolean = a > 1\n low : boolean\n"
                 "dv/dt = -v/ms : 1\n dw/dt = -w/ms : 1\n du/dt = -u/ms : 1 }\n"
                 "population cells[10] : m { v = w + b; w = 10*c; c = 1 + a; a = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]; u = rand()*v\n"
                 "low = a < 5 }",
                 1, &group);
    for (int node = 0; node < 10; node++) {
        node_local k = (node_local)node;
        double v = 10.0 * (1 + node) + 3.0 * node, u = *group_value(&group, "u", k);
        assert_true(*group_value(&group, "w", k) == 10.0 * (1 + node));
        assert_true(*group_value(&group, "v", k) == v);
        assert_true(u >= 0 && u < v);
        assert_true(*group_value(&group, "low", k) == (node < 5));
        assert_true(*group_value(&group, "flag", k) == (node > 1));
    }
    group_destroy(&group);
}

/* ---- truth values ---- */

/* In memory a condition is 1 or 0, wherever it comes from and goes to. */
static void test_stored_conditions(void **state)
{
    struct group group;
    group_create("neuron model m { up : boolean = 1 > 0\n was : boolean\n x : 1 = 0\n y : 1 = 0\n"
                 "dv/dt = where(up, 2, -2)/ms : 1\n"
                 "after_step { x = where(was, 5, 6); was = v > 0.3 and up; y = int(was) } }\n"
                 "population cells : m",
                 3, &group);
    group_run(&group, 0, 1);
    assert_true(*group_value(&group, "was", 0) == 0 && *group_value(&group, "x", 0) == 6);
    group_run(&group, 1, 1);
    assert_true(*group_value(&group, "was", 0) == 1 && *group_value(&group, "x", 0) == 6 && *group_value(&group, "y", 0) == 1);
    group_run(&group, 2, 1);
    assert_true(*group_value(&group, "x", 0) == 5);
    group_destroy(&group);
}

/* ---- exact ---- */

static void test_exponential_decay(void **state)
{
    const double taus[] = {1e-3, 0.02, 0.1, 0.3, 3, 1000};
    for (size_t k = 0; k < sizeof taus / sizeof *taus; k++) {
        struct group group;
        char text[256];
        snprintf(text, sizeof text, "neuron model m { dv/dt = (2 - v)/(%.17g ms) : 1 = 5 }\npopulation cells : m", taus[k]);
        group_create(text, 3, &group);
        group_run(&group, 0, 3);
        assert_relative(*group_value(&group, "v", 0), 2 + 3 * exp(-0.3 / taus[k]), 1e-14, "decay");
        group_destroy(&group);
    }
}

/* A current with the shape of an alpha function onto a membrane, as iaf_psc_alpha: equal time constants, coefficients of very
 * different size in SI units, inputs that last a step. */
static void test_alpha_current(void **state)
{
    struct group group;
    group_create(
        "neuron model m { receive I_stim : pA\n dx/dt = -x/(2 ms) : pA/ms = 0 pA/ms\n dI/dt = x - I/(2 ms) : pA\n"
        "dV/dt = -V/(2 ms) + (I + I_stim)/(250 pF) : mV\n dq/dt = I_stim : pA*second\n method exact }\npopulation cells : m",
        1, &group);
    *group_value(&group, "x", 0) = M_E * 100e-12 / 2e-3;
    double stimulated = 0;
    for (int step = 1; step <= 40; step++) {
        double t = step * 1e-4, tau = 2e-3, decay = exp(-t / tau), x = M_E * 100e-12 / tau;
        *tile_value(&group.nodes.inputs, 0, 0, 0) = 50e-12; /* from the first step on: V -> I tau/C */
        group_run(&group, step - 1, 1);
        stimulated = 50e-12 * tau / 250e-12 * -expm1(-t / tau);
        assert_relative(*group_value(&group, "x", 0), x * decay, 3e-14, "x");
        assert_relative(*group_value(&group, "I", 0), x * t * decay, 3e-14, "I");
        assert_relative(*group_value(&group, "V", 0), x * t * t / 2 * decay / 250e-12 + stimulated, 3e-14, "V");
        assert_relative(*group_value(&group, "q", 0), 50e-12 * t, 3e-14, "q"); /* a zero eigenvalue */
    }
    group_destroy(&group);
}

#define CHAIN                                                                                                     \
    "neuron model m { receive I_stim : pA\n C : pF = 250 pF\n tau : ms = 10 ms\n tau_x : ms = 2 ms\n w : 1 = 1\n" \
    "dx/dt = -x/tau_x : pA/ms = 50 pA/ms\n dI/dt = w*x - I/tau_x : pA = 20 pA\n"                                  \
    "dV/dt = (-70 mV - V)/tau + (I + I_stim)/C : mV (unless refractory) = -70 mV\n dq/dt = I_stim : pA*second\n"  \
    "threshold V > -69.5 mV\n reset { V = -70 mV }\n refractory 0.2 ms\n method exact }\n"

static const char *const chain_states[] = {"x", "I", "V", "q"};

/* Through 30 steps with an input: node `k` of the one as node 0 of the other; at most `tolerance` apart. */
static void compare_chains(struct group *many, node_local k, struct group *one, double tolerance)
{
    for (int step = 0; step < 30; step++) {
        tile_clear(&many->nodes.inputs, &many->nodes);
        *tile_value(&many->nodes.inputs, 0, 0, k) = *tile_value(&one->nodes.inputs, 0, 0, 0) = 300e-12 * (step % 3);
        group_run(many, step, 1);
        group_run(one, step, 1);
        for (int state = 0; state < 4; state++)
            assert_relative(*group_value(many, chain_states[state], k), *group_value(one, chain_states[state], 0), tolerance,
                            chain_states[state]);
    }
}

/* The same, node by node. */
static void compare_groups(struct group *group, struct group *other, double tolerance)
{
    for (int step = 0; step < 30; step++) {
        for (node_local node = 0; node < 11; node++)
            *tile_value(&group->nodes.inputs, 0, 0, node) = *tile_value(&other->nodes.inputs, 0, 0, node) = 300e-12 * (step % 3);
        group_run(group, step, 1);
        group_run(other, step, 1);
        for (node_local node = 0; node < 11; node++)
            for (int state = 0; state < 4; state++)
                assert_relative(*group_value(group, chain_states[state], node), *group_value(other, chain_states[state], node),
                                tolerance, chain_states[state]);
    }
}

/* A node among others with other parameters, and alone in a population that shares them. The propagators are the same numbers;
 * what is added in a step is computed per node instead of once, and may be rounded differently. */
static void test_coefficients_per_node(void **state)
{
    for (node_local k = 0; k < 11; k++) {
        struct group many, one;
        char text[1024];
        snprintf(text, sizeof text,
                 CHAIN "population cells : m { C = %d pF; tau = %d ms*0.1; tau_x = 2 ms + 0.25 ms*%u; w = 0.5*%u }",
                 100 + 50 * (int)k, 1 + (int)(k * k), k, k);
        group_create(text, 1, &one);
        group_create(CHAIN "population cells[11] : m { C = 100 pF + 50 pF*i; tau = (1 + i**2)*ms*0.1; tau_x = 2 ms + 0.25 ms*i\n"
                           "w = 0.5*i }",
                     1, &many);
        assert_int_equal(many.plan->nodes[0].integrator, INTEGRATOR_EXACT);
        compare_chains(&many, k, &one, 1e-14);
        group_destroy(&many);
        group_destroy(&one);
    }
}

/* CHAIN with V acting back on I, which declared units make a matrix of very different numbers, and each coefficient taken for one
 * that changes: propagators that are computed in each step are those that are computed once. */
#define ASSIGNED "C = 1*C; tau = 1*tau; tau_x = 1*tau_x; w = 1*w"
#define CIRCLE(unit, block)                                                                                       \
    "neuron model m { receive I_stim : pA\n C : pF = 250 pF\n tau : ms = 10 ms\n tau_x : ms = 2 ms\n w : 1 = 1\n" \
    "dx/dt = -x/tau_x : pA/ms = 50 pA/ms\n dI/dt = w*x - I/tau_x - V*(3 nS/ms) : pA = 20 pA\n"                    \
    "dV/dt = -V/tau + (I + I_stim)/C : " unit " = 1 mV\n dq/dt = I_stim : pA*second\n method exact\n" block " }\n"

static void test_propagators_of_each_step(void **state)
{
    static const char *const models[][2] = {
        {CIRCLE("mV", ""), CIRCLE("mV", "before_step { " ASSIGNED " }")},
        {CIRCLE("volt", ""), CIRCLE("volt", "after_step { " ASSIGNED " }")},
        {CIRCLE("mV", ""), CIRCLE("mV", "before_step { tau = 1*tau }")},
    };
    static const char *const cells =
        "population cells[11] : m { C = 100 pF + 50 pF*i; tau = (0.01 + i**2)*ms; tau_x = 1 ms/(i + 1)\n"
        "w = 0.5*i }";
    for (size_t k = 0; k < sizeof models / sizeof *models; k++) {
        struct group once, each;
        char text[2048];
        snprintf(text, sizeof text, "%s%s", models[k][0], cells);
        group_create(text, 1, &once);
        snprintf(text, sizeof text, "%s%s", models[k][1], cells);
        group_create(text, 1, &each);
        assert_int_equal(once.plan->nodes[0].exact.n_changing, 0);
        assert_true(each.plan->nodes[0].exact.n_changing > 0);
        compare_groups(&each, &once, 1e-13);
        group_destroy(&once);
        group_destroy(&each);
    }
}

/* What is the same for all nodes stands once, what is 0 by structure nowhere: V follows I, and I follows x; q follows nothing. */
static void test_propagator_places(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, CHAIN "population cells[3] : m { C = 200 pF + i*pF }\n"
                                                  "population others[3] : m { tau_x = [1, 2, 3] ms }\npopulation same[3] : m");
    /* P: x, I, V and q themselves, I from x, V from x and I; Q: V and q from the inputs of V and q */
    for (int k = 0; k < 3; k++)
        assert_int_equal(plan->nodes[k].exact.n_entries, 7 + 2);
    assert_int_equal(plan->nodes[0].exact.n_varying, 2); /* V from x and I */
    assert_int_equal(plan->nodes[1].exact.n_varying, 5); /* all but V and q themselves, and their inputs */
    assert_int_equal(plan->nodes[2].exact.n_varying, 0);
    arena_destroy(&arena);
}

/* ---- ports that use values of the node ---- */

/* What the spikes of one step add to the accumulators, for all nodes alike. */
static void arrive(struct group *group, const double *weights, int n)
{
    const struct program *program = &group->nodes.plan->ports[0].increments;
    double *scratch = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    tile_clear(&group->nodes.arrivals, &group->nodes);
    for (int k = 0; k < n; k++) {
        _Alignas(LANES_ALIGNMENT) double argument[LANES];
        for (int lane = 0; lane < LANES; lane++)
            argument[lane] = weights[k];
        interpret(program, &(struct interpreter_leaves){.shared = group->nodes.shared, .argument = argument}, scratch);
        for (int output = 0; output < program->n_outputs; output++)
            for (node_local node = 0; node < group->nodes.n; node++)
                *tile_value(&group->nodes.arrivals, 0, program->outputs[output].slot,
                            node) += scratch[program->outputs[output].reg * LANES];
    }
    memory_free(scratch);
}

static void test_ports_with_own_values(void **state)
{
    const double weights[] = {3, -2, 0.5, -0.25};
    struct group group;
    group_create("neuron model m { w : 1 = 1\n c : 1 = 4\n x : 1 = 0\n y : 1 = 0\n z : 1 = 0\n "
                 "receive spike(J : 1) { both = J*w - 1\n own = 2*w\n x += where(J > 0, own*exp(J)/(w*w), 0)\n"
                 "y -= both/c + where(w > 3, J, -(J + c)*w)\n z += w\n z += (2 - J)*(1 + w) }\n"
                 "before_step { x = 0; y = 0; z = 0 } }\n"
                 "population cells[11] : m { w = 0.5 + i }",
                 1, &group);
    arrive(&group, weights, 4);
    group_run(&group, 0, 1);
    for (int node = 0; node < 11; node++) {
        double w = 0.5 + node, c = 4, x = 0, y = 0, z = 0;
        for (int k = 0; k < 4; k++) {
            double J = weights[k];
            x += J > 0 ? 2 * w * exp(J) / (w * w) : 0;
            y -= (J * w - 1) / c + (w > 3 ? J : -(J + c) * w);
            z += w + (2 - J) * (1 + w);
        }
        assert_relative(*group_value(&group, "x", (node_local)node), x, 1e-14, "x");
        assert_relative(*group_value(&group, "y", (node_local)node), y, 1e-14, "y");
        assert_relative(*group_value(&group, "z", (node_local)node), z, 1e-14, "z");
    }
    group_destroy(&group);
}

#define PORT(body)                                                                           \
    "neuron model m { w : 1 = 1\n dv/dt = -v/ms : 1\n receive spike(J : 1) { " body " } }\n" \
    "population cells[3] : m { w = 1 + i }"

static void test_refused_ports(void **state)
{
    assert_unplanned(PORT("v += max(J, w)"), "port 'spike' of 'm' must add products");
    assert_unplanned(PORT("v += where(J > w, J, 0)"), "port 'spike' of 'm' must add products");
    assert_unplanned(PORT("v += J**w"), "port 'spike' of 'm' must add products");
    assert_unplanned(PORT("v += 1/(J + w)"), "port 'spike' of 'm' must add products");
}

/* An oscillator, and a fast variable beside a slow one: one step each is exact to rounding. */
static void test_single_steps(void **state)
{
    struct group group;
    group_create("neuron model m { dx/dt = y/(30 us) : 1 = 1\n dy/dt = -x/(30 us) : 1 = 0.5\n"
                 "dfast/dt = (slow - fast)/(0.01 us) : 1 = 1\n dslow/dt = -slow/(1 second) : 1 = 3 }\npopulation cells : m",
                 1, &group);
    group_run(&group, 0, 1);
    double a = 1e-4 / 30e-6, slow = 3 * exp(-1e-4);
    assert_relative(*group_value(&group, "x", 0), cos(a) + 0.5 * sin(a), 1e-14, "x");
    assert_relative(*group_value(&group, "y", 0), 0.5 * cos(a) - sin(a), 1e-14, "y");
    assert_relative(*group_value(&group, "slow", 0), slow, 1e-15, "slow");
    assert_relative(*group_value(&group, "fast", 0), slow / (1 - 1e-8), 1e-14, "fast");
    group_destroy(&group);
}

/* ---- Euler ---- */

static void test_euler_is_bit_for_bit(void **state)
{
    struct group group;
    group_create("neuron model m { receive I : 1\n dv/dt = (v*(1 - v) - w + I)/ms : 1 = 0.1\n dw/dt = v*v/ms : 1 = 0.2\n"
                 "method euler }\npopulation cells[3] : m",
                 1, &group);
    const double per_ms = 1 / 1e-3;
    double v = 0.1, w = 0.2;
    for (int step = 0; step < 100; step++) {
        double input = *tile_value(&group.nodes.inputs, 0, 0, 2) = 0.01 * step;
        group_run(&group, step, 1);
        double dv = ((v * (1 - v) - w) + input) * per_ms, dw = v * v * per_ms;
        v += 1e-4 * dv;
        w += 1e-4 * dw;
        assert_memory_equal(group_value(&group, "v", 2), &v, sizeof v);
        assert_memory_equal(group_value(&group, "w", 2), &w, sizeof w);
    }
    group_destroy(&group);
}

/* ---- the order of a step, and refractory periods ---- */

/* V climbs by 1 per step and spikes at 3. k steps of refractoriness count the one in which it spiked; V stands still in the other
 * k - 1 (and in none for k = 0). */
static void check_refractory(const char *period, int k)
{
    struct group group;
    char text[512];
    snprintf(
        text, sizeof text,
        "neuron model m { dv/dt = 1/(0.1 ms) : 1 (unless refractory)\n n : 1 = 0\n after_step { n = n + int(not_refractory) }\n"
        "threshold v > 2.5\n reset { v = 0 }\n refractory %s\n method %s }\npopulation cells[9] : m",
        period, k % 2 ? "euler" : "exact");
    group_create(text, 40, &group);
    group_run(&group, 0, 40);
    int spikes = 0, away = k > 1 ? k - 1 : 0;
    for (int s = 0; s < group.n_spikes; s++)
        if (group.spikes[s].node == LANES)
            assert_int_equal(group.spikes[s].step, 2 + (3 + away) * spikes++);
    assert_int_equal(spikes, (40 + away) / (3 + away));
    assert_int_equal(group.n_spikes, 9 * spikes);
    group_destroy(&group);
}

static void test_refractory(void **state)
{
    check_refractory("0", 0);
    check_refractory("1", 1);
    check_refractory("5", 5);
    check_refractory("2", 2);
    check_refractory("0.5 ms", 5);
    check_refractory("0.3 ms", 3);
    check_refractory("0.59 ms", 5);
    check_refractory("0 ms", 0);
    check_refractory("0.05 ms", 0);
}

/* A period of current values is looked at in each step, and so is a condition; `n` is known to change. */
static void test_refractory_of_current_values(void **state)
{
    check_refractory("(0.5 + 0*n)*ms", 5);
    check_refractory("(0.59 + 0*n)*ms", 5);
    check_refractory("(0.3 + 0*v)*ms", 3);
    check_refractory("0*n*ms", 0);
    check_refractory("t - lastspike < 0.35 ms", 4);
    check_refractory("n < 0", 0);
}

/* Integers lose their fraction wherever they are assigned. */
static void test_integers(void **state)
{
    struct group group;
    group_create("neuron model m { n : integer = 0\n k : integer\n l : integer\n a : 1\n after_step { n = -1.7; k += 0.9 } }\n"
                 "population cells[4] : m { k = 1.7 + a; a = i/2; l = [0.5, -1.5, 2.5, 3] }",
                 2, &group);
    static const double l[] = {0, -1, 2, 3};
    for (int node = 0; node < 4; node++) {
        assert_true(*group_value(&group, "k", (node_local)node) == floor(1.7 + node / 2.0));
        assert_true(*group_value(&group, "l", (node_local)node) == l[node]);
    }
    group_run(&group, 0, 2);
    assert_true(*group_value(&group, "n", 0) == -1 && *group_value(&group, "k", 0) == 1);
    group_destroy(&group);
}

/* What is held is that of the beginning of the step, in the equations and behind them. */
static void test_held_values(void **state)
{
    struct group group;
    group_create(
        "neuron model m { held = 10*v : 1 (constant over dt)\n twice = 2*held : 1 (constant over dt)\n seen : 1\n"
        "dv/dt = (held + twice)/(0.1 ms) : 1 = 1\n after_step { seen = twice + v }\n method euler }\npopulation cells : m",
        2, &group);
    group_run(&group, 0, 1);
    assert_relative(*group_value(&group, "v", 0), 31, 1e-14, "held");
    assert_relative(*group_value(&group, "seen", 0), 20 + 31, 1e-14, "held");
    group_destroy(&group);
}

static void test_every(void **state)
{
    assert_unplanned("population p { v : 1; every 0.25 ms { v = 1 } }", "must be a multiple of dt = 0.1 ms, not 0.25 ms");
    assert_unplanned("population p { v : 1; every 0 ms { v = 1 } }", "must be a multiple of dt = 0.1 ms, not 0 ms");
    assert_unplanned("population p[3] { v : ms = 1 ms*rand(); every v { v = 1 ms } }",
                     "must be the same for all nodes and all times");
    assert_unplanned("population p { receive I : pA; v : pA; every 1 ms { v = I } }", "cannot use it");
}

/* The number of steps does not depend on the stamp: a spike in step 2 is stamped 0.2 or 0.3 ms. Before the first, it is long ago.
 */
static void check_lastspike(const char *spike_time, double stamp)
{
    struct group group;
    char text[512];
    snprintf(text, sizeof text,
             "neuron model m { dv/dt = 1/(0.1 ms) : 1 (unless refractory)\n seen : ms = 0 ms\n at_reset : ms\n"
             "before_step { seen = lastspike }\n threshold v > 2.5\n reset { v = 0; at_reset = lastspike }\n"
             "refractory (0.4 + 0*v)*ms\n spike_time %s }\npopulation cells[9] : m",
             spike_time);
    group_create(text, 9, &group);
    group_run(&group, 0, 1);
    assert_true(*group_value(&group, "seen", 8) == -1e4);
    group_run(&group, 1, 2);
    assert_true(*group_value(&group, "at_reset", 8) == stamp);
    group_run(&group, 3, 6);
    assert_true(*group_value(&group, "seen", 8) == stamp);
    assert_int_equal(group.n_spikes, 9); /* of the last call */
    assert_int_equal(group.spikes[8].step, 8 - 3);
    group_destroy(&group);
}

static void test_lastspike(void **state)
{
    check_lastspike("begin", 2 * 1e-4);
    check_lastspike("end", 3 * 1e-4);
}

/* Threshold, arrivals, reset: an arrival in the step of a spike is added before the reset, and lost to a variable that stands
 * still while refractory. */
static void test_order_of_a_step(void **state)
{
    struct group group;
    group_create("neuron model m { dv/dt = 1/(0.1 ms) : 1 (unless refractory)\n dg/dt = 0/ms : 1\n"
                 "receive spike(J : 1) { v += J; g += 10*J; g -= J }\n threshold v > 2.5\n reset { v = 0; g = g*2 }\n"
                 "refractory 3 }\npopulation cells : m",
                 8, &group);
    const double arrivals[] = {0, 0.25, 0.5, 0.5, 0, 0.25, 0, 0}; /* the second makes v 2.25; it spikes in step 2 */
    const struct program *port = &group.nodes.plan->ports[0].increments;
    for (int step = 0; step < 8; step++)
        for (int k = 0; k < port->n_outputs; k++) {
            int kind = port->outputs[k].slot;
            bool is_v = group.nodes.plan->arrivals[kind].slot == 0;
            *tile_value(&group.nodes.arrivals, step, kind, 0) = arrivals[step] * (is_v ? 1 : 9);
        }
    group_run(&group, 0, 8);
    assert_int_equal(group.n_spikes, 2);
    assert_int_equal(group.spikes[0].step, 2);
    assert_int_equal(group.spikes[1].step, 7); /* free again from step 5 on: 1 + 0.25, 2.25, 3.25 */
    assert_true(*group_value(&group, "v", 0) == 0);
    double g = ((0.25 + 0.5) * 9 * 2 + (0.5 + 0.25) * 9) * 2;
    assert_true(*group_value(&group, "g", 0) == g);
    group_destroy(&group);
}

/* With `after synapses` an arrival makes a node spike in the step in which it comes, else in the next one. While refractory a
 * variable that stands still loses what arrives. */
static void check_arrivals_and_threshold(const char *mode, const int *steps, int n)
{
    struct group group;
    char text[512];
    snprintf(text, sizeof text,
             "neuron model m { receive spike(J : 1) { v += J }\n dv/dt = 0/ms : 1 (unless refractory)\n threshold v > 1 %s\n"
             "reset { v = 0 }\n refractory 2 }\npopulation cells : m",
             mode);
    group_create(text, 10, &group);
    for (int step = 1; step < 6; step++)
        *tile_value(&group.nodes.arrivals, step, 0, 0) = 2;
    group_run(&group, 0, 10);
    assert_int_equal(group.n_spikes, n);
    for (int k = 0; k < n; k++)
        assert_int_equal(group.spikes[k].step, steps[k]);
    assert_true(*group_value(&group, "v", 0) == 0);
    group_destroy(&group);
}

static void test_threshold_after_synapses(void **state)
{
    check_arrivals_and_threshold("after synapses", (int[]){1, 3, 5}, 3);
    check_arrivals_and_threshold("", (int[]){2, 5}, 2);
}

/* What arrives is bounded before anything looks at it, be it a threshold or, at the end of the step, a recording; a threshold
 * that comes before the arrivals, or none, changes nothing. The block runs in every step, also without arrivals and while
 * refractory. */
static void test_after_synapses(void **state)
{
    const char *const rest[] = {"threshold v > 5 after synapses", "threshold v > 5", "", "method rkf45(abs = 1e-6)"};
    const double arrivals[] = {7, -2, -9, 0}, expected[] = {4, 2, -1, -1};
    for (int k = 0; k < 4; k++) {
        struct group group;
        char text[512];
        snprintf(text, sizeof text,
                 "neuron model m { receive spike(J : 1) { v += J }\n dv/dt = 0/ms : 1\n w : 1\n n : 1\n"
                 "after_synapses { v = clip(v, -1, 4); w = v + 10; n += 1 }\n %s }\npopulation cells : m",
                 rest[k]);
        group_create(text, 4, &group);
        for (int step = 0; step < 4; step++) {
            *tile_value(&group.nodes.arrivals, 0, 0, 0) = arrivals[step];
            group_run(&group, step, 1);
            assert_true(*group_value(&group, "v", 0) == expected[step]);
            assert_true(*group_value(&group, "w", 0) == expected[step] + 10);
            assert_true(*group_value(&group, "n", 0) == step + 1);
        }
        assert_int_equal(group.n_spikes, 0);
        group_destroy(&group);
    }
}

/* A reset comes after the block, whenever the threshold is tested: v spikes at 4, is bounded to 3 and reset to twice that. */
static void test_reset_follows_after_synapses(void **state)
{
    const char *const thresholds[] = {"threshold v >= 3 after synapses", "threshold v >= 3"};
    for (int k = 0; k < 2; k++) {
        struct group group;
        char text[256];
        snprintf(text, sizeof text,
                 "neuron model m { receive spike(J : 1) { v += J }\n dv/dt = 0/ms : 1 = %d\n"
                 "after_synapses { v = min(v, 3) }\n %s\n reset { v *= 2 } }\npopulation cells : m",
                 k == 0 ? 0 : 4, thresholds[k]);
        group_create(text, 1, &group);
        *tile_value(&group.nodes.arrivals, 0, 0, 0) = 4;
        group_run(&group, 0, 1);
        assert_int_equal(group.n_spikes, 1);
        assert_true(*group_value(&group, "v", 0) == 6);
        group_destroy(&group);
    }
}

/* A model that only counts what arrives has steps because of the block, and what it assigns does not count as fixed. */
static void test_after_synapses_alone(void **state)
{
    struct group group;
    group_create("neuron model m { n : 1\n largest : 1\n receive spike(J : 1) { n += J }\n"
                 "after_synapses { largest = max(largest, n); n = 0 } }\npopulation cells[3] : m",
                 3, &group);
    const double arrivals[] = {2, 5, 1};
    for (int step = 0; step < 3; step++)
        *tile_value(&group.nodes.arrivals, step, 0, 1) = arrivals[step];
    group_run(&group, 0, 3);
    assert_true(*group_value(&group, "largest", 0) == 0 && *group_value(&group, "largest", 1) == 5);
    assert_true(*group_value(&group, "n", 1) == 0);
    group_destroy(&group);
    check_choice("dv/dt = -a*v/ms : 1\n after_synapses { a = 3 }", INTEGRATOR_EXACT, "found anew in each");
}

/* What arrives is taken in also where nothing else happens in a step. */
static void test_arrivals_make_a_step(void **state)
{
    const struct {
        const char *text;
        bool has_step;
    } cases[] = {
        {"population cells { v : 1 = 0 }", false},
        {"population cells { v : 1 = 0\n receive spike(J : 1) { v += J } }", true},
        {"population cells { v : 1 = 0 }\npopulation source { u : 1 = 1\n threshold u > 0 }\n"
         "synapses s : source -> cells { on_pre { v_post += 1 } }\nconnect s by all_to_all",
         true},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct arena *arena = arena_create();
        assert_int_equal(plan_of_text(arena, cases[k].text)->nodes[0].has_step, cases[k].has_step);
        arena_destroy(&arena);
    }
}

/* While a node is refractory its variable v stands still with any method, though the equation has no number then, and the others
 * see it where it stands. */
static void check_standing(const char *method)
{
    struct group group;
    char text[512];
    snprintf(text, sizeof text,
             "neuron model m { dv/dt = (2 - v)/(int(not_refractory)*ms) : 1 (unless refractory)\n dw/dt = (v - w)/(0.5 ms) : 1\n"
             "threshold v > 1\n reset { v = 0.25 }\n refractory 100\n method %s }\npopulation cells[9] : m",
             method);
    group_create(text, 20, &group);
    group_run(&group, 0, 20);
    assert_int_equal(group.fault, BLOCK_FINE);
    assert_int_equal(group.n_spikes, 9);
    assert_true(*group_value(&group, "v", 8) == 0.25);
    double gap = *group_value(&group, "w", 8) - 0.25;
    group_run(&group, 20, 1);
    assert_true(*group_value(&group, "v", 8) == 0.25);
    double factor = (*group_value(&group, "w", 8) - 0.25) / gap, right = exp(-0.2);
    assert_true(fabs(factor - right) < 0.02);
    group_destroy(&group);
}

static void test_standing(void **state)
{
    for (const char *const *method = method_names; *method; method++)
        if (strcmp(*method, "exact") != 0)
            check_standing(*method);
}

/* A coefficient that happens to be 0 makes a straight line of the exponential. */
static void test_exponential_euler_without_decay(void **state)
{
    struct group group;
    group_create("neuron model m { a : 1\n dv/dt = (1 - a*v)/ms : 1 = 3\n method exponential_euler }\n"
                 "population cells[2] : m { a = [0, 1] }",
                 1, &group);
    group_run(&group, 0, 1);
    assert_relative(*group_value(&group, "v", 0), 3.1, 1e-15, "a straight line");
    assert_relative(*group_value(&group, "v", 1), 1 + 2 * exp(-0.1), 1e-15, "an exponential");
    group_destroy(&group);
}

/* (3 - v)/(1 + v²): the divisor is that of the beginning of the step. */
static void test_exponential_euler_holds_divisors(void **state)
{
    struct group group;
    group_create("neuron model m { dv/dt = (3 - v)/(1 + v**2)/ms : 1 = 2\n method exponential_euler }\npopulation cells : m", 1,
                 &group);
    group_run(&group, 0, 1);
    assert_relative(*group_value(&group, "v", 0), 3 - exp(-0.1 / 5), 1e-15, "a decay to 3");
    group_destroy(&group);
}

/* ---- inputs that hold the node's own value ---- */

/* dv/dt = I/ms with I = a - 2 v: input row 0 is a, row 1 the weight of v. The exact method takes I as it is at the beginning of a
 * step, as Euler's does; rkf45 at every stage, so it follows the exponential function. */
static void test_own_values(void **state)
{
    const char *const methods[] = {"exact", "euler", "rkf45(abs = 1e-9)"};
    for (int k = 0; k < 3; k++) {
        struct group group;
        char text[512];
        snprintf(text, sizeof text,
                 "neuron model m { receive I : 1\n dv/dt = I/ms : 1 = 1\n method %s }\npopulation cells : m\n"
                 "synapse model s { delay = 1 ms\n I_post = v_pre - 2*v_post : 1 (summed) }\n"
                 "connect cells -> cells by all_to_all using s",
                 methods[k]);
        group_create(text, 2, &group);
        for (int step = 0; step < 2; step++) {
            *tile_value(&group.nodes.inputs, step, 0, 0) = 3;
            *tile_value(&group.nodes.inputs, step, 1, 0) = -2;
        }
        group_run(&group, 0, 2);
        double expected = k < 2 ? 1 + 0.1 * (3 - 2 * 1) + 0.1 * (3 - 2 * 1.1) : 1.5 - 0.5 * exp(-0.4);
        assert_relative(*group_value(&group, "v", 0), expected, k < 2 ? 1e-15 : 1e-9, methods[k]);
        group_destroy(&group);
    }
}

/* ---- emit COUNT ---- */

struct expected_spikes {
    int step, multiplicity;
};

/* What arrives in steps 0 … 5 is 2, 0, 1, -3, 3, 0; `n` counts it. */
static void check_emission(const char *body, const struct expected_spikes *expected, int n)
{
    struct group group;
    const double arrivals[] = {2, 0, 1, -3, 3, 0};
    char text[512];
    snprintf(text, sizeof text, "neuron model m { n : integer = 0\n receive spike(J : 1) { n += J }\n %s }\npopulation cells : m",
             body);
    group_create(text, 6, &group);
    for (int step = 0; step < 6; step++)
        *tile_value(&group.nodes.arrivals, step, 0, 0) = arrivals[step];
    group_run(&group, 0, 6);
    assert_int_equal(group.fault, BLOCK_FINE);
    assert_int_equal(group.n_spikes, n);
    for (int k = 0; k < n; k++) {
        assert_int_equal(group.spikes[k].step, expected[k].step);
        assert_int_equal(group.spikes[k].multiplicity, expected[k].multiplicity);
    }
    group_destroy(&group);
}

static void test_emitted_counts(void **state)
{
    /* in the step of arrival, or in the next one */
    check_emission("before_step { n = 0 }\n emit n after synapses", (struct expected_spikes[]){{0, 2}, {2, 1}, {4, 3}}, 3);
    check_emission("emit n\n reset { n = 0 }", (struct expected_spikes[]){{1, 2}, {3, 1}, {5, 3}}, 3);
    /* what is not reset is emitted again; nothing below 1 is emitted */
    check_emission("emit n after synapses", (struct expected_spikes[]){{0, 2}, {1, 2}, {2, 3}, {4, 3}, {5, 3}}, 5);
    check_emission("emit n after synapses if t_in_timesteps > 1\n reset { n = 0 }", (struct expected_spikes[]){{2, 3}}, 1);
    check_emission("emit int(n/2) after synapses\n reset { n -= 2 }", (struct expected_spikes[]){{0, 1}}, 1);
    check_emission("emit n after synapses\n reset { n = 0 }\n refractory 4", (struct expected_spikes[]){{0, 2}, {4, 1}}, 2);
    check_emission("emit 2 if n > 1", (struct expected_spikes[]){{1, 2}, {2, 2}, {3, 2}, {5, 2}}, 4);
}

static void test_too_many_spikes(void **state)
{
    struct group group;
    group_create("neuron model m { n : integer = where(i == 9, 1000001, 1000000)\n emit n }\npopulation cells[20] : m", 3,
                 &group);
    group_run(&group, 0, 3);
    assert_int_equal(group.fault, BLOCK_TOO_MANY_SPIKES);
    assert_true(group.fault_step == 0 && group.fault_node == LANES + 1);
    for (int k = 0; k < group.n_spikes; k++)
        assert_int_equal(group.spikes[k].multiplicity, 1000000);
    group_destroy(&group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_too_many_variables),
        cmocka_unit_test(test_initial_values),
        cmocka_unit_test(test_stored_conditions),
        cmocka_unit_test(test_exponential_decay),
        cmocka_unit_test(test_alpha_current),
        cmocka_unit_test(test_coefficients_per_node),
        cmocka_unit_test(test_propagators_of_each_step),
        cmocka_unit_test(test_propagator_places),
        cmocka_unit_test(test_ports_with_own_values),
        cmocka_unit_test(test_refused_ports),
        cmocka_unit_test(test_single_steps),
        cmocka_unit_test(test_euler_is_bit_for_bit),
        cmocka_unit_test(test_refractory),
        cmocka_unit_test(test_refractory_of_current_values),
        cmocka_unit_test(test_lastspike),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_held_values),
        cmocka_unit_test(test_every),
        cmocka_unit_test(test_order_of_a_step),
        cmocka_unit_test(test_threshold_after_synapses),
        cmocka_unit_test(test_after_synapses),
        cmocka_unit_test(test_reset_follows_after_synapses),
        cmocka_unit_test(test_after_synapses_alone),
        cmocka_unit_test(test_arrivals_make_a_step),
        cmocka_unit_test(test_standing),
        cmocka_unit_test(test_exponential_euler_without_decay),
        cmocka_unit_test(test_exponential_euler_holds_divisors),
        cmocka_unit_test(test_own_values),
        cmocka_unit_test(test_emitted_counts),
        cmocka_unit_test(test_too_many_spikes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
