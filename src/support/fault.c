#include "support/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/memory.h"

static int fault_set(struct fault *fault, int status, const char *format, va_list arguments)
{
    if (fault->status)
        return fault->status;
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        memory_exhausted(0);
    return fault_take(fault, status, text);
}

int fault_input(struct fault *fault, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = fault_set(fault, FAULT_INPUT, format, arguments);
    va_end(arguments);
    return status;
}

int fault_run(struct fault *fault, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = fault_set(fault, FAULT_RUN, format, arguments);
    va_end(arguments);
    return status;
}

int fault_take(struct fault *fault, int status, char *text)
{
    if (fault->status) {
        free(text);
        return fault->status;
    }
    fault->status = status;
    fault->text = text;
    return status;
}

void fault_clear(struct fault *fault)
{
    free(fault->text);
    *fault = (struct fault){0};
}
