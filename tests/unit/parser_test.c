#include <glob.h>
#include <locale.h>
#include <math.h>

#include "language_fixture.h"

/* ---- expressions, shown as (operator operand operand) ------------------------------------------------------------------ */

static const char *const operator_texts[] = {
    [OPERATOR_NEGATE] = "neg",       [OPERATOR_NOT] = "not",       [OPERATOR_ADD] = "+",
    [OPERATOR_SUBTRACT] = "-",       [OPERATOR_MULTIPLY] = "*",    [OPERATOR_DIVIDE] = "/",
    [OPERATOR_FLOOR_DIVIDE] = "//",  [OPERATOR_MODULO] = "%",      [OPERATOR_POWER] = "**",
    [OPERATOR_LESS] = "<",           [OPERATOR_LESS_EQUAL] = "<=", [OPERATOR_GREATER] = ">",
    [OPERATOR_GREATER_EQUAL] = ">=", [OPERATOR_EQUAL] = "==",      [OPERATOR_NOT_EQUAL] = "!=",
    [OPERATOR_AND] = "and",          [OPERATOR_OR] = "or",
};

static const char *shown(struct arena *arena, const struct expression *expression);

static const char *shown_children(struct arena *arena, const char *head, const struct expression *expression)
{
    const char *text = arena_format(arena, "(%s", head);
    for (int k = 0; k < expression->n_children; k++) {
        const char *name = expression->argument_names ? expression->argument_names[k] : NULL;
        text = arena_format(arena, "%s %s%s%s", text, name ? name : "", name ? "=" : "", shown(arena, expression->children[k]));
    }
    return arena_format(arena, "%s)%s%s", text, expression->has_unit ? " " : "",
                        expression->has_unit ? expression->unit_text : "");
}

static const char *shown(struct arena *arena, const struct expression *expression)
{
    if (!expression)
        return "_";
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        return expression->has_unit ? arena_format(arena, "%g_%s", expression->number, expression->unit_text)
                                    : arena_format(arena, "%g", expression->number);
    case EXPRESSION_STRING:
        return arena_format(arena, "\"%s\"", expression->name);
    case EXPRESSION_NAME:
        return expression->name;
    case EXPRESSION_UNARY:
    case EXPRESSION_BINARY:
        return shown_children(arena, operator_texts[expression->operator], expression);
    case EXPRESSION_CALL:
        return shown_children(arena, expression->name, expression);
    case EXPRESSION_INDEX:
        return shown_children(arena, "index", expression);
    case EXPRESSION_SLICE:
        return shown_children(arena, "slice", expression);
    case EXPRESSION_ARRAY:
        return shown_children(arena, "list", expression);
    case EXPRESSION_MEMBER:
        return arena_format(arena, "%s.%s", shown(arena, expression->children[0]), expression->name);
    }
    return "?";
}

static void assert_expression(const char *text, const char *expected)
{
    struct arena *arena = arena_create();
    struct expression *expression;
    struct fault fault = {0};
    if (parse_expression(arena, source_of(arena, text), &expression, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    assert_string_equal(shown(arena, expression), expected);
    arena_destroy(&arena);
}

static void assert_shown(struct arena *arena, const struct expression *expression, const char *expected)
{
    assert_string_equal(shown(arena, expression), expected);
}

static void operators_bind_as_in_python(void **state)
{
    assert_expression("a + b*c", "(+ a (* b c))");
    assert_expression("a - b - c", "(- (- a b) c)");
    assert_expression("a/b/c", "(/ (/ a b) c)");
    assert_expression("a // b % c", "(% (// a b) c)");
    assert_expression("-a**2", "(neg (** a 2))");
    assert_expression("a**b**c", "(** a (** b c))");
    assert_expression("2**-x", "(** 2 (neg x))");
    assert_expression("a*-b", "(* a (neg b))");
    assert_expression("- -a", "(neg (neg a))");
    assert_expression("+a - +b", "(- a b)");
    assert_expression("(a + b)*c", "(* (+ a b) c)");
    assert_expression("not a == b", "(not (== a b))");
    assert_expression("not not a", "(not (not a))");
    assert_expression("not a and b or c", "(or (and (not a) b) c)");
    assert_expression("a or b and c", "(or a (and b c))");
    assert_expression("a + 1 >= b and c != d", "(and (>= (+ a 1) b) (!= c d))");
    assert_expression("a <\nb", "(< a b)");
}

static void a_unit_belongs_to_its_number(void **state)
{
    assert_expression("2 mV**2", "(** 2_mV 2)");
    assert_expression("-70.6 mV", "(neg 70.6_mV)");
    assert_expression("1 s", "1_s");
    assert_expression("1/second", "(/ 1 second)");
    assert_expression("1/s", "(/ 1 s)"); /* a variable called s */
    assert_expression("10*mV", "(* 10 mV)");
    assert_expression("0.0002/uM/ms", "(/ (/ 0.0002 uM) ms)");
    assert_expression("[1, 2] Hz", "(list 1 2) Hz");
    assert_expression("[[1, 2], [3, 4]] mV", "(list (list 1 2) (list 3 4)) mV");
    assert_expression("3 N", "3_N");
}

static void calls_indices_and_members(void **state)
{
    assert_expression("rand()", "(rand)");
    assert_expression("f(a, b = 2, c = \"x\")", "(f a b=2 c=\"x\")");
    assert_expression("f(a == b)", "(f (== a b))");
    assert_expression("cells[0:N_e]", "(index cells (slice 0 N_e))");
    assert_expression("S[50, :]", "(index S 50 (slice _ _))");
    assert_expression("S[:5, 3:]", "(index S (slice _ 5) (slice 3 _))");
    assert_expression("(exc + inh)[0:100]", "(index (+ exc inh) (slice 0 100))");
    assert_expression("pop[k][0:10].v", "(index (index pop k) (slice 0 10)).v");
    assert_expression("tri.primary", "tri.primary");
    assert_expression("cells[i > 5]", "(index cells (> i 5))");
    assert_expression("[]", "(list)");
    assert_expression("f(\n a\n,\n b)", "(f a b)");
}

static void numbers_know_what_they_are(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "let a = 3, b = 3., c = 3 mV");
    assert_true(tree->statements[0].value->is_integer);
    assert_false(tree->statements[1].value->is_integer);
    assert_false(tree->statements[2].value->is_integer);
    assert_true(tree->statements[2].value->has_unit);
    assert_true(tree->statements[2].value->unit.scale == 1e-3);
    assert_true(tree->statements[2].value->number == 3);
    arena_destroy(&arena);
}

static void numbers_do_not_depend_on_the_locale(void **state)
{
    const char *set = setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is not installed there is nothing to test */
    assert_expression("0.5 + a", "(+ 0.5 a)");
    if (set)
        setlocale(LC_ALL, "C");
}

static void expressions_stand_where_they_were_written(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "let a = b + f(c)*2 mV  # end");
    const struct expression *sum = tree->statements[0].value;
    assert_int_equal(sum->span.begin, 8);
    assert_int_equal(sum->span.end, 21);
    assert_int_equal(sum->children[1]->span.begin, 12);
    assert_int_equal(tree->statements[0].span.begin, 4);
    assert_int_equal(tree->statements[0].span.end, 21);
    arena_destroy(&arena);
}

