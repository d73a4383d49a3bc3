/* The statements of a script, one table row per word. A word of that table is a keyword only where a statement begins, and not
 * before a '.': a population may be called `record` and assigned to. */
#include <string.h>

#include "language/brian_words.h"
#include "language/parser.h"
#include "support/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A growing list of statements; one statement of the text may add several (`let a = 1, b = 2`). */
struct statement_list {
    struct statement *items;
    int n;
};

static struct statement statement_begin(const struct parser *parser, enum statement_kind kind)
{
    return (struct statement){.kind = kind, .span = parser->tokens[0].span};
}

/* The statement is complete: its text ends here. */
static void statement_add(struct parser *parser, struct statement_list *list, const struct statement *statement)
{
    struct statement *added = PARSER_PUSH(parser, list->items, list->n, struct statement);
    *added = *statement;
    added->span = parser_span(parser, statement->span.begin);
}

static int parse_statements(struct parser *parser, struct span open, struct statement_list *list);

/* ---- settings
 * ------------------------------------------------------------------------------------------------------------------- */

static int parse_setting(struct parser *parser, struct setting *setting)
{
    uint32_t begin = parser->tokens[0].span.begin;
    *setting = (struct setting){0};
    TRY(parser_name(parser, "a setting: NAME = VALUE", &setting->name, &setting->span));
    TRY(parser_expect(parser, TOKEN_ASSIGN, "'=' and a value"));
    TRY(parser_expression(parser, &setting->value));
    setting->span = parser_span(parser, begin);
    return FAULT_NONE;
}

/* { NAME = value; … } */
static int parse_settings(struct parser *parser, struct settings *settings)
{
    struct span open;
    TRY(parser_open_block(parser, &open));
    for (;;) {
        bool more;
        struct setting setting;
        TRY(parser_next_in_block(parser, open, &more));
        if (!more)
            return FAULT_NONE;
        if (parser_at_two_names(parser))
            return parser_unexpected_in_block(parser, open, "a setting: NAME = VALUE");
        TRY(parse_setting(parser, &setting));
        TRY(parser_statement_end(parser));
        *PARSER_PUSH(parser, settings->items, settings->n_items, struct setting) = setting;
    }
}

static int parse_optional_settings(struct parser *parser, struct settings *settings)
{
    return parser_at(parser, TOKEN_LEFT_BRACE) ? parse_settings(parser, settings) : FAULT_NONE;
}

/* ---- let, simulation, run, print, for
 * ------------------------------------------------------------------------------------------------ */

/* The (x, y) of let NAME(x, y) = value */
static int parse_parameters(struct parser *parser, struct statement *let)
{
    struct span open = parser->tokens[0].span;
    do {
        const char *name;
        struct span span;
        TRY(parser_advance(parser));
        TRY(parser_new_name(parser, "the name of a parameter", &name, &span));
        int n = let->n_parameters;
        *PARSER_PUSH(parser, let->parameters, n, const char *) = name;
        *PARSER_PUSH(parser, let->parameter_spans, let->n_parameters, struct span) = span;
    } while (parser_at(parser, TOKEN_COMMA));
    return parser_close(parser, TOKEN_RIGHT_PARENTHESIS, open);
}

/* let NAME = value, NAME(x, y) = value */
static int parse_let(struct parser *parser, struct statement_list *list)
{
    do {
        TRY(parser_advance(parser));
        struct statement let = statement_begin(parser, STATEMENT_LET);
        TRY(parser_new_name(parser, "a name", &let.name, &let.name_span));
        if (parser_at(parser, TOKEN_LEFT_PARENTHESIS))
            TRY(parse_parameters(parser, &let));
        TRY(parser_expect(parser, TOKEN_ASSIGN, "'=' and a value"));
        TRY(parser_expression(parser, &let.value));
        statement_add(parser, list, &let);
    } while (parser_at(parser, TOKEN_COMMA));
    return FAULT_NONE;
}

static int parse_simulation(struct parser *parser, struct statement_list *list)
{
    struct statement simulation = statement_begin(parser, STATEMENT_SIMULATION);
    TRY(parser_advance(parser));
    TRY(parse_settings(parser, &simulation.settings));
    statement_add(parser, list, &simulation);
    return FAULT_NONE;
}

