/* The adaptive integrator against the GNU Scientific Library's, driven as NEST drives it; sub-step events; refractory periods;
 * independence of lanes; faults. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv.h>

#include "language/library.h"
#include "plan_fixture.h"

#define DT 0.1 /* ms */

/* ---- the library's integrator ---- */

struct gsl {
    gsl_odeiv_step *step;
    gsl_odeiv_control *control;
    gsl_odeiv_evolve *evolve;
    gsl_odeiv_system system;
    double h;
};

static void gsl_create(int (*function)(double, const double[], double[], void *), size_t n, double absolute, double relative,
                       void *parameters, struct gsl *gsl)
{
    *gsl = (struct gsl){
        .step = gsl_odeiv_step_alloc(gsl_odeiv_step_rkf45, n),
        .control = relative > 0 ? gsl_odeiv_control_yp_new(absolute, relative) : gsl_odeiv_control_y_new(absolute, 0),
        .evolve = gsl_odeiv_evolve_alloc(n),
        .system = {function, NULL, n, parameters},
        .h = DT,
    };
}

static void gsl_destroy(struct gsl *gsl)
{
    gsl_odeiv_evolve_free(gsl->evolve);
    gsl_odeiv_control_free(gsl->control);
    gsl_odeiv_step_free(gsl->step);
}

/* One step of the resolution; `after` runs after every accepted sub-step. */
static void gsl_advance(struct gsl *gsl, double *y, void (*after)(double *y, void *parameters))
{
    for (double t = 0; t < DT;) {
        assert_int_equal(gsl_odeiv_evolve_apply(gsl->evolve, gsl->control, gsl->step, &gsl->system, &t, DT, &gsl->h, y),
                         GSL_SUCCESS);
        if (after)
            after(y, gsl->system.params);
    }
}

/* The sub-step that is tried next is the same too, so their number is. One beyond a whole step is cut in
 * any case. */
static void assert_same_sub_step(const struct group *group, const struct gsl *gsl)
{
    double h = group->nodes.slots[group->nodes.plan->sub_step_slot * LANES] * 1e3;
    assert_relative(fmin(h, DT), fmin(gsl->h, DT), 1e-5, "sub-step");
}

/* ---- Li-Rinzel ---- */

static int astrocyte_rates(double t, const double y[], double rate[], void *parameters)
{
    double c = fmin(fmax(0, y[1]), 2), er = (2 - c) / 0.185;
    double m = y[0] / (y[0] + 0.13), n = c / (c + 0.08234), noise = *(double *)parameters;
    double channel = 0.185 * 0.006 * pow(m * n * y[2], 3) * (er - c), leak = 0.185 * 0.00011 * (er - c);
    double pump = 0.0009 * c * c / (0.1 * 0.1 + c * c);
    rate[0] = (0.16 - y[0]) / 7142;
    rate[1] = channel - pump + leak + noise;
    rate[2] = 0.0002 * 1.049 * (y[0] + 0.13) / (y[0] + 0.9434) * (1 - y[2]) - 0.0002 * c * y[2];
    return GSL_SUCCESS;
}

/* `noise` is what arrives as J_noise, in uM/ms, which are SI units of the base. */
static void check_astrocyte(double absolute, double noise)
{
    struct arena *arena = arena_create();
    const char *model = library_find(arena, "astrocyte_lr_1994")->text, *method = strstr(model, "method rkf45");
    const char *text = arena_format(arena,
                                    "%.*s method rkf45(abs = %.17g) }\n"
                                    "population cells : astrocyte_lr_1994 { IP3 = 0.9 uM; Ca_astro = 0.3 uM; h_IP3R = 0.5 }",
                                    (int)(method - model), model, absolute);
    struct group group;
    struct gsl gsl;
    double y[3] = {0.9, 0.3, 0.5};
    group_create(text, 1, &group);
    gsl_create(astrocyte_rates, 3, absolute, 0, &noise, &gsl);
    for (int step = 0; step < 500; step++) {
        *tile_value(&group.nodes.inputs, 0, 0, 0) = noise;
        group_run(&group, step, 1);
        gsl_advance(&gsl, y, NULL);
        assert_relative(*group_value(&group, "IP3", 0), y[0] * 1e-3, 1e-12, "IP3");
        assert_relative(*group_value(&group, "Ca_astro", 0), y[1] * 1e-3, 1e-12, "Ca");
        assert_relative(*group_value(&group, "h_IP3R", 0), y[2], 1e-12, "h");
        assert_same_sub_step(&group, &gsl);
    }
    gsl_destroy(&gsl);
    group_destroy(&group);
    arena_destroy(&arena);
}

