/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_test.c - TFTP's packets: what is taken for a request, what is agreed to, what a
 * datagram means to whoever waits; and line ends on the wire. */
#include "config.h"

#include "servers/tftp/netascii.h"
#include "servers/tftp/tftp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Parse a copy whose end is the end of its allocation, so that a sanitizer sees a read
 * beyond it. */
static int parse(struct tftp_request *r, const char *bytes, size_t len)
{
	char *copy = malloc(len ? len : 1);
	int result;

	memcpy(copy, bytes, len);
	result = tftp_request_parse(r, copy, len);
	free(copy);
	return result;
}

/* Every shorter piece of a good request is none, or broken: none is read beyond. */
static void cut(void **state)
{
	static const char whole[] =
		"\0\2dir/name\0NetASCII\0tsize\0007\0blksize\00099\0"
		"timeout\0009";
	struct tftp_request r;
	int good = 0;

	(void)state;
	for (size_t len = 0; len < sizeof whole; len++) {
		int result = parse(&r, whole, len);

		good += result == 0;
		if (len < 2)
			assert_int_equal(result, -ENOMSG);
		else if (len < 20)
			assert_int_equal(result, -EPROTO);
	}
	assert_int_equal(good, 3); /* without options, with one, with two */
	assert_int_equal(parse(&r, whole, sizeof whole), 0);
	assert_true(r.write && r.netascii && r.asks_size && r.asks_block);
	assert_true(r.size == 7 && r.block == 99 && r.timeout_s == 9);
	assert_string_equal(r.name, "dir/name");
}

static void length(void **state)
{
	char bytes[TFTP_REQUEST_MAX + 1];
	struct tftp_request r;

	(void)state;
	memset(bytes, 'a', sizeof bytes);
	memcpy(bytes, "\0\1", 2);
	memcpy(bytes + TFTP_REQUEST_MAX - 7, "\0octet", 7);
	assert_int_equal(parse(&r, bytes, TFTP_REQUEST_MAX), 0);
	assert_int_equal(strlen(r.name), TFTP_REQUEST_MAX - 2 - 7);
	memset(bytes + 2, 'a', sizeof bytes - 2);
	memcpy(bytes + TFTP_REQUEST_MAX - 6, "\0octet", 7);
	assert_int_equal(parse(&r, bytes, TFTP_REQUEST_MAX + 1), -EPROTO);
}

static void expect_block(const char *value, unsigned block)
{
	char bytes[64] = "\0\1f\0octet\0blksize";
	struct tftp_request r;

	strcpy(bytes + 18, value);
	assert_int_equal(parse(&r, bytes, 18 + strlen(value) + 1), 0);
	if (r.block != block || r.asks_block != (block != TFTP_BLOCK))
		fail_msg("%u for blksize %s", r.block, value);
}

static void blocks(void **state)
{
	(void)state;
	expect_block("8", 8);
	expect_block("65464", 65464);
	expect_block("0065464", 65464);
	expect_block("7", 512);
	expect_block("65465", 512);
	expect_block("4294967304", 512);
	expect_block("18446744073709551624", 512);
	expect_block("99999999999999999999999", 512);
	expect_block("", 512);
	expect_block("+8", 512);
	expect_block("8 ", 512);
	expect_block("0x10", 512);
}

static void options(void **state)
{
	static const char request[] = "\0\1f\0octet\0x\0y\0TSIZE\0000\0timeout\00030\0"
				      "blksize\0001000",
			  oack[] = "\0\6blksize\0001000\0timeout\00030\0tsize\0"
				   "18446744073709551615",
			  twice[] = "\0\1f\0octet\0tsize\0000\0tsize\0001",
			  slow[] = "\0\1f\0octet\0timeout\00031";
	char packet[TFTP_REPLY_MAX];
	struct tftp_request r;

	(void)state;
	assert_int_equal(parse(&r, request, sizeof request), 0);
	r.size = UINT64_MAX; /* the longest there is has room */
	assert_int_equal(tftp_put_oack(packet, &r), sizeof oack);
	assert_memory_equal(packet, oack, sizeof oack);
	assert_int_equal(parse(&r, twice, sizeof twice), -ENOPROTOOPT);
	assert_int_equal(parse(&r, slow, sizeof slow), 0);
	assert_int_equal(r.timeout_s, 0);
	assert_int_equal(tftp_put_oack(packet, &r), 0);
}

