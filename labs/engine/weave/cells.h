/* SPDX-License-Identifier: BSD-2-Clause */
/* cells.h - plain memory: what it holds, and whether what threads do to it is ordered.
 * As a plain access that is ordered with all others finds what was written last, one
 * that is not ordered is a finding, it need not be tried at more than one moment. */
#ifndef WEAVE_CELLS_H
#define WEAVE_CELLS_H

#include "finding.h"
#include "state.h"

/* What thread t reads, or would have read. */
enum finding_kind cells_read(struct state *s, uint32_t t, const struct op *op,
			     const struct program *p, uint64_t *value, uint32_t *other);
enum finding_kind cells_write(struct state *s, uint32_t t, const struct op *op,
			      uint32_t *other);

/* Has plain memory been accessed there? */
bool cells_touch(const struct state *s, uint64_t at, uint64_t size);
#endif
