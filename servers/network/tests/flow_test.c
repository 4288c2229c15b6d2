/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_test.c - the modules between a scripted driver, lwIP, and two rogues, one behind
 * a copier (client 1) and one on the driver's own region (client 2): who gets which
 * frame, what is dropped and counted, and that every buffer comes back. */
#include "config.h"

#include "frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char wiring[] =
	"placement one\n"
	"module virt_tx virt_tx priority=9\n"
	"module client client priority=8\n"
	"module rogue1 rogue rogue=0 priority=8\n"
	"module rogue2 rogue rogue=1 priority=8\n"
	"module copier0 copier priority=7\n"
	"module copier1 copier priority=7\n"
	"module virt_rx virt_rx priority=6\n"
	"module driver driver\n"
	"region rx 1M buffer=2K\n"
	"region came0 1M\n"
	"region came1 1M\n"
	"region goes0 1M\n"
	"region goes1 1M\n"
	"region goes2 1M\n"
	"region keep 4K\n"
	"grant rx driver.rx write\n"
	"grant rx virt_rx.rx read\n"
	"grant rx copier0.in read\n"
	"grant rx copier1.in read\n"
	"grant rx rogue2.rx write\n"
	"grant came0 copier0.out write\n"
	"grant came0 client.rx write\n"
	"grant came1 copier1.out write\n"
	"grant came1 rogue1.rx write\n"
	"grant goes0 client.tx write\n"
	"grant goes0 driver.tx.0 read\n"
	"grant goes1 rogue1.tx write\n"
	"grant goes1 driver.tx.1 read\n"
	"grant goes2 rogue2.tx write\n"
	"grant goes2 driver.tx.2 read\n"
	"grant keep client.keep write\n"
	"ring f virt_rx.free driver.rx_free slots=512 carries=rx\n"
	"ring a driver.rx_active virt_rx.active slots=512 carries=rx answers=f\n"
	"ring c0 virt_rx.client_active.0 copier0.in_active slots=512\n"
	"ring d0 copier0.in_free virt_rx.client_free.0 slots=512 answers=c0\n"
	"ring c1 virt_rx.client_active.1 copier1.in_active slots=512\n"
	"ring d1 copier1.in_free virt_rx.client_free.1 slots=512 answers=c1\n"
	"ring c2 virt_rx.client_active.2 rogue2.rx_active slots=512\n"
	"ring d2 rogue2.rx_free virt_rx.client_free.2 slots=512 answers=c2\n"
	"ring e0 copier0.out_active client.rx_active slots=512\n"
	"ring g0 client.rx_free copier0.out_free slots=512 answers=e0\n"
	"ring e1 copier1.out_active rogue1.rx_active slots=512\n"
	"ring g1 rogue1.rx_free copier1.out_free slots=512 answers=e1\n"
	"ring h0 client.tx_active virt_tx.client_active.0 slots=512\n"
	"ring i0 virt_tx.client_free.0 client.tx_free slots=512 answers=h0\n"
	"ring h1 rogue1.tx_active virt_tx.client_active.1 slots=512\n"
	"ring i1 virt_tx.client_free.1 rogue1.tx_free slots=512 answers=h1\n"
	"ring h2 rogue2.tx_active virt_tx.client_active.2 slots=512\n"
	"ring i2 virt_tx.client_free.2 rogue2.tx_free slots=512 answers=h2\n"
	"ring t virt_tx.active driver.tx_active slots=512\n"
	"ring u driver.tx_free virt_tx.free slots=512 answers=t\n"
	"channel p0 driver.poke.0 rogue1.poke\n"
	"channel p1 driver.poke.1 rogue2.poke\n";

enum { COPIED, DIRECT, MANY = 2000 };

static struct script_frame frame[MANY];

/* What was said wrongly, or is nobody's, since last asked. */
static uint64_t counted(unsigned which)
{
	static uint64_t before[NET_COUNTERS];
	uint64_t n = script_counter(which) - before[which];

	before[which] += n;
	return n;
}

static int begin(void **state)
{
	(void)state;
	return script_begin(wiring);
}

static int end(void **state)
{
	(void)state;
	return script_end();
}