static void wrong_expressions_say_why(void **state)
{
    assert_refused("let a = ", "expected a value, found the end of the file");
    assert_refused("let a = 1 +", "expected a value, found the end of the file");
    assert_refused("let a = (1 + 2\nlet b = 3", "expected ')' to close the '(' opened at line 1, found 'let'");
    assert_refused("let a = f(1, 2\n", "expected ')' to close the '(' opened at line 1");
    assert_refused("let a = [1, 2", "expected ']' to close the '[' opened at line 1");
    assert_refused("let a = b < c < d", "comparisons cannot be chained");
    assert_refused("let a = 1 + not b", "put 'not");
    assert_refused("let a = 2 mVolt", "unknown unit 'mVolt'; did you mean 'mvolt'?");
    assert_refused("let a = 2 qqq", "unknown unit 'qqq'");
    assert_refused("let a = [1, 2] mhz", "did you mean 'mHz'?");
    assert_refused("let a = (1) mV", "expected the end of the statement, found 'mV'");
    assert_refused("let a = 2 mV mV", "expected the end of the statement, found 'mV'");
    assert_refused("let a = b by c", "expected the end of the statement, found 'by'");
    assert_refused("let a = by", "expected a value");
    assert_refused("let a = f(b = 1, 2)", "an argument without name may not follow one with a name");
    assert_refused("let a = b = c", "a comparison is written '=='");
    assert_refused("let a = b[", "expected a value");
    assert_refused("let a = b.1", "expected the end of the statement, found '.1'");
    assert_refused("let a = b.", "expected a name after '.'");
    assert_refused("let a = x ^ 2", "a power is written '**'");
}

/* ---- statements of a script ------------------------------------------------------------------------------------------------ */

static void lets_are_one_statement_each(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "let a = 1,\n    b = 2; let c = 3\n");
    assert_int_equal(tree->n_statements, 3);
    assert_string_equal(tree->statements[1].name, "b");
    assert_int_equal(tree->statements[2].kind, STATEMENT_LET);
    arena_destroy(&arena);
}

static void simulation_and_population_have_settings(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "simulation { dt = 0.1 ms; seed = seed }\n"
                                              "population exc[N_ex] : aeif { tau = tau_ex\n g = 3 nS }\n"
                                              "population noise : poisson_generator\n"
                                              "population pop[k][SIZE + 1] : aeif {}");
    const struct statement *simulation = &tree->statements[0], *exc = &tree->statements[1], *noise = &tree->statements[2],
                           *family = &tree->statements[3];
    assert_int_equal(simulation->settings.n_items, 2);
    assert_string_equal(simulation->settings.items[1].name, "seed");
    assert_string_equal(exc->name, "exc");
    assert_string_equal(exc->model_name, "aeif");
    assert_null(exc->model);
    assert_null(exc->index);
    assert_shown(arena, exc->value, "N_ex");
    assert_int_equal(exc->settings.n_items, 2);
    assert_shown(arena, exc->settings.items[1].value, "3_nS");
    assert_null(noise->value);
    assert_shown(arena, family->index, "k");
    assert_shown(arena, family->value, "(+ SIZE 1)");
    arena_destroy(&arena);
}

