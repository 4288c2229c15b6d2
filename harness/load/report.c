/* SPDX-License-Identifier: BSD-2-Clause */
/* The result of a run; see report.h.  What was not measured is null in JSON and n/a on
 * screen; what is infinite because of lost requests is null, and inf on screen. */
#include "config.h"

#include "harness/load/report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "harness/load/udp_report.h"

enum {
	/* Percent of the planned requests that may be missing from those sent. */
	SENDS_PERCENT = 1,
	/* p99 of sent - planned, in percent of the latency limit. */
	LAG_PERCENT = 5,
	/* Effect size: thousandths of all arrivals that may be displaced at any
	 * instant.  20 is a stall of 40 ms in a window of 2 s.  A significance test
	 * would not do: with enough arrivals it finds a displacement of a microsecond.
	 */
	ARRIVALS_PERMILLE = 20,
	CPU_PERCENT = 80,
	LITTLE_PERCENT = 2,
};

static const char *const verdict_names[] = {"not-run", "pass", "fail"};
static const char *const mode_names[] = {"open", "pool", "closed", "udp"};

static enum verdict verdict(double value, double limit)
{
	if (isnan(value))
		return VERDICT_NOT_RUN;
	return value <= limit ? VERDICT_PASS : VERDICT_FAIL;
}

static double client_share(const struct load *load)
{
	double window_s = tally_window_s(&load->tally);
	return window_s > 0 ? load->client.cpu_s / window_s : NAN;
}

/* A client that spins is always busy, which says nothing of what it could still do. */
static enum verdict cpu_verdict(const struct load *load)
{
	if (load->options->spin)
		return VERDICT_NOT_RUN;
	return verdict(client_share(load), CPU_PERCENT / 100.0);
}

/* Requests that the server left unsendable, by ending their session, are not held
 * against the client.  One request may straddle the window's border. */
static double sends_missing(const struct tally *tally)
{
	double due = (double)(tally->planned - tally->unmade);
	double missing = fabs(due - (double)tally->sent_inside) - 1;
	return due > 0 ? missing / due : NAN;
}

/* A lost datagram is in flight until the drain is over, by our books alone: what is
 * lost of connections' requests is still at the server. */
static enum verdict little_verdict(struct load *load)
{
	struct tally *tally = &load->tally;
	if (load->udp && tally->outcomes[OUTCOME_LOST] > 0)
		return VERDICT_NOT_RUN;
	return verdict(tally_little_error(tally), LITTLE_PERCENT / 100.0);
}

struct certificate report_certificate(struct load *load)
{
	struct tally *tally = &load->tally;
	struct certificate certificate = {
		.cpu = cpu_verdict(load),
		.little = little_verdict(load),
	};
	/* A closed loop has no plan to be late for. */
	if (load->options->mode == LOAD_CLOSED || tally->planned == 0)
		return certificate;
	certificate.sends_on_plan =
		verdict(sends_missing(tally), SENDS_PERCENT / 100.0);
	certificate.lag =
		verdict(histogram_percentile(&tally->lag, 0.99),
			(double)load->options->limit_ns * LAG_PERCENT / 100.0);
	/* An arrival is displaced for a moment at least, the one being sent. */
	certificate.arrivals =
		verdict(tally_ks_distance(tally),
			ARRIVALS_PERMILLE / 1000.0 + 1.0 / (double)tally->planned);
	return certificate;
}

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *times_json(const struct histogram *histogram)
{
	return json_pack("{so so so so so so}", "mean",
			 number(histogram_mean(histogram) / 1e3), "p50",
			 number(histogram_percentile(histogram, 0.5) / 1e3), "p90",
			 number(histogram_percentile(histogram, 0.9) / 1e3), "p99",
			 number(histogram_percentile(histogram, 0.99) / 1e3), "p999",
			 number(histogram_percentile(histogram, 0.999) / 1e3), "max",
			 number(histogram_max(histogram) / 1e3));
}

static double offered_rps(const struct load *load)
{
	const struct tally *tally = &load->tally;
	if (load->options->mode == LOAD_CLOSED || tally_window_s(tally) <= 0)
		return NAN;
	return (double)(tally->arrived * load->options->session_requests) /
	       tally_window_s(tally);
}

static double per_second(const struct tally *tally, uint64_t events)
{
	double window_s = tally_window_s(tally);
	return window_s > 0 ? (double)events / window_s : NAN;
}

