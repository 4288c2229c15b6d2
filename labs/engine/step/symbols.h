/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.h - the functions and variables of an ELF file, 64 bits of this machine's
   byte order. The file may be a student's: nothing in it is believed. */
#ifndef LAB_STEP_SYMBOLS_H
#define LAB_STEP_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t address, size;
	const char *name;
	bool function;
	bool main_table; /* of .symtab, not of the dynamic one */
};

struct symbols {
	unsigned char *file;
	size_t length;
	struct symbol
		*list; /* by address; of several names for one, the plainest first */
	size_t n;
	uint64_t entry;
	bool dynamic; /* the dynamic linker starts it */
};

/* Reads the file.  0, or -errno; -ENOEXEC: no such ELF file. */
int symbols_read(struct symbols *s, const char *path);
void symbols_free(struct symbols *s);

/* The symbol that holds the address, or NULL. */
const struct symbol *symbols_at(const struct symbols *s, uint64_t address);

/* The symbol of that name, or NULL. */
const struct symbol *symbols_named(const struct symbols *s, const char *name);

/* Copies what the program will have at the address when it starts; false: not all
 * there. */
bool symbols_bytes(const struct symbols *s, uint64_t address, void *to, size_t n);

#endif
