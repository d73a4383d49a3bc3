/* Text is checked once, when it comes in: after that every reader may rely on valid UTF-8 without zero bytes. Lines and columns
 * are counted only when a message needs them. */
#include "language/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Length of the valid UTF-8 sequence that starts here (RFC 3629: shortest form, no surrogates, up to U+10FFFF), 0 if there is
 * none. */
static size_t character_length(const unsigned char *text, size_t left)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (text[0] < 0x80)
        return 1;
    size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    if (text[0] < 0xc0 || text[0] > 0xf7 || length > left)
        return 0;
    uint32_t code = text[0] & (0x7fu >> length);
    for (size_t k = 1; k < length; k++) {
        if ((text[k] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[k] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code < 0xe000;
    return code < smallest[length] || code > 0x10ffff || surrogate ? 0 : length;
}

static bool is_text(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t step = character_length((const unsigned char *)text + at, length - at);
        if (step == 0 || text[at] == '\0')
            return false;
        at += step;
    }
    return true;
}

static int too_large(const char *name, struct fault *fault)
{
    return fault_input(fault, "%s: is larger than %u MB; keep large data in HDF5 or CSV files", name, SOURCE_LENGTH_MAX >> 20);
}

int source_from_text(struct arena *arena, const char *name, const char *text, size_t length, struct source **out,
                     struct fault *fault)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    *out = NULL;
    if (length >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (length == 0)
        return fault_input(fault, "%s: is empty", name);
    if (length > SOURCE_LENGTH_MAX)
        return too_large(name, fault);
    if (!is_text(text, length))
        return fault_input(fault, "%s: is binary, not a network file", name);
    *out = ARENA_NEW(arena, 1, struct source);
    **out = (struct source){
        .name = arena_text(arena, name, strlen(name)),
        .text = arena_text(arena, text, length),
        .length = (uint32_t)length,
    };
    return FAULT_NONE;
}

/* Read what is there, up to `size` bytes: the file may have shrunk since its size was asked for. */
static int read_bytes(int file, const char *path, char *bytes, size_t size, size_t *length, struct fault *fault)
{
    for (*length = 0; *length < size;) {
        ssize_t got = read(file, bytes + *length, size - *length);
        if (got < 0 && errno != EINTR)
            return fault_input(fault, "%s: cannot be read: %s", path, strerror(errno));
        if (got == 0)
            break;
        if (got > 0)
            *length += (size_t)got;
    }
    return FAULT_NONE;
}

/* Refuse all that is not a file of acceptable size. A pipe or a terminal could make us wait for ever. */
static int check_file(int file, const char *path, size_t *size, struct fault *fault)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return fault_input(fault, "%s: cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return fault_input(fault, "%s: is a directory, not a network file", path);
    if (!S_ISREG(status.st_mode))
        return fault_input(fault, "%s: is a pipe or a device; a network file must be an ordinary file", path);
    if (status.st_size > SOURCE_LENGTH_MAX)
        return too_large(path, fault);
    *size = (size_t)status.st_size;
    return FAULT_NONE;
}

int source_read(struct arena *arena, const char *path, struct source **out, struct fault *fault)
{
    *out = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* non-blocking: a pipe opens at once, to be refused */
    if (file < 0)
        return fault_input(fault, "%s: cannot be opened: %s", path, strerror(errno));
    size_t size = 0, length = 0;
    char *bytes = NULL;
    int status = check_file(file, path, &size, fault);
    if (status == 0) {
        bytes = MEMORY_NEW(size, char, TEMPORARY);
        status = read_bytes(file, path, bytes, size, &length, fault);
    }
    if (status == 0)
        status = source_from_text(arena, path, bytes, length, out, fault);
    memory_free(bytes);
    close(file);
    return status;
}

/* ---- places -------------------------------------------------------------------------------------------------------- */

struct place {
    uint32_t line, column; /* from 1, in characters */
    uint32_t line_begin, line_end;
};

static bool starts_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static uint32_t count_characters(const char *text, uint32_t begin, uint32_t end)
{
    uint32_t count = 0;
    for (uint32_t at = begin; at < end; at++)
        count += starts_character(text[at]);
    return count;
}

static struct place find_place(struct span where)
{
    const struct source *source = where.source;
    struct place place = {.line = 1};
    for (uint32_t at = 0; at < where.begin; at++)
        if (source->text[at] == '\n') {
            place.line++;
            place.line_begin = at + 1;
        }
    const char *newline = memchr(source->text + where.begin, '\n', source->length - where.begin);
    place.line_end = newline ? (uint32_t)(newline - source->text) : source->length;
    if (place.line_end > where.begin && source->text[place.line_end - 1] == '\r')
        place.line_end--;
    place.column = 1 + count_characters(source->text, place.line_begin, where.begin);
    return place;
}

uint32_t source_line(struct span where)
{
    return find_place(where).line;
}

const char *source_excerpt(struct arena *arena, struct span where, const char *otherwise)
{
    enum { LONGEST = 60 };
    const char *text = where.source->text + where.begin;
    size_t length = where.end - where.begin;
    if (length > LONGEST || memchr(text, '\n', length))
        return otherwise;
    return arena_format(arena, "'%.*s'", (int)length, text);
}

const char *source_place(struct arena *arena, struct span where)
{
    if (!where.source)
        return "(built in)";
    struct place place = find_place(where);
    return arena_format(arena, "%s:%u:%u", where.source->name, place.line, place.column);
}

/* ---- messages ------------------------------------------------------------------------------------------------------- */

enum { SHOWN_BEFORE = 60, SHOWN_AFTER = 60 }; /* characters of the line that are shown around the place */

/* The position `characters` before or after a position, within [begin, end). */
static uint32_t step_back(const char *text, uint32_t begin, uint32_t at, int characters)
{
    while (at > begin && characters > 0)
        characters -= starts_character(text[--at]);
    return at;
}

static uint32_t step_forward(const char *text, uint32_t end, uint32_t at, int characters)
{
    while (at < end && characters > 0) {
        characters--;
        do
            at++;
        while (at < end && !starts_character(text[at]));
    }
    return at;
}

/* Print text so that every character takes one column and none can command the terminal. */
static void print_harmless(FILE *out, const char *text, uint32_t begin, uint32_t end)
{
    for (uint32_t at = begin; at < end; at++) {
        unsigned char byte = (unsigned char)text[at];
        if (byte == '\t')
            fputc(' ', out);
        else if (byte < 0x20 || byte == 0x7f)
            fputc('?', out);
        else if (byte == 0xc2 && at + 1 < end && (unsigned char)text[at + 1] < 0xa0) { /* U+0080 … U+009F: controls */
            fputc('?', out);
            at++;
        } else
            fputc(byte, out);
    }
}

/* The line, cut around the place, and a caret under it. */
static void print_line(FILE *out, struct span where, struct place place)
{
    const char *text = where.source->text;
    uint32_t begin = step_back(text, place.line_begin, where.begin, SHOWN_BEFORE);
    uint32_t end = step_forward(text, place.line_end, where.begin, SHOWN_AFTER);
    bool cut_before = begin > place.line_begin, cut_after = end < place.line_end;
    fprintf(out, "\n    %s", cut_before ? "…" : "");
    print_harmless(out, text, begin, end);
    fprintf(out, "%s\n    %*s^", cut_after ? "…" : "", (int)count_characters(text, begin, where.begin) + cut_before, "");
    uint32_t marked_end = where.end < end ? where.end : end;
    for (uint32_t marked = count_characters(text, where.begin, marked_end); marked > 1; marked--)
        fputc('~', out);
}

int source_fault(struct fault *fault, struct span where, const char *format, ...)
{
    char *message = NULL;
    size_t length;
    FILE *out = open_memstream(&message, &length);
    if (!out)
        memory_exhausted(0);
    struct place place = {0};
    if (where.source) {
        place = find_place(where);
        fprintf(out, "%s:%u:%u: error: ", where.source->name, place.line, place.column);
    } else
        fprintf(out, "error: ");
    va_list arguments;
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
    if (where.source)
        print_line(out, where, place);
    if (fclose(out) != 0)
        memory_exhausted(length);
    return fault_take(fault, FAULT_INPUT, message);
}
