/* SPDX-License-Identifier: BSD-2-Clause */
/* call.c - what to hold the others against: a system call that does nothing, a call
 * that saves all registers it may not change, and memory that is in no cache. */
#include "config.h"

#include "harness/micro/chase.h"
#include "harness/micro/micro.h"

#include <sys/syscall.h>
#include <unistd.h>

void registers_save(void); /* registers.S */

static uint64_t call_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		syscall(SYS_getppid);
	return n;
}

static double call(unsigned live)
{
	(void)live;
	return micro_cpu_ns(call_loop);
}

static uint64_t registers_loop(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		registers_save();
	return n;
}

static double registers(unsigned live)
{
	(void)live;
	return micro_cpu_ns(registers_loop);
}

static struct chase lines;

static uint64_t chase_loop(uint64_t n)
{
	return chase_round(&lines, n);
}

static double chase(unsigned live)
{
	if (chase_make(&lines, live) < 0)
		return micro_cannot("no memory for %u", live);
	chase_loop(2);
	double value = micro_cpu_ns(chase_loop);
	chase_free(&lines);
	return value;
}

static const struct micro_case cases[] = {
	{"call", "ns", NULL, call, {0}, 0},
	{"registers", "ns", NULL, registers, {0}, 0},
	{"chase", "ns", NULL, chase, {1000, 100000, 1000000}, 1},
	{0},
};

int main(int argc, char **argv)
{
	return micro_main(argc, argv, &(struct micro){"call", cases});
}
