/* SPDX-License-Identifier: BSD-2-Clause */
/* container.c - runs a program as Docker does if nobody says else, with what such a
 * container refuses to root: most capabilities (docker-run(1), --cap-add) and the
 * system calls that go with them (docs.docker.com, "Seccomp security profiles"). */
#include "config.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	RULES_MAX = 128,
	NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
		     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
	PERSONALITY_ASK = -1,
};

static const int capabilities[] = {
	CAP_CHOWN,       CAP_DAC_OVERRIDE,     CAP_FSETID,     CAP_FOWNER,
	CAP_MKNOD,       CAP_NET_RAW,          CAP_SETGID,     CAP_SETUID,
	CAP_SETFCAP,     CAP_SETPCAP,          CAP_SYS_CHROOT, CAP_KILL,
	CAP_AUDIT_WRITE, CAP_NET_BIND_SERVICE,
};

static const int refused[] = {
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_unshare,
	SYS_setns,
	SYS_open_tree,
	SYS_move_mount,
	SYS_mount_setattr,
	SYS_fsopen,
	SYS_fsconfig,
	SYS_fsmount,
	SYS_fspick,
	SYS_kcmp,
	SYS_pidfd_getfd,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_userfaultfd,
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
};

static const int personalities[] = {PER_LINUX, PER_LINUX32, UNAME26,
				    PER_LINUX32 | UNAME26, PERSONALITY_ASK};

struct filter {
	struct sock_filter rule[RULES_MAX];
	unsigned short n;
};

static void rule_add(struct filter *f, unsigned code, uint32_t value, unsigned yes,
		     unsigned no)
{
	f->rule[f->n++] = (struct sock_filter){(unsigned short)code, (unsigned char)yes,
					       (unsigned char)no, value};
}

static void load(struct filter *f, size_t offset)
{
	rule_add(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(struct filter *f, uint32_t value)
{
	rule_add(f, BPF_RET | BPF_K, value, 0, 0);
}

/* The call is in the accumulator: if it is this one, it ends so. */
static void refuse(struct filter *f, int call, int error)
{
	rule_add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
	answer(f, SECCOMP_RET_ERRNO | (uint32_t)error);
}

/* clone(2) without new namespaces; clone3(2) has its flags where no filter can look, so
 * that the C library is to fall back on the former. */
static void clone_rules(struct filter *f)
{
	refuse(f, SYS_clone3, ENOSYS);
	rule_add(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
	load(f, offsetof(struct seccomp_data, args[0]));
	rule_add(f, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1);
	answer(f, SECCOMP_RET_ERRNO | EPERM);
	answer(f, SECCOMP_RET_ALLOW);
}

static void personality_rules(struct filter *f)
{
	unsigned n = sizeof(personalities) / sizeof(*personalities);
	rule_add(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_personality, 1, 0);
	answer(f, SECCOMP_RET_ALLOW);
	load(f, offsetof(struct seccomp_data, args[0]));
	for (unsigned i = 0; i < n; i++)
		rule_add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)personalities[i],
			 n - i, 0);
	answer(f, SECCOMP_RET_ERRNO | EPERM);
	answer(f, SECCOMP_RET_ALLOW);
}

static int filter_set(void)
{
	static struct filter f;
	load(&f, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		refuse(&f, refused[i], EPERM);
	clone_rules(&f);
	personality_rules(&f);
	const struct sock_fprog program = {.len = f.n, .filter = f.rule};
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* Root has after an exec what the bounding set holds (capabilities(7)). */
static void capabilities_drop(void)
{
	for (int drop = 0; drop <= CAP_LAST_CAP; drop++) {
		size_t i = 0, n = sizeof(capabilities) / sizeof(*capabilities);
		while (i < n && capabilities[i] != drop)
			i++;
		if (i == n)
			prctl(PR_CAPBSET_DROP, drop);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: container PROGRAM [ARGUMENT]...\n");
		return 2;
	}
	if (filter_set() != 0) {
		fprintf(stderr, "container: seccomp(2): %s\n", strerror(errno));
		return 2;
	}
	capabilities_drop();
	execvp(argv[1], argv + 1);
	fprintf(stderr, "container: %s: %s\n", argv[1], strerror(errno));
	return 2;
}
