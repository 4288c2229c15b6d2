# SPDX-License-Identifier: BSD-2-Clause
# udp-profile.awk - samples of perf script, each a line with the task's name, lines of its stack
# (address, function, file in brackets) and an empty line, to shares by place.  Given: label, mbps,
# rate (datagrams a second that came back), cpu, share (for which it was busy), expected (how many
# samples there should be), functions (a file: function, module), leaves (not 0: tell functions, too).

BEGIN {
	while ((getline line < functions) > 0) {
		split(line, pair, " ")
		module_of[pair[1]] = pair[2]
	}
	split("receiving|XDP: NAPI, program, copy to the region|driver: AF_XDP send calls|" \
	      "socket: sending calls|socket: receiving calls|waiting: epoll|switching tasks|" \
	      "interrupts|entering the kernel|kernel, other|driver|virtualisers|copier|lwIP|" \
	      "client, application|rings, scheduler|C library|other", order, "|")
	# The clock that samples is an interrupt, too: what runs with them off is told where they are let in;
	# and where a halted CPU is woken for it too late (a virtual machine's), as that is woken.
	title["interrupts"] = "interrupts, to other CPUs too"
	title["receiving"] = "kernel's stack receiving: frames, IP, UDP"
}

function is_copy(name)
{
	return name ~ /memcpy|memmove|mempcpy|rep_movs|copy_user|copy_to_iter|copy_from_iter|clear_page|_copy/
}

# Of what the kernel does: what it was called for, the innermost first.
function kernel_place(stack)
{
	if (name[1] ~ /^(handle_softirqs|__do_softirq|finish_task_switch.*|native_write_msr)$/)
		return stack ~ / (schedule|__schedule|schedule_tail) / ? "switching tasks" : "interrupts"
	if (stack ~ / (handle_softirqs|__do_softirq|napi_threaded_poll[a-z_]*) /)
		return stack ~ / veth_poll | xdp_do_| napi_threaded_poll/ ? \
			"XDP: NAPI, program, copy to the region" : "receiving"
	if (stack ~ / (xsk_sendmsg|__xsk_sendmsg|xsk_generic_xmit|__xsk_generic_xmit) /)
		return "driver: AF_XDP send calls"
	if (stack ~ / udp_sendmsg /)
		return "socket: sending calls"
	if (stack ~ / udp_recvmsg /)
		return "socket: receiving calls"
	if (stack ~ / (sysvec|asm_sysvec|irq_exit|common_interrupt)[a-z_]* /)
		return "interrupts"
	if (stack ~ / (do_epoll_wait|ep_poll) /)
		return stack ~ / (schedule|__schedule) / ? "switching tasks" : "waiting: epoll"
	if (stack ~ / (schedule|__schedule|ret_from_fork|smpboot_thread_fn|kthread) /)
		return "switching tasks"
	if (stack ~ / (__x64_sys_|__sys_|do_syscall_64|entry_SYSCALL|syscall_)/)
		return stack ~ /sendto|sendmsg|recv/ ? "socket: " (stack ~ /recv/ ? "receiving" : "sending") " calls" : \
			"entering the kernel"
	return "kernel, other"
}

# Of a program's function, by its file.
function module_place(name,    file)
{
	sub(/\..*/, "", name)
	if (!(name in module_of))
		return label ~ /^net/ ? "rings, scheduler" : "client, application"
	file = module_of[name]
	if (file ~ /^(driver|xdp|packet|tap)$/)
		return "driver"
	if (file ~ /^virt_/)
		return "virtualisers"
	if (file == "copier")
		return "copier"
	return file ~ /^(client|echo|keep|program)$/ ? "client, application" : "rings, scheduler"
}

# The innermost that is none of the C library's, who works for others.
function user_place(    i)
{
	for (i = 1; i <= depth; i++) {
		if (file[i] ~ /liblwip/)
			return "lwIP"
		if (file[i] !~ /libc[.-]|ld-linux|vdso|unknown|kernel/)
			return module_place(name[i])
	}
	return "C library"
}

# The kernel's idle task, but for the interrupts that come meanwhile.
function is_idle(stack)
{
	return task ~ /^swapper/ && stack !~ / (handle_softirqs|__do_softirq|flush_smp_call_function_queue) / &&
		stack !~ / (sysvec|asm_sysvec|common_interrupt)/
}

# Of other programs only what the kernel received meanwhile is the server's.
function is_other(stack)
{
	return task !~ /^(net|modules|udp-|napi|ksoftirqd|swapper)/ && stack !~ / (handle_softirqs|__do_softirq) /
}

function sample_end(    i, stack, place)
{
	if (!depth)
		return
	samples++
	for (i = 1; i <= depth && file[i] ~ /^\(\[/ && file[i] !~ /vdso|unknown/; i++) # modules too
		stack = stack " " name[i]
	stack = stack == "" ? "" : stack " "
	if (is_idle(stack)) {
		idle++
	} else if (is_other(stack)) {
		others++
	} else {
		place = stack == "" ? user_place() : kernel_place(stack)
		seen[place]++
		copying[place] += is_copy(name[1])
		if (leaves)
			leaf[place "\t" name[1]]++
	}
	depth = 0
}

/^[ \t]*$/ { sample_end(); next }
/^[^ \t]/ { task = $1; next }
{
	depth++
	name[depth] = $2
	sub(/\+0x.*/, "", name[depth])
	file[depth] = $NF
}

function row(text, n, of_it)
{
	printf "  %-44s %6.1f %% %9.2f %9.2f\n", text, 100 * n / busy, each * n / busy, each * of_it / busy
}

END {
	sample_end()
	busy = samples - idle - others
	if (busy < 100 || rate <= 0) {
		print label ": n/a: " busy + 0 " samples, " rate + 0 " datagrams a second"
		exit 1
	}
	each = 1e6 * share * busy / (busy + others) / rate # other programs' part of the time is not the server's
	printf "%s at %d Mb/s: %.0f datagrams a second came back, CPU %d was busy for %.3f: %.2f us a datagram\n", \
		label, mbps, rate, cpu, share, each
	printf "  %-44s %8s %9s %9s\n", "place", "of it", "us", "copying"
	for (i = 1; i in order; i++) {
		place = order[i]
		if (seen[place])
			row(place in title ? title[place] : place, seen[place], copying[place])
		all_copying += copying[place]
	}
	row("all", busy, all_copying)
	printf "  %d samples of %d expected: %d of these, %d idle, %d other programs'\n", \
		samples, expected, busy, idle, others
	for (i in leaf)
		if (leaf[i] >= busy / 100)
			printf "    %5.1f %%  %s\n", 100 * leaf[i] / busy, i
}
