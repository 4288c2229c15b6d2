/* SPDX-License-Identifier: BSD-2-Clause */
/* accounts.h - shared state that changes: accounts between which amounts are moved, and
 * whose total never changes.  What locks are for; which ones is the variant's to
 * declare. */
#ifndef DUALITY_ACCOUNTS_H
#define DUALITY_ACCOUNTS_H

#include "counters.h"
#include "lock.h"

#include <stdint.h>

enum { ACCOUNTS = 1024, ACCOUNT_START = 1000 /* what each holds at first */ };

struct accounts;

/* Who may touch an account when. */
enum accounts_policy {
	ACCOUNTS_FREE,    /* one kernel thread and no preemption: no lock */
	ACCOUNTS_MONITOR, /* one lock for all; a holder that dies is undone */
	ACCOUNTS_EACH,    /* a lock an account: threads of one process only */
};

const char *accounts_policy_name(enum accounts_policy policy);

/* In a mapping that processes forked later share.  Lock waits go to counters.  Returns
 * 0 or -errno. */
int accounts_create(struct accounts **out, enum accounts_policy policy,
		    struct counters *counters);
void accounts_destroy(struct accounts *a);

/* Move an amount.  Both account numbers are below ACCOUNTS.  Returns 0, or -EDQUOT if
 * there is not that much: then nothing moved. */
int accounts_transfer(struct accounts *a, unsigned from, unsigned to, uint64_t amount);

/* The sum over all, as it is between two transfers. */
uint64_t accounts_total(struct accounts *a);
#endif
