/* SPDX-License-Identifier: BSD-2-Clause */
/* doorbell.pml - a ring and its doorbell (../ring.h, ../doorbell.c) on processors whose
 * stores wait in a buffer before others see them, as x86's do (Sewell et al., x86-TSO,
 * 2010).  Spin itself runs everything in one order and would see no fence missing.
 *
 *   spin -a [-DWITHOUT_...] doorbell.pml && cc -DSAFETY -o pan pan.c && ./pan
 *
 * A wake-up that is lost is an invalid end state: the consumer sleeps, the producer is
 * done.  Three things must be there, and each can be left out to see that:
 *   -DWITHOUT_PUT_FENCE      between writing the queue and reading the flag
 *   -DWITHOUT_REQUEST_FENCE  between writing the flag and reading the queue
 *   -DWITHOUT_RECHECK        reading the queue again before sleep
 */
#define SLOTS 2
#define MESSAGES 5
#define FIRST 254 /* the counters are bytes and wrap on the way */
#define DEPTH 3   /* stores that wait at most */
#define ASLEEP 128

/* Where things are: slots are 0 and 1. */
#define TAIL 2
#define HEAD 3
#define WANTED 4
#define WORD 5

byte memory[6];
bool sleeps; /* the consumer is in futex(2) */

/* Each processor's stores, in order.  Nobody below reads what it stored itself, so that
 * reads need not look there. */
chan store[2] = [DEPTH] of {byte, byte};

#define PRODUCER 0
#define CONSUMER 1

#define FENCE(who) empty(store[who])
#ifdef WITHOUT_PUT_FENCE
#define PUT_FENCE skip
#else
#define PUT_FENCE FENCE(PRODUCER)
#endif
#ifdef WITHOUT_REQUEST_FENCE
#define REQUEST_FENCE skip
#else
#define REQUEST_FENCE FENCE(CONSUMER)
#endif

/* Stores reach memory at any later time. */
proctype drain()
{
	byte where, what;

end:	do
	:: atomic { store[PRODUCER]?where,what -> memory[where] = what }
	:: atomic { store[CONSUMER]?where,what -> memory[where] = what }
	od
}

proctype producer()
{
	byte at = FIRST, head = FIRST, sent = 0, n, i, word;
	bool wanted;

	do
	:: sent < MESSAGES ->
		/* ring_room: somebody waits for it, here by looking */
		atomic { memory[HEAD] != ((at - SLOTS) & 255) -> head = memory[HEAD] };
		/* ring_put: as many as one likes */
		n = 0;
		do
		:: sent < MESSAGES && ((at + n - head) & 255) < SLOTS ->
			store[PRODUCER]!((at + n) & 1),(sent + 1);
			sent++;
			n++
		:: n > 0 -> break
		od;
		at = (at + n) & 255;
		store[PRODUCER]!TAIL,at;
		/* doorbell_answer */
		PUT_FENCE;
		wanted = memory[WANTED];
		if
		:: !wanted
		:: else ->
			/* an instruction that reads and writes waits for the buffer */
			atomic {
				FENCE(PRODUCER);
				wanted = memory[WANTED];
				memory[WANTED] = 0
			};
			if
			:: !wanted
			:: else ->
				/* doorbell_ring */
				atomic {
					FENCE(PRODUCER);
					word = memory[WORD];
					memory[WORD] = memory[WORD] + 1
				};
				if
				:: word == ASLEEP -> sleeps = false
				:: else
				fi
			fi
		fi
	:: else -> break
	od
}

proctype consumer()
{
	byte at = FIRST, tail, got = 0, word, value;

	do
	:: got == MESSAGES -> break
	:: else ->
		tail = memory[TAIL];
		if
		:: tail != at ->
			/* ring_get: one, or all that are there */
			do
			:: at != tail ->
				value = memory[at & 1];
				assert(value == got + 1);
				got++;
				at = (at + 1) & 255
			:: break
			od;
			store[CONSUMER]!HEAD,at
		:: else ->
			/* doorbell_request */
			store[CONSUMER]!WANTED,1;
			REQUEST_FENCE;
#ifndef WITHOUT_RECHECK
			tail = memory[TAIL];
#endif
			if
			:: tail != at -> store[CONSUMER]!WANTED,0 /* doorbell_cancel */
			:: else ->
				/* doorbell_wait */
				do
				:: atomic {
					FENCE(CONSUMER);
					if
					:: memory[WORD] == 0 -> memory[WORD] = ASLEEP
					:: else
					fi
				   };
				   /* the kernel compares, and sleeps, at once */
				   atomic {
					if
					:: memory[WORD] == ASLEEP -> sleeps = true
					:: else
					fi
				   };
				   !sleeps;
				   atomic {
					FENCE(CONSUMER);
					word = memory[WORD];
					memory[WORD] = 0
				   };
				   if
				   :: word != 0 && word != ASLEEP -> break
				   :: else
				   fi
				od
			fi
		fi
	od
}

init
{
	atomic {
		memory[TAIL] = FIRST;
		memory[HEAD] = FIRST;
		run drain();
		run producer();
		run consumer()
	}
}
