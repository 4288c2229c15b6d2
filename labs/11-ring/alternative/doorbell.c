/* SPDX-License-Identifier: BSD-2-Clause */
/* doorbell.c - a second solution (LAB-SECRET), without fences: both sides exchange the
 * flag. Exchanges of one place have an order.  If the request is the later one, it has
 * read what the answer wrote, and with it (acquire, release) sees what was done to the
 * ring before; if the answer is the later one, it finds the request.  The price: each
 * answer writes to the line. */
#include "doorbell.h"

bool doorbell_idle(struct flag *f, bool (*ready)(const struct ring *),
		   const struct ring *r)
{
	atomic_exchange_explicit(&f->wanted, 1, memory_order_acq_rel);
	if (!ready(r))
		return true;
	atomic_exchange_explicit(&f->wanted, 0, memory_order_acq_rel);
	return false;
}

bool doorbell_answer(struct flag *f)
{
	return atomic_exchange_explicit(&f->wanted, 0, memory_order_acq_rel) == 1;
}
