/* SPDX-License-Identifier: BSD-2-Clause */
/* file.c - the module that waits for the disk: it is told a path, brings the file into
 * the cache, and answers with no more than that; what helpers.c has processes for. */
#include "config.h"

#include "timer_heap.h"
#include "web.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { FILE_LOAD, FILE_LOADED, FILE_PATHS };

static const struct port_rule ports[] = {
	[FILE_LOAD] = {.kind = PORT_IN, .name = "load"},
	[FILE_LOADED] = {.kind = PORT_OUT, .name = "loaded"},
	[FILE_PATHS] = {.kind = PORT_REGION, .name = "paths"},
	{.kind = PORT_NONE},
};

static int file_init(struct module *m)
{
	struct web *w = web_of(m);

	web_keep_only(w, KEEPS_FILES);
	w->holders->file = getpid();
	return 0;
}

/* Bring the file into the cache, and let go of it; what does not fit there was mapped,
 * which brought it into memory (MAP_POPULATE). */
static int bring(struct cache *cache, const char *path)
{
	struct body body;
	int result = cache_load(cache, path, timer_now(), &body);

	if (result == 0 && body.mapping)
		result = LOADED_TOUCHED;
	body_release(&body);
	return result;
}

/* One at a time: who is on the same thread has a turn between two. */
static void file_notified(struct module *m, unsigned channel)
{
	const char *paths;
	struct ring_item item;
	uint64_t size;
	int result = -ENAMETOOLONG;

	(void)channel;
	if (port_room(m, FILE_LOADED, 1) == 0)
		return;
	if (port_get(m, FILE_LOAD, &item, 1) == 0) {
		if (port_ended(m, FILE_LOAD))
			module_done(m);
		return;
	}
	paths = port_memory(m, FILE_PATHS, &size);
	if (strnlen(paths + item.offset, PATH_BYTES) < PATH_BYTES)
		result = bring(web_of(m)->server->service.cache, paths + item.offset);
	item.tag = tag_of(tag_connection(item.tag), result);
	port_put(m, FILE_LOADED, &item, 1);
}

const struct module_type file_module = {
	.name = "file",
	.ports = ports,
	.init = file_init,
	.notified = file_notified,
};
