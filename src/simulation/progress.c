#include "simulation/progress.h"

#include <fcntl.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Launchers give ranks a terminal of their own whatever theirs is: then what counts is where the launcher, our parent, writes to.
 */
static bool writes_to_terminal(void)
{
    if (!isatty(STDOUT_FILENO))
        return false;
    if (!getenv("OMPI_COMM_WORLD_SIZE") && !getenv("PMIX_RANK"))
        return true;
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/fd/1", (long)getppid());
    int file = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    bool is_terminal = file >= 0 && isatty(file);
    if (file >= 0)
        close(file);
    return is_terminal;
}

void progress_begin(bool is_shown, step_count total, double dt, struct progress *progress)
{
    *progress = (struct progress){
        .is_shown = is_shown, .is_terminal = writes_to_terminal(), .total = total, .dt = dt, .start = omp_get_wtime()};
}

/* Seconds of wall time per second of model time, as NEST's users know it; below 1 is faster than life. */
static void print_state(const struct progress *progress, step_count done, double elapsed)
{
    double simulated = (double)done * progress->dt;
    double left = elapsed / (double)done * (double)(progress->total - done);
    printf("%8.1f of %.1f ms   real-time factor %.2f   %.0f s left", simulated * 1e3,
           (double)progress->total * progress->dt * 1e3, elapsed / simulated, left);
}

static void draw_bar(struct progress *progress, step_count done, double now)
{
    enum { WIDTH = 30 };
    const double redraw = 0.2; /* seconds */
    if (now - progress->last_drawn < redraw && done < progress->total)
        return;
    progress->last_drawn = now;
    int filled = (int)(WIDTH * done / progress->total);
    printf("\r[%.*s%*s] ", filled, "##############################", WIDTH - filled, "");
    print_state(progress, done, now - progress->start);
    printf("   ");
    fflush(stdout);
}

static void print_tenth(struct progress *progress, step_count done, double now)
{
    int tenths = (int)(10 * done / progress->total);
    if (tenths == progress->tenths)
        return;
    progress->tenths = tenths;
    printf("%3d %%  ", 10 * tenths);
    print_state(progress, done, now - progress->start);
    putchar('\n');
    fflush(stdout);
}

static int progress_interval(void *context, const struct interval_view *view, struct fault *fault)
{
    struct progress *progress = context;
    if (!progress->is_shown || view->end == view->begin)
        return 0;
    double now = omp_get_wtime();
    if (progress->is_terminal)
        draw_bar(progress, view->end, now);
    else
        print_tenth(progress, view->end, now);
    return 0;
}

struct observer progress_observer(struct progress *progress)
{
    return (struct observer){progress, progress_interval};
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown && progress->is_terminal && progress->last_drawn > 0)
        putchar('\n');
}