static void inline_models_are_called_like_their_statement(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "population P[5] \"five\" { dv/dt = -v/tau : 1 }\n"
                                              "population R extends base { reset { v = 0 } }\n"
                                              "synapses S : P -> R extends stp { on_pre { v_post += 1 } }");
    const struct statement *p = &tree->statements[0], *r = &tree->statements[1], *s = &tree->statements[2];
    assert_string_equal(p->model->name, "P");
    assert_string_equal(p->model->text, "five");
    assert_int_equal(p->model->kind, MODEL_NEURON);
    assert_null(p->model_name);
    assert_string_equal(r->model->extends, "base");
    assert_int_equal(s->kind, STATEMENT_SYNAPSES);
    assert_string_equal(s->model->extends, "stp");
    assert_true(s->model->is_inline);
    assert_int_equal(s->model->kind, MODEL_SYNAPSE);
    assert_shown(arena, s->source, "P");
    assert_shown(arena, s->target, "R");
    arena_destroy(&arena);
}

static void connections_have_four_forms(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "connect noise -> exc + inh by all_to_all using static { weight = w_e }\n"
                                              "connect tri : exc -> exc + inh via astro\n"
                                              "        by tripartite(p_primary = p, pool_type = \"random\") {\n"
                                              "    primary   using tsodyks { weight = w_e; delay = d_e }\n"
                                              "    third_in  using tsodyks\n"
                                              "    third_out using sic     { weight = 1 }\n"
                                              "}\n"
                                              "connect a -> b by pairwise_bernoulli(0.1)\n"
                                              "    third bernoulli_with_pool(p = 0.5, pool_size = 10)\n"
                                              "    via c\n"
                                              "    using static\n"
                                              "connect S by one_to_one\n");
    const struct statement *plain = &tree->statements[0], *tri = &tree->statements[1], *third = &tree->statements[2],
                           *declared = &tree->statements[3];
    assert_int_equal(tree->n_statements, 4);
    assert_null(plain->name);
    assert_shown(arena, plain->target, "(+ exc inh)");
    assert_shown(arena, plain->rule, "all_to_all");
    assert_int_equal(plain->n_usings, 1);
    assert_null(plain->usings[0].role);
    assert_string_equal(plain->usings[0].synapse, "static");
    assert_int_equal(plain->usings[0].settings.n_items, 1);

    assert_string_equal(tri->name, "tri");
    assert_shown(arena, tri->pool, "astro");
    assert_shown(arena, tri->rule, "(tripartite p_primary=p pool_type=\"random\")");
    assert_int_equal(tri->n_usings, 3);
    assert_string_equal(tri->usings[2].role, "third_out");
    assert_string_equal(tri->usings[2].synapse, "sic");
    assert_int_equal(tri->usings[1].settings.n_items, 0);

    assert_shown(arena, third->third, "(bernoulli_with_pool p=0.5 pool_size=10)");
    assert_shown(arena, third->pool, "c");

    assert_string_equal(declared->name, "S");
    assert_null(declared->source);
    assert_null(declared->target);
    assert_int_equal(declared->n_usings, 0);
    arena_destroy(&arena);
}

static void recordings(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "record spikes of (exc + inh)[0:100]\n"
                                              "record IP3, Ca_astro of astro every 1 ms\n"
                                              "record mine : u_S of S[50, :] at after_synapses every 2 ms\n"
                                              "record sent of tri.primary");
    assert_string_equal(tree->statements[0].recorded[0], "spikes");
    assert_int_equal(tree->statements[1].n_recorded, 2);
    assert_string_equal(tree->statements[1].recorded[1], "Ca_astro");
    assert_int_equal(tree->statements[1].recorded_spans[1].begin, strlen("record spikes of (exc + inh)[0:100]\nrecord IP3, "));
    assert_shown(arena, tree->statements[1].every, "1_ms");
    assert_string_equal(tree->statements[2].name, "mine");
    assert_string_equal(tree->statements[2].slot, "after_synapses");
    assert_shown(arena, tree->statements[2].every, "2_ms");
    assert_shown(arena, tree->statements[3].source, "tri.primary");
    arena_destroy(&arena);
}

static void assignments_name_a_variable(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "cells.v = E_l + rand()*(V_th - E_l)\n"
                                              "pop[k].x = [1, 2] mV\n"
                                              "tri.primary.weight = 3 nS\n"
                                              "record.v = 1\n"
                                              "(exc + inh).v = 1");
    assert_string_equal(tree->statements[0].name, "v");
    assert_int_equal(tree->statements[0].name_span.begin, 6);
    assert_shown(arena, tree->statements[0].target, "cells");
    assert_shown(arena, tree->statements[1].target, "(index pop k)");
    assert_shown(arena, tree->statements[2].target, "tri.primary");
    assert_string_equal(tree->statements[2].name, "weight");
    assert_shown(arena, tree->statements[3].target, "record");
    assert_shown(arena, tree->statements[4].target, "(+ exc inh)");
    arena_destroy(&arena);
}

static void loops_hold_statements(void **state)
{
    struct arena *arena = arena_create();
    struct script_tree *tree = tree_of(arena, "for a in 0:8 {\n for b in [1, 2] { let c = a }; run 1 ms\n}\nprint Q.v");
    const struct statement *loop = &tree->statements[0];
    assert_int_equal(tree->n_statements, 2);
    assert_string_equal(loop->name, "a");
    assert_shown(arena, loop->value, "(slice 0 8)");
    assert_int_equal(loop->n_body, 2);
    assert_int_equal(loop->body[0].n_body, 1);
    assert_shown(arena, loop->body[0].value, "(list 1 2)");
    assert_int_equal(loop->body[1].kind, STATEMENT_RUN);
    assert_shown(arena, tree->statements[1].printed[0], "Q.v");
    arena_destroy(&arena);
}

