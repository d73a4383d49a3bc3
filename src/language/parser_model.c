/* Models: declarations (parser_declaration.c) and statements (threshold …, on_pre { … }), one table row per statement word.
 *
 * A word of that table is a keyword where a statement begins and an ordinary name elsewhere. */
#include <string.h>

#include "language/parser.h"
#include "support/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- blocks of actions
 * ------------------------------------------------------------------------------------------------------------ */

static const struct {
    enum token_kind token;
    enum operator operator;
} compound_assignments[] = {
    {TOKEN_ASSIGN_ADD, OPERATOR_ADD},           {TOKEN_ASSIGN_SUBTRACT, OPERATOR_SUBTRACT},
    {TOKEN_ASSIGN_MULTIPLY, OPERATOR_MULTIPLY}, {TOKEN_ASSIGN_DIVIDE, OPERATOR_DIVIDE},
    {TOKEN_ASSIGN_POWER, OPERATOR_POWER},       {TOKEN_ASSIGN_FLOOR_DIVIDE, OPERATOR_FLOOR_DIVIDE},
    {TOKEN_ASSIGN_MODULO, OPERATOR_MODULO},
};

/* NAME = value, NAME += value, … */
static int parse_assignment(struct parser *parser, struct action *action)
{
    TRY(parser_new_name(parser, "an assignment such as x += 1", &action->name, &action->name_span));
    for (size_t k = 0; k < COUNT(compound_assignments); k++)
        if (parser_at(parser, compound_assignments[k].token)) {
            action->compound = true;
            action->operator= compound_assignments[k].operator;
        }
    if (!action->compound && !parser_at(parser, TOKEN_ASSIGN))
        return parser_unexpected(parser, "'=', '+=' or the like");
    TRY(parser_advance(parser));
    return parser_expression(parser, &action->value);
}

/* send value [to PORT] */
static int parse_send(struct parser *parser, struct action *action)
{
    action->kind = ACTION_SEND;
    action->name_span = parser->tokens[0].span;
    TRY(parser_advance(parser));
    TRY(parser_expression(parser, &action->value));
    if (!parser_at_word(parser, "to"))
        return FAULT_NONE;
    TRY(parser_advance(parser));
    return parser_name(parser, "the name of a port", &action->name, &action->name_span);
}

static int parse_action(struct parser *parser, struct span open, bool may_send, struct action *action)
{
    *action = (struct action){.kind = ACTION_ASSIGN, .span = parser->tokens[0].span};
    bool send = parser_at_word(parser, "send");
    if (send && !may_send)
        return source_fault(parser->fault, action->span, "'send' belongs into on_pre or on_post of a synapse model");
    if (!send && parser_at_two_names(parser))
        return parser_unexpected_in_block(parser, open, "an assignment such as x += 1");
    TRY(send ? parse_send(parser, action) : parse_assignment(parser, action));
    action->span = parser_span(parser, action->span.begin);
    return FAULT_NONE;
}

/* { action; action … } */
static int parse_actions(struct parser *parser, bool may_send, struct block *block)
{
    struct span open;
    TRY(parser_open_block(parser, &open));
    for (;;) {
        bool more;
        struct action action;
        TRY(parser_next_in_block(parser, open, &more));
        if (!more)
            break;
        TRY(parse_action(parser, open, may_send, &action));
        TRY(parser_statement_end(parser));
        *PARSER_PUSH(parser, block->actions, block->n_actions, struct action) = action;
    }
    block->span = parser_span(parser, open.begin);
    return FAULT_NONE;
}

/* ---- statements: the word is consumed already
 * ------------------------------------------------------------------------------------- */

static int parse_cite(struct parser *parser, struct model *model, uint32_t begin)
{
    const char *citation;
    if (!parser_at(parser, TOKEN_STRING))
        return parser_unexpected(parser, "a reference in quotes, such as \"doi:…\"");
    TRY(parser_optional_string(parser, &citation));
    *PARSER_PUSH(parser, model->citations, model->n_citations, const char *) = citation;
    return FAULT_NONE;
}

/* receive NAME(J : unit in range) "text" { … } */
static int parse_port(struct parser *parser, struct model *model, struct port *port)
{
    struct span span, open = parser->tokens[0].span;
    struct declared_unit unit;
    TRY(parser_advance(parser));
    TRY(parser_new_name(parser, "a name for the value that arrives", &port->argument, &span));
    TRY(parser_expect(parser, TOKEN_COLON, "':' and a unit"));
    uint32_t unit_begin = parser->tokens[0].span.begin;
    TRY(parser_declared_unit(parser, &unit));
    if (unit.is_list || unit.is_port || unit.type != TYPE_REAL)
        return source_fault(parser->fault, parser_span(parser, unit_begin), "what arrives at a port has a unit, such as nS");
    port->unit = unit.unit;
    port->unit_text = unit.text;
    if (parser_at_word(parser, "in"))
        TRY(parser_range(parser, &port->range));
    TRY(parser_close(parser, TOKEN_RIGHT_PARENTHESIS, open));
    TRY(parser_optional_string(parser, &port->text));
    TRY(parse_actions(parser, false, &port->body));
    port->span = parser_span(parser, port->span.begin);
    *PARSER_PUSH(parser, model->ports, model->n_ports, struct port) = *port;
    return FAULT_NONE;
}

