/* SPDX-License-Identifier: BSD-2-Clause */
/* doorbell.c - yours. */
#include "doorbell.h"

/* @solution LAB-SECRET */
bool doorbell_idle(struct flag *f, bool (*ready)(const struct ring *),
		   const struct ring *r)
{
	atomic_store_explicit(&f->wanted, 1, memory_order_relaxed);
	/* Pairs with the fence in doorbell_answer: either we see what the other did to
	 * the ring, or he sees the flag. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!ready(r))
		return true;
	/* Who has seen the flag by now signals once too often: no harm. */
	atomic_store_explicit(&f->wanted, 0, memory_order_relaxed);
	return false;
}

bool doorbell_answer(struct flag *f)
{
	/* Pairs with the fence in doorbell_idle: the ring before the flag. */
	atomic_thread_fence(memory_order_seq_cst);
	return atomic_load_explicit(&f->wanted, memory_order_relaxed) &&
	       atomic_exchange_explicit(&f->wanted, 0, memory_order_relaxed);
}
/* @starter */
//| bool doorbell_idle(struct flag *f, bool (*ready)(const struct ring *),
//| 		   const struct ring *r)
//| {
//| 	(void)f;
//| 	return !ready(r);
//| }
//|
//| bool doorbell_answer(struct flag *f)
//| {
//| 	(void)f;
//| 	return false;
//| }
/* @end */
