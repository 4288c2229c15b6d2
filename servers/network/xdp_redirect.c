/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp_redirect.c - five instructions (bpf-helpers(7), bpf_redirect_map): a frame of a
 * queue that has a socket in the map goes there, others go on. */
#include "config.h"

#include "xdp_redirect.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int command, union bpf_attr *attr)
{
	long result = syscall(SYS_bpf, command, attr, sizeof *attr);

	return result < 0 ? -errno : (int)result;
}

static int map_make(int queue, int fd)
{
	union bpf_attr make = {.map_type = BPF_MAP_TYPE_XSKMAP,
			       .key_size = sizeof queue,
			       .value_size = sizeof fd,
			       .max_entries = (uint32_t)queue + 1};
	int map = bpf(BPF_MAP_CREATE, &make), err;
	union bpf_attr put = {.map_fd = (uint32_t)map,
			      .key = (uintptr_t)&queue,
			      .value = (uintptr_t)&fd};

	if (map < 0)
		return map;
	err = bpf(BPF_MAP_UPDATE_ELEM, &put);
	if (err == 0)
		return map;
	close(map);
	return err;
}

static int program_load(int map)
{
	/* code, registers (to, from), offset, constant */
	const struct bpf_insn program[] = {
		/* r2 = the frame's queue */
		{BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1,
		 offsetof(struct xdp_md, rx_queue_index), 0},
		/* r1 = map, in two slots */
		{BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map},
		{0, 0, 0, 0, 0},
		/* r3 = what to do where the map has none */
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, XDP_PASS},
		{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_map},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	union bpf_attr load = {.prog_type = BPF_PROG_TYPE_XDP,
			       .insns = (uintptr_t)program,
			       .insn_cnt = sizeof program / sizeof *program,
			       .license = (uintptr_t) "Dual BSD/GPL"};

	return bpf(BPF_PROG_LOAD, &load);
}

int xdp_redirect(int interface, int queue, int fd)
{
	union bpf_attr link = {.link_create = {.target_ifindex = (uint32_t)interface,
					       .attach_type = BPF_XDP}};
	int map = map_make(queue, fd), program, result;

	if (map < 0)
		return map;
	program = program_load(map);
	close(map); /* the program has it */
	if (program < 0)
		return program;
	link.link_create.prog_fd = (uint32_t)program;
	result = bpf(BPF_LINK_CREATE, &link);
	close(program); /* the link has it */
	return result;
}
