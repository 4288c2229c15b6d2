/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.c - any bytes as frames, through all modules from driver to client and back:
 * none may fail, every buffer comes back, and the echo goes on.  For libFuzzer, and for
 * fuzz_replay.c without it.  lwIP's state goes on from input to input, as it does. */
#include "config.h"

#include "frames.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

enum { FRAMES = 64, PREFIX = 3, UDP_AT = NET_HEADER + IP_HEADER + UDP_HEADER };

static const char wiring[] =
	"module virt_tx virt_tx priority=9\n"
	"module client client priority=8\n"
	"module copier copier priority=7\n"
	"module virt_rx virt_rx priority=6\n"
	"module driver driver\n"
	"region rx 1M buffer=2K\n"
	"grant rx driver.rx write\n"
	"grant rx virt_rx.rx read\n"
	"grant rx copier.in read\n"
	"region came 1M\n"
	"grant came copier.out write\n"
	"grant came client.rx write\n"
	"region goes 1M\n"
	"grant goes client.tx write\n"
	"grant goes driver.tx.0 read\n"
	"region keep 4K\n"
	"grant keep client.keep write\n"
	"ring f virt_rx.free driver.rx_free slots=512 carries=rx\n"
	"ring a driver.rx_active virt_rx.active slots=512 carries=rx answers=f\n"
	"ring c virt_rx.client_active.0 copier.in_active slots=512\n"
	"ring d copier.in_free virt_rx.client_free.0 slots=512 answers=c\n"
	"ring e copier.out_active client.rx_active slots=512\n"
	"ring g client.rx_free copier.out_free slots=512 answers=e\n"
	"ring h client.tx_active virt_tx.client_active.0 slots=512\n"
	"ring i virt_tx.client_free.0 client.tx_free slots=512 answers=h\n"
	"ring t virt_tx.active driver.tx_active slots=512\n"
	"ring u driver.tx_free virt_tx.free slots=512 answers=t\n";

static struct script_frame frame[FRAMES + 2];

int fuzz_begin(void)
{
	return script_begin(wiring);
}

int fuzz_end(void)
{
	return script_end();
}

/* Three bytes, then a frame: its length, and what is made right in it, so that more of
 * it is looked at.  Returns how much of the input it took. */
static size_t frame_of(struct script_frame *f, const uint8_t *data, size_t size)
{
	size_t n = (size_t)(data[0] | (data[1] & 7) << 8), left = size - PREFIX;
	unsigned kind = data[2];

	memset(f, 0, sizeof *f);
	n = n < left ? n : left;
	memcpy(f->bytes, data + PREFIX, n);
	f->length = (uint32_t)n;
	if (kind & 1)
		network_mac(&script.network, 0, f->bytes);
	if (kind & 2)
		f->bytes[12] = 8, f->bytes[13] = kind & 4 ? 6 : 0;
	if (kind & 8)
		frame_ip_sum(f);
	return PREFIX + n;
}

/* One datagram comes back as it was. */
static bool echo_is_well(void)
{
	static const char said[] = "all is well";
	bool well = false;

	frame_arp(&frame[0], 0, script.network.address - 1);
	frame_udp(&frame[1], 0, said, sizeof said);
	script_play(frame, 2);
	pthread_mutex_lock(&script_guard);
	for (uint32_t i = 0; i < script.sents && !well; i++)
		well = script.sent[i].length >= UDP_AT + sizeof said &&
		       memcmp(script.sent[i].bytes + UDP_AT, said, sizeof said) == 0;
	pthread_mutex_unlock(&script_guard);
	return well;
}

const char *fuzz_check(const uint8_t *data, size_t size)
{
	uint32_t n = 0, spares;

	while (size > PREFIX && n < FRAMES) {
		size_t took = frame_of(&frame[n++], data, size);

		data += took;
		size -= took;
	}
	script_play(frame, n);
	pthread_mutex_lock(&script_guard);
	spares = script.spares;
	pthread_mutex_unlock(&script_guard);
	if (spares != NET_BUFFERS)
		return "a buffer did not come back";
	if (!echo_is_well())
		return "the echo has ended";
	return script_error[0] ? script_error : NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	if (fuzz_begin() == 0)
		return 0;
	fprintf(stderr, "fuzz: %s\n", script_error);
	exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *wrong = fuzz_check(data, size);

	if (wrong) {
		fprintf(stderr, "fuzz: %s\n", wrong);
		abort();
	}
	return 0;
}
