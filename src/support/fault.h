/* One way to report errors.
 *
 * A function that can fail returns int: 0 when it succeeded, else the status below, and then the fault that was passed in
 * holds the whole message, ready to print. The first fault stands: functions return at once (TRY), so nothing is overwritten.
 * Broken invariants are not faults: they are asserted. Memory that runs out stops the run (memory.h). */
#ifndef GLION_SUPPORT_FAULT_H
#define GLION_SUPPORT_FAULT_H

enum {
    FAULT_NONE = 0,
    FAULT_RUN = 1,   /* something went wrong while running: NaN, disk full, a lost file; exit status 1 */
    FAULT_INPUT = 2, /* the user's input is wrong: network file, option, data file, resources; exit status 2 */
};

struct fault {
    int status; /* FAULT_NONE when nothing happened; zero-initialise */
    char *text; /* owned; complete message without a final newline; NULL when nothing happened */
};

/* Store a message (printf format) and return the status, so that a caller writes `return fault_input(fault, "…", …);`.
 * A fault that is already set is kept. */
int fault_input(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fault_run(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same with a text that was made elsewhere; takes ownership of `text` (malloc'd). */
int fault_take(struct fault *fault, int status, char *text);
void fault_clear(struct fault *fault);

#define TRY(expression)                 \
    do {                                \
        int try_status_ = (expression); \
        if (try_status_)                \
            return try_status_;         \
    } while (0)

#endif
