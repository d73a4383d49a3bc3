/* The methods of integration, a line each. src/plan/integrator_NAME.c says what one does with equations.
 *
 * The plan of most methods is a program, plan->update: the states at the end of the step from those at its begin. Kernels and the
 * interpreter run it without knowing the method. The adaptive one needs a loop of its own (kernels/rkf45.h). */
#ifndef GLION_PLAN_INTEGRATORS_H
#define GLION_PLAN_INTEGRATORS_H

#define INTEGRATORS(X)                                                                                                      \
    X(EXACT, exact, NONE)                         /* the exact solution of linear equations */                              \
    X(EXPONENTIAL_EULER, exponential_euler, NONE) /* each equation exactly, linear in its own variable, the others fixed */ \
    X(EULER, euler, ADDITIVE)                     /* forward Euler; Euler-Maruyama */                                       \
    X(RK2, rk2, NONE)                             /* second-order Runge-Kutta, the midpoint rule */                         \
    X(RK4, rk4, NONE)                             /* fourth-order Runge-Kutta */                                            \
    X(RKF45, rkf45, NONE)                         /* Runge-Kutta-Fehlberg 4(5) with adaptive sub-steps */                   \
    X(HEUN, heun, ANY)                            /* stochastic Heun: Stratonovich */                                       \
    X(MILSTEIN, milstein, ANY)                    /* derivative-free Milstein: Stratonovich, diagonal noise */

/* The noise, in dx/dt = f + g*xi, that a method can integrate. */
enum integrator_noise {
    INTEGRATOR_NOISE_NONE,
    INTEGRATOR_NOISE_ADDITIVE, /* g is the same over a step */
    INTEGRATOR_NOISE_ANY,
};

enum integrator {
    INTEGRATOR_NONE,
#define X(name, word, noise) INTEGRATOR_##name,
    INTEGRATORS(X)
#undef X
        INTEGRATOR_COUNT
};

extern const char *const integrator_names[INTEGRATOR_COUNT]; /* "none" is not a method that a model can name */
extern const char *const method_names[]; /* those that it can: NULL-terminated, the vocabulary for script_check */

#endif