static void errors(void **state)
{
	static const struct {
		int error;
		enum tftp_code code;
	} tries[] = {
		{ENOENT, TFTP_NOT_FOUND},   {EXDEV, TFTP_ACCESS},
		{ELOOP, TFTP_ACCESS},       {EACCES, TFTP_ACCESS},
		{ENOSPC, TFTP_FULL},        {EPROTO, TFTP_ILLEGAL},
		{ENXIO, TFTP_STRANGER},     {EEXIST, TFTP_EXISTS},
		{ENOPROTOOPT, TFTP_OPTION}, {EAGAIN, TFTP_UNDEFINED},
		{EMFILE, TFTP_UNDEFINED},   {EIO, TFTP_UNDEFINED},
	};
	unsigned char packet[TFTP_REPLY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		size_t len = tftp_put_error(packet, tries[i].error);

		assert_in_range(len, 6, TFTP_REPLY_MAX);
		assert_int_equal(packet[1], TFTP_ERROR);
		assert_int_equal(packet[3], tries[i].code);
		assert_int_equal(strlen((char *)packet + 4), len - 5);
	}
	tftp_put_error(packet, EAGAIN);
	assert_non_null(strstr((char *)packet + 4, "try again"));
}

static void expect(const struct tftp_awaited *a, unsigned op, unsigned block,
		   size_t len, enum tftp_meaning meaning)
{
	unsigned char bytes[64] = {0, (unsigned char)op, (unsigned char)(block >> 8),
				   (unsigned char)block};
	enum tftp_meaning got = tftp_judge(a, bytes, len);

	if (got != meaning)
		fail_msg("op %u, block %u, %zu bytes: %u", op, block, len, got);
}

/* The block before the first after a wrap is 65535. */
static void meanings(void **state)
{
	const struct tftp_awaited data = {TFTP_DATA, 0, 8}, ack = {TFTP_ACK, 0, 8};

	(void)state;
	expect(&data, TFTP_DATA, 0, 12, TFTP_COME);
	expect(&data, TFTP_DATA, 0, 4, TFTP_COME);
	expect(&data, TFTP_DATA, 0, 13, TFTP_BROKEN);
	expect(&data, TFTP_DATA, 65535, 12, TFTP_AGAIN);
	expect(&data, TFTP_DATA, 65534, 12, TFTP_LATE);
	expect(&data, TFTP_DATA, 1, 12, TFTP_LATE);
	expect(&data, TFTP_ACK, 0, 4, TFTP_BROKEN);
	expect(&data, TFTP_ERROR, 0, 5, TFTP_GONE);
	expect(&ack, TFTP_ACK, 0, 4, TFTP_COME);
	expect(&ack, TFTP_ACK, 65535, 4, TFTP_LATE);
	expect(&ack, TFTP_ACK, 1, 4, TFTP_LATE);
	expect(&ack, TFTP_ACK, 0, 3, TFTP_BROKEN);
	expect(&ack, TFTP_DATA, 0, 12, TFTP_BROKEN);
	expect(&ack, TFTP_READ, 0, 12, TFTP_BROKEN);
	expect(&ack, 0, 0, 0, TFTP_BROKEN);
}

static void patience(void **state)
{
	uint64_t sum = 0;

	(void)state;
	for (unsigned sent = 0; sent < TFTP_TRIES; sent++)
		sum += tftp_patience_ns(1, sent);
	assert_int_equal(sum, 1 + 2 + 4 + 8 + 8 + 8);
}

/* There and back, in pieces of all sizes, for all that four bytes can be. */
static void texts(void **state)
{
	static const char bytes[] = "\r\n\0a";

	(void)state;
	for (unsigned which = 0; which < 256 * 5; which++) {
		char text[4], wire[8], back[16];
		struct netascii there = {0}, here = {0};
		size_t piece = 1 + which / 256, used = 0, out = 0, n, done = 0;

		for (unsigned i = 0; i < 4; i++)
			text[i] = bytes[which >> (2 * i) & 3];
		do {
			size_t room =
				sizeof wire - out < piece ? sizeof wire - out : piece;

			n = netascii_encode(&there, wire + out, room, text + done,
					    sizeof text - done, &used);
			done += used;
			out += n;
		} while (n > 0);
		assert_int_equal(done, sizeof text);
		for (n = 0, done = 0; done < out; done += piece)
			n += netascii_decode(&here, back + n, wire + done,
					     out - done < piece ? out - done : piece);
		n += netascii_end(&here, back + n);
		assert_int_equal(n, sizeof text);
		assert_memory_equal(back, text, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut),      cmocka_unit_test(length),
		cmocka_unit_test(blocks),   cmocka_unit_test(options),
		cmocka_unit_test(errors),   cmocka_unit_test(meanings),
		cmocka_unit_test(patience), cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
