/* SPDX-License-Identifier: BSD-2-Clause */
/* subject.c - see subject.h. */
#include "subject.h"
#include "base.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t subject_key;

void report(const char *format, ...)
{
	char line[128];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line, sizeof line, format, args);

	va_end(args);
	if (n < 0 || write(base_report_fd, line, (size_t)n) != n)
		_exit(4);
}

/* What the package prints must not get between the reports. */
static void report_open(void)
{
	base_report_fd = dup(STDOUT_FILENO);
	if (base_report_fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
		perror("subject");
		exit(4);
	}
}

/* "key HEX" is the first line, or not there at all. */
static void key_read(void)
{
	int c = getc(stdin);

	ungetc(c, stdin);
	if (c == 'k' && scanf("key %" SCNx64 "\n", &subject_key) != 1) {
		fprintf(stderr, "subject: standard input: no number after key\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	report_open();
	if (argc > 1)
		key_read();
	if (!strcmp(what, "registers"))
		return registers_run();
	if (!strcmp(what, "entry"))
		return entry_run();
	if (!strcmp(what, "play"))
		return play_run();
	if (!strcmp(what, "count") && argc == 3)
		return count_run((unsigned)atoi(argv[2]));
	fprintf(stderr, "usage: %s registers|entry|play|count THREADS\n", argv[0]);
	return 2;
}
