#include "cli/command.h"

#include <glion/glion.h>
#include <signal.h>
#include <stdlib.h>

#include "support/memory.h"

/* The one thing that a signal handler can reach. */
static volatile int stop_signal;

static void ask_to_stop(int number)
{
    stop_signal = number;
}

/* All ranks stop together at the end of the interval and close their recordings; a second signal kills as usual. */
static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int run(int argc, char **argv, MPI_Comm communicator, struct fault *fault)
{
    struct glion_options options = {.stop_signal = &stop_signal};
    struct overrides overrides = {.arena = arena_create()};
    const struct option table[] = {
        {"-D", OPTION_OVERRIDE, &overrides},
        {"-o", OPTION_TEXT, &options.folder},
        {"--threads", OPTION_COUNT, &options.n_threads},
        {"--partition", OPTION_TEXT, &options.partition},
        {"--float64", OPTION_FLAG, &options.float64},
        {"--interpret", OPTION_FLAG, &options.interpret},
        {"--force", OPTION_FLAG, &options.force},
        {"--profile", OPTION_FLAG, &options.profile},
    };
    char *message = NULL;
    int status = arguments_parse(&command_run, argc, argv, table, sizeof table / sizeof table[0], &options.file, 1, 1, fault);
    if (!status) {
        struct glion_override *named = ARENA_NEW(overrides.arena, overrides.n, struct glion_override);
        for (int k = 0; k < overrides.n; k++)
            named[k] = (struct glion_override){overrides.items[k].name, overrides.items[k].text};
        options.overrides = named;
        options.n_overrides = overrides.n;
        watch_signals();
        status = glion_run(&options, communicator, &message);
        if (status)
            fault_take(fault, status, message);
    }
    arena_destroy(&overrides.arena);
    return status;
}

const struct command command_run = {
    .name = "run",
    .usage = "run FILE [-D NAME=EXPR]... [-o DIR] [--threads N] [--partition NAME] [--float64] [--interpret] [--force] "
             "[--profile]",
    .text = "build and simulate a network, and record what it asks for",
    .help = "  -D NAME=EXPR      replace the value of a `let`: same type, same dimension\n"
            "  -o DIR            output folder; default out/ and the file's name\n"
            "  --threads N       threads of each rank; default OMP_NUM_THREADS, or a share of the cores\n"
            "  --partition NAME  how nodes are spread over the ranks; default round_robin\n"
            "  --float64         reports in double precision\n"
            "  --interpret       do not compile kernels: slower, the same bits\n"
            "  --force           replace an existing output folder\n"
            "  --profile         say what each population and connection cost, at the end and in run.json\n",
    .run = run,
};
