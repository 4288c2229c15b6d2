/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.h - the files that the servers under test serve.  Every file's bytes follow from
 * its name, so that no two files and no two places of a file look alike. */
#ifndef DUALITY_TREE_H
#define DUALITY_TREE_H

#include <stddef.h>
#include <sys/types.h>

enum { TREE_VAST = 16 << 20 }; /* bytes of /vast.bin: more than any socket buffer */

/* Make the tree in `top`/tree, and what lies outside of it in `top`; all of it owned by
 * `owner`.  Returns 0 or -errno. */
int tree_create(const char *top, uid_t owner);
void tree_remove(const char *top);

/* The size in bytes of a file of the tree, or -ENOENT. */
ssize_t tree_size(const char *name);

/* The bytes of that name. */
void tree_fill(const char *name, unsigned char *to, size_t size);

/* Write a file of these bytes (mode 0644) below `top`/tree.  Returns 0 or -errno. */
int tree_write(const char *top, const char *name, const void *bytes, size_t size);
void tree_unlink(const char *top, const char *name);
#endif
