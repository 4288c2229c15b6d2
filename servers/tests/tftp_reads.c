/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_reads.c - reading from a TFTP server, whatever becomes of the datagrams. */
#include "config.h"

#include "tftp_gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "tree.h"

enum { ROLL = 600000, ROLL_BLOCK = 8, CROWD = 40, BIG = 100000, BLOCKS = 196 };

static unsigned char big[BIG]; /* of big.bin */

static bool reading(struct peer *p, const struct subject *s)
{
	tree_fill("big.bin", big, sizeof big);
	if (!peer_open(p, s->port))
		return false;
	peer_read(p, "big.bin");
	return true;
}

static bool read_sizes(struct subject *s)
{
	return tftp_serves(s, "empty.txt") && tftp_serves(s, "one.txt") &&
	       tftp_serves(s, "kib.txt") && tftp_serves(s, "index.html") &&
	       tftp_serves(s, "/dir/sub/deep.txt") && tftp_serves(s, "link-in.txt") &&
	       tftp_serves(s, "big.bin");
}

/* Of big.bin. */
static bool gets_block(struct peer *p, unsigned block)
{
	size_t at = (block - 1) * 512;

	return peer_gets_data(p, block, big + at, BIG - at < 512 ? BIG - at : 512);
}

/* Each ACK twice: a server that answers the second one, too, sends each DATA twice from
 * then on.  The next DATA must be the next block every time, and nothing is left. */
static bool read_apprentice(struct subject *s)
{
	struct peer p;
	bool good = reading(&p, s);

	for (unsigned block = 1; good && block <= BLOCKS; block++) {
		good = gets_block(&p, block);
		peer_ack(&p, block);
		if (block < BLOCKS)
			peer_ack(&p, block);
	}
	good = good && tftp_settles(s) && peer_silent(&p);
	peer_close(&p);
	return good && subject_live(s, "retransmits") == 0;
}

/* Delayed ACKs, and ones of blocks that were never sent. */
static bool read_late(struct subject *s)
{
	struct peer p;
	bool good = reading(&p, s);

	for (unsigned block = 1; good && block <= BLOCKS; block++) {
		good = gets_block(&p, block);
		peer_ack(&p, block / 2);
		peer_ack(&p, block + 1);
		peer_ack(&p, block + 40000);
		peer_ack(&p, block);
	}
	good = good && tftp_settles(s) && peer_silent(&p);
	peer_close(&p);
	return good && subject_live(s, "retransmits") == 0;
}

/* The first of each DATA is lost, or its ACK, which is the same to the server. */
static bool read_lost(struct subject *s)
{
	unsigned char bytes[1024];
	struct peer p;
	bool good = peer_open(&p, s->port);

	tree_fill("kib.txt", bytes, sizeof bytes);
	peer_read(&p, "kib.txt");
	p.tolerant = true;
	for (unsigned block = 1; good && block <= 3; block++) {
		size_t len = block <= 2 ? 512 : 0;
		const unsigned char *at = bytes + (block - 1) * 512;

		good = peer_gets_data(&p, block, at, len) &&
		       peer_gets_data(&p, block, at, len);
		peer_ack(&p, block);
	}
	good = good && tftp_settles(s);
	peer_close(&p);
	return good && subject_live(s, "retransmits") >= 3 &&
	       subject_live(s, "resets") == 0;
}

/* The client never says a word again: the server gives up in the end. */
static bool read_silence(struct subject *s)
{
	struct peer p;
	bool good = reading(&p, s) && peer_gets_data(&p, 1, big, 512);

	good = good && tftp_settles(s) && subject_live(s, "resets") == 1 &&
	       subject_live(s, "retransmits") == 5;
	for (int i = 0; good && i < 5; i++)
		good = peer_gets_data(&p, 1, big, 512);
	good = good && peer_silent(&p); /* and it does not say good-bye */
	peer_close(&p);
	return good;
}

struct block_size {
	const char *asked, *agreed;
	size_t asked_len, agreed_len, block;
};

static bool read_with(const struct subject *s, const struct block_size *o)
{
	struct peer p;
	bool good = peer_open(&p, s->port);

	peer_request(&p, 1, "big.bin", "OcTeT", o->asked, o->asked_len);
	if (o->agreed_len > 1) {
		good = good && peer_gets_oack(&p, o->agreed, o->agreed_len);
		peer_ack(&p, 0);
	}
	good = good && peer_reads(&p, big, BIG, o->block);
	peer_close(&p);
	if (!good)
		tap_diag("asked for %s ...", o->asked);
	return good;
}

