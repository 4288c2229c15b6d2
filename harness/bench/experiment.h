/* SPDX-License-Identifier: BSD-2-Clause */
/* experiment.h - what one `.conf` file says: the request, the shape of the load, the
 * limit, and which loads are tried. */
#ifndef DUALITY_EXPERIMENT_H
#define DUALITY_EXPERIMENT_H

#include <stdbool.h>

#include "harness/bench/settings.h"

enum kind {
	KIND_KNEE,
	KIND_EQUAL,
	KIND_FULL,
	KIND_MICRO,
	KIND_RINGS,
	KIND_SWEEP,
	KIND_UDP
};
enum sweep_over { SWEEP_ACCOUNTS, SWEEP_CORES };
enum shape { SHAPE_SESSIONS, SHAPE_POOL };
enum { EXPERIMENT_NAME = 32, EXPERIMENT_PAIRS = 8 };

struct experiment {
	char name[EXPERIMENT_NAME]; /* the file's, without .conf */
	char summary[SETTING_TEXT];
	char variants[SETTING_TEXT]; /* who takes part; "": whom the suite names */
	int kind, shape;
	char request[SETTING_TEXT]; /* path and query */
	int file_bytes;         /* the document root gets /file of this size; 0: none */
	char mix[SETTING_TEXT]; /* "99 /a, 1 /b": requests by weight instead; "" */
	double fileset_bytes;   /* the document root gets a file set, the load its mix
				 */
	int drop;               /* before each trial the files leave the memory */
	int idle;               /* connections that are only there */
	double session_requests, think_us;
	int max_live, connections;
	int spin;        /* the client never sleeps: nobody pays for waking it */
	double limit_us; /* on the 99th percentile of received - planned */

	double budget_s, warmup_s, window_s, window_most_s, window_replies, drain_s;

	/* knee */
	double grid; /* ratio of neighbouring loads */
	double probe_s;
	double ladder_low, ladder_high; /* of the probe's rate */
	int ladder_points;
	int ladder_again; /* so often more its best rung: the peak is their median */
	struct setting_list overload; /* of the peak */
	double overload_window_s;     /* longer than a backlog takes to fill */
	int overload_blocks;          /* of the suite's, in so many */
	int recover;                  /* after the overload, half the peak again */
	int bracket_from;             /* the first block with bracket trials */
	int bracket_trials;           /* per variant and block */
	int bracket_local; /* a block's search heeds its own trials only: it replicates
			    */
	int load_trials;   /* before a load is settled */
	int bracket_width; /* in grid steps */
	char pairs[SETTING_TEXT]; /* "A:B C:D": compared with Holm's correction */
	int certificate; /* trials against the reflector, and with twice the connections
			  */

	/* equal */
	struct setting_list rates_rps;
	int phase;
	int split; /* and once more, counting voluntary and involuntary switches apart
		    */

	/* full: a closed loop of so many `connections` */
	struct setting_list idles; /* idle connections beside it, each tried */
	double keep_least;         /* of what it answers alone; 0: no goal */
	int reconnect; /* a connection ends after so many replies; 0: never */
	struct setting_list ratio_goal; /* bounds of the first pair's ratio; or none */
	int measure;                    /* what that ratio is of */

	/* sweep: a closed loop at each of these points */
	int over; /* what they are: enum sweep_over */
	struct setting_list points;
	int accounts;  /* that transfers go between: the mix; 0: as `mix` says */
	int link_kbit; /* udp: points are Mb/s, over links of this rate; 0: calibrated
			*/
	double point;  /* of this trial; NAN where there is none */

	/* udp: the first of `pairs` has blocks of its own, at these rates */
	struct setting_list pair_mbps;
	int pair_blocks;

	/* micro, rings: what the program is asked for, and how often */
	char primitives[SETTING_TEXT], runtimes[SETTING_TEXT];
	int most;     /* threads at once */
	int rounds;   /* each a replicate, as a block is elsewhere */
	int least_ms; /* a sample's length */
	int messages; /* rings: in a sample; 0: tenths of a ms */

	char published[SETTING_TEXT]; /* what others measured, for table and figure */
};

enum equal_phase { EQUAL_EQUAL, EQUAL_POOL };
/* Requests per second of the server's CPU, or per second. */
enum measure { MEASURE_CPU, MEASURE_RATE };

extern const struct setting experiment_settings[];

/* Read FOLDER/NAME.conf.  0, or -errno after one line on standard error. */
int experiment_read(struct experiment *e, const char *folder, const char *name);

/* One setting of a suite over the file's.  NULL or what is wrong. */
const char *experiment_override(struct experiment *e, const char *key,
				const char *value);

/* Anything that is missing or contradicts itself: NULL or what. */
const char *experiment_check(const struct experiment *e);

/* Does no server run in it? */
bool experiment_is_serverless(const struct experiment *e);

/* What a trial takes besides `overhead_s` (start, stop, canary).  The drain ends as
 * soon as all replies are in, which is at once but in overload: a third of it. */
double experiment_trial_s(const struct experiment *e, double window_s);

/* The most connections it opens where it tries several numbers of idle ones, with some
 * to spare: every trial's server is given room for them.  0: it does not. */
int experiment_most_connections(const struct experiment *e);

/* The window at a rate: long enough for window_replies, within its bounds. */
double experiment_window_s(const struct experiment *e, double rate_rps);
#endif
