/* SPDX-License-Identifier: BSD-2-Clause */
/* places.c - the folders of this installation or build tree. */
#include "config.h"

#include "harness/targets/places.h"

#include <stdlib.h>

static const struct {
	const char *variable, *installed;
} places[] = {
	[PLACE_SERVERS] = {"DUALITY_SERVERS", INSTALLED_SERVERS},
	[PLACE_WORKLOADS] = {"DUALITY_WORKLOADS", INSTALLED_WORKLOADS},
	[PLACE_PLOTS] = {"DUALITY_PLOTS", INSTALLED_PLOTS},
	[PLACE_LIBEXEC] = {"DUALITY_LIBEXEC", INSTALLED_LIBEXEC},
};

const char *place_get(enum place which)
{
	const char *set = getenv(places[which].variable);
	return set && *set ? set : places[which].installed;
}
