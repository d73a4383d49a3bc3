/* Equations with noise: the steps of the methods against their formulas, with the same random numbers; who shares these; what is
 * refused. */
#include "plan_fixture.h"
#include "support/random.h"

enum { NODES = 11, STEPS = 60 };
static const double dt = 1e-4;

/* What the Wiener process of a noise of a node grows by in a step. */
static double increment(const char *noise, uint32_t node, uint32_t step)
{
    const uint32_t index[8] = {node, node, node, node, node, node, node, node}, evaluation[8] = {0};
    double normal[8];
    random_normal_block8(random_key(1, RANDOM_STATE, "cells", noise, 0), index, step, 0, evaluation, normal);
    return sqrt(dt) * normal[0];
}

/* x and y of a node after STEPS steps of `step`, which knows f and g of the model. */
typedef void step_function(double *x, double *y, double t, uint32_t node, uint32_t n);

static void check_method(const char *text, step_function *step)
{
    struct group group;
    group_create(text, STEPS, &group);
    group_run(&group, 0, STEPS);
    for (uint32_t node = 0; node < NODES; node++) {
        double x = 1, y = 0.5;
        for (uint32_t n = 0; n < STEPS; n++)
            step(&x, &y, n * dt, node, n);
        assert_relative(*group_value(&group, "x", node), x, 1e-12, "x");
        assert_relative(*group_value(&group, "y", node), y, 1e-12, "y");
    }
    group_destroy(&group);
}

#define POPULATION "\npopulation cells[11] : m"
#define RATE "let r = 1/second**0.5\n" /* what makes a rate of a noise */

/* ---- Euler ---- */

static void euler_step(double *x, double *y, double t, uint32_t node, uint32_t n)
{
    double dw = increment("xi", node, n), dw_own = increment("xi_own", node, n), old = *x;
    *x += dt * (-*x / 2e-3) + 8 * dw - 3 * dw_own;
    *y += dt * (old - *y) / 1e-3 + 10 * dw;
}

/* The noise `xi` of x and y is one and the same. */
static void test_euler(void **state)
{
    check_method(RATE "neuron model m { a : 1 = 2\n push = a*xi : 1/second**0.5\n"
                      "dx/dt = -x/(2 ms) + 4*push*r - (xi_own*3)*r : 1 = 1\n"
                      "dy/dt = (x - y)/ms + 10*r*xi : 1 = 0.5\n method euler }" POPULATION,
                 euler_step);
}

/* ---- Heun ---- */

static double heun_f(double x, double y)
{
    return (y - x) / 5e-3;
}

static double heun_g(double x, double y, double t)
{
    return 6 * x * y * (1 + t / 1e-3);
}

/* Both noises of x are multiplied by what changes; y has one of them too. */
static void heun_step(double *x, double *y, double t, uint32_t node, uint32_t n)
{
    double dw = increment("xi", node, n), dw_b = increment("xi_b", node, n);
    double g = heun_g(*x, *y, t), gy = 4 * *x, gb = 5 * *y, sx = *x + g * dw, sy = *y + gy * dw;
    double next_x = *x + dt * heun_f(*x, *y) + dw / 2 * (g + heun_g(sx, sy, t + dt)) + dw_b * gb;
    double next_y = *y + dt * -*y / 2e-3 + dw / 2 * (gy + 4 * sx);
    *x = next_x;
    *y = next_y;
}

static void test_heun(void **state)
{
    check_method(RATE "neuron model m { grow = x*y*(1 + t/ms) : 1\n"
                      "dx/dt = (y - x)/(5 ms) + 6*r*grow*xi + 5*r*y*xi_b : 1 = 1\n dy/dt = -y/(2 ms) + 4*r*x*xi : 1 = 0.5\n"
                      "method heun }" POPULATION,
                 heun_step);
}

/* ---- Milstein ---- */

static void milstein_step(double *x, double *y, double t, uint32_t node, uint32_t n)
{
    double dw_a = increment("xi_a", node, n), dw_b = increment("xi_b", node, n), root = sqrt(dt);
    double fx = (*y - *x) / 5e-3, fy = -*y / 2e-3, ga = 6 * *x * *y, gb = 4 * *y;
    double ga_support = 6 * (*x + dt * fx + root * ga) * (*y + dt * fy), gb_support = 4 * (*y + dt * fy + root * gb);
    *x += dt * fx + ga * dw_a + dw_a * dw_a * (ga_support - ga) / (2 * root);
    *y += dt * fy + gb * dw_b + dw_b * dw_b * (gb_support - gb) / (2 * root);
}

static void test_milstein(void **state)
{
    check_method(RATE
                 "neuron model m { dx/dt = (y - x)/(5 ms) + 6*r*x*y*xi_a : 1 = 1\n dy/dt = -y/(2 ms) + 4*r*y*xi_b : 1 = 0.5\n"
                 "method milstein }" POPULATION,
                 milstein_step);
}

/* ---- what stands still ---- */

