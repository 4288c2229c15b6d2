/* SPDX-License-Identifier: BSD-2-Clause */
/* gate.h - the checks every server variant must pass before it is measured. */
#ifndef DUALITY_GATE_H
#define DUALITY_GATE_H

#include <jansson.h>
#include <stdbool.h>

#include "stream.h"
#include "subject.h"

/* Quick: what tells a broken server.  Short: all but what waits long, and fewer cuts.
 */
enum depth { DEPTH_QUICK, DEPTH_SHORT, DEPTH_USUAL, DEPTH_FULL };

struct gate {
	char *const *program; /* path and the variant's arguments, NULL-terminated */
	const char *top;      /* see tree.h */
	const char *preload;  /* LD_PRELOAD of the server, or NULL */
	uid_t uid;            /* the server's, if we may choose; else 0 */
	enum depth depth;
	json_t *abouts;      /* what --about printed */
	const json_t *about; /* this variant's object in it */
	struct streams streams;
	struct stream probe;
};

/* A check prints its reasons as TAP diagnostics.  CHECK_SKIP: it printed why. */
enum check_result { CHECK_FAIL, CHECK_PASS, CHECK_SKIP };
struct check {
	const char *name;
	enum check_result (*run)(const struct gate *g);
	enum depth least; /* part of the gate from this depth on */
};

/* Each ends with a NULL name. */
extern const struct check gate_play[], gate_life[], gate_load[], gate_fair[],
	gate_fan[], gate_bank[], gate_crowd[], gate_disk[];

/* How a check starts the server: `extra` is a NULL-terminated list of options. */
struct subject_plan gate_plan(const struct gate *g, const char *const *extra);

bool gate_about_has(const struct gate *g, const char *key, const char *value);

/* It has a network stack of its own: no port of the machine's is its. */
bool gate_stack_is_own(const struct gate *g);

/* Stop with SIGTERM: must exit with 0 within `seconds`, all connections closed, and
 * leave no process behind. */
bool gate_stop(struct subject *s, double seconds);

/* Whether the server has read so many bytes; waits for it. */
bool gate_has_read(const struct subject *s, int64_t bytes);

/* In the end twenty requests in a row are served. */
bool gate_recovers(uint16_t port);

/* CHECK_PASS or CHECK_FAIL, the latter with what the server said on standard error. */
enum check_result gate_result(const struct subject *s, bool good);
#endif
