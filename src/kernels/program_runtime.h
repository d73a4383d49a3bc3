/* What the text of a compiled program reads its leaves with: the names that runtime.h gives to the leaves of nodes, here for
 * LANES values of struct interpreter_leaves. Only texts of emit_programs.c include it. */

struct frame {
    const struct interpreter_leaves *leaves;
    const double *shared;
    lanes time, step, index; /* of the program at hand, where it reads them */
    lanes_mask not_refractory;
};

#define HOOK static inline __attribute__((always_inline, unused))

HOOK lanes slot_load(const struct frame *f, int slot)
{
    return lanes_load(f->leaves->slots + (unsigned long)slot * LANES);
}

HOOK lanes input_load(const struct frame *f, int input)
{
    return lanes_load(f->leaves->inputs + (unsigned long)input * LANES);
}

HOOK lanes argument_load(const struct frame *f, int slot)
{
    return lanes_load(f->leaves->argument + (unsigned long)slot * LANES);
}

#define y(k) lanes_load(f->leaves->states + (k)*LANES)
