/* Walks what a port adds, as plan/linear.c walks equations: sums term by term, products and quotients factor by factor, where()
 * by its condition. Signals are lowered into the port's own program, factors into that of the population. */
#include "plan/port.h"

#include <string.h>

#include "language/functions.h"
#include "plan/arrival.h"

/* signal * factor; one that is absent is 1. */
struct term {
    bool has_signal, has_factor;
    struct lowered signal, factor;
};

/* A sum of terms; without any it is 0. */
struct sum {
    struct term *terms; /* [n] */
    int n;
};

/* What an expression is made of. */
struct content {
    bool arriving; /* J */
    bool own;      /* values of the node, or that change in time */
};

struct walk {
    struct lowering *lowering;
    struct node_plan *plan;
    const struct port *port;
    struct program *signals;
    struct sum *locals; /* [port->body.n_locals] temporaries that are made of both */
    struct content *local_contents;
};

static bool sum_of(struct walk *walk, const struct expression *expression, struct sum *sum);

/* ---- what is in an expression ---- */

static struct content content_of(const struct walk *walk, const struct expression *expression);

static struct content content_of_name(const struct walk *walk, const struct expression *name)
{
    const struct reference *reference = &name->reference;
    switch (reference->kind) {
    case REFERENCE_ARGUMENT:
        return (struct content){.arriving = true};
    case REFERENCE_LOCAL:
        return walk->local_contents[reference->index];
    case REFERENCE_VARIABLE:
        if (walk->plan->places[reference->index].kind == PLACE_SUBEXPRESSION)
            return content_of(walk, walk->plan->model->variables[reference->index].equation);
        return (struct content){.own = walk->plan->places[reference->index].kind != PLACE_SHARED};
    case REFERENCE_CONSTANT:
    case REFERENCE_DT:
    case REFERENCE_SIZE:
        return (struct content){0};
    default:
        return (struct content){.own = true};
    }
}

static struct content content_of(const struct walk *walk, const struct expression *expression)
{
    struct content content = {0};
    if (expression->kind == EXPRESSION_NAME)
        return content_of_name(walk, expression);
    if (expression->kind == EXPRESSION_INDEX) /* an element of a constant list */
        return content;
    for (int k = 0; k < expression->n_children; k++) {
        struct content of_child = content_of(walk, expression->children[k]);
        content.arriving |= of_child.arriving;
        content.own |= of_child.own;
    }
    return content;
}

/* ---- terms ---- */

static struct lowered lower_in(struct walk *walk, struct program *program, const struct expression *expression)
{
    walk->lowering->program = program;
    return lower_expression(walk->lowering, expression);
}

static struct lowered operate_in(struct walk *walk, struct program *program, enum opcode opcode, struct lowered a,
                                 struct lowered b)
{
    walk->lowering->program = program;
    return lower_binary(walk->lowering, opcode, a, b);
}

static struct sum new_sum(const struct walk *walk, int n)
{
    return (struct sum){ARENA_NEW(walk->lowering->arena, n, struct term), 0};
}

static struct sum sum_of_one(const struct walk *walk, struct term term)
{
    struct sum sum = new_sum(walk, 1);
    sum.terms[sum.n++] = term;
    return sum;
}

static void append(struct sum *sum, const struct sum *other)
{
    for (int k = 0; k < other->n; k++)
        sum->terms[sum->n++] = other->terms[k];
}

/* a*b or a/b of what may be absent. */
static struct lowered combine(struct walk *walk, struct program *program, enum opcode opcode, bool has_a, struct lowered a,
                              bool has_b, struct lowered b)
{
    if (!has_b)
        return a;
    if (!has_a && opcode == OPCODE_MULTIPLY)
        return b;
    return operate_in(walk, program, opcode, has_a ? a : lower_constant(walk->lowering, 1), b);
}

static struct term combine_terms(struct walk *walk, enum opcode opcode, const struct term *a, const struct term *b)
{
    return (struct term){
        .has_signal = a->has_signal || b->has_signal,
        .has_factor = a->has_factor || b->has_factor,
        .signal = combine(walk, walk->signals, opcode, a->has_signal, a->signal, b->has_signal, b->signal),
        .factor = combine(walk, &walk->plan->factors, opcode, a->has_factor, a->factor, b->has_factor, b->factor),
    };
}

