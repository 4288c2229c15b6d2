/* SPDX-License-Identifier: BSD-2-Clause */
/* places.h - where things are: the environment says (set by `duality`), and where it
 * does not, the folders of the installation. */
#ifndef DUALITY_PLACES_H
#define DUALITY_PLACES_H

enum place { PLACE_SERVERS, PLACE_WORKLOADS, PLACE_PLOTS, PLACE_LIBEXEC };

/* A folder's name; never NULL, never freed. */
const char *place_get(enum place which);
#endif
