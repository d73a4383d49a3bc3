/* Every rule refuses arguments of a wrong name, type, unit or range, and numbers that its sets cannot give. */
#include "plan_fixture.h"

/* From a set of ten nodes to itself. */
static const struct {
    const char *call, *message;
} cases[] = {
    {"pairwise_bernoulli(0.1 mV)", "test:2:38: error: 'p' must be dimensionless, but this is in volt"},
    {"pairwise_bernoulli(-0.1)", "test:2:38: error: probability 'p' must be from 0 to 1, but is -0.1"},
    {"pairwise_bernoulli(true)", "test:2:38: error: 'p' must be a number, but this is a condition"},
    {"pairwise_bernoulli(rand() < 0.5)", "test:2:38: error: 'p' must be a number, but this is a condition"},
    {"pairwise_bernoulli(i*mV)", "test:2:38: error: 'p' must be dimensionless, but this is in volt"},
    {"condition", "test:2:19: error: rule 'condition' needs the argument 'condition'"},
    {"condition(0.5)", "test:2:29: error: 'condition' must be a condition (such as a > b), but this is a number"},
    {"condition(i < k)", "test:2:33: error: unknown name 'k'"},
    {"condition(i < 1 mV)", "test:2:29: error: both sides of '<' must have the same dimension"},
    {"condition(V_m_pre > 2)", "test:2:29: error: both sides of '>' must have the same dimension"},
    {"condition(V_mm_post > 2 mV)", "test:2:29: error: the target population 'p' (model 'iaf_psc_exp') has no variable 'V_mm'"},
    {"condition(t > 1 ms)", "test:2:29: error: 't' has no meaning here"},
    {"condition(V_m > 1 mV)", "test:2:29: error: unknown name 'V_m'"},
    {"condition(distance < 1 mm)", "test:2:29: error: 'distance' needs positions, but population 'p' has none"},
    {"condition(N_incoming < 3)", "test:2:29: error: 'N_incoming' has no meaning here"},
    {"condition(i == j, p = 2)", "test:2:41: error: probability 'p' must be from 0 to 1, but is 2"},
    {"condition(i == j, n = 1.5)", "test:2:41: error: 'n' must be a whole number, 0 or more, but is 1.5"},
    {"condition(i == j, n = -1)", "test:2:41: error: 'n' must be a whole number, 0 or more, but is -1"},
    {"condition(i == j, n = i < 3)", "test:2:41: error: 'n' must be a number, but this is a condition"},
    {"pairwise_bernoulli(q = 0.1)",
     "test:2:42: error: rule 'pairwise_bernoulli' has no argument 'q' (its arguments are p and autapses)"},
    {"pairwise_bernoulli()", "test:2:19: error: rule 'pairwise_bernoulli' needs the argument 'p'"},
    {"pairwise_bernoulli(0.1, true, 3)", "test:2:49: error: rule 'pairwise_bernoulli' takes at most 2 arguments: p and autapses"},
    {"pairwise_bernoulli(0.1, multapses = false)", "test:2:55: error: rule 'pairwise_bernoulli' has no argument 'multapses' (its "
                                                   "arguments are p and autapses); did you mean 'autapses'?"},
    {"pairwise_bernoulli(0.1, autapses = 1)", "test:2:54: error: 'autapses' must be true or false, but this is a number"},
    {"pairwise_poisson(-1)", "test:2:36: error: 'mean' must be 0 or more, and finite, but is -1"},
    {"pairwise_poisson(inf)", "test:2:36: error: 'mean' must be 0 or more, and finite, but is inf"},
    {"pairwise_poisson(1 mV)", "test:2:36: error: 'mean' must be dimensionless, but this is in volt"},
    {"pairwise_poisson(1e9)", "test:2:19: error: pairwise_poisson: mean = 1000000000 and 10 sources would give each target 1e+10 "
                              "connections; at most 2147483648 are possible"},
    {"fixed_indegree(2.5)", "test:2:34: error: 'indegree' must be a whole number, but is 2.5"},
    {"fixed_indegree(-1)", "test:2:34: error: 'indegree' must be from 0 to 9007199254740992, but is -1"},
    {"fixed_indegree(2 ms)", "test:2:34: error: 'indegree' must be dimensionless, but this is in second"},
    {"fixed_indegree(11, multapses = false)",
     "test:2:19: error: fixed_indegree without multapses: indegree = 11 is more than the 10 nodes to connect with"},
    {"fixed_indegree(10, autapses = false, multapses = false)",
     "test:2:19: error: fixed_indegree without multapses: indegree = 10 is more than the 9 nodes to connect with besides the "
     "node itself"},
    {"fixed_indegree(2, p = 0)",
     "test:2:19: error: fixed_indegree: with p = 0 no source is accepted, so none can have indegree = 2"},
    {"fixed_indegree(2, p = 1.5)", "test:2:41: error: probability 'p' must be from 0 to 1, but is 1.5"},
    {"fixed_indegree(2, p = 1 mm)", "test:2:41: error: 'p' must be dimensionless, but this is in metre"},
    {"fixed_indegree(distance/mm)", "test:2:34: error: 'distance' has no meaning here"},
    {"fixed_outdegree(2.5)", "test:2:35: error: 'outdegree' must be a whole number, but is 2.5"},
    {"fixed_outdegree(11, multapses = false)",
     "test:2:19: error: fixed_outdegree without multapses: outdegree = 11 is more than the 10 nodes to connect with"},
    {"fixed_outdegree(2, p = 0.5)",
     "test:2:42: error: rule 'fixed_outdegree' has no argument 'p' (its arguments are outdegree, autapses and multapses)"},
    {"fixed_total_number(2.5)", "test:2:38: error: 'n' must be a whole number, but is 2.5"},
    {"fixed_total_number(101, multapses = false)",
     "test:2:19: error: fixed_total_number without multapses: n = 101 is more than the 100 pairs that may be connected"},
    {"fixed_total_number(-3)", "test:2:38: error: 'n' must be from 0 to 9007199254740992, but is -3"},
    {"symmetric_pairwise_bernoulli(1.5)", "test:2:48: error: probability 'p' must be from 0 to 1, but is 1.5"},
    {"symmetric_pairwise_bernoulli(exp(-distance/mm))", "test:2:53: error: 'distance' has no meaning here"},
    {"pairs([0, 1], [0, 1, 2])", "test:2:19: error: pairs needs two lists of equal length, but they have 2 and 3"},
    {"pairs([10], [0])", "test:2:19: error: pairs: 'sources' has position 10 (row 0), but p has 10 nodes, from 0 to 9"},
    {"pairs([0])", "test:2:19: error: rule 'pairs' needs the argument 'targets'"},
    {"all_to_all(0.5)", "test:2:30: error: 'autapses' must be true or false, but this is a number"},
    {"one_to_one(autapses = 0)", "test:2:41: error: 'autapses' must be true or false, but this is a number"},
    {"all_to_all(allow_autapses = false)",
     "test:2:47: error: rule 'all_to_all' has no argument 'allow_autapses' (its arguments are autapses)"},
};

static void test_wrong_arguments(void **state)
{
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[500];
        snprintf(text, sizeof text, "population p[10] : iaf_psc_exp\nconnect p -> p by %s using static\nrun 1 ms\n",
                 cases[k].call);
        assert_unplanned(text, cases[k].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_wrong_arguments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
