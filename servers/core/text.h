/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - writing text into a buffer by hand: fit for a signal handler, and cheaper
 * than printf where every request pays for it.  The caller has made sure of the room.
 */
#ifndef DUALITY_TEXT_H
#define DUALITY_TEXT_H

#include <stdint.h>

/* Both return where the text ends; neither writes a NUL. */
char *text_put(char *to, const char *text);

/* n in decimal, with at least that many digits. */
char *text_number(char *to, uint64_t n, int digits);
#endif
