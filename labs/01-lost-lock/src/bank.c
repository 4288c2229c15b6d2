/* SPDX-License-Identifier: BSD-2-Clause */
/* bank.c - the bank.
   @solution LAB-SECRET
   One lock for the accounts, so that a total falls between two transfers; one for the
   journal, which is never held when the first is taken.
   @starter */
//|    It works, as long as nobody else is there. */
/* @end */
#include <stdlib.h>

#include "bank.h"
/* @solution LAB-SECRET */
#include <pthread.h>

static pthread_mutex_t accounts_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t journal_lock = PTHREAD_MUTEX_INITIALIZER;
/* @starter */
/* @end */

struct journal {
	int entries;
	long amount[BANK_JOURNAL];
};

static long accounts[BANK_ACCOUNTS];
static struct journal *journal; /* made by the first entry */

/* @solution LAB-SECRET */
static void journal_write(long n)
{
	pthread_mutex_lock(&journal_lock);
	if (!journal)
		journal = calloc(1, sizeof(*journal));
	if (journal && journal->entries < BANK_JOURNAL)
		journal->amount[journal->entries++] = n;
	pthread_mutex_unlock(&journal_lock);
}

/* Moves n if there is that much: 0, or -1.  NULL is outside the bank. */
static int money_move(long *from, long *to, long n)
{
	pthread_mutex_lock(&accounts_lock);
	if (from && *from < n) {
		pthread_mutex_unlock(&accounts_lock);
		return -1;
	}
	if (from)
		*from -= n;
	if (to)
		*to += n;
	pthread_mutex_unlock(&accounts_lock);
	journal_write(n);
	return 0;
}

void bank_open(long each)
{
	for (unsigned i = 0; i < BANK_ACCOUNTS; i++)
		accounts[i] = each;
}

int bank_deposit(unsigned to, long n)
{
	return money_move(NULL, &accounts[to], n);
}

int bank_withdraw(unsigned from, long n)
{
	return money_move(&accounts[from], NULL, n);
}

int bank_transfer(unsigned from, unsigned to, long n)
{
	return money_move(&accounts[from], &accounts[to], n);
}

long bank_balance(unsigned account)
{
	pthread_mutex_lock(&accounts_lock);
	long balance = accounts[account];
	pthread_mutex_unlock(&accounts_lock);
	return balance;
}

long bank_total(void)
{
	long total = 0;
	pthread_mutex_lock(&accounts_lock);
	for (unsigned i = 0; i < BANK_ACCOUNTS; i++)
		total += accounts[i];
	pthread_mutex_unlock(&accounts_lock);
	return total;
}

int bank_entries(void)
{
	pthread_mutex_lock(&journal_lock);
	int entries = journal ? journal->entries : 0;
	pthread_mutex_unlock(&journal_lock);
	return entries;
}

long bank_entry(int number)
{
	pthread_mutex_lock(&journal_lock);
	long amount = journal && number >= 0 && number < journal->entries
			      ? journal->amount[number]
			      : 0;
	pthread_mutex_unlock(&journal_lock);
	return amount;
}
/* @starter */
//| static void journal_write(long n)
//| {
//| 	if (!journal)
//| 		journal = calloc(1, sizeof(*journal));
//| 	if (journal && journal->entries < BANK_JOURNAL)
//| 		journal->amount[journal->entries++] = n;
//| }
//|
//| /* Moves n if there is that much: 0, or -1.  NULL is outside the bank. */
//| static int money_move(long *from, long *to, long n)
//| {
//| 	if (from && *from < n)
//| 		return -1;
//| 	if (from)
//| 		*from -= n;
//| 	if (to)
//| 		*to += n;
//| 	journal_write(n);
//| 	return 0;
//| }
//|
//| void bank_open(long each)
//| {
//| 	for (unsigned i = 0; i < BANK_ACCOUNTS; i++)
//| 		accounts[i] = each;
//| }
//|
//| int bank_deposit(unsigned to, long n)
//| {
//| 	return money_move(NULL, &accounts[to], n);
//| }
//|
//| int bank_withdraw(unsigned from, long n)
//| {
//| 	return money_move(&accounts[from], NULL, n);
//| }
//|
//| int bank_transfer(unsigned from, unsigned to, long n)
//| {
//| 	return money_move(&accounts[from], &accounts[to], n);
//| }
//|
//| long bank_balance(unsigned account)
//| {
//| 	return accounts[account];
//| }
//|
//| long bank_total(void)
//| {
//| 	long total = 0;
//| 	for (unsigned i = 0; i < BANK_ACCOUNTS; i++)
//| 		total += accounts[i];
//| 	return total;
//| }
//|
//| int bank_entries(void)
//| {
//| 	return journal ? journal->entries : 0;
//| }
//|
//| long bank_entry(int number)
//| {
//| 	if (!journal || number < 0 || number >= journal->entries)
//| 		return 0;
//| 	return journal->amount[number];
//| }
/* @end */
