/* SPDX-License-Identifier: BSD-2-Clause */
/* crowd_kernel.h - what the crowds that the kernel schedules have in common, threads
 * and processes: they wait in the kernel, or as kernel_relinquish has it. */
#ifndef DUALITY_MICRO_CROWD_KERNEL_H
#define DUALITY_MICRO_CROWD_KERNEL_H

#include "harness/micro/crowd.h"

/* Before the first descriptor is opened: who would block tries again instead, and
 * yields between two attempts (Jones, Lecture notes 31, 1998, section 4: ThreadP). */
void kernel_relinquish(void);

/* For struct crowd. */
void kernel_yield(void);
void kernel_sleep(uint64_t ns);
int kernel_open(int fd);
ssize_t kernel_read(int fd, void *buffer, size_t len);
ssize_t kernel_write(int fd, const void *buffer, size_t len);
void kernel_close(int fd);
#endif
