/* `glion COMMAND …`: finds the command in a table and runs it on every rank.
 *
 * A command leaves with a status and one message, the same on every rank; rank 0 prints it here, in the look of a compiler: the
 * place in a file, or else "glion", then "error:". The exit status is 0, 1 (something went wrong while running) or 2 (the input
 * is wrong). Only lost peers and exhausted memory end the program in another way: with MPI_Abort. */
#include <ctype.h>
#include <hdf5.h>
#include <mpi.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/singleton.h"
#include "cli/waiting.h"
#include "support/nearest.h"

static const struct command *const commands[] = {&command_run, &command_check, &command_explain, &command_models,
                                                 &command_connections};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

/* ---- help ---------------------------------------------------------------------------------------------------------------- */

static void print_overview(void)
{
    printf("Glion simulates networks of spiking neurons and astrocytes.\n\n");
    for (int k = 0; k < N_COMMANDS; k++)
        printf("glion %s\n    %s\n", commands[k]->usage, commands[k]->text);
    printf("glion COMMAND --help\n    explain a command\n"
           "glion --version\n    say which versions of Glion, MPI and HDF5 these are\n\n"
           "Under MPI: mpirun -n RANKS glion COMMAND …\n");
}

static void print_command_help(const struct command *command)
{
    printf("usage: glion %s\n\n%s\n\n%s", command->usage, command->text, command->help);
}

static void print_version(void)
{
    char library[MPI_MAX_LIBRARY_VERSION_STRING];
    int length, version, subversion;
    unsigned major, minor, release;
    MPI_Get_library_version(library, &length);
    MPI_Get_version(&version, &subversion);
    H5get_libversion(&major, &minor, &release);
    printf("glion %s\nMPI %d.%d: %.*s\nHDF5 %u.%u.%u\n", GLION_VERSION, version, subversion, (int)strcspn(library, ",\n"),
           library, major, minor, release);
}

/* ---- commands ------------------------------------------------------------------------------------------------------------ */

static const struct command *find_command(const char *name)
{
    for (int k = 0; k < N_COMMANDS; k++)
        if (strcmp(commands[k]->name, name) == 0)
            return commands[k];
    return NULL;
}

static int unknown_command(const char *name, struct fault *fault)
{
    const char *known[N_COMMANDS + 2] = {"--help", "--version"};
    for (int k = 0; k < N_COMMANDS; k++)
        known[k + 2] = commands[k]->name;
    const char *nearest = nearest_name(name, known, N_COMMANDS + 2);
    const char *what = name[0] == '-' ? "option" : "command";
    if (nearest)
        return fault_input(fault, "unknown %s '%.80s'; did you mean '%s'?", what, name, nearest);
    return fault_input(fault, "unknown %s '%.80s'; 'glion --help' lists what there is", what, name);
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int k = 0; k < argc && strcmp(argv[k], "--") != 0; k++)
        if (is_help(argv[k]))
            return true;
    return false;
}

static int execute(int argc, char **argv, MPI_Comm communicator, struct fault *fault)
{
    int rank;
    MPI_Comm_rank(communicator, &rank);
    if (argc < 2)
        return fault_input(fault, "a command is missing; 'glion --help' lists them");
    const struct command *command = find_command(argv[1]);
    if (command && !asks_for_help(argc - 2, argv + 2))
        return command->run(argc - 2, argv + 2, communicator, fault);
    if (!command && !is_help(argv[1]) && strcmp(argv[1], "--version") != 0)
        return unknown_command(argv[1], fault);
    if (rank != 0)
        return FAULT_NONE;
    if (command)
        print_command_help(command);
    else if (is_help(argv[1]))
        print_overview();
    else
        print_version();
    return FAULT_NONE;
}

/* ---- standard output and standard error ---------------------------------------------------------------------------------- */

/* Did the reader of a pipe leave? `glion models | head` is no mistake of anybody. */
static bool reader_left(int file)
{
    struct pollfd state = {.fd = file, .events = POLLOUT};
    return poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0;
}

static int finish_output(struct fault *fault)
{
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    return lost && !reader_left(STDOUT_FILENO) ? fault_run(fault, "cannot write to standard output") : FAULT_NONE;
}

/* A message may repeat arguments and file names of any bytes; none of them must command the terminal. */
static void make_harmless(char *text)
{
    for (char *at = text; *at; at++)
        if (iscntrl((unsigned char)*at) && *at != '\n')
            *at = '?';
}

/* A message about a place in a file brings its own beginning. */
static void print_fault(struct fault *fault)
{
    bool says_place = strstr(fault->text, ": error: ") != NULL, says_error = strncmp(fault->text, "error: ", 7) == 0;
    make_harmless(fault->text);
    fprintf(stderr, "%s%s\n", says_place ? "" : says_error ? "glion: " : "glion: error: ", fault->text);
}

/* ---- the process --------------------------------------------------------------------------------------------------------- */

static void stop_all_ranks(void)
{
    MPI_Abort(MPI_COMM_WORLD, FAULT_RUN);
}

/* A call of MPI that failed leaves no way to agree on anything. */
static void stop_on_mpi_error(MPI_Comm *communicator, int *code, ...)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length, rank = -1;
    MPI_Error_string(*code, text, &length);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    fprintf(stderr, "glion: error: MPI failed on rank %d: %s\n", rank, text);
    stop_all_ranks();
}

/* The ranks of this program, apart from what libraries send to each other. */
static void communicator_create(MPI_Comm *communicator)
{
    MPI_Errhandler handler;
    MPI_Comm_dup(MPI_COMM_WORLD, communicator);
    MPI_Comm_create_errhandler(stop_on_mpi_error, &handler);
    MPI_Comm_set_errhandler(*communicator, handler);
    MPI_Errhandler_free(&handler);
}

static int run_ranks(int argc, char **argv)
{
    struct fault fault = {0};
    MPI_Comm communicator;
    int provided, rank;
    signal(SIGPIPE, SIG_IGN); /* a run does not end because nobody reads its progress any more */
    singleton_prepare();
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    memory_on_exhaustion(stop_all_ranks);
    communicator_create(&communicator);
    MPI_Comm_rank(communicator, &rank);

    int status = provided < MPI_THREAD_FUNNELED ? fault_run(&fault, "this MPI library does not allow threads")
                                                : execute(argc, argv, communicator, &fault);
    if (rank == 0)
        status = status ? status : finish_output(&fault);
    if (rank == 0 && status) {
        fflush(stdout);
        print_fault(&fault);
    }
    fault_clear(&fault);
    MPI_Comm_free(&communicator);
    MPI_Finalize();
    return status;
}

/* Everything else is compiled for processors that this function does not ask for. */
__attribute__((target("arch=x86-64"))) int main(int argc, char **argv)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2")) {
        fputs(
            "glion: error: this processor is too old: Glion needs AVX2, FMA and BMI2 (x86-64-v3: Intel since Haswell, AMD since "
            "Zen)\n",
            stderr);
        return FAULT_INPUT;
    }
    waiting_prepare(argv);
    return run_ranks(argc, argv);
}
