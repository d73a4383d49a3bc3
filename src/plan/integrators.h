/* The methods of integration, a line each. src/plan/integrator_NAME.c says what one does with equations.
 *
 * The plan of most methods is a program, plan->update: the states at the end of the step from those at its begin. Kernels and the
 * interpreter run it without knowing the method. The adaptive one needs a loop of its own (kernels/rkf45.h). */
#ifndef GLION_PLAN_INTEGRATORS_H
#define GLION_PLAN_INTEGRATORS_H

#define INTEGRATORS(X)                                                                                                \
    X(EXACT, exact)                         /* the exact solution of linear equations */                              \
    X(EXPONENTIAL_EULER, exponential_euler) /* each equation exactly, linear in its own variable, the others fixed */ \
    X(EULER, euler)                         /* forward Euler */                                                       \
    X(RK2, rk2)                             /* second-order Runge-Kutta, the midpoint rule */                         \
    X(RK4, rk4)                             /* fourth-order Runge-Kutta */                                            \
    X(RKF45, rkf45)                         /* Runge-Kutta-Fehlberg 4(5) with adaptive sub-steps */

enum integrator {
    INTEGRATOR_NONE,
#define X(name, word) INTEGRATOR_##name,
    INTEGRATORS(X)
#undef X
        INTEGRATOR_COUNT
};

extern const char *const integrator_names[INTEGRATOR_COUNT]; /* "none" is not a method that a model can name */
extern const char *const method_names[]; /* those that it can: NULL-terminated, the vocabulary for script_check */

#endif
