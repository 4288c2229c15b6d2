/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_machine.c - a transfer, one event at a time. */
#include "config.h"

#include "tftp_machine.h"

#include <errno.h>

static void machine_end(struct tftp_machine *m, int result)
{
	m->result = result;
	m->want = TFTP_WANT_END;
}

static void machine_send(struct tftp_machine *m, size_t packet_len)
{
	m->packet_len = packet_len;
	m->sent = 0;
	m->patience_ns = tftp_patience_ns(m->timeout_ns, 0);
	m->want = TFTP_WANT_SEND;
}

void tftp_machine_init(struct tftp_machine *m, const struct tftp_request *r,
		       char *packet, uint64_t timeout_ns)
{
	size_t oack = tftp_put_oack(packet, r);

	*m = (struct tftp_machine){
		.writes = r->write,
		.awaited = {.op = r->write ? TFTP_DATA : TFTP_ACK,
			    .block = r->write,
			    .size_max = r->block},
		.room = r->block,
		.timeout_ns =
			r->timeout_s ? r->timeout_s * UINT64_C(1000000000) : timeout_ns,
		.packet = packet,
	};
	if (oack || r->write) {
		machine_send(m, oack ? oack : tftp_put_ack(packet, 0));
	} else {
		m->awaited.block = 1;
		m->want = TFTP_WANT_FILL;
	}
}

void tftp_filled(struct tftp_machine *m, ssize_t len)
{
	if (len < 0) {
		machine_end(m, (int)len);
		return;
	}
	m->last = (size_t)len < m->room;
	machine_send(m, tftp_put_data(m->packet, m->awaited.block, (size_t)len));
}

static void machine_acknowledge(struct tftp_machine *m)
{
	machine_send(m, tftp_put_ack(m->packet, m->awaited.block++));
}

void tftp_stored(struct tftp_machine *m, int result)
{
	m->last = m->stored_len < m->room;
	if (result < 0)
		machine_end(m, result);
	else if (m->last)
		m->want = TFTP_WANT_COMMIT;
	else
		machine_acknowledge(m);
}

void tftp_committed(struct tftp_machine *m, int result)
{
	if (result < 0) {
		machine_end(m, result);
		return;
	}
	m->dallies = true;
	machine_acknowledge(m);
	m->patience_ns = TFTP_DALLY * m->timeout_ns;
}

void tftp_sent(struct tftp_machine *m)
{
	if (m->want == TFTP_WANT_SEND)
		m->sent++;
	m->want = TFTP_WANT_WAIT;
}

void tftp_expired(struct tftp_machine *m)
{
	if (m->dallies) {
		machine_end(m, 0);
	} else if (m->sent == TFTP_TRIES) {
		machine_end(m, -ETIMEDOUT);
	} else {
		m->patience_ns = tftp_patience_ns(m->timeout_ns, m->sent);
		m->want = TFTP_WANT_SEND;
	}
}

/* What was awaited has come. */
static void machine_come(struct tftp_machine *m, const char *bytes, size_t len)
{
	if (m->writes) {
		m->stored = bytes + TFTP_HEAD;
		m->stored_len = len - TFTP_HEAD;
		m->want = TFTP_WANT_STORE;
	} else if (m->last) {
		machine_end(m, 0);
	} else {
		m->awaited.block++;
		m->want = TFTP_WANT_FILL;
	}
}

void tftp_received(struct tftp_machine *m, const void *bytes, size_t len)
{
	enum tftp_meaning meaning = tftp_judge(&m->awaited, bytes, len);

	if (meaning == TFTP_AGAIN)
		m->want = TFTP_WANT_REPEAT;
	else if (meaning == TFTP_LATE)
		m->want = TFTP_WANT_WAIT;
	else if (m->dallies) /* an ERROR, or nonsense: the file is there anyway */
		machine_end(m, 0);
	else if (meaning == TFTP_COME)
		machine_come(m, bytes, len);
	else
		machine_end(m, meaning == TFTP_GONE ? -ECONNRESET : -EPROTO);
}
