/* SPDX-License-Identifier: BSD-2-Clause */
/* path.c - names of files, put together. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "labs/grade/path.h"

void path_make(char path[static PATH_MAX], const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(path, PATH_MAX, format, arguments);
	va_end(arguments);
	if (n < 0 || n >= PATH_MAX)
		path[0] = '\0';
}
