/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_file.h - one file below the root, read or written from start to end, in either
 * mode.  These block on the disk. */
#ifndef DUALITY_TFTP_FILE_H
#define DUALITY_TFTP_FILE_H

#include "netascii.h"
#include "tftp.h"

enum { TFTP_FILE_CHUNK = 4096 };

struct tftp_file {
	int fd, folder; /* folder: where a new file gets its name; -1 */
	bool is_text;
	const char *base; /* that name, in the request's; NULL: to be read */
	struct netascii netascii;
	size_t start, end; /* what is read but not encoded yet */
	char chunk[TFTP_FILE_CHUNK];
};

/* The folder all names are below.  Returns a descriptor or -errno. */
int tftp_root_open(const char *path);

/* Open what the request names; r->name must stay.  To be read, it must be a regular
 * file, whose size goes into the request (octet) or is not told (netascii).  To be
 * written, it must not be there yet: -EEXIST.  Returns 0 or -errno: -EXDEV if the name,
 * or a link, leads out of the root. */
int tftp_file_open(struct tftp_file *f, int root, struct tftp_request *r);

/* The next bytes for the wire: size of them, fewer only at the end.  Returns -errno. */
ssize_t tftp_file_read(struct tftp_file *f, void *to, size_t size);

/* The next bytes from the wire, at most TFTP_BLOCK_MAX.  Returns 0 or -errno. */
int tftp_file_write(struct tftp_file *f, const void *from, size_t len);

/* All of it is written: it gets its name, in one step and never over another file's
 * (-EEXIST). Until then it has none, so that whatever ends the transfer, even SIGKILL,
 * leaves nothing. */
int tftp_file_commit(struct tftp_file *f);

void tftp_file_close(struct tftp_file *f);
#endif
