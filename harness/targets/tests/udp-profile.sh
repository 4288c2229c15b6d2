#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# udp-profile.awk: of made-up samples, what a datagram takes by place, without what other programs took.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"

# So many samples of TASK, their stack the functions, innermost first: all the kernel's.
samples() # NUMBER TASK FUNCTION...
{
	number=$1 task=$2
	shift 2
	while [ "$number" -gt 0 ]; do
		echo "$task"
		printf '\tffffffff %s+0x1 ([kernel.kallsyms])\n' "$@"
		echo
		number=$((number - 1))
	done
}

profile() # RATE
{
	"${AWK:-awk}" -v label=made -v mbps=300 -v rate="$1" -v cpu=1 -v share=0.5 -v expected=1000 \
		-v functions=/dev/null -v leaves=0 -f "${DUALITY_SOURCE:-.}/harness/targets/udp-profile.awk" \
		<"$work/samples" >"$work/out"
}

# A place, its share, us a datagram.
row() # PATTERN SHARE US
{
	awk -v pattern="$1" -v share="$2" -v us="$3" '
		index($0, pattern) { found = $(NF - 3) == share && $(NF - 1) == us }
		END { exit !found }' "$work/out"
}

{
	samples 300 udp-epoll udp_sendmsg __x64_sys_sendto
	samples 100 udp-epoll udp_recvmsg __x64_sys_recvfrom
	samples 100 cron do_syscall_64
	samples 490 swapper default_idle
} >"$work/samples"
profile 25000
report $? 'samples are told by place'
grep -q 'busy for 0.500: 16.00 us a datagram' "$work/out"
report $? 'what other programs took is none of a datagram'"'"'s'
row 'socket: sending calls' 75.0 12.00
report $? 'nor of a place'"'"'s'
row all 100.0 16.00
report $? 'places add up'
grep -q '990 samples of 1000 expected: 400 of these, 490 idle, 100 other programs' "$work/out"
report $? 'all samples are told, and how many there should be'
profile 0
[ $? -eq 1 ] && grep -q '^made: n/a: 400 samples, 0 datagrams' "$work/out"
report $? 'without a datagram there is nothing to tell'
samples 99 udp-epoll udp_sendmsg >"$work/samples"
profile 25000
[ $? -eq 1 ] && grep -q '^made: n/a: 99 samples' "$work/out"
report $? 'nor of a few samples'
echo "1..$count"
