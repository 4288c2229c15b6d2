/* SPDX-License-Identifier: BSD-2-Clause */
/* core_id.h - the SHA-256 of the core object this program was linked with; the build
 * makes the definition once core.o is linked. */
#ifndef DUALITY_CORE_ID_H
#define DUALITY_CORE_ID_H
extern const char core_id[];
#endif
