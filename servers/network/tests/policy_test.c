/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_test.c - two clients want to send more than the driver takes: who is next is
 * one word in the graph. */
#include "config.h"

#include "script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char wiring[] =
	"placement one\n"
	"module virt_tx %s priority=5\n"
	"module rogue1 rogue rogue=0 priority=9\n"
	"module rogue2 rogue rogue=1 priority=9\n"
	"module virt_rx virt_rx priority=3\n"
	"module driver driver\n"
	"region rx 1M buffer=2K\n"
	"region goes0 1M\n"
	"region goes1 1M\n"
	"grant rx driver.rx write\n"
	"grant rx virt_rx.rx read\n"
	"grant rx rogue1.rx write\n"
	"grant rx rogue2.rx write\n"
	"grant goes0 rogue1.tx write\n"
	"grant goes0 driver.tx.0 read\n"
	"grant goes1 rogue2.tx write\n"
	"grant goes1 driver.tx.1 read\n"
	"ring f virt_rx.free driver.rx_free slots=512 carries=rx\n"
	"ring a driver.rx_active virt_rx.active slots=512 carries=rx answers=f\n"
	"ring c0 virt_rx.client_active.0 rogue1.rx_active slots=512\n"
	"ring d0 rogue1.rx_free virt_rx.client_free.0 slots=512 answers=c0\n"
	"ring c1 virt_rx.client_active.1 rogue2.rx_active slots=512\n"
	"ring d1 rogue2.rx_free virt_rx.client_free.1 slots=512 answers=c1\n"
	"ring h0 rogue1.tx_active virt_tx.client_active.0 slots=512\n"
	"ring i0 virt_tx.client_free.0 rogue1.tx_free slots=512 answers=h0\n"
	"ring h1 rogue2.tx_active virt_tx.client_active.1 slots=512\n"
	"ring i1 virt_tx.client_free.1 rogue2.tx_free slots=512 answers=h1\n"
	"ring t virt_tx.active driver.tx_active slots=%d\n"
	"ring u driver.tx_free virt_tx.free slots=%d answers=t\n"
	"channel p0 driver.poke.0 rogue1.poke\n"
	"channel p1 driver.poke.1 rogue2.poke\n";

enum { EACH = 200, SLOTS = 32 };

/* Both have so many to send while the device takes none, beyond its ring: then it does.
 * How many of the first `n` were the first client's? */
static int first_clients(const char *policy, int slots, int n)
{
	char text[sizeof wiring + 32];
	int first = 0;

	snprintf(text, sizeof text, wiring, policy, slots, slots);
	assert_int_equal(script_begin(text), 0);
	script.holds = true;
	script.rogue[0].send = script.rogue[1].send = EACH;
	assert_int_equal(script_play(NULL, 0), 0);
	script.holds = false;
	assert_int_equal(script_play(NULL, 0), 2 * EACH);
	assert_int_equal(script.rogue[0].held, NET_BUFFERS);
	assert_int_equal(script.rogue[1].held, NET_BUFFERS);
	for (int i = 0; i < n; i++)
		first += script.sent[i].bytes[NET_HEADER] == 0;
	assert_int_equal(script_end(), 0);
	return first;
}

static void in_turn_all_have_half(void **state)
{
	int first = first_clients("virt_tx", SLOTS, EACH);

	(void)state;
	/* of one quantum more than the other in the middle of a round */
	assert_in_range(first, EACH / 2 - 32, EACH / 2 + 32);
}

/* Where there is room for one quantum at a time it is another's each time. */
static void in_turn_who_begins_takes_turns(void **state)
{
	(void)state;
	assert_in_range(first_clients("virt_tx", 16, EACH), EACH / 2 - 32,
			EACH / 2 + 32);
}

/* Where there is room for all, none has more than a quantum of it at a time. */
static void in_turn_none_has_all_the_room(void **state)
{
	(void)state;
	assert_in_range(first_clients("virt_tx", NET_BUFFERS, 64), 16, 48);
}

static void with_priority_the_first_has_all(void **state)
{
	(void)state;
	/* but for those in the driver's ring before it came */
	assert_in_range(first_clients("virt_tx_priority", SLOTS, EACH), EACH - SLOTS,
			EACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_turn_all_have_half),
		cmocka_unit_test(in_turn_who_begins_takes_turns),
		cmocka_unit_test(in_turn_none_has_all_the_room),
		cmocka_unit_test(with_priority_the_first_has_all),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
