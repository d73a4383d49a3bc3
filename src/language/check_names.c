/* Names of the script: which are taken and by what, which are the language's own, and what a misspelt one may have meant.
 *
 * Found by hash, with open addressing: a slot holds a place in check->names + 1, or 0 when free; at most half are taken. A name
 * keeps its slot when the pass of a loop that gave it is over, and the next pass takes it again. */
#include "language/check.h"
#include "support/nearest.h"

#include <xxhash.h>

void *arena_grow(struct arena *arena, const void *old, size_t old_bytes, size_t new_bytes)
{
    void *grown = arena_new(arena, new_bytes);
    if (old_bytes)
        memcpy(grown, old, old_bytes);
    return grown;
}

/* ---- the table ------------------------------------------------------------------------------------------- */

enum space { SPACE_OF_SCRIPT, SPACE_OF_MODELS, SPACE_OF_FILES };

static enum space space_of(enum named_kind kind)
{
    return kind == NAMED_MODEL ? SPACE_OF_MODELS : kind == NAMED_FILE ? SPACE_OF_FILES : SPACE_OF_SCRIPT;
}

static bool is_called(const struct named *named, const char *name, enum space space)
{
    return space_of(named->kind) == space && strcmp(named->name, name) == 0;
}

/* Where the name stands in the table, or the free slot where it belongs. */
static uint32_t *find_slot(const struct check *check, const char *name, enum space space)
{
    uint32_t place = (uint32_t)XXH3_64bits_withSeed(name, strlen(name), space) & (check->n_slots - 1);
    while (check->slots[place] && !is_called(&check->names[check->slots[place] - 1], name, space))
        place = (place + 1) & (check->n_slots - 1);
    return &check->slots[place];
}

static struct named *find(const struct check *check, const char *name, enum space space)
{
    uint32_t found = check->n_slots ? *find_slot(check, name, space) : 0;
    return found && !check->names[found - 1].is_over ? &check->names[found - 1] : NULL;
}

static void double_slots(struct check *check)
{
    check->n_slots = check->n_slots ? 2 * check->n_slots : 64;
    check->slots = ARENA_NEW(check->arena, check->n_slots, uint32_t);
    for (int k = 0; k < check->n_names; k++)
        *find_slot(check, check->names[k].name, space_of(check->names[k].kind)) = (uint32_t)k + 1;
}

struct named *named_find(const struct check *check, const char *name)
{
    return find(check, name, SPACE_OF_SCRIPT);
}

struct named *named_model_find(const struct check *check, const char *name)
{
    return find(check, name, SPACE_OF_MODELS);
}

struct named *named_file_find(const struct check *check, const char *name)
{
    return find(check, name, SPACE_OF_FILES);
}

struct named *named_add(struct check *check, enum named_kind kind, const char *name, struct span span)
{
    if (2 * ((uint32_t)check->n_names + 1) > check->n_slots)
        double_slots(check);
    uint32_t *slot = find_slot(check, name, space_of(kind));
    if (!*slot) {
        (void)ARENA_PUSH(check->arena, check->names, check->n_names, check->names_capacity, struct named);
        *slot = (uint32_t)check->n_names;
    }
    struct named *named = &check->names[*slot - 1];
    *named = (struct named){.kind = kind, .name = name, .span = span};
    return named;
}

struct named *named_add_local(struct check *check, enum named_kind kind, const char *name, struct span span)
{
    struct named *named = named_add(check, kind, name, span);
    if (check->loop)
        *ARENA_PUSH(check->arena, check->locals, check->n_locals, check->locals_capacity, int) = (int)(named - check->names);
    return named;
}

void names_end(struct check *check, int n_locals)
{
    while (check->n_locals > n_locals)
        check->names[check->locals[--check->n_locals]].is_over = true;
}

static const char *name_in_loop(struct arena *arena, const struct loop *loop, const char *name)
{
    return loop ? arena_format(arena, "%s_%llu", name_in_loop(arena, loop->outer, name), (unsigned long long)loop->label) : name;
}

const char *name_in_pass(struct check *check, const char *name)
{
    return name_in_loop(check->arena, check->loop, name);
}

/* ---- new names ------------------------------------------------------------------------------------------- */

/* The parser has refused words of the grammar, short symbols and units. */
int name_check_reserved(const char *name, struct span span, struct fault *fault)
{
    static const char *const symbols[] = {"t_in_timesteps", "lastspike", "not_refractory", "refractory", "xi",
                                          "spikes",         "sent",      "true",           "false",      "distance"};
    for (size_t k = 0; k < sizeof(symbols) / sizeof(*symbols); k++)
        if (strcmp(name, symbols[k]) == 0)
            return source_fault(fault, span, "'%s' has a meaning of its own and cannot be a name", name);
    if (function_find(name) >= 0 || strcmp(name, "sample") == 0)
        return source_fault(fault, span, "'%s' is a function and cannot be a name", name);
    if (name[0] == '_' || strncmp(name, "xi_", 3) == 0)
        return source_fault(fault, span, "'%s' cannot be a name: names do not begin with %s", name,
                            name[0] == '_' ? "'_'" : "'xi_'");
    return 0;
}

bool name_ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), ending_length = strlen(ending);
    return length > ending_length && strcmp(name + length - ending_length, ending) == 0;
}

static const char *named_kind_text(enum named_kind kind)
{
    switch (kind) {
    case NAMED_LET:
        return "a constant";
    case NAMED_FUNCTION:
    case NAMED_TIMED_ARRAY:
        return "a function";
    case NAMED_POPULATION:
        return "a population";
    case NAMED_FAMILY:
        return "a family of populations";
    case NAMED_PROJECTION:
        return "a connection";
    case NAMED_SYNAPSES:
        return "declared synapses";
    case NAMED_MODEL:
        return "a model";
    case NAMED_FILE:
        return "a file";
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

/* ---- near names ------------------------------------------------------------------------------------------ */

void candidates_add(struct candidates *candidates, const char *name)
{
    *ARENA_PUSH(candidates->arena, candidates->names, candidates->n, candidates->capacity, const char *) = name;
}

void candidates_add_script(struct candidates *candidates, const struct check *check)
{
    for (int k = 0; k < check->n_names; k++)
        if (space_of(check->names[k].kind) == SPACE_OF_SCRIPT && !check->names[k].is_over)
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
