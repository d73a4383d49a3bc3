/* Rules that depend on the distance: where nodes lie, how far apart, which bounds values have; and the connections that come out,
 * exactly where the network file leaves no choice, else by their law.
 *
 * Each statistical check has a false-alarm rate of 1e-7 for the fixed seeds (statistics.h); there are fewer than 100 of them. */
#include <omp.h>
#include <string.h>

#include "network/by_pair.h"
#include "plan_fixture.h"
#include "statistics.h"

/* ---- networks ----------------------------------------------------------------------------------------------------------- */

struct built {
    struct arena *arena;
    const struct script *script;
    struct network *network;
};

static int build_text(const char *text, struct built *built, struct fault *fault)
{
    struct plan *plan;
    *built = (struct built){.arena = arena_create()};
    TRY(plan_text(built->arena, text, &plan, fault));
    built->script = plan->script;
    return network_create(plan->script, (struct partition){&partition_block, 1}, MPI_COMM_SELF, &built->network, fault);
}

static void build(const char *text, struct built *built)
{
    struct fault fault = {0};
    if (build_text(text, built, &fault))
        fail_msg("%s", fault.text);
    assert_true(network_is_valid(built->network));
}

static void release(struct built *built)
{
    network_destroy(&built->network);
    arena_destroy(&built->arena);
}

/* Numbers of connections of the first projection, [source][target], whose sets are populations. */
static uint32_t *matrix_of(const struct built *built)
{
    const struct edges *edges = &built->network->edges[0];
    const struct population *populations = built->script->populations;
    uint32_t n_target = populations[edges->target].size;
    uint32_t *matrix = MEMORY_NEW((size_t)populations[edges->source].size * n_target, uint32_t, TEMPORARY);
    for (uint32_t row = 0; row < edges->n_rows; row++)
        for (edge_count k = edges->row_begin[row]; k < edges->row_begin[row + 1]; k++)
            matrix[(size_t)edges->row_source[row] * n_target + edges->target_local[k]]++;
    return matrix;
}

/* Positions in a cube, as lists of the network file. */
static void add_population(char *text, const char *name, int n, int n_dimensions, const char *more)
{
    static uint64_t draw;
    const struct random_key key = random_key(1, RANDOM_VALUE, "positions of the test", NULL, 0);
    sprintf(text + strlen(text), "population %s[%d] : iaf_psc_exp { position = [", name, n);
    for (int axis = 0; axis < n_dimensions; axis++) {
        strcat(text, axis ? ", [" : "[");
        for (int k = 0; k < n; k++) {
            struct random_stream stream = random_stream_start(key, (uint32_t)draw++, 0);
            sprintf(text + strlen(text), "%s%.6f", k ? ", " : "", random_stream_uniform(&stream));
        }
        strcat(text, "] mm");
    }
    sprintf(text + strlen(text), "]; %s }\n", more);
}

#define TEXT_MAX 100000

/* Populations a and b in a space, and a projection between them, or within a. */
static void space_text(char *text, int n_source, int n_target, int n_dimensions, const char *periodic, const char *connect)
{
    text[0] = 0;
    add_population(text, "a", n_source, n_dimensions, periodic);
    add_population(text, "b", n_target, n_dimensions, periodic);
    sprintf(text + strlen(text), "%s using static { weight = 1 pA }\nrun 1 ms\n", connect);
}

/* Computed as one would by hand. */
static double distance_between(const struct population *a, node_index i, const struct population *b, node_index j)
{
    double squares = 0;
    for (int axis = 0; axis < a->n_dimensions; axis++) {
        double difference = fabs(a->position[axis].array[i] - b->position[axis].array[j]);
        if (a->n_periods)
            difference = fmin(difference, a->period[axis] - difference);
        squares += difference * difference;
    }
    return sqrt(squares);
}

static const struct population *population_of(const struct built *built, bool target)
{
    const struct edges *edges = &built->network->edges[0];
    return &built->script->populations[target ? edges->target : edges->source];
}