/* Good replies within the latency limit of the request's plan. */
static uint64_t timely(const struct load *load)
{
	const struct tally *tally = &load->tally;
	uint64_t above = histogram_above(&tally->latency, load->options->limit_ns);
	return tally->outcomes[OUTCOME_GOOD] - (above - tally->latency.lost);
}

static json_t *counts_json(const struct load *load)
{
	const struct tally *tally = &load->tally;
	const uint64_t *outcomes = tally->outcomes;
	return json_pack(
		"{ss so so so so so so so so so so so so so so so so so so so so}",
		"mode", mode_names[load->options->mode], "offered_rps",
		number(offered_rps(load)), "planned", count(tally->planned), "sent",
		count(tally->sent), "received", count(tally->received), "good",
		count(outcomes[OUTCOME_GOOD]), "lost", count(outcomes[OUTCOME_LOST]),
		"bad_status", count(outcomes[OUTCOME_BAD_STATUS]), "bad_body",
		count(outcomes[OUTCOME_BAD_BODY]), "errors",
		count(outcomes[OUTCOME_ERROR]), "timeouts",
		count(outcomes[OUTCOME_TIMEOUT]), "no_connection",
		count(outcomes[OUTCOME_NO_CONNECTION]), "resets",
		count(outcomes[OUTCOME_RESET]), "refused",
		count(outcomes[OUTCOME_REFUSED]), "connects",
		count(tally->connects_inside), "achieved_rps",
		number(per_second(tally, tally->received_inside)), "goodput_rps",
		number(per_second(tally, tally->good_inside)), "sent_rps",
		number(per_second(tally, tally->sent_inside)), "timely",
		count(timely(load)), "window_s", number(tally_window_s(tally)),
		"bytes_in", count(tally->bytes_inside));
}

static json_t *in_flight_json(struct tally *tally)
{
	struct trend_line line = trend_fit(&tally->trend);
	return json_pack("{so so so so so}", "mean",
			 number(gauge_mean(&tally->in_flight)), "start",
			 count(tally->in_flight_start), "end",
			 count(tally->in_flight_end), "slope_per_s", number(line.slope),
			 "slope_se", number(line.slope_se));
}

/* Of the requests sent, those that went a quarter of the latency limit after their
 * time. */
static double late_share(const struct load *load)
{
	const struct histogram *lag = &load->tally.lag;
	double sent = (double)histogram_above(lag, 0);
	if (load->options->mode == LOAD_CLOSED || !(sent > 0))
		return NAN;
	return (double)histogram_above(lag, load->options->limit_ns / 4) / sent;
}

static json_t *client_json(const struct load *load)
{
	return json_pack("{so so so so so}", "cpu_s", number(load->client.cpu_s),
			 "cpu_share", number(client_share(load)), "largest_gap_us",
			 number((double)load->client.largest_gap_ns / 1e3), "loops",
			 count(load->client.loops), "late_share",
			 number(late_share(load)));
}

static json_t *certificate_json(struct load *load)
{
	struct certificate certificate = report_certificate(load);
	return json_pack("{ss ss ss ss ss}", "sends_on_plan",
			 verdict_names[certificate.sends_on_plan], "lag",
			 verdict_names[certificate.lag], "arrivals",
			 verdict_names[certificate.arrivals], "cpu",
			 verdict_names[certificate.cpu], "little",
			 verdict_names[certificate.little]);
}

static json_t *idle_json(const struct idlers *idlers)
{
	if (idlers->asked == 0)
		return json_null();
	return json_pack("{so so so}", "asked", count(idlers->asked), "opened",
			 count(idlers->opened), "alive", count(idlers->alive));
}

static json_t *server_cpu_json(const struct ipbench *ipbench)
{
	if (ipbench == NULL)
		return json_null();
	if (!ipbench->told)
		return json_pack("{sn sn sn ss}", "share", "idle", "total", "why",
				 ipbench->why);
	return json_pack("{so so so sn}", "share", number(ipbench_share(ipbench)),
			 "idle", count(ipbench->idle), "total", count(ipbench->total),
			 "why");
}

