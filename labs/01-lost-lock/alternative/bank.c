/* SPDX-License-Identifier: BSD-2-Clause */
/* bank.c - the bank with a lock for each account, taken in the order of the accounts,
   and a journal behind a flag that is spun on (LAB-SECRET). */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bank.h"

struct account {
	pthread_mutex_t lock;
	long balance;
};

struct journal {
	int entries;
	long amount[BANK_JOURNAL];
};

static struct account accounts[BANK_ACCOUNTS];
static struct journal *journal;
static atomic_flag journal_taken = ATOMIC_FLAG_INIT;
static pthread_once_t journal_once = PTHREAD_ONCE_INIT;

static void journal_make(void)
{
	journal = calloc(1, sizeof(*journal));
}

static void journal_lock(void)
{
	pthread_once(&journal_once, journal_make);
	while (atomic_flag_test_and_set(&journal_taken))
		sched_yield();
}

static void journal_unlock(void)
{
	atomic_flag_clear(&journal_taken);
}

static void journal_write(long n)
{
	journal_lock();
	if (journal && journal->entries < BANK_JOURNAL)
		journal->amount[journal->entries++] = n;
	journal_unlock();
}

void bank_open(long each)
{
	for (unsigned i = 0; i < BANK_ACCOUNTS; i++) {
		pthread_mutex_init(&accounts[i].lock, NULL);
		accounts[i].balance = each;
	}
}

int bank_deposit(unsigned to, long n)
{
	pthread_mutex_lock(&accounts[to].lock);
	accounts[to].balance += n;
	pthread_mutex_unlock(&accounts[to].lock);
	journal_write(n);
	return 0;
}

int bank_withdraw(unsigned from, long n)
{
	struct account *a = &accounts[from];
	pthread_mutex_lock(&a->lock);
	int enough = a->balance >= n;
	if (enough)
		a->balance -= n;
	pthread_mutex_unlock(&a->lock);
	if (enough)
		journal_write(n);
	return enough ? 0 : -1;
}

int bank_transfer(unsigned from, unsigned to, long n)
{
	unsigned low = from < to ? from : to, high = from < to ? to : from;
	pthread_mutex_lock(&accounts[low].lock);
	if (high != low)
		pthread_mutex_lock(&accounts[high].lock);
	int enough = accounts[from].balance >= n;
	if (enough) {
		accounts[from].balance -= n;
		accounts[to].balance += n;
	}
	if (high != low)
		pthread_mutex_unlock(&accounts[high].lock);
	pthread_mutex_unlock(&accounts[low].lock);
	if (enough)
		journal_write(n);
	return enough ? 0 : -1;
}

long bank_balance(unsigned account)
{
	pthread_mutex_lock(&accounts[account].lock);
	long balance = accounts[account].balance;
	pthread_mutex_unlock(&accounts[account].lock);
	return balance;
}

/* With all locks held at once, or money on its way would be seen twice or not at all.
 */
long bank_total(void)
{
	long total = 0;
	for (unsigned i = 0; i < BANK_ACCOUNTS; i++) {
		pthread_mutex_lock(&accounts[i].lock);
		total += accounts[i].balance;
	}
	for (unsigned i = 0; i < BANK_ACCOUNTS; i++)
		pthread_mutex_unlock(&accounts[i].lock);
	return total;
}

int bank_entries(void)
{
	journal_lock();
	int entries = journal ? journal->entries : 0;
	journal_unlock();
	return entries;
}

long bank_entry(int number)
{
	journal_lock();
	long amount = 0;
	if (journal && number >= 0 && number < journal->entries)
		amount = journal->amount[number];
	journal_unlock();
	return amount;
}
