/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols.c - reads ELF's tables (elf(5)) from a copy of the file in memory. */
#include "config.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols.h"

enum { FILE_MAX_BYTES = 64 << 20 };

static int file_load(struct symbols *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	struct stat about;
	int status = fstat(fd, &about) < 0 ? -errno : 0;
	if (!status &&
	    (!S_ISREG(about.st_mode) || about.st_size < (off_t)sizeof(Elf64_Ehdr) ||
	     about.st_size > FILE_MAX_BYTES))
		status = -ENOEXEC;
	if (!status) {
		s->length = (size_t)about.st_size;
		s->file = malloc(s->length);
		status = s->file ? 0 : -ENOMEM;
	}
	if (!status && read(fd, s->file, s->length) != (ssize_t)s->length)
		status = -EIO;
	close(fd);
	return status;
}

/* n things of a size at an offset of the file, or NULL if they are not all there. */
static const void *file_part(const struct symbols *s, uint64_t offset, uint64_t n,
			     size_t size)
{
	if (offset > s->length || n > (s->length - offset) / size)
		return NULL;
	return s->file + offset;
}

static bool header_fits(const struct symbols *s, Elf64_Ehdr *header)
{
	memcpy(header, s->file, sizeof(*header));
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
	       header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_shentsize == sizeof(Elf64_Shdr);
}

static void symbol_add(struct symbols *s, const Elf64_Sym *from, const char *names,
		       uint64_t names_length, bool main_table)
{
	unsigned type = ELF64_ST_TYPE(from->st_info);
	bool function = type == STT_FUNC || type == STT_GNU_IFUNC;
	if ((!function && type != STT_OBJECT) || from->st_shndx == SHN_UNDEF ||
	    from->st_size == 0 || from->st_name >= names_length)
		return;
	s->list[s->n++] = (struct symbol){
		.address = from->st_value,
		.size = from->st_size,
		.name = names + from->st_name,
		.function = function,
		.main_table = main_table,
	};
}

static int table_read(struct symbols *s, const Elf64_Ehdr *header,
		      const Elf64_Shdr *table)
{
	uint64_t n = table->sh_size / sizeof(Elf64_Sym);
	const unsigned char *at = file_part(s, table->sh_offset, n, sizeof(Elf64_Sym));
	if (!at || table->sh_link >= header->e_shnum)
		return -ENOEXEC;
	Elf64_Shdr strings;
	memcpy(&strings, s->file + header->e_shoff + table->sh_link * sizeof(strings),
	       sizeof(strings));
	const char *names = file_part(s, strings.sh_offset, strings.sh_size, 1);
	if (!names || strings.sh_size == 0 || names[strings.sh_size - 1] != '\0')
		return -ENOEXEC;
	struct symbol *more = realloc(s->list, (s->n + n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->list = more;
	for (uint64_t i = 0; i < n; i++) {
		Elf64_Sym symbol;
		memcpy(&symbol, at + i * sizeof(symbol), sizeof(symbol));
		symbol_add(s, &symbol, names, strings.sh_size,
			   table->sh_type == SHT_SYMTAB);
	}
	return 0;
}

static int tables_read(struct symbols *s)
{
	Elf64_Ehdr header;
	if (!header_fits(s, &header))
		return -ENOEXEC;
	s->entry = header.e_entry;
	const unsigned char *sections =
		file_part(s, header.e_shoff, header.e_shnum, sizeof(Elf64_Shdr));
	if (!sections)
		return -ENOEXEC;
	for (unsigned i = 0; i < header.e_shnum; i++) {
		Elf64_Shdr section;
		memcpy(&section, sections + i * sizeof(section), sizeof(section));
		if (section.sh_type == SHT_DYNAMIC)
			s->dynamic = true;
		if (section.sh_type != SHT_SYMTAB && section.sh_type != SHT_DYNSYM)
			continue;
		int status = table_read(s, &header, &section);
		if (status < 0)
			return status;
	}
	return 0;
}

/* Of several names for one address the plainest first: fewest leading underscores. */
static int symbol_compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	size_t x_bars = strspn(x->name, "_"), y_bars = strspn(y->name, "_");
	if (x_bars != y_bars)
		return x_bars < y_bars ? -1 : 1;
	return strcmp(x->name, y->name);
}

int symbols_read(struct symbols *s, const char *path)
{
	*s = (struct symbols){0};
	int status = file_load(s, path);
	if (!status)
		status = tables_read(s);
	if (status < 0) {
		symbols_free(s);
		return status;
	}
	if (s->n > 0)
		qsort(s->list, s->n, sizeof(*s->list), symbol_compare);
	return 0;
}

void symbols_free(struct symbols *s)
{
	free(s->list);
	free(s->file);
	*s = (struct symbols){0};
}

const struct symbol *symbols_at(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	const struct symbol *found = &s->list[low - 1];
	while (found > s->list && found[-1].address == found->address)
		found--;
	return address - found->address < found->size ? found : NULL;
}

const struct symbol *symbols_named(const struct symbols *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->list[i].name, name) == 0)
			return &s->list[i];
	return NULL;
}

bool symbols_bytes(const struct symbols *s, uint64_t address, void *to, size_t n)
{
	Elf64_Ehdr header;
	memcpy(&header, s->file, sizeof(header));
	const unsigned char *at =
		file_part(s, header.e_phoff, header.e_phnum, sizeof(Elf64_Phdr));
	for (unsigned i = 0; at && i < header.e_phnum; i++) {
		Elf64_Phdr part;
		memcpy(&part, at + i * sizeof(part), sizeof(part));
		if (part.p_type != PT_LOAD || address < part.p_vaddr ||
		    address - part.p_vaddr > part.p_filesz ||
		    n > part.p_filesz - (address - part.p_vaddr))
			continue;
		uint64_t offset = part.p_offset + (address - part.p_vaddr);
		const void *from =
			offset < part.p_offset ? NULL : file_part(s, offset, n, 1);
		if (from)
			memcpy(to, from, n);
		return from != NULL;
	}
	return false;
}