static void wrong_statements_say_why(void **state)
{
    assert_refused("x = 3", "let x = ");
    assert_refused("populaton P : m", "did you mean 'population'?");
    assert_refused("zzzzzz", "'zzzzzz' begins no statement");
    assert_refused("restore", "'restore' is not supported yet: states cannot be stored and restored");
    assert_refused("+ 3", "expected a statement, found '+'");
    assert_refused("}", "this '}' closes no block");
    assert_refused("simulation { dt = 0.1 ms\n\n", "expected '}' to close the block opened at line 1, found the end of the file");
    assert_refused("simulation { dt = 0.1 ms\nlet a = 3", "or '}' to close the block opened at line 1, found 'let'");
    assert_refused("simulation { dt = 0.1 ms, seed = 3 }", "expected a new line or ';' before the next statement, found ','");
    assert_refused("simulation { dt : 0.1 ms }", "expected '=' and a value, found ':'");
    assert_refused("let a = 1 let b = 2", "unknown unit 'let'");
    assert_refused("let i = 1", "'i' is reserved");
    assert_refused("let ms = 1", "'ms' is the name of a unit");
    assert_refused("let by = 1", "'by' is reserved");
    assert_refused("for i in 0:8 {}", "'i' is reserved");
    assert_refused("for k in :8 {}", "expected the first number of the range");
    assert_refused("for k in 0: {}", "expected a value, found '{'");
    assert_refused("population P", "expected ': MODEL' or '{' and equations");
    assert_refused("population P[3][4][5] : m", "expected ': MODEL'");
    assert_refused("synapses S : a", "expected '->' and a target");
    assert_refused("synapses S : a -> b", "expected ': MODEL' or '{'");
    assert_refused("connect a -> b via c using s", "expected 'by' and a connection rule");
    assert_refused("connect a -> b", "expected 'using' and a synapse model");
    assert_refused("connect a -> b by r", "expected 'using' and a synapse model");
    assert_refused("connect a -> b by r by q", "expected 'using'");
    assert_refused("connect a via c", "expected 'by' and a connection rule");
    assert_refused("connect a by generator(j = k for k in 3)", "expected ':' and the end of the range, found ')'");
    assert_refused("connect a by generator(j = k for 3 in 0:3)", "expected the name of the variable");
    assert_refused("connect a by generator(j = k for k of 0:3)", "expected 'in', found 'of'");
    assert_refused("connect a by generator(j for j in 0:3)", "expected ')' to close the '('");
    assert_refused("connect a third r(2)", "expected 'by' and a connection rule");
    assert_refused("connect a[3] by r", "expected '->' and a target");
    assert_refused("connect S by r using q", "the synapses 'S' are declared already");
    assert_refused("connect a -> b by r { primry using s }", "expected 'primary', 'third_in' or 'third_out', found 'primry'");
    assert_refused("connect a -> b by r { primary using s; primary using s }", "a second 'primary'");
    assert_refused("record of a", "expected the name of a variable");
    assert_refused("record v a", "expected 'of', found 'a'");
    assert_refused("a.b.c", "expected '=' and a value");
    assert_refused("a[3] = 4", "only a variable of a population or of synapses can be assigned");
    assert_refused("neuron modl x {}", "expected 'model', found 'modl'");
}

static void a_fault_shows_its_place(void **state)
{
    assert_refused("let a = 1\nlet b = * 2", "test:2:9: error: expected a value, found '*'\n"
                                             "    let b = * 2\n"
                                             "            ^");
    assert_refused("let a = 1 +\n\n# nothing\n", "test:1:12: error: expected a value, found the end of the file\n"
                                                 "    let a = 1 +\n"
                                                 "               ^");
    assert_refused("let = @", "test:1:5: error: expected a name"); /* the first error, although the next cannot even be read */
}

/* ---- models -------------------------------------------------------------------------------------------------------------------
 */

/* The model of a text "neuron model m { BODY }". */
static struct model *model_of(struct arena *arena, const char *kind, const char *body)
{
    return tree_of(arena, arena_format(arena, "%s model m {\n%s\n}", kind, body))->statements[0].model;
}

static void models_have_texts_and_citations(void **state)
{
    struct arena *arena = arena_create();
    struct model *before = tree_of(arena,
                                   "astrocyte model m extends base\n  \"doc\"\n{\n cite \"doi:1\" # one\n cite \"doi:2\"\n}")
                               ->statements[0]
                               .model;
    assert_int_equal(before->kind, MODEL_ASTROCYTE);
    assert_string_equal(before->extends, "base");
    assert_string_equal(before->text, "doc");
    assert_int_equal(before->n_citations, 2);
    assert_string_equal(before->citations[1], "doi:2");
    assert_string_equal(model_of(arena, "device", "\"doc\"\n x : 1")->text, "doc");
    arena_destroy(&arena);
}