/* A word and an expression. */
static int parse_word_and_value(struct parser *parser, struct statement_list *list, enum statement_kind kind)
{
    struct statement statement = statement_begin(parser, kind);
    TRY(parser_advance(parser));
    TRY(parser_expression(parser, &statement.value));
    statement_add(parser, list, &statement);
    return FAULT_NONE;
}

static int parse_run(struct parser *parser, struct statement_list *list)
{
    return parse_word_and_value(parser, list, STATEMENT_RUN);
}

/* print EXPRESSION, … */
static int parse_print(struct parser *parser, struct statement_list *list)
{
    struct statement print = statement_begin(parser, STATEMENT_PRINT);
    do {
        struct expression *printed;
        TRY(parser_advance(parser));
        TRY(parser_expression(parser, &printed));
        *PARSER_PUSH(parser, print.printed, print.n_printed, struct expression *) = printed;
    } while (parser_at(parser, TOKEN_COMMA));
    statement_add(parser, list, &print);
    return FAULT_NONE;
}

/* for NAME in A:B { … } */
static int parse_for(struct parser *parser, struct statement_list *list)
{
    struct statement loop = statement_begin(parser, STATEMENT_FOR);
    struct statement_list body = {0};
    struct span open;
    TRY(parser_advance(parser));
    TRY(parser_new_name(parser, "the loop's variable", &loop.name, &loop.name_span));
    TRY(parser_expect_word(parser, "in"));
    if (parser_at(parser, TOKEN_COLON))
        return parser_unexpected(parser, "the first number of the range");
    TRY(parser_slice(parser, &loop.value));
    TRY(parser_open_block(parser, &open));
    TRY(parse_statements(parser, open, &body));
    loop.body = body.items;
    loop.n_body = body.n;
    statement_add(parser, list, &loop);
    return FAULT_NONE;
}

/* ---- models and populations
 * ------------------------------------------------------------------------------------------------------- */

static int parse_extends(struct parser *parser, struct model *model)
{
    if (!parser_at_word(parser, "extends"))
        return FAULT_NONE;
    TRY(parser_advance(parser));
    return parser_name(parser, "the name of a model", &model->extends, &model->extends_span);
}

/* neuron|astrocyte|synapse|device model NAME [extends MODEL] ["text"] { … } */
static int parse_model(struct parser *parser, struct statement_list *list, enum model_kind kind)
{
    struct statement statement = statement_begin(parser, STATEMENT_MODEL);
    struct model *model = ARENA_NEW(parser->arena, 1, struct model);
    model->kind = kind;
    model->span = statement.span;
    TRY(parser_advance(parser));
    TRY(parser_expect_word(parser, "model"));
    TRY(parser_new_name(parser, "the model's name", &model->name, &model->name_span));
    TRY(parse_extends(parser, model));
    TRY(parser_model_body(parser, model));
    statement.name = model->name;
    statement.name_span = model->name_span;
    statement.model = model;
    statement_add(parser, list, &statement);
    return FAULT_NONE;
}

static int parse_neuron(struct parser *parser, struct statement_list *list)
{
    return parse_model(parser, list, MODEL_NEURON);
}

static int parse_astrocyte(struct parser *parser, struct statement_list *list)
{
    return parse_model(parser, list, MODEL_ASTROCYTE);
}

static int parse_synapse(struct parser *parser, struct statement_list *list)
{
    return parse_model(parser, list, MODEL_SYNAPSE);
}

static int parse_device(struct parser *parser, struct statement_list *list)
{
    return parse_model(parser, list, MODEL_DEVICE);
}

/* [extends MODEL] ["text"] { equations }: a model of the statement's own, called like it */
static int parse_inline_model(struct parser *parser, struct statement *statement, enum model_kind kind)
{
    struct model *model = ARENA_NEW(parser->arena, 1, struct model);
    model->kind = kind;
    model->name = statement->name;
    model->name_span = statement->name_span;
    model->span = statement->span;
    TRY(parse_extends(parser, model));
    model->is_inline = true;
    statement->model = model;
    return parser_model_body(parser, model);
}

/* [EXPRESSION] */
static int parse_bracketed(struct parser *parser, struct expression **out)
{
    struct span open = parser->tokens[0].span;
    TRY(parser_advance(parser));
    TRY(parser_expression(parser, out));
    return parser_close(parser, TOKEN_RIGHT_BRACKET, open);
}

