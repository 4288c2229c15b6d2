/* SPDX-License-Identifier: BSD-2-Clause */
/* draw.c - a graph as dot(1) takes it. */
#include "config.h"

#include "tables.h"

#include <errno.h>
#include <string.h>

static void module_draw(const struct graph_module *m, FILE *out)
{
	fprintf(out, "\t\"%s\" [label=\"%s\\n%s", m->name, m->name, m->type->name);
	if (m->priority)
		fprintf(out, "\\npriority %d", m->priority);
	fprintf(out, "\"];\n");
}

/* The modules of a core, or those of none. */
static void core_draw(const struct graph *g, int core, FILE *out)
{
	if (core != NONE)
		fprintf(out, "\tsubgraph cluster_%d {\n\tlabel=\"core %d\";\n", core,
			core);
	for (int i = 0; i < g->modules; i++)
		if (g->module[i].core == core)
			module_draw(&g->module[i], out);
	if (core != NONE)
		fprintf(out, "\t}\n");
}

/* No module further up is on its core. */
static bool core_is_new(const struct graph *g, int module)
{
	for (int i = 0; i < module; i++)
		if (g->module[i].core == g->module[module].core)
			return false;
	return true;
}

static void region_draw(const struct graph *g, int region, FILE *out)
{
	const struct graph_region *r = &g->region[region];

	fprintf(out, "\t\"%s\" [shape=cylinder label=\"%s\\n%llu KiB\"];\n", r->name,
		r->name, (unsigned long long)r->bytes >> 10);
	for (int i = 0; i < g->grants; i++)
		if (g->grant[i].region == region)
			fprintf(out, "\t\"%s\" -> \"%s\" [style=dotted dir=%s];\n",
				g->module[g->grant[i].to.module].name, r->name,
				g->grant[i].writes ? "both" : "back");
}

void graph_draw(const struct graph *g, FILE *out)
{
	fprintf(out, "digraph {\n\trankdir=LR;\n\tnode [shape=box];\n");
	for (int i = 0; i < g->modules; i++)
		if (core_is_new(g, i))
			core_draw(g, g->module[i].core, out);
	for (int i = 0; i < g->regions; i++)
		region_draw(g, i, out);
	for (int i = 0; i < g->rings; i++) {
		const struct graph_ring *r = &g->ring[i];

		fprintf(out, "\t\"%s\" -> \"%s\" [label=\"%s\\n%u\"%s];\n",
			g->module[r->from.module].name, g->module[r->to.module].name,
			r->name, r->slots, r->answers != NONE ? " style=dashed" : "");
	}
	for (int i = 0; i < g->channels; i++)
		fprintf(out, "\t\"%s\" -> \"%s\" [label=\"%s\" dir=none color=gray];\n",
			g->module[g->channel[i].end[0].module].name,
			g->module[g->channel[i].end[1].module].name,
			g->channel[i].name);
	fprintf(out, "}\n");
}

int graph_draw_file(const char *path, const struct module_type *const *types, FILE *out,
		    struct graph_error *error)
{
	struct graph *g;
	int err = graph_read(&g, path, types, error);

	if (err < 0)
		return err;
	graph_draw(g, out);
	graph_free(g);
	if (fflush(out) == 0 && !ferror(out))
		return 0;
	err = errno ? errno : EIO;
	snprintf(error->text, GRAPH_ERROR, "%s: cannot write the drawing: %s", path,
		 strerror(err));
	return -err;
}
