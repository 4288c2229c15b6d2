/* SPDX-License-Identifier: BSD-2-Clause */
/* wait_uring_none.c - in a build without liburing: a back end without a name, which
 * nobody can ask for. */
#include "config.h"

#include "worker.h"

const struct wait_ops wait_uring = {.name = NULL};