/* population NAME, NAME[SIZE] or NAME[K][SIZE], then `: MODEL [{ settings }]` or an inline model */
static int parse_population(struct parser *parser, struct statement_list *list)
{
    struct statement population = statement_begin(parser, STATEMENT_POPULATION);
    TRY(parser_advance(parser));
    TRY(parser_new_name(parser, "the population's name", &population.name, &population.name_span));
    if (parser_at(parser, TOKEN_LEFT_BRACKET))
        TRY(parse_bracketed(parser, &population.value));
    if (parser_at(parser, TOKEN_LEFT_BRACKET)) {
        population.index = population.value;
        TRY(parse_bracketed(parser, &population.value));
    }
    if (parser_at(parser, TOKEN_COLON)) {
        TRY(parser_advance(parser));
        TRY(parser_name(parser, "the name of a model", &population.model_name, &population.model_span));
        TRY(parse_optional_settings(parser, &population.settings));
    } else if (parser_at(parser, TOKEN_LEFT_BRACE) || parser_at(parser, TOKEN_STRING) || parser_at_word(parser, "extends"))
        TRY(parse_inline_model(parser, &population, MODEL_NEURON));
    else
        return parser_unexpected(parser, "': MODEL' or '{' and equations");
    statement_add(parser, list, &population);
    return FAULT_NONE;
}

/* synapses NAME : SOURCE -> TARGET, then `: MODEL [{ settings }]` or an inline model */
static int parse_synapses(struct parser *parser, struct statement_list *list)
{
    struct statement synapses = statement_begin(parser, STATEMENT_SYNAPSES);
    TRY(parser_advance(parser));
    TRY(parser_new_name(parser, "a name for the synapses", &synapses.name, &synapses.name_span));
    TRY(parser_expect(parser, TOKEN_COLON, "': SOURCE -> TARGET'"));
    TRY(parser_expression(parser, &synapses.source));
    TRY(parser_expect(parser, TOKEN_ARROW, "'->' and a target"));
    TRY(parser_expression(parser, &synapses.target));
    if (parser_at(parser, TOKEN_COLON)) {
        TRY(parser_advance(parser));
        TRY(parser_name(parser, "the name of a synapse model", &synapses.model_name, &synapses.model_span));
        TRY(parse_optional_settings(parser, &synapses.settings));
    } else if (parser_at(parser, TOKEN_LEFT_BRACE) || parser_at(parser, TOKEN_STRING) || parser_at_word(parser, "extends"))
        TRY(parse_inline_model(parser, &synapses, MODEL_SYNAPSE));
    else
        return parser_unexpected(parser, "': MODEL' or '{' and what the synapses do");
    statement_add(parser, list, &synapses);
    return FAULT_NONE;
}

/* ---- connect
 * ------------------------------------------------------------------------------------------------------------------------ */

/* using SYNAPSE { settings } */
static int parse_using(struct parser *parser, const char *role, uint32_t begin, struct statement *connect)
{
    struct using_clause clause = {.role = role};
    TRY(parser_expect_word(parser, "using"));
    TRY(parser_name(parser, "the name of a synapse model", &clause.synapse, &clause.synapse_span));
    TRY(parse_optional_settings(parser, &clause.settings));
    clause.span = parser_span(parser, begin);
    *PARSER_PUSH(parser, connect->usings, connect->n_usings, struct using_clause) = clause;
    return FAULT_NONE;
}

static int parse_role(struct parser *parser, const char **out)
{
    static const char *const roles[] = {"primary", "third_in", "third_out"};
    for (size_t k = 0; k < COUNT(roles); k++)
        if (parser_at_word(parser, roles[k])) {
            *out = roles[k];
            return parser_advance(parser);
        }
    return parser_unexpected(parser, "'primary', 'third_in' or 'third_out'");
}

/* { primary using …; third_in using …; third_out using … } */
static int parse_roles(struct parser *parser, struct statement *connect)
{
    struct span open;
    TRY(parser_open_block(parser, &open));
    for (;;) {
        bool more;
        const char *role = NULL;
        TRY(parser_next_in_block(parser, open, &more));
        if (!more)
            return FAULT_NONE;
        struct span span = parser->tokens[0].span;
        TRY(parse_role(parser, &role));
        for (int k = 0; k < connect->n_usings; k++)
            if (connect->usings[k].role == role)
                return source_fault(parser->fault, span, "a second '%s' in the same connect", role);
        TRY(parse_using(parser, role, span.begin, connect));
        TRY(parser_statement_end(parser));
    }
}