/* ---- places ------------------------------------------------------------------------------------------------------------- */

static void test_positions_belong_to_nodes(void **state)
{
    struct arena *arena = arena_create();
    struct plan *plan = plan_of_text(arena, "simulation { seed = 4 }\n"
                                            "population a[50] : iaf_psc_exp { position = [i*mm/N, rand()*mm, rand()*mm] }\n"
                                            "let slice = a[13:40]\nlet odd = sample(a, 20)\n"
                                            "record V_m of a\nrecord V_m of slice\nrecord V_m of odd\nrun 1 ms");
    double whole[50][3];
    for (int r = 0; r < 3; r++) {
        const struct node_set *set = plan->script->records[r].set;
        struct places *places;
        places_create(plan->script, set, &places);
        for (uint64_t position = 0; position < set->size; position++) {
            double place[3];
            int population;
            node_index index;
            assert_true(places_at_one(places, position, place));
            node_set_at(set, position, &population, &index);
            if (r == 0)
                memcpy(whole[index], place, sizeof place);
            assert_memory_equal(whole[index], place, sizeof place);
            assert_relative(place[0], 1e-3 * index / 50, 1e-15, "x");
            assert_true(place[1] >= 0 && place[1] < 1e-3 && place[1] != place[2]);
        }
        places_destroy(&places);
    }
    assert_true(whole[0][1] != whole[1][1]);
    arena_destroy(&arena);
}

/* Every node is in one leaf, and within the distances of all branches above it. */
static void check_branch(const struct node_tree *tree, struct tree_branch branch, const double *place)
{
    struct interval range = node_tree_distances(tree, branch, place);
    for (uint64_t k = branch.begin; k < branch.end; k++) {
        _Alignas(LANES_ALIGNMENT) double distance[LANES];
        uint32_t nodes[LANES];
        for (int lane = 0; lane < LANES; lane++)
            nodes[lane] = (uint32_t)k;
        node_tree_distance(tree, place, nodes, distance);
        assert_true(distance[0] >= range.low && distance[0] <= range.high);
    }
    assert_true(branch.end > branch.begin);
    for (int side = 0; side < 2 && !node_tree_is_leaf(tree, branch); side++)
        check_branch(tree, node_tree_child(tree, branch, side), place);
}

static void test_branches_know_their_distances(void **state)
{
    static const char *const periods[] = {"", "periodic = [1, 1] mm", "", "periodic = [1, 0.7, 2] mm"};
    char *text = MEMORY_NEW(TEXT_MAX, char, TEMPORARY);
    for (int variant = 0; variant < 4; variant++) {
        struct built built;
        space_text(text, 300, 20, 2 + variant / 2, periods[variant], "connect a -> b by fixed_indegree(1)");
        build(text, &built);
        struct node_tree tree;
        struct places *places;
        node_tree_create(built.script, built.script->projections[0].source, &tree);
        places_create(built.script, built.script->projections[0].target, &places);
        for (uint64_t target = 0; target < 20; target++) {
            double place[3];
            assert_true(places_at_one(places, target, place));
            check_branch(&tree, node_tree_root(&tree), place);
        }
        bool found[300] = {false};
        for (int k = 0; k < 300; k++)
            found[tree.position[k]] = true;
        for (int k = 0; k < 300; k++)
            assert_true(found[k]);
        places_destroy(&places);
        node_tree_release(&tree);
        release(&built);
    }
    memory_free(text);
}

/* ---- bounds ------------------------------------------------------------------------------------------------------------- */

