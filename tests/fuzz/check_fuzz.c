/* What libFuzzer calls with texts that it makes up: parse, check, plan. Whatever the text, the answer is a plan or a message, and
 * no memory is left. fuzz.py builds and runs it. */
#include <stdint.h>
#include <stdlib.h>

#include "language/parser.h"
#include "network/rule.h"
#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int plan_text(struct arena *arena, const char *text, size_t length, struct fault *fault)
{
    const struct vocabulary vocabulary = {.rules = rule_signatures, .methods = method_names};
    struct source *source;
    struct script_tree *tree;
    struct script *script;
    struct plan *plan;
    TRY(source_from_text(arena, "fuzz.glion", text, length, &source, fault));
    TRY(parse(arena, source, &tree, fault));
    TRY(script_check(arena, tree, &vocabulary, NULL, 0, &script, fault));
    return plan_create(arena, script, &plan, fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    struct fault fault = {0};
    int status = plan_text(arena, (const char *)data, size, &fault);
    if (status && !(fault.text && fault.text[0]))
        abort(); /* refused without a word */
    fault_clear(&fault);
    arena_destroy(&arena);
    return 0;
}
