#include "support/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "support/memory.h"

static void make_room(struct text *text, size_t more)
{
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return;
    text->capacity = needed > 2 * text->capacity ? needed : 2 * text->capacity;
    text->characters = memory_resize(text->characters, text->capacity, MEMORY_TEMPORARY);
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
    make_room(text, length);
    memcpy(text->characters + text->length, bytes, length);
    text->length += length;
    text->characters[text->length] = 0;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    make_room(text, (size_t)length);
    vsnprintf(text->characters + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
    va_end(again);
}

void text_release(struct text *text)
{
    memory_free(text->characters);
    *text = (struct text){0};
}