/* receive NAME : unit | receive NAME(J : unit) { … } */
static int parse_receive(struct parser *parser, struct model *model, uint32_t begin)
{
    struct declaration input = {.span = {parser->source, begin, begin}};
    TRY(parser_new_name(parser, "the name of what is received", &input.name, &input.name_span));
    if (!parser_at(parser, TOKEN_LEFT_PARENTHESIS))
        return parser_input(parser, model, &input);
    struct port port = {.span = input.span, .name = input.name};
    return parse_port(parser, model, &port);
}

static int parse_threshold(struct parser *parser, struct model *model, uint32_t begin)
{
    TRY(parser_expression(parser, &model->threshold));
    if (parser_at_word(parser, "each")) {
        TRY(parser_advance(parser));
        TRY(parser_expect_word(parser, "sub_step"));
        model->threshold_mode = THRESHOLD_EACH_SUB_STEP;
    } else if (parser_at_word(parser, "after")) {
        TRY(parser_advance(parser));
        TRY(parser_expect_word(parser, "synapses"));
        model->threshold_mode = THRESHOLD_AFTER_SYNAPSES;
    }
    return FAULT_NONE;
}

static int parse_reset(struct parser *parser, struct model *model, uint32_t begin)
{
    return parse_actions(parser, false, &model->reset);
}

static int parse_before_step(struct parser *parser, struct model *model, uint32_t begin)
{
    return parse_actions(parser, false, &model->before_step);
}

static int parse_after_step(struct parser *parser, struct model *model, uint32_t begin)
{
    return parse_actions(parser, false, &model->after_step);
}

static int parse_after_synapses(struct parser *parser, struct model *model, uint32_t begin)
{
    return parse_actions(parser, false, &model->after_synapses);
}

/* every T { … } */
static int parse_every(struct parser *parser, struct model *model, uint32_t begin)
{
    struct every every = {.span = {parser->source, begin, begin}};
    TRY(parser_expression(parser, &every.period));
    every.span = parser_span(parser, begin);
    TRY(parse_actions(parser, false, &every.body));
    *PARSER_PUSH(parser, model->everys, model->n_everys, struct every) = every;
    return FAULT_NONE;
}

/* event NAME if CONDITION [{ … }] */
static int parse_event(struct parser *parser, struct model *model, uint32_t begin)
{
    struct event event = {.span = {parser->source, begin, begin}};
    TRY(parser_new_name(parser, "the name of an event", &event.name, &event.name_span));
    TRY(parser_expect_word(parser, "if"));
    TRY(parser_expression(parser, &event.condition));
    event.span = parser_span(parser, begin);
    if (parser_at(parser, TOKEN_LEFT_BRACE))
        TRY(parse_actions(parser, false, &event.body));
    *PARSER_PUSH(parser, model->events, model->n_events, struct event) = event;
    return FAULT_NONE;
}

static int parse_refractory(struct parser *parser, struct model *model, uint32_t begin)
{
    return parser_expression(parser, &model->refractory);
}

static int parse_spike_time(struct parser *parser, struct model *model, uint32_t begin)
{
    model->spike_time_given = true;
    model->spike_time_end = parser_at_word(parser, "end");
    if (!model->spike_time_end && !parser_at_word(parser, "begin"))
        return parser_unexpected(parser, "'begin' or 'end'");
    return parser_advance(parser);
}

/* method NAME | method NAME(abs = A, rel = R) */
static int parse_method(struct parser *parser, struct model *model, uint32_t begin)
{
    struct expression *call;
    TRY(parser_call(parser, "the name of an integration method", &call));
    model->method = call->name;
    model->method_span = call->span;
    for (int k = 0; k < call->n_children; k++) {
        const char *name = call->argument_names[k];
        bool abs = name ? strcmp(name, "abs") == 0 : k == 0, rel = name ? strcmp(name, "rel") == 0 : k == 1;
        struct expression **tolerance = abs ? &model->method_abs : rel ? &model->method_rel : NULL;
        if (!tolerance || *tolerance)
            return source_fault(parser->fault, call->children[k]->span, "a method takes abs = … and rel = …, each once");
        *tolerance = call->children[k];
    }
    return FAULT_NONE;
}

