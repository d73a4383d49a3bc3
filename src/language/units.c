/* Units are a table of stems; a name is a stem or a stem behind one of the prefixes that the stem allows.
 *
 * Spelled names take all the usual prefixes (msiemens, ufarad). Short ones take only those that modellers write: every name of
 * two letters or more is reserved, and a model may want EK, Pm or gL for itself. */
#include "language/units.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/nearest.h"

/* ---- dimensions ------------------------------------------------------------------------------------------------------ */

static int8_t bounded(int twice)
{
    return (int8_t)(twice < -INT8_MAX ? -INT8_MAX : twice > INT8_MAX ? INT8_MAX : twice);
}

struct dimension dimension_product(struct dimension a, struct dimension b)
{
    for (int k = 0; k < BASE_QUANTITIES; k++)
        a.twice[k] = bounded(a.twice[k] + b.twice[k]);
    return a;
}

struct dimension dimension_quotient(struct dimension a, struct dimension b)
{
    for (int k = 0; k < BASE_QUANTITIES; k++)
        a.twice[k] = bounded(a.twice[k] - b.twice[k]);
    return a;
}

bool dimension_power(struct dimension a, int twice_exponent, struct dimension *out)
{
    for (int k = 0; k < BASE_QUANTITIES; k++) {
        long four_times = (long)a.twice[k] * twice_exponent;
        if (four_times % 2 != 0 || labs(four_times / 2) >= INT8_MAX)
            return false;
        out->twice[k] = (int8_t)(four_times / 2);
    }
    return true;
}

bool dimension_none(struct dimension a)
{
    return dimension_equal(a, (struct dimension){{0}});
}

struct dimension dimension_at_port(struct dimension a, struct dimension port)
{
    int twice_power = a.twice[PORT];
    a.twice[PORT] = 0;
    for (int k = 0; k < BASE_QUANTITIES; k++)
        a.twice[k] = bounded(a.twice[k] + port.twice[k] * twice_power / 2);
    return a;
}

/* ---- the table of stems ---------------------------------------------------------------------------------------------- */

#define SPELLED "yzafpnumkMGTPEZY"
#define SPELLED_EVERYDAY "yzafpnumcdhkMGTPEZY" /* lengths, volumes and masses are also said in centi, deci and hecto */

/* exponents of metre, kilogram, second, ampere, kelvin, mole, candela */
#define DIMENSION(m, kg, s, A, K, mol, cd)                                       \
    {                                                                            \
        {                                                                        \
            2 * (m), 2 * (kg), 2 * (s), 2 * (A), 2 * (K), 2 * (mol), 2 * (cd), 0 \
        }                                                                        \
    }

struct stem {
    const char *name;
    const char *prefixes; /* allowed ones, a letter each */
    int exponent;         /* the stem without prefix is 10^exponent SI units */
    struct dimension dimension;
};

