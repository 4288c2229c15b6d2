/* SPDX-License-Identifier: BSD-2-Clause */
/* drop.h - let the page cache forget files, so that reading them reaches the device. */
#ifndef DUALITY_DROP_H
#define DUALITY_DROP_H

#include <stdint.h>

struct drop {
	uint64_t files, pages;
	uint64_t resident; /* pages that are in memory all the same */
	char file[256];    /* what an error is about */
};

/* All regular files below the folder, which must be ours: of others' files neither can
 * the pages be dropped nor mincore(2) be believed.  What is counted is what mincore
 * says afterwards.  0 or -errno. */
int drop_pages(const char *folder, struct drop *out);
#endif