static void check_bounds(const char *expression)
{
    char text[1000];
    struct arena *arena = arena_create();
    sprintf(text,
            "population a : iaf_psc_exp { position = [0, 0] mm }\nconnect a -> a by pairwise_poisson(%s) using static\nrun 1 ms",
            expression);
    struct plan *plan = plan_of_text(arena, text);
    struct pair_value value;
    struct pair_bounds bounds;
    pair_value_create(plan->script, &plan->script->projections[0], -1, 0, &value);
    pair_bounds_create(&value, 2e-3, &bounds);
    struct pair_maker maker;
    pair_maker_create(&value, &maker);
    struct random_stream stream = random_stream_start(random_key(3, RANDOM_VALUE, expression, NULL, 0), 0, 0);
    for (int k = 0; k < 2000; k++) {
        double low = pow(10, -9 + 7 * random_stream_uniform(&stream)),
               width = low * pow(10, -3 + 4 * random_stream_uniform(&stream));
        struct interval range = pair_bounds_between(&bounds, (struct interval){low, low + width});
        struct pair_leaves leaves;
        for (int lane = 0; lane < LANES; lane++)
            leaves.distance[lane] = lane == 0 ? low : lane == 1 ? low + width : low + width * random_stream_uniform(&stream);
        const double *values = pair_maker_run(&maker, &leaves);
        for (int lane = 0; lane < LANES; lane++) {
            double slack = 1e-12 * fabs(values[lane]);
            bool inside = values[lane] >= range.low - slack && values[lane] <= range.high + slack;
            if (!inside && !(isnan(values[lane]) && range.high == INFINITY))
                fail_msg("%s at %g m is %g, but bounds are %g and %g", expression, leaves.distance[lane], values[lane], range.low,
                         range.high);
        }
    }
    pair_maker_release(&maker);
    pair_bounds_release(&bounds);
    pair_value_release(&value);
    arena_destroy(&arena);
}

static void test_bounds_enclose_values(void **state)
{
    static const char *const expressions[] = {
        "0.8*exp(-distance/(0.2 mm))",
        "exp(-distance**2/(2*(0.1 mm)**2))",
        "exp(-(distance - 0.5 mm)**2/(0.1 mm)**2)",
        "exp(-(distance/mm)**2) - 0.5*exp(-(distance/mm/2)**2)",
        "where(distance < 0.5 mm, 0.8, 0)",
        "where(distance >= 0.2 mm and not (distance > 0.5 mm) or distance == 1 mm, distance/mm, 0.1)",
        "where(distance <= 0.5 mm, int(distance != 0.1 mm), -1)",
        "(1 - distance/mm)/(1 + distance/mm)",
        "0.1 mm/distance",
        "1/(distance/mm - 1)",
        "max(0, 1 - distance/mm)",
        "min(abs(distance/mm - 1), 0.5)",
        "clip(2 - distance/mm, 0, 1)",
        "(distance/mm)**1.5",
        "(1 - distance/mm)**3",
        "(1 - distance/mm)**0.5",
        "sin(distance/mm*20)**2 + cos(distance/mm)",
        "tan(distance/mm)",
        "tanh(distance/mm)/cosh(distance/mm - 1)",
        "sinh(1 - distance/mm)",
        "floor(distance/mm*10) % 3",
        "distance//(0.3 mm) + ceil(distance/mm)",
        "sqrt(distance/mm) + log1p(distance/mm)*log(distance/mm) + log10(distance/mm)",
        "expm1(-distance/mm) + exprel(1 - distance/mm)",
        "arcsin(distance/mm) + arccos(distance/mm/2) + arctan(1 - distance/mm)",
        "sign(distance - 0.5 mm)*int(distance/mm*5)",
    };
    for (size_t k = 0; k < sizeof expressions / sizeof *expressions; k++)
        check_bounds(expressions[k]);
}

/* ---- what holds exactly ------------------------------------------------------------------------------------------------- */

/* With probability 1 within a radius, and 0 beyond: exactly the pairs within it. */
static void check_radius(int n_dimensions, const char *periodic)
{
    char *text = MEMORY_NEW(TEXT_MAX, char, TEMPORARY);
    struct built built;
    space_text(text, 400, 150, n_dimensions, periodic, "connect a -> b by pairwise_bernoulli(where(distance < 0.25 mm, 1, 0))");
    build(text, &built);
    uint32_t *matrix = matrix_of(&built);
    uint64_t n = 0;
    for (node_index i = 0; i < 400; i++)
        for (node_index j = 0; j < 150; j++) {
            bool within = distance_between(population_of(&built, false), i, population_of(&built, true), j) < 0.25e-3;
            assert_int_equal(matrix[i * 150 + j], within);
            n += within;
        }
    assert_true(n > 1000);
    memory_free(matrix);
    release(&built);
    memory_free(text);
}

