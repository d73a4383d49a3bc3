/* Dimensions and units.
 *
 * A dimension holds the exponents of the seven SI base quantities, doubled, so that square roots stay integers
 * (noise has second^-0.5). An eighth exponent stands for the unit of the port that a synapse will meet (`: port`): a library
 * synapse is checked with it as an unknown, and it is replaced when the synapse is connected. */
#ifndef GLION_LANGUAGE_UNITS_H
#define GLION_LANGUAGE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum base_quantity { METRE, KILOGRAM, SECOND, AMPERE, KELVIN, MOLE, CANDELA, PORT, BASE_QUANTITIES };

struct dimension {
    int8_t twice[BASE_QUANTITIES]; /* exponent times two */
};

/* A value in this unit times `scale` is the value in SI base units. mV: scale 1e-3; uM (µmol per litre): 1e-3 mol/m^3.
 * All units are SI units times a power of ten; `twice_exponent` keeps that power, so that the scale of a product (nS/ms) is the
 * correctly rounded 1e-6 and not a quotient of rounded numbers. */
struct unit {
    struct dimension dimension;
    double scale;       /* 10^(twice_exponent/2) */
    int twice_exponent; /* the decimal exponent times two, as dimensions are doubled */
};

static inline bool dimension_equal(struct dimension a, struct dimension b)
{
    for (int k = 0; k < BASE_QUANTITIES; k++)
        if (a.twice[k] != b.twice[k])
            return false;
    return true;
}

/* Exponents beyond an int8_t stay at its bounds: nothing physical comes near. */
struct dimension dimension_product(struct dimension a, struct dimension b);
struct dimension dimension_quotient(struct dimension a, struct dimension b);
/* a raised to twice_exponent/2; false if an exponent would not be a multiple of 1/2 or leaves its range */
bool dimension_power(struct dimension a, int twice_exponent, struct dimension *out);
bool dimension_none(struct dimension a); /* dimensionless? */
/* replace the port's unknown dimension */
struct dimension dimension_at_port(struct dimension a, struct dimension port);

/* Write what a modeller calls this dimension: a common name where there is one ("mV" has dimension "volt"), else a product of
 * base units ("kg m^2 s^-3 A^-1"), "1" when dimensionless. Returns text. */
const char *dimension_text(struct dimension dimension, char *text, size_t size);

struct unit unit_one(void); /* dimensionless, scale 1 */
struct unit unit_product(struct unit a, struct unit b);
struct unit unit_quotient(struct unit a, struct unit b);
/* false as for dimension_power, or if the scale leaves the range of doubles */
bool unit_power(struct unit a, int twice_exponent, struct unit *out);

/* Find a unit by its name with prefix: "mV", "volt", "msiemens", "uM", "Hz". NULL-terminated or of given length; false if
 * unknown. Single-letter units (s m V A S F K C J N W …) are found too; where they may stand is the parser's business. */
bool unit_find(const char *name, size_t length, struct unit *out);
/* Write the known unit name nearest to a misspelt one. Returns text, or NULL if none is near. */
const char *unit_nearest(const char *name, char *text, size_t size);

#endif
