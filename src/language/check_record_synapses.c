/* `record VARIABLE of SYNAPSES[sources, targets] [every T] [at SLOT]`: which synapses, and when in a step. */
#include "language/check.h"

/* NAME or NAME.ROLE, without indices. */
static struct expression *object_of(const struct expression *source)
{
    return source->kind == EXPRESSION_INDEX ? source->children[0] : (struct expression *)source;
}

static const struct named *named_of(struct check *check, const struct expression *object)
{
    const struct expression *name = object->kind == EXPRESSION_MEMBER ? object->children[0] : object;
    return name->kind == EXPRESSION_NAME ? named_find(check, name->name) : NULL;
}

bool record_is_of_synapses(struct check *check, const struct expression *source)
{
    const struct named *named = named_of(check, object_of(source));
    return named && (named->kind == NAMED_PROJECTION || named->kind == NAMED_SYNAPSES);
}

/* ---- which connections ------------------------------------------------------------------------------------ */

static int select_declared(struct check *check, const struct expression *object, const struct synapses *synapses,
                           const char *why_not, struct synapse_selection *out, struct fault *fault)
{
    if (object->kind == EXPRESSION_MEMBER)
        return record_unknown_connection(check, object->span, arena_format(check->arena, "%s.%s", synapses->name, object->name),
                                         fault);
    if (synapses->n_connections == 0)
        return source_fault(fault, object->span, "%s: '%s' are not connected yet", why_not, synapses->name);
    int *connections = ARENA_NEW(check->arena, synapses->n_connections, int);
    memcpy(connections, synapses->connections, (size_t)synapses->n_connections * sizeof *connections);
    out->name = synapses->name;
    out->connections = connections;
    out->n_connections = synapses->n_connections;
    return 0;
}

/* Of the three parts of a tripartite one, that which is named. */
static int select_projected(struct check *check, const struct expression *object, const struct projection *projection,
                            struct synapse_selection *out, struct fault *fault)
{
    bool has_role = object->kind == EXPRESSION_MEMBER;
    out->name = has_role ? arena_format(check->arena, "%s.%s", projection->name, object->name) : projection->name;
    for (int k = 0; k < projection->n_connections; k++)
        if (strcmp(check->script->connections[projection->connections[k]].name, out->name) == 0) {
            out->connections = &projection->connections[k];
            out->n_connections = 1;
            return 0;
        }
    if (has_role)
        return record_unknown_connection(check, object->span, out->name, fault);
    return source_fault(fault, object->span, "'%s' has three parts: %s.primary, %s.third_in and %s.third_out", out->name,
                        out->name, out->name, out->name);
}

/* ---- which of their synapses ------------------------------------------------------------------------------ */

/* a:b, : or i, of the nodes at one end. */
static int select_positions(struct check *check, struct expression *index, const struct node_set *set, const char *end,
                            struct position_range *out, struct fault *fault)
{
    const double size = (double)set->size;
    double first = 0, last = size;
    const bool is_slice = index->kind == EXPRESSION_SLICE;
    if (!is_slice) {
        TRY(constant_count(check, index, "an index", -INFINITY, INFINITY, &first, fault));
        last = first + 1;
    }
    if (is_slice && index->children[0])
        TRY(constant_count(check, index->children[0], "the bound of a slice", -INFINITY, INFINITY, &first, fault));
    if (is_slice && index->children[1])
        TRY(constant_count(check, index->children[1], "the bound of a slice", -INFINITY, INFINITY, &last, fault));
    if (first < 0 || last > size)
        return source_fault(fault, index->span, "there are %.0f %s, counted from 0 to %.0f", size, end, size - 1);
    if (!(first < last))
        return source_fault(fault, index->span, "the slice %.0f:%.0f is empty", first, last);
    *out = (struct position_range){(uint64_t)first, (uint64_t)last};
    return 0;
}

int synapses_select(struct check *check, const struct expression *source, const char *why_not, struct synapse_selection *out,
                    struct fault *fault)
{
    const struct expression *object = object_of(source);
    const struct named *named = named_of(check, object);
    if (named->kind == NAMED_SYNAPSES)
        TRY(select_declared(check, object, &check->script->synapses[named->index], why_not, out, fault));
    else
        TRY(select_projected(check, object, &check->script->projections[named->index], out, fault));
    const struct connection *connection = &check->script->connections[out->connections[0]];
    out->source = connection->source;
    out->target = connection->target;
    out->sources = (struct position_range){0, out->source->size};
    out->targets = (struct position_range){0, out->target->size};
    if (source->kind != EXPRESSION_INDEX)
        return 0;
    if (source->n_children != 3)
        return source_fault(fault, source->span,
                            "synapses are selected by their sources and their targets: %s[i, j], with ':' for all", out->name);
    TRY(select_positions(check, source->children[1], out->source, "sources", &out->sources, fault));
    return select_positions(check, source->children[2], out->target, "targets", &out->targets, fault);
}

/* ---- what, and when ---------------------------------------------------------------------------------------- */

int synapses_variable(struct check *check, const struct synapse_selection *selection, const char *name, struct span span,
                      struct unit *unit, const char **unit_text, int *index, struct fault *fault)
{
    const struct connection *connection = &check->script->connections[selection->connections[0]];
    const struct model *model = connection->synapse;
    *index = model_variable(model, name);
    if (*index < 0) {
        struct candidates candidates = {.arena = check->arena};
        for (int v = 0; v < model->n_variables; v++)
            candidates_add(&candidates, model->variables[v].name);
        candidates_add(&candidates, "sent");
        return source_fault(fault, span, "the synapses '%s' have no variable '%s'%s", selection->name, name,
                            candidates_suggestion(&candidates, name));
    }
    const struct declaration *variable = &model->variables[*index];
    *unit = variable->unit;
    *unit_text = variable->unit_text;
    if (variable->unit_is_port && connection->port) {
        const struct port *port = model_port(set_model(check, connection->target, 0), connection->port);
        *unit = port->unit;
        *unit_text = port->unit_text;
    }
    return 0;
}

int record_synapses(struct check *check, const struct statement *statement, const char *variable, struct record *record,
                    struct fault *fault)
{
    int index;
    TRY(synapses_select(check, statement->source, "nothing is recorded", &record->synapses, fault));
    TRY(synapses_variable(check, &record->synapses, variable, record->span, &record->unit, &record->unit_text, &index, fault));
    TRY(record_slot_of_synapses(statement, check->script->connections[record->synapses.connections[0]].synapse, &record->slot,
                                fault));
    TRY(record_interval(check, statement, &record->every, fault));
    record->kind = RECORD_SYNAPSES;
    record->variable = variable;
    record->name = record_file_name(check, statement, variable, record->synapses.name);
    return record_add(check, record, fault);
}
