/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_machine.h - a transfer for an event loop: what straight-line code keeps in its
 * place of execution is a state here.  Pure: it says what it wants, the variant does
 * that in its own way and says what came of it. */
#ifndef DUALITY_TFTP_MACHINE_H
#define DUALITY_TFTP_MACHINE_H

#include "tftp.h"

enum tftp_want {
	TFTP_WANT_FILL,   /* read `room` bytes of the file to `data`: tftp_filled */
	TFTP_WANT_STORE,  /* write `len` bytes from `data`: tftp_stored */
	TFTP_WANT_COMMIT, /* give the file its name: tftp_committed */
	TFTP_WANT_SEND,   /* send `packet`, and wait for `patience_ns`: tftp_sent */
	TFTP_WANT_REPEAT, /* send `packet` again, and go on waiting: tftp_sent */
	TFTP_WANT_WAIT,   /* a datagram: tftp_received; or the time: tftp_expired */
	TFTP_WANT_END,    /* with `result` */
};

struct tftp_machine {
	enum tftp_want want;
	bool writes, last; /* last: the final block has been filled or stored */
	bool dallies;      /* the file is complete; only its last ACK may be lost */
	int result;        /* 0 or -errno: -ECONNRESET, -ETIMEDOUT: the peer is gone */
	struct tftp_awaited awaited;
	size_t room;
	unsigned sent; /* that often, this packet */
	uint64_t timeout_ns, patience_ns;
	const char *stored; /* of the datagram received */
	size_t stored_len;
	size_t packet_len;
	char *packet; /* the variant's: TFTP_HEAD + block, at least TFTP_REPLY_MAX */
};

/* A request was taken, its file opened.  timeout_ns unless the client asked for one. */
void tftp_machine_init(struct tftp_machine *m, const struct tftp_request *r,
		       char *packet, uint64_t timeout_ns);

/* What came of it: a length or 0, or -errno. */
void tftp_filled(struct tftp_machine *m, ssize_t len);
void tftp_stored(struct tftp_machine *m, int result);
void tftp_committed(struct tftp_machine *m, int result);
void tftp_sent(struct tftp_machine *m);
void tftp_expired(struct tftp_machine *m);

/* The datagram must stay as long as STORE is wanted. */
void tftp_received(struct tftp_machine *m, const void *bytes, size_t len);
#endif
