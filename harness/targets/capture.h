/* SPDX-License-Identifier: BSD-2-Clause */
/* capture.h - run a program and keep what it prints, within a time. */
#ifndef DUALITY_CAPTURE_H
#define DUALITY_CAPTURE_H

#include <stddef.h>

/* Run argv[0] (searched in PATH) with standard input and error on /dev/null; *out is
 * what it printed, NUL-terminated, to be freed.  Returns its exit status, or -ETIMEDOUT
 * (it was killed), -ECHILD (it died of a signal), or another -errno. */
int capture_run(char *const *argv, int timeout_ms, char **out);
#endif