static void test_radius_is_respected(void **state)
{
    check_radius(2, "");
    check_radius(2, "periodic = [1, 1] mm");
    check_radius(2, "periodic = [2, 1.5] mm");
    check_radius(3, "");
    check_radius(3, "periodic = [1, 1, 1] mm");
}

/* Lattices put many nodes just at the radius. */
static void test_nodes_at_the_radius(void **state)
{
    static const char *const periods[] = {"", "periodic = [16, 16] metre"};
    for (int periodic = 0; periodic < 2; periodic++)
        for (int strict = 0; strict < 2; strict++)
            for (int autapses = 0; autapses < 2; autapses++) {
                char text[1000];
                struct built built;
                sprintf(text,
                        "population a[256] : iaf_psc_exp { position = [(i %% 16)*metre, (i // 16)*metre]; %s }\n"
                        "connect a -> a by pairwise_bernoulli(where(distance %s 5 metre, 1, 0), autapses = %s) using static\n"
                        "run 1 ms",
                        periods[periodic], strict ? "<" : "<=", autapses ? "true" : "false");
                build(text, &built);
                uint32_t *matrix = matrix_of(&built);
                for (int i = 0; i < 256; i++)
                    for (int j = 0; j < 256; j++) {
                        int x = abs(i % 16 - j % 16), y = abs(i / 16 - j / 16);
                        x = periodic && x > 8 ? 16 - x : x;
                        y = periodic && y > 8 ? 16 - y : y;
                        bool within = strict ? x * x + y * y < 25 : x * x + y * y <= 25;
                        assert_int_equal(matrix[i * 256 + j], within && (autapses || i != j));
                    }
                memory_free(matrix);
                release(&built);
            }
}

/* An argument that is the same everywhere, said by way of the distance. */
static void test_limits_of_a_constant(void **state)
{
    char *text = MEMORY_NEW(TEXT_MAX, char, TEMPORARY);
    for (int p = 0; p < 2; p++) {
        struct built built;
        space_text(text, 100, 50, 2, "",
                   p ? "connect a -> b by pairwise_bernoulli(1 + 0*distance/mm)"
                     : "connect a -> b by pairwise_poisson(0*distance/mm)");
        build(text, &built);
        uint32_t *matrix = matrix_of(&built);
        for (int k = 0; k < 5000; k++)
            assert_int_equal(matrix[k], p);
        memory_free(matrix);
        release(&built);
    }
    memory_free(text);
}

/* Each target gets its number, from within the radius, without itself and without repeats. */
static void test_fixed_indegree_within_a_radius(void **state)
{
    char *text = MEMORY_NEW(TEXT_MAX, char, TEMPORARY);
    struct built built;
    text[0] = 0;
    add_population(text, "a", 400, 2, "periodic = [1, 1] mm");
    strcat(text,
           "connect a -> a by fixed_indegree(15, p = where(distance < 0.25 mm, 0.5, 0), autapses = false, multapses = false)"
           " using static\nrun 1 ms");
    build(text, &built);
    uint32_t *matrix = matrix_of(&built);
    const struct population *a = population_of(&built, false);
    for (node_index j = 0; j < 400; j++) {
        uint32_t n = 0;
        for (node_index i = 0; i < 400; i++) {
            uint32_t here = matrix[i * 400 + j];
            assert_true(here <= (i != j && distance_between(a, i, a, j) < 0.25e-3));
            n += here;
        }
        assert_int_equal(n, 15);
    }
    memory_free(matrix);
    release(&built);
    memory_free(text);
}

