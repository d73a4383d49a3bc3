/* step_value(times, values, t, before): the value of the last time that t has reached, and `before` until the first.
 *
 * The lists stand behind a shared table, which says at `slot` where (plan/lower.h). Also part of every generated kernel. */

/* How many of the ascending times have been reached. */
HOOK long step_value_reached(const double *times, long n, double t)
{
    long reached = 0;
    while (n > 0) {
        long half = n / 2;
        if (times[reached + half] <= t) {
            reached += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return reached;
}

/* Lanes mostly share the time, so it is looked up anew only where it differs. */
HOOK lanes step_value(const double *shared, int slot, lanes t, lanes before)
{
    _Alignas(LANES_ALIGNMENT) double time[LANES_WIDTH], value[LANES_WIDTH];
    const long n = (long)shared[slot + 1];
    const double *times = shared + (long)shared[slot], *values = times + n;
    long reached = 0;
    lanes_store(time, t);
    lanes_store(value, before);
    for (int lane = 0; lane < LANES_WIDTH; lane++) {
        if (lane == 0 || time[lane] != time[lane - 1])
            reached = step_value_reached(times, n, time[lane]);
        if (reached > 0)
            value[lane] = values[reached - 1];
    }
    return lanes_load(value);
}
