/* Each lane goes through its own list of acts: a spike of its target and a block of on_post. The blocks run in turn, each for the
 * lanes whose next act it is, until all lanes are through. */
#include "engine/replay.h"

/* The next act of a lane. */
struct act {
    uint64_t at, end; /* spikes left: steps[at … end) of the target */
    uint64_t copies;  /* spikes in the step at hand */
    uint64_t copy;    /* those that the block has seen */
    int block;        /* of on_post; n_on_post: no act is left */
};

static step_count time_of(const struct replayed_synapse *synapse, const struct act *act)
{
    return synapse->target->steps[act->at] + synapse->shift;
}

/* What acts before it, and what comes before on_pre and acts at it, has acted. */
static step_count begin_of(const struct replayed_synapse *synapse)
{
    return synapse->settled > synapse->previous ? synapse->settled : synapse->previous;
}

static void begin_step(const struct replayed_synapse *synapse, struct act *act)
{
    const step_count *steps = synapse->target->steps;
    act->block = 0;
    act->copy = 0;
    act->copies = 0;
    while (act->at + act->copies < act->end && steps[act->at + act->copies] == steps[act->at])
        act->copies++;
}

/* Stay at an act that is due now, or go on to the next one that is. */
static void settle(const struct connection_plan *plan, const struct replayed_synapse *synapse, struct act *act)
{
    while (act->at < act->end) {
        step_count time = time_of(synapse, act);
        for (; act->block < plan->n_on_post; act->block++)
            if (plan->on_post[act->block].is_early ? time > begin_of(synapse) : time < synapse->stamp)
                return;
        act->at += act->copies;
        begin_step(synapse, act);
    }
    act->block = plan->n_on_post;
}

/* Looked for from the end: what has happened since a source's last spike is little, or must be gone through anyway. */
static struct act first_act(const struct connection_plan *plan, const struct replayed_synapse *synapse)
{
    const struct node_spikes *target = synapse->target;
    struct act act = {.end = target->n};
    while (act.end > 0 && target->steps[act.end - 1] + synapse->shift > synapse->stamp)
        act.end--;
    act.at = act.end;
    while (act.at > 0 && target->steps[act.at - 1] >= synapse->since &&
           target->steps[act.at - 1] + synapse->shift >= begin_of(synapse))
        act.at--;
    begin_step(synapse, &act);
    settle(plan, synapse, &act);
    return act;
}

static void finish_act(const struct connection_plan *plan, struct replayed_synapse *synapse, struct act *act)
{
    synapse->last = time_of(synapse, act);
    if (++act->copy < act->copies)
        return;
    act->copy = 0;
    act->block++;
    settle(plan, synapse, act);
}

/* One block for the lanes whose act it is. Others compute along, and nothing of theirs is kept. */
static void run_block(const struct connection_plan *plan, int block, struct replayed_synapse *synapses, struct act *acts, int n,
                      const struct replay_room *room)
{
    const struct program *program = &plan->on_post[block].program;
    _Alignas(LANES_ALIGNMENT) double elapsed[2 * LANES], time[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        const struct replayed_synapse *synapse = &synapses[lane];
        bool acts_now = lane < n && acts[lane].block == block;
        step_count now = acts_now ? time_of(synapse, &acts[lane]) : synapse->last;
        elapsed[ARGUMENT_SOURCE_ELAPSED * LANES + lane] = (double)(now - synapse->previous) * room->dt;
        elapsed[ARGUMENT_SYNAPSE_ELAPSED * LANES + lane] = (double)(now - synapse->last) * room->dt;
        time[lane] = (double)now * room->dt;
    }
    program_run(&room->on_post[block],
                &(struct interpreter_leaves){.shared = room->shared, .slots = room->slots, .argument = elapsed, .time = time},
                room->scratch);
    for (int k = 0; k < program->n_outputs; k++) {
        double *column = room->slots + (plan->n_states + program->outputs[k].slot) * LANES;
        const double *value = room->scratch + program->outputs[k].reg * LANES;
        for (int lane = 0; lane < n; lane++)
            column[lane] = acts[lane].block == block ? value[lane] : column[lane];
    }
    for (int lane = 0; lane < n; lane++)
        if (acts[lane].block == block)
            finish_act(plan, &synapses[lane], &acts[lane]);
}

/* The last event that has been taken in: of the source, or of a target since. */
static step_count last_taken(const struct connection_plan *plan, const struct replayed_synapse *synapse)
{
    const struct node_spikes *target = synapse->target;
    const bool has_early = plan->n_on_post > 0 && plan->on_post[0].is_early;
    step_count last = synapse->previous;
    for (uint64_t k = target->n; k-- > 0 && target->steps[k] >= synapse->since;) {
        const step_count time = target->steps[k] + synapse->shift;
        if (time < synapse->settled + has_early)
            return time > last ? time : last;
    }
    return last;
}

static bool has_act(const struct act *acts, int n, int block)
{
    for (int lane = 0; lane < n; lane++)
        if (acts[lane].block == block)
            return true;
    return false;
}

static bool has_any(const struct connection_plan *plan, const struct act *acts, int n)
{
    for (int lane = 0; lane < n; lane++)
        if (acts[lane].block < plan->n_on_post)
            return true;
    return false;
}

void replay(const struct connection_plan *plan, struct replayed_synapse synapses[LANES], int n, const struct replay_room *room)
{
    struct act acts[LANES];
    for (int lane = 0; lane < LANES; lane++)
        synapses[lane].last = synapses[lane].previous;
    for (int lane = 0; lane < n; lane++)
        if (synapses[lane].settled > synapses[lane].previous)
            synapses[lane].last = last_taken(plan, &synapses[lane]);
    for (int lane = 0; lane < n; lane++)
        acts[lane] = first_act(plan, &synapses[lane]);
    while (has_any(plan, acts, n))
        for (int block = 0; block < plan->n_on_post; block++)
            if (has_act(acts, n, block))
                run_block(plan, block, synapses, acts, n, room);
}
