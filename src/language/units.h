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

/* A value in this unit times `scale` is the value in SI base units. mV: scale 1e-3; uM (µmol per litre): 1e-3 mol/m^3. */
struct unit {
    struct dimension dimension;
    double scale;
};

static inline bool dimension_equal(struct dimension a, struct dimension b)
{
    for (int k = 0; k < BASE_QUANTITIES; k++)
        if (a.twice[k] != b.twice[k])
            return false;
    return true;
}

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

/* Find a unit by its name with prefix: "mV", "volt", "msiemens", "uM", "Hz". NULL-terminated or of given length; false if
 * unknown. Single-letter units (s m V A S F K C J N W …) are found too; where they may stand is the parser's business. */
bool unit_find(const char *name, size_t length, struct unit *out);
/* The known unit name nearest to a misspelt one, or NULL. */
const char *unit_nearest(const char *name);

#endif
