/* The text of wide_x86_64_v3.c and wide_x86_64_v4.c, which define WIDE_FUNCTIONS: the name of what it makes. */
#include <assert.h>
#include <immintrin.h>

#include "support/philox.h"

#include "kernels/runtime.h"
#include "kernels/wide.h"

#include "kernels/counts.h"
#include "kernels/draw.h"
#include "kernels/step_value.h"

/* ---- programs ------------------------------------------------------------------------------------------------------------- */

/* Of the LANES elements from `at` on. */
static inline struct draw_place draw_place_of(const struct interpreter_leaves *leaves, int at)
{
    return (struct draw_place){lanes_load(leaves->index + at), lanes_load(leaves->step + at),
                               leaves->evaluation ? lanes_load(leaves->evaluation + at) : lanes_set1(0)};
}

static lanes counts_of_nodes(enum count_kind kind, const struct interpreter_leaves *leaves, int slot, int at, lanes first,
                             lanes second, lanes_mask wanted)
{
    assert(at == 0);
    return draw_counts(counts_of_step, kind, leaves->shared, slot, draw_place_of(leaves, at), first, second,
                       lanes_bits(wanted) & ~leaves->idle, leaves->refused);
}

/* Of the LANES elements from `at` on. */
static lanes counts_of_values(enum count_kind kind, const struct value_draws *draws, int number, int at, lanes mean_or_trials,
                              lanes probability, lanes_mask wanted)
{
    _Alignas(LANES_ALIGNMENT) double first[LANES], second[LANES], counts[LANES];
    const struct value_elements *elements = draws->elements;
    const unsigned bits = lanes_bits(wanted);
    lanes_store(first, mean_or_trials);
    lanes_store(second, probability);
    for (int lane = 0; lane < LANES; lane++) {
        const uint32_t counter[4] = {elements->index[at + lane], elements->second[at + lane], draws->round,
                                     elements->third[at + lane]};
        counts[lane] = bits >> lane & 1 ? counts_one(kind, draws->keys[number], counter, first[lane], second[lane]) : 0;
        if (counts[lane] != counts[lane])
            draws->refused[at / LANES] |= (unsigned char)(1u << lane);
    }
    return lanes_load(counts);
}