/* The last ones are found, too: each target gets all of its neighbours. */
static void test_fixed_indegree_takes_all(void **state)
{
    struct built built;
    build("population a[256] : iaf_psc_exp { position = [(i % 16)*metre, (i // 16)*metre]; periodic = [16, 16] metre }\n"
          "connect a -> a by fixed_indegree(8, p = where(distance < 1.5 metre, exp(-8*distance/metre), 0), autapses = false,\n"
          "    multapses = false) using static\nrun 1 ms",
          &built);
    uint32_t *matrix = matrix_of(&built);
    for (int i = 0; i < 256; i++)
        for (int j = 0; j < 256; j++) {
            int x = abs(i % 16 - j % 16), y = abs(i / 16 - j / 16);
            bool near = (x < 2 || x == 15) && (y < 2 || y == 15) && i != j;
            assert_int_equal(matrix[i * 256 + j], near);
        }
    memory_free(matrix);
    release(&built);
}

/* Nothing depends on the threads. */
static void test_threads(void **state)
{
    uint64_t checksum = 0;
    for (int threads = 1; threads <= 3; threads++) {
        struct built built;
        omp_set_num_threads(threads);
        build("population a[500] : iaf_psc_exp { position = [rand()*mm, randn()*mm, 0 mm] }\n"
              "connect x : a -> a by pairwise_bernoulli(exp(-distance/(0.1 mm))) using static\n"
              "connect y : a -> a by pairwise_poisson(2*exp(-distance/(0.1 mm))) using static\n"
              "connect z : a -> a by fixed_indegree(9, p = exp(-distance/(0.1 mm))) using static\nrun 1 ms",
              &built);
        if (threads > 1)
            assert_true(network_checksum(built.network) == checksum);
        checksum = network_checksum(built.network);
        release(&built);
    }
}

/* ---- laws --------------------------------------------------------------------------------------------------------------- */

enum { CLASSES = 8, SEEDS = 10, SOURCES = 300, TARGETS = 100 };

/* Pairs by their distance: what was drawn, what is expected, and how far it may be off. */
struct profile {
    double drawn[CLASSES], mean[CLASSES], variance[CLASSES];
    double parallel, mean_parallel; /* pairs with two connections and more */
    double spread;                  /* sum over targets of (in-degree - mean)^2 / variance */
};

static void check_profile(const struct profile *profile, bool fixed_in_degrees)
{
    for (int k = 0; k < CLASSES; k++)
        assert_true(fabs(profile->drawn[k] - profile->mean[k]) <= NORMAL_LIMIT * sqrt(profile->variance[k]));
    assert_true(fabs(profile->parallel - profile->mean_parallel) <= NORMAL_LIMIT * sqrt(profile->mean_parallel));
    const double n = SEEDS * TARGETS;
    if (!fixed_in_degrees)
        assert_true(fabs(profile->spread - n) < NORMAL_LIMIT * sqrt(2 * n * 1.2)); /* in-degrees of about 10: kurtosis */
}

/* `mean_of` and `variance_of` a pair's number of connections, and the probability that there are two and more. */
static void check_law(const char *connect, const char *periodic, double (*mean_of)(double distance), bool poisson)
{
    char *text = MEMORY_NEW(TEXT_MAX, char, TEMPORARY);
    struct profile profile = {0};
    space_text(text, SOURCES, TARGETS, 2, periodic, connect);
    for (int seed = 0; seed < SEEDS; seed++) {
        struct built built;
        char *seeded = MEMORY_NEW(TEXT_MAX, char, TEMPORARY);
        sprintf(seeded, "simulation { seed = %d }\n%s", seed, text);
        build(seeded, &built);
        uint32_t *matrix = matrix_of(&built);
        for (node_index j = 0; j < TARGETS; j++) {
            double drawn = 0, expected = 0, spread = 0;
            for (node_index i = 0; i < SOURCES; i++) {
                double distance = distance_between(population_of(&built, false), i, population_of(&built, true), j);
                double mean = mean_of(distance), variance = poisson ? mean : mean * (1 - mean);
                int class = (int)(distance / 0.2e-3) < CLASSES ? (int)(distance / 0.2e-3) : CLASSES - 1;
                profile.drawn[class] += matrix[i * TARGETS + j];
                profile.mean[class] += mean;
                profile.variance[class] += variance;
                profile.parallel += matrix[i * TARGETS + j] > 1;
                profile.mean_parallel += poisson ? 1 - exp(-mean) * (1 + mean) : 0;
                drawn += matrix[i * TARGETS + j];
                expected += mean;
                spread += variance;
            }
            profile.spread += pow(drawn - expected, 2) / spread;
        }
        memory_free(matrix);
        memory_free(seeded);
        release(&built);
    }
    check_profile(&profile, false);
    memory_free(text);
}