static void parameters(void **state)
{
    struct arena *arena = arena_create();
    struct model *model = model_of(arena, "neuron",
                                   "C_m : pF = 281 pF in (0, inf)  \"membrane capacitance\"\n"
                                   "k : 1/uM/ms = 0.0002/uM/ms in [-inf, -2.5e3]\n"
                                   "on : boolean = true\n"
                                   "n : integer (constant, shared)\n"
                                   "times : ms[] = []\n"
                                   "V : mV in [0, 1) = 0.5 mV\n"
                                   "    \"below\"\n"
                                   "noise : volt*second**-0.5 (constant over dt)\n"
                                   "x : 1/( ms # a comment\n * mV )\n");
    const struct declaration *v = model->variables;
    assert_int_equal(model->n_variables, 8);
    assert_int_equal(v[0].kind, DECLARATION_PARAMETER);
    assert_string_equal(v[0].unit_text, "pF");
    assert_true(v[0].unit.scale == 1e-12);
    assert_shown(arena, v[0].value, "281_pF");
    assert_true(v[0].range.has_range && v[0].range.low == 0 && v[0].range.low_open);
    assert_true(isinf(v[0].range.high) && v[0].range.high_open);
    assert_string_equal(v[0].text, "membrane capacitance");
    assert_string_equal(v[1].unit_text, "1/uM/ms");
    assert_true(v[1].unit.scale == 1e6);
    assert_true(v[1].range.low == -INFINITY && v[1].range.high == -2500 && !v[1].range.high_open);
    assert_int_equal(v[2].type, TYPE_BOOLEAN);
    assert_int_equal(v[3].type, TYPE_INTEGER);
    assert_int_equal(v[3].flags, FLAG_CONSTANT | FLAG_SHARED);
    assert_true(v[4].is_list);
    assert_string_equal(v[4].unit_text, "ms");
    assert_string_equal(v[5].text, "below");
    assert_shown(arena, v[5].value, "0.5_mV");
    assert_int_equal(v[6].flags, FLAG_CONSTANT_OVER_DT);
    assert_int_equal(v[6].unit.dimension.twice[SECOND], -7);
    assert_string_equal(v[7].unit_text, "1/(ms*mV)");
    assert_true(v[7].unit.scale == 1e6);
    arena_destroy(&arena);
}

static void equations(void **state)
{
    struct arena *arena = arena_create();
    struct model *model = model_of(arena, "neuron",
                                   "dV_m/dt = (E - V_m)/tau : mV (unless refractory) = -70 mV in (-inf, 0) \"potential\"\n"
                                   "I = g*(V_m - E) : pA \"current\"\n"
                                   "dx = dt/2 : second\n"
                                   "dd/dt = 1/ms : 1\n");
    const struct declaration *v = model->variables;
    assert_int_equal(v[0].kind, DECLARATION_DERIVATIVE);
    assert_string_equal(v[0].name, "V_m");
    assert_shown(arena, v[0].equation, "(/ (- E V_m) tau)");
    assert_shown(arena, v[0].value, "(neg 70_mV)");
    assert_int_equal(v[0].flags, FLAG_UNLESS_REFRACTORY);
    assert_true(v[0].range.has_range);
    assert_int_equal(v[0].name_span.begin - v[0].span.begin, 1);
    assert_int_equal(v[1].kind, DECLARATION_SUBEXPRESSION);
    assert_null(v[1].value);
    assert_string_equal(v[1].text, "current");
    assert_string_equal(v[2].name, "dx");
    assert_int_equal(v[2].kind, DECLARATION_SUBEXPRESSION);
    assert_string_equal(v[3].name, "d");
    arena_destroy(&arena);
}

static void ports_and_inputs(void **state)
{
    struct arena *arena = arena_create();
    struct model *model = model_of(arena, "neuron",
                                   "receive spike(J : nS in [0, inf)) \"a conductance\" { g += J; h -= 2*J }\n"
                                   "receive I : pA \"a current\"\n");
    assert_int_equal(model->n_ports, 1);
    assert_string_equal(model->ports[0].name, "spike");
    assert_string_equal(model->ports[0].argument, "J");
    assert_true(model->ports[0].unit.scale == 1e-9);
    assert_true(model->ports[0].range.has_range);
    assert_string_equal(model->ports[0].text, "a conductance");
    assert_int_equal(model->ports[0].body.n_actions, 2);
    assert_int_equal(model->variables[0].kind, DECLARATION_INPUT);
    assert_string_equal(model->variables[0].unit_text, "pA");
    assert_string_equal(model->variables[0].text, "a current");
    arena_destroy(&arena);
}

static void what_happens_at_spikes_and_steps(void **state)
{
    struct arena *arena = arena_create();
    struct model *model = model_of(arena, "neuron",
                                   "threshold v > V_th and v > 1 each sub_step\n"
                                   "reset { v = 0; w += b\n u **= 2; x -= 1; y *= 2; z /= 2; a //= 2; c %= 2 }\n"
                                   "refractory where(t_ref > 0 ms, steps(t_ref) + 1, 0)\n"
                                   "spike_time end\n"
                                   "before_step { v = 1 }\n"
                                   "after_step { v = 2; w = 3 }\n"
                                   "after_synapses { v = 4; w = 5; u = 6 }\n"
                                   "method rkf45(abs = 1e-6, rel = 1e-3)\n");
    const enum operator operators[] = {OPERATOR_ADD,    OPERATOR_POWER,        OPERATOR_SUBTRACT, OPERATOR_MULTIPLY,
                                       OPERATOR_DIVIDE, OPERATOR_FLOOR_DIVIDE, OPERATOR_MODULO};
    assert_shown(arena, model->threshold, "(and (> v V_th) (> v 1))");
    assert_int_equal(model->threshold_mode, THRESHOLD_EACH_SUB_STEP);
    assert_int_equal(model->reset.n_actions, 8);
    assert_false(model->reset.actions[0].compound);
    for (int k = 0; k < 7; k++) {
        assert_true(model->reset.actions[k + 1].compound);
        assert_int_equal(model->reset.actions[k + 1].operator, operators[k]);
    }
    assert_string_equal(model->reset.actions[1].name, "w");
    assert_non_null(model->refractory);
    assert_true(model->spike_time_end);
    assert_int_equal(model->before_step.n_actions, 1);
    assert_int_equal(model->after_step.n_actions, 2);
    assert_int_equal(model->after_synapses.n_actions, 3);
    assert_string_equal(model->method, "rkf45");
    assert_shown(arena, model->method_abs, "1e-06");
    assert_shown(arena, model->method_rel, "0.001");
    struct model *other = model_of(arena, "neuron", "threshold x > 1 after synapses\nspike_time begin\nmethod rkf45(1e-3)");
    assert_int_equal(other->threshold_mode, THRESHOLD_AFTER_SYNAPSES);
    assert_false(other->spike_time_end);
    assert_shown(arena, other->method_abs, "0.001");
    assert_null(other->method_rel);
    arena_destroy(&arena);
}

