#include "kernels/interpreter.h"

#include "plan/node_programs.h"
#include "support/lanes.h"
#include "support/maths.h"
#include "support/memory.h"

#include "kernels/runtime.h"
#include "kernels/wide.h"

/* ---- one program ---- */

size_t interpreter_scratch_bytes(const struct program *program)
{
    return (size_t)program->n_instructions * LANES * sizeof(double);
}

void interpret(const struct program *program, const struct interpreter_leaves *leaves, double *scratch)
{
    wide_x86_64_v3.interpret(program, leaves, KEEPS_NONE, LANES, LANES, scratch);
}

void interpret_uniform(const struct program *program, const double *shared, double *values)
{
    double *scratch = memory_new(interpreter_scratch_bytes(program), MEMORY_TEMPORARY);
    interpret(program, &(struct interpreter_leaves){.shared = shared}, scratch);
    for (int k = 0; k < program->n_outputs; k++)
        values[program->outputs[k].slot] = scratch[program->outputs[k].reg * LANES];
    memory_free(scratch);
}

/* ---- the steps of a block: the hooks of block.h, read from the plan ---- */

static const struct node_plan *plan_of(const struct frame *f)
{
    return f->plan;
}

#define MODEL_STATES (plan_of(f)->n_states)
#define MODEL_STATES_ROOM NODE_STATES_MAX
#define MODEL_SLOTS (plan_of(f)->n_slots)
#define MODEL_INPUTS (node_plan_input_rows(plan_of(f)))
#define MODEL_ARRIVALS (plan_of(f)->n_arrivals)
#define MODEL_COUPLINGS (plan_of(f)->n_couplings)
#define MODEL_STEPPING ((int)plan_of(f)->stepping)
#define MODEL_THRESHOLD ((int)plan_of(f)->spike_test)
#define MODEL_REFRACTORY ((int)plan_of(f)->refractory_kind)
#define MODEL_REFRACTORY_SLOT (plan_of(f)->refractory_slot)
#define MODEL_LASTSPIKE_SLOT (plan_of(f)->lastspike_slot)
#define MODEL_SPIKE_TIME_END (plan_of(f)->model->spike_time_end)
#define MODEL_SUB_STEP_SLOT (plan_of(f)->sub_step_slot)
#define MODEL_ACTS_BEFORE_STEP (plan_of(f)->before_step.n_outputs > 0)
#define MODEL_COUNTS (plan_of(f)->shared.draws_counts)
#define MODEL_SPLIT (node_plan_is_split(plan_of(f)))
#define MODEL_TOLERANCE_SLOT (plan_of(f)->tolerance_slot)
#define MODEL_PROPAGATED (plan_of(f)->exact.n_changing)
#define MODEL_PROPAGATOR_ROOM EXACT_CHANGING_MAX
#define MODEL_PROPAGATED_PLACE(k) (propagated_of(f, k)->row * MODEL_STATES + propagated_of(f, k)->column)
#define MODEL_PROPAGATED_OF_INPUT(k) (propagated_of(f, k)->of_input)
#define MODEL_PROPAGATED_SLOT(k) (propagated_of(f, k)->slot)
#define MODEL_ARRIVAL_SLOT(k) (plan_of(f)->arrivals[k].slot)
#define MODEL_ARRIVAL_FACTOR(k) (plan_of(f)->arrivals[k].factor_slot)
#define MODEL_KEEPS_WHILE_REFRACTORY(slot) ((slot) < plan_of(f)->n_states && plan_of(f)->keeps_while_refractory[slot])

/* `stage` holds the states that the program reads; registers begin at `scratch`. */
static void run_program(const struct frame *f, const struct program *program, const double *stage, double *scratch)
{
    _Alignas(LANES_ALIGNMENT) double time[LANES], step[LANES], index[LANES], refractory[LANES], evaluation[LANES];
    lanes_store(time, f->time);
    lanes_store(step, f->step);
    lanes_store(index, f->index);
    lanes_store(evaluation, f->evaluation);
    lanes_store(refractory, lanes_select(f->not_refractory, lanes_set1(0), lanes_set1(1)));
    interpret(program,
              &(struct interpreter_leaves){
                  .shared = f->shared,
                  .states = stage,
                  .slots = f->slots[0],
                  .inputs = f->inputs[0],
                  .time = time,
                  .step = step,
                  .index = index,
                  .evaluation = evaluation,
                  .refractory = refractory,
                  .idle = ~f->acting,
                  .refused = f->refused,
              },
              scratch);
}

static lanes output_of(const struct program *program, const double *scratch, int k)
{
    return lanes_load(scratch + program->outputs[k].reg * LANES);
}

static void model_derivative(const struct frame *f, const lanes *y, lanes *rate)
{
    const struct program *program = &plan_of(f)->derivative;
    double *stage = f->scratch, *registers = f->scratch + NODE_STATES_MAX * LANES;
    for (int k = 0; k < MODEL_STATES; k++)
        lanes_store(stage + k * LANES, y[k]);
    run_program(f, program, stage, registers);
    for (int k = 0; k < program->n_outputs; k++)
        rate[program->outputs[k].slot] = output_of(program, registers, k);
}

static void model_couplings(const struct frame *f)
{
    for (int k = 0; k < MODEL_COUPLINGS; k++) {
        const struct program *program = &plan_of(f)->couplings[k].value;
        run_program(f, program, f->slots[0], f->scratch);
        coupling_store(f, k, output_of(program, f->scratch, 0));
    }
}

