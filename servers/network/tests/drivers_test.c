/* SPDX-License-Identifier: BSD-2-Clause */
/* drivers_test.c - each driver's way to its device by itself, on the wires of
 * drivers.sh: what comes is what was sent, byte for byte, a VLAN's tag and all; what is
 * too long keeps nobody; an MTU that cannot be is told. */
#include "config.h"

#include "servers/network/driver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	LIFE_S = 120,
	TRIES = 500,
	TRY_MS = 20,
	VLAN = 0x8100,    /* IEEE 802.1Q */
	SERVICE = 0x88a8, /* IEEE 802.1ad */
	TAG_BYTES = 4
};

static struct network network;
static struct module module = {.program = &network};
static struct driver driver;
static char cannot[128]; /* the last that could not be */

/* In the place of driver.c's, which needs a graph. */
int driver_cannot(struct driver *d, const char *what, int error)
{
	(void)d;
	snprintf(cannot, sizeof cannot, "%s", what);
	return -error;
}

int driver_interface(struct driver *d, const char *name)
{
	d->index = (int)if_nametoindex(name);
	return d->index ? 0 : -errno;
}

static uint64_t malformed(void)
{
	return counter_read(network.counters, COUNTERS + NET_DROPS_MALFORMED);
}

/* A driver that has all buffers, and no device yet. */
static void driver_make(const struct driver_way *way, const char *interface)
{
	network.interface = interface;
	network.counters = counters_map(NULL);
	assert_non_null(network.counters);
	driver = (struct driver){.module = &module, .fd = -1};
	driver.rx = mmap(NULL, NET_REGION_BYTES, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(driver.rx != MAP_FAILED);
	driver.own = calloc(1, way->own_bytes + 1);
	assert_non_null(driver.own);
	while (driver.spares < NET_BUFFERS) {
		driver.spare[driver.spares] = driver.spares * NET_BUFFER_BYTES;
		driver.spares++;
	}
}

static void driver_end(void)
{
	close(driver.fd);
	free(driver.own);
}

/* Frames go into the other end of the wire by this. */
static int wire_open(const char *interface)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)if_nametoindex(interface)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* it receives none */

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* No two begin with the same addresses. */
static void frame_make(unsigned char *frame, size_t bytes, int tag_kind, uint16_t tag)
{
	static unsigned char number;
	const uint16_t words[] = {htons((uint16_t)tag_kind), htons(tag)};

	for (size_t i = 0; i < bytes; i++)
		frame[i] = (unsigned char)(i * 5 + 1);
	memcpy(frame, (unsigned char[]){2, 0, 0, 0, 0, 1, 2, 0, 0, 1, 0, ++number}, 12);
	frame[2 * NET_MAC] = 0x90; /* a kind of nobody's (0x9000, loopback) */
	frame[2 * NET_MAC + 1] = 0;
	if (!tag_kind)
		return;
	memmove(frame + 2 * NET_MAC + TAG_BYTES, frame + 2 * NET_MAC,
		bytes - 2 * NET_MAC - TAG_BYTES);
	memcpy(frame + 2 * NET_MAC, words, TAG_BYTES);
}

/* Has this frame come, as it was?  What the other end says of itself goes by. */
static bool frame_came(const struct driver_way *way, const unsigned char *frame,
		       size_t bytes)
{
	struct ring_item items[NET_BATCH];
	uint32_t n = way->receive(&driver, items, NET_BATCH);
	bool came = false;

	for (uint32_t i = 0; i < n; i++) {
		const unsigned char *at =
			driver.rx + items[i].offset + frame_head(&items[i]);

		driver.spare[driver.spares++] = items[i].offset;
		if (memcmp(at, frame, 2 * NET_MAC) != 0)
			continue;
		assert_int_equal(items[i].length, bytes);
		assert_memory_equal(at, frame, bytes);
		came = true;
	}
	return came;
}

/* A device may need a moment before it carries. */
static void frame_arrives(const struct driver_way *way, int wire, size_t bytes,
			  int tag_kind, uint16_t tag)
{
	unsigned char frame[NET_FRAME_MOST];
	struct pollfd ready = {.fd = driver.fd, .events = POLLIN};

	frame_make(frame, bytes, tag_kind, tag);
	for (int i = 0; i < TRIES; i++) {
		if (i % 10 == 0 && send(wire, frame, bytes, 0) < 0)
			print_message("# send: %s\n", strerror(errno));
		poll(&ready, 1, TRY_MS);
		if (frame_came(way, frame, bytes))
			return;
	}
	fail_msg("%s: a frame of %zu bytes does not come", way->name, bytes);
}

