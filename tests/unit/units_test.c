#include "language_fixture.h"
#include "support/nearest.h"

static struct unit unit_of(const char *name)
{
    struct unit unit = {0};
    if (!unit_find(name, strlen(name), &unit))
        fail_msg("unknown unit %s", name);
    return unit;
}

static void scales_are_the_nearest_decimals(void **state)
{
    static const struct {
        const char *name;
        double scale;
    } known[] = {
        {"mV", 1e-3},     {"mvolt", 1e-3},     {"volt", 1},       {"V", 1},         {"nS", 1e-9},     {"msiemens", 1e-3},
        {"pA", 1e-12},    {"namp", 1e-9},      {"ms", 1e-3},      {"us", 1e-6},     {"second", 1},    {"uM", 1e-3},
        {"nM", 1e-6},     {"mM", 1},           {"M", 1e3},        {"umolar", 1e-3}, {"kHz", 1e3},     {"hertz", 1},
        {"Mohm", 1e6},    {"cm", 1e-2},        {"um", 1e-6},      {"pF", 1e-12},    {"ufarad", 1e-6}, {"liter", 1e-3},
        {"mlitre", 1e-6}, {"kg", 1},           {"kilogram", 1},   {"gram", 1e-3},   {"ug", 1e-9},     {"ymetre", 1e-24},
        {"Yvolt", 1e24},  {"hmeter", 1e2},     {"dliter", 1e-4},  {"kelvin", 1},    {"mmol", 1e-3},   {"GHz", 1e9},
        {"fS", 1e-15},    {"zcoulomb", 1e-21}, {"Pjoule", 1e15},  {"awatt", 1e-18}, {"Eohm", 1e18},   {"Zhenry", 1e21},
        {"Ttesla", 1e12}, {"Gpascal", 1e9},    {"nnewton", 1e-9}, {"radian", 1},    {"m", 1},         {"s", 1},
        {"A", 1},
    };
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
        if (unit_of(known[k].name).scale != known[k].scale)
            fail_msg("%s has scale %.17g", known[k].name, unit_of(known[k].name).scale);
}

static void names_that_modellers_use_are_no_units(void **state)
{
    static const char *const names[] = {"EK",   "ENa", "gL",  "gl",  "Em",  "Cm", "Im", "Pm", "Vm", "damp",
                                        "flux", "x",   "v",   "w",   "mm2", "",   "da", "mh", "Ks", "mK",
                                        "mN",   "Ts",  "mkg", "mmV", "k",   "mt", "hz", "MV"};
    struct unit unit;
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (unit_find(names[k], strlen(names[k]), &unit))
            fail_msg("'%s' is a unit", names[k]);
}

static void derived_units_agree(void **state)
{
    struct unit volt = unit_of("volt"), amp = unit_of("amp"), second = unit_of("second");
    struct dimension ohm = dimension_quotient(volt.dimension, amp.dimension);
    assert_true(dimension_equal(ohm, unit_of("ohm").dimension));
    assert_true(dimension_equal(dimension_quotient(amp.dimension, volt.dimension), unit_of("siemens").dimension));
    assert_true(dimension_equal(dimension_product(amp.dimension, second.dimension), unit_of("coulomb").dimension));
    assert_true(dimension_equal(dimension_product(volt.dimension, amp.dimension), unit_of("watt").dimension));
    assert_true(dimension_none(dimension_quotient(ohm, ohm)));
}

static void products_of_units_do_not_round(void **state)
{
    assert_true(unit_quotient(unit_of("nS"), unit_of("ms")).scale == 1e-6);
    struct unit per_uM_per_ms = unit_quotient(unit_quotient(unit_one(), unit_of("uM")), unit_of("ms"));
    assert_true(per_uM_per_ms.scale == 1e6);
    assert_true(unit_product(unit_of("uM"), unit_of("pF")).scale == 1e-15);
    struct unit power;
    assert_true(unit_power(unit_of("mV"), 4, &power));
    assert_true(power.scale == 1e-6);
    assert_true(unit_power(unit_of("mV"), 6, &power));
    assert_true(power.scale == 1e-9);
}

static void powers_keep_half_exponents(void **state)
{
    struct dimension root, back;
    struct unit unit;
    assert_true(dimension_power(unit_of("second").dimension, -1, &root));
    assert_int_equal(root.twice[SECOND], -1);
    assert_true(dimension_power(root, -4, &back));
    assert_true(dimension_equal(back, unit_of("second").dimension));
    assert_false(dimension_power(root, 1, &back)); /* a quarter */
    assert_false(dimension_power(unit_of("second").dimension, 2000, &back));
    assert_false(dimension_power(unit_of("second").dimension, INT32_MAX, &back));
    assert_true(unit_power(unit_of("ms"), 1, &unit));
    assert_true(unit.scale > 0.0316227 && unit.scale < 0.0316228);
    assert_false(unit_power(unit_of("Ymetre"), 60, &unit)); /* beyond doubles */
}