/* A line that begins with `third RULE` goes on with the connect above; `third` is no reserved word, so the lexer cannot know. */
static int join_third(struct parser *parser)
{
    bool joins = parser_at(parser, TOKEN_STATEMENT_END) && token_is(&parser->tokens[1], "third") &&
                 parser->tokens[2].kind == TOKEN_NAME;
    return joins ? parser_advance(parser) : FAULT_NONE;
}

/* by RULE, third RULE, via POOL and the synapses, in any order, each once */
static int parse_connect_clauses(struct parser *parser, struct statement *connect)
{
    for (;;) {
        TRY(join_third(parser));
        struct span word = parser->tokens[0].span;
        if (parser_at_word(parser, "by") && !connect->rule) {
            TRY(parser_advance(parser));
            TRY(parser_call(parser, "a connection rule", &connect->rule));
        } else if (parser_at_word(parser, "third") && !connect->third) {
            TRY(parser_advance(parser));
            TRY(parser_call(parser, "a connection rule", &connect->third));
        } else if (parser_at_word(parser, "via") && !connect->pool) {
            TRY(parser_advance(parser));
            TRY(parser_expression(parser, &connect->pool));
        } else if (parser_at_word(parser, "using") && !connect->usings)
            TRY(parse_using(parser, NULL, word.begin, connect));
        else if (parser_at(parser, TOKEN_LEFT_BRACE) && !connect->usings)
            TRY(parse_roles(parser, connect));
        else
            return FAULT_NONE;
    }
}

/* SOURCE -> TARGET, or the name of declared synapses */
static int parse_connect_ends(struct parser *parser, struct statement *connect)
{
    TRY(parser_expression(parser, &connect->source));
    if (parser_at(parser, TOKEN_ARROW)) {
        TRY(parser_advance(parser));
        return parser_expression(parser, &connect->target);
    }
    if (connect->name || connect->source->kind != EXPRESSION_NAME)
        return parser_unexpected(parser, "'->' and a target");
    connect->name = connect->source->name;
    connect->name_span = connect->source->span;
    connect->source = NULL;
    return FAULT_NONE;
}

/* Where no rule is named, every source is connected to every target. */
static struct expression *rule_by_default(struct parser *parser, uint32_t begin)
{
    struct expression *rule = ARENA_NEW(parser->arena, 1, struct expression);
    *rule = (struct expression){
        .kind = EXPRESSION_CALL, .span = parser_span(parser, begin), .name = "all_to_all", .function = -1, .depth = 1};
    return rule;
}

static int parse_connect(struct parser *parser, struct statement_list *list)
{
    struct statement connect = statement_begin(parser, STATEMENT_CONNECT);
    TRY(parser_advance(parser));
    if (parser_at(parser, TOKEN_NAME) && parser->tokens[1].kind == TOKEN_COLON) {
        TRY(parser_new_name(parser, "a name for the connections", &connect.name, &connect.name_span));
        TRY(parser_advance(parser));
    }
    TRY(parse_connect_ends(parser, &connect));
    TRY(parse_connect_clauses(parser, &connect));
    if (!connect.rule && (connect.third || connect.pool))
        return parser_unexpected(parser, "'by' and a connection rule");
    if (!connect.rule)
        connect.rule = rule_by_default(parser, connect.span.begin);
    if (connect.source && connect.n_usings == 0)
        return parser_unexpected(parser, "'using' and a synapse model");
    if (!connect.source && connect.n_usings > 0)
        return source_fault(parser->fault, connect.usings[0].span, "the synapses '%s' are declared already, with their model",
                            connect.name);
    statement_add(parser, list, &connect);
    return FAULT_NONE;
}

/* ---- record, assignments
 * -------------------------------------------------------------------------------------------------------------- */