static void block_of_actions(struct frame *f, const struct program *program, lanes_mask mask)
{
    if (!program->n_outputs)
        return;
    const unsigned acting = f->acting;
    f->acting &= lanes_bits(mask);
    run_program(f, program, f->slots[0], f->scratch);
    f->acting = acting;
    for (int k = 0; k < program->n_outputs; k++) {
        slot_store_where(f, program->outputs[k].slot, mask, output_of(program, f->scratch, k));
    }
}

/* Entry k of those that are computed in each step. */
static const struct propagator_entry *propagated_of(const struct frame *f, int k)
{
    const struct propagator_entry *entry = plan_of(f)->exact.entries;
    for (; k > 0 || !entry->changes; entry++)
        k -= entry->changes;
    return entry;
}

static void model_matrix(const struct frame *f, lanes *b)
{
    const struct program *matrix = &plan_of(f)->exact.matrix;
    run_program(f, matrix, f->slots[0], f->scratch);
    for (int k = 0; k < matrix->n_outputs; k++)
        b[matrix->outputs[k].slot] = output_of(matrix, f->scratch, k);
}

static void model_update(struct frame *f)
{
    block_of_actions(f, &plan_of(f)->update, lanes_ge(f->dt, lanes_set1(0)));
}

static void model_before_step(struct frame *f)
{
    block_of_actions(f, &plan_of(f)->before_step, lanes_ge(f->dt, lanes_set1(0)));
}

static void model_after_step(struct frame *f)
{
    block_of_actions(f, &plan_of(f)->after_step, lanes_ge(f->dt, lanes_set1(0)));
}

static void model_after_synapses(struct frame *f)
{
    block_of_actions(f, &plan_of(f)->after_synapses, lanes_ge(f->dt, lanes_set1(0)));
}

static void model_after_thresholds(struct frame *f)
{
    block_of_actions(f, &plan_of(f)->after_thresholds, lanes_ge(f->dt, lanes_set1(0)));
}

static void model_after_resets(struct frame *f)
{
    const struct node_plan *plan = plan_of(f);
    for (int k = 0; k < plan->n_events; k++)
        block_of_actions(f, &plan->events[k].action, lanes_ne(slot_load(f, plan->events[k].slot), lanes_set1(0)));
}

static void model_reset(struct frame *f, lanes_mask mask)
{
    block_of_actions(f, &plan_of(f)->reset, mask);
}

static lanes_mask model_threshold(const struct frame *f)
{
    const struct program *program = &plan_of(f)->threshold;
    run_program(f, program, f->slots[0], f->scratch);
    return mask_of_lanes(output_of(program, f->scratch, 0));
}

static lanes model_multiplicity(const struct frame *f)
{
    const struct program *program = &plan_of(f)->multiplicity;
    if (!program->n_outputs)
        return lanes_set1(1);
    run_program(f, program, f->slots[0], f->scratch);
    return output_of(program, f->scratch, 0);
}

static lanes model_refractory(const struct frame *f)
{
    const struct program *program = &plan_of(f)->refractory;
    run_program(f, program, f->slots[0], f->scratch);
    return output_of(program, f->scratch, 0);
}

static lanes_mask model_refractory_lasts(const struct frame *f)
{
    const struct program *program = &plan_of(f)->refractory_lasts;
    run_program(f, program, f->slots[0], f->scratch);
    return mask_of_lanes(output_of(program, f->scratch, 0));
}

static void model_hold(struct frame *f)
{
    (void)f;
}

static void model_leave(struct frame *f)
{
    (void)f;
}

/* The compiler cannot know that an integrator has states, and so its arrays values. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include "kernels/block.h"
#pragma GCC diagnostic pop

_Static_assert(SPIKE_NEVER == MODEL_THRESHOLD_NONE && SPIKE_ON_GRID == MODEL_THRESHOLD_GRID &&
                   SPIKE_EACH_SUB_STEP == MODEL_THRESHOLD_SUB_STEP && SPIKE_AFTER_SYNAPSES == MODEL_THRESHOLD_AFTER_SYNAPSES,
               "plan and block.h number the tests alike");
_Static_assert((int)REFRACTORY_NEVER == MODEL_REFRACTORY_NEVER && (int)REFRACTORY_COUNTS == MODEL_REFRACTORY_COUNTS &&
                   (int)REFRACTORY_LASTS == MODEL_REFRACTORY_LASTS,
               "plan and block.h number the kinds of refractoriness alike");
_Static_assert((int)STEPPING_NONE == MODEL_STEPPING_NONE && (int)STEPPING_UPDATE == MODEL_STEPPING_UPDATE &&
                   (int)STEPPING_RKF45 == MODEL_STEPPING_RKF45,
               "plan and block.h number the ways of a step alike");

void interpret_block(struct block_arguments *a)
{
    block_run(a);
}

void interpreter_scratch_include(size_t *bytes, const struct program *program)
{
    size_t needed = interpreter_scratch_bytes(program);
    if (needed > *bytes)
        *bytes = needed;
}

/* What stragglers_place hands out, and the interpreter's registers behind it. */
static void include_program(void *bytes, const struct program *program, enum node_program_kind kind)
{
    interpreter_scratch_include(bytes, program);
}

size_t block_scratch_bytes(const struct node_plan *plan)
{
    size_t rows = (size_t)(2 * plan->n_slots + node_plan_input_rows(plan) + plan->n_arrivals + plan->n_couplings);
    size_t padding = (size_t)(plan->n_slots + plan->n_couplings);
    size_t bytes = 0;
    node_programs_visit(plan, include_program, &bytes);
    return bytes + (NODE_STATES_MAX + GANG_MAX * rows + padding) * LANES * sizeof(double);
}
