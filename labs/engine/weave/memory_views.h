/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_views.h - the model RA of memory.h. */
#ifndef WEAVE_MEMORY_VIEWS_H
#define WEAVE_MEMORY_VIEWS_H

#include "cells.h"
#include "memory.h"

uint32_t views_ways(struct state *s, uint32_t t, const struct op *op, uint32_t place);
int views_do(struct state *s, uint32_t t, const struct op *op, uint32_t place,
	     uint32_t way, uint64_t *answer);
#endif
