/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c - your test of a bank: `check 1`, `check 2` and `check 3` each let two
   threads do something and exit with 0 if the bank kept its promises (bank.h), or else
   with 1. It is run under every schedule with up to two switches, against a bank that
   is right, which must pass, and against banks with one fault each, which must fail in
   one of the three. */
#include <pthread.h>
#include <stdlib.h>

#include "bank.h"

/* What threads 1 and 2 do in a case, and what must be true when both are done. */
struct test_case {
	void (*first)(void), (*second)(void);
	int (*holds)(void);
};

/* @solution LAB-SECRET */
enum { EACH = 100 };

static int refused[2];
static long seen;

static void withdraw_first(void)
{
	refused[0] = bank_withdraw(0, 70) < 0;
}

static void withdraw_second(void)
{
	refused[1] = bank_withdraw(0, 60) < 0;
}

static int one_was_refused(void)
{
	return refused[0] + refused[1] == 1 &&
	       bank_balance(0) == EACH - (refused[0] ? 60 : 70) && bank_entries() == 1;
}

static void transfer(void)
{
	bank_transfer(0, 1, 30);
}

static void look(void)
{
	seen = bank_total();
}

static int nothing_was_lost(void)
{
	return seen == BANK_ACCOUNTS * EACH && bank_total() == seen;
}

static void deposit(void)
{
	bank_deposit(2, 5);
}

static void withdraw(void)
{
	bank_withdraw(2, 7);
}

static int both_were_done(void)
{
	return bank_balance(2) == EACH - 2 && bank_entries() == 2 &&
	       bank_entry(0) + bank_entry(1) == 12;
}

static const struct test_case cases[] = {
	{withdraw_first, withdraw_second, one_was_refused},
	{transfer, look, nothing_was_lost},
	{deposit, withdraw, both_were_done},
};
/* @starter */
//| enum { EACH = 100 };
//|
//| static void nothing(void)
//| {
//| }
//|
//| static int always(void)
//| {
//| 	return 1;
//| }
//|
//| static const struct test_case cases[] = {
//| 	{nothing, nothing, always},
//| 	{nothing, nothing, always},
//| 	{nothing, nothing, always},
//| };
/* @end */

static void *thread_run(void *function)
{
	(*(void (*const *)(void))function)();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[2];
	int number = argc > 1 ? atoi(argv[1]) : 1;
	struct test_case c = cases[number >= 1 && number <= 3 ? number - 1 : 0];
	bank_open(EACH);
	pthread_create(&thread[0], NULL, thread_run, &c.first);
	pthread_create(&thread[1], NULL, thread_run, &c.second);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return c.holds() ? 0 : 1;
}
