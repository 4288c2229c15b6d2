/* SPDX-License-Identifier: BSD-2-Clause */
/* The ledger; see udp_ledger.h. */
#include "config.h"

#include "harness/load/udp_ledger.h"

#include <errno.h>
#include <stdlib.h>

int udp_ledger_open(struct udp_ledger *ledger, uint64_t least)
{
	ledger->next = 0;
	for (ledger->room = 1; ledger->room < least; ledger->room *= 2)
		continue;
	ledger->entries = calloc(ledger->room, sizeof *ledger->entries);
	return ledger->entries ? 0 : -ENOMEM;
}

void udp_ledger_close(struct udp_ledger *ledger)
{
	free(ledger->entries);
	ledger->entries = NULL;
}

struct udp_entry *udp_ledger_next(struct udp_ledger *ledger)
{
	return &ledger->entries[ledger->next & (ledger->room - 1)];
}

void udp_ledger_sent(struct udp_ledger *ledger, const struct request *request)
{
	*udp_ledger_next(ledger) = (struct udp_entry){*request, ledger->next, true};
	ledger->next++;
}

enum udp_fate udp_ledger_find(const struct udp_ledger *ledger, uint64_t number,
			      uint64_t planned_ns, struct udp_entry **entry)
{
	struct udp_entry *e = &ledger->entries[number & (ledger->room - 1)];

	if (number >= ledger->next)
		return UDP_UNKNOWN;
	if (e->number != number)
		return UDP_STALE;
	if (e->request.planned_ns != planned_ns)
		return UDP_UNKNOWN;
	*entry = e;
	return e->awaited ? UDP_AWAITED : UDP_DUPLICATE;
}