static int parse_recorded(struct parser *parser, struct statement *record, const char *expected)
{
    const char *name;
    struct span span;
    int n_spans = record->n_recorded;
    TRY(parser_name(parser, expected, &name, &span));
    *PARSER_PUSH(parser, record->recorded_spans, n_spans, struct span) = span;
    *PARSER_PUSH(parser, record->recorded, record->n_recorded, const char *) = name;
    return FAULT_NONE;
}

/* [every T] [at SLOT] in any order */
static int parse_record_clauses(struct parser *parser, struct statement *record)
{
    struct span span;
    for (;;) {
        if (parser_at_word(parser, "every") && !record->every) {
            TRY(parser_advance(parser));
            TRY(parser_expression(parser, &record->every));
        } else if (parser_at_word(parser, "at") && !record->slot) {
            TRY(parser_advance(parser));
            TRY(parser_name(parser, "when in the step to record, such as start or after_synapses", &record->slot, &span));
        } else
            return FAULT_NONE;
    }
}

/* NAME, NAME, … */
static int parse_all_recorded(struct parser *parser, struct statement *record, const char *expected)
{
    TRY(parse_recorded(parser, record, expected));
    while (parser_at(parser, TOKEN_COMMA)) {
        TRY(parser_advance(parser));
        TRY(parse_recorded(parser, record, expected));
    }
    return FAULT_NONE;
}

/* record [NAME :] [final] VARIABLE, VARIABLE of SET [every T] [at SLOT] */
static int parse_record(struct parser *parser, struct statement_list *list)
{
    struct statement record = statement_begin(parser, STATEMENT_RECORD);
    TRY(parser_advance(parser));
    if (parser_at(parser, TOKEN_NAME) && parser->tokens[1].kind == TOKEN_COLON) {
        TRY(parser_new_name(parser, "a name for the recording", &record.name, &record.name_span));
        TRY(parser_advance(parser));
    }
    record.is_final = parser_at_word(parser, "final") && parser->tokens[1].kind == TOKEN_NAME &&
                      strcmp(parser_text(parser, parser->tokens[1].span), "of") != 0;
    if (record.is_final)
        TRY(parser_advance(parser));
    TRY(parse_all_recorded(parser, &record, "the name of a variable, 'spikes', 'rate' or 'sent'"));
    TRY(parser_expect_word(parser, "of"));
    TRY(parser_expression(parser, &record.source));
    TRY(parse_record_clauses(parser, &record));
    statement_add(parser, list, &record);
    return FAULT_NONE;
}

/* stop NAME, NAME */
static int parse_stop(struct parser *parser, struct statement_list *list)
{
    struct statement stop = statement_begin(parser, STATEMENT_STOP);
    TRY(parser_advance(parser));
    TRY(parse_all_recorded(parser, &stop, "the name of a recording, as its file is called"));
    statement_add(parser, list, &stop);
    return FAULT_NONE;
}

/* += and its like */
static bool parser_at_update(const struct parser *parser)
{
    enum token_kind kind = parser->tokens[0].kind;
    return kind == TOKEN_ASSIGN_ADD || kind == TOKEN_ASSIGN_SUBTRACT || kind == TOKEN_ASSIGN_MULTIPLY ||
           kind == TOKEN_ASSIGN_DIVIDE;
}

/* OBJECT.NAME = value */
static int parse_assign(struct parser *parser, struct statement_list *list)
{
    struct statement assign = statement_begin(parser, STATEMENT_ASSIGN);
    struct expression *left;
    TRY(parser_object(parser, &left));
    if (left->kind != EXPRESSION_MEMBER)
        return source_fault(parser->fault, left->span,
                            "only a variable of a population or of synapses can be assigned: NAME.VARIABLE = …; of some of them "
                            "NAME[…].VARIABLE = …");
    assign.target = left->children[0];
    assign.name = left->name;
    assign.name_span = (struct span){parser->source, left->span.end - (uint32_t)strlen(left->name), left->span.end};
    if (parser_at(parser, TOKEN_LEFT_PARENTHESIS) && *brian_word_here(left->name))
        return source_fault(parser->fault, assign.name_span, "there is no '%s'%s", left->name, brian_word_here(left->name));
    if (parser_at_update(parser))
        return source_fault(parser->fault, parser->tokens[0].span, "'%s' is for blocks of models; here write '= %s %.1s …'",
                            parser_text(parser, parser->tokens[0].span), left->name, parser_text(parser, parser->tokens[0].span));
    TRY(parser_expect(parser, TOKEN_ASSIGN, "'=' and a value"));
    TRY(parser_expression(parser, &assign.value));
    statement_add(parser, list, &assign);
    return FAULT_NONE;
}

