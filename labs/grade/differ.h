/* SPDX-License-Identifier: BSD-2-Clause */
/* differ.h - where two texts that should be the same are not. */
#ifndef GRADE_DIFFER_H
#define GRADE_DIFFER_H

/* The lines that differ, by their numbers, as both have them; of many the first.  To be
   freed; NULL: no memory. */
char *differ_tell(const char *first, const char *second);

#endif
