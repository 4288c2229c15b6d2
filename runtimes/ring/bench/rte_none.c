/* SPDX-License-Identifier: BSD-2-Clause */
/* rte_none.c - stands in for rte.c. */
#include "config.h"

#include "runtimes/ring/bench/flow.h"

const struct kind kind_rte = {
	.name = "rte_ring",
	.reason = "DPDK was not found by configure (Debian: libdpdk-dev)",
};
