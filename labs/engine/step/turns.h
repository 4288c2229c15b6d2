/* SPDX-License-Identifier: BSD-2-Clause */
/* turns.h - a schedule: which thread runs, how far, and who is next.

   As text, turns stand behind each other, divided by commas or line ends; "#" begins a
   comment.  A turn is a thread's number and how far it runs:

   - "1": until it ends, blocks or yields;
   - "1:17": until it has executed 17 instructions of the code under test;
   - "1:17+": and the 18th is half done, it has loaded and not yet stored;
   - "1:load hits": until it has loaded the variable, the first time in this turn;
   - "1:store hits 2": until it has stored it, the second time.

   Thread 0 is main's, which runs first; the others are numbered as they are created. */
#ifndef LAB_STEP_TURNS_H
#define LAB_STEP_TURNS_H

#include <stdbool.h>
#include <stddef.h>

enum { TURNS_MAX = 256, TURNS_NAME = 64, TURNS_TEXT = 64 * 1024, TURNS_THREADS = 16 };

enum turn_until { TURN_REST, TURN_STEPS, TURN_LOAD, TURN_STORE };

struct turn {
	unsigned thread;
	enum turn_until until;
	unsigned count; /* instructions since the thread began; or loads, stores */
	bool half;
	char *variable;
};

struct turns {
	struct turn *list;
	unsigned n;
};

/* Reads a schedule.  0; -EINVAL and one line that says what is wrong with it; -ENOMEM.
 */
int turns_parse(struct turns *turns, const char *text, char *wrong, size_t room);
/* Of a file. */
int turns_read(struct turns *turns, const char *path, char *wrong, size_t room);
void turns_free(struct turns *turns);

/* Room for one more, set to zero; NULL: out of memory, or TURNS_MAX reached. */
struct turn *turns_add(struct turns *turns);

/* Writes the schedule as text, without a first turn of main that was not cut short. */
void turns_print(const struct turns *turns, char *text, size_t room);

#endif
