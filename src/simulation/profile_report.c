/* The profile: what each part of the step loop spent on each population and connection, over all threads and ranks. */
#include <stdio.h>

#include "simulation/run_report.h"

struct part {
    const char *text;
    enum profile_of of;
    enum engine_phase phase;
};

static const struct part parts[PROFILE_PART_COUNT] = {
#define X(name, whose, of_phase, part_text) {part_text, whose, of_phase},
    PROFILE_PARTS(X)
#undef X
};

static int n_cells(const struct plan *plan, enum profile_of of)
{
    return of == OF_POPULATION ? plan->script->n_populations : of == OF_CONNECTION ? plan->script->n_connections : 1;
}

static const char *name_of(const struct plan *plan, enum profile_of of, int which)
{
    return of == OF_POPULATION   ? plan->script->populations[which].name
           : of == OF_CONNECTION ? plan->script->connections[which].name
                                 : "";
}

static const char *unit_of(const struct plan *plan, enum profile_part what, int which)
{
    switch (what) {
    case PROFILE_PREPARE:
        return plan->connections[which].kind == CONNECTION_SPIKES ? "spikes" : "laws";
    case PROFILE_DELIVER:
        return plan->connections[which].kind == CONNECTION_SPIKES || plan->connections[which].kind == CONNECTION_PATHWAYS
                   ? "events"
               : plan->connections[which].kind == CONNECTION_EMISSION ? "draws"
                                                                      : "additions";
    case PROFILE_CLEAR:
    case PROFILE_INTEGRATE:
        return "node-steps";
    case PROFILE_TALK:
    case PROFILE_OBSERVE:
        return "intervals";
    default:
        return "spikes";
    }
}

static void add_row(struct run_report *report, const struct plan *plan, const struct engine *engine, enum profile_part what,
                    int which, int n_threads)
{
    struct profile_cell here = engine_profile(engine, what, which);
    const enum profile_of of = parts[what].of;
    bool by_threads = what == PROFILE_CLEAR || what == PROFILE_DELIVER || what == PROFILE_INTEGRATE;
    struct profile_row row = {
        .part = parts[what].text,
        .name = name_of(plan, of, which),
        .phase = engine_phase_texts[parts[what].phase],
        .unit = unit_of(plan, what, which),
        .seconds = run_report_spread(report->communicator, "", here.seconds / (by_threads ? n_threads : 1)),
    };
    MPI_Allreduce(&here.seconds, &row.processor_seconds, 1, MPI_DOUBLE, MPI_SUM, report->communicator);
    MPI_Allreduce(&here.n, &row.n, 1, MPI_UINT64_T, MPI_SUM, report->communicator);
    if (row.n)
        report->profile[report->n_profile++] = row;
}

void run_report_gather_profile(struct run_report *report, const struct plan *plan, const struct engine *engine, int n_threads)
{
    int n_rows = 0;
    for (int part = 0; part < PROFILE_PART_COUNT; part++)
        n_rows += n_cells(plan, parts[part].of);
    report->profile = MEMORY_NEW(n_rows, struct profile_row, SCRIPT);
    for (int part = 0; part < PROFILE_PART_COUNT; part++)
        for (int which = 0; which < n_cells(plan, parts[part].of); which++)
            add_row(report, plan, engine, (enum profile_part)part, which, n_threads);
}

void run_report_print_profile(const struct run_report *report)
{
    char number[32];
    if (!report->profile)
        return;
    printf("\n%-16s %-28s %10s %10s %18s %-10s %10s\n", "profile", "of", "mean (s)", "max (s)", "number", "", "ns each");
    for (int k = 0; k < report->n_profile; k++) {
        const struct profile_row *row = &report->profile[k];
        printf("%-16s %-28s %10.3f %10.3f %18s %-10s %10.2f\n", row->part, row->name, row->seconds.mean, row->seconds.maximum,
               run_report_grouped(row->n, number), row->unit, 1e9 * row->processor_seconds / (double)row->n);
    }
}
