/* SPDX-License-Identifier: BSD-2-Clause */
/* cache_fixture.h - a folder of files whose every byte follows from a seed, and a cache
 * over it. */
#ifndef DUALITY_CACHE_FIXTURE_H
#define DUALITY_CACHE_FIXTURE_H

#include "cache.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { FIXTURE_PATH = 256, SECOND_NS = 1000000000 };

struct fixture {
	char root[FIXTURE_PATH]; /* the cache's root; beside it is "outside" */
	struct cache *cache;
	int lowest_fd; /* that is free once the cache is open */
};

void fixture_open(struct fixture *f, size_t pages, unsigned pins,
		  const struct lock *lock);
/* Fails if a descriptor was leaked meanwhile. */
void fixture_close(struct fixture *f);

/* Byte i of the seed. */
unsigned char fixture_byte(unsigned seed, size_t i);

/* The name of a file below the root: "/a" -> "/tmp/.../root/a". */
void fixture_name(const struct fixture *f, const char *path, char name[FIXTURE_PATH]);

/* Write `size` bytes of the seed into the file, in place.  The seed is its mtime, so
 * that no clock's granularity matters. */
void fixture_write(const struct fixture *f, const char *path, size_t size,
		   unsigned seed);

/* The same, by writing another file and renaming it. */
void fixture_replace(const struct fixture *f, const char *path, size_t size,
		     unsigned seed);

/* Whether the body holds exactly the seed's bytes; reads the cache's pages. */
bool fixture_same(const struct body *b, size_t size, unsigned seed);

/* The same through writev into a file, for private bodies too. */
bool fixture_sent(const struct body *b, size_t size, unsigned seed);

/* lock_robust that tells when it is taken and given back; n counts from 1 in this
 * process.  A hook may be NULL. */
extern const struct lock fixture_lock;
extern struct fixture_hooks {
	void (*before)(unsigned n), (*inside)(unsigned n), (*leaving)(unsigned n);
	unsigned n;
} fixture_hooks;

/* How often a dead holder of the latest such lock was met, by whatever process. */
unsigned fixture_repairs(void);

/* Fails unless every page of the cache can be pinned, by one-page files made for that;
 * the cache must have no pin in use and enough of them. */
void fixture_fill(struct fixture *f);

/* Fails unless every pin is free and what is used adds up. */
void fixture_settled(struct cache *c);
struct cache_stats fixture_stats(struct cache *c);
#endif