static void test_astrocyte(void **state)
{
    check_astrocyte(1e-3, 0);
    check_astrocyte(1e-9, 0);
    check_astrocyte(1e-12, 0.001);
}

/* ---- an adaptive exponential neuron that spikes within sub-steps ---- */

struct neuron {
    double current; /* pA */
    bool refractory;
    int spikes; /* in this step */
    int k, left;
};

static int neuron_rates(double t, const double y[], double rate[], void *parameters)
{
    const struct neuron *neuron = parameters;
    double v = neuron->left > 0 ? -60 : fmin(y[0], 0);
    rate[0] = neuron->left > 0 ? 0 : (-30 * (v + 70.6) + 30 * 2 * exp((v + 50.4) / 2) - y[1] + neuron->current) / 281;
    rate[1] = (4 * (v + 70.6) - y[1]) / 144;
    return GSL_SUCCESS;
}

static void neuron_spike(double *y, void *parameters)
{
    struct neuron *neuron = parameters;
    if (neuron->left > 0 || y[0] < 0)
        return;
    y[0] = -60;
    y[1] += 80.5;
    neuron->spikes++;
    neuron->left = neuron->k;
}

#define NEURON                                                                                                                  \
    "neuron model m { I : pA = 700 pA; b : pA = 80.5 pA\n V = where(not_refractory, min(V_m, 0 mV), -60 mV) : mV\n"             \
    "dV_m/dt = (-30 nS*(V + 70.6 mV) + 60 pA*exp((V + 50.4 mV)/(2 mV)) - w + I)/(281 pF) : mV (unless refractory) = -70.6 mV\n" \
    "dw/dt = (4 nS*(V + 70.6 mV) - w)/(144 ms) : pA\n"                                                                          \
    "threshold V_m >= 0 mV each sub_step\n reset { V_m = -60 mV; w += b }\n"

/* Under a current so strong that it spikes in every step, V_m is nearly a straight line, whose error is nothing but rounding: the
 * sub-steps differ a little then. */
static void check_neuron(const char *refractory, int k, double current, int most)
{
    struct group group;
    struct gsl gsl;
    struct neuron neuron = {.current = current, .k = k};
    double y[2] = {-70.6, 0};
    char text[1024];
    int total = 0, largest = 0;
    const bool strong = current > 1e4;
    const int n_steps = strong ? 50 : 1000;
    const double tolerance = strong ? 1e-4 : 1e-8;
    snprintf(text, sizeof text, NEURON "%s\n method rkf45(abs = 1e-6, rel = 1e-6) }\npopulation cells : m { I = %.17g pA }",
             refractory, current);
    group_create(text, 1, &group);
    gsl_create(neuron_rates, 2, 1e-6, 1e-6, &neuron, &gsl);
    for (int step = 0; step < n_steps; step++) {
        neuron.spikes = 0;
        group_run(&group, step, 1);
        gsl_advance(&gsl, y, neuron_spike);
        neuron.left -= neuron.left > 0;
        assert_int_equal(group.n_spikes ? group.spikes[0].multiplicity : 0, neuron.spikes);
        assert_relative(*group_value(&group, "V_m", 0), y[0] * 1e-3, tolerance, "V_m"); /* the upstroke magnifies rounding */
        assert_relative(*group_value(&group, "w", 0), y[1] * 1e-12, tolerance, "w");
        if (!strong)
            assert_same_sub_step(&group, &gsl);
        total += neuron.spikes;
        largest = neuron.spikes > largest ? neuron.spikes : largest;
    }
    assert_true(total >= 2);
    assert_int_equal(largest, most);
    gsl_destroy(&gsl);
    group_destroy(&group);
}

static void test_neuron(void **state)
{
    check_neuron("", 0, 700, 1);
    check_neuron("refractory 0", 0, 2e5, 3);
    check_neuron("refractory 1", 1, 2e5, 1);
    check_neuron("refractory 5", 5, 900, 1);
    check_neuron("refractory 0.5 ms", 5, 2000, 1);
}

/* ---- lanes ---- */

enum { CELLS = 21 };