static int parse_delay(struct parser *parser, struct model *model, uint32_t begin)
{
    TRY(parser_expect(parser, TOKEN_ASSIGN, "'=' (the delay is written delay = EXPRESSION, without unit)"));
    return parser_expression(parser, &model->delay);
}

/* emit per connection COUNT [if CONDITION] | emit at TIMES [every PERIOD] [if CONDITION] |
 * emit COUNT [after synapses] [if CONDITION] */
static int parse_emit(struct parser *parser, struct model *model, uint32_t begin)
{
    struct emit *emit = &model->emit;
    emit->kind = EMIT_COUNT;
    if (parser_at_word(parser, "at")) {
        emit->kind = EMIT_AT;
        TRY(parser_advance(parser));
    } else if (parser_at_word(parser, "per") && token_is(&parser->tokens[1], "connection")) {
        emit->kind = EMIT_PER_CONNECTION;
        TRY(parser_advance(parser));
        TRY(parser_advance(parser));
    }
    TRY(parser_expression(parser, &emit->count));
    if (emit->kind == EMIT_COUNT && parser_at_word(parser, "after")) {
        TRY(parser_advance(parser));
        TRY(parser_expect_word(parser, "synapses"));
        emit->after_synapses = true;
    }
    if (emit->kind == EMIT_AT && parser_at_word(parser, "every")) {
        TRY(parser_advance(parser));
        TRY(parser_expression(parser, &emit->period));
    }
    if (parser_at_word(parser, "if")) {
        TRY(parser_advance(parser));
        TRY(parser_expression(parser, &emit->condition));
    }
    emit->span = parser_span(parser, begin);
    return FAULT_NONE;
}

/* A whole number, with a sign. */
static int parse_order(struct parser *parser, const struct expression *value, int *out)
{
    enum { ORDER_MAX = 1000000 };
    bool negative = value->kind == EXPRESSION_UNARY && value->operator== OPERATOR_NEGATE;
    const struct expression *number = negative ? value->children[0] : value;
    if (number->kind != EXPRESSION_NUMBER || !number->is_integer || number->number > ORDER_MAX)
        return source_fault(parser->fault, value->span, "the order of a pathway is a whole number between -%d and %d", ORDER_MAX,
                            ORDER_MAX);
    *out = negative ? -(int)number->number : (int)number->number;
    return FAULT_NONE;
}

/* (delay = D, order = K, event = E) */
static int parse_pathway_arguments(struct parser *parser, struct pathway *pathway)
{
    struct span open = parser->tokens[0].span;
    bool has_order = false;
    do {
        struct expression *value;
        struct span where;
        const char *name;
        TRY(parser_advance(parser));
        TRY(parser_name(parser, "delay = …, order = … or event = …", &name, &where));
        bool delay = strcmp(name, "delay") == 0 && !pathway->delay, order = strcmp(name, "order") == 0 && !has_order;
        bool event = strcmp(name, "event") == 0 && !pathway->event;
        if (!delay && !order && !event)
            return source_fault(parser->fault, where, "a pathway takes delay = …, order = … and event = …, each once");
        TRY(parser_expect(parser, TOKEN_ASSIGN, "'='"));
        if (event) {
            TRY(parser_name(parser, "the name of an event", &pathway->event, &pathway->event_span));
            continue;
        }
        TRY(parser_expression(parser, &value));
        if (delay)
            pathway->delay = value;
        else
            TRY(parse_order(parser, value, &pathway->order));
        has_order = has_order || order;
    } while (parser_at(parser, TOKEN_COMMA));
    return parser_close(parser, TOKEN_RIGHT_PARENTHESIS, open);
}

static int parse_pathway(struct parser *parser, struct model *model, struct pathway pathway)
{
    struct span name_span;
    if (parser_at(parser, TOKEN_NAME))
        TRY(parser_new_name(parser, "the pathway's name", &pathway.name, &name_span));
    if (parser_at(parser, TOKEN_LEFT_PARENTHESIS))
        TRY(parse_pathway_arguments(parser, &pathway));
    TRY(parse_actions(parser, true, &pathway.body));
    pathway.span = parser_span(parser, pathway.span.begin);
    *PARSER_PUSH(parser, model->pathways, model->n_pathways, struct pathway) = pathway;
    return FAULT_NONE;
}

static int parse_on_pre(struct parser *parser, struct model *model, uint32_t begin)
{
    return parse_pathway(
        parser, model, (struct pathway){.kind = PATHWAY_PRE, .name = "pre", .order = -1, .span = {parser->source, begin, begin}});
}

static int parse_on_post(struct parser *parser, struct model *model, uint32_t begin)
{
    return parse_pathway(
        parser, model,
        (struct pathway){.kind = PATHWAY_POST, .name = "post", .order = 1, .span = {parser->source, begin, begin}});
}

