/* SPDX-License-Identifier: BSD-2-Clause */
/* tracepoint.c - find a tracepoint's number in tracefs, mounted or not. */
#include "config.h"

#include "harness/sample/tracepoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/sample/text.h"

static int read_id(int tracefs, const char *event)
{
	char path[128], text[32];
	uint64_t id;

	if (snprintf(path, sizeof path, "events/%s/id", event) >= (int)sizeof path)
		return -ENAMETOOLONG;
	ssize_t n = text_read(tracefs, path, text, sizeof text);
	if (n < 0)
		return (int)n;
	return text_number(text, "", &id) == 0 && id <= INT_MAX ? (int)id : -EPROTO;
}

/* A mount attached nowhere: fsopen(2), fsconfig(2), fsmount(2), Linux 5.2.  By number,
 * as libraries older than glibc 2.36 have no wrappers. */
static int detached_tracefs(void)
{
	int context = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	int fd = -1, error;

	if (context < 0)
		return -errno;
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	error = errno;
	close(context);
	return fd < 0 ? -error : fd;
}

int tracepoint_id(const char *event)
{
	static const char *const mounts[] = {"/sys/kernel/tracing",
					     "/sys/kernel/debug/tracing"};
	int id = -ENOENT;

	for (int i = 0; i < 2 && id < 0; i++) {
		int fd = open(mounts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		id = read_id(fd, event);
		close(fd);
	}
	if (id >= 0 || id == -EACCES)
		return id;

	int fd = detached_tracefs();
	if (fd < 0)
		return fd;
	id = read_id(fd, event);
	close(fd);
	return id;
}
