#include "simulation/run_report.h"

#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "support/text.h"

static const char *const phase_texts[] = {
#define X(name, text) text,
    RUN_PHASES(X)
#undef X
};

void run_report_create(const struct script *script, MPI_Comm communicator, bool quiet, struct run_report *report)
{
    int rank;
    MPI_Comm_rank(communicator, &rank);
    *report = (struct run_report){.communicator = communicator, .is_shown = rank == 0 && !quiet};
    report->n_populations = script->n_populations;
    report->n_connections = script->n_connections;
    report->nodes = MEMORY_NEW(script->n_populations, struct named_count, SCRIPT);
    report->spikes = MEMORY_NEW(script->n_populations, struct named_count, SCRIPT);
    report->connections = MEMORY_NEW(script->n_connections, struct named_count, SCRIPT);
    for (int k = 0; k < script->n_populations; k++) {
        report->nodes[k] = (struct named_count){script->populations[k].name, script->populations[k].size};
        report->spikes[k].name = script->populations[k].name;
    }
    for (int k = 0; k < script->n_connections; k++)
        report->connections[k].name = script->connections[k].name;
}

void run_report_release(struct run_report *report)
{
    memory_free(report->nodes);
    memory_free(report->spikes);
    memory_free(report->connections);
    memory_free(report->profile);
    *report = (struct run_report){0};
}

void run_report_line(const struct run_report *report, const char *format, ...)
{
    if (!report->is_shown)
        return;
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

void run_report_begin(struct run_report *report)
{
    report->phase_start = omp_get_wtime();
}

void run_report_end(struct run_report *report, enum run_phase phase)
{
    report->seconds[phase] += omp_get_wtime() - report->phase_start;
}

/* ---- over the ranks ---- */

struct named_spread run_report_spread(MPI_Comm communicator, const char *name, double value)
{
    struct named_spread result = {.name = name};
    int n_ranks;
    MPI_Comm_size(communicator, &n_ranks);
    MPI_Allreduce(&value, &result.minimum, 1, MPI_DOUBLE, MPI_MIN, communicator);
    MPI_Allreduce(&value, &result.maximum, 1, MPI_DOUBLE, MPI_MAX, communicator);
    MPI_Allreduce(&value, &result.mean, 1, MPI_DOUBLE, MPI_SUM, communicator);
    result.mean /= n_ranks;
    return result;
}

static double resident_bytes_max(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return 1024.0 * (double)usage.ru_maxrss;
}

void run_report_gather(struct run_report *report, const struct script *script, const struct engine *engine)
{
    for (int k = 0; k < RUN_PHASE_COUNT; k++)
        report->phases[report->n_phases++] = run_report_spread(report->communicator, phase_texts[k], report->seconds[k]);
    for (int k = 0; engine && k < ENGINE_PHASE_COUNT; k++)
        report->phases[report->n_phases++] = run_report_spread(report->communicator, engine_phase_texts[k],
                                                               engine_seconds(engine, (enum engine_phase)k));
    for (int k = 0; k < MEMORY_TAG_COUNT; k++)
        report->memory[report->n_memory++] = run_report_spread(report->communicator, memory_tag_text((enum memory_tag)k),
                                                               (double)memory_used((enum memory_tag)k));
    report->memory[report->n_memory++] = run_report_spread(report->communicator, "largest resident size", resident_bytes_max());
    double synapses = (double)memory_used(MEMORY_SYNAPSES);
    MPI_Allreduce(&synapses, &report->synapse_bytes, 1, MPI_DOUBLE, MPI_SUM, report->communicator);
    for (int k = 0; engine && k < script->n_populations; k++) {
        uint64_t here = engine_spikes(engine, k);
        MPI_Allreduce(&here, &report->spikes[k].n, 1, MPI_UINT64_T, MPI_SUM, report->communicator);
    }
    report->duration = engine ? (double)engine_now(engine) * script->dt : 0;
}

/* ---- the table ---- */

const char *run_report_grouped(uint64_t n, char text[32])
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), out = 0;
    for (int k = 0; k < length; k++) {
        if (k && (length - k) % 3 == 0)
            text[out++] = ',';
        text[out++] = digits[k];
    }
    text[out] = 0;
    return text;
}

static void print_populations(const struct run_report *report, const struct script *script)
{
    char nodes[32], spikes[32];
    printf("\n%-28s %-24s %14s %14s %12s\n", "population", "model", "nodes", "spikes", "rate (Hz)");
    for (int k = 0; k < report->n_populations; k++) {
        double since = (double)script_epoch_begin(script, script->populations[k].epoch) * script->dt;
        printf("%-28s %-24s %14s", report->nodes[k].name, script->populations[k].model->name,
               run_report_grouped(report->nodes[k].n, nodes));
        if (report->spikes[k].n && report->duration > since)
            printf(" %14s %12.3f", run_report_grouped(report->spikes[k].n, spikes),
                   (double)report->spikes[k].n / (double)report->nodes[k].n / (report->duration - since));
        putchar('\n');
    }
}

static void print_connections(const struct run_report *report, const struct script *script)
{
    char count[32];
    uint64_t total = 0;
    printf("\n%-28s %-24s %14s\n", "connection", "synapse", "number");
    for (int k = 0; k < report->n_connections; k++) {
        printf("%-28s %-24s %14s\n", report->connections[k].name, script->connections[k].synapse->name,
               run_report_grouped(report->connections[k].n, count));
        total += report->connections[k].n;
    }
    printf("%-28s %-24s %14s\n", "all", "", run_report_grouped(total, count));
    if (total)
        printf("%.1f bytes per connection\n", report->synapse_bytes / (double)total);
}

static void print_phases(const struct run_report *report)
{
    printf("\n%-28s %10s %10s %10s   seconds over the ranks\n", "phase", "min", "mean", "max");
    for (int k = 0; k < report->n_phases; k++)
        printf("%s%-*s %10.3f %10.3f %10.3f\n", k < RUN_PHASE_COUNT ? "" : "  ", k < RUN_PHASE_COUNT ? 28 : 26,
               report->phases[k].name, report->phases[k].minimum, report->phases[k].mean, report->phases[k].maximum);
}

static void print_memory(const struct run_report *report)
{
    const double mebibyte = 1024 * 1024;
    printf("\n%-28s %10s %10s %10s   MiB over the ranks\n", "memory", "min", "mean", "max");
    for (int k = 0; k < report->n_memory; k++)
        printf("%-28s %10.1f %10.1f %10.1f\n", report->memory[k].name, report->memory[k].minimum / mebibyte,
               report->memory[k].mean / mebibyte, report->memory[k].maximum / mebibyte);
}

void run_report_table(const struct run_report *report, const struct script *script)
{
    if (!report->is_shown)
        return;
    print_populations(report, script);
    print_connections(report, script);
    print_phases(report);
    run_report_print_profile(report);
    print_memory(report);
    fflush(stdout);
}
