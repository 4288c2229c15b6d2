/* SPDX-License-Identifier: BSD-2-Clause */
/* graphs.S - files of ../graphs, each a string: the program needs no files beside it. */
	.section .rodata
	.globl net_1core, net_2cores, net_processes
net_1core:
	.incbin "servers/graphs/net-1core.graph"
	.byte 0
net_2cores:
	.incbin "servers/graphs/net-2cores.graph"
	.byte 0
net_processes:
	.incbin "servers/graphs/net-processes.graph"
	.byte 0

	.section .note.GNU-stack, "", %progbits
