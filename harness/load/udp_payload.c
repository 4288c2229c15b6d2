/* SPDX-License-Identifier: BSD-2-Clause */
/* Payloads; see udp_payload.h.  One pattern serves all: a datagram's begins at a place
 * that follows from its number, and nothing has to be copied. */
#include "config.h"

#include "harness/load/udp_payload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/load/schedule.h"

enum { PLACES = 251 }; /* a prime: batches do not fall into step with it */

int udp_payload_open(struct udp_payload *payload, size_t size, uint64_t seed)
{
	payload->size = size;
	payload->pattern = malloc(size + PLACES);
	if (payload->pattern == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < size + PLACES; i++)
		payload->pattern[i] = (unsigned char)schedule_mix(seed, i);
	return 0;
}

void udp_payload_close(struct udp_payload *payload)
{
	free(payload->pattern);
	payload->pattern = NULL;
}

void udp_payload_pieces(const struct udp_payload *payload, struct udp_head *head,
			struct iovec pieces[static UDP_PIECES])
{
	pieces[0] = (struct iovec){head, sizeof *head};
	pieces[1] = (struct iovec){payload->pattern + head->number % PLACES,
				   payload->size - sizeof *head};
}

bool udp_payload_read(const struct udp_payload *payload, const void *bytes,
		      size_t length, struct udp_head *head)
{
	*head = (struct udp_head){UINT64_MAX, UINT64_MAX};
	if (length < sizeof *head)
		return false;
	memcpy(head, bytes, sizeof *head);
	return length == payload->size &&
	       memcmp((const char *)bytes + sizeof *head,
		      payload->pattern + head->number % PLACES,
		      length - sizeof *head) == 0;
}
