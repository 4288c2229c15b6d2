/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_load.h - inside the cache: what cache.c and cache_load.c need of each other. */
#ifndef DUALITY_CACHE_LOAD_H
#define DUALITY_CACHE_LOAD_H

#include "cache_store.h"

/* A descriptor of the folder, or -errno; -ENOSYS where openat2(2) is missing. */
int load_open_root(const char *root);

struct cache_key cache_key(const char *path);
#endif