/* Instruction `number` for n elements; register k begins at registers[k*width]. */
static void run_instruction(const struct instruction *instruction, int number, const struct interpreter_leaves *leaves, int width,
                            int n, double *registers)
{
    const double *operand[3];
    for (int k = 0; k < 3; k++)
        operand[k] = registers + (instruction->operand[k] < 0 ? 0 : instruction->operand[k] * width);
    const int row = instruction->slot * width;
    double *out = registers + number * width;

#define R(k) lanes_load(operand[k] + at)
#define M(k) mask_of_lanes(R(k))
#define EACH(value)                       \
    for (int at = 0; at < n; at += LANES) \
        lanes_store(out + at, value);     \
    return;
#define LEAF(name, array) \
    case OPCODE_##name:   \
        EACH(lanes_load((array) + at))
#define UNARY(name, function) \
    case OPCODE_##name:       \
        EACH(function(R(0)))
#define BINARY(name, function) \
    case OPCODE_##name:        \
        EACH(function(R(0), R(1)))
#define COMPARISON(name, function) \
    case OPCODE_##name:            \
        EACH(lanes_of_mask(function(R(0), R(1))))
    switch (instruction->opcode) {
    case OPCODE_CONSTANT:
        EACH(lanes_set1(instruction->value))
    case OPCODE_SHARED:
        EACH(lanes_set1(leaves->shared[instruction->slot]))
        LEAF(STATE, leaves->states + row)
        LEAF(NODE, leaves->slots + row)
        LEAF(INPUT, leaves->inputs + row)
        LEAF(ARGUMENT, leaves->argument + row)
        LEAF(TIME, leaves->time)
        LEAF(STEP, leaves->step)
        LEAF(INDEX, leaves->index + row)
        LEAF(DISTANCE, leaves->distance)
    case OPCODE_NOT_REFRACTORY:
        EACH(lanes_of_mask(lanes_le(leaves->refractory ? lanes_load(leaves->refractory + at) : lanes_set1(0), lanes_set1(0))))
        BINARY(ADD, lanes_add)
        BINARY(SUBTRACT, lanes_sub)
        BINARY(MULTIPLY, lanes_mul)
        BINARY(DIVIDE, lanes_div)
        BINARY(FLOOR_DIVIDE, lanes_floor_divide)
        BINARY(MODULO, lanes_modulo)
        BINARY(POWER, lanes_pow)
        UNARY(NEGATE, lanes_neg)
        UNARY(ABSOLUTE, lanes_abs)
        BINARY(MINIMUM, lanes_min)
        BINARY(MAXIMUM, lanes_max)
        UNARY(SQRT, lanes_sqrt)
        UNARY(FLOOR, lanes_floor)
        UNARY(CEIL, lanes_ceil)
        UNARY(TRUNCATE, lanes_trunc)
        UNARY(ROUND, lanes_rint)
        UNARY(SIGN, lanes_sign)
        UNARY(EXP, lanes_exp)
        UNARY(EXPM1, lanes_expm1)
        UNARY(EXPREL, lanes_exprel)
        UNARY(LOG, lanes_log)
        UNARY(LOG10, lanes_log10)
        UNARY(LOG1P, lanes_log1p)
        UNARY(SIN, lanes_sin)
        UNARY(COS, lanes_cos)
        UNARY(TAN, lanes_tan)
        UNARY(SINH, lanes_sinh)
        UNARY(COSH, lanes_cosh)
        UNARY(TANH, lanes_tanh)
        UNARY(ARCSIN, lanes_arcsin)
        UNARY(ARCCOS, lanes_arccos)
        UNARY(ARCTAN, lanes_arctan)
        COMPARISON(LESS, lanes_lt)
        COMPARISON(LESS_EQUAL, lanes_le)
        COMPARISON(GREATER, lanes_gt)
        COMPARISON(GREATER_EQUAL, lanes_ge)
        COMPARISON(EQUAL, lanes_eq)
        COMPARISON(NOT_EQUAL, lanes_ne)
    case OPCODE_AND:
        EACH(lanes_of_mask(lanes_mask_and(M(0), M(1))))
    case OPCODE_OR:
        EACH(lanes_of_mask(lanes_mask_or(M(0), M(1))))
    case OPCODE_NOT:
        EACH(lanes_of_mask(lanes_mask_not(M(0))))
    case OPCODE_SELECT:
        EACH(lanes_select(M(0), R(1), R(2)))
    case OPCODE_STEP_VALUE:
        EACH(step_value(leaves->shared, instruction->slot, R(0), R(1)))
    case OPCODE_ELEMENT:
        EACH(array_element(leaves->shared, instruction->slot, R(0), R(1)))
    case OPCODE_DRAWN_UNIFORM:
        EACH(draw_uniform(leaves->shared, instruction->slot, draw_place_of(leaves, at)))
    case OPCODE_DRAWN_NORMAL:
        EACH(draw_normal(leaves->shared, instruction->slot, draw_place_of(leaves, at)))
    case OPCODE_DRAWN_POISSON:
        EACH(counts_of_nodes(COUNT_POISSON, leaves, instruction->slot, at, R(0), lanes_set1(0), M(1)))
    case OPCODE_DRAWN_BINOMIAL:
        EACH(counts_of_nodes(COUNT_BINOMIAL, leaves, instruction->slot, at, R(0), R(1), M(2)))
    case OPCODE_POISSON:
        EACH(counts_of_values(COUNT_POISSON, leaves->values, number, at, R(0), lanes_set1(0), M(1)))
    case OPCODE_BINOMIAL:
        EACH(counts_of_values(COUNT_BINOMIAL, leaves->values, number, at, R(0), R(1), M(2)))
    case OPCODE_NUMBER_OF:
        EACH(lanes_select(M(0), lanes_set1(1), lanes_set1(0)))
    case OPCODE_UNIFORM: /* is drawn before the run, into its register */
    case OPCODE_NORMAL:
    case OPCODE_COUNT:
        break;
    }
    assert(!"an opcode without a meaning");
#undef R
#undef M
#undef EACH
#undef LEAF
#undef UNARY
#undef BINARY
#undef COMPARISON
}

static inline bool is_kept(enum opcode opcode, enum kept_registers kept)
{
    if (kept == KEEPS_FILLED)
        return opcode == OPCODE_CONSTANT || opcode == OPCODE_UNIFORM || opcode == OPCODE_NORMAL;
    return kept == KEEPS_LEAVES && opcode_operands(opcode) == 0;
}

static void interpret_wide(const struct program *program, const struct interpreter_leaves *leaves, enum kept_registers kept,
                           int width, int n, double *registers)
{
    for (int k = 0; k < program->n_instructions; k++)
        if (!is_kept(program->instructions[k].opcode, kept))
            run_instruction(&program->instructions[k], k, leaves, width, n, registers);
}

/* ---- random numbers ------------------------------------------------------------------------------------------------------- */

/* Of the LANES elements from `at` on. */
static inline struct philox_blocks blocks_of(struct random_key key, const struct value_elements *elements, int at, uint32_t round)
{
    struct philox_blocks counter;
    for (int p = 0; p < LANES_PARTS; p++) {
        counter.word[0][p] = philox_load(elements->index + at + p * PART_WIDTH);
        counter.word[1][p] = philox_load(elements->second + at + p * PART_WIDTH);
        counter.word[2][p] = philox_same(round);
        counter.word[3][p] = philox_load(elements->third + at + p * PART_WIDTH);
    }
    return philox_blocks(key, counter);
}

