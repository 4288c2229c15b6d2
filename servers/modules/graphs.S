/* SPDX-License-Identifier: BSD-2-Clause */
/* graphs.S - the files in ../graphs, each a string: a program needs no files beside it. */
	.section .rodata
	.globl web_1core, web_2cores, web_processes
web_1core:
	.incbin "servers/graphs/web-1core.graph"
	.byte 0
web_2cores:
	.incbin "servers/graphs/web-2cores.graph"
	.byte 0
web_processes:
	.incbin "servers/graphs/web-processes.graph"
	.byte 0

	.section .note.GNU-stack, "", %progbits
