/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.c - the two ways to guard what is shared: not at all, and by a mutex that
 * survives its holder. */
#include "config.h"

#include "lock.h"

#include <errno.h>
#include <pthread.h>

static int none_init(void *memory)
{
	(void)memory;
	return 0;
}

static int none_lock(void *memory)
{
	(void)memory;
	return 0;
}

static void none_unlock(void *memory)
{
	(void)memory;
}

const struct lock lock_none = {
	.name = "none",
	.size = 0,
	.init = none_init,
	.lock = none_lock,
	.try_lock = none_lock,
	.unlock = none_unlock,
};

static int robust_init(void *memory)
{
	pthread_mutexattr_t attributes;
	int rc = pthread_mutexattr_init(&attributes);

	if (rc != 0)
		return -rc;
	rc = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	if (rc == 0)
		rc = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	if (rc == 0)
		rc = pthread_mutex_init(memory, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return -rc;
}

/* The mutex is marked consistent before what it guards is repaired, not after: it is
 * held all the while, and if this process dies too the next holder is told so again
 * (pthread_mutex_consistent(3)). */
static int taken(void *memory, int rc)
{
	if (rc == EOWNERDEAD)
		pthread_mutex_consistent(memory);
	return rc;
}

static int robust_lock(void *memory)
{
	return taken(memory, pthread_mutex_lock(memory));
}

static int robust_try(void *memory)
{
	return taken(memory, pthread_mutex_trylock(memory));
}

static void robust_unlock(void *memory)
{
	pthread_mutex_unlock(memory);
}

const struct lock lock_robust = {
	.name = "robust-mutex",
	.size = sizeof(pthread_mutex_t),
	.init = robust_init,
	.lock = robust_lock,
	.try_lock = robust_try,
	.unlock = robust_unlock,
};
