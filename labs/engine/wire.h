/* SPDX-License-Identifier: BSD-2-Clause */
/* wire.h - memory that a judge and its subject both see, and whose turn it is.  The
 * judge makes it, box_start() lets the subject keep the descriptor (.keep) and the
 * environment names it
 * (.settings); the subject joins.  What lies in it is theirs: put a struct wire_turn
 * there for each pair of sides that take turns.
 *
 * The subject may write anything at any time.  The judge copies a request before it
 * looks at it, checks each number, and never takes a pointer, a length or a verdict
 * from there. */
#ifndef LAB_WIRE_H
#define LAB_WIRE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum wire_side { WIRE_JUDGE, WIRE_SUBJECT };

/* In the page: whose turn it is.  Zero: the judge's. */
struct wire_turn {
	_Atomic uint32_t side;
};

struct wire {
	void *page;
	size_t bytes;
	int fd;
};

/* The judge's: zeroed memory, whose size nobody can change any more (or a subject could
 * make the judge die of SIGBUS).  0 or -errno. */
int wire_make(struct wire *w, size_t bytes);

/* "LAB_WIRE=4", for the subject's environment; the text lives as long as the program.
 */
const char *wire_setting(const struct wire *w);

/* The subject's: -ENOENT where nobody offers a wire, -EPROTO where it is smaller. */
int wire_join(struct wire *w, size_t bytes);

void wire_leave(struct wire *w);

/* All that was written before is seen by whoever finds that it is its turn. */
void wire_give(struct wire_turn *t, enum wire_side to);

/* Sleeps until it is that side's turn: 0, -ETIMEDOUT after so long, -EINTR after a
 * signal. A judge waits for a while only, and looks then whether there still is a
 * subject. */
int wire_await(struct wire_turn *t, enum wire_side me, uint64_t wait_ns);

#endif