static double exponential(double distance)
{
    return 0.8 * exp(-distance / 0.2e-3);
}

static double ring(double distance)
{
    return exp(-pow((distance - 0.4e-3) / 0.1e-3, 2)) / 2;
}

static double linear(double distance)
{
    return fmax(0, 1 - distance / 0.5e-3);
}

static double exponential_above_one(double distance)
{
    return 3 * exp(-distance / 0.1e-3);
}

static void test_law_of_bernoulli(void **state)
{
    check_law("connect a -> b by pairwise_bernoulli(0.8*exp(-distance/(0.2 mm)))", "", exponential, false);
    check_law("connect a -> b by pairwise_bernoulli(0.8*exp(-distance/(0.2 mm)))", "periodic = [1, 1] mm", exponential, false);
    check_law("connect a -> b by pairwise_bernoulli(exp(-((distance - 0.4 mm)/(0.1 mm))**2)/2)", "", ring, false);
    check_law("connect a -> b by pairwise_bernoulli(max(0, 1 - distance/(0.5 mm)))", "", linear, false);
}

static void test_law_of_poisson(void **state)
{
    check_law("connect a -> b by pairwise_poisson(0.8*exp(-distance/(0.2 mm)))", "", exponential, true);
    check_law("connect a -> b by pairwise_poisson(3*exp(-distance/(0.1 mm)))", "periodic = [1, 1] mm", exponential_above_one,
              true);
}

/* With replacement each connection comes from a source with a probability in proportion to p. */
static void test_law_of_fixed_indegree(void **state)
{
    char *text = MEMORY_NEW(TEXT_MAX, char, TEMPORARY);
    struct profile profile = {0};
    struct built built;
    space_text(text, SOURCES, TARGETS, 2, "", "connect a -> b by fixed_indegree(1000, p = 1e-3*exp(-distance/(0.2 mm)))");
    build(text, &built);
    uint32_t *matrix = matrix_of(&built);
    for (node_index j = 0; j < TARGETS; j++) {
        double weight[CLASSES] = {0}, total = 0;
        for (node_index i = 0; i < SOURCES; i++) {
            double distance = distance_between(population_of(&built, false), i, population_of(&built, true), j);
            int class = (int)(distance / 0.2e-3) < CLASSES ? (int)(distance / 0.2e-3) : CLASSES - 1;
            profile.drawn[class] += matrix[i * TARGETS + j];
            weight[class] += exponential(distance);
            total += exponential(distance);
        }
        for (int k = 0; k < CLASSES; k++) {
            profile.mean[k] += 1000 * weight[k] / total;
            profile.variance[k] += 1000 * weight[k] / total * (1 - weight[k] / total);
        }
    }
    check_profile(&profile, true);
    memory_free(matrix);
    release(&built);
    memory_free(text);
}

/* Two of three sources with weights 4 : 2 : 1, one after the other: a pair {a, b} has the probability
 * a/7 * b/(7 - a) + b/7 * a/(7 - b). The second time a spike of p, where there is no source, lets almost all proposals fail. */
