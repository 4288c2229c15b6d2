/* SPDX-License-Identifier: BSD-2-Clause */
/* work.c - what a relay does to each item's tag. */
#include "../relay.h"

uint64_t relay_work(uint64_t key, uint64_t tag)
{
	return (tag * 31 + key) % 1000003;
}
