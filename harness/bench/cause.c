/* SPDX-License-Identifier: BSD-2-Clause */
/* cause.c - the causes for which a trial is void: the hypervisor, strangers on a CPU, a
 * client that was held up. */
#include "config.h"

#include "harness/bench/cause.h"

#include <math.h>
#include <string.h>

static bool was_stolen(const struct suite *suite, const double *v)
{
	return v[COLUMN_STEAL_SHARE] > suite->void_steal ||
	       v[COLUMN_CLIENT_STEAL_SHARE] > suite->void_steal;
}

/* A probe only finds the scale, and its window is too short for the clock of
 * /proc/stat. */
static bool had_strangers(const struct suite *suite, const struct trial *t,
			  const double *v)
{
	return strcmp(t->phase, "probe") != 0 &&
	       (v[COLUMN_STRANGER_SHARE] > suite->void_stranger ||
		v[COLUMN_CLIENT_STRANGER_SHARE] > suite->void_stranger);
}

/* Of open arrivals the share of late ones decides, and a probe only finds the scale,
 * where anything was answered at all.  Where nothing was, a client that was held up
 * says nothing of the server, whatever it planned. */
static bool client_paused(const struct suite *suite, const struct trial *t,
			  const double *v)
{
	bool planned = !isnan(t->rate_rps) && strcmp(t->phase, "certificate") != 0;
	bool probe = strcmp(t->phase, "probe") == 0;
	if ((planned || probe) && v[COLUMN_RECEIVED_RPS] > 0)
		return false;
	/* Where nothing is planned nothing is late: who was away all the time measured
	 * nothing, however much the suite lets pass. */
	double window_us = v[COLUMN_WINDOW_S] * 1e6;
	return v[COLUMN_CLIENT_GAP] > suite->void_gap * window_us ||
	       (!planned && v[COLUMN_CLIENT_GAP] >= window_us);
}

/* Where the service time is over the limit the server failed by itself; where the link
 * is full lateness may be the link's, and is not held against the client, whose CPU may
 * be full too. */
static bool client_late(const struct suite *suite, const struct trial *t,
			const double *v)
{
	return v[COLUMN_CLIENT_LATE_SHARE] > suite->void_late && !t->link_full &&
	       !(v[COLUMN_SVC_P99] > t->experiment->limit_us);
}

const char *cause_find(const struct suite *suite, const struct trial *t,
		       const struct row *row)
{
	const double *v = row->number;
	if (was_stolen(suite, v))
		return "steal";
	if (had_strangers(suite, t, v))
		return "stranger";
	if (client_paused(suite, t, v))
		return "client-gap";
	return client_late(suite, t, v) ? "client-late" : NULL;
}