static void emissions(void **state)
{
    struct arena *arena = arena_create();
    struct model *per = model_of(arena, "device", "emit per connection poisson(rate*dt) if t > start\nspike_time end");
    assert_int_equal(per->emit.kind, EMIT_PER_CONNECTION);
    assert_shown(arena, per->emit.count, "(poisson (* rate dt))");
    assert_shown(arena, per->emit.condition, "(> t start)");
    struct model *at = model_of(arena, "device", "emit at spike_times");
    assert_int_equal(at->emit.kind, EMIT_AT);
    assert_shown(arena, at->emit.count, "spike_times");
    struct model *count = model_of(arena, "neuron", "emit n + 1");
    assert_int_equal(count->emit.kind, EMIT_COUNT);
    assert_null(count->emit.condition);
    assert_false(count->emit.after_synapses);
    struct model *after = model_of(arena, "neuron", "emit n after synapses if t > start");
    assert_int_equal(after->emit.kind, EMIT_COUNT);
    assert_true(after->emit.after_synapses);
    assert_shown(arena, after->emit.count, "n");
    assert_shown(arena, after->emit.condition, "(> t start)");
    arena_destroy(&arena);
}

static void synapses(void **state)
{
    struct arena *arena = arena_create();
    struct model *model = model_of(arena, "synapse",
                                   "weight : port = 1 \"takes the unit\"\n"
                                   "rate : port/ms\n"
                                   "delay = 1 ms\n"
                                   "dx/dt = -x/tau : 1 (event-driven) = 0\n"
                                   "I_post = weight*I_pre : pA (summed)\n"
                                   "on_post potentiate(delay = delay, order = -2) { weight = 1 }\n"
                                   "on_pre { send weight; x += 1 }\n"
                                   "on_pre slow(order = 3, event = high) { send 2*weight to slow_port }\n"
                                   "on_post { y = 1 }\n");
    assert_true(model->variables[0].unit_is_port);
    assert_false(model->variables[1].unit_is_port);
    assert_int_equal(model->variables[1].unit.dimension.twice[PORT], 2);
    assert_shown(arena, model->delay, "1_ms");
    assert_int_equal(model->variables[2].flags, FLAG_EVENT_DRIVEN);
    assert_int_equal(model->variables[3].flags, FLAG_SUMMED);
    assert_int_equal(model->n_pathways, 4);
    const struct pathway *p = model->pathways;
    assert_int_equal(p[0].kind, PATHWAY_POST);
    assert_string_equal(p[0].name, "potentiate");
    assert_shown(arena, p[0].delay, "delay");
    assert_int_equal(p[0].order, -2);
    assert_string_equal(p[1].name, "pre");
    assert_int_equal(p[1].order, -1);
    assert_null(p[1].delay);
    assert_int_equal(p[1].body.actions[0].kind, ACTION_SEND);
    assert_null(p[1].body.actions[0].name);
    assert_string_equal(p[2].body.actions[0].name, "slow_port");
    assert_int_equal(p[2].order, 3);
    assert_string_equal(p[2].event, "high");
    assert_null(p[1].event);
    assert_string_equal(p[3].name, "post");
    assert_int_equal(p[3].order, 1);
    arena_destroy(&arena);
}

static void assert_model_refused(const char *kind, const char *body, const char *expected)
{
    char text[1000];
    snprintf(text, sizeof text, "%s model m {\n%s\n}", kind, body);
    assert_refused(text, expected);
}