/* lwIP answers one datagram with the same bytes, and no buffer is missing. */
static void echo_is_well(void)
{
	static const char said[] = "all is well";
	const uint32_t at = NET_HEADER + IP_HEADER + UDP_HEADER;

	frame_arp(&frame[0], 0, script.network.address - 1);
	frame_udp(&frame[1], 0, said, sizeof said);
	assert_int_equal(script_play(frame, 2), 2);
	assert_memory_equal(script.sent[1].bytes, frame_neighbour, NET_MAC);
	assert_memory_equal(script.sent[1].bytes + at, said, sizeof said);
	assert_int_equal(script.spares, NET_BUFFERS);
}

static void who_has_it_is_answered(void **state)
{
	(void)state;
	frame_arp(&frame[0], 0, script.network.address - 1);
	frame_arp(&frame[1], 5, script.network.address - 1); /* nobody */
	assert_int_equal(script_play(frame, 2), 1);
	assert_memory_equal(script.sent[0].bytes, frame_neighbour, NET_MAC);
	assert_memory_equal(script.sent[0].bytes + NET_HEADER + 8, script.network.mac,
			    NET_MAC);
}

static void bytes_come_back(void **state)
{
	unsigned char bytes[1472];
	const uint32_t at = NET_HEADER + IP_HEADER + UDP_HEADER;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 7);
	echo_is_well();
	for (uint16_t n = 0; n <= sizeof bytes; n = (uint16_t)(n + 64)) {
		frame_udp(&frame[0], 0, bytes, n);
		assert_int_equal(script_play(frame, 1), 1);
		assert_true(script.sent[0].length >= at + n);
		assert_memory_equal(script.sent[0].bytes + at, bytes, n);
	}
}

/* XDP's frames begin 256 bytes into their buffers. */
static void frames_begin_anywhere(void **state)
{
	(void)state;
	script.head = 256;
	echo_is_well();
	script.head = 0;
}

static void each_gets_its_own(void **state)
{
	uint64_t copied = script.rogue[COPIED].got, direct = script.rogue[DIRECT].got;

	(void)state;
	counted(NET_DROPS_NOBODYS);
	for (int i = 0; i < 300; i++)
		frame_udp(&frame[i], 1 + i % 3, &i, sizeof i); /* 3 is nobody */
	assert_int_equal(script_play(frame, 300), 0);
	assert_int_equal(script.rogue[COPIED].got - copied, 100);
	assert_int_equal(script.rogue[DIRECT].got - direct, 100);
	assert_memory_equal(script.rogue[COPIED].last.bytes, frame[297].bytes,
			    frame[297].length);
	assert_int_equal(script.rogue[DIRECT].last.length, frame[298].length);
	assert_int_equal(counted(NET_DROPS_NOBODYS), 100);
	assert_int_equal(script.spares, NET_BUFFERS);
}

static void all_get_a_broadcast(void **state)
{
	uint64_t copied = script.rogue[COPIED].got, direct = script.rogue[DIRECT].got;

	(void)state;
	for (int i = 0; i < MANY; i++)
		frame_begin(&frame[i], -1, 0x9000);
	assert_int_equal(script_play(frame, MANY), 0);
	assert_int_equal(script.rogue[COPIED].got - copied, MANY);
	assert_int_equal(script.rogue[DIRECT].got - direct, MANY);
	assert_int_equal(script.spares, NET_BUFFERS);
	echo_is_well();
}

/* One holds its share of the driver's buffers and no more; behind a copier a region of
 * its own beside that. */
