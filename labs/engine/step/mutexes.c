/* SPDX-License-Identifier: BSD-2-Clause */
/* mutexes.c - a list of held mutexes. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "mutexes.h"

static const struct {
	const char *function;
	enum mutex_call call;
} calls[] = {
	{"pthread_mutex_lock", MUTEX_LOCK},
	{"pthread_mutex_trylock", MUTEX_LOCK},
	{"pthread_mutex_timedlock", MUTEX_LOCK},
	{"pthread_mutex_clocklock", MUTEX_LOCK},
	{"pthread_mutex_unlock", MUTEX_UNLOCK},
	{"pthread_cond_wait", MUTEX_WAIT},
	{"pthread_cond_timedwait", MUTEX_WAIT},
	{"pthread_cond_clockwait", MUTEX_WAIT},
	{"mtx_lock", MUTEX_LOCK},
	{"mtx_trylock", MUTEX_LOCK},
	{"mtx_timedlock", MUTEX_LOCK},
	{"mtx_unlock", MUTEX_UNLOCK},
	{"cnd_wait", MUTEX_WAIT},
	{"cnd_timedwait", MUTEX_WAIT},
};

enum mutex_call mutex_call_of(const char *function)
{
	for (size_t i = 0; function && i < sizeof(calls) / sizeof(*calls); i++)
		if (strcmp(function, calls[i].function) == 0)
			return calls[i].call;
	return MUTEX_NONE;
}

void mutexes_take(struct mutexes *m, uint64_t address, unsigned thread)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->held[i].address == address && m->held[i].thread == thread) {
			m->held[i].times++; /* of the recursive kind */
			return;
		}
	if (m->n == MUTEXES_MAX)
		return;
	m->held[m->n].address = address;
	m->held[m->n].thread = thread;
	m->held[m->n++].times = 1;
}

bool mutexes_give(struct mutexes *m, uint64_t address, unsigned thread)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (m->held[i].address != address || m->held[i].thread != thread)
			continue;
		if (--m->held[i].times == 0)
			m->held[i] = m->held[--m->n];
		return true;
	}
	return false;
}

int mutexes_owner(const struct mutexes *m, uint64_t address)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->held[i].address == address)
			return (int)m->held[i].thread;
	return -1;
}

uint64_t mutexes_of(const struct mutexes *m, unsigned thread)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->held[i].thread == thread)
			return m->held[i].address;
	return 0;
}
