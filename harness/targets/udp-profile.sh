#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# udp-profile.sh [MBPS [SECONDS]]: what a datagram takes of the server's CPU, by place, of udp-epoll and of
# net-1core by AF_XDP, at one rate (300) over the testbed of duality netns.  perf(1) takes samples of that
# CPU, and the stack says where each belongs.  `make profile-udp PROFILE="MBPS SECONDS"`, as root, on a
# machine that has nothing else to do: all that the CPU was busy with is taken for the server's, but for
# the share of the samples that were in other programs.
set -u

mbps=${1:-300} seconds=${2:-5}
build=${DUALITY_BUILD:-.}
source=${DUALITY_SOURCE:-.}
hertz=1999

stop() # STATUS TEXT
{
	echo "profile-udp: $2" >&2
	exit "$1"
}

case $mbps$seconds in
*[!0-9]*) stop 2 "usage: udp-profile.sh [MBPS [SECONDS]]" ;;
esac
for tool in perf nm taskset ip; do
	command -v "$tool" >/dev/null || stop 77 "$tool is not installed"
done
[ -x "$build/servers/net" ] || stop 77 "$build/servers/net is not there: it takes lwIP"

# Within the testbed, once more.
if [ -z "${DUALITY_NETNS_SERVER:-}" ]; then
	cpu=$(awk -F'[-,]' '{ print $NF }' /sys/devices/system/cpu/online)
	[ "$cpu" -gt 0 ] || stop 77 "client and server need a CPU each"
	DUALITY_LIBEXEC=$build/harness PROFILE_CPU=$cpu
	export DUALITY_LIBEXEC PROFILE_CPU
	exec "$build/harness/duality-netns" --server-cpus "$cpu" --rate 1000000 sh "$0" "$mbps" "$seconds"
fi

work=$(mktemp -d) || exit 1
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

until_ready() # SECONDS
{
	tries=$(($1 * 10))
	until grep -q '^ready' "$work/ready" || [ "$tries" -eq 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	[ "$tries" -gt 0 ] || stop 1 "$name was not ready: $(cat "$work/ready")"
}

# Which module, or part of the runtime, a function is of: FUNCTION FILE, without .o.
functions()
{
	for archive in "$build/servers/network/libnetwork.a" "$build/runtimes/libgraph.a"; do
		nm -A "$archive" 2>/dev/null
	done | sed -n 's/.*[:-]\([a-z_]*\)\.o:[0-9a-f]* [tT] \([A-Za-z0-9_]*\).*/\2 \1/p'
}

# Nanoseconds of the clock, and for which the server's CPU was idle, to ticks of 10 ms.
now()
{
	echo "$(date +%s%N) $(awk -v cpu="cpu$PROFILE_CPU" '$1 == cpu { print ($5 + $6) "0000000" }' /proc/stat)"
}

profile() # NAME LABEL PROGRAM [ARGUMENT]...
{
	name=$1 label=$2
	shift 2
	: >"$work/ready"
	ip netns exec "$DUALITY_NETNS_SERVER" taskset -c "$PROFILE_CPU" "$@" >"$work/ready" 2>&1 &
	server=$!
	until_ready 5
	[ "$name" != net ] || "$build/harness/duality-netns" --bind "$PROFILE_CPU" \
		"$DUALITY_NETNS_SERVER" >/dev/null
	ip netns exec "$DUALITY_NETNS_CLIENT" "$build/harness/duality-load" --quiet --cpu 0 --mbps "$mbps" \
		--warmup 1 --duration "$seconds" --json "$work/json" \
		"udp://$(sed -n 's/^ready //p' "$work/ready")" >/dev/null &
	load=$!
	sleep 1.2
	before=$(now)
	perf record -q -e cpu-clock -F "$hertz" -C "$PROFILE_CPU" --call-graph dwarf,512 \
		-o "$work/data" -- sleep "$((seconds - 1))" >/dev/null 2>"$work/err" ||
		stop 77 "perf: $(head -n 1 "$work/err")"
	busy=$(echo "$before $(now)" | awk '{ print 1 - ($4 - $2) / ($3 - $1) }')
	wait "$load"
	kill "$server"
	wait "$server" 2>/dev/null
	server=
	rate=$(sed -n 's/.*"achieved_rps": *\([0-9.]*\).*/\1/p' "$work/json" | head -n 1)
	perf script --no-inline -i "$work/data" -F comm,ip,sym,dso 2>/dev/null |
		awk -v label="$label" -v mbps="$mbps" -v rate="${rate:-0}" -v cpu="$PROFILE_CPU" -v share="$busy" \
			-v expected="$((hertz * (seconds - 1)))" \
			-v functions="$work/functions" -v leaves="${LEAVES:-0}" -f "$source/harness/targets/udp-profile.awk"
}

functions >"$work/functions"
profile udp "udp-epoll" "$build/servers/udp-epoll" --address "$DUALITY_NETNS_ADDRESS" --port 0
profile net "net-1core xdp" "$build/servers/net" --address "$DUALITY_NETNS_FREE" --interface eth0 \
	--driver xdp
