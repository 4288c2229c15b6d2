/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp.c - packets of TFTP from bytes, and bytes from packets. */
#include "config.h"

#include "tftp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const messages[] = {
	[TFTP_NOT_FOUND] = "File not found",
	[TFTP_ACCESS] = "Access violation",
	[TFTP_FULL] = "Disk full or allocation exceeded",
	[TFTP_ILLEGAL] = "Illegal TFTP operation",
	[TFTP_STRANGER] = "Unknown transfer ID",
	[TFTP_EXISTS] = "File already exists",
	[TFTP_NO_USER] = "No such user",
	[TFTP_OPTION] = "Bad options",
};

static uint16_t get16(const unsigned char *from)
{
	return (uint16_t)(from[0] << 8 | from[1]);
}

static void put16(unsigned char *to, unsigned n)
{
	to[0] = (unsigned char)(n >> 8);
	to[1] = (unsigned char)n;
}

/* The next string of a request, which ends with a NUL inside of it; NULL: none does. */
static const char *string_next(const char **at, const char *end)
{
	const char *string = *at, *nul = memchr(string, '\0', (size_t)(end - string));

	if (!nul)
		return NULL;
	*at = nul + 1;
	return string;
}

/* Decimal digits only.  Returns false also above max. */
static bool number_parse(const char *text, uint64_t max, uint64_t *n)
{
	*n = 0;
	if (!*text)
		return false;
	for (; *text; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || *n > (max - digit) / 10)
			return false;
		*n = *n * 10 + digit;
	}
	return true;
}

static int option_take(struct tftp_request *r, const char *name, const char *value)
{
	bool *asks = strcasecmp(name, "blksize") == 0   ? &r->asks_block
		     : strcasecmp(name, "timeout") == 0 ? &r->asks_timeout
		     : strcasecmp(name, "tsize") == 0   ? &r->asks_size
							: NULL;
	uint64_t n;

	if (!asks)
		return 0;
	if (*asks)
		return -ENOPROTOOPT; /* "may only be specified once" */
	if (!number_parse(value, INT64_MAX, &n))
		return 0;
	if (asks == &r->asks_size) {
		r->size = n;
		*asks = true;
	} else if (asks == &r->asks_timeout && n >= 1 && n <= TFTP_TIMEOUT_MAX_S) {
		r->timeout_s = (unsigned)n;
		*asks = true;
	} else if (asks == &r->asks_block && n >= TFTP_BLOCK_MIN &&
		   n <= TFTP_BLOCK_MAX) {
		r->block = (unsigned)n;
		*asks = true;
	}
	return 0;
}

static int options_take(struct tftp_request *r, const char *at, const char *end)
{
	int err = 0;

	while (at < end && err == 0) {
		const char *name = string_next(&at, end);
		const char *value = name ? string_next(&at, end) : NULL;

		err = value ? option_take(r, name, value) : -ENOPROTOOPT;
	}
	return err;
}

int tftp_request_parse(struct tftp_request *r, const void *bytes, size_t len)
{
	const char *at = bytes, *end = at + len, *name, *mode;
	unsigned op = len >= 2 ? get16(bytes) : 0;

	if (op != TFTP_READ && op != TFTP_WRITE)
		return -ENOMSG;
	*r = (struct tftp_request){.write = op == TFTP_WRITE, .block = TFTP_BLOCK};
	at += 2;
	name = string_next(&at, end);
	mode = name ? string_next(&at, end) : NULL;
	if (!mode || !*name || len > TFTP_REQUEST_MAX)
		return -EPROTO;
	r->netascii = strcasecmp(mode, "netascii") == 0;
	if (!r->netascii && strcasecmp(mode, "octet") != 0)
		return -EPROTO; /* also "mail", which RFC 1350 calls obsolete */
	strcpy(r->name, name);
	return options_take(r, at, end);
}

static char *option_put(char *to, const char *name, uint64_t value)
{
	to = stpcpy(to, name) + 1;
	return to + sprintf(to, "%" PRIu64, value) + 1;
}

size_t tftp_put_oack(void *packet, const struct tftp_request *r)
{
	char *start = packet, *to = start + 2;

	put16(packet, TFTP_OACK);
	if (r->asks_block)
		to = option_put(to, "blksize", r->block);
	if (r->asks_timeout)
		to = option_put(to, "timeout", r->timeout_s);
	if (r->asks_size)
		to = option_put(to, "tsize", r->size);
	return to > start + 2 ? (size_t)(to - start) : 0;
}

size_t tftp_put_ack(void *to, uint16_t block)
{
	put16(to, TFTP_ACK);
	put16((unsigned char *)to + 2, block);
	return TFTP_HEAD;
}

size_t tftp_put_data(void *to, uint16_t block, size_t len)
{
	put16(to, TFTP_DATA);
	put16((unsigned char *)to + 2, block);
	return TFTP_HEAD + len;
}

enum tftp_code tftp_code_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
		return TFTP_NOT_FOUND;
	case EXDEV: /* a name or a link that leads out of the root: openat2(2) */
	case ELOOP:
	case EACCES:
	case EPERM:
	case EISDIR:
	case EROFS:
		return TFTP_ACCESS;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return TFTP_FULL;
	case EPROTO:
		return TFTP_ILLEGAL;
	case ENXIO:
		return TFTP_STRANGER;
	case EEXIST:
		return TFTP_EXISTS;
	case ENOPROTOOPT:
		return TFTP_OPTION;
	default:
		return TFTP_UNDEFINED;
	}
}

size_t tftp_put_error(void *packet, int error)
{
	enum tftp_code code = tftp_code_of(error);
	bool busy = error == EAGAIN || error == EMFILE || error == ENFILE;
	char *start = packet, *to = start + TFTP_HEAD;

	put16(packet, TFTP_ERROR);
	put16((unsigned char *)packet + 2, code);
	to = stpcpy(to, code                 ? messages[code]
			: busy               ? "Too many open files, try again later"
			: error == ENOMEM    ? "Out of memory, try again later"
			: error == ENOTSUP   ? "This file system takes no new files"
			: error == ESHUTDOWN ? "The server is stopping"
					     : "The server failed");
	return (size_t)(to + 1 - start);
}

enum tftp_meaning tftp_judge(const struct tftp_awaited *a, const void *bytes,
			     size_t len)
{
	unsigned op = len >= TFTP_HEAD ? get16(bytes) : 0;
	uint16_t block;

	if (op == TFTP_ERROR)
		return TFTP_GONE;
	if (op != a->op || (op == TFTP_DATA && len - TFTP_HEAD > a->size_max))
		return TFTP_BROKEN;
	block = get16((const unsigned char *)bytes + 2);
	if (block == a->block)
		return TFTP_COME;
	/* Modulo 2^16: past 65535 blocks come round. */
	if (op == TFTP_DATA && (uint16_t)(block + 1) == a->block)
		return TFTP_AGAIN;
	return TFTP_LATE;
}

uint64_t tftp_patience_ns(uint64_t timeout_ns, unsigned sent)
{
	return timeout_ns << (sent < 3 ? sent : 3);
}
