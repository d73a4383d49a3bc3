/* The arguments of a command. Every rank has the same ones, so every rank comes to the same result without a word. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "support/nearest.h"

/* Longer arguments are cut in messages. */
#define SHOWN "%.80s"

/* All but --help stand in `options`. */
struct arguments {
    const struct command *command;
    int argc;
    char **argv;
    int next; /* in argv */
    const struct option *options;
    int n_options;
};

/* The end of every message. */
#define USAGE "\nusage: glion %s"

static bool is_long(const char *name)
{
    return name[1] == '-';
}

/* The part of an argument that names an option: "--threads" of "--threads=2", "-o" of "-oDIR". */
static size_t name_length(const char *argument)
{
    return is_long(argument) ? strcspn(argument, "=") : 2;
}

static const struct option *find_option(const struct arguments *arguments, const char *argument)
{
    size_t length = name_length(argument);
    for (int k = 0; k < arguments->n_options; k++) {
        const char *name = arguments->options[k].name;
        if (strlen(name) == length && strncmp(name, argument, length) == 0)
            return &arguments->options[k];
    }
    return NULL;
}

static int unknown_option(const struct arguments *arguments, const char *argument, struct fault *fault)
{
    enum { KNOWN_MAX = 32 };
    const char *known[KNOWN_MAX] = {"--help"};
    int n_known = 1;
    for (int k = 0; k < arguments->n_options && n_known < KNOWN_MAX; k++)
        known[n_known++] = arguments->options[k].name;
    const char *usage = arguments->command->usage;
    char *name = strndup(argument, is_long(argument) ? name_length(argument) : strlen(argument));
    if (!name)
        memory_exhausted(strlen(argument) + 1);
    const char *nearest = nearest_name(name, known, n_known);
    int status = nearest ? fault_input(fault, "unknown option '" SHOWN "'; did you mean '%s'?" USAGE, name, nearest, usage)
                         : fault_input(fault, "unknown option '" SHOWN "'" USAGE, name, usage);
    free(name);
    return status;
}

static int repeated(const struct arguments *arguments, const struct option *option, struct fault *fault)
{
    return fault_input(fault, "%s is given twice" USAGE, option->name, arguments->command->usage);
}

/* The value that is joined to its option, or follows it; NULL if there is none. */
static const char *take_value(struct arguments *arguments, const char *argument)
{
    size_t length = name_length(argument);
    if (argument[length] != '\0')
        return argument + length + (argument[length] == '=');
    return arguments->next < arguments->argc ? arguments->argv[arguments->next++] : NULL;
}

static int set_flag(const struct arguments *arguments, const struct option *option, const char *argument, struct fault *fault)
{
    bool *flag = option->value;
    if (argument[name_length(argument)] != '\0')
        return fault_input(fault, "%s takes no value, but '" SHOWN "' was given" USAGE, option->name, argument,
                           arguments->command->usage);
    if (*flag)
        return repeated(arguments, option, fault);
    *flag = true;
    return FAULT_NONE;
}

static int set_text(const struct arguments *arguments, const struct option *option, const char *text, struct fault *fault)
{
    const char **out = option->value;
    if (*out)
        return repeated(arguments, option, fault);
    *out = text;
    return FAULT_NONE;
}

static int set_count(const struct arguments *arguments, const struct option *option, const char *text, struct fault *fault)
{
    int *count = option->value;
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (*count)
        return repeated(arguments, option, fault);
    if (end == text || *end != '\0' || errno || number < 1 || number > INT_MAX)
        return fault_input(fault, "%s needs a whole number of at least 1, not '" SHOWN "'" USAGE, option->name, text,
                           arguments->command->usage);
    *count = (int)number;
    return FAULT_NONE;
}

static int add_override(const struct arguments *arguments, const struct option *option, const char *text, struct fault *fault)
{
    struct overrides *overrides = option->value;
    const char *sign = strchr(text, '=');
    if (!sign || sign == text || sign[1] == '\0')
        return fault_input(fault, "%s needs NAME=EXPR, not '" SHOWN "'" USAGE, option->name, text, arguments->command->usage);
    const char *name = arena_text(overrides->arena, text, (size_t)(sign - text));
    for (int k = 0; k < overrides->n; k++)
        if (strcmp(overrides->items[k].name, name) == 0)
            return fault_input(fault, "%s gives '" SHOWN "' a value twice" USAGE, option->name, name, arguments->command->usage);
    if (!overrides->items) /* there cannot be more of them than arguments */
        overrides->items = ARENA_NEW(overrides->arena, arguments->argc, struct override);
    overrides->items[overrides->n++] = (struct override){.name = name, .text = sign + 1};
    return FAULT_NONE;
}

static int set_option(struct arguments *arguments, const char *argument, struct fault *fault)
{
    const struct option *option = find_option(arguments, argument);
    if (!option)
        return unknown_option(arguments, argument, fault);
    if (option->kind == OPTION_FLAG)
        return set_flag(arguments, option, argument, fault);
    const char *value = take_value(arguments, argument);
    if (!value)
        return fault_input(fault, "%s needs a value" USAGE, option->name, arguments->command->usage);
    switch (option->kind) {
    case OPTION_COUNT:
        return set_count(arguments, option, value, fault);
    case OPTION_OVERRIDE:
        return add_override(arguments, option, value, fault);
    default:
        return set_text(arguments, option, value, fault);
    }
}

int arguments_parse(const struct command *command, int argc, char **argv, const struct option *options, int n_options,
                    const char **operands, int n_operands_min, int n_operands_max, struct fault *fault)
{
    struct arguments arguments = {.command = command, .argc = argc, .argv = argv, .options = options, .n_options = n_options};
    bool options_ended = false;
    int n_operands = 0;
    for (int k = 0; k < n_operands_max; k++)
        operands[k] = NULL;
    while (arguments.next < argc) {
        const char *argument = argv[arguments.next++];
        if (!options_ended && strcmp(argument, "--") == 0)
            options_ended = true;
        else if (!options_ended && argument[0] == '-' && argument[1] != '\0')
            TRY(set_option(&arguments, argument, fault));
        else if (n_operands == n_operands_max)
            return fault_input(fault, "one argument too many: '" SHOWN "'" USAGE, argument, command->usage);
        else
            operands[n_operands++] = argument;
    }
    if (n_operands < n_operands_min)
        return fault_input(fault, "an argument is missing" USAGE, command->usage);
    return FAULT_NONE;
}