/* The current of a cell: some are at rest, some spike several times in a step. */
static double current_of(int cell)
{
    return cell % 3 == 0 ? 0 : 300 * cell + (cell % 5 == 0 ? 1e5 : 0);
}

static const char *text_with_currents(struct arena *arena, int first, int n)
{
    const char *list = "";
    for (int k = 0; k < n; k++)
        list = arena_format(arena, "%s%s%.17g", list, k ? ", " : "", current_of(first + k));
    return arena_format(arena,
                        NEURON "method rkf45(abs = 1e-6, rel = 1e-6) }\npopulation cells[%d] : m { I = [%s] pA }\n"
                               "neuron model listener { receive V : mV\n dv/dt = (V - v)/ms : mV }\npopulation ear : listener\n"
                               "synapse model tell { delay = dt\n V_post = V_m_pre : mV (summed) }\n"
                               "connect cells -> ear by all_to_all using tell",
                        n, list);
}

/* A cell's bits are the same alone and in any company: its state at the end, and what a continuous connection sees at every step
 * on the way. */
static void test_lanes_are_independent(void **state)
{
    struct arena *arena = arena_create();
    struct group all;
    group_create(text_with_currents(arena, 0, CELLS), 100, &all);
    group_run(&all, 0, 100);
    for (int cell = 0; cell < CELLS; cell++) {
        struct group one;
        int spikes = 0, spikes_alone = 0;
        group_create(text_with_currents(arena, cell, 1), 100, &one);
        group_run(&one, 0, 100);
        assert_memory_equal(group_value(&one, "V_m", 0), group_value(&all, "V_m", (node_local)cell), sizeof(double));
        assert_memory_equal(group_value(&one, "w", 0), group_value(&all, "w", (node_local)cell), sizeof(double));
        for (int step = 0; step < 100; step++)
            assert_memory_equal(tile_value(&one.nodes.couplings, step, 0, 0),
                                tile_value(&all.nodes.couplings, step, 0, (node_local)cell), sizeof(double));
        for (int k = 0; k < one.n_spikes; k++)
            spikes_alone += one.spikes[k].multiplicity * (one.spikes[k].step + 1);
        for (int k = 0; k < all.n_spikes; k++)
            if (all.spikes[k].node == cell)
                spikes += all.spikes[k].multiplicity * (all.spikes[k].step + 1);
        assert_int_equal(spikes, spikes_alone);
        group_destroy(&one);
    }
    group_destroy(&all);
    arena_destroy(&arena);
}

/* ---- faults ---- */

static void test_no_headway(void **state)
{
    struct group group;
    group_create("neuron model m { bad : 1 = 0\n dv/dt = where(bad > 0 and t > 0.35 ms, cos(v*1e30)*1e9, -v)/ms : 1 = 1\n"
                 "method rkf45(abs = 1e-6) }\n"
                 "population cells[12] : m { bad = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1] }",
                 10, &group);
    group_run(&group, 0, 10);
    assert_int_equal(group.fault, BLOCK_TOO_MANY_STEPS);
    assert_int_equal(group.fault_step, 3); /* whose later stages see the change */
    assert_int_equal(group.fault_node, 9);
    group_destroy(&group);
}

/* Nodes that do not exist cannot fail: of the lanes, only the first two hold any. */
static void test_only_nodes_fail(void **state)
{
    struct group group;
    group_create("neuron model m { dv/dt = where(i > 1, cos(v*1e30)*1e9, -v)/ms : 1 = 1\n method rkf45(abs = 1e-6) }\n"
                 "population cells[2] : m",
                 2, &group);
    group_run(&group, 0, 2);
    assert_int_equal(group.fault, BLOCK_FINE);
    group_destroy(&group);
}

static void test_not_finite(void **state)
{
    struct group group;
    int step = 0;
    for (double v = 2; isfinite(v); step++)
        v += v * v;
    group_create("neuron model m { dv/dt = v*v/(0.1 ms) : 1 = 0\n method euler }\n"
                 "population cells[12] : m { v = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0] }",
                 50, &group);
    group_run(&group, 0, 50);
    assert_int_equal(group.fault, BLOCK_NOT_FINITE);
    assert_int_equal(group.fault_step, step - 1);
    assert_int_equal(group.fault_node, 10);
    group_destroy(&group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_astrocyte),  cmocka_unit_test(test_neuron),          cmocka_unit_test(test_lanes_are_independent),
        cmocka_unit_test(test_no_headway), cmocka_unit_test(test_only_nodes_fail), cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
