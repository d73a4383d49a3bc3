/* The embedded files under models/, each of which holds one model with the file's name. */
#include "language/library.h"

#include <stdlib.h>
#include <string.h>

#include "support/embedded.h"

extern const struct embedded_file embedded_models[];

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const struct library_entry *)a)->path, ((const struct library_entry *)b)->path);
}

/* "models/neurons/iaf.glion" -> "iaf" */
static const char *name_of_path(struct arena *arena, const char *path)
{
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    const char *dot = strrchr(name, '.');
    return arena_text(arena, name, dot ? (size_t)(dot - name) : strlen(name));
}

const struct library_entry *library_list(struct arena *arena)
{
    size_t n = 0;
    while (embedded_models[n].path)
        n++;
    struct library_entry *entries = ARENA_NEW(arena, n + 1, struct library_entry);
    for (size_t k = 0; k < n; k++)
        entries[k] = (struct library_entry){
            .name = name_of_path(arena, embedded_models[k].path),
            .path = embedded_models[k].path,
            .text = embedded_models[k].text,
        };
    qsort(entries, n, sizeof *entries, compare_paths);
    return entries;
}

const struct library_entry *library_find(struct arena *arena, const char *name)
{
    for (const struct library_entry *entry = library_list(arena); entry->name; entry++)
        if (strcmp(entry->name, name) == 0)
            return entry;
    return NULL;
}

int library_parse(struct arena *arena, const struct library_entry *entry, struct model **out, struct fault *fault)
{
    struct source *source;
    struct script_tree *tree;
    TRY(source_from_text(arena, entry->path, entry->text, strlen(entry->text), &source, fault));
    TRY(parse(arena, source, &tree, fault));
    const struct statement *statement = tree->statements;
    if (tree->n_statements != 1 || statement->kind != STATEMENT_MODEL || strcmp(statement->model->name, entry->name) != 0)
        return fault_input(fault, "%s: error: a library file holds one model, called '%s'", entry->path, entry->name);
    statement->model->from_library = true;
    *out = statement->model;
    return 0;
}