/* ---- the body
 * --------------------------------------------------------------------------------------------------------------------- */

enum {
    NODES = 1 << MODEL_NEURON | 1 << MODEL_ASTROCYTE | 1 << MODEL_DEVICE,
    SYNAPSES = 1 << MODEL_SYNAPSE,
    ALL = NODES | SYNAPSES
};

static const struct model_statement {
    const char *word;
    unsigned kinds; /* of models that it belongs into, a bit each */
    bool repeated;  /* may stand more than once in a model */
    int (*parse)(struct parser *parser, struct model *model, uint32_t begin);
} model_statements[] = {
    {"cite", ALL, true, parse_cite},
    {"receive", NODES, true, parse_receive},
    {"threshold", NODES, false, parse_threshold},
    {"reset", NODES, false, parse_reset},
    {"refractory", NODES, false, parse_refractory},
    {"spike_time", NODES, false, parse_spike_time},
    {"before_step", NODES, false, parse_before_step},
    {"after_step", NODES, false, parse_after_step},
    {"after_synapses", NODES, false, parse_after_synapses},
    {"every", ALL, true, parse_every},
    {"event", NODES, true, parse_event},
    {"emit", NODES, false, parse_emit},
    {"on_pre", SYNAPSES, true, parse_on_pre},
    {"on_post", SYNAPSES, true, parse_on_post},
    {"delay", SYNAPSES, false, parse_delay},
    {"method", ALL, false, parse_method},
};

static const struct model_statement *model_statement_at(const struct parser *parser)
{
    for (size_t k = 0; k < COUNT(model_statements); k++)
        if (parser_at_word(parser, model_statements[k].word))
            return &model_statements[k];
    return NULL;
}

/* `seen` has a bit per row of the table. */
static int parse_model_statement(struct parser *parser, struct model *model, const struct model_statement *statement,
                                 unsigned *seen)
{
    struct span span = parser->tokens[0].span;
    unsigned bit = 1u << (statement - model_statements);
    bool declared = parser->tokens[1].kind == TOKEN_ASSIGN ? statement->parse != parse_delay
                                                           : parser->tokens[1].kind == TOKEN_COLON;
    if (declared)
        return source_fault(parser->fault, span,
                            "'%s' begins a statement in a model, without '=' or ':' behind it; a variable needs another name",
                            statement->word);
    if (!(statement->kinds & 1u << model->kind))
        return source_fault(parser->fault, span, "'%s' belongs into a %s model", statement->word,
                            statement->kinds == SYNAPSES ? "synapse" : "neuron, astrocyte or device");
    if (!statement->repeated && *seen & bit)
        return source_fault(parser->fault, span, "a second '%s' in the same model", statement->word);
    *seen |= bit;
    TRY(parser_advance(parser));
    return statement->parse(parser, model, span.begin);
}

static int unknown_model_item(struct parser *parser, struct span open)
{
    const char *known[COUNT(model_statements)], *nearest = NULL;
    for (size_t k = 0; k < COUNT(model_statements); k++)
        known[k] = model_statements[k].word;
    struct span span = parser->tokens[0].span;
    const char *word = parser_text(parser, span);
    if (parser_at(parser, TOKEN_NAME))
        nearest = nearest_name(word, known, COUNT(model_statements));
    if (nearest)
        return source_fault(parser->fault, span, "'%s' begins no statement of a model; did you mean '%s'?", word, nearest);
    return parser_unexpected_in_block(parser, open, "a statement of the model, a declaration (NAME : UNIT), an equation");
}

static int parse_model_item(struct parser *parser, struct span open, struct model *model, unsigned *seen)
{
    const struct model_statement *statement = model_statement_at(parser);
    if (statement)
        return parse_model_statement(parser, model, statement, seen);
    if (parser_at_declaration(parser))
        return parser_declaration(parser, model);
    if (parser_at(parser, TOKEN_STRING))
        return source_fault(parser->fault, parser->tokens[0].span, "the description of a model stands once, at its beginning");
    return unknown_model_item(parser, open);
}

int parser_model_body(struct parser *parser, struct model *model)
{
    struct span open;
    unsigned seen = 0;
    bool more;
    TRY(parser_optional_string(parser, &model->text));
    TRY(parser_open_block(parser, &open));
    if (!model->text)
        TRY(parser_optional_string(parser, &model->text));
    for (;;) {
        TRY(parser_next_in_block(parser, open, &more));
        if (!more)
            break;
        TRY(parse_model_item(parser, open, model, &seen));
        TRY(parser_statement_end(parser));
    }
    model->span = parser_span(parser, model->span.begin);
    return FAULT_NONE;
}
