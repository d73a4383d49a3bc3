/* A text that grows. */
#ifndef GLION_SUPPORT_TEXT_H
#define GLION_SUPPORT_TEXT_H

#include <stddef.h>

struct text {
    char *characters; /* zero-terminated once something was added; owned; free with text_release */
    size_t length, capacity;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_release(struct text *text);

#endif