static void negate(struct walk *walk, struct sum *sum)
{
    for (int k = 0; k < sum->n; k++) {
        struct term *term = &sum->terms[k];
        walk->lowering->program = term->has_signal ? walk->signals : &walk->plan->factors;
        if (term->has_signal)
            term->signal = lower_unary(walk->lowering, OPCODE_NEGATE, term->signal);
        else
            term->factor = lower_unary(walk->lowering, OPCODE_NEGATE, term->factor);
    }
}

/* The sum where the condition is `wanted`, else 0. */
static void restrict_to(struct walk *walk, struct lowered condition, bool condition_is_own, bool wanted, struct sum *sum)
{
    struct lowering *lowering = walk->lowering;
    const struct lowered zero = lower_constant(lowering, 0), one = lower_constant(lowering, 1);
    lowering->program = condition_is_own ? &walk->plan->factors : walk->signals;
    for (int k = 0; k < sum->n; k++) {
        struct term *term = &sum->terms[k];
        bool *has = condition_is_own ? &term->has_factor : &term->has_signal;
        struct lowered *value = condition_is_own ? &term->factor : &term->signal;
        struct lowered old = *has ? *value : one;
        *value = lower_operation(lowering, OPCODE_SELECT, condition, wanted ? old : zero, wanted ? zero : old);
        *has = true;
    }
}

/* ---- expressions ---- */

static bool refuse(struct walk *walk, const struct expression *expression)
{
    source_fault(walk->lowering->fault, expression->span,
                 "port '%s' of '%s' must add products of something that arrives and something of the node, since what arrives "
                 "in a step is summed first; this is no such product",
                 walk->port->name, walk->plan->model->name);
    return false;
}

static bool sum_of_binary(struct walk *walk, const struct expression *expression, struct sum *sum)
{
    struct sum a, b;
    if (!sum_of(walk, expression->children[0], &a) || !sum_of(walk, expression->children[1], &b))
        return false;
    switch (expression->operator) {
    case OPERATOR_SUBTRACT:
        negate(walk, &b); /* falls through */
    case OPERATOR_ADD:
        *sum = new_sum(walk, a.n + b.n);
        append(sum, &a);
        append(sum, &b);
        return true;
    case OPERATOR_MULTIPLY:
        *sum = new_sum(walk, a.n * b.n);
        for (int k = 0; k < a.n; k++)
            for (int j = 0; j < b.n; j++)
                sum->terms[sum->n++] = combine_terms(walk, OPCODE_MULTIPLY, &a.terms[k], &b.terms[j]);
        return true;
    case OPERATOR_DIVIDE:
        if (b.n != 1)
            return refuse(walk, expression->children[1]);
        *sum = new_sum(walk, a.n);
        for (int k = 0; k < a.n; k++)
            sum->terms[sum->n++] = combine_terms(walk, OPCODE_DIVIDE, &a.terms[k], &b.terms[0]);
        return true;
    default:
        return refuse(walk, expression);
    }
}

static bool sum_of_where(struct walk *walk, const struct expression *call, struct sum *sum)
{
    struct content content = content_of(walk, call->children[0]);
    struct sum a, b;
    if (call->function != FUNCTION_WHERE || (content.arriving && content.own))
        return refuse(walk, call);
    if (!sum_of(walk, call->children[1], &a) || !sum_of(walk, call->children[2], &b))
        return false;
    struct lowered condition = lower_in(walk, content.own ? &walk->plan->factors : walk->signals, call->children[0]);
    restrict_to(walk, condition, content.own, true, &a);
    restrict_to(walk, condition, content.own, false, &b);
    *sum = new_sum(walk, a.n + b.n);
    append(sum, &a);
    append(sum, &b);
    return true;
}

