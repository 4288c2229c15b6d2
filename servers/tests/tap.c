/* SPDX-License-Identifier: BSD-2-Clause */
/* tap.c - results in the Test Anything Protocol. */
#include "config.h"

#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned count, failed;

void tap_diag(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
}

void tap_ok(bool ok, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%sok %u - ", ok ? "" : "not ", ++count);
	vprintf(format, args);
	printf("\n");
	va_end(args);
	failed += !ok;
	fflush(stdout);
}

void tap_skip(const char *name, const char *reason)
{
	printf("ok %u - %s # SKIP %s\n", ++count, name, reason);
	fflush(stdout);
}

int tap_done(void)
{
	printf("1..%u\n", count);
	return failed > 0;
}
