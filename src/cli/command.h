/* The commands of `glion`: one file each, and one line in the table of main.c. */
#ifndef GLION_CLI_COMMAND_H
#define GLION_CLI_COMMAND_H

#include <mpi.h>

#include "language/script.h"
#include "support/fault.h"
#include "support/memory.h"

struct command {
    const char *name;
    const char *usage; /* "run FILE [-D NAME=EXPR]... ..." */
    const char *text;  /* one line for --help */
    const char *help;  /* what `glion NAME --help` says below the usage, one line per option */
    /* Collective: runs on every rank with the same arguments (without the command's name). What it prints, rank 0 prints. A fault
     * is the same on every rank; main prints it, once. */
    int (*run)(int argc, char **argv, MPI_Comm communicator, struct fault *fault);
};

extern const struct command command_run, command_check, command_explain, command_models, command_connections;

/* ---- arguments.c: options may stand anywhere; "--" ends them ------------------------------------------------------------ */

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_COUNT, OPTION_OVERRIDE };

struct option {
    const char *name;      /* "--threads", "-o" */
    enum option_kind kind; /* FLAG: bool; TEXT: const char *; COUNT: int, at least 1; OVERRIDE: struct overrides, NAME=EXPR */
    void *value;           /* false, NULL, 0 or no items at first, which is what stays when the option is not given */
};

struct overrides {
    struct override *items; /* [n], in the arena that was given */
    int n;
    struct arena *arena;
};

/* Sort argv into options and operands; operands[n_operands_max] are NULL where there are fewer. A value follows its option, or is
 * joined to it: -o DIR, -oDIR, --threads 2, --threads=2. Texts point into argv.
 * Faults (input): an unknown option (with the nearest known one), a missing or malformed value, a repeated option, too few or too
 * many operands; each says what the usage is. */
int arguments_parse(const struct command *command, int argc, char **argv, const struct option *options, int n_options,
                    const char **operands, int n_operands_min, int n_operands_max, struct fault *fault);

#endif