static void wrong_declarations_say_why(void **state)
{
    assert_model_refused("neuron", "C :", "expected a unit after ':'");
    assert_model_refused("neuron", "C : = 3", "expected a unit after ':'");
    assert_model_refused("neuron", "C : 2", "expected a unit after ':', found '2'");
    assert_model_refused("neuron", "C : mVolt", "unknown unit 'mVolt'; did you mean 'mvolt'?");
    assert_model_refused("neuron", "C : mV mV", "expected the end of the statement");
    assert_model_refused("neuron", "C : mV**x", "expected the exponent of a unit");
    assert_model_refused("neuron", "C : mV**0.3", "small multiple of 0.5");
    assert_model_refused("neuron", "C : mV**1e300", "small multiple of 0.5");
    assert_model_refused("neuron", "C : Ymetre**10*Ymetre**10", "beyond the range");
    assert_model_refused("neuron", "C : ms[", "expected ']'");
    assert_model_refused("neuron", "C = 3", "expected ':' and a unit, found the end of the line");
    assert_model_refused("neuron", "C : 1 = 3 = 4", "has a value or a range already");
    assert_model_refused("neuron", "C : 1 (consant)", "unknown flag 'consant'; did you mean 'constant'?");
    assert_model_refused("neuron", "C : 1 (until refractory)", "unknown flag 'until refractory'");
    assert_model_refused("neuron", "C : 1 ()", "expected a flag");
    assert_model_refused("neuron", "C = 3 : 1 = 4", "'C' is computed");
    assert_model_refused("neuron", "receive I : pA = 3 pA", "'I' is computed");
    assert_model_refused("neuron", "C : 1 in 0, 1", "expected a range such as [0, inf)");
    assert_model_refused("neuron", "C : mV in [0 mV, 1)", "bounds are plain numbers");
    assert_model_refused("neuron", "C : mV in [1, 0]", "this range is empty");
    assert_model_refused("neuron", "C : mV in (1, 1]", "this range is empty");
    assert_model_refused("neuron", "C : mV in [1, 2\nx : 1", "expected ']' or ')' to close the range");
    assert_model_refused("neuron", "x/dt = 3 : 1", "a differential equation is written dNAME/dt");
    assert_model_refused("neuron", "d/dt = 3 : 1", "a differential equation is written dNAME/dt");
    assert_model_refused("neuron", "d1/dt = 3 : 1", "a differential equation is written dNAME/dt");
    assert_model_refused("neuron", "dv/dx = 3 : 1", "a differential equation is written dNAME/dt");
    assert_model_refused("neuron", "dN/dt = 3 : 1", "'N' is reserved");
    assert_model_refused("neuron", "pF : pF", "'pF' is the name of a unit");
    assert_model_refused("neuron", "C", "an equation, or '}' to close the block opened at line 1, found 'C'");
    assert_model_refused("neuron", "\"a\"\n\"b\"", "the description of a model stands once, at its beginning");
    assert_model_refused("neuron", "receive spike(J : port) {}", "what arrives at a port has a unit");
}

static void wrong_model_statements_say_why(void **state)
{
    assert_model_refused("neuron", "treshold v > 1", "did you mean 'threshold'?");
    assert_model_refused("neuron", "threshold v > 1\nthreshold v > 2", "a second 'threshold' in the same model");
    assert_model_refused("neuron", "reset {}\nreset {}", "a second 'reset'");
    assert_model_refused("neuron", "after_synapses {}\nafter_synapses {}", "a second 'after_synapses'");
    assert_model_refused("neuron", "method euler; method euler", "a second 'method'");
    assert_model_refused("synapse", "delay = 1 ms\ndelay = 1 ms", "a second 'delay'");
    assert_model_refused("neuron", "threshold v = 1", "a comparison is written '=='");
    assert_model_refused("neuron", "threshold v > 1 each step", "expected 'sub_step', found 'step'");
    assert_model_refused("neuron", "on_pre { x = 1 }", "'on_pre' belongs into a synapse model");
    assert_model_refused("synapse", "threshold v > 1", "'threshold' belongs into a neuron, astrocyte or device model");
    assert_model_refused("synapse", "after_synapses {}", "'after_synapses' belongs into a neuron, astrocyte or device model");
    assert_model_refused("neuron", "after_synapses v = 1", "'{'");
    assert_model_refused("neuron", "after_synapses { send 3 }", "'send' belongs into on_pre or on_post");
    assert_model_refused("neuron", "after_synapses : mV", "'after_synapses' begins a statement in a model");
    assert_model_refused("neuron", "reset : 1", "'reset' begins a statement in a model");
    assert_model_refused("neuron", "threshold = 3 mV : mV", "'threshold' begins a statement in a model");
    assert_model_refused("neuron", "reset { send 3 }", "'send' belongs into on_pre or on_post");
    assert_model_refused("neuron", "reset { v }", "expected '=', '+=' or the like");
    assert_model_refused("neuron", "reset { t = 3 }", "'t' is reserved");
    assert_model_refused("neuron", "reset { v = 1, w = 2 }", "expected a new line or ';' before the next statement");
    assert_model_refused("neuron", "reset {\n v = 1\n", "expected '}' to close the block opened at line 1");
    assert_model_refused("neuron", "reset {\n v = 1\nmethod euler", "or '}' to close the block opened at line 2, found 'method'");
    assert_model_refused("neuron", "x : 1\nrun 3 ms", "or '}' to close the block opened at line 1, found 'run'");
    assert_model_refused("neuron", "spike_time middle", "expected 'begin' or 'end', found 'middle'");
    assert_model_refused("neuron", "method rkf45(abs = 1, abs = 2)", "a method takes abs = ");
    assert_model_refused("neuron", "method rkf45(tolerance = 1)", "a method takes abs = ");
    assert_model_refused("neuron", "cite doi", "expected a reference in quotes");
    assert_model_refused("synapse", "on_pre x(order = 1.5) {}", "the order of a pathway is a whole number");
    assert_model_refused("synapse", "on_pre x(order = 1e99) {}", "the order of a pathway is a whole number");
    assert_model_refused("synapse", "on_pre x(order = 99999999999) {}", "the order of a pathway is a whole number");
    assert_model_refused("synapse", "on_pre x(delay = 1 ms, delay = 1 ms) {}", "each once");
    assert_model_refused("synapse", "on_pre x(late = 1) {}", "each once");
    assert_model_refused("synapse", "on_pre x(event = a, event = b) {}", "each once");
    assert_model_refused("synapse", "on_pre (event = 1) {}", "the name of an event");
    assert_model_refused("synapse", "delay : ms", "'delay' begins a statement");
}

/* ---- size and depth
 * -------------------------------------------------------------------------------------------------------------- */

