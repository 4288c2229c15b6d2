/* SPDX-License-Identifier: BSD-2-Clause */
/* Are the replies the right ones?  The length of every reply, and the checksum of every
 * Nth, must be those of the first reply seen for the same URL. */
#ifndef LOAD_VERIFY_H
#define LOAD_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of one URL's body. */
struct verify_known {
	bool have;
	uint64_t length;
	uint64_t checksum;
	uint64_t replies; /* begun since; every Nth is summed */
};

/* The body of one reply while it streams by. */
struct verify_body {
	bool summed;
	uint64_t length;
	uint64_t checksum;
};

/* Decides whether this reply's body is summed: one in `every`, and all until one is
 * known. */
void verify_begin(struct verify_body *body, struct verify_known *known, uint64_t every);

void verify_bytes(struct verify_body *body, const char *bytes, size_t count);

/* Is the whole body right?  The first one is by definition, and becomes what is known.
 */
bool verify_end(const struct verify_body *body, struct verify_known *known);

#endif
