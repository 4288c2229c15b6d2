/* SPDX-License-Identifier: BSD-2-Clause */
/* uring.h - may io_uring(7) be used here?  The kernel may lack it, or its administrator
 * or a container's policy refuse it. */
#ifndef DUALITY_SAMPLE_URING_H
#define DUALITY_SAMPLE_URING_H

enum { URING_WHY = 128 };

/* Makes a ring and lets it go.  0, or -errno of io_uring_setup(2), and why it is so. */
int uring_try(char why[URING_WHY]);
#endif
