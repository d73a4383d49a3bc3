/* What is looked up in lists: step_value(times, values, t, before), the value of the last time that t has reached and `before`
 * until the first; and the element of an array.
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

/* The row or column that is nearest; NaN goes to the first. */
HOOK long array_place(double place, double n)
{
    return place > 0 ? (long)(place < n ? place : n - 1) : 0;
}

/* The table has from `slot` on: where the array begins, its rows and columns (ARRAY_… in plan/lower.h). */
HOOK lanes array_element(const double *shared, int slot, lanes row, lanes column)
{
    _Alignas(LANES_ALIGNMENT) double rows[LANES_WIDTH], columns[LANES_WIDTH], value[LANES_WIDTH];
    const double *values = shared + (long)shared[slot];
    const double n_rows = shared[slot + 1], n_columns = shared[slot + 2];
    lanes_store(rows, row);
    lanes_store(columns, column);
    for (int lane = 0; lane < LANES_WIDTH; lane++)
        value[lane] = values[array_place(rows[lane], n_rows) * (long)n_columns + array_place(columns[lane], n_columns)];
    return lanes_load(value);
}
