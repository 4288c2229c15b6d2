/* SPDX-License-Identifier: BSD-2-Clause */
/* certificate.h - is the client the bottleneck?  Five tests, each passed, failed or not
 * run; where one fails a capacity is a lower bound only: ">= X, client-limited". */
#ifndef DUALITY_CERTIFICATE_H
#define DUALITY_CERTIFICATE_H

#include "harness/bench/capacity.h"
#include "harness/bench/trial.h"

enum certificate_test {
	CERTIFICATE_CEILING, /* a trivial server takes 1.5 x the capacity */
	CERTIFICATE_PLAN,    /* sends within 1 % of plan, p99 lag <= 5 % of the limit */
	CERTIFICATE_ARRIVALS, /* Kolmogorov-Smirnov distance <= 0.05 */
	CERTIFICATE_CPU,      /* the client used < 80 % of its CPU */
	CERTIFICATE_LITTLE,   /* Little's law within 2 %; passes with twice the
				 connections */
	CERTIFICATE_TESTS
};

enum certificate_verdict { CERTIFICATE_NOT_RUN, CERTIFICATE_PASS, CERTIFICATE_FAIL };

struct certificate {
	enum certificate_verdict verdict[CERTIFICATE_TESTS];
	const char *reason[CERTIFICATE_TESTS]; /* why it was not run, static; or NULL */
};

/* The name of the trivial server in a row. */
extern const char certificate_reflector[];

/* The trials it needs beyond the experiment's own.  0, -EINTR, or -errno. */
int certificate_run(struct run *r, const struct experiment *e);

/* The trial with the trivial server in place of its entry, in phase `certificate`, by
 * block_trial() or block_trial_again(): as these. */
int certificate_reflect(struct run *r, struct trial trial,
			int (*todo)(struct run *r, const struct trial *t,
				    struct row *out));

/* The verdicts for one variant, from the rows near its capacity. */
void certificate_judge(const struct selection *s, const struct capacity *capacity,
		       struct certificate *out);

bool certificate_fails(const struct certificate *c);
const char *certificate_name(enum certificate_test test);
const char *certificate_word(enum certificate_verdict verdict);
#endif