static void the_port_is_replaced_by_what_it_meets(void **state)
{
    struct dimension weight = {{0}};
    weight.twice[PORT] = 2;
    weight.twice[SECOND] = -2;
    struct dimension met = dimension_at_port(weight, unit_of("nS").dimension);
    assert_true(dimension_equal(met, dimension_quotient(unit_of("siemens").dimension, unit_of("second").dimension)));
    assert_true(dimension_equal(dimension_at_port(met, unit_of("mV").dimension), met));
}

static void absurd_products_stay_in_range(void **state)
{
    struct unit unit = unit_of("metre");
    for (int k = 0; k < 1000; k++)
        unit = unit_product(unit, unit_of("Ymetre"));
    assert_int_equal(unit.dimension.twice[METRE], INT8_MAX);
}

static void assert_called(const char *numerator, const char *denominator, const char *expected)
{
    char text[100];
    struct dimension dimension = dimension_quotient(unit_of(numerator).dimension, unit_of(denominator).dimension);
    assert_string_equal(dimension_text(dimension, text, sizeof text), expected);
}

static void dimensions_have_the_names_that_modellers_use(void **state)
{
    assert_called("mV", "radian", "volt");
    assert_called("radian", "radian", "1");
    assert_called("radian", "ms", "hertz");
    assert_called("uM", "radian", "molar");
    assert_called("uM", "ms", "molar/second");
    assert_called("nS", "ms", "siemens/second");
    assert_called("ohm", "kelvin", "m^2 kg s^-3 A^-2 K^-1");
    char text[100];
    struct dimension area, density, noise;
    dimension_power(unit_of("cm").dimension, 4, &area);
    density = dimension_quotient(unit_of("uF").dimension, area);
    assert_string_equal(dimension_text(density, text, sizeof text), "farad/metre^2");
    dimension_power(unit_of("second").dimension, -1, &noise);
    assert_string_equal(dimension_text(noise, text, sizeof text), "s^-0.5");
    struct dimension port = {{0}};
    port.twice[PORT] = 2;
    assert_string_equal(dimension_text(port, text, sizeof text), "(unit of the port)");
}

static void long_dimension_texts_are_cut(void **state)
{
    char text[8];
    struct dimension all = {{3, 3, 3, 3, 3, 3, 3, 3}};
    for (size_t size = 1; size <= sizeof text; size++)
        assert_true(strlen(dimension_text(all, text, size)) < size);
}

static void assert_nearest_unit(const char *name, const char *expected)
{
    char text[32];
    const char *nearest = unit_nearest(name, text, sizeof text);
    assert_string_equal(nearest ? nearest : "none", expected);
}

static void misspelt_units_have_a_nearest(void **state)
{
    assert_nearest_unit("mVolt", "mvolt");
    assert_nearest_unit("mv", "mV");
    assert_nearest_unit("hz", "Hz");
    assert_nearest_unit("secnod", "second");
    assert_nearest_unit("siemen", "siemens");
    assert_nearest_unit("Volt", "volt");
    assert_nearest_unit("population", "none");
    assert_nearest_unit("q", "none");
}

static void names_are_compared_as_people_misspell_them(void **state)
{
    static const char *const known[] = {"tau_syn_ex", "tau_syn_in", "V_th", "g"};
    assert_string_equal(nearest_name("tau_sin_ex", known, 4), "tau_syn_ex");
    assert_string_equal(nearest_name("v_th", known, 4), "V_th");
    assert_string_equal(nearest_name("Vth", known, 4), "V_th");
    assert_string_equal(nearest_name("V_ht", known, 4), "V_th");
    assert_string_equal(nearest_name("G", known, 4), "g");
    assert_string_equal(nearest_name("tau_syn", known, 4), "tau_syn_ex");
    assert_null(nearest_name("h", known, 4));
    assert_null(nearest_name("threshold", known, 4));
    assert_null(nearest_name("V_th", known, 0));
    assert_int_equal(name_distance("ab", "ba"), 2);
    assert_int_equal(name_distance("abc", "ABC"), 3);
    assert_int_equal(name_distance("", "abc"), 6);
    char enormous[1000];
    memset(enormous, 'x', 999);
    enormous[999] = '\0';
    assert_null(nearest_name(enormous, known, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_the_nearest_decimals),
        cmocka_unit_test(names_that_modellers_use_are_no_units),
        cmocka_unit_test(derived_units_agree),
        cmocka_unit_test(products_of_units_do_not_round),
        cmocka_unit_test(powers_keep_half_exponents),
        cmocka_unit_test(the_port_is_replaced_by_what_it_meets),
        cmocka_unit_test(absurd_products_stay_in_range),
        cmocka_unit_test(dimensions_have_the_names_that_modellers_use),
        cmocka_unit_test(long_dimension_texts_are_cut),
        cmocka_unit_test(misspelt_units_have_a_nearest),
        cmocka_unit_test(names_are_compared_as_people_misspell_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
