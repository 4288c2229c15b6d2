/* SPDX-License-Identifier: BSD-2-Clause */
/* stack_water.c - how deep a stack was ever used: its lowest page that is resident and
 * not all zero.  The kernel may have made more pages resident than were touched. */
#include "config.h"

#include "stack_announce.h"
#include "stack_guard.h"

#include <sys/mman.h>

enum { PAGES_AT_ONCE = 64 };

/* The offset of the first byte that is not zero, or the page's size.  Frames that are
 * long left have redzones that the address sanitizer forbids. */
__attribute__((no_sanitize("address"), no_sanitize("thread"))) static size_t
page_zeros(const char *page, size_t bytes)
{
	size_t at = 0;

	while (at < bytes && page[at] == 0)
		at++;
	return at;
}

/* How many of the bytes at `low` were never used; all of them: bytes. */
static size_t chunk_unused(char *low, size_t bytes)
{
	const size_t page = guard_bytes();
	unsigned char resident[PAGES_AT_ONCE];

	if (mincore(low, bytes, resident) < 0)
		return 0;
	for (size_t at = 0; at < bytes; at += page) {
		size_t zeros = page;

		if (resident[at / page] & 1)
			zeros = page_zeros(low + at, page);
		if (zeros < page)
			return at + zeros;
	}
	return bytes;
}

size_t stack_high_water(const struct stack *s)
{
	const size_t most = guard_bytes() * PAGES_AT_ONCE;

	for (size_t at = 0; at < s->size; at += most) {
		const size_t left = s->size - at, bytes = left < most ? left : most;
		size_t unused;

		stack_look_begin();
		unused = chunk_unused(s->low + at, bytes);
		stack_look_end();
		if (unused < bytes)
			return left - unused;
	}
	return 0;
}
