/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_writes.c - writing to a TFTP server, whatever becomes of the datagrams: a file
 * is there as a whole or not at all. */
#include "config.h"

#include "tftp_gate.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "tree.h"

enum { SIZE = 5000, BLOCKS = 10, ROLL = 600000, STOP_S = 10 };

static unsigned char bytes[SIZE];

static bool writing(struct peer *p, const struct subject *s)
{
	tree_fill("new.bin", bytes, sizeof bytes);
	if (!peer_open(p, s->port))
		return false;
	peer_write(p, "new.bin");
	return peer_gets_ack(p, 0);
}

static void send_block(const struct peer *p, unsigned block)
{
	size_t at = (block - 1) * 512;

	peer_data(p, block, bytes + at, SIZE - at < 512 ? SIZE - at : 512);
}

static bool is_complete(const struct subject *s)
{
	bool good = tftp_file_is(s, "new.bin", bytes, SIZE);

	tree_unlink(s->top, "new.bin");
	return good;
}

/* The names in the root, for what a dead transfer might leave there. */
static unsigned names(const struct subject *s)
{
	char path[PATH_MAX];
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/tree", s->top);
	d = opendir(path);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static bool write_size(const struct subject *s, size_t size)
{
	struct peer p;
	bool good = writing(&p, s) && peer_writes(&p, bytes, size, 512) &&
		    tftp_file_is(s, "new.bin", bytes, size);

	tree_unlink(s->top, "new.bin");
	peer_close(&p);
	return good;
}

static bool write_sizes(struct subject *s)
{
	return write_size(s, 0) && write_size(s, 1) && write_size(s, 511) &&
	       write_size(s, 512) && write_size(s, 513) && write_size(s, SIZE);
}

/* Before its last block is there, no name is; with the last ACK, the whole file is. */
static bool write_whole(struct subject *s)
{
	unsigned before = names(s);
	struct peer p;
	bool good = writing(&p, s);

	for (unsigned block = 1; good && block <= BLOCKS; block++) {
		good = names(s) == before;
		send_block(&p, block);
		good = good && peer_gets_ack(&p, block);
	}
	peer_close(&p);
	return is_complete(s) && good && names(s) == before;
}

/* An ACK is lost: its DATA comes again, and must be acknowledged again, but written
 * once. So with the last one: the server stays to do that. */
static bool write_lost_acks(struct subject *s)
{
	struct peer p;
	bool good = writing(&p, s);

	for (unsigned block = 1; good && block <= BLOCKS; block++) {
		send_block(&p, block);
		good = peer_gets_ack(&p, block);
		send_block(&p, block);
		good = good && peer_gets_ack(&p, block);
	}
	for (int i = 0; good && i < 3; i++) {
		send_block(&p, BLOCKS);
		good = peer_gets_ack(&p, BLOCKS);
	}
	good = good && peer_silent(&p);
	peer_close(&p);
	return is_complete(s) && good && subject_live(s, "retransmits") == BLOCKS + 3;
}

/* A lost DATA: the server's turn, too, it repeats its ACK. */
static bool write_lost_data(struct subject *s)
{
	struct peer p;
	bool good = writing(&p, s);

	p.tolerant = true;
	good = good && peer_gets_ack(&p, 0);
	send_block(&p, 1);
	good = good && peer_gets_ack(&p, 1) && peer_gets_ack(&p, 1);
	for (unsigned block = 2; good && block <= BLOCKS; block++) {
		send_block(&p, block);
		good = peer_gets_ack(&p, block);
	}
	good = good && tftp_settles(s); /* it dallies, then that ends by itself */
	peer_close(&p);
	return is_complete(s) && good && subject_live(s, "retransmits") >= 2 &&
	       subject_live(s, "resets") == 0;
}

/* Delayed DATA of blocks long written, and some far ahead. */
static bool write_late(struct subject *s)
{
	struct peer p;
	bool good = writing(&p, s);

	for (unsigned block = 1; good && block <= BLOCKS; block++) {
		if (block > 2)
			peer_data(&p, block - 2, "late", 4);
		peer_data(&p, block + 1, "early", 5);
		send_block(&p, block);
		good = peer_gets_ack(&p, block);
	}
	good = good && peer_silent(&p);
	peer_close(&p);
	return is_complete(s) && good && subject_live(s, "retransmits") == 0;
}

static bool write_broken_off(struct subject *s)
{
	unsigned before = names(s);
	struct peer p;
	bool good = writing(&p, s);

	send_block(&p, 1);
	good = good && peer_gets_ack(&p, 1);
	peer_error(&p, 3);
	good = good && tftp_settles(s) && peer_silent(&p) &&
	       subject_live(s, "resets") == 1 && names(s) == before;
	peer_close(&p);
	return good;
}

static bool write_silence(struct subject *s)
{
	unsigned before = names(s);
	struct peer p;
	bool good = writing(&p, s);

	send_block(&p, 1);
	good = good && peer_gets_ack(&p, 1) && tftp_settles(s) &&
	       subject_live(s, "resets") == 1 && names(s) == before;
	peer_close(&p);
	return good;
}

/* Killed in the middle: nobody is left to clean up. */
static bool write_killed(struct subject *s)
{
	unsigned before = names(s);
	struct peer p;
	bool good = writing(&p, s);

	send_block(&p, 1);
	good = good && peer_gets_ack(&p, 1);
	kill(s->pid, SIGKILL);
	good = subject_wait(s, STOP_S).exited && good && names(s) == before;
	s->pid = -1;
	peer_close(&p);
	return good;
}

/* SIGTERM lets a transfer finish, and does not wait for what only dallies. */
static bool write_stopped(struct subject *s)
{
	struct peer p;
	bool good = writing(&p, s);
	struct subject_end end;

	kill(s->pid, SIGTERM);
	good = good && peer_writes(&p, bytes, SIZE, 512);
	end = subject_wait(s, STOP_S);
	s->pid = -1;
	peer_close(&p);
	return is_complete(s) && good && end.exited && end.status == 0 &&
	       subject_counter(s, "connections_closed") == 1;
}

/* Two write the same new file: one is first, and it stays as that one left it. */
static bool write_race(struct subject *s)
{
	struct peer p, other;
	bool good = writing(&p, s) && writing(&other, s);

	peer_data(&other, 1, "other", 5);
	good = good && peer_gets_ack(&other, 1);
	peer_data(&p, 1, "this", 4);
	good = good && peer_gets_error(&p, 6);
	peer_close(&p);
	peer_close(&other);
	good = tftp_file_is(s, "new.bin", "other", 5) && good;
	tree_unlink(s->top, "new.bin");
	return good;
}

static bool write_netascii(struct subject *s)
{
	static const char text[] = "one\ntwo\rthree\r\nfour\r",
			  wire[] = "one\r\ntwo\r\0three\r\0\r\nfour\r";
	struct peer p;
	bool good = peer_open(&p, s->port);

	for (size_t block = 8; good && block < 40; block++) {
		char options[16] = "blksize";
		size_t len = 8 + (size_t)sprintf(options + 8, "%zu", block) + 1;

		peer_request(&p, 2, "new.bin", "NETASCII", options, len);
		good = peer_gets_oack(&p, options, len) &&
		       peer_writes(&p, wire, sizeof wire - 1, block) &&
		       tftp_file_is(s, "new.bin", text, sizeof text - 1);
		tree_unlink(s->top, "new.bin");
	}
	peer_close(&p);
	return good;
}

static bool write_roll(struct subject *s)
{
	unsigned char *many = malloc(ROLL);
	struct peer p;
	bool good = many && peer_open(&p, s->port);

	if (!good)
		return false;
	tree_fill("roll.bin", many, ROLL);
	peer_request(&p, 2, "new.bin", "octet", "tsize\000600000\000blksize\0008", 23);
	good = peer_gets_oack(&p, "blksize\0008\000tsize\000600000", 23) &&
	       peer_writes(&p, many, ROLL, 8) && tftp_file_is(s, "new.bin", many, ROLL);
	tree_unlink(s->top, "new.bin");
	peer_close(&p);
	free(many);
	return good;
}

const struct tftp_check tftp_writes[] = {
	{"files of all sizes are written", TFTP_PATIENT, write_sizes, {0}, 0},
	{"a file is there as a whole", TFTP_PATIENT, write_whole, {0}, 0},
	{"lost ACKs, the last one too", TFTP_PATIENT, write_lost_acks, {0}, 0},
	{"a lost DATA: the ACK before it again", TFTP_LOSSY, write_lost_data, {0}, 0},
	{"late and early DATA is ignored", TFTP_PATIENT, write_late, {0}, 0},
	{"a write broken off leaves nothing", TFTP_PATIENT, write_broken_off, {0}, 0},
	{"a write fallen silent leaves nothing", TFTP_HASTY, write_silence, {0}, 0},
	{"a server killed leaves nothing", TFTP_PATIENT, write_killed, {0}, 0},
	{"SIGTERM lets a write finish", TFTP_PATIENT, write_stopped, {0}, 0},
	{"two writers of one name", TFTP_PATIENT, write_race, {0}, 0},
	{"netascii is written, wherever a block ends",
	 TFTP_PATIENT,
	 write_netascii,
	 {0},
	 0},
	{"block numbers come round in a write", TFTP_PATIENT, write_roll, {0}, 0},
	{0},
};
