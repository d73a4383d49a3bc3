/* Random numbers of nodes in a step. Each is a pure function of its key, which says what it is for and stands in the shared table
 * (plan/lower.h), and of the counter (index of the node; low and high word of the step; evaluation): that, since a block of
 * statements may run several times in a step. Also part of every generated kernel that draws. */

/* Whom and when a number is for, all whole numbers. */
struct draw_place {
    lanes index, step, evaluation;
};

/* Whole numbers from 0 to 2^52 - 1, as bits. */
HOOK void draw_words(lanes numbers, part_words words[LANES_PARTS])
{
    part parts[LANES_PARTS];
    __builtin_memcpy(parts, &numbers, sizeof parts);
    for (int p = 0; p < LANES_PARTS; p++)
        words[p] = (part_words)(parts[p] + 0x1p52) & UINT64_C(0xfffffffffffff);
}

HOOK struct philox_blocks draw_blocks(const double *shared, int slot, struct draw_place place)
{
    const struct random_key key = {{(uint32_t)shared[slot], (uint32_t)shared[slot + 1]}};
    struct philox_blocks counter;
    draw_words(place.index, counter.word[0]);
    draw_words(place.step, counter.word[1]);
    draw_words(place.evaluation, counter.word[3]);
    for (int p = 0; p < LANES_PARTS; p++)
        counter.word[2][p] = counter.word[1][p] >> 32;
    return philox_blocks(key, counter);
}

HOOK lanes draw_uniform(const double *shared, int slot, struct draw_place place)
{
    struct philox_blocks blocks = draw_blocks(shared, slot, place);
    return philox_uniform(&blocks, 0);
}

/* Counts of the nodes in the lanes `wanted`, as bits; those that cannot be drawn are NaN, and entered in `refused`, if there is.
 */
HOOK lanes draw_counts(counts_function *draw, enum count_kind kind, const double *shared, int slot, struct draw_place place,
                       lanes mean_or_trials, lanes probability, unsigned wanted, struct counts_refused *refused)
{
    _Alignas(LANES_ALIGNMENT) double index[LANES_WIDTH], step[LANES_WIDTH], evaluation[LANES_WIDTH];
    _Alignas(LANES_ALIGNMENT) double first[LANES_WIDTH], second[LANES_WIDTH], counts[LANES_WIDTH];
    if (!wanted)
        return lanes_set1(0);
    lanes_store(index, place.index);
    lanes_store(step, place.step);
    lanes_store(evaluation, place.evaluation);
    lanes_store(first, mean_or_trials);
    lanes_store(second, probability);
    unsigned bad = draw(&(struct counts_request){.kind = kind,
                                                 .n = LANES_WIDTH,
                                                 .wanted = wanted,
                                                 .key = shared + slot,
                                                 .index = index,
                                                 .step = step,
                                                 .evaluation = evaluation,
                                                 .mean_or_trials = first,
                                                 .probability = second,
                                                 .counts = counts});
    for (bad = refused ? bad & ~refused->lanes : 0; bad; bad &= bad - 1) {
        const int lane = __builtin_ctz(bad);
        refused->lanes |= 1u << lane;
        refused->slot[lane] = slot;
        refused->mean_or_trials[lane] = first[lane];
        refused->probability[lane] = second[lane];
    }
    return lanes_load(counts);
}

HOOK lanes draw_normal(const double *shared, int slot, struct draw_place place)
{
    struct philox_blocks blocks = draw_blocks(shared, slot, place);
    return philox_normal(&blocks);
}
