/* SPDX-License-Identifier: BSD-2-Clause */
/* command.h - what the commands of duality have in common: their exit status, and the
 * ends of their command lines. */
#ifndef DUALITY_COMMAND_H
#define DUALITY_COMMAND_H

/* As docs/architecture.md has it: a finding is a failed trial, or a regression; bad
 * usage comes with one line that names what and where. */
enum { EXIT_FINDING = 1, EXIT_USAGE = 2 };

/* Ends the program for what getopt_long returned and is no option of its own: 'h',
 * --help; 'V', --version; or '?', of which getopt_long has told. */
_Noreturn void command_end(int option, const char *usage);

/* `text`, what --OPTION of COMMAND was given, as a whole number from `least` to `most`.
 * 0, or -EINVAL after a line on standard error. */
int command_number(unsigned *to, const char *command, const char *option,
		   const char *text, unsigned least, unsigned most);
#endif