static void one_that_is_stuck_hurts_itself(void **state)
{
	const uint32_t share = NET_BUFFERS / 3;

	(void)state;
	counted(NET_DROPS_CLIENT_FULL);
	for (unsigned rogue = 0; rogue < SCRIPT_ROGUES; rogue++) {
		uint64_t got = script.rogue[rogue].got;
		uint32_t room = share + (rogue == COPIED ? NET_BUFFERS : 0);

		script.rogue[rogue].stuck = true;
		for (int i = 0; i < MANY; i++)
			frame_udp(&frame[i], 1 + (int)rogue, &i, sizeof i);
		script_play(frame, MANY);
		assert_int_equal(counted(NET_DROPS_CLIENT_FULL), MANY - room);
		assert_int_equal(script.spares, NET_BUFFERS - share);
		frame_udp(&frame[0], 0, "x", 1);
		for (int i = 0; i < MANY; i++)
			frame[i] = frame[0];
		assert_int_equal(script_play(frame, MANY), MANY);
		for (int i = 0; i < 200; i++)
			frame_begin(&frame[i], -1, 0x9000);
		script_play(frame, 200); /* a broadcast it has no room for */
		assert_int_equal(script.spares, NET_BUFFERS - share);
		counted(NET_DROPS_CLIENT_FULL);
		script.rogue[rogue].stuck = false;
		script_play(NULL, 0);
		assert_int_equal(script.rogue[rogue].got - got, room);
		echo_is_well();
	}
}

static void lies_are_their_own_loss(void **state)
{
	(void)state;
	counted(NET_DROPS_MALFORMED);
	for (unsigned rogue = 0; rogue < SCRIPT_ROGUES; rogue++) {
		script.rogue[rogue].lies = 400;
		assert_int_equal(script_play(NULL, 0), 0);
		assert_int_equal(counted(NET_DROPS_MALFORMED), 800);
		echo_is_well();
	}
	each_gets_its_own(state);
}

static void runts_are_dropped(void **state)
{
	(void)state;
	counted(NET_DROPS_MALFORMED);
	for (uint32_t i = 0; i < NET_HEADER; i++) {
		frame_udp(&frame[i], 0, "", 0);
		frame[i].length = i;
	}
	assert_int_equal(script_play(frame, NET_HEADER), 0);
	assert_int_equal(counted(NET_DROPS_MALFORMED), NET_HEADER);
	echo_is_well();
}

/* Of a driver that can have longer ones, Ethernet's longest comes and no other. */
static void giants_are_dropped(void **state)
{
	unsigned char bytes[1473] = {0};

	(void)state;
	echo_is_well();
	counted(NET_DROPS_MALFORMED);
	frame_udp(&frame[0], 0, bytes, sizeof bytes - 1);
	frame_udp(&frame[1], 0, bytes, sizeof bytes);
	frame_udp(&frame[2], 0, bytes, 0);
	frame[2].length = NET_BUFFER_BYTES;
	assert_int_equal(script_play(frame, 3), 1);
	assert_int_equal(script.sent[0].length, NET_FRAME_MOST);
	assert_int_equal(counted(NET_DROPS_MALFORMED), 2);
	echo_is_well();
}

/* A datagram cut short anywhere, and one whose header says any length. */
static void truncated_packets_are_dropped(void **state)
{
	uint32_t whole, n = 0;

	(void)state;
	frame_udp(&frame[0], 0, "sixteen bytes...", 16);
	whole = frame[0].length;
	for (uint32_t length = NET_HEADER; length < whole; length++) {
		frame[n] = frame[0];
		frame[n++].length = length;
	}
	frame_udp(&frame[0], 0, "sixteen bytes...", 16);
	frame[0].length = NET_HEADER;
	assert_int_equal(script_play(frame, n), 0);
	n = 0;
	for (uint32_t length = whole - NET_HEADER + 1; length < 1000; length++) {
		frame_udp(&frame[n], 0, "sixteen bytes...", 16);
		frame[n].bytes[FRAME_IP_LENGTH] = (unsigned char)(length >> 8);
		frame[n].bytes[FRAME_IP_LENGTH + 1] = (unsigned char)length;
		frame_ip_sum(&frame[n++]);
	}
	assert_int_equal(script_play(frame, n), 0);
	echo_is_well();
}

/* Header lengths, versions, checksums, all bytes of the header changed one by one. */
static void spoilt_headers_do_no_harm(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < IP_HEADER + UDP_HEADER; i++)
		for (uint32_t bit = 0; bit < 8; bit++) {
			uint32_t n = i * 8 + bit;

			frame_udp(&frame[n], 0, "sixteen bytes...", 16);
			frame[n].bytes[NET_HEADER + i] ^= (unsigned char)(1U << bit);
			if (i < IP_HEADER && i != 10 && i != 11)
				frame_ip_sum(&frame[n]);
		}
	script_play(frame, (IP_HEADER + UDP_HEADER) * 8);
	echo_is_well();
}

