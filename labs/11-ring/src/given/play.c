/* SPDX-License-Identifier: BSD-2-Clause */
/* play.c - does to a ring what standard input says, on one thread, and prints what
 * comes of it: ring SLOTS FIRST     put TAG...     get N     has     idle item|room
 * answer item|room */
#include "../doorbell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MOST = 256, LINE_MOST = 4096 };

static struct ring *ring;
static struct flag item_wanted, room_wanted;

static void ring_new(uint32_t slots, uint32_t first)
{
	size_t bytes = ring_bytes(slots);
	size_t room = (bytes + RING_LINE - 1) / RING_LINE * RING_LINE + RING_LINE;

	free(ring);
	ring = aligned_alloc(RING_LINE, room);
	if (!ring)
		exit(2);
	memset(ring, 0xa5, room);
	printf("ring %s\n", ring_init(ring, bytes, slots, first) ? "made" : "refused");
	memset(&item_wanted, 0, sizeof item_wanted);
	memset(&room_wanted, 0, sizeof room_wanted);
}

static void put(char *words)
{
	struct item items[ITEMS_MOST];
	uint32_t n = 0;

	for (char *word = strtok(words, " \n"); word && n < ITEMS_MOST;
	     word = strtok(NULL, " \n"), n++)
		items[n] = (struct item){
			.offset = n, .length = 1500, .tag = strtoull(word, NULL, 10)};
	printf("put %" PRIu32 "\n", ring_put(ring, items, n));
}

static void get(uint32_t n)
{
	struct item items[ITEMS_MOST];

	n = ring_get(ring, items, n < ITEMS_MOST ? n : ITEMS_MOST);
	printf("got");
	for (uint32_t i = 0; i < n && i < ITEMS_MOST; i++)
		printf(" %" PRIu64 "%s", items[i].tag,
		       items[i].length == 1500 ? "" : " (torn)");
	printf("\n");
}

static void idle(bool room)
{
	bool sleeps = room ? doorbell_idle(&room_wanted, ring_has_room, ring)
			   : doorbell_idle(&item_wanted, ring_has_item, ring);

	printf("%s\n", sleeps ? "sleeps" : "goes on");
}

static void line_do(char *line)
{
	char *rest = strchr(line, ' ');
	uint32_t slots, first;

	if (sscanf(line, "ring %" SCNu32 " %" SCNu32, &slots, &first) == 2)
		ring_new(slots, first);
	else if (strncmp(line, "put", 3) == 0 && rest)
		put(rest);
	else if (strncmp(line, "get", 3) == 0 && rest)
		get((uint32_t)strtoul(rest, NULL, 10));
	else if (strncmp(line, "has", 3) == 0)
		printf("%s item, %s room\n", ring_has_item(ring) ? "an" : "no",
		       ring_has_room(ring) ? "has" : "no");
	else if (strncmp(line, "idle", 4) == 0 && rest)
		idle(rest[1] == 'r');
	else if (strncmp(line, "answer", 6) == 0 && rest)
		printf("%s\n",
		       doorbell_answer(rest[1] == 'r' ? &room_wanted : &item_wanted)
			       ? "signal"
			       : "no signal");
	else
		exit(2);
}

int main(void)
{
	char line[LINE_MOST];

	while (fgets(line, sizeof line, stdin))
		line_do(line);
	return 0;
}
