/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - lab-threads: what is to be judged. */
#include "config.h"

#include "challenge.h"
#include "threads.h"

#include <stdlib.h>
#include <string.h>

static int usage(void)
{
	fprintf(stderr, "usage: lab-threads registers|floating|entry MACHINE\n"
			"       lab-threads play MACHINE FILE...\n"
			"       lab-threads random MACHINE FIRST LAST [SEED]\n"
			"       lab-threads count OPERATION...\n");
	return VERDICT_BROKEN;
}

static enum verdict plays_judge(const char *machine, char *const names[])
{
	for (; *names; names++) {
		enum verdict verdict = play_file_judge(machine, *names);

		if (verdict != VERDICT_PASS)
			return verdict;
	}
	return VERDICT_PASS;
}

/* Shorter plays come first, so that the first to fail is easy to understand. */
static enum verdict random_judge(const char *machine, const char *from, const char *to,
				 const char *salt)
{
	static struct script scripts[SCRIPT_THREADS];
	unsigned first = (unsigned)atoi(from), last = (unsigned)atoi(to);
	unsigned seed = salt ? (unsigned)atoi(salt) : 1;

	for (unsigned number = first; number <= last; number++) {
		char title[40];

		snprintf(title, sizeof title, "random play %u", number);
		generate(seed, number, scripts);
		enum verdict verdict = play_judge(machine, title, scripts);

		if (verdict != VERDICT_PASS)
			return verdict;
	}
	printf("%u random plays: each thread ran when it had to.\n", last - first + 1);
	return VERDICT_PASS;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "count"))
		return (int)count_judge(argv + 2);
	size_t count;

	if (argc < 3 || !challenge_registers(argv[2], &count))
		return usage();
	if (!strcmp(what, "registers"))
		return (int)registers_judge(argv[2], 1u << CHALLENGE_GENERAL |
							     1u << CHALLENGE_POINTER);
	if (!strcmp(what, "floating"))
		return (int)registers_judge(argv[2], 1u << CHALLENGE_VECTOR |
							     1u << CHALLENGE_MODE);
	if (!strcmp(what, "entry"))
		return (int)entry_judge(argv[2]);
	if (!strcmp(what, "play") && argc > 3)
		return (int)plays_judge(argv[2], argv + 3);
	if (!strcmp(what, "random") && (argc == 5 || argc == 6))
		return (int)random_judge(argv[2], argv[3], argv[4], argv[5]);
	return usage();
}