/* Of what was sent, pieces of datagrams: not ICMP's word on fragments long gone. */
static int datagrams_sent(void)
{
	int n = 0;

	for (uint32_t i = 0; i < script.sents; i++)
		n += script.sent[i].bytes[NET_HEADER + 9] == 17;
	return n;
}

/* 8,000 bytes in six pieces come back in six, in whatever order they came. */
static void fragments_are_joined(void **state)
{
	enum { PIECE = 1480, PIECES = 6, BYTES = 8000 + UDP_HEADER };
	unsigned char *udp = frame[0].bytes + NET_HEADER + IP_HEADER;

	(void)state;
	echo_is_well();
	for (int reverse = 0; reverse < 2; reverse++) {
		for (int i = 0; i < PIECES; i++) {
			int left = BYTES - i * PIECE;

			frame_fragment(&frame[i], 0, (uint16_t)(77 + reverse),
				       (uint16_t)(i * PIECE / 8), left > PIECE,
				       (uint16_t)(left > PIECE ? PIECE : left), 'x');
		}
		memset(udp, 0, UDP_HEADER);
		udp[0] = 15, udp[2] = 4, udp[3] = 211; /* 1235 */
		udp[4] = BYTES >> 8, udp[5] = BYTES & 0xff;
		for (int i = 0; reverse && i < PIECES / 2; i++) {
			struct script_frame swapped = frame[i];

			frame[i] = frame[PIECES - 1 - i];
			frame[PIECES - 1 - i] = swapped;
		}
		script_play(frame, PIECES);
		assert_int_equal(datagrams_sent(), PIECES);
	}
	assert_int_equal(script.spares, NET_BUFFERS);
}

/* Pieces of nothing whole: too many, over each other, beyond the end of any packet.
 * lwIP keeps ten buffers for them at most. */
static void fragments_of_nothing_do_no_harm(void **state)
{
	(void)state;
	for (int i = 0; i < MANY; i++)
		frame_fragment(&frame[i], 0, (uint16_t)(i / 3),
			       (uint16_t)(i % 7 ? i % 3 * 90 : 8191 - i % 5), i % 3 < 2,
			       (uint16_t)(i % 2 ? 1480 : i % 64), 'y');
	script_play(frame, MANY);
	for (int i = 0; i < 20; i++) /* of two, lwIP lets go of the older */
		frame_fragment(&frame[i], 0, (uint16_t)(9000 + i), 0, true, 1480, 'z');
	script_play(frame, 20);
	echo_is_well();
}

static void floods_are_survived(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		frame_arp(&frame[i], (int)(i % 7), 10U << 24 | 99U << 16 | i);
	script_play(frame, MANY);
	for (int i = 0; i < MANY; i++) { /* answers that nobody asked for */
		frame_arp(&frame[i], 0, 10U << 24 | 99U << 16 | (unsigned)i);
		frame[i].bytes[NET_HEADER + 7] = 2;
	}
	script_play(frame, MANY);
	echo_is_well();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_it_is_answered),
		cmocka_unit_test(bytes_come_back),
		cmocka_unit_test(frames_begin_anywhere),
		cmocka_unit_test(each_gets_its_own),
		cmocka_unit_test(all_get_a_broadcast),
		cmocka_unit_test(one_that_is_stuck_hurts_itself),
		cmocka_unit_test(lies_are_their_own_loss),
		cmocka_unit_test(runts_are_dropped),
		cmocka_unit_test(giants_are_dropped),
		cmocka_unit_test(truncated_packets_are_dropped),
		cmocka_unit_test(spoilt_headers_do_no_harm),
		cmocka_unit_test(fragments_are_joined),
		cmocka_unit_test(floods_are_survived),
		cmocka_unit_test(fragments_of_nothing_do_no_harm),
	};

	return cmocka_run_group_tests_name("network", tests, begin, end);
}
