/* SPDX-License-Identifier: BSD-2-Clause */
/* lost.c - two threads count what comes, each `lost N` times N; nobody holds a lock. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static long hits, each;

/* A function of its own, or the compiler would make one addition of the whole loop. */
__attribute__((noinline)) static void hit(void)
{
	hits++;
}

static void *visitor(void *unused)
{
	for (long i = 0; i < each; i++)
		hit();
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread[2];
	each = argc > 1 ? atol(argv[1]) : 500;
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, visitor, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	printf("%ld of %ld\n", hits, 2 * each);
	return 0;
}
