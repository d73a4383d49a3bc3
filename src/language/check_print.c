/* `print`: texts, constants, and values that nodes have between runs. */
#include "language/check.h"

static const char *unit_of_dimension(struct check *check, struct dimension dimension)
{
    char text[96];
    dimension_text(dimension, text, sizeof text);
    return arena_text(check->arena, text, strlen(text));
}

static int print_constant(struct check *check, struct expression *expression, struct printed *printed, struct fault *fault)
{
    struct scope scope = {.check = check};
    struct constant_value value;
    TRY(constant_of(&scope, expression, &value, fault));
    if (value.type == TYPE_NODES)
        return source_fault(fault, expression->span, "print a variable of these nodes, such as NAME.V_m");
    if (value.row_begin)
        return source_fault(fault, expression->span, "a matrix cannot be printed: print its elements");
    *printed = (struct printed){.kind = value.type == TYPE_STRING ? PRINTED_TEXT : PRINTED_NUMBERS,
                                .text = value.text,
                                .is_list = value.is_list,
                                .is_condition = value.type == TYPE_BOOLEAN,
                                .unit = unit_one(),
                                .unit_text = type_is_number(value.type) ? unit_of_dimension(check, value.dimension) : "1"};
    if (value.is_list) {
        printed->numbers = value.list;
        printed->n = value.n_list;
        return 0;
    }
    double *number = ARENA_NEW(check->arena, 1, double);
    *number = value.number;
    printed->numbers = number;
    printed->n = 1;
    return 0;
}

static int print_synapses(struct check *check, const struct expression *member, struct span span, struct printed *printed,
                          struct fault *fault)
{
    int index;
    *printed = (struct printed){.kind = PRINTED_SYNAPSES, .variable = member->name, .is_list = true, .span = span};
    TRY(synapses_select(check, member->children[0], "nothing is printed", &printed->synapses, fault));
    TRY(synapses_variable(check, &printed->synapses, member->name, span, &printed->unit, &printed->unit_text, &index, fault));
    const struct model *model = check->script->connections[printed->synapses.connections[0]].synapse;
    printed->is_condition = model->variables[index].type == TYPE_BOOLEAN;
    if (model->variables[index].type != TYPE_REAL)
        printed->unit_text = "1";
    return 0;
}

static int print_variable(struct check *check, const struct expression *member, struct printed *printed, struct fault *fault)
{
    struct record variable = {0};
    struct span span = {member->span.source, member->span.end - (uint32_t)strlen(member->name), member->span.end};
    if (record_is_of_synapses(check, member->children[0]))
        return print_synapses(check, member, span, printed, fault);
    *printed = (struct printed){.kind = PRINTED_VARIABLE, .variable = member->name, .span = span};
    TRY(set_require(check, member->children[0], NULL, &printed->set, fault));
    TRY(record_variable_check(check, printed->set, member->name, span, &variable, fault));
    printed->is_list = printed->set->size > 1;
    printed->n = printed->set->size;
    printed->unit = variable.unit;
    const struct model *model = set_model(check, printed->set, 0);
    enum value_type type = model->variables[model_variable(model, member->name)].type;
    printed->unit_text = type == TYPE_REAL ? variable.unit_text : "1";
    printed->is_condition = type == TYPE_BOOLEAN;
    return 0;
}

int print_check(struct check *check, struct statement *statement, struct fault *fault)
{
    struct script *script = check->script;
    struct print print = {.items = ARENA_NEW(check->arena, statement->n_printed, struct printed),
                          .n_items = statement->n_printed,
                          .epoch = script->n_epochs,
                          .n_assignments = script->n_assignments,
                          .n_synapse_assignments = script->n_synapse_assignments};
    for (int k = 0; k < statement->n_printed; k++) {
        struct expression *expression = statement->printed[k];
        if (expression->kind == EXPRESSION_MEMBER)
            TRY(print_variable(check, expression, &print.items[k], fault));
        else
            TRY(print_constant(check, expression, &print.items[k], fault));
    }
    *ARENA_PUSH(check->arena, script->prints, script->n_prints, check->prints_capacity, struct print) = print;
    return 0;
}
