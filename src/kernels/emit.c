/* The text is: lanes.h, maths.h, runtime.h, step_value.h as they are; the plan's constants; one function per program, a line per
 * instruction; block.h, which runs the steps with these functions. */
#include "kernels/emit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/emit_text.h"
#include "plan/node_programs.h"
#include "support/embedded.h"

extern const struct embedded_file embedded_runtime[];

/* Blocks that are computed side by side. */
enum { GANG_V3 = 1, GANG_V4 = 2 };

/* ---- texts that travel in the program ---- */

static bool is_line(const char *text, const char *line)
{
    return !strncmp(text, line, strlen(line)) && text[strlen(line)] == '\n';
}

/* The embedded headers include each other by path; all of them are in this one text, in the right order, so those lines are
 * dropped; block.h's includes of its parts are replaced by the files. */
void emit_embedded(const char *path, struct text *text)
{
    const struct embedded_file *file = embedded_runtime;
    while (strcmp(file->path, path))
        file++;
    for (const char *line = file->text; *line;) {
        size_t length = strcspn(line, "\n");
        if (is_line(line, "#include \"kernels/changing_propagator.h\""))
            emit_embedded("src/kernels/changing_propagator.h", text);
        else if (is_line(line, "#include \"kernels/rkf45.h\""))
            emit_embedded("src/kernels/rkf45.h", text);
        else if (is_line(line, "#include \"kernels/stragglers.h\""))
            emit_embedded("src/kernels/stragglers.h", text);
        else if (is_line(line, "#include \"kernels/phases.h\""))
            emit_embedded("src/kernels/phases.h", text);
        else if (strncmp(line, "#include", strlen("#include")))
            text_add(text, "%.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

/* What philox.h expects of the headers that the program itself has before it. */
static void emit_draws(struct text *text)
{
    text_add(text, "typedef __UINT32_TYPE__ uint32_t;\ntypedef __UINT64_TYPE__ uint64_t;\n#define UINT64_C(number) number##ull\n"
                   "struct random_key {\n    uint32_t word[2];\n};\n");
    emit_embedded("src/support/philox.h", text);
    emit_embedded("src/kernels/draw.h", text);
    text_add(text, "HOOK struct draw_place frame_draw_place(const struct frame *f)\n{\n"
                   "    return (struct draw_place){f->index, f->step, f->evaluation};\n}\n");
    text_add(text,
             "HOOK lanes frame_draw_counts(const struct frame *f, enum count_kind kind, int slot, lanes first, lanes second,\n"
             "                             lanes_mask wanted)\n{\n"
             "    return draw_counts(f->draw_counts, kind, f->shared, slot, frame_draw_place(f), first, second,\n"
             "                       lanes_bits(wanted) & f->acting, f->refused);\n}\n");
}

/* ---- programs ---- */

static void emit_constant(double value, struct text *text)
{
    if (isnan(value))
        text_add(text, "lanes_set1(__builtin_nan(\"\"))");
    else if (isinf(value))
        text_add(text, "lanes_set1(%s__builtin_inf())", value < 0 ? "-" : "");
    else
        text_add(text, "lanes_set1(%a)", value);
}

static void emit_value(const struct instruction *i, struct text *text)
{
    switch (i->opcode) {
    case OPCODE_CONSTANT:
        emit_constant(i->value, text);
        return;
    case OPCODE_SHARED:
        text_add(text, "lanes_set1(f->shared[%d])", i->slot);
        return;
    case OPCODE_STATE:
        text_add(text, "y(%d)", i->slot);
        return;
    case OPCODE_NODE:
        text_add(text, "slot_load(f, %d)", i->slot);
        return;
    case OPCODE_INPUT:
        text_add(text, "input_load(f, %d)", i->slot);
        return;
    case OPCODE_ARGUMENT:
        text_add(text, "argument_load(f, %d)", i->slot);
        return;
    case OPCODE_TIME:
        text_add(text, "f->time");
        return;
    case OPCODE_STEP:
        text_add(text, "f->step");
        return;
    case OPCODE_INDEX:
        text_add(text, "f->index");
        return;
    case OPCODE_NOT_REFRACTORY:
        text_add(text, "f->not_refractory");
        return;
    case OPCODE_DRAWN_UNIFORM:
    case OPCODE_DRAWN_NORMAL:
        text_add(text, "draw_%s(f->shared, %d, frame_draw_place(f))", i->opcode == OPCODE_DRAWN_UNIFORM ? "uniform" : "normal",
                 i->slot);
        return;
    case OPCODE_DRAWN_POISSON:
        text_add(text, "frame_draw_counts(f, COUNT_POISSON, %d, r%d, lanes_set1(0), r%d)", i->slot, i->operand[0], i->operand[1]);
        return;
    case OPCODE_DRAWN_BINOMIAL:
        text_add(text, "frame_draw_counts(f, COUNT_BINOMIAL, %d, r%d, r%d, r%d)", i->slot, i->operand[0], i->operand[1],
                 i->operand[2]);
        return;
    case OPCODE_NUMBER_OF:
        text_add(text, "lanes_select(r%d, lanes_set1(1), lanes_set1(0))", i->operand[0]);
        return;
    case OPCODE_ELEMENT:
        text_add(text, "array_element(f->shared, %d, r%d, r%d)", i->slot, i->operand[0], i->operand[1]);
        return;
    case OPCODE_STEP_VALUE:
        text_add(text, "step_value(f->shared, %d, r%d, r%d)", i->slot, i->operand[0], i->operand[1]);
        return;
    default:
        text_add(text, "%s(r%d", opcode_function(i->opcode), i->operand[0]);
        for (int k = 1; k < opcode_operands(i->opcode); k++)
            text_add(text, ", r%d", i->operand[k]);
        text_add(text, ")");
    }
}

void emit_instructions(const struct program *program, struct text *text)
{
    for (int k = 0; k < program->n_instructions; k++) {
        text_add(text, "    %s r%d = ", opcode_gives_mask(program->instructions[k].opcode) ? "lanes_mask" : "lanes", k);
        emit_value(&program->instructions[k], text);
        text_add(text, ";\n");
    }
}

/* States are read from the stage that the integrator hands over … */
static void emit_derivative(const struct node_plan *plan, struct text *text)
{
    text_add(text,
             "#define y(k) stage[k]\nHOOK void model_derivative(const struct frame *f, const lanes *stage, lanes *rate)\n{\n");
    emit_instructions(&plan->derivative, text);
    for (int k = 0; k < plan->derivative.n_outputs; k++)
        text_add(text, "    rate[%d] = r%d;\n", plan->derivative.outputs[k].slot, plan->derivative.outputs[k].reg);
    text_add(text, "}\n#undef y\n");
    /* … and everywhere else from where they are stored. */
    text_add(text, "#define y(k) slot_load(f, k)\n");
}

static void emit_couplings(const struct node_plan *plan, struct text *text)
{
    for (int c = 0; c < plan->n_couplings; c++) {
        text_add(text, "HOOK lanes model_coupling_%d(const struct frame *f)\n{\n", c);
        emit_instructions(&plan->couplings[c].value, text);
        text_add(text, "    return r%d;\n}\n", plan->couplings[c].value.outputs[0].reg);
    }
    text_add(text, "HOOK void model_couplings(const struct frame *f)\n{\n");
    for (int c = 0; c < plan->n_couplings; c++)
        text_add(text, "    coupling_store(f, %d, model_coupling_%d(f));\n", c, c);
    text_add(text, "}\n");
}

/* ---- slots that are held in registers ---- */

/* Slots of a gang that find room in registers beside what is computed with them. An adaptive integrator holds none: nodes leave
 * its gangs; nor do propagators that are computed in each step, which go to their slots by number. */
enum { HELD_V3 = 6, HELD_V4 = 12 };

static int held_slots(const struct node_plan *plan, int room)
{
    const bool holds = plan->stepping != STEPPING_RKF45 && !plan->exact.n_changing;
    return holds && plan->n_slots <= room ? plan->n_slots : 0;
}

/* A slot, and whether any program sets it. */
struct sought_slot {
    int slot;
    bool is_set;
};

static void look_for_slot(void *context, const struct program *program, enum node_program_kind kind)
{
    struct sought_slot *sought = context;
    for (int k = 0; kind == NODE_PROGRAM_ACTS && k < program->n_outputs; k++)
        sought->is_set |= program->outputs[k].slot == sought->slot;
}

/* Whether a step may change a slot: a program that acts, an arrival, or the spike itself. */
static bool is_changed(const struct node_plan *plan, int slot)
{
    struct sought_slot sought = {slot, slot == plan->refractory_slot || slot == plan->lastspike_slot};
    node_programs_visit(plan, look_for_slot, &sought);
    for (int k = 0; k < plan->n_arrivals; k++)
        sought.is_set |= plan->arrivals[k].slot == slot;
    return sought.is_set;
}

static void emit_holding(const struct node_plan *plan, struct text *text)
{
    const int n = held_slots(plan, HELD_V4);
    text_add(text, "HOOK void model_hold(struct frame *f)\n{\n");
    for (int slot = 0; slot < n; slot++)
        text_add(text, "    if (MODEL_HELD_SLOTS)\n        f->held[%d] = slot_fetch(f, %d);\n", slot, slot);
    text_add(text, "}\nHOOK void model_leave(struct frame *f)\n{\n");
    for (int slot = 0; slot < n; slot++)
        if (is_changed(plan, slot))
            text_add(text, "    if (MODEL_HELD_SLOTS)\n        slot_leave(f, %d, f->held[%d]);\n", slot, slot);
    text_add(text, "}\n");
}

/* ---- programs that act ---- */

static void emit_matrix(const struct node_plan *plan, struct text *text)
{
    const struct program *matrix = &plan->exact.matrix;
    text_add(text, "HOOK void model_matrix(const struct frame *f, lanes *b)\n{\n");
    emit_instructions(matrix, text);
    for (int k = 0; k < matrix->n_outputs; k++)
        text_add(text, "    b[%d] = r%d;\n", matrix->outputs[k].slot, matrix->outputs[k].reg);
    text_add(text, "}\n");
}

/* Outputs are stored after all instructions, where the mask holds (NULL: everywhere). */
static void emit_actions(const char *head, const struct program *program, const char *mask, struct text *text)
{
    text_add(text, "%s\n{\n", head);
    const bool narrows = mask && program_draws_counts(program);
    if (narrows)
        text_add(text, "    const unsigned acting = f->acting;\n    f->acting &= lanes_bits(%s);\n", mask);
    emit_instructions(program, text);
    if (narrows)
        text_add(text, "    f->acting = acting;\n");
    for (int k = 0; k < program->n_outputs; k++) {
        int slot = program->outputs[k].slot, reg = program->outputs[k].reg;
        if (mask)
            text_add(text, "    slot_store_where(f, %d, %s, r%d);\n", slot, mask, reg);
        else
            text_add(text, "    slot_store(f, %d, r%d);\n", slot, reg);
    }
    text_add(text, "}\n");
}

/* What custom events do, at the nodes at which they happen. */
static void emit_events(const struct node_plan *plan, struct text *text)
{
    char head[96];
    for (int k = 0; k < plan->n_events; k++) {
        snprintf(head, sizeof head, "HOOK void event_%d(struct frame *f, lanes_mask happens)", k);
        emit_actions(head, &plan->events[k].action, "happens", text);
    }
    text_add(text, "HOOK void model_after_resets(struct frame *f)\n{\n");
    for (int k = 0; k < plan->n_events; k++)
        text_add(text, "    event_%d(f, lanes_ne(slot_load(f, %d), lanes_set1(0)));\n", k, plan->events[k].slot);
    text_add(text, "}\n");
}

static void emit_result(const char *head, const struct program *program, const char *fallback, struct text *text)
{
    text_add(text, "%s\n{\n", head);
    emit_instructions(program, text);
    if (program->n_outputs)
        text_add(text, "    return r%d;\n}\n", program->outputs[0].reg);
    else
        text_add(text, "    return %s;\n}\n", fallback);
}

/* ---- the kernel ---- */

static void emit_bits(const char *name, const bool *bits, int n, struct text *text)
{
    text_add(text, "static const char %s[] = {", name);
    for (int k = 0; k < n; k++)
        text_add(text, "%d,", bits[k]);
    text_add(text, "0};\n");
}

static void emit_constants(const struct node_plan *plan, struct text *text)
{
    text_add(text, "#define MODEL_STATES %d\n#define MODEL_STATES_ROOM %d\n#define MODEL_SLOTS %d\n", plan->n_states,
             plan->n_states ? plan->n_states : 1, plan->n_slots);
    text_add(text, "#define MODEL_INPUTS %d\n#define MODEL_ARRIVALS %d\n", node_plan_input_rows(plan), plan->n_arrivals);
    text_add(text, "#define MODEL_COUPLINGS %d\n#define MODEL_STEPPING %d\n", plan->n_couplings, (int)plan->stepping);
    text_add(text, "#define MODEL_THRESHOLD %d\n#define MODEL_ACTS_BEFORE_STEP %d\n", (int)plan->spike_test,
             plan->before_step.n_outputs > 0);
    text_add(text, "#define MODEL_SPLIT %d\n#define MODEL_COUNTS %d\n", node_plan_is_split(plan), plan->shared.draws_counts);
    text_add(text, "#define MODEL_REFRACTORY %d\n#define MODEL_REFRACTORY_SLOT (%d)\n", (int)plan->refractory_kind,
             plan->refractory_slot);
    text_add(text, "#define MODEL_LASTSPIKE_SLOT (%d)\n#define MODEL_SPIKE_TIME_END %d\n#define MODEL_SUB_STEP_SLOT (%d)\n",
             plan->lastspike_slot, plan->model->spike_time_end, plan->sub_step_slot);
    text_add(text, "#define MODEL_TOLERANCE_SLOT %d\n", plan->tolerance_slot);
    text_add(text, "static const int arrival_slots[] = {");
    for (int k = 0; k < plan->n_arrivals; k++)
        text_add(text, "%d,", plan->arrivals[k].slot);
    text_add(text, "0};\nstatic const int arrival_factors[] = {");
    for (int k = 0; k < plan->n_arrivals; k++)
        text_add(text, "%d,", plan->arrivals[k].factor_slot);
    text_add(text, "0};\n#define MODEL_ARRIVAL_SLOT(k) arrival_slots[k]\n#define MODEL_ARRIVAL_FACTOR(k) arrival_factors[k]\n");
    emit_bits("keeps_while_refractory", plan->keeps_while_refractory, plan->n_states, text);
    text_add(text, "#define MODEL_KEEPS_WHILE_REFRACTORY(slot) ((slot) < %d && keeps_while_refractory[slot])\n", plan->n_states);
}

/* Entries of the propagator that are computed in each step: {place, of input, slot}. */
static void emit_propagated(const struct node_plan *plan, struct text *text)
{
    const struct exact_plan *exact = &plan->exact;
    text_add(text, "#define MODEL_PROPAGATED %d\n#define MODEL_PROPAGATOR_ROOM %d\n", exact->n_changing,
             exact->n_changing ? plan->n_states : 1);
    text_add(text, "static const int propagated[][3] = {");
    for (int k = 0; k < exact->n_entries; k++) {
        const struct propagator_entry *entry = &exact->entries[k];
        if (entry->changes)
            text_add(text, "{%d,%d,%d},", entry->row * plan->n_states + entry->column, entry->of_input, entry->slot);
    }
    text_add(text, "{0}};\n#define MODEL_PROPAGATED_PLACE(k) propagated[k][0]\n"
                   "#define MODEL_PROPAGATED_OF_INPUT(k) propagated[k][1]\n#define MODEL_PROPAGATED_SLOT(k) propagated[k][2]\n");
}

void emit_kernel(const struct node_plan *plan, struct text *text)
{
    text_add(text, "#ifdef __AVX512F__\n#define LANES_GANG %d\n#define MODEL_HELD_SLOTS %d\n", GANG_V4,
             held_slots(plan, HELD_V4));
    text_add(text, "#else\n#define LANES_GANG %d\n#define MODEL_HELD_SLOTS %d\n#endif\n", GANG_V3, held_slots(plan, HELD_V3));
    emit_embedded("src/support/lanes.h", text);
    emit_embedded("src/support/maths.h", text);
    emit_embedded("src/kernels/runtime.h", text);
    emit_embedded("src/kernels/step_value.h", text);
    if (plan->shared.n_draws)
        emit_draws(text);
    emit_constants(plan, text);
    emit_holding(plan, text);
    emit_propagated(plan, text);
    emit_derivative(plan, text);
    emit_couplings(plan, text);
    emit_matrix(plan, text);
    emit_actions("HOOK void model_update(struct frame *f)", &plan->update, NULL, text);
    emit_actions("HOOK void model_before_step(struct frame *f)", &plan->before_step, NULL, text);
    emit_actions("HOOK void model_after_step(struct frame *f)", &plan->after_step, NULL, text);
    emit_actions("HOOK void model_after_synapses(struct frame *f)", &plan->after_synapses, NULL, text);
    emit_actions("HOOK void model_after_thresholds(struct frame *f)", &plan->after_thresholds, NULL, text);
    emit_events(plan, text);
    emit_actions("HOOK void model_reset(struct frame *f, lanes_mask spikes)", &plan->reset, "spikes", text);
    emit_result("HOOK lanes_mask model_threshold(const struct frame *f)", &plan->threshold, "lanes_lt(f->time, f->time)", text);
    emit_result("HOOK lanes model_multiplicity(const struct frame *f)", &plan->multiplicity, "lanes_set1(1)", text);
    emit_result("HOOK lanes model_refractory(const struct frame *f)", &plan->refractory, "lanes_set1(0)", text);
    emit_result("HOOK lanes_mask model_refractory_lasts(const struct frame *f)", &plan->refractory_lasts,
                "lanes_lt(f->time, f->time)", text);
    emit_embedded("src/kernels/block.h", text);
    text_add(text, "void " KERNEL_FUNCTION "(struct block_arguments *a);\n"
                   "void " KERNEL_FUNCTION "(struct block_arguments *a)\n{\n    block_run(a);\n}\n");
}
