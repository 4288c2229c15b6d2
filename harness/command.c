/* SPDX-License-Identifier: BSD-2-Clause */
/* command.c - see command.h. */
#include "config.h"

#include "harness/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void command_end(int option, const char *usage)
{
	if (option != 'h' && option != 'V')
		exit(EXIT_USAGE);
	fputs(option == 'h' ? usage : "duality " PACKAGE_VERSION "\n", stdout);
	exit(EXIT_SUCCESS);
}

int command_number(unsigned *to, const char *command, const char *option,
		   const char *text, unsigned least, unsigned most)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	*to = (unsigned)value;
	if (end != text && !*end && !errno && *text != '-' && value >= least &&
	    value <= most)
		return 0;
	fprintf(stderr, "duality %s: --%s: not a whole number from %u to %u: %s\n",
		command, option, least, most, text);
	return -EINVAL;
}
