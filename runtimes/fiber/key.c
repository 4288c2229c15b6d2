/* SPDX-License-Identifier: BSD-2-Clause */
/* key.c - values of a fiber's own, as pthread_key_create(3) has them for threads. */
#include "config.h"

#include "worker.h"

#include <errno.h>
#include <stdlib.h>

enum {
	ROUNDS = 4
}; /* of destructors that set values again; PTHREAD_DESTRUCTOR_ITERATIONS */

static _Atomic(int) keys;
static void (*_Atomic destructors[FIBER_KEYS])(void *value);

int fiber_key_create(void (*destructor)(void *value))
{
	int key = atomic_load(&keys);

	do
		if (key == FIBER_KEYS)
			return -EAGAIN;
	while (!atomic_compare_exchange_weak(&keys, &key, key + 1));
	atomic_store(&destructors[key], destructor);
	return key;
}

static bool exists(int key)
{
	return key >= 0 && key < atomic_load_explicit(&keys, memory_order_relaxed);
}

int fiber_key_set(int key, void *value)
{
	struct fiber *f = fiber_current();

	if (!exists(key))
		return -EINVAL;
	if (!f->values)
		f->values = calloc(FIBER_KEYS, sizeof *f->values);
	if (!f->values)
		return -ENOMEM;
	f->values[key] = value;
	return 0;
}

void *fiber_key_get(int key)
{
	struct fiber *f = fiber_current();

	return f->values && exists(key) ? f->values[key] : NULL;
}

/* Returns whether there was a value to destroy. */
static bool destroy_once(struct fiber *f)
{
	bool any = false;

	for (int i = 0; i < atomic_load(&keys); i++) {
		void (*destructor)(void *value) = atomic_load(&destructors[i]);
		void *value = f->values[i];

		f->values[i] = NULL;
		if (!value || !destructor)
			continue;
		any = true;
		destructor(value);
	}
	return any;
}

void keys_destroy(struct fiber *f)
{
	if (!f->values)
		return;
	for (int i = 0; i < ROUNDS && destroy_once(f); i++)
		;
	free(f->values);
	f->values = NULL;
}
