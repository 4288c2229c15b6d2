/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports of datagrams; see udp_report.h. */
#include "config.h"

#include "harness/load/udp_report.h"

#include <inttypes.h>

#include "harness/load/udp.h"

/* Of payload, in both directions alike, as ipbench counts. */
static double mbps(const struct load *load, uint64_t datagrams)
{
	double window_s = tally_window_s(&load->tally);
	return (double)(datagrams * load->options->size) * 8 / 1e6 / window_s;
}

static double mbps_offered(const struct load *load)
{
	return mbps(load, load->tally.arrived);
}

static double mbps_achieved(const struct load *load)
{
	return mbps(load, load->tally.good_inside);
}

static json_t *count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

/* Lost with no place known to us: on the way, or in the server.  An echo dropped at our
 * socket in the window may be of a datagram planned before it. */
static uint64_t lost_elsewhere(const struct load *load)
{
	const struct udp_counts *c = &load->udp->counts;
	uint64_t lost = load->tally.outcomes[OUTCOME_LOST];
	uint64_t known = c->unsent + c->client_socket;
	return lost > known ? lost - known : 0;
}

static json_t *rate(double value_mbps)
{
	return value_mbps >= 0 ? json_real(value_mbps) : json_null();
}

json_t *udp_report_json(const struct load *load)
{
	const struct udp_counts *c = &load->udp->counts;
	return json_pack("{si si so so so so so so s{so so so so}}", "size_bytes",
			 (int)load->options->size, "sockets", (int)load->udp->count,
			 "offered_mbps", rate(mbps_offered(load)), "achieved_mbps",
			 rate(mbps_achieved(load)), "duplicates", count(c->duplicates),
			 "reordered", count(c->reordered), "corrupt", count(c->corrupt),
			 "stale", count(c->stale), "loss", "unsent", count(c->unsent),
			 "send_failed", count(load->tally.outcomes[OUTCOME_ERROR]),
			 "client_socket", count(c->client_socket), "elsewhere",
			 count(lost_elsewhere(load)));
}

void udp_report_text(const struct load *load, FILE *out)
{
	const struct udp_counts *c = &load->udp->counts;
	fprintf(out,
		"udp      %.2f Mb/s offered, %.2f achieved, by %" PRIu64
		" sockets, %" PRIu64 " bytes each\n",
		mbps_offered(load), mbps_achieved(load), load->udp->count,
		load->options->size);
	fprintf(out,
		"         %" PRIu64 " duplicates, %" PRIu64 " reordered, %" PRIu64
		" corrupt, %" PRIu64 " stale\n",
		c->duplicates, c->reordered, c->corrupt, c->stale);
	fprintf(out,
		"         lost: %" PRIu64 " unsent, %" PRIu64
		" at our sockets, %" PRIu64 " elsewhere; and %" PRIu64
		" could not be sent\n",
		c->unsent, c->client_socket, lost_elsewhere(load),
		load->tally.outcomes[OUTCOME_ERROR]);
}
