/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c - see text.h. */
#include "config.h"

#include "text.h"

#include <string.h>

char *text_put(char *to, const char *text)
{
	return mempcpy(to, text, strlen(text));
}

char *text_number(char *to, uint64_t n, int digits)
{
	char reversed[20];
	int len = 0;

	do
		reversed[len++] = (char)('0' + n % 10);
	while ((n /= 10) || len < digits);
	while (len > 0)
		*to++ = reversed[--len];
	return to;
}
