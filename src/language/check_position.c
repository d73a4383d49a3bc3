/* Positions of nodes, and the distances between them.
 *
 * `position = [x, y]` or `[x, y, z]`, in metres, is set like a variable: each coordinate is a number, a list with one number per
 * node, or an expression of i and N that may draw. `periodic = [X, Y]` makes opposite edges meet, X and Y apart. Both belong to
 * the population, not to its model; a model's own variable of the same name goes first. `distance` in an argument of a rule is
 * the one between source and target, so both must have positions in the same space. */
#include "language/check.h"

/* ---- position, periodic ---------------------------------------------------------------------------------- */

bool position_is_setting(const struct model *model, const char *name)
{
    return model_variable(model, name) < 0 && (strcmp(name, "position") == 0 || strcmp(name, "periodic") == 0);
}

static int check_vector(const char *name, const struct expression *expression, struct fault *fault)
{
    if (expression->kind != EXPRESSION_ARRAY || expression->n_children < 2 || expression->n_children > POSITION_DIMENSIONS_MAX)
        return source_fault(fault, expression->span, "'%s' must be written as [x, y] or [x, y, z]", name);
    return 0;
}

/* Element k of a vector; a unit behind the brackets is that of each element. */
static struct expression *vector_element(struct arena *arena, const struct expression *vector, int k)
{
    struct expression *element = vector->children[k];
    if (!vector->has_unit)
        return element;
    struct expression *unit = ARENA_NEW(arena, 1, struct expression), *product = ARENA_NEW(arena, 1, struct expression);
    *unit = (struct expression){
        .kind = EXPRESSION_NUMBER, .span = vector->span, .number = 1, .has_unit = true, .unit = vector->unit, .depth = 1};
    *product = (struct expression){.kind = EXPRESSION_BINARY,
                                   .span = element->span,
                                   .operator= OPERATOR_MULTIPLY,
                                   .children = ARENA_NEW(arena, 2, struct expression *),
                                   .n_children = 2,
                                   .depth = element->depth + 1};
    product->children[0] = element;
    product->children[1] = unit;
    return product;
}

static int check_coordinate_list(struct scope *scope, const struct population *population, struct expression *expression,
                                 struct value *out, struct fault *fault)
{
    struct constant_value list;
    TRY(constant_plain_list(scope, expression, &list, fault));
    if (!dimension_equal(list.dimension, dimension_of_length()))
        return source_fault(fault, expression->span, "a coordinate must be %s, but this list is %s",
                            IN_DIMENSION(dimension_of_length()), IN_DIMENSION(list.dimension));
    if (list.n_list != population->size)
        return source_fault(fault, expression->span,
                            "a coordinate needs one number for each of the %u nodes, but this list has %llu", population->size,
                            (unsigned long long)list.n_list);
    for (uint64_t k = 0; k < list.n_list; k++)
        if (!isfinite(list.list[k]))
            return source_fault(fault, expression->span, "a coordinate must be finite");
    out->expression = expression;
    out->array = list.list;
    out->n_array = list.n_list;
    return 0;
}

static int check_coordinate(struct scope *scope, const struct population *population, struct expression *expression,
                            struct value *out, struct fault *fault)
{
    *out = (struct value){.span = expression->span};
    TRY(expression_check(scope, expression, fault));
    if (expression->is_list)
        return check_coordinate_list(scope, population, expression, out, fault);
    TRY(expression_require(expression, dimension_of_length(), "a coordinate", fault));
    out->expression = expression_clone(scope->check->arena, expression);
    out->is_constant = constant_evaluate(expression, &(struct bindings){.dt = scope->check->script->dt}, &out->number);
    if (out->is_constant && !isfinite(out->number))
        return source_fault(fault, expression->span, "a coordinate must be finite");
    return 0;
}

static int check_position(struct check *check, struct population *population, const struct expression *vector,
                          struct fault *fault)
{
    int n_call_sites = 0;
    struct scope scope = {.check = check, .is_value = true, .sees_position = true, .n_call_sites = &n_call_sites};
    for (int k = 0; k < vector->n_children; k++)
        TRY(check_coordinate(&scope, population, vector_element(check->arena, vector, k), &population->position[k], fault));
    population->n_dimensions = vector->n_children;
    return 0;
}

static int check_periods(struct check *check, struct population *population, const struct expression *vector, struct fault *fault)
{
    for (int k = 0; k < vector->n_children; k++) {
        double *period = &population->period[k];
        TRY(constant_number(check, vector_element(check->arena, vector, k), dimension_of_length(), "a period", period, fault));
        if (!(*period > 0 && *period < INFINITY))
            return source_fault(fault, vector->children[k]->span, "a period must be above 0 m and finite, but is %.10g m",
                                *period);
    }
    population->n_periods = vector->n_children;
    population->period_span = vector->span;
    return 0;
}

int position_set(struct check *check, struct population *population, const char *name, const struct expression *expression,
                 struct fault *fault)
{
    TRY(check_vector(name, expression, fault));
    if (strcmp(name, "position") == 0)
        return check_position(check, population, expression, fault);
    return check_periods(check, population, expression, fault);
}

int position_finish(const struct population *population, struct fault *fault)
{
    if (population->n_periods && population->n_periods != population->n_dimensions)
        return source_fault(fault, population->period_span, "'periodic' has %d numbers, but the positions of '%s' have %d",
                            population->n_periods, population->name, population->n_dimensions);
    return 0;
}

/* ---- distances ------------------------------------------------------------------------------------------- */

static bool same_space(const struct population *a, const struct population *b)
{
    return a->n_dimensions == b->n_dimensions && a->n_periods == b->n_periods &&
           memcmp(a->period, b->period, (size_t)a->n_periods * sizeof *a->period) == 0;
}

int distance_check(const struct check *check, const struct node_set *source, const struct node_set *target, struct span span,
                   struct fault *fault)
{
    const struct node_set *const sets[] = {source, target};
    const struct population *first = &check->script->populations[source->parts[0].population];
    for (int s = 0; s < 2; s++)
        for (int k = 0; k < sets[s]->n_parts; k++) {
            const struct population *population = &check->script->populations[sets[s]->parts[k].population];
            if (!population->n_dimensions)
                return source_fault(fault, span,
                                    "'distance' needs positions, but population '%s' has none: set position = [x, y]",
                                    population->name);
            if (!same_space(first, population))
                return source_fault(fault, span,
                                    "'distance': '%s' and '%s' do not lie in the same space: their positions have "
                                    "different dimensions or periods",
                                    first->name, population->name);
        }
    return 0;
}
