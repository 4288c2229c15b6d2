#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The web server over lwIP on a wire: each driver and each placement carries it, and of two clients
# one crashes while all requests to the other are answered.
set -u
tests=${DUALITY_SOURCE:-.}/servers/network/tests
graphs=${DUALITY_SOURCE:-.}/servers/graphs
program=net-http
ready_at=10.99.0.2:80
# shellcheck source=servers/network/tests/wire.sh
. "$tests/wire.sh"

mkdir "$work/files"
echo small >"$work/files/small.txt"
# More than all windows and buffers there are, and no two pieces of it are alike.
seq 1 300000 >"$work/files/vast.txt"

# All requests to ADDRESS/PATH are answered, and right.
load() # ADDRESS/PATH OPTION...
{
	url=http://$1
	shift
	"$build/harness/duality-load" --quiet --warmup 0 --duration 0.5 --drain 20 --verify 1 \
		--json "$work/json" "$@" "$url" || return 1
	cat "$work/json"
	sed -n 's/.*"planned": *\([0-9]*\).*"good": *\([0-9]*\).*/\1 \2/p' "$work/json" |
		awk '{ exit !($1 > 0 && $1 == $2) }'
}

closed_as_opened()
{
	[ "$(counter connections_opened)" -gt 0 ] &&
		[ "$(counter connections_opened)" -eq "$(counter connections_closed)" ]
}

# All that a driver and a placement have to carry.
carries() # NAME OPTION...
{
	name=$1
	shift
	check "$name: is ready" start --root "$work/files" "$@"
	check "$name: small replies" load 10.99.0.2/small.txt --rate 500 --connections 32
	check "$name: a connection a request" \
		load 10.99.0.2/small.txt --rate 200 --session-requests 1
	check "$name: large replies" load 10.99.0.2/vast.txt --rate 20 --connections 16
	check "$name: ends when told" stop
	check "$name: all that was opened was closed" closed_as_opened
}

for driver in packet xdp tap; do
	carries "$driver"
done
driver=packet
carries "2 cores" --2cores
carries "processes" --processes
carries "no copier" --graph "$graphs/net-direct.graph"

tcp_peer()
{
	"$build/servers/network/tests/tcp-peer" "$@"
}

# Connections that send more than all buffers hold, while what they asked for first takes its time.
floods()
{
	tcp_peer flood 10.99.0.2 80 40 2000 >"$work/flood" &
	flood=$!
	load 10.99.0.2/vast.txt --rate 20 --connections 4
	loaded=$?
	wait $flood && [ $loaded -eq 0 ]
}

check "input that nobody takes: is ready" start --root "$work/files"
check "40 connections send on and on: others are served" floods
check "50 from one port, one after the other, are served" tcp_peer again 10.99.0.2 80 50

# It is told to end while the last of a reply is in lwIP, and who reads it takes his time.
slow_at_end()
{
	tcp_peer slow 10.99.0.2 80 50000 1000 >"$work/slow" &
	slow=$!
	tries=0
	until grep -q waits "$work/slow" || [ $((tries += 1)) -ge 300 ]; do
		sleep 0.05
	done
	stop
	stopped=$?
	cat "$work/slow"
	wait $slow && [ $stopped -eq 0 ]
}

check "it ends when told, and what it has sent arrives" slow_at_end

# Requests to the second client, while the first has some too and is killed each half second.
crashes()
{
	"$build/harness/duality-load" --quiet --rate 20 --connections 8 --duration 3 \
		http://10.99.0.2/vast.txt >"$work/first" 2>&1 &
	first=$!
	load 10.99.0.3/small.txt --rate 300 --connections 8 --duration 3 &
	second=$!
	for _ in 1 2 3 4 5; do
		sleep 0.5
		crash client0
	done
	wait $first
	wait $second
}

check "two clients: are ready" \
	start --root "$work/files" --processes --graph "$graphs/net-two.graph"
check "one crashes: the other's requests are all answered" crashes
check "it was begun anew each time" [ "$(times_anew client0)" -eq 5 ]
check "and answers" load 10.99.0.2/vast.txt --rate 20 --connections 4
check "both end when told" stop
check "connections that died with it are counted" closed_as_opened
echo "1..$count"
