/* SPDX-License-Identifier: BSD-2-Clause */
/* fileset.h - a file set of SPECweb99's shape, as SEDA's evaluation used it (Welsh,
 * Culler, Brewer, SOSP 2001, section 5.1), and the mix of requests for it.  A directory
 * has 36 files: nine sizes in each of four classes of 0.1, 1, 10 and 100 KiB times 1 to
 * 9, about 5 MB.  Class, directory and file are drawn independently: the class by fixed
 * shares, the directory by Zipf's law, and so the file within its class, the fifth
 * first and then outwards. */
#ifndef DUALITY_FILESET_H
#define DUALITY_FILESET_H

#include <stdint.h>
#include <stdio.h>

enum {
	FILESET_CLASSES = 4,
	FILESET_FILES = 9, /* of a class, in each directory */
	FILESET_DIRECTORY = 5119484,
	FILESET_DIRECTORIES_MAX = 25000, /* what a mix can hold */
	FILESET_NAME = 32
};

/* One file's place in the set. */
struct fileset_file {
	uint64_t directory; /* from 0 */
	unsigned decade;    /* its class, from 0 */
	unsigned index;     /* from 1 to 9 */
};

/* As many directories as come nearest to that many bytes, one at least. */
uint64_t fileset_directories(uint64_t bytes);

uint64_t fileset_size(const struct fileset_file *f);
void fileset_name(const struct fileset_file *f, char name[static FILESET_NAME]);

/* How often it is asked for, beside the others. */
double fileset_weight(const struct fileset_file *f);

/* Create all files below `folder`, which is empty; their contents follow from the seed
 * and their names alone.  They are on the device when it returns.  0 or -errno. */
int fileset_write(const char *folder, uint64_t directories, uint64_t seed);

/* The lines `WEIGHT PATH` of `duality load --mix`.  0 or -errno. */
int fileset_mix(FILE *to, uint64_t directories);
#endif
