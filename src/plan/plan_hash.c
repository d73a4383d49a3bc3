/* One number for all that two ranks must agree on before they step together. */
#include <string.h>
#include <xxhash.h>

#include "plan/node_programs.h"
#include "plan/plan.h"

static void add(XXH3_state_t *state, const void *bytes, size_t length)
{
    XXH3_64bits_update(state, bytes, length);
}

static void add_text(XXH3_state_t *state, const char *text)
{
    add(state, text, strlen(text) + 1);
}

/* Field by field: padding has no value. */
static void add_program(XXH3_state_t *state, const struct program *program)
{
    for (int k = 0; k < program->n_instructions; k++) {
        const struct instruction *i = &program->instructions[k];
        const int numbers[] = {(int)i->opcode, i->operand[0], i->operand[1], i->operand[2], i->slot};
        add(state, numbers, sizeof numbers);
        add(state, &i->value, sizeof i->value);
    }
    for (int k = 0; k < program->n_outputs; k++) {
        const int numbers[] = {program->outputs[k].slot, program->outputs[k].reg};
        add(state, numbers, sizeof numbers);
    }
}

static void add_numbers(XXH3_state_t *state, const double *numbers, uint64_t n)
{
    add(state, &n, sizeof n);
    if (n)
        add(state, numbers, n * sizeof *numbers);
}

static void add_values(XXH3_state_t *state, const struct value *values, int n)
{
    for (int k = 0; k < n; k++)
        if (values[k].is_constant)
            add(state, &values[k].number, sizeof values[k].number);
        else
            add_numbers(state, values[k].array, values[k].n_array);
}

static void add_list(XXH3_state_t *state, const struct list_source *list, const struct value *values)
{
    if (list->variable < 0)
        add_numbers(state, list->numbers, list->n);
    else
        add_numbers(state, values[list->variable].array, values[list->variable].n_array);
}

static void add_arrays(XXH3_state_t *state, const struct shared_table *table)
{
    for (int k = 0; k < table->n_arrays; k++) {
        const struct expression *call = table->arrays[k].call;
        add_numbers(state, call->list, call->n_list);
        add(state, &call->n_columns, sizeof call->n_columns);
        add(state, &call->list_dt, sizeof call->list_dt);
    }
}

static void add_shared(XXH3_state_t *state, const struct shared_table *table, const struct value *values)
{
    add_program(state, &table->setup);
    add_numbers(state, table->borrowed, (uint64_t)table->n_borrowed);
    for (int k = 0; k < table->n_step_lists; k++) {
        add_list(state, &table->step_lists[k].times, values);
        add_list(state, &table->step_lists[k].values, values);
    }
    add_arrays(state, table);
}

static void add_draws(XXH3_state_t *state, const struct shared_table *table)
{
    for (int k = 0; k < table->n_draws; k++) {
        add(state, table->draws[k].key.word, sizeof table->draws[k].key.word);
        add(state, &table->draws[k].slot, sizeof table->draws[k].slot);
    }
}

static void add_node_program(void *state, const struct program *program, enum node_program_kind kind)
{
    add_program(state, program);
}

static void add_nodes(XXH3_state_t *state, const struct node_plan *plan)
{
    add_text(state, plan->population->name);
    add(state, &plan->population->size, sizeof plan->population->size);
    add(state, &plan->integrator, sizeof plan->integrator);
    add_values(state, plan->population->values, plan->model->n_variables);
    add_shared(state, &plan->shared, plan->population->values);
    add_draws(state, &plan->shared);
    node_programs_visit(plan, add_node_program, state);
    for (int k = 0; k < plan->n_everys; k++)
        add(state, &plan->everys[k].period, sizeof plan->everys[k].period);
    for (int k = 0; k < plan->n_assignments; k++)
        add_values(state, &plan->assignments[k].assignment->value, 1);
}

static void add_connection(XXH3_state_t *state, const struct connection_plan *plan)
{
    add_text(state, plan->connection->name);
    add(state, &plan->connection->delay, sizeof plan->connection->delay);
    add(state, &plan->kind, sizeof plan->kind);
    if (plan->port)
        add_text(state, plan->port);
    add_values(state, plan->connection->values, plan->synapse->n_variables);
    add_values(state, &plan->connection->delay_value, 1);
    add_shared(state, &plan->shared, plan->connection->values);
    add_program(state, &plan->on_pre);
    add_program(state, &plan->per_synapse);
    for (int k = 0; k < plan->n_on_post; k++)
        add_program(state, &plan->on_post[k].program);
    add_program(state, &plan->weights);
    add_program(state, &plan->formula.sums);
    add_program(state, &plan->formula.advance);
    if (plan->formula.exact)
        add_program(state, &plan->formula.exact->exact.varying);
    add_program(state, &plan->formula.on_pre);
    for (int k = 0; k < plan->formula.n_everys; k++) {
        add(state, &plan->formula.everys[k].period, sizeof plan->formula.everys[k].period);
        add_program(state, &plan->formula.everys[k].program);
    }
    for (int k = 0; k < plan->pathways.n; k++) {
        if (plan->pathways.list[k].pathway->event)
            add_text(state, plan->pathways.list[k].pathway->event);
        add(state, &plan->pathways.list[k].delay_differs, sizeof plan->pathways.list[k].delay_differs);
        add(state, &plan->pathways.list[k].delay_column, sizeof plan->pathways.list[k].delay_column);
        add(state, &plan->pathways.list[k].min_delay, sizeof plan->pathways.list[k].min_delay);
        add_program(state, &plan->pathways.list[k].program);
    }
    add_program(state, &plan->delay);
    for (int k = 0; k < plan->n_columns; k++)
        add_program(state, &plan->columns[k].initial);
    for (int k = 0; k < plan->n_assignments; k++) {
        add_values(state, &plan->assignments[k].assignment->value, 1);
        add_program(state, &plan->assignments[k].value);
    }
}

uint64_t plan_hash(const struct plan *plan)
{
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        memory_exhausted(sizeof(XXH3_state_t *));
    XXH3_64bits_reset(state);
    add(state, &plan->script->seed, sizeof plan->script->seed);
    add(state, &plan->script->dt, sizeof plan->script->dt);
    for (int k = 0; k < plan->script->n_populations; k++)
        add_nodes(state, &plan->nodes[k]);
    for (int k = 0; k < plan->script->n_connections; k++)
        add_connection(state, &plan->connections[k]);
    uint64_t hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}