static bool sum_of(struct walk *walk, const struct expression *expression, struct sum *sum)
{
    struct content content = content_of(walk, expression);
    if (expression->kind == EXPRESSION_NUMBER && expression->number == 0) {
        *sum = new_sum(walk, 0);
        return true;
    }
    if (!content.own) {
        *sum = sum_of_one(walk, (struct term){.has_signal = true, .signal = lower_in(walk, walk->signals, expression)});
        return true;
    }
    if (!content.arriving) {
        struct lowered factor = lower_in(walk, &walk->plan->factors, expression);
        *sum = sum_of_one(walk, (struct term){.has_factor = true, .factor = factor});
        return true;
    }
    switch (expression->kind) {
    case EXPRESSION_NAME: /* a temporary */
        *sum = new_sum(walk, walk->locals[expression->reference.index].n);
        append(sum, &walk->locals[expression->reference.index]);
        return true;
    case EXPRESSION_UNARY:
        if (!sum_of(walk, expression->children[0], sum))
            return false;
        negate(walk, sum);
        return true;
    case EXPRESSION_BINARY:
        return sum_of_binary(walk, expression, sum);
    case EXPRESSION_CALL:
        return sum_of_where(walk, expression, sum);
    default:
        return refuse(walk, expression);
    }
}

/* ---- ports ---- */

/* Where the factor stands in a node: equal ones once. */
static int factor_slot(struct walk *walk, struct lowered factor)
{
    struct program *factors = &walk->plan->factors;
    walk->lowering->program = factors;
    int reg = lower_register(walk->lowering, factor);
    for (int k = 0; k < factors->n_outputs; k++)
        if (factors->outputs[k].reg == reg)
            return factors->outputs[k].slot;
    int slot = node_plan_slot(walk->plan, "(factor)", -1);
    program_output(factors, slot, reg);
    return slot;
}

/* One accumulator for each slot that any port adds to, and factor. */
static int arrival_of(struct walk *walk, int slot, int factor)
{
    struct node_plan *plan = walk->plan;
    for (int k = 0; k < plan->n_arrivals; k++)
        if (plan->arrivals[k].slot == slot && plan->arrivals[k].factor_slot == factor)
            return k;
    struct arrival *longer = ARENA_NEW(walk->lowering->arena, plan->n_arrivals + 1, struct arrival);
    for (int k = 0; k < plan->n_arrivals; k++)
        longer[k] = plan->arrivals[k];
    longer[plan->n_arrivals] = (struct arrival){slot, factor};
    plan->arrivals = longer;
    return plan->n_arrivals++;
}

/* What one spike adds to the accumulators, in the order in which they are first met. */
struct increments {
    int *arrival;
    struct lowered *signal;
    int n;
};

static void add_term(struct walk *walk, int slot, const struct term *term, struct increments *increments)
{
    int arrival = arrival_of(walk, slot, term->has_factor ? factor_slot(walk, term->factor) : -1);
    struct lowered signal = term->has_signal ? term->signal : lower_constant(walk->lowering, 1);
    for (int k = 0; k < increments->n; k++)
        if (increments->arrival[k] == arrival) {
            increments->signal[k] = operate_in(walk, walk->signals, OPCODE_ADD, increments->signal[k], signal);
            return;
        }
    struct arena *arena = walk->lowering->arena;
    struct increments longer = {ARENA_NEW(arena, increments->n + 1, int), ARENA_NEW(arena, increments->n + 1, struct lowered),
                                increments->n + 1};
    for (int k = 0; k < increments->n; k++) {
        longer.arrival[k] = increments->arrival[k];
        longer.signal[k] = increments->signal[k];
    }
    longer.arrival[increments->n] = arrival;
    longer.signal[increments->n] = signal;
    *increments = longer;
}

static void set_local(struct walk *walk, int index, const struct expression *value, const struct sum *sum)
{
    walk->local_contents[index] = content_of(walk, value);
    walk->locals[index] = *sum;
    if (sum->n == 1 && !(sum->terms[0].has_signal && sum->terms[0].has_factor))
        walk->lowering->locals[index] = sum->terms[0].has_signal ? sum->terms[0].signal : sum->terms[0].factor;
    else
        walk->lowering->locals[index] = lower_constant(walk->lowering, 0); /* the literal 0; else never read */
}

