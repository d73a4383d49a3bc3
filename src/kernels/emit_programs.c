/* The text is: lanes.h, maths.h, step_value.h, leaves.h and program_runtime.h as they are, and one function per program. */
#include "kernels/emit_programs.h"

#include "kernels/emit_text.h"

bool can_emit_program(const struct program *program)
{
    for (int k = 0; k < program->n_instructions; k++) {
        const struct instruction *instruction = &program->instructions[k];
        if (opcode_draws(instruction->opcode) || instruction->opcode == OPCODE_DISTANCE ||
            (instruction->opcode == OPCODE_INDEX && instruction->slot != 0))
            return false;
    }
    return program->n_outputs > 0;
}

static void emit_leaf(const struct program *program, enum opcode opcode, const char *field, const char *value, struct text *text)
{
    if (program_uses(program, opcode))
        text_add(text, "    frame.%s = %s;\n", field, value);
}

static void emit_program(const struct program *program, int number, struct text *text)
{
    text_add(text,
             "void " PROGRAM_FUNCTION "(const struct interpreter_leaves *leaves, double *scratch);\n"
             "void " PROGRAM_FUNCTION "(const struct interpreter_leaves *leaves, double *scratch)\n{\n"
             "    struct frame frame = {.leaves = leaves, .shared = leaves->shared};\n"
             "    const struct frame *f = &frame;\n    (void)f;\n",
             number, number);
    emit_leaf(program, OPCODE_TIME, "time", "lanes_load(leaves->time)", text);
    emit_leaf(program, OPCODE_STEP, "step", "lanes_load(leaves->step)", text);
    emit_leaf(program, OPCODE_INDEX, "index", "lanes_load(leaves->index)", text);
    emit_leaf(program, OPCODE_NOT_REFRACTORY, "not_refractory",
              "lanes_le(leaves->refractory ? lanes_load(leaves->refractory) : lanes_set1(0), lanes_set1(0))", text);
    emit_instructions(program, text);
    for (int k = 0; k < program->n_outputs; k++) {
        int reg = program->outputs[k].reg;
        const bool is_mask = opcode_gives_mask(program->instructions[reg].opcode);
        text_add(text, "    lanes_store(scratch + %d * LANES, %sr%d%s);\n", reg, is_mask ? "lanes_of_mask(" : "", reg,
                 is_mask ? ")" : "");
    }
    text_add(text, "}\n");
}

void emit_programs(const struct program *const *programs, int n, struct text *text)
{
    emit_embedded("src/support/lanes.h", text);
    emit_embedded("src/support/maths.h", text);
    emit_embedded("src/kernels/leaves.h", text);
    emit_embedded("src/kernels/program_runtime.h", text);
    emit_embedded("src/kernels/step_value.h", text);
    for (int k = 0; k < n; k++)
        emit_program(programs[k], k, text);
}
