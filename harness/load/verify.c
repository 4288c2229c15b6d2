/* SPDX-License-Identifier: BSD-2-Clause */
/* Checking bodies; see verify.h. */
#include "config.h"

#include "harness/load/verify.h"

/* FNV-1a, 64 bits: does not depend on how the body was cut into reads. */
static const uint64_t fnv_basis = UINT64_C(14695981039346656037);
static const uint64_t fnv_prime = UINT64_C(1099511628211);

void verify_begin(struct verify_body *body, struct verify_known *known, uint64_t every)
{
	body->summed = !known->have || ++known->replies % every == 0;
	body->length = 0;
	body->checksum = fnv_basis;
}

void verify_bytes(struct verify_body *body, const char *bytes, size_t count)
{
	body->length += count;
	if (!body->summed)
		return;
	uint64_t checksum = body->checksum;
	for (size_t i = 0; i < count; i++)
		checksum = (checksum ^ (unsigned char)bytes[i]) * fnv_prime;
	body->checksum = checksum;
}

bool verify_end(const struct verify_body *body, struct verify_known *known)
{
	/* Several first replies can stream at once: the first to end is the one known.
	 */
	if (!known->have) {
		known->have = true;
		known->length = body->length;
		known->checksum = body->checksum;
		return true;
	}
	return body->length == known->length &&
	       (!body->summed || body->checksum == known->checksum);
}
