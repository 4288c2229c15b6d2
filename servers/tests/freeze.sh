#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a long handler does to others: nothing, where some remedy is taken; without, it freezes
# the server.  And what the remedy of calling the loop from the handler costs: the first to
# come ends last.  By the order of replies, on all CPUs and on one.
set -u
build=${DUALITY_BUILD:-.}
order=$build/servers/tests/order
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
remedies='epoll-chunked epoll-kernel epoll-nested epoll-offload pool process thread'
count=0

# A busy machine may hold this client up for longer than the server spins: once more, longer.
is() # first|last WHICH SCALED-FIRST SCALED-SECOND SERVER [ARG]...
{
	want=$1 which=$2 first=$3 second=$4
	shift 4
	for us in 300000 1200000 2400000; do
		a=$(echo "$first" | sed "s/US/$us/")
		b=$(echo "$second" | sed "s/US/$((us * 3))/")
		said=$("$order" "$which" "$a" "$b" "$@" 2>&1)
		[ "$said" != "$want" ] || return 0
	done
	return 1
}

check() # NAME COMMAND [ARG]...
{
	count=$((count + 1))
	name=$1
	shift
	if "$@"; then
		echo "ok $count - $name"
	else
		echo "# said: $said"
		echo "not ok $count - $name"
	fi
}

for where in '' "--cpus $cpu"; do
	on=${where:-all CPUs}
	servers=$build/servers
	# shellcheck disable=SC2086 # an option and its value, or nothing
	{
		for name in $remedies; do
			check "$name, $on: a file is served during a spin" \
				is first 2 '/spin?us=US' /one.txt "$servers/$name" $where
		done
		check "epoll, $on: a file is served after a spin" \
			is last 2 '/spin?us=US' /one.txt "$servers/epoll" $where
		check "epoll-chunked, $on: the shorter of two spins ends first" \
			is first 1 '/spin?us=US' '/spin?us=US' "$servers/epoll-chunked" $where
		check "epoll-nested, $on: the first of two spins ends last" \
			is last 1 '/spin?us=US' '/spin?us=US' "$servers/epoll-nested" $where
	}
done
echo "1..$count"
