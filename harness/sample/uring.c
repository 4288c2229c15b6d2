/* SPDX-License-Identifier: BSD-2-Clause */
/* uring.c - tries to make an io_uring, and tells who is against it. */
#include "config.h"

#include "harness/sample/uring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/sample/text.h"

/* 0: for all; 1: for a group; 2: for nobody (the kernel's admin-guide,
 * sysctl/kernel). */
static uint64_t setting_disabled(void)
{
	char text[64];
	uint64_t n;

	if (text_read(AT_FDCWD, "/proc/sys/kernel/io_uring_disabled", text,
		      sizeof text) < 0 ||
	    text_number(text, "", &n) < 0)
		return 0;
	return n;
}

static void refusal_tell(int error, char why[URING_WHY])
{
	uint64_t disabled = setting_disabled();

	if (error == EPERM && disabled > 0)
		snprintf(why, URING_WHY,
			 "io_uring is refused: sysctl kernel.io_uring_disabled is %u",
			 (unsigned)disabled);
	else if (error == EPERM || error == EACCES)
		snprintf(why, URING_WHY,
			 "io_uring is refused: %s, as by a policy (seccomp)",
			 strerror(error));
	else if (error == ENOSYS)
		snprintf(why, URING_WHY,
			 "io_uring is not in this kernel, or hidden by a policy");
	else
		snprintf(why, URING_WHY, "io_uring fails: %s", strerror(error));
}

int uring_try(char why[URING_WHY])
{
	struct io_uring_params params = {0};
	int fd = (int)syscall(SYS_io_uring_setup, 4, &params);
	int error = errno;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	refusal_tell(error, why);
	return -error;
}