/* before, then `unit` n times, then after */
static char *repeated(const char *before, const char *unit, int n, const char *after)
{
    size_t length = strlen(unit);
    char *text = malloc(strlen(before) + (size_t)n * length + strlen(after) + 1);
    char *at = stpcpy(text, before);
    for (int k = 0; k < n; k++)
        at = stpcpy(at, unit);
    strcpy(at, after);
    return text;
}

static void deep_nesting_is_refused(void **state)
{
    static const struct {
        const char *before, *unit;
    } forms[] = {
        {"let a = ", "("},
        {"let a = ", "["},
        {"let a = ", "f("},
        {"let a = ", "b["},
        {"let a = ", "-"},
        {"let a = ", "not "},
        {"let a = 2", "**2"},
        {"let a = 2", "**-2"},
        {"let a = ", "-(not b[f([2**("},
        {"", "for k in 0:2 {"},
        {"", "for k in [0] {\n"},
        {"neuron model m { x : ", "("},
        {"neuron model m { x : ", "1/("},
    };
    for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++) {
        char *text = repeated(forms[k].before, forms[k].unit, 10000, "");
        assert_refused(text, "nested too deeply: at most 200 levels");
        free(text);
    }
    char *braces = repeated("", "{", 10000, ""), *blocks = repeated("simulation ", "{", 10000, "");
    assert_refused(braces, "expected a statement, found '{'");
    assert_refused(blocks, "expected a setting");
    free(braces);
    free(blocks);
}

static void reasonable_nesting_is_accepted(void **state)
{
    struct arena *arena = arena_create();
    char *open = repeated("let a = ", "(", 150, "x"), *text = repeated(open, ")", 150, "\n");
    tree_of(arena, text);
    free(open);
    free(text);
    arena_destroy(&arena);
}

static void chains_are_as_deep_as_long(void **state)
{
    static const char *const links[] = {" + a", "*a", " and a", "[0]", ".a", " - (a)"};
    for (size_t k = 0; k < sizeof links / sizeof links[0]; k++) {
        char *text = repeated("let a = a", links[k], 100000, "\n");
        assert_refused(text, "this expression is too long: at most 2000");
        free(text);
    }
    struct arena *arena = arena_create();
    char *text = repeated("let a = a", " + a", 1999, "");
    assert_int_equal(tree_of(arena, text)->statements[0].value->depth, 2000);
    free(text);
    arena_destroy(&arena);
}

static void long_lists_are_fine(void **state)
{
    struct arena *arena = arena_create();
    char *text = repeated("let a = [1", ", 2", 100000, "] mV\n");
    assert_int_equal(tree_of(arena, text)->statements[0].value->n_children, 100001);
    free(text);
    arena_destroy(&arena);
}

/* ---- whole files
 * -------------------------------------------------------------------------------------------------------------------- */

static struct script_tree *tree_of_file(struct arena *arena, const char *path)
{
    struct source *source;
    struct script_tree *tree;
    struct fault fault = {0};
    if (source_read(arena, path, &source, &fault) != FAULT_NONE || parse(arena, source, &tree, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    return tree;
}

static void the_library_parses(void **state)
{
    glob_t files;
    assert_int_equal(glob("../models/*/*.glion", 0, NULL, &files), 0);
    for (size_t k = 0; k < files.gl_pathc; k++) {
        struct arena *arena = arena_create();
        struct script_tree *tree = tree_of_file(arena, files.gl_pathv[k]);
        assert_int_equal(tree->n_statements, 1);
        assert_int_equal(tree->statements[0].kind, STATEMENT_MODEL);
        arena_destroy(&arena);
    }
    globfree(&files);
}

static void a_script_of_a_bare_comment_is_empty(void **state)
{
    struct arena *arena = arena_create();
    assert_int_equal(tree_of(arena, "# nothing\n\n;;\n")->n_statements, 0);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_in_python),
        cmocka_unit_test(a_unit_belongs_to_its_number),
        cmocka_unit_test(calls_indices_and_members),
        cmocka_unit_test(numbers_know_what_they_are),
        cmocka_unit_test(numbers_do_not_depend_on_the_locale),
        cmocka_unit_test(expressions_stand_where_they_were_written),
        cmocka_unit_test(wrong_expressions_say_why),
        cmocka_unit_test(lets_are_one_statement_each),
        cmocka_unit_test(simulation_and_population_have_settings),
        cmocka_unit_test(inline_models_are_called_like_their_statement),
        cmocka_unit_test(connections_have_four_forms),
        cmocka_unit_test(recordings),
        cmocka_unit_test(assignments_name_a_variable),
        cmocka_unit_test(loops_hold_statements),
        cmocka_unit_test(wrong_statements_say_why),
        cmocka_unit_test(a_fault_shows_its_place),
        cmocka_unit_test(models_have_texts_and_citations),
        cmocka_unit_test(parameters),
        cmocka_unit_test(equations),
        cmocka_unit_test(ports_and_inputs),
        cmocka_unit_test(what_happens_at_spikes_and_steps),
        cmocka_unit_test(emissions),
        cmocka_unit_test(synapses),
        cmocka_unit_test(wrong_declarations_say_why),
        cmocka_unit_test(wrong_model_statements_say_why),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(reasonable_nesting_is_accepted),
        cmocka_unit_test(chains_are_as_deep_as_long),
        cmocka_unit_test(long_lists_are_fine),
        cmocka_unit_test(the_library_parses),
        cmocka_unit_test(a_script_of_a_bare_comment_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