json_t *report_json(struct load *load)
{
	struct tally *tally = &load->tally;
	bool planned_by_us = load->options->mode != LOAD_CLOSED;
	json_t *report = counts_json(load);
	json_t *rest = json_pack(
		"{so so so so so so so so so so so so}", "latency",
		times_json(&tally->latency), "service", times_json(&tally->service),
		"lag", times_json(&tally->lag), "in_flight", in_flight_json(tally),
		"live",
		json_pack("{so so}", "mean", number(gauge_mean(&tally->live)), "max",
			  count(gauge_max(&tally->live))),
		"idle", idle_json(&load->idlers), "little_error",
		number(tally_little_error(tally)), "arrivals",
		json_pack("{so so}", "ks_distance",
			  number(planned_by_us ? tally_ks_distance(tally) : NAN),
			  "planned_rps",
			  number(planned_by_us ? load->options->rate_rps : NAN)),
		"server_cpu", server_cpu_json(load->ipbench), "client",
		client_json(load), "seed", count(load->options->seed), "certificate",
		certificate_json(load));
	if (report == NULL || rest == NULL || json_object_update(report, rest) < 0 ||
	    (load->udp &&
	     json_object_set_new(report, "udp", udp_report_json(load)) < 0)) {
		json_decref(report);
		report = NULL;
	}
	json_decref(rest);
	return report;
}

static void text_time(FILE *out, double value_ns)
{
	if (isnan(value_ns))
		fprintf(out, " %9s", "n/a");
	else if (isinf(value_ns))
		fprintf(out, " %9s", "inf");
	else
		fprintf(out, " %9.*f", value_ns < 1e6 ? 1 : 0, value_ns / 1e3);
}

static void text_times(FILE *out, const char *name, const struct histogram *histogram)
{
	static const double shares[] = {0.5, 0.9, 0.99, 0.999};
	fprintf(out, "%-8s", name);
	text_time(out, histogram_mean(histogram));
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		text_time(out, histogram_percentile(histogram, shares[i]));
	text_time(out, histogram_max(histogram));
	fputc('\n', out);
}

static void text_counts(FILE *out, const struct tally *tally)
{
	fprintf(out, "planned %" PRIu64 ":", tally->planned);
	for (int i = 0; i < OUTCOMES; i++)
		if (i == OUTCOME_GOOD || tally->outcomes[i] > 0)
			fprintf(out, " %" PRIu64 " %s", tally->outcomes[i],
				outcome_names[i]);
	fputc('\n', out);
}

static void text_certificate(FILE *out, struct load *load)
{
	struct certificate certificate = report_certificate(load);
	fprintf(out, "client   sends %s, lag %s, arrivals %s, cpu %s, Little %s\n",
		verdict_names[certificate.sends_on_plan],
		verdict_names[certificate.lag], verdict_names[certificate.arrivals],
		verdict_names[certificate.cpu], verdict_names[certificate.little]);
	if (isfinite(client_share(load)))
		fprintf(out, "         %.0f %% of a CPU, largest gap %.0f us\n",
			100 * client_share(load),
			(double)load->client.largest_gap_ns / 1e3);
}

static void text_server_cpu(FILE *out, const struct ipbench *ipbench)
{
	if (ipbench->told)
		fprintf(out, "server   %.1f %% of its CPUs busy\n",
			100 * ipbench_share(ipbench));
	else
		fprintf(out, "server   n/a of its CPUs busy: %s\n", ipbench->why);
}

int report_text(struct load *load, FILE *out)
{
	struct tally *tally = &load->tally;
	if (load->options->mode == LOAD_CLOSED)
		fprintf(out, "closed loop, %" PRIu64 " connections", load->slots);
	else
		fprintf(out, "offered %.1f requests/s", offered_rps(load));
	fprintf(out, ": %.1f replies/s, %.1f good, over %.3f s\n",
		per_second(tally, tally->received_inside),
		per_second(tally, tally->good_inside), tally_window_s(tally));
	text_counts(out, tally);
	fprintf(out, "%-8s %9s %9s %9s %9s %9s %9s\n", "us", "mean", "p50", "p90",
		"p99", "p99.9", "max");
	text_times(out, "latency", &tally->latency);
	text_times(out, "service", &tally->service);
	text_times(out, "lag", &tally->lag);
	fprintf(out, "in flight %.2f on average, %" PRIu64 " connections at most\n",
		gauge_mean(&tally->in_flight), gauge_max(&tally->live));
	if (load->idlers.asked)
		fprintf(out,
			"idle     %" PRIu64 " connections asked for, %" PRIu64
			" opened, %" PRIu64 " alive in the end\n",
			load->idlers.asked, load->idlers.opened, load->idlers.alive);
	if (load->udp)
		udp_report_text(load, out);
	if (load->ipbench)
		text_server_cpu(out, load->ipbench);
	text_certificate(out, load);
	return fflush(out) || ferror(out) ? -EIO : 0;
}
