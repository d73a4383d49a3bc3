/* `glion models`: the library as its files tell it. Values, ranges and equations are shown as they are written there. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/table.h"
#include "language/library.h"
#include "support/nearest.h"

/* ---- the list ------------------------------------------------------------------------------------------------------------ */

static const struct {
    enum model_kind kind;
    const char *one, *all;
} kinds[] = {
    {MODEL_NEURON, "neuron", "neurons"},
    {MODEL_ASTROCYTE, "astrocyte", "astrocytes"},
    {MODEL_SYNAPSE, "synapse", "synapses"},
    {MODEL_DEVICE, "device", "devices"},
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

static const char *text_or_nothing(const char *text)
{
    return text ? text : "";
}

static int list_models(struct arena *arena, bool is_shown, struct fault *fault)
{
    struct table tables[N_KINDS];
    for (int k = 0; k < N_KINDS; k++)
        tables[k] = table_begin(arena, "ll");
    for (const struct library_entry *entry = library_list(arena); entry->name; entry++) {
        struct model *model;
        TRY(library_parse(arena, entry, &model, fault));
        for (int k = 0; k < N_KINDS; k++)
            if (kinds[k].kind == model->kind) {
                table_add(&tables[k], "%s", model->name);
                table_add(&tables[k], "%s", text_or_nothing(model->text));
            }
    }
    for (int k = 0; k < N_KINDS && is_shown; k++) {
        printf("%s\n", kinds[k].all);
        table_print(&tables[k], 4);
    }
    if (is_shown)
        printf("'glion models NAME' shows parameters, ports and equations\n");
    return FAULT_NONE;
}

/* ---- one model ----------------------------------------------------------------------------------------------------------- */

static const char *source_text(struct arena *arena, struct span span)
{
    return arena_text(arena, span.source->text + span.begin, span.end - span.begin);
}

static const char *range_text(struct arena *arena, const struct range *range)
{
    if (!range->has_range)
        return "";
    return arena_format(arena, "%c%.10g, %.10g%c", range->low_open ? '(' : '[', range->low, range->high,
                        range->high_open ? ')' : ']');
}

static void print_section(const char *title, const struct table *table)
{
    if (table->n_cells == 0)
        return;
    printf("\n%s\n", title);
    table_print(table, 4);
}

/* Parameters: name, unit, default, range, text. */
static void print_parameters(struct arena *arena, const struct model *model)
{
    struct table table = table_begin(arena, "lllll");
    for (int k = 0; k < model->n_variables; k++) {
        const struct declaration *variable = &model->variables[k];
        if (variable->kind != DECLARATION_PARAMETER)
            continue;
        table_add(&table, "%s", variable->name);
        table_add(&table, "%s%s", variable->unit_text, variable->is_list ? "[]" : "");
        table_add(&table, "%s", variable->value ? source_text(arena, variable->value->span) : "0");
        table_add(&table, "%s", range_text(arena, &variable->range));
        table_add(&table, "%s", text_or_nothing(variable->text));
    }
    if (model->delay) {
        table_add(&table, "delay");
        table_add(&table, "ms");
        table_add(&table, "%s", source_text(arena, model->delay->span));
        table_add(&table, "%s", "");
        table_add(&table, "from the spike, or the source's value, to its arrival");
    }
    print_section("parameters: unit, default, range", &table);
}

/* State variables: name, unit, initial value, range, text. */
static void print_states(struct arena *arena, const struct model *model)
{
    struct table table = table_begin(arena, "lllll");
    for (int k = 0; k < model->n_variables; k++) {
        const struct declaration *variable = &model->variables[k];
        if (variable->kind != DECLARATION_DERIVATIVE)
            continue;
        table_add(&table, "%s", variable->name);
        table_add(&table, "%s", variable->unit_text);
        table_add(&table, "%s", variable->value ? source_text(arena, variable->value->span) : "0");
        table_add(&table, "%s", range_text(arena, &variable->range));
        table_add(&table, "%s", text_or_nothing(variable->text));
    }
    print_section("state variables: unit, initial value", &table);
}

/* What reaches a node: name, unit, range, how, text. */
static void print_ports(struct arena *arena, const struct model *model)
{
    struct table table = table_begin(arena, "lllll");
    for (int k = 0; k < model->n_ports; k++) {
        const struct port *port = &model->ports[k];
        table_add(&table, "%s", port->name);
        table_add(&table, "%s", port->unit_text);
        table_add(&table, "%s", range_text(arena, &port->range));
        table_add(&table, "each arrival on its own, with its weight");
        table_add(&table, "%s", text_or_nothing(port->text));
    }
    for (int k = 0; k < model->n_variables; k++) {
        const struct declaration *variable = &model->variables[k];
        if (variable->kind != DECLARATION_INPUT)
            continue;
        table_add(&table, "%s", variable->name);
        table_add(&table, "%s", variable->unit_text);
        table_add(&table, "%s", range_text(arena, &variable->range));
        table_add(&table, "the sum of what its connections carry");
        table_add(&table, "%s", text_or_nothing(variable->text));
    }
    print_section("receives: unit", &table);
}

static bool sends(const struct model *model)
{
    for (int p = 0; p < model->n_pathways; p++)
        for (int k = 0; k < model->pathways[p].body.n_actions; k++)
            if (model->pathways[p].body.actions[k].kind == ACTION_SEND)
                return true;
    return false;
}

/* What `record` takes: of a synapse what it sends; of a node its spikes, unless they differ from connection to connection, and
 * every variable but lists. */
static void print_recordables(struct arena *arena, const struct model *model)
{
    bool spikes = model->threshold || (model->emit.kind != EMIT_NONE && model->emit.kind != EMIT_PER_CONNECTION);
    const char *names = spikes ? "spikes" : "";
    if (model->kind == MODEL_SYNAPSE)
        names = sends(model) ? "sent" : "";
    for (int k = 0; k < model->n_variables && model->kind != MODEL_SYNAPSE; k++)
        if (!model->variables[k].is_list)
            names = arena_format(arena, "%s%s%s", names, names[0] ? " " : "", model->variables[k].name);
    struct table table = table_begin(arena, "l");
    if (names[0])
        table_add(&table, "%s", names);
    print_section("recordables", &table);
}

/* Is the first thing on the line [begin, end) a parameter, which a table has shown already? */
static bool begins_parameter(const struct model *model, uint32_t begin, uint32_t end)
{
    for (int k = 0; k < model->n_variables; k++) {
        const struct declaration *variable = &model->variables[k];
        if (variable->kind == DECLARATION_PARAMETER && variable->span.begin >= begin && variable->span.begin < end)
            return true;
    }
    return false;
}

/* The lines of the model's text between its braces, without the citations and the parameters; several blank lines become one.
 * In the library these braces stand on lines of their own, and nothing else does so at the beginning of a line. */
static void print_equations(const struct model *model)
{
    const char *text = model->span.source->text;
    bool is_open = false, wants_blank = false, is_first = true;
    printf("\nequations\n");
    for (uint32_t begin = 0, end; begin < model->span.end && text[begin] != '}'; begin = end + 1) {
        end = begin + (uint32_t)strcspn(text + begin, "\n");
        const char *word = text + begin + strspn(text + begin, " ");
        if (!is_open) {
            is_open = text[begin] == '{';
        } else if (*word == '\n') {
            wants_blank = !is_first;
        } else if (strncmp(word, "cite ", 5) != 0 && !begins_parameter(model, begin, end)) {
            printf("%s%.*s\n", wants_blank ? "\n" : "", (int)(end - begin), text + begin);
            wants_blank = is_first = false;
        }
    }
}

static void print_model(struct arena *arena, const struct library_entry *entry, const struct model *model)
{
    struct table text = table_begin(arena, "l"), citations = table_begin(arena, "l");
    for (int k = 0; k < N_KINDS; k++)
        if (kinds[k].kind == model->kind)
            printf("%s: %s model, %s\n", model->name, kinds[k].one, entry->path);
    if (model->text)
        table_add(&text, "%s", model->text);
    for (int k = 0; k < model->n_citations; k++)
        table_add(&citations, "%s", model->citations[k]);
    table_print(&text, 4);
    print_section("cite", &citations);
    print_parameters(arena, model);
    print_states(arena, model);
    print_ports(arena, model);
    print_recordables(arena, model);
    print_equations(model);
}

static int unknown_model(struct arena *arena, const char *name, struct fault *fault)
{
    const struct library_entry *entries = library_list(arena);
    int n = 0;
    while (entries[n].name)
        n++;
    const char **known = ARENA_NEW(arena, n, const char *);
    for (int k = 0; k < n; k++)
        known[k] = entries[k].name;
    const char *nearest = nearest_name(name, known, n);
    if (nearest)
        return fault_input(fault, "the library has no model '%.80s'; did you mean '%s'?", name, nearest);
    return fault_input(fault, "the library has no model '%.80s'; 'glion models' lists them", name);
}

static int show_model(struct arena *arena, const char *name, bool is_shown, struct fault *fault)
{
    const struct library_entry *entry = library_find(arena, name);
    struct model *model;
    if (!entry)
        return unknown_model(arena, name, fault);
    TRY(library_parse(arena, entry, &model, fault));
    if (is_shown)
        print_model(arena, entry, model);
    return FAULT_NONE;
}

static int models(int argc, char **argv, MPI_Comm communicator, struct fault *fault)
{
    const char *name;
    int rank;
    TRY(arguments_parse(&command_models, argc, argv, NULL, 0, &name, 0, 1, fault));
    MPI_Comm_rank(communicator, &rank);
    struct arena *arena = arena_create();
    int status = name ? show_model(arena, name, rank == 0, fault) : list_models(arena, rank == 0, fault);
    arena_destroy(&arena);
    return status;
}

const struct command command_models = {
    .name = "models",
    .usage = "models [NAME]",
    .text = "list the models of the library, or show one: text, parameters, ports, equations",
    .help = "  NAME              show this model; without it all are listed\n",
    .run = models,
};
