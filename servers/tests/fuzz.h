/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.h - any bytes, through the whole core, in both styles. */
#ifndef DUALITY_FUZZ_H
#define DUALITY_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Make the files to serve and the service.  Returns 0 or -errno. */
int fuzz_start(void);
void fuzz_end(void);

/* Serve these bytes.  Returns NULL, or what went wrong. */
const char *fuzz_check(const uint8_t *data, size_t size);
#endif
