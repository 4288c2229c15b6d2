/* SPDX-License-Identifier: BSD-2-Clause */
/* The live line and the border events; see live.h.  Both are written straight to their
 * descriptor, and a reader that has gone is ignored (SIGPIPE is). */
#include "config.h"

#include "harness/load/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void line_write(int fd, const char *line, int length)
{
	ssize_t written = write(fd, line, (size_t)length);
	(void)written;
}

void live_event(const struct options *options, const char *name, uint64_t time_ns)
{
	char line[64];
	if (options->events_fd < 0)
		return;
	int length = snprintf(line, sizeof line, "%s %" PRIu64 "\n", name, time_ns);
	line_write(options->events_fd, line, length);
}

static const char *run_phase(const struct load *load)
{
	if (load->stopped)
		return "drain";
	return load->started ? "measure" : "warm up";
}

void live_ping(struct load *load)
{
	const struct tally *tally = &load->tally;
	bool terminal = isatty(STDERR_FILENO) == 1;
	uint64_t period_ns = load->options->ping_ns;
	uint64_t since_ns = load->now_ns - load->ping_ns + period_ns;
	uint64_t end_ns = load->stopped ? load->give_up_ns : load->stop_ns;
	double left_s =
		end_ns > load->now_ns ? (double)(end_ns - load->now_ns) / 1e9 : 0;
	char line[160];
	int length = snprintf(line, sizeof line,
			      "%s%-7s %5.1f s left  %8.0f replies/s  %" PRIu64
			      " in flight  %" PRIu64 " waiting  %" PRIu64 " failed%s",
			      terminal ? "\r\033[K" : "", run_phase(load), left_s,
			      (double)(tally->replies - load->ping_replies) * 1e9 /
				      (double)since_ns,
			      tally->in_flight.level, arrival_count(&load->waiting),
			      tally_failed(tally), terminal ? "" : "\n");
	line_write(STDERR_FILENO, line, length);
	load->ping_replies = tally->replies;
	load->ping_ns += period_ns;
	if (load->ping_ns <= load->now_ns)
		load->ping_ns = load->now_ns + period_ns;
}

void live_clear(void)
{
	static const char clear[] = "\r\033[K";
	if (isatty(STDERR_FILENO) == 1)
		line_write(STDERR_FILENO, clear, sizeof clear - 1);
}