/* ---- all statements
 * ---------------------------------------------------------------------------------------------------------------------- */

static const struct script_statement {
    const char *word;
    int (*parse)(struct parser *parser, struct statement_list *list);
} script_statements[] = {
    {"let", parse_let},
    {"simulation", parse_simulation},
    {"neuron", parse_neuron},
    {"astrocyte", parse_astrocyte},
    {"synapse", parse_synapse},
    {"device", parse_device},
    {"population", parse_population},
    {"synapses", parse_synapses},
    {"connect", parse_connect},
    {"record", parse_record},
    {"stop", parse_stop},
    {"run", parse_run},
    {"print", parse_print},
    {"for", parse_for},
};

/* NAME = … */
static int value_without_let(struct parser *parser, const char *name)
{
    const struct span span = parser->tokens[0].span;
    TRY(parser_advance(parser));
    TRY(parser_advance(parser));
    const char *value = parser_text(parser, parser->tokens[0].span);
    if (parser_at(parser, TOKEN_NAME) && *brian_word_here(value))
        return source_fault(parser->fault, parser->tokens[0].span, "there is no '%s'%s", value, brian_word_here(value));
    return source_fault(parser->fault, span, "a value gets its name by 'let': let %s = …", name);
}

static int unknown_statement(struct parser *parser)
{
    struct span span = parser->tokens[0].span;
    if (!parser_at(parser, TOKEN_NAME))
        return parser_unexpected(parser, "a statement");
    const char *word = parser_text(parser, span), *known[COUNT(script_statements)];
    if (parser->tokens[1].kind == TOKEN_ASSIGN)
        return value_without_let(parser, word);
    if (strcmp(word, "store") == 0 || strcmp(word, "restore") == 0)
        return source_fault(parser->fault, span,
                            "'%s' is not supported yet: states cannot be stored and restored; runs follow each other", word);
    if (*brian_word_here(word))
        return source_fault(parser->fault, span, "'%s' begins no statement%s", word, brian_word_here(word));
    for (size_t k = 0; k < COUNT(script_statements); k++)
        known[k] = script_statements[k].word;
    const char *nearest = nearest_name(word, known, COUNT(script_statements));
    if (nearest)
        return source_fault(parser->fault, span, "'%s' begins no statement; did you mean '%s'?", word, nearest);
    return source_fault(parser->fault, span, "'%s' begins no statement", word);
}

static int parse_statement(struct parser *parser, struct statement_list *list)
{
    if (parser->tokens[1].kind != TOKEN_DOT)
        for (size_t k = 0; k < COUNT(script_statements); k++)
            if (parser_at_word(parser, script_statements[k].word))
                return script_statements[k].parse(parser, list);
    bool object = parser_at(parser, TOKEN_NAME) &&
                  (parser->tokens[1].kind == TOKEN_DOT || parser->tokens[1].kind == TOKEN_LEFT_BRACKET);
    if (object || parser_at(parser, TOKEN_LEFT_PARENTHESIS))
        return parse_assign(parser, list);
    return unknown_statement(parser);
}

/* Statements up to the brace that closes `open`. */
static int parse_statements(struct parser *parser, struct span open, struct statement_list *list)
{
    for (;;) {
        bool more;
        TRY(parser_next_in_block(parser, open, &more));
        if (!more)
            return FAULT_NONE;
        TRY(parse_statement(parser, list));
        TRY(parser_statement_end(parser));
    }
}

int parser_script(struct parser *parser, struct statement **statements, int *n_statements)
{
    struct statement_list list = {0};
    for (;;) {
        while (parser_at(parser, TOKEN_STATEMENT_END))
            TRY(parser_advance(parser));
        if (parser_at(parser, TOKEN_FILE_END))
            break;
        if (parser_at(parser, TOKEN_RIGHT_BRACE))
            return source_fault(parser->fault, parser->tokens[0].span, "this '}' closes no block");
        TRY(parse_statement(parser, &list));
        TRY(parser_statement_end(parser));
    }
    *statements = list.items;
    *n_statements = list.n;
    return FAULT_NONE;
}
