/* Equations with noise, dx_k/dt = f_k(x, t) + sum over m of g_km(x, t) xi_m, and what their integrators are made of. */
#ifndef GLION_PLAN_NOISE_H
#define GLION_PLAN_NOISE_H

#include "plan/integrator.h"

/* The right sides at a stage. */
struct noisy_rates {
    struct lowered *drift; /* f, [n_states] */
    struct lowered *noise; /* g, [n_states*n_noises] at k*n_noises + m; meaningful where has_noise */
    bool *has_noise;       /* likewise */
};

/* At the given states and time (NULL: of the begin of the step). False if some noise is not a factor of a term. */
bool noisy_rates(struct lowering *lowering, const struct node_plan *plan, const struct lowered *states,
                 const struct lowered *time, struct noisy_rates *rates, struct obstacle *obstacle);

/* Make those 0 that stand still while refractory, where others see what comes of them within the step. */
void noisy_rates_stand(struct lowering *lowering, const struct node_plan *plan, struct noisy_rates *rates);

/* The change of the Wiener process m over the step, sqrt(dt) times a standard normal number of the node and the step; of a
 * synapse it is OPCODE_NORMAL, slot m. */
struct lowered noise_increment(struct lowering *lowering, int m);
struct lowered noise_root_of_dt(struct lowering *lowering);

/* x + dt f + the sum over m of dW_m g_m, for each state: Euler's step. */
struct lowered *noise_euler_step(struct lowering *lowering, const struct node_plan *plan, const struct noisy_rates *rates);
/* *sum += a*b */
void add_product(struct lowering *lowering, struct lowered *sum, struct lowered a, struct lowered b);

/* Is every g the same over a step? Asked of rates at the begin of the step, in the program at hand; *culprit says where not. */
bool noise_is_additive(const struct lowering *lowering, const struct node_plan *plan, const struct noisy_rates *rates,
                       struct obstacle *obstacle);

#endif