static void plan_port(struct lowering *lowering, struct node_plan *plan, const struct port *port, struct port_plan *out)
{
    const struct block *body = &port->body;
    struct arena *arena = lowering->arena;
    struct walk walk = {lowering,
                        plan,
                        port,
                        &out->increments,
                        ARENA_NEW(arena, body->n_locals, struct sum),
                        ARENA_NEW(arena, body->n_locals, struct content)};
    struct increments increments = {0};
    out->name = port->name;
    lowering_program(lowering, &out->increments);
    lowering->locals = ARENA_NEW(arena, body->n_locals, struct lowered);
    for (int k = 0; k < body->n_actions; k++) {
        const struct action *action = &body->actions[k];
        struct sum sum;
        if (!sum_of(&walk, action->value, &sum))
            break;
        if (action->reference.kind == REFERENCE_LOCAL) {
            set_local(&walk, action->reference.index, action->value, &sum);
            continue;
        }
        if (action->operator== OPERATOR_SUBTRACT)
            negate(&walk, &sum);
        for (int j = 0; j < sum.n; j++)
            add_term(&walk, plan->places[action->reference.index].slot, &sum.terms[j], &increments);
    }
    lowering->program = &out->increments;
    for (int k = 0; k < increments.n; k++)
        program_output(&out->increments, increments.arrival[k], lower_register(lowering, increments.signal[k]));
    program_finish(&out->increments);
}

/* ---- synapses that add to variables of the node ---- */

const struct port_plan *node_plan_port(const struct node_plan *plan, const char *name)
{
    for (int k = 0; k < plan->n_ports; k++)
        if (!strcmp(plan->ports[k].name, name))
            return &plan->ports[k];
    return NULL;
}

static void plan_additions(struct lowering *lowering, struct node_plan *plan, const struct connection *connection,
                           const struct arrival_form *form)
{
    struct port_plan *port = &plan->ports[plan->n_ports++];
    struct walk walk = {.lowering = lowering, .plan = plan};
    port->name = form->port;
    lowering_program(lowering, &port->increments);
    for (int k = 0; k < form->n; k++) {
        const struct place *place = &plan->places[model_variable(plan->model, form->variables[k])];
        int slot = place->slot;
        if (place->kind != PLACE_STATE && place->kind != PLACE_NODE)
            source_fault(lowering->fault, connection->span,
                         "synapse '%s' writes to '%s' of population '%s', which couplings (summed) drive already",
                         connection->synapse->name, form->variables[k], plan->population->name);
        struct lowered added = lower_leaf(lowering, OPCODE_ARGUMENT, k);
        program_output(&port->increments, arrival_of(&walk, slot, -1), lower_register(lowering, added));
    }
    program_finish(&port->increments);
}

static void plan_all_additions(struct lowering *lowering, const struct script *script, struct node_plan *plan)
{
    for (int k = 0; k < script->n_connections; k++) {
        struct arrival_form form;
        struct span obstacle;
        if (node_set_meets(script->connections[k].target, plan->population->index) &&
            arrival_form(lowering->arena, script, &script->connections[k], &form, &obstacle) && !node_plan_port(plan, form.port))
            plan_additions(lowering, plan, &script->connections[k], &form);
    }
}

/* ---- all ports ---- */

void ports_plan(struct lowering *lowering, const struct script *script, struct node_plan *plan)
{
    const struct model *model = plan->model;
    program_begin(&plan->factors, lowering->arena);
    plan->ports = ARENA_NEW(lowering->arena, model->n_ports + script->n_connections, struct port_plan);
    for (; plan->n_ports < model->n_ports; plan->n_ports++)
        plan_port(lowering, plan, &model->ports[plan->n_ports], &plan->ports[plan->n_ports]);
    program_finish(&plan->factors);
    /* the checker lets no other state into a port */
    if (!node_plan_is_steady(plan, &plan->factors))
        source_fault(
            lowering->fault, model->ports[0].span,
            "what the ports of '%s' add depends on a parameter that synapses write to (NAME_post): it has to stay the same",
            plan->population->name);
    plan_all_additions(lowering, script, plan);
}
