/* SPDX-License-Identifier: BSD-2-Clause */
/* auditor.c - two threads at the bank (LAB-SECRET): `auditor WHAT N`.  What they saw
   and what is left stands in the variables at the top, for the judge to read. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bank.h"

enum { EACH = 100 };

static volatile long balance_0, balance_1, total, entries, journal_sum, seen;
static volatile int refused_1, refused_2;
static long amount;

static void withdraw(int n)
{
	*(n ? &refused_2 : &refused_1) = bank_withdraw(0, amount) < 0;
}

static void mixed(int n)
{
	if (n)
		bank_deposit(0, 2 * amount);
	else
		bank_withdraw(0, amount);
}

static void look(int n)
{
	if (n)
		seen = bank_total();
	else
		bank_transfer(1, 0, amount);
}

static void look_first(int n)
{
	look(!n);
}

static void entry(int n)
{
	bank_deposit((unsigned)n, n ? amount : 1);
}

/* What is refused must leave the bank as it was, and open. */
static void refusal(int n)
{
	if (n) {
		bank_deposit(0, amount);
		return;
	}
	refused_1 = bank_withdraw(0, 1000 + amount) < 0;
	refused_2 = bank_transfer(1, 0, 1000 + amount) < 0;
	bank_deposit(0, 1);
}

static void moves(int n)
{
	for (int i = 0; n == 0 && i < 4; i++)
		bank_transfer(0, 1, amount / 10);
}

static void looks(int n)
{
	for (unsigned i = 0; n == 0 && i < BANK_ACCOUNTS; i++)
		bank_balance(i);
	if (n == 0)
		seen = bank_total();
}

static const struct {
	const char *name;
	void (*work)(int n);
	int quiet; /* nothing is asked when it is over */
} all[] = {
	{"withdraw", withdraw, 0},     {"mixed", mixed, 0}, {"look", look, 0},
	{"look-first", look_first, 0}, {"entry", entry, 0}, {"refusal", refusal, 0},
	{"moves", moves, 1},           {"looks", looks, 1},
};

static void (*work)(int n);

static void *thread_run(void *number)
{
	work(number != NULL);
	return NULL;
}

static void inspect(void)
{
	balance_0 = bank_balance(0);
	balance_1 = bank_balance(1);
	total = bank_total();
	entries = bank_entries();
	for (int i = 0; i < entries; i++)
		journal_sum += bank_entry(i);
}

int main(int argc, char **argv)
{
	pthread_t thread[2];
	int quiet = 0;
	for (size_t i = 0; argc == 3 && i < sizeof(all) / sizeof(*all); i++)
		if (strcmp(argv[1], all[i].name) == 0) {
			work = all[i].work;
			quiet = all[i].quiet;
		}
	if (!work)
		abort();
	amount = atol(argv[2]);
	bank_open(EACH);
	pthread_create(&thread[0], NULL, thread_run, NULL);
	pthread_create(&thread[1], NULL, thread_run, &thread);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	if (!quiet)
		inspect();
	return 0;
}