static void element_uniforms(struct random_key key, const struct value_elements *elements, uint32_t round, int n, double *out)
{
    for (int at = 0; at < n; at += LANES) {
        struct philox_blocks block = blocks_of(key, elements, at, round);
        lanes_store(out + at, philox_uniform(&block, 0));
    }
}

/* philox_normal for the elements [begin, end), at most AT_ONCE. What makes a number is a long chain of operations that wait for
 * each other. In three loops the chains are short, so that a processor has those of several elements under way. */
enum { AT_ONCE = 128 };

static inline void some_normals(struct random_key key, const struct value_elements *elements, uint32_t round, int begin, int end,
                                double *out)
{
    _Alignas(LANES_ALIGNMENT) double angle[AT_ONCE];
    for (int at = begin; at < end; at += LANES) {
        struct philox_blocks block = blocks_of(key, elements, at, round);
        lanes_store(out + at, philox_open_uniform(&block, 0));
        lanes_store(angle + at - begin, philox_uniform(&block, 1));
    }
    for (int at = begin; at < end; at += LANES)
        lanes_store(out + at, philox_radius(lanes_load(out + at)));
    for (int at = begin; at < end; at += LANES)
        lanes_store(out + at, lanes_mul(lanes_load(out + at), philox_cosine(lanes_load(angle + at - begin))));
}

static void element_normals(struct random_key key, const struct value_elements *elements, uint32_t round, int n, double *out)
{
    for (int begin = 0; begin < n; begin += AT_ONCE)
        some_normals(key, elements, round, begin, begin + AT_ONCE < n ? begin + AT_ONCE : n, out);
}

/* ---- counts ---------------------------------------------------------------------------------------------------------------- */

/* table[(int)place] of each lane */
PART_INLINE lanes look_up(const double *table, const double place[LANES])
{
    _Alignas(LANES_ALIGNMENT) double found[LANES];
    for (int lane = 0; lane < LANES; lane += PART_WIDTH) {
#if PART_WIDTH == 8
        _mm512_store_pd(found + lane,
                        _mm512_i32gather_pd(_mm512_cvttpd_epi32(_mm512_load_pd(place + lane)), table, sizeof *table));
#else
        _mm256_store_pd(found + lane,
                        _mm256_i32gather_pd(table, _mm256_cvttpd_epi32(_mm256_load_pd(place + lane)), sizeof *table));
#endif
    }
    return lanes_load(found);
}

/* In a cell with several counts the search goes on from the first. */
static double search(const struct count_law *law, int output, double u)
{
    uint32_t count = law->guide[(uint32_t)(u * law->n_cells)];
    while (u >= law->cumulative[count])
        count++;
    return law->added[output][count];
}

static void add_counts(struct random_key key, const struct count_law *law, const struct count_elements *elements, double *sums,
                       size_t pitch)
{
    struct philox_blocks counter;
    uint32_t index[LANES];
    for (int p = 0; p < LANES_PARTS; p++) {
        counter.word[1][p] = philox_same(elements->c1);
        counter.word[2][p] = philox_same(elements->c2);
        counter.word[3][p] = philox_same(elements->c3);
    }
    for (uint32_t block = 0; block < elements->n_blocks; block++, sums += pitch) {
        _Alignas(LANES_ALIGNMENT) double u[LANES], place[LANES];
        for (uint32_t lane = 0; lane < LANES; lane++)
            index[lane] = elements->first + (block * LANES + lane) * elements->step;
        for (int p = 0; p < LANES_PARTS; p++)
            counter.word[0][p] = philox_load(index + p * PART_WIDTH);
        struct philox_blocks drawn = philox_blocks(key, counter);
        lanes uniform = philox_uniform(&drawn, 0);
        lanes_store(u, uniform);
        lanes_store(place, lanes_mul(uniform, lanes_set1(law->n_cells)));
        for (int output = 0; output < law->n_outputs; output++) {
            lanes added = look_up(law->cells[output], place);
            unsigned unclear = lanes_bits(lanes_ne(added, added));
            if (unclear) {
                _Alignas(LANES_ALIGNMENT) double each[LANES];
                lanes_store(each, added);
                for (; unclear; unclear &= unclear - 1)
                    each[__builtin_ctz(unclear)] = search(law, output, u[__builtin_ctz(unclear)]);
                added = lanes_load(each);
            }
            double *to = sums + law->to[output];
            lanes_storeu(to, lanes_add(lanes_loadu(to), added));
        }
    }
}

const struct wide WIDE_FUNCTIONS = {
    .interpret = interpret_wide, .uniform = element_uniforms, .normal = element_normals, .add_counts = add_counts};