static const struct stem stems[] = {
    {"metre", SPELLED_EVERYDAY, 0, DIMENSION(1, 0, 0, 0, 0, 0, 0)},
    {"meter", SPELLED_EVERYDAY, 0, DIMENSION(1, 0, 0, 0, 0, 0, 0)},
    {"m", "numck", 0, DIMENSION(1, 0, 0, 0, 0, 0, 0)},
    {"gram", SPELLED_EVERYDAY, -3, DIMENSION(0, 1, 0, 0, 0, 0, 0)},
    {"kilogram", "", 0, DIMENSION(0, 1, 0, 0, 0, 0, 0)},
    {"g", "numk", -3, DIMENSION(0, 1, 0, 0, 0, 0, 0)},
    {"second", SPELLED, 0, DIMENSION(0, 0, 1, 0, 0, 0, 0)},
    {"s", "pnum", 0, DIMENSION(0, 0, 1, 0, 0, 0, 0)},
    {"amp", SPELLED, 0, DIMENSION(0, 0, 0, 1, 0, 0, 0)},
    {"ampere", SPELLED, 0, DIMENSION(0, 0, 0, 1, 0, 0, 0)},
    {"A", "fpnum", 0, DIMENSION(0, 0, 0, 1, 0, 0, 0)},
    {"kelvin", SPELLED, 0, DIMENSION(0, 0, 0, 0, 1, 0, 0)},
    {"K", "", 0, DIMENSION(0, 0, 0, 0, 1, 0, 0)},
    {"mole", SPELLED, 0, DIMENSION(0, 0, 0, 0, 0, 1, 0)},
    {"mol", "fpnum", 0, DIMENSION(0, 0, 0, 0, 0, 1, 0)},
    {"candela", SPELLED, 0, DIMENSION(0, 0, 0, 0, 0, 0, 1)},
    {"molar", SPELLED, 3, DIMENSION(-3, 0, 0, 0, 0, 1, 0)},
    {"M", "fpnum", 3, DIMENSION(-3, 0, 0, 0, 0, 1, 0)},
    {"litre", SPELLED_EVERYDAY, -3, DIMENSION(3, 0, 0, 0, 0, 0, 0)},
    {"liter", SPELLED_EVERYDAY, -3, DIMENSION(3, 0, 0, 0, 0, 0, 0)},
    {"volt", SPELLED, 0, DIMENSION(2, 1, -3, -1, 0, 0, 0)},
    {"V", "pnumk", 0, DIMENSION(2, 1, -3, -1, 0, 0, 0)},
    {"siemens", SPELLED, 0, DIMENSION(-2, -1, 3, 2, 0, 0, 0)},
    {"S", "fpnum", 0, DIMENSION(-2, -1, 3, 2, 0, 0, 0)},
    {"ohm", SPELLED, 0, DIMENSION(2, 1, -3, -2, 0, 0, 0)},
    {"farad", SPELLED, 0, DIMENSION(-2, -1, 4, 2, 0, 0, 0)},
    {"F", "fpnum", 0, DIMENSION(-2, -1, 4, 2, 0, 0, 0)},
    {"hertz", SPELLED, 0, DIMENSION(0, 0, -1, 0, 0, 0, 0)},
    {"Hz", "mkMG", 0, DIMENSION(0, 0, -1, 0, 0, 0, 0)},
    {"coulomb", SPELLED, 0, DIMENSION(0, 0, 1, 1, 0, 0, 0)},
    {"C", "fpn", 0, DIMENSION(0, 0, 1, 1, 0, 0, 0)},
    {"joule", SPELLED, 0, DIMENSION(2, 1, -2, 0, 0, 0, 0)},
    {"J", "", 0, DIMENSION(2, 1, -2, 0, 0, 0, 0)},
    {"watt", SPELLED, 0, DIMENSION(2, 1, -3, 0, 0, 0, 0)},
    {"W", "", 0, DIMENSION(2, 1, -3, 0, 0, 0, 0)},
    {"newton", SPELLED, 0, DIMENSION(1, 1, -2, 0, 0, 0, 0)},
    {"N", "", 0, DIMENSION(1, 1, -2, 0, 0, 0, 0)},
    {"pascal", SPELLED, 0, DIMENSION(-1, 1, -2, 0, 0, 0, 0)},
    {"Pa", "k", 0, DIMENSION(-1, 1, -2, 0, 0, 0, 0)},
    {"weber", SPELLED, 0, DIMENSION(2, 1, -2, -1, 0, 0, 0)},
    {"tesla", SPELLED, 0, DIMENSION(0, 1, -2, -1, 0, 0, 0)},
    {"T", "", 0, DIMENSION(0, 1, -2, -1, 0, 0, 0)},
    {"henry", SPELLED, 0, DIMENSION(2, 1, -2, -2, 0, 0, 0)},
    {"H", "", 0, DIMENSION(2, 1, -2, -2, 0, 0, 0)},
    {"katal", "", 0, DIMENSION(0, 0, -1, 0, 0, 1, 0)},
    {"becquerel", "", 0, DIMENSION(0, 0, -1, 0, 0, 0, 0)},
    {"gray", "", 0, DIMENSION(2, 0, -2, 0, 0, 0, 0)},
    {"sievert", "", 0, DIMENSION(2, 0, -2, 0, 0, 0, 0)},
    {"lumen", "", 0, DIMENSION(0, 0, 0, 0, 0, 0, 1)},
    {"lux", "", 0, DIMENSION(-2, 0, 0, 0, 0, 0, 1)},
    {"radian", "", 0, DIMENSION(0, 0, 0, 0, 0, 0, 0)},
    {"steradian", "", 0, DIMENSION(0, 0, 0, 0, 0, 0, 0)},
};

enum { STEM_COUNT = sizeof stems / sizeof stems[0] };

static int prefix_exponent(char prefix)
{
    switch (prefix) {
    case 'd':
        return -1;
    case 'c':
        return -2;
    case 'h':
        return 2;
    default: {
        static const char thousands[] = "yzafpnum kMGTPEZY"; /* 10^-24, 10^-21, …, 10^24 */
        return 3 * (int)(strchr(thousands, prefix) - thousands) - 24;
    }
    }
}

/* ---- units ----------------------------------------------------------------------------------------------------------- */

/* 10^(twice_exponent/2), correctly rounded when the exponent is whole. Beyond the range of doubles: infinity or zero. */
static double power_of_ten(int twice_exponent)
{
    int exponent = (twice_exponent - (twice_exponent & 1)) / 2;
    char digits[24];
    snprintf(digits, sizeof digits, "1e%d", exponent);
    return strtod(digits, NULL) * (twice_exponent & 1 ? sqrt(10) : 1);
}

