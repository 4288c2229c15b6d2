/* SPDX-License-Identifier: BSD-2-Clause */
/* ck_none.c - stands in for ck.c. */
#include "config.h"

#include "runtimes/ring/bench/flow.h"

const struct kind kind_ck = {
	.name = "ck_ring",
	.reason = "ck_ring.h was not found by configure (Debian: libck-dev)",
};
