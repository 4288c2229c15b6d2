/* SPDX-License-Identifier: BSD-2-Clause */
/* commands.h - the commands of `duality lab`, and what they share. */
#ifndef GRADE_COMMANDS_H
#define GRADE_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

struct lab;

enum { EXIT_FINDING = 1, EXIT_USAGE = 2 };

struct command_options {
	const char *lab; /* check, handout, audit: the argument; grade: --lab */
	const char *const *names; /* check: tests; NULL ends them */
	const char *folder;       /* grade: the submissions */
	const char *output;       /* -o, --out */
	const char *work;         /* an empty folder, removed afterwards */
	bool json, all, one;
	unsigned jobs, seed;
};

int check_run(const struct command_options *o);
int handout_run(const struct command_options *o);
int audit_run(const struct command_options *o);
int grade_run(const struct command_options *o);

/* Makes a tree in dir by lab-tree: kind is reference, starter, alternative, or mutant
   with its name. */
bool tree_make(const struct lab *lab, const char *kind, const char *name,
	       const char *dir);

/* The tarball for students, made, unpacked, searched and built: handout.c. */
bool handout_make(const struct lab *lab, unsigned seed, const char *path,
		  const char *work);

#endif
