/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - the kernel's small text files: read whole, take numbers out.  Allocates
 * nothing. */
#ifndef DUALITY_SAMPLE_TEXT_H
#define DUALITY_SAMPLE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Read from the start of an open file until its end or until `size` - 1 bytes are in;
 * NUL-terminated.  Returns the length or -errno. */
ssize_t text_reread(int fd, char *text, size_t size);

/* The same for a file opened and closed here; dir as in openat(2). */
ssize_t text_read(int dir, const char *path, char *text, size_t size);

/* The number after `key` at the start of a line ("key 12", "key:\t12"); with "" the
 * number the text begins with. */
int text_number(const char *text, const char *key, uint64_t *out);

/* The value under column `name` of the pair of lines that start with `row`
 * ("TcpExt: A B" above "TcpExt: 1 2"), as /proc/net/netstat has them. */
int text_column(const char *text, const char *row, const char *name, uint64_t *out);
#endif
