/* The Damerau-Levenshtein distance (optimal string alignment): three rows of the table of distances between all prefixes. */
#include "support/nearest.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

enum { LENGTH_MAX = 64, EDIT = 2, WRONG_CASE = 1 };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int replacement(char a, char b)
{
    if (a == b)
        return 0;
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? WRONG_CASE : EDIT;
}

int name_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > LENGTH_MAX || m > LENGTH_MAX)
        return INT_MAX;
    int rows[3][LENGTH_MAX + 1]; /* row k is rows[k % 3]: distances between the first k characters of a and all prefixes of b */
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (int)j * EDIT;
    for (size_t i = 1; i <= n; i++) {
        int *row = rows[i % 3], *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = (int)i * EDIT;
        for (size_t j = 1; j <= m; j++) {
            row[j] = smaller(above[j - 1] + replacement(a[i - 1], b[j - 1]), smaller(above[j], row[j - 1]) + EDIT);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], two_above[j - 2] + EDIT);
        }
    }
    return rows[n % 3][m];
}

int name_distance_near(const char *name)
{
    size_t length = strlen(name);
    if (length < 2)
        return WRONG_CASE;
    return length < 6 ? EDIT : (int)(length / 3) * EDIT;
}

/* The shortest known name that begins with what was written: "tau_syn" for "tau_syn_ex". */
static const char *continued_name(const char *name, const char *const *known, int n_known)
{
    enum { LETTERS_MIN = 3 };
    const char *shortest = NULL;
    size_t length = strlen(name);
    for (int k = 0; length >= LETTERS_MIN && k < n_known; k++)
        if (!strncmp(name, known[k], length) && (!shortest || strlen(known[k]) < strlen(shortest)))
            shortest = known[k];
    return shortest;
}

const char *nearest_name(const char *name, const char *const *known, int n_known)
{
    const char *nearest = NULL;
    int best = name_distance_near(name);
    for (int k = 0; k < n_known; k++) {
        int distance = name_distance(name, known[k]);
        if (distance < best || (distance == best && !nearest)) {
            best = distance;
            nearest = known[k];
        }
    }
    return nearest ? nearest : continued_name(name, known, n_known);
}
