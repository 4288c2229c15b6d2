/* SPDX-License-Identifier: BSD-2-Clause */
/* trial.h - one trial: a fresh server, one load, one row. */
#ifndef DUALITY_TRIAL_H
#define DUALITY_TRIAL_H

#include "harness/bench/receiver.h"
#include "harness/bench/run.h"

struct trial {
	const struct experiment *experiment;
	const struct entry *entry;
	const char *phase;
	int block;
	double rate_rps;     /* NAN: closed loop */
	int idle;            /* idle connections besides the experiment's */
	double think_scale;  /* 1; 2 doubles the live connections of a session load */
	bool split;          /* count voluntary and involuntary switches apart */
	double prelude_rps;  /* load the same server so first, unmeasured; NAN: no */
	const char *seed_of; /* what shares one arrival schedule, e.g. "ladder 3" */
	const char *const *args; /* more of the server's; NULL: none */
	enum receiving receiving;
	bool shared;    /* the client's CPU is among the server's */
	bool link_full; /* it is all that the link carries: late may be the link */
};

/* The columns that name the trial. */
void trial_key(const struct trial *t, int attempt, struct row *row);

/* How long it will take. */
double trial_cost_s(const struct run *r, const struct trial *t);

/* Do it.  The row is complete but for `trial`, `flagged` and `pass`; whatever went
 * wrong with server or load stands in `void` and `note`.  0, -EINTR (interrupted: no
 * row), or -errno if the harness itself failed. */
int trial_run(struct run *r, const struct trial *t, int attempt, struct row *row);

/* Did the load pass the experiment's limit? */
bool trial_passes(const struct experiment *e, const struct row *row);
#endif