/* While it is refractory, with any method, and y sees it so. */
static void check_standing(const char *method)
{
    struct group group;
    struct arena *arena = arena_create();
    group_create(
        arena_format(arena,
                     RATE
                     "neuron model m { dx/dt = 1/ms + 20*r*x*xi : 1 (unless refractory) = 1\n dy/dt = 0*x/ms : 1\n"
                     "after_step { y = x }\n threshold x > 0.5\n reset { x = 0.25 }\n refractory 100\n method %s }" POPULATION,
                     method),
        20, &group);
    group_run(&group, 0, 20);
    assert_int_equal(group.n_spikes, NODES);
    for (uint32_t node = 0; node < NODES; node++)
        assert_true(*group_value(&group, "x", node) == 0.25);
    group_destroy(&group);
    arena_destroy(&arena);
}

static void test_standing(void **state)
{
    check_standing("heun");
    check_standing("milstein");
}

/* ---- the choice, and refusals ---- */

static void check_choice(const char *equation, enum integrator expected)
{
    struct arena *arena = arena_create();
    const char *text = arena_format(arena, RATE "neuron model m { a : 1 = 2\n levels : 1[] = [1, 2]\n %s }" POPULATION, equation);
    assert_int_equal(plan_of_text(arena, text)->nodes[0].integrator, expected);
    arena_destroy(&arena);
}

static void test_choice(void **state)
{
    check_choice("dx/dt = -x/ms + 3*r*a*xi : 1", INTEGRATOR_EULER);
    check_choice("dx/dt = -x/ms + (a + i)*r*xi/N : 1\n threshold x > 1\n reset { a = 3 }", INTEGRATOR_EULER);
    check_choice("dx/dt = step_value([1, 2] ms, levels, t, 0)*r*xi : 1", INTEGRATOR_EULER);
    check_choice("dx/dt = xi*r*t/ms : 1", INTEGRATOR_HEUN);
    check_choice("dx/dt = where(x > 0, 1, 2)*r*xi : 1", INTEGRATOR_HEUN);
    check_choice("dx/dt = xi_1*r*x - x/ms : 1", INTEGRATOR_HEUN);
}

#define MODEL(body) RATE "neuron model m { " body " }" POPULATION

static void test_refusals(void **state)
{
    assert_unplanned(MODEL("dx/dt = r*xi : 1\n method rk4"),
                     "method rk4 cannot integrate this: noise is for euler, heun and milstein");
    assert_unplanned(MODEL("dx/dt = -x/ms + r*xi : 1\n method exact"), "noise is for euler, heun and milstein");
    assert_unplanned(MODEL("dx/dt = r*x*xi : 1\n method euler"), "changes within a step; heun and milstein can do that");
    assert_unplanned(MODEL("dx/dt = sin(t/ms)*r*xi : 1\n method euler"), "changes within a step; heun and milstein can do that");
    assert_unplanned(MODEL("dx/dt = (xi_a + xi_b)*r : 1\n method milstein"), "a noise of its own, and only one");
    assert_unplanned(MODEL("dx/dt = r*xi : 1\n dy/dt = r*xi : 1\n method milstein"), "a noise of its own, and only one");
    assert_unplanned(MODEL("dx/dt = sqrt(abs(xi*second**0.5))/ms : 1"), "noise must be a factor of a term, as in f + g*xi");
    assert_unplanned(MODEL("dx/dt = xi*xi : 1"), "noise must be a factor of a term");
    assert_unplanned(MODEL("dx/dt = r**3/xi : 1"), "noise must be a factor of a term");
    assert_unplanned(MODEL("n = xi : 1/second**0.5\n dx/dt = r*n : 1\n threshold n*ms**0.5 > 1"),
                     "in differential equations only");
    assert_unplanned(MODEL("dx/dt = 1/ms : 1\n threshold xi*ms**0.5 > 1"),
                     "'xi' is noise, which can stand in differential equations only");
    assert_unplanned(MODEL("dx/dt = 1/ms : 1") "\nrecord xi of cells", "has no variable");
    assert_unplanned(MODEL("n = 2*xi : 1/second**0.5\n dx/dt = r*n : 1") "\nrecord n of cells",
                     "is made of noise, which has no value of its own");
    assert_unplanned("synapse model s { weight : port = 1\n dx/dt = xi - x/ms : 1 (event-driven)\n delay = 1 ms\n"
                     "on_pre { send weight*x } }\npopulation cells : iaf_psc_exp\nconnect cells -> cells by all_to_all using s",
                     "'xi' is noise, which can stand in differential equations only, but not in those that are (event-driven)");
    const char *const of_synapses = "synapse model s { dx/dt = %s : 1\n n = xi : 1/second**0.5\n %s }\n"
                                    "population a[2] { v : 1 }\nconnect a -> a by all_to_all using s";
    char text[400];
    snprintf(text, sizeof text, of_synapses, "n*second**-0.5 - x/ms", "method rk4");
    assert_unplanned(text, "method rk4 cannot integrate this: noise is for euler, heun and milstein");
    snprintf(text, sizeof text, of_synapses, "x*n*second**-0.5", "method euler");
    assert_unplanned(text, "changes within a step; heun and milstein can do that");
    snprintf(text, sizeof text, of_synapses, "-x/ms", "v_post = n*ms**0.5 : 1 (summed)");
    assert_unplanned(text, "noise can stand in differential equations only");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_euler),    cmocka_unit_test(test_heun),   cmocka_unit_test(test_milstein),
        cmocka_unit_test(test_standing), cmocka_unit_test(test_choice), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
