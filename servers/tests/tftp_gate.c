/* SPDX-License-Identifier: BSD-2-Clause */
/* tftp_gate.c - a TFTP server is played to, each check on a server of its own, which
 * must afterwards end as promised with nothing left open.  Usage: tftp-gate PROGRAM
 * [ARG]... */
#include "config.h"

#include "tftp_gate.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "tree.h"

enum { SETTLE_MS = 20000, STEP_MS = 5, STOP_S = 10, FILE_MAX = 1 << 20 };

bool tftp_settles(const struct subject *s)
{
	for (int waited_ms = 0; waited_ms < SETTLE_MS; waited_ms += STEP_MS) {
		int64_t closed = subject_live(s, "connections_closed");

		if (closed >= 0 && closed == subject_live(s, "connections_opened"))
			return true;
		usleep(STEP_MS * 1000);
	}
	tap_diag("a transfer does not end");
	return false;
}

static FILE *file_open(const struct subject *s, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/tree/%s", s->top, name);
	return fopen(path, "re");
}

bool tftp_file_is(const struct subject *s, const char *name, const void *bytes,
		  size_t len)
{
	static char got[FILE_MAX];
	FILE *f = file_open(s, name);
	size_t got_len;

	if (!f) {
		tap_diag("%s: %s", name, strerror(errno));
		return false;
	}
	got_len = fread(got, 1, sizeof got, f);
	fclose(f);
	if (got_len == len && memcmp(got, bytes, len) == 0)
		return true;
	tap_diag("%s: %zu bytes, not the %zu expected", name, got_len, len);
	return false;
}

bool tftp_file_absent(const struct subject *s, const char *name)
{
	FILE *f = file_open(s, name);

	if (f)
		fclose(f);
	return !f && errno == ENOENT;
}

bool tftp_serves(const struct subject *s, const char *name)
{
	static unsigned char bytes[FILE_MAX];
	const char *of =
		strcmp(name, "link-in.txt") == 0 ? "one.txt" : name + (*name == '/');
	ssize_t size = tree_size(of);
	struct peer p;
	bool good = size >= 0 && peer_open(&p, s->port);

	if (!good)
		return false;
	tree_fill(of, bytes, (size_t)size);
	peer_read(&p, name);
	good = peer_reads(&p, bytes, (size_t)size, 512);
	peer_close(&p);
	return good;
}

/* Stop it, if it still runs: at once but for transfers that are left, with all of them
 * counted, and without a word. */
static bool check_end(struct subject *s)
{
	struct subject_end end;

	if (s->pid > 0) {
		end = subject_stop(s, STOP_S);
		if (!end.exited || end.status != 0) {
			tap_diag("it did not end well: status %d", end.status);
			return false;
		}
		if (subject_counter(s, "connections_opened") !=
		    subject_counter(s, "connections_closed")) {
			tap_diag("a transfer was still open when it ended");
			return false;
		}
	} else {
		close(s->out);
	}
	return subject_stderr(s, true) == 0;
}

static void check_run(const struct tftp_check *c, char **program, const char *top,
		      uid_t uid)
{
	const char *extra[8] = {"--timeout", c->timeout, c->more[0], c->more[1]};
	const struct subject_plan plan = {.program = program,
					  .extra = extra,
					  .top = top,
					  .uid = uid,
					  .nproc = uid ? c->nproc : 0};
	struct subject s;
	bool good = subject_start(&s, &plan) == 0;

	if (good) {
		good = c->run(&s);
		good = check_end(&s) && good;
	}
	tap_ok(good, "%s", c->name);
}

int main(int argc, char **argv)
{
	const struct tftp_check *const all[] = {tftp_reads, tftp_writes, tftp_abuses,
						tftp_limits};
	char top[] = "/tmp/tftp-gate-XXXXXX";
	uid_t uid = subject_uid();
	int error, status;

	if (argc < 2)
		return fputs("usage: tftp-gate PROGRAM [ARG]...\n", stderr), 2;
	if (!mkdtemp(top))
		return perror("tftp-gate: /tmp"), 2;
	error = tree_create(top, uid ? uid : getuid());
	if (error) {
		fprintf(stderr, "tftp-gate: %s: %s\n", top, strerror(-error));
		tree_remove(top);
		return 2;
	}
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct tftp_check *c = all[i]; c->name; c++)
			check_run(c, argv + 1, top, uid);
	status = tap_done();
	tree_remove(top);
	return status;
}
