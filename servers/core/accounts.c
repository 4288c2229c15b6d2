/* SPDX-License-Identifier: BSD-2-Clause */
/* accounts.c - transfers under the three policies. */
#include "config.h"

#include "accounts.h"

#include <errno.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>

/* On a cache line of its own, so that two locks never contend for one. */
struct account {
	alignas(64) uint64_t balance;
	pthread_mutex_t lock; /* ACCOUNTS_EACH */
};

/* What the accounts were before a transfer.  It is whole before `pending` says that it
 * counts; whoever inherits the monitor sees every store of the process that died. */
struct undo {
	unsigned from, to;
	uint64_t from_balance, to_balance;
	_Atomic bool pending;
};

struct accounts {
	enum accounts_policy policy;
	struct counters *counters;
	pthread_mutex_t monitor; /* ACCOUNTS_MONITOR: guards undo and all balances */
	struct undo undo;
	struct account account[ACCOUNTS];
};

const char *accounts_policy_name(enum accounts_policy policy)
{
	static const char *const names[] = {"free", "monitor", "each"};

	return names[policy];
}

int accounts_create(struct accounts **out, enum accounts_policy policy,
		    struct counters *counters)
{
	struct accounts *a = mmap(NULL, sizeof *a, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rc;

	if (a == MAP_FAILED)
		return -errno;
	a->policy = policy;
	a->counters = counters;
	rc = lock_robust.init(&a->monitor);
	for (int i = 0; i < ACCOUNTS && rc == 0; i++) {
		a->account[i].balance = ACCOUNT_START;
		rc = lock_robust.init(&a->account[i].lock);
	}
	if (rc < 0)
		accounts_destroy(a);
	else
		*out = a;
	return rc;
}

void accounts_destroy(struct accounts *a)
{
	munmap(a, sizeof *a);
}

/* Returns EOWNERDEAD if the last holder died with it, else 0. */
static int acquire(struct accounts *a, pthread_mutex_t *lock)
{
	int rc = lock_robust.try_lock(lock);

	if (rc != EBUSY)
		return rc;
	counter_add(a->counters, COUNTER_LOCK_WAITS, 1);
	return lock_robust.lock(lock);
}

/* A transfer was cut short by its process's death: as if it had not begun. */
static void undo(struct accounts *a)
{
	if (!atomic_load_explicit(&a->undo.pending, memory_order_acquire))
		return;
	a->account[a->undo.from].balance = a->undo.from_balance;
	a->account[a->undo.to].balance = a->undo.to_balance;
	atomic_store_explicit(&a->undo.pending, false, memory_order_release);
}

/* Take the locks of first to last, in that order, as everybody does: no deadlock. */
static void enter(struct accounts *a, unsigned first, unsigned last, unsigned step)
{
	if (a->policy == ACCOUNTS_MONITOR && acquire(a, &a->monitor) == EOWNERDEAD)
		undo(a);
	if (a->policy == ACCOUNTS_EACH)
		for (unsigned i = first; i <= last; i += step)
			acquire(a, &a->account[i].lock);
}

static void leave(struct accounts *a, unsigned first, unsigned last, unsigned step)
{
	if (a->policy == ACCOUNTS_MONITOR)
		lock_robust.unlock(&a->monitor);
	if (a->policy == ACCOUNTS_EACH)
		for (unsigned i = first; i <= last; i += step)
			lock_robust.unlock(&a->account[i].lock);
}

static void move(struct account *from, struct account *to, uint64_t amount)
{
	from->balance -= amount;
	to->balance += amount;
}

/* The same, such that undo can make it not have been. */
static void move_recorded(struct accounts *a, unsigned from, unsigned to,
			  uint64_t amount)
{
	a->undo.from = from;
	a->undo.to = to;
	a->undo.from_balance = a->account[from].balance;
	a->undo.to_balance = a->account[to].balance;
	atomic_store_explicit(&a->undo.pending, true, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst); /* no balance changes before that */
	move(&a->account[from], &a->account[to], amount);
	atomic_store_explicit(&a->undo.pending, false, memory_order_release);
}

int accounts_transfer(struct accounts *a, unsigned from, unsigned to, uint64_t amount)
{
	unsigned first = from < to ? from : to, last = from < to ? to : from;
	unsigned step = last > first ? last - first : 1;
	int result = 0;

	enter(a, first, last, step);
	if (a->account[from].balance < amount)
		result = -EDQUOT;
	else if (a->policy == ACCOUNTS_MONITOR)
		move_recorded(a, from, to, amount);
	else
		move(&a->account[from], &a->account[to], amount);
	leave(a, first, last, step);
	return result;
}

uint64_t accounts_total(struct accounts *a)
{
	uint64_t total = 0;

	enter(a, 0, ACCOUNTS - 1, 1);
	for (unsigned i = 0; i < ACCOUNTS; i++)
		total += a->account[i].balance;
	leave(a, 0, ACCOUNTS - 1, 1);
	return total;
}
