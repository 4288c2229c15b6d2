/* SPDX-License-Identifier: BSD-2-Clause */
/* What the result of a run with datagrams tells beside that of any run. */
#ifndef LOAD_UDP_REPORT_H
#define LOAD_UDP_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "harness/load/load.h"

/* NULL: no memory. */
json_t *udp_report_json(const struct load *load);

void udp_report_text(const struct load *load, FILE *out);

#endif
