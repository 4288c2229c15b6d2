/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked for: the URLs of one server with their weights, as requests ready to
 * send. */
#ifndef LOAD_MIX_H
#define LOAD_MIX_H

#include <stddef.h>
#include <stdint.h>

#include "harness/load/url.h"
#include "harness/load/verify.h"

struct target {
	char *path;
	char *request; /* the bytes to send */
	size_t request_length;
	uint64_t weight_end; /* sum of the weights up to and with this one */
	struct verify_known known;
};

struct mix {
	struct target *targets;
	size_t count;
	struct url server; /* host and port of all of them */
};

enum { MIX_MESSAGE_MAX = 512, MIX_WEIGHT_MAX = 1000000, MIX_TARGETS_MAX = 1000000 };

/* Adds a URL, or (when one is already there) a path on the same server, either with
 * "POST " before it if it is not to be got; without a body.  0, or -errno with what is
 * wrong in `message`. */
int mix_add(struct mix *mix, const char *path_or_url, uint64_t weight,
	    char message[static MIX_MESSAGE_MAX]);

/* Adds the lines `WEIGHT [POST] PATH-OR-URL` of a file; `#` starts a comment.  0, or
 * -errno with a message that names file and line. */
int mix_read(struct mix *mix, const char *file, char message[static MIX_MESSAGE_MAX]);

/* The target of request number `index`: the same for every run with this seed. */
struct target *mix_pick(const struct mix *mix, uint64_t seed, uint64_t index);

void mix_close(struct mix *mix);

#endif