/* All drivers tell what was on the wire. */
static void frames_arrive(const struct driver_way *way, const char *interface,
			  const char *other)
{
	int wire = wire_open(other);

	driver_make(way, interface);
	if (way->open(&driver) < 0) { /* XDP needs more than a namespace's root is */
		assert_true(way == &xdp_way && geteuid() == 0);
		print_message("# %s: cannot %s %s\n", way->name, cannot, interface);
	} else {
		frame_arrives(way, wire, 60, 0, 0);
		frame_arrives(way, wire, NET_HEADER, 0, 0);
		frame_arrives(way, wire, NET_FRAME_MOST, 0, 0);
		frame_arrives(way, wire, 64, VLAN, 7);
		frame_arrives(way, wire, 64, VLAN, 5 << 13); /* a priority alone */
		frame_arrives(way, wire, NET_FRAME_MOST, VLAN, 3 << 13 | 0xffe);
		frame_arrives(way, wire, 100, SERVICE, 8);
		frame_arrives(way, wire, 60, 0, 0);
		assert_int_equal(malformed(), 0);
	}
	driver_end();
	close(wire);
}

static void packet_tells_what_came(void **state)
{
	(void)state;
	frames_arrive(&packet_way, "wired", "wire");
}

static void xdp_tells_what_came(void **state)
{
	(void)state;
	frames_arrive(&xdp_way, "wired", "wire");
}

static void tap_tells_what_came(void **state)
{
	(void)state;
	frames_arrive(&tap_way, "tapped", "tapped");
}

/* A device that has one after the other, all too long, for ever. */
static void tap_has_a_turn(void **state)
{
	struct ring_item items[NET_BATCH];

	(void)state;
	driver_make(&tap_way, "zero");
	driver.fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	assert_true(driver.fd >= 0);
	assert_int_equal(tap_way.receive(&driver, items, NET_BATCH), 0);
	assert_int_equal(malformed(), NET_BATCH);
	assert_int_equal(driver.spares, NET_BUFFERS);
	driver_end();
}

/* How many the kernel has put into the ring since it was last asked. */
static uint32_t packets_came(void)
{
	struct tpacket_stats stats = {0};
	socklen_t size = sizeof stats;

	assert_int_equal(
		getsockopt(driver.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size), 0);
	return stats.tp_packets;
}

static void packet_has_a_turn(void **state)
{
	enum { MANY = 5 * NET_BATCH, LONG = 3000 };
	int wire = wire_open("vast");
	struct ring_item items[NET_BATCH];
	unsigned char frame[LONG];
	uint32_t there = 0;

	(void)state;
	driver_make(&packet_way, "vaster");
	assert_int_equal(packet_way.open(&driver), 0);
	frame_make(frame, sizeof frame, 0, 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(send(wire, frame, sizeof frame, 0), sizeof frame);
	for (int i = 0; i < TRIES && there < MANY; i++) {
		there += packets_came();
		poll(NULL, 0, TRY_MS);
	}
	assert_true(there >= MANY);
	assert_int_equal(packet_way.receive(&driver, items, NET_BATCH) + malformed(),
			 NET_BATCH);
	driver_end();
	close(wire);
}

static void mtu_is_told(void **state)
{
	(void)state;
	driver_make(&xdp_way, "vaster");
	assert_int_equal(xdp_way.open(&driver), -ERANGE);
	assert_string_equal(
		cannot, "use XDP with an MTU of 9000 (at most 1500, at both ends) on");
	driver_end();
	driver_make(&xdp_way, "vast-short"); /* with vast's MTU at its other end */
	if (xdp_way.open(&driver) == -EPERM)
		print_message("# XDP is not permitted here\n");
	else
		assert_string_equal(
			cannot,
			"use XDP with an MTU of 1500 (at most 1500, at both ends) on");
	driver_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_tells_what_came),
		cmocka_unit_test(tap_tells_what_came),
		cmocka_unit_test(xdp_tells_what_came),
		cmocka_unit_test(tap_has_a_turn),
		cmocka_unit_test(packet_has_a_turn),
		cmocka_unit_test(mtu_is_told),
	};

	alarm(LIFE_S);
	return cmocka_run_group_tests_name("drivers", tests, NULL, NULL);
}
