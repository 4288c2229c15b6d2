/* SPDX-License-Identifier: BSD-2-Clause */
/* without-uring.c - runs a command in whose processes io_uring_setup(2) is refused, as
 * containers' policies do: seccomp(2), a filter of four instructions.  77 where that is
 * refused. */
#include "config.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_SKIP = 77 };

int main(int argc, char **argv)
{
	struct sock_filter refuse[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof refuse / sizeof *refuse, refuse};

	if (argc < 2) {
		fprintf(stderr, "usage: without-uring COMMAND...\n");
		return EXIT_USAGE;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return EXIT_SKIP;
	execvp(argv[1], argv + 1);
	fprintf(stderr, "without-uring: %s: %s\n", argv[1], strerror(errno));
	return EXIT_USAGE;
}