static void test_law_without_multapses(void **state)
{
    static const char *const p[] = {
        "where(distance < 1.5 metre, 0.4, where(distance < 2.5 metre, 0.2, 0.1))",
        "where(distance < 1.5 metre, 4e-9, where(distance < 1.6 metre, 1, where(distance < 2.5 metre, 2e-9, 1e-9)))",
    };
    static const double weight[] = {4, 2, 1};
    enum { N = 20000 };
    for (int variant = 0; variant < 2; variant++) {
        char text[1000];
        struct built built;
        sprintf(text,
                "population a[3] : iaf_psc_exp { position = [(i + 1)*metre, 0 mm] }\n"
                "population b[%d] : iaf_psc_exp { position = [0, 0] mm }\n"
                "connect a -> b by fixed_indegree(2, p = %s, multapses = false) using static\nrun 1 ms",
                variant ? N / 10 : N, p[variant]);
        build(text, &built);
        uint32_t *matrix = matrix_of(&built), n = population_of(&built, true)->size, left_out[3] = {0};
        for (uint32_t j = 0; j < n; j++) {
            assert_int_equal(matrix[j] + matrix[n + j] + matrix[2 * n + j], 2);
            for (int k = 0; k < 3; k++)
                left_out[k] += matrix[(uint32_t)k * n + j] == 0;
        }
        for (int k = 0; k < 3; k++) {
            double a = weight[(k + 1) % 3], b = weight[(k + 2) % 3], probability = a / 7 * b / (7 - a) + b / 7 * a / (7 - b);
            assert_true(fabs(binomial_deviation(left_out[k], n, probability)) < NORMAL_LIMIT);
        }
        memory_free(matrix);
        release(&built);
    }
}

/* What is expected of an argument is its mean over all pairs, where these are few. */
static void test_expected_number(void **state)
{
    char *text = MEMORY_NEW(TEXT_MAX, char, TEMPORARY);
    struct built built;
    double sum = 0;
    space_text(text, SOURCES, TARGETS, 2, "", "connect a -> b by pairwise_bernoulli(0.8*exp(-distance/(0.2 mm)))");
    build(text, &built);
    for (node_index i = 0; i < SOURCES; i++)
        for (node_index j = 0; j < TARGETS; j++)
            sum += exponential(distance_between(population_of(&built, false), i, population_of(&built, true), j));
    assert_relative(network_expected(built.script, &built.script->connections[0]), sum, 1e-9, "expected");
    release(&built);
    memory_free(text);
}

/* ---- messages ----------------------------------------------------------------------------------------------------------- */

#define PLANE "population a[100] : iaf_psc_exp { position = [i*mm, 0 mm] }\n"

static void check_refused(const char *text, const char *expected)
{
    for (int threads = 1; threads <= 2; threads++) {
        struct fault fault = {0};
        struct built built;
        size_t before = memory_used(MEMORY_TEMPORARY), synapses = memory_used(MEMORY_SYNAPSES);
        omp_set_num_threads(threads);
        int status = build_text(text, &built, &fault);
        assert_null(built.network);
        assert_fault(&fault, status, text, expected);
        arena_destroy(&built.arena);
        assert_int_equal(memory_used(MEMORY_TEMPORARY), before);
        assert_int_equal(memory_used(MEMORY_SYNAPSES), synapses);
    }
}

static void test_values_out_of_range_are_refused(void **state)
{
    check_refused(
        PLANE "connect a -> a by pairwise_bernoulli(1.5 - distance/metre) using static\nrun 1 ms",
        "test:2:38: error: 'p' must be from 0 to 1, but is 1.5 at a distance of 0 m, from node 0 of 'a' to node 0 of 'a'");
    check_refused(
        PLANE "connect a -> a by pairwise_bernoulli(1 - distance/(98.5 mm)) using static\nrun 1 ms",
        "'p' must be from 0 to 1, but is -0.005076142132 at a distance of 0.099 m, from node 99 of 'a' to node 0 of 'a'");
    check_refused(PLANE "connect a -> a by pairwise_bernoulli(0.1 mm/distance) using static\nrun 1 ms",
                  "'p' must be from 0 to 1, but is inf at a distance of 0 m, from node 0 of 'a' to node 0 of 'a'");
    check_refused(PLANE "connect a -> a by pairwise_bernoulli(log(10 - distance/mm)/10) using static\nrun 1 ms",
                  "but is -inf at");
    check_refused(PLANE "connect a -> a by pairwise_poisson(distance/mm - 0.5) using static\nrun 1 ms",
                  "test:2:36: error: 'mean' must be from 0 to 21474836.48, but is -0.5 at a distance of 0 m");
    check_refused(PLANE "connect a -> a by pairwise_poisson(0.1 mm/distance) using static\nrun 1 ms", "but is inf at");
    check_refused(PLANE "connect a -> a by fixed_indegree(3, p = 2*exp(-distance/mm)) using static\nrun 1 ms",
                  "test:2:41: error: 'p' must be from 0 to 1, but is 2 at a distance of 0 m");
    check_refused(PLANE
                  "population c[10] : iaf_psc_exp\nconnect a -> a via c by pairwise_bernoulli(2*exp(-distance/mm))\n"
                  "third bernoulli_with_pool { primary using static; third_in using static; third_out using static }\nrun 1 ms",
                  "'p' must be from 0 to 1, but is 2 at");
}

