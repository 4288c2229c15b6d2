/* SPDX-License-Identifier: BSD-2-Clause */
/* path.h - names of files, put together. */
#ifndef GRADE_PATH_H
#define GRADE_PATH_H

#include <limits.h>

/* Prints into a path; one that is too long becomes "", which no file has (ENOENT). */
__attribute__((format(printf, 2, 3))) void path_make(char path[static PATH_MAX],
						     const char *format, ...);

#endif
