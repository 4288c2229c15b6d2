/* SPDX-License-Identifier: BSD-2-Clause */
/* bank.h - a bank: four accounts and a journal.  bank_open() is called once, by one
   thread; all else by any thread at any time.  What each call promises is written here:
   it holds whatever other threads do meanwhile. */
#ifndef BANK_H
#define BANK_H

enum { BANK_ACCOUNTS = 4, BANK_JOURNAL = 64 };

/* Every account has this much. */
void bank_open(long each);

/* The account has n more: 0. */
int bank_deposit(unsigned to, long n);

/* The account has n less: 0; or -1 if it holds less than n, and nothing changes.  No
   account is ever below zero. */
int bank_withdraw(unsigned from, long n);

/* n goes from one account to another: 0; or -1 as above.  The two may be the same. */
int bank_transfer(unsigned from, unsigned to, long n);

/* What an account holds; what all hold together, between two calls and not during one:
   money on its way from one account to another is not lost. */
long bank_balance(unsigned account);
long bank_total(void);

/* The journal has one entry for each deposit, withdrawal or transfer that was done, up
   to BANK_JOURNAL of them: how many, and the amount of one. */
int bank_entries(void);
long bank_entry(int number);

#endif
