# SPDX-License-Identifier: BSD-2-Clause
# fiber.gdb - fibers for gdb, in its own language:  gdb -x fiber.gdb PROGRAM
#   fibers              all that live: number, state, name, where it goes on
#   fiber N             the backtrace of number N
#   fibers-backtrace    the backtraces of all that live
# A backtrace sets the registers of the selected thread to where the fiber goes on and
# back again: so it wants a process, not a core.

# Which of those that are ready runs is its worker's to say.
define fiber-runs-set
	set $fiber_runs = $arg0->worker && $arg0->worker->current == $arg0
	set $fiber_waits = !$fiber_runs && $arg0->state != FIBER_FREE && $arg0->state != FIBER_ENDED
end

define fiber-state-print
	fiber-runs-set $arg0
	if $fiber_runs
		printf "running"
	end
	if $fiber_waits && $arg0->state != FIBER_BLOCKED
		printf "ready  "
	end
	if $arg0->state == FIBER_BLOCKED
		printf "blocked"
	end
	if $arg0->state == FIBER_ENDED
		printf "ended  "
	end
end

define fiber-name-print
	if $arg0->name
		printf "%s", $arg0->name
	else
		printf "#%u", $arg0->number
	end
end

define fiber-line-print
	printf "%8u  ", $arg0->number
	fiber-state-print $arg0
	printf "  "
	fiber-name-print $arg0
	fiber-runs-set $arg0
	if $fiber_waits
		printf "  "
		output/a $arg0->context.pc
	end
	printf "\n"
end

# The frame pointer as a register: $fp cannot be set everywhere.
define fiber-frame-keep
	if $_isvoid($rbp)
		set $fiber_fp = $x29
	else
		set $fiber_fp = $rbp
	end
end

define fiber-frame-set
	if $_isvoid($rbp)
		set $x29 = $arg0
	else
		set $rbp = $arg0
	end
end

# What a running fiber's context holds is old: its registers are a thread's.  A frame
# that is not innermost would be in the way of setting the stack pointer.  On x86-64 gdb
# forgets, as the program counter is set, that the thread is in a system call.
define fiber-backtrace-print
	printf "\nfiber %u: ", $arg0->number
	fiber-name-print $arg0
	printf "\n"
	fiber-runs-set $arg0
	if $fiber_waits
		select-frame 0
		set $fiber_sp = $sp
		fiber-frame-keep
		set $fiber_pc = $pc
		set $fiber_call = $orig_rax
		set $fiber_at = $arg0->context
		set $sp = $fiber_at.sp
		fiber-frame-set $fiber_at.fp
		set $pc = $fiber_at.pc
		backtrace
		set $sp = $fiber_sp
		fiber-frame-set $fiber_fp
		set $pc = $fiber_pc
		set $orig_rax = $fiber_call
	else
		if $fiber_runs
			printf "runs on worker %u: see `thread apply all backtrace'\n", $arg0->worker->number
		else
			printf "has ended\n"
		end
	end
end

define fibers
	set $fiber_each = (struct fiber *) fiber_runtime.all
	while $fiber_each
		if $fiber_each->state != FIBER_FREE
			fiber-line-print $fiber_each
		end
		set $fiber_each = $fiber_each->all_next
	end
end
document fibers
List all fibers: number, state, name, and where it goes on.
end

define fiber
	if $argc != 1
		printf "fiber: which?  One of the numbers that `fibers' lists.\n"
	else
		set $fiber_each = (struct fiber *) fiber_runtime.all
		while $fiber_each && $fiber_each->number != $arg0
			set $fiber_each = $fiber_each->all_next
		end
		if $fiber_each && $fiber_each->state != FIBER_FREE
			fiber-backtrace-print $fiber_each
		else
			printf "fiber: there is none of that number\n"
		end
	end
end
document fiber
fiber N: the backtrace of the fiber of that number.
end

define fibers-backtrace
	set $fiber_each = (struct fiber *) fiber_runtime.all
	while $fiber_each
		if $fiber_each->state != FIBER_FREE
			fiber-backtrace-print $fiber_each
		end
		set $fiber_each = $fiber_each->all_next
	end
end
document fibers-backtrace
The backtraces of all fibers.
end
