/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_gate.h - the checks of a TFTP server, each on a server of its own. */
#ifndef DUALITY_TFTP_GATE_H
#define DUALITY_TFTP_GATE_H

#include "subject.h"
#include "tftp_peer.h"

/* A timeout so long that nothing is sent again during a check, so that each datagram
 * has a cause; or so short that a check may wait for it, and six of them too, which
 * give a client up; or for one, by a client that is held up now and then, and not given
 * up. */
#define TFTP_PATIENT "30000"
#define TFTP_LOSSY "400"
#define TFTP_HASTY "100"

struct tftp_check {
	const char *name;
	const char *timeout;
	bool (*run)(struct subject *s);
	const char *more[3]; /* options, NULL-terminated */
	unsigned nproc;      /* RLIMIT_NPROC; 0: as it is */
};

/* Up to the one without a name. */
extern const struct tftp_check tftp_reads[], tftp_writes[], tftp_abuses[],
	tftp_limits[];

/* Until all transfers begun have ended.  Returns whether they did. */
bool tftp_settles(const struct subject *s);

/* A file of the tree is there with this content. */
bool tftp_file_is(const struct subject *s, const char *name, const void *bytes,
		  size_t len);
bool tftp_file_absent(const struct subject *s, const char *name);

/* A whole read of a file of the tree by its usual bytes; blocks of 512. */
bool tftp_serves(const struct subject *s, const char *name);
#endif