/* What is not a pair that may be connected is not asked. */
static void test_forbidden_pairs_have_no_value(void **state)
{
    struct built built;
    build(PLANE "connect a -> a by pairwise_bernoulli(0.5 mm/distance, autapses = false) using static\nrun 1 ms", &built);
    release(&built);
}

static void test_too_few_sources_are_refused(void **state)
{
    check_refused(
        PLANE "connect a -> a by fixed_indegree(4, p = where(distance < 1.5 mm, 0.5, 0), multapses = false) using static\n"
              "run 1 ms",
        "test:2:41: error: fixed_indegree: node 0 of 'a' has 2 sources with p above 0, too few for indegree = 4 without "
        "multapses");
    check_refused(PLANE "connect a -> a by fixed_indegree(4, p = where(distance > 51.5 mm, 0.5, 0)) using static\nrun 1 ms",
                  "node 48 of 'a' has 0 sources with p above 0, too few for indegree = 4");
}

static void test_nodes_without_a_place_are_refused(void **state)
{
    check_refused(PLANE "population b[10] : iaf_psc_exp { position = [i*mm, 1 mm/(7 - i)] }\n"
                        "connect b -> a by pairwise_bernoulli(exp(-distance/mm)) using static\nrun 1 ms",
                  "node 7 of 'b' has no position: a coordinate is not finite, or redraw has accepted none");
    check_refused(PLANE "population b[10] : iaf_psc_exp { position = [i*mm, 1 mm/(7 - i)] }\n"
                        "connect a -> b by pairwise_bernoulli(exp(-distance/mm)) using static\nrun 1 ms",
                  "node 7 of 'b' has no position");
    check_refused(PLANE "a.position = [i*mm, redraw(rand()*mm, 2 mm, 3 mm)]\n"
                        "connect a -> a by pairwise_bernoulli(exp(-distance/mm)) using static\nrun 1 ms",
                  "node 0 of 'a' has no position");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions_belong_to_nodes),
        cmocka_unit_test(test_branches_know_their_distances),
        cmocka_unit_test(test_bounds_enclose_values),
        cmocka_unit_test(test_radius_is_respected),
        cmocka_unit_test(test_nodes_at_the_radius),
        cmocka_unit_test(test_limits_of_a_constant),
        cmocka_unit_test(test_fixed_indegree_within_a_radius),
        cmocka_unit_test(test_fixed_indegree_takes_all),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_law_of_bernoulli),
        cmocka_unit_test(test_law_of_poisson),
        cmocka_unit_test(test_law_of_fixed_indegree),
        cmocka_unit_test(test_law_without_multapses),
        cmocka_unit_test(test_expected_number),
        cmocka_unit_test(test_values_out_of_range_are_refused),
        cmocka_unit_test(test_forbidden_pairs_have_no_value),
        cmocka_unit_test(test_too_few_sources_are_refused),
        cmocka_unit_test(test_nodes_without_a_place_are_refused),
    };
    MPI_Init(&argc, &argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
