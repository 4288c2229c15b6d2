/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.h - play recorded streams to a server, many at once, each cut into pieces that
 * arrive one by one, and compare every byte of the replies. */
#ifndef DUALITY_REPLAY_H
#define DUALITY_REPLAY_H

#include <stdint.h>

#include "stream.h"

enum ending {
	ENDING_STAY,   /* the client stays; if the server does too, one more request is
			  made */
	ENDING_HALF,   /* the client closes its sending side after the last byte */
	ENDING_INSIST, /* the client goes on sending although the server said it closes
			*/
	ENDINGS
};

enum { CUT_NONE = 0, CUT_EVERYWHERE = -1 };

struct script {
	const struct stream *stream;
	int cut; /* bytes of the first piece, or one of CUT_* */
	enum ending ending;
};

/* What the server must have counted when all was played. */
struct tally {
	uint64_t connections, requests, errors, bytes_out;
	unsigned failures;
};

struct replay {
	uint16_t port; /* of subject_address */
	unsigned concurrency;
	unsigned patience_ms; /* longest silence before a connection fails */
	const struct stream
		*probe; /* the request made to see that a connection lives */
};

/* Play the scripts, add to the tally, describe the first failures as TAP diagnostics
 * and give up after REPLAY_FAILURES.  Returns 0 if all replies were right, 1 if not, or
 * -errno. */
enum { REPLAY_FAILURES = 25, REPLAY_CONCURRENCY = 48, REPLAY_PATIENCE_MS = 10000 };
int replay_run(const struct replay *r, const struct script *scripts, size_t count,
	       struct tally *tally);
#endif