static struct unit unit_make(struct dimension dimension, int twice_exponent)
{
    return (struct unit){dimension, power_of_ten(twice_exponent), twice_exponent};
}

/* Beyond a power of 10^10000 the scale is infinite or zero anyway, and nothing may overflow on the way there. */
static int bounded_exponent(int twice_exponent)
{
    enum { BOUND = 20000 };
    return twice_exponent < -BOUND ? -BOUND : twice_exponent > BOUND ? BOUND : twice_exponent;
}

struct unit unit_one(void)
{
    return unit_make((struct dimension){{0}}, 0);
}

struct unit unit_product(struct unit a, struct unit b)
{
    return unit_make(dimension_product(a.dimension, b.dimension), bounded_exponent(a.twice_exponent + b.twice_exponent));
}

struct unit unit_quotient(struct unit a, struct unit b)
{
    return unit_make(dimension_quotient(a.dimension, b.dimension), bounded_exponent(a.twice_exponent - b.twice_exponent));
}

bool unit_power(struct unit a, int twice_exponent, struct unit *out)
{
    struct dimension dimension;
    long four_times = (long)a.twice_exponent * twice_exponent;
    if (!dimension_power(a.dimension, twice_exponent, &dimension) || four_times % 2 != 0 || labs(four_times / 4) > DBL_MAX_10_EXP)
        return false;
    *out = unit_make(dimension, (int)(four_times / 2));
    return true;
}

static bool is_stem(const struct stem *stem, const char *name, size_t length)
{
    return strlen(stem->name) == length && memcmp(stem->name, name, length) == 0;
}

bool unit_find(const char *name, size_t length, struct unit *out)
{
    for (int k = 0; k < STEM_COUNT && length > 0; k++) {
        if (is_stem(&stems[k], name, length)) {
            *out = unit_make(stems[k].dimension, 2 * stems[k].exponent);
            return true;
        }
        if (strchr(stems[k].prefixes, name[0]) && is_stem(&stems[k], name + 1, length - 1)) {
            *out = unit_make(stems[k].dimension, 2 * (stems[k].exponent + prefix_exponent(name[0])));
            return true;
        }
    }
    return false;
}

const char *unit_nearest(const char *name, char *text, size_t size)
{
    const char *nearest = NULL;
    int best = name_distance_near(name) + 1;
    for (int k = 0; k < STEM_COUNT; k++) {
        const char *prefix = stems[k].prefixes;
        int prefix_length = 0; /* first the stem alone, then behind each prefix */
        do {
            char candidate[32];
            snprintf(candidate, sizeof candidate, "%.*s%s", prefix_length, prefix, stems[k].name);
            int distance = name_distance(name, candidate);
            if (distance < best) {
                best = distance;
                snprintf(text, size, "%s", candidate);
                nearest = text;
            }
            prefix += prefix_length;
            prefix_length = 1;
        } while (*prefix);
    }
    return nearest;
}

/* ---- what a modeller calls a dimension --------------------------------------------------------------------------------- */

/* The first stem that has a dimension. The table is ordered so that it is the everyday name: hertz, not becquerel. */
static const char *common_name(struct dimension dimension)
{
    for (int k = 0; k < STEM_COUNT; k++)
        if (dimension_equal(stems[k].dimension, dimension))
            return stems[k].name;
    return NULL;
}

static const char *write_product(struct dimension dimension, char *text, size_t size)
{
    static const char *const symbols[BASE_QUANTITIES] = {"m", "kg", "s", "A", "K", "mol", "cd", "(unit of the port)"};
    size_t used = 0;
    for (int k = 0; k < BASE_QUANTITIES && used < size; k++) {
        if (dimension.twice[k] == 0)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", symbols[k]);
        if (dimension.twice[k] != 2 && used < size)
            used += (size_t)snprintf(text + used, size - used, "^%g", dimension.twice[k] / 2.0);
    }
    return text;
}

const char *dimension_text(struct dimension dimension, char *text, size_t size)
{
    static const struct {
        const char *text;
        struct dimension dimension;
    } divisors[] = {
        {"", DIMENSION(0, 0, 0, 0, 0, 0, 0)},
        {"/second", DIMENSION(0, 0, 1, 0, 0, 0, 0)},
        {"/metre^2", DIMENSION(2, 0, 0, 0, 0, 0, 0)},
    };
    if (dimension_none(dimension)) {
        snprintf(text, size, "1");
        return text;
    }
    for (size_t k = 0; k < sizeof divisors / sizeof divisors[0]; k++) {
        struct dimension whole = dimension_product(dimension, divisors[k].dimension);
        const char *name = dimension_none(whole) ? NULL : common_name(whole);
        if (name) {
            snprintf(text, size, "%s%s", name, divisors[k].text);
            return text;
        }
    }
    return write_product(dimension, text, size);
}
