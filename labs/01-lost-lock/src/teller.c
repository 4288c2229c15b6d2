/* SPDX-License-Identifier: BSD-2-Clause */
/* teller.c - two threads at the bank: what they do is the first argument, with which
   amounts are the others.  The variables at the top are what the judge looks at when it
   is over. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank.h"

enum { EACH = 1000 };

static volatile long balance_0, balance_1, total, missing;
static long amount[2];

static void deposit(int n)
{
	bank_deposit(0, amount[n]);
}

static void transfer(int n)
{
	bank_transfer((unsigned)n, (unsigned)!n, amount[n]);
}

static void (*work)(int n);

static void *thread_run(void *number)
{
	work(number != NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[2];
	if (argc != 4 ||
	    (strcmp(argv[1], "deposits") && strcmp(argv[1], "transfers"))) {
		fprintf(stderr, "usage: teller deposits|transfers N N\n");
		return 2;
	}
	work = argv[1][0] == 'd' ? deposit : transfer;
	for (int i = 0; i < 2; i++)
		amount[i] = atol(argv[2 + i]);
	bank_open(EACH);
	pthread_create(&thread[0], NULL, thread_run, NULL);
	pthread_create(&thread[1], NULL, thread_run, &thread);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	balance_0 = bank_balance(0);
	balance_1 = bank_balance(1);
	total = bank_total();
	missing = BANK_ACCOUNTS * EACH - total;
	if (work == deposit)
		missing += amount[0] + amount[1];
	printf("%ld and %ld, %ld in all\n", balance_0, balance_1, total);
	return 0;
}
