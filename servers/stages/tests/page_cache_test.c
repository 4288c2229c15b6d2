/* SPDX-License-Identifier: BSD-2-Clause */
/* page_cache_test.c - the stage PageCache of staged.c serves a batch shortest first: a
 * batch of real connections goes through its handler, and the order in which they enter
 * the next queue is seen by a stage that takes HttpSend's place. */
#include "config.h"

#define main staged_main
#include "servers/staged.c"
#undef main

#include <fcntl.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILES = 6, PATH = 64 };

static const uint64_t sizes[FILES] = {5000, 10, 3000, 0, 200, 10};
static const uint64_t sorted[FILES] = {0, 10, 10, 200, 3000, 5000};
static char folder[] = "/tmp/page-cache-XXXXXX";

static uint64_t seen[FILES];
static unsigned seen_n;
static sem_t seen_all;

static void see(struct stage_event **batch, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		seen[seen_n++] = machine_body_size(&connection_of(batch[i])->machine);
	if (seen_n == FILES)
		sem_post(&seen_all);
}

static void file_path(char path[PATH], unsigned i)
{
	snprintf(path, PATH, "%s/%u", folder, i);
}

static int make_server(void **state)
{
	char *argv[] = {(char *)"staged", (char *)"--root", folder, NULL};

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (unsigned i = 0; i < FILES; i++) {
		char path[PATH];
		int fd;

		file_path(path, i);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		assert_int_equal(ftruncate(fd, (off_t)sizes[i]), 0);
		close(fd);
	}
	server_setup(&server, 3, argv, &about);
	controls.note = count;
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FILES; i++) {
		char path[PATH];

		file_path(path, i);
		unlink(path);
	}
	return rmdir(folder);
}

/* A connection that has asked for a file, and is due to look it up. */
static void ask(struct connection *c, unsigned i)
{
	struct machine *m = &c->machine;
	size_t len;
	char *room;

	*c = (struct connection){.fd = -1};
	machine_init(m, &server.service);
	m->by_steps = true;
	room = machine_room(m, &len);
	machine_got(m, snprintf(room, len, "GET /%u HTTP/1.1\r\nHost: a\r\n\r\n", i));
	machine_step(m);
	machine_step(m);
	assert_int_equal(machine_due(m), STEP_LOOKUP);
}

/* From now on it is a hit. */
static void load(unsigned i)
{
	struct connection c;

	ask(&c, i);
	machine_step(&c.machine);
	assert_int_equal(machine_wants(&c.machine), WANT_LOAD);
	machine_block(&c.machine);
	machine_free(&c.machine);
}

static void shortest_first(void **state)
{
	static const struct stage_plan next = {.handle = see};
	static struct connection connections[FILES];
	struct stage_event *batch[FILES];

	(void)state;
	assert_int_equal(sem_init(&seen_all, 0, 0), 0);
	for (unsigned i = 0; i < FILES; i++) {
		load(i);
		ask(&connections[i], i);
		batch[i] = &connections[i].event;
	}
	assert_int_equal(stage_start(&stages[HTTP_SEND], &next, &controls, UINT_MAX),
			 0);
	page_cache(batch, FILES);
	while (sem_wait(&seen_all) < 0)
		continue;
	stage_stop(&stages[HTTP_SEND]);
	assert_memory_equal(seen, sorted, sizeof sorted);
	for (unsigned i = 0; i < FILES; i++)
		machine_free(&connections[i].machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(shortest_first)};

	return cmocka_run_group_tests(tests, make_server, remove_files);
}
