/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp.h - the packets of TFTP (RFC 1350) and its options (RFC 2347, 2348, 2349), and
 * what one that came means to whoever waits.  Pure: bytes in, bytes out. */
#ifndef DUALITY_TFTP_H
#define DUALITY_TFTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum tftp_op { TFTP_READ = 1, TFTP_WRITE, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OACK };

enum tftp_code { /* of an ERROR */
		 TFTP_UNDEFINED,
		 TFTP_NOT_FOUND,
		 TFTP_ACCESS,
		 TFTP_FULL,
		 TFTP_ILLEGAL,
		 TFTP_STRANGER, /* unknown transfer ID */
		 TFTP_EXISTS,
		 TFTP_NO_USER,
		 TFTP_OPTION, /* RFC 2347 */
};

enum {
	TFTP_HEAD = 4, /* of a DATA: before its bytes; all there is of an ACK */
	TFTP_BLOCK = 512,
	TFTP_BLOCK_MIN = 8, /* RFC 2348 */
	TFTP_BLOCK_MAX = 65464,
	TFTP_REQUEST_MAX = 512,  /* RFC 2347 */
	TFTP_REPLY_MAX = 128,    /* of an ACK, ERROR or OACK that we send */
	TFTP_TIMEOUT_MAX_S = 30, /* of RFC 2349's 255: a dead client goes by then */
	TFTP_TRIES = 6,          /* of a packet, then the peer is gone */
	TFTP_DALLY = 3,          /* timeouts to repeat the last ACK in */
};

/* What a client asks for, and what is then agreed on. */
struct tftp_request {
	bool write, netascii;
	bool asks_block, asks_timeout, asks_size;
	unsigned block;     /* bytes of a full DATA */
	unsigned timeout_s; /* 0: ours */
	uint64_t size;      /* of the whole file; an answer to a read must set it */
	char name[TFTP_REQUEST_MAX];
};

/* Returns 0; -ENOMSG: no request, to be ignored; -EPROTO: not well-formed;
 * -ENOPROTOOPT: its options are not.  A known option whose value is out of range is
 * left out, as is an unknown one (RFC 2347). */
int tftp_request_parse(struct tftp_request *r, const void *bytes, size_t len);

/* Write an OACK that agrees to what is asked for.  Returns its length, at most
 * TFTP_REPLY_MAX; 0: nothing was asked for. */
size_t tftp_put_oack(void *to, const struct tftp_request *r);

size_t tftp_put_ack(void *to, uint16_t block);

/* The head of a DATA, len bytes of which follow it.  Returns the length of both. */
size_t tftp_put_data(void *to, uint16_t block, size_t len);

/* An ERROR for a failure, an errno value; at most TFTP_REPLY_MAX. */
size_t tftp_put_error(void *to, int error);
enum tftp_code tftp_code_of(int error);

/* What somebody waits for: an ACK or a DATA of this block. */
struct tftp_awaited {
	enum tftp_op op;
	uint16_t block;
	unsigned size_max; /* bytes of a DATA */
};

enum tftp_meaning {
	TFTP_COME,   /* it is the one */
	TFTP_AGAIN,  /* the DATA before: our ACK was lost, or is late; repeat it */
	TFTP_LATE,   /* to be ignored */
	TFTP_GONE,   /* the peer gave up: an ERROR, not to be answered */
	TFTP_BROKEN, /* no packet of a transfer: answer with an ERROR, and end */
};

/* A duplicate ACK is TFTP_LATE and never a reason to send: each DATA would go out twice
 * from then on, the Sorcerer's Apprentice (RFC 1123 section 4.2.3.1). */
enum tftp_meaning tftp_judge(const struct tftp_awaited *a, const void *bytes,
			     size_t len);

/* How long to wait after having sent a packet that often (from 0): twice as long each
 * time (RFC 1123 section 4.2.3.2), up to 8 times. */
uint64_t tftp_patience_ns(uint64_t timeout_ns, unsigned sent);
#endif
