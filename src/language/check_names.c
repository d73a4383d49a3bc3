/* Names of the script: which are taken and by what, which are the language's own, and what a misspelt one may have meant. */
#include "language/check.h"
#include "support/nearest.h"

void *arena_grow(struct arena *arena, const void *old, size_t old_bytes, size_t new_bytes)
{
    void *grown = arena_new(arena, new_bytes);
    if (old_bytes)
        memcpy(grown, old, old_bytes);
    return grown;
}

struct named *named_find(struct check *check, const char *name)
{
    for (int k = 0; k < check->n_names; k++)
        if (check->names[k].kind != NAMED_MODEL && strcmp(check->names[k].name, name) == 0)
            return &check->names[k];
    return NULL;
}

struct named *named_model_find(struct check *check, const char *name)
{
    for (int k = 0; k < check->n_names; k++)
        if (check->names[k].kind == NAMED_MODEL && strcmp(check->names[k].name, name) == 0)
            return &check->names[k];
    return NULL;
}

struct named *named_add(struct check *check, enum named_kind kind, const char *name, struct span span)
{
    struct named *named = ARENA_PUSH(check->arena, check->names, check->n_names, check->names_capacity, struct named);
    named->kind = kind;
    named->name = name;
    named->span = span;
    return named;
}

int name_check_reserved(const char *name, struct span span, struct fault *fault)
{
    static const char *const words[] = {"in", "of",      "by",   "via", "using", "every", "at",
                                        "if", "extends", "each", "and", "or",    "not"};
    static const char *const symbols[] = {"t",          "dt", "t_in_timesteps", "i",   "j", "N", "lastspike", "not_refractory",
                                          "refractory", "xi", "spikes",         "sent"};
    static const char *const constants[] = {"e", "pi", "inf"};
    for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
        if (strcmp(name, words[k]) == 0)
            return source_fault(fault, span, "'%s' is a word of the language and cannot be a name", name);
    for (size_t k = 0; k < sizeof(symbols) / sizeof(*symbols); k++)
        if (strcmp(name, symbols[k]) == 0)
            return source_fault(fault, span, "'%s' has a meaning of its own in models and cannot be a name", name);
    for (size_t k = 0; k < sizeof(constants) / sizeof(*constants); k++)
        if (strcmp(name, constants[k]) == 0)
            return source_fault(fault, span, "'%s' is a mathematical constant and cannot be a name", name);
    struct unit unit;
    if (strlen(name) > 1 && unit_find(name, strlen(name), &unit))
        return source_fault(fault, span, "'%s' is a unit and cannot be a name", name);
    if (function_find(name) >= 0 || strcmp(name, "sample") == 0)
        return source_fault(fault, span, "'%s' is a function and cannot be a name", name);
    if (name[0] == '_' || strncmp(name, "xi_", 3) == 0)
        return source_fault(fault, span, "'%s' cannot be a name: names do not begin with %s", name,
                            name[0] == '_' ? "'_'" : "'xi_'");
    return 0;
}

static const char *named_kind_text(enum named_kind kind)
{
    switch (kind) {
    case NAMED_LET:
        return "a constant";
    case NAMED_POPULATION:
        return "a population";
    case NAMED_PROJECTION:
        return "a connection";
    case NAMED_MODEL:
        return "a model";
    }
    return "";
}

int name_check_new(struct check *check, const char *name, struct span span, struct fault *fault)
{
    TRY(name_check_reserved(name, span, fault));
    const struct named *earlier = named_find(check, name);
    if (earlier)
        return source_fault(fault, span, "'%s' is already the name of %s, see %s", name, named_kind_text(earlier->kind),
                            source_place(check->arena, earlier->span));
    return 0;
}

void candidates_add(struct candidates *candidates, const char *name)
{
    *ARENA_PUSH(candidates->arena, candidates->names, candidates->n, candidates->capacity, const char *) = name;
}

void candidates_add_script(struct candidates *candidates, const struct check *check)
{
    for (int k = 0; k < check->n_names; k++)
        if (check->names[k].kind != NAMED_MODEL)
            candidates_add(candidates, check->names[k].name);
}

const char *candidates_suggestion(const struct candidates *candidates, const char *name)
{
    const char *nearest = nearest_name(name, candidates->names, candidates->n);
    return nearest ? arena_format(candidates->arena, "; did you mean '%s'?", nearest) : "";
}

const char *candidates_list(const struct candidates *candidates)
{
    const char *text = candidates->n ? candidates->names[0] : "none";
    for (int k = 1; k < candidates->n; k++)
        text = arena_format(candidates->arena, k + 1 < candidates->n ? "%s, %s" : "%s and %s", text, candidates->names[k]);
    return text;
}