static bool read_options(struct subject *s)
{
	static const struct block_size tries[] = {
		{"blksize\0008", "blksize\0008", sizeof "blksize\0008",
		 sizeof "blksize\0008", 8},
		{"blksize\0001428", "blksize\0001428", sizeof "blksize\0001428",
		 sizeof "blksize\0001428", 1428},
		{"BlkSize\00065464", "blksize\00065464", sizeof "BlkSize\00065464",
		 sizeof "blksize\00065464", 65464},
		{"tsize\0000", "tsize\000100000", sizeof "tsize\0000",
		 sizeof "tsize\000100000", 512},
		{"timeout\0003", "timeout\0003", sizeof "timeout\0003",
		 sizeof "timeout\0003", 512},
		{"tsize\0000\000blksize\0001024\000timeout\0001\000x\000y",
		 "blksize\0001024\000timeout\0001\000tsize\000100000",
		 sizeof "tsize\0000\000blksize\0001024\000timeout\0001\000x\000y",
		 sizeof "blksize\0001024\000timeout\0001\000tsize\000100000", 1024},
		/* Out of range, or no numbers: as if they had not been asked for. */
		{"blksize\0007", "", sizeof "blksize\0007", sizeof "", 512},
		{"blksize\00065465", "", sizeof "blksize\00065465", sizeof "", 512},
		{"blksize\000-8", "", sizeof "blksize\000-8", sizeof "", 512},
		{"blksize\00018446744073709551624", "",
		 sizeof "blksize\00018446744073709551624", sizeof "", 512},
		{"blksize\000", "", sizeof "blksize\000", sizeof "", 512},
		{"timeout\0000\000blksize\000 8", "",
		 sizeof "timeout\0000\000blksize\000 8", sizeof "", 512},
		{"timeout\000256", "", sizeof "timeout\000256", sizeof "", 512},
		{"windowsize\0004", "", sizeof "windowsize\0004", sizeof "", 512},
	};
	bool good = true;

	tree_fill("big.bin", big, sizeof big);
	for (size_t i = 0; good && i < sizeof tries / sizeof *tries; i++)
		good = read_with(s, &tries[i]);
	return good;
}

/* The client does not like what was agreed on. */
static bool read_declined(struct subject *s)
{
	struct peer p;
	bool good = peer_open(&p, s->port);

	peer_request(&p, 1, "big.bin", "octet", "blksize\0009", 10);
	good = good && peer_gets_oack(&p, "blksize\0009", 10);
	peer_error(&p, 8);
	good = good && tftp_settles(s) && peer_silent(&p);
	peer_close(&p);
	return good;
}

/* 75,000 blocks: their numbers come round. */
static bool read_roll(struct subject *s)
{
	unsigned char *bytes = malloc(ROLL);
	struct peer p;
	bool good = bytes && peer_open(&p, s->port);

	if (!good)
		return false;
	tree_fill("roll.bin", bytes, ROLL);
	tree_write(s->top, "roll.bin", bytes, ROLL);
	peer_request(&p, 1, "roll.bin", "octet", "blksize\0008", 10);
	good = peer_gets_oack(&p, "blksize\0008", 10);
	peer_ack(&p, 0);
	good = good && peer_reads(&p, bytes, ROLL, ROLL_BLOCK);
	tree_unlink(s->top, "roll.bin");
	peer_close(&p);
	free(bytes);
	return good;
}

static bool read_netascii(struct subject *s)
{
	static const char text[] = "one\ntwo\rthree\r\nfour\n\n",
			  wire[] = "one\r\ntwo\r\0three\r\0\r\nfour\r\n\r\n";
	struct peer p;
	bool good = peer_open(&p, s->port);

	tree_write(s->top, "text", text, sizeof text - 1);
	for (size_t block = 8; good && block < 40; block++) {
		char options[16] = "blksize";
		size_t len = 8 + (size_t)sprintf(options + 8, "%zu", block) + 1;

		peer_request(&p, 1, "text", "netascii", options, len);
		good = peer_gets_oack(&p, options, len);
		peer_ack(&p, 0);
		good = good && peer_reads(&p, wire, sizeof wire - 1, block);
	}
	tree_unlink(s->top, "text");
	peer_close(&p);
	return good;
}

/* The request was delayed and sent again: two transfers, of which the client refuses
 * one (RFC 1350 section 4). */
static bool read_twice(struct subject *s)
{
	struct peer p, second;
	bool good = reading(&p, s);

	peer_read(&p, "big.bin");
	good = good && peer_gets_data(&p, 1, big, 512);
	second = p;
	second.port = 0;
	good = good && peer_gets_data(&second, 1, big, 512) && second.port != p.port;
	peer_error(&second, 5);
	peer_ack(&p, 1);
	good = good && peer_gets_data(&p, 2, big + 512, 512);
	peer_error(&p, 0);
	good = good && tftp_settles(s) && subject_live(s, "connections_opened") == 2;
	peer_close(&p);
	return good;
}

/* Many at once, in turn; the first of them says nothing. */
static bool read_many(struct subject *s)
{
	static struct peer p[CROWD];
	bool good = true;

	for (int i = 0; good && i < CROWD; i++)
		good = reading(&p[i], s);
	for (unsigned block = 1; good && block <= BLOCKS; block++) {
		for (int i = 1; good && i < CROWD; i++) {
			good = gets_block(&p[i], block);
			peer_ack(&p[i], block);
		}
	}
	good = good && peer_gets_data(&p[0], 1, big, 512);
	peer_error(&p[0], 0);
	for (int i = 0; i < CROWD; i++)
		peer_close(&p[i]);
	return good;
}

const struct tftp_check tftp_reads[] = {
	{"files of all sizes are read", TFTP_PATIENT, read_sizes, {0}, 0},
	{"each ACK twice: each DATA once", TFTP_PATIENT, read_apprentice, {0}, 0},
	{"late and early ACKs are ignored", TFTP_PATIENT, read_late, {0}, 0},
	{"a lost DATA is sent again", TFTP_LOSSY, read_lost, {0}, 0},
	{"a client that fell silent is given up", TFTP_HASTY, read_silence, {0}, 0},
	{"options", TFTP_PATIENT, read_options, {0}, 0},
	{"options declined", TFTP_PATIENT, read_declined, {0}, 0},
	{"block numbers come round", TFTP_PATIENT, read_roll, {0}, 0},
	{"netascii, wherever a block ends", TFTP_PATIENT, read_netascii, {0}, 0},
	{"a request that came twice", TFTP_PATIENT, read_twice, {0}, 0},
	{"many transfers at once", TFTP_PATIENT, read_many, {0}, 0},
	{0},
};
