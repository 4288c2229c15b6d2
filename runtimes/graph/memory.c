/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.c - a memfd with two descriptors: one may be mapped for writing, one may not.
 */
#include "config.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int memory_make(struct memory *m, const char *name, size_t bytes)
{
	char path[32];
	int err;

	*m = (struct memory){.bytes = bytes, .fd = -1, .fd_read = -1};
	m->fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (m->fd < 0)
		return -errno;
	snprintf(path, sizeof path, "/proc/self/fd/%d", m->fd);
	if (ftruncate(m->fd, (off_t)bytes) < 0 ||
	    fcntl(m->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		goto fail;
	m->fd_read = open(path, O_RDONLY | O_CLOEXEC);
	if (m->fd_read >= 0)
		return 0;
fail:
	err = -errno;
	memory_close(m);
	return err;
}

void *memory_map(struct memory *m, bool writable)
{
	void **at = writable ? &m->writable : &m->readable;
	int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
	void *mapped;

	if (*at)
		return *at;
	mapped = mmap(NULL, m->bytes, protection, MAP_SHARED,
		      writable ? m->fd : m->fd_read, 0);
	if (mapped == MAP_FAILED)
		return NULL;
	return *at = mapped;
}

void memory_unmap(struct memory *m)
{
	if (m->writable)
		munmap(m->writable, m->bytes);
	if (m->readable)
		munmap(m->readable, m->bytes);
	m->writable = m->readable = NULL;
}

void memory_close(struct memory *m)
{
	if (m->fd >= 0)
		close(m->fd);
	if (m->fd_read >= 0)
		close(m->fd_read);
	m->fd = m->fd_read = -1;
}

void memory_free(struct memory *m)
{
	memory_unmap(m);
	memory_close(m);
}
