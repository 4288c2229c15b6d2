/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.h - any bytes as frames, from driver to client. */
#ifndef DUALITY_NETWORK_FUZZ_H
#define DUALITY_NETWORK_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Run the modules.  Both return 0 or -errno. */
int fuzz_begin(void);
int fuzz_end(void);

/* These frames come.  Returns NULL, or what went wrong. */
const char *fuzz_check(const uint8_t *data, size_t size);
#endif
