/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.h - memory that processes share, each as it may: for writing, or for reading
 * only, which no mprotect(2) undoes.  It can neither grow nor shrink. */
#ifndef DUALITY_GRAPH_MEMORY_H
#define DUALITY_GRAPH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

struct memory {
	size_t bytes;
	int fd, fd_read; /* -1: closed */
	void *writable;  /* this process's mappings; or NULL */
	void *readable;
};

/* Zeroed memory, mapped nowhere; name: for /proc.  Returns 0 or -errno. */
int memory_make(struct memory *m, const char *name, size_t bytes);

/* Map it, once.  NULL, with errno set, if that cannot be. */
void *memory_map(struct memory *m, bool writable);
void memory_unmap(struct memory *m);

/* No mapping beyond those that are there; memory_free: none at all. */
void memory_close(struct memory *m);
void memory_free(struct memory *m);
#endif
