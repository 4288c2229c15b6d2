#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the gate does not ask of graph: that its processes are the protection domains its graph
# says, by what they have mapped and opened while clients are served; that the server tells of
# one that is killed and serves on; that none is left; and that a bad graph is refused.
set -u
build=${DUALITY_BUILD:-.}
work=$(mktemp -d) || exit 99
server=
load=
trap 'for p in $server $load; do kill -9 "$p"; done 2>/dev/null; rm -rf "$work"' EXIT
count=0

check() # TEXT COMMAND...
{
	text=$1
	shift
	count=$((count + 1))
	if "$@"; then echo "ok $count - $text"; else echo "not ok $count - $text"; fi
}

# The process that is this module, as the server began it.
process() # MODULE
{
	tr ' ' '\n' <"/proc/$server/task/$server/children" | while read -r p; do
		if [ "$(cat "/proc/$p/comm" 2>/dev/null)" = "$1" ]; then echo "$p"; fi
	done
}

# "input:rw paths:r": the regions it has mapped, and how.
regions() # MODULE
{
	sed -n 's/^[^ ]* \(r[w-]\).* \/memfd:\(input\|output\|paths\) .*/\2:\1/p' \
		"/proc/$(process "$1")/maps" | tr -d - | sort -u | xargs
}

# How many descriptors of connections.
sockets() # MODULE
{
	find "/proc/$(process "$1")/fd" -lname 'socket:*' 2>/dev/null | wc -l
}

start() # OPTION...
{
	: >"$work/ready"
	"$build/servers/graph" --root "$work/tree" "$@" >"$work/ready" 2>"$work/said" &
	server=$!
	tries=0
	until grep -q ready "$work/ready" || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
	url=http://$(sed -n 's/ready //p' "$work/ready")
}

# Are there so many sockets in netin by now?
connected()
{
	tries=0
	until [ "$(sockets netin)" -ge 16 ] && [ "$(sockets netout)" -ge 16 ]; do
		[ $((tries += 1)) -lt 100 ] || return 1
		sleep 0.1
	done
}

gone() # PID...
{
	tries=0
	for p; do
		while [ -d "/proc/$p" ] && [ $((tries += 1)) -lt 100 ]; do sleep 0.1; done
	done
	[ $tries -lt 100 ]
}

answers()
{
	"$build/harness/duality-load" --closed --connections 1 --warmup 0 --duration 0.2 \
		--quiet --json "$work/load" "$url/file" 2>"$work/load.said"
}

mkdir "$work/tree" && echo text >"$work/tree/file" || exit 99
start --processes
"$build/harness/duality-load" --closed --connections 16 --warmup 0 --duration 60 --quiet \
	--json "$work/load" "$url/file" 2>"$work/load.said" &
load=$!
check 'clients are served' connected
check 'netin writes input, and sees nothing else' [ "$(regions netin)" = 'input:rw' ]
check 'netout reads output, and sees nothing else' [ "$(regions netout)" = 'output:r' ]
check 'file reads paths, and sees nothing else' [ "$(regions file)" = 'paths:r' ]
check 'http reads input' [ "$(regions http)" = 'input:r output:rw paths:rw' ]
check 'http has no descriptor of a client' [ "$(sockets http)" = 0 ]
check 'nor has file' [ "$(sockets file)" = 0 ]
kill $load
wait $load
load=

for module in netin http file netout; do
	children=$(cat "/proc/$server/task/$server/children")
	kill -9 "$(process $module)"
	# shellcheck disable=SC2086 # one word each
	check "$module is killed: the others end" gone $children
	tries=0
	until [ -n "$(process $module)" ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
	check 'all are there again, and serve' answers
	check 'the server tells of it' \
		grep -q "web-processes.graph:[0-9]*: module '$module' .* was killed by SIGKILL" \
		"$work/said"
done

children=$(cat "/proc/$server/task/$server/children")
kill "$server"
wait "$server"
check 'SIGTERM: status 0' [ $? -eq 0 ]
# shellcheck disable=SC2086
check 'none is left' gone $children
start --processes
children=$(cat "/proc/$server/task/$server/children")
kill -9 "$server"
wait "$server" 2>/dev/null
# shellcheck disable=SC2086
check 'the server itself is killed: none is left' gone $children
server=

# Signals between threads are counted, and none is needed on one.
signals() # COUNTER
{
	sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" "$work/counters"
}
for way in --2cores ''; do
	# shellcheck disable=SC2086
	start $way --counters "$work/counters"
	answers
	kill "$server"
	wait "$server"
	server=
	if [ "$way" ] && [ "$(nproc)" -gt 1 ]; then
		check 'signals between cores are counted' [ "$(signals signals_filled)" -gt 0 ]
		check 'and those that were not needed' [ "$(signals elided_empty)" -ge 0 ]
	elif [ ! "$way" ]; then
		check 'on one thread none is sent' [ "$(signals signals_filled)" = 0 ]
	fi
done

# Another graph of the same modules.
"$build/servers/graph" --root "$work/tree" --graph "$work/none.graph" >"$work/out" 2>"$work/said"
check 'no graph: status 2' [ $? -eq 2 ]
check 'and one line, which names it' [ "$(grep -c "none.graph: No such file" "$work/said")" = 1 ]
sed 's/^ring sent.*/# &/' "${DUALITY_SOURCE:-.}/servers/graphs/web-1core.graph" >"$work/short.graph"
"$build/servers/graph" --root "$work/tree" --graph "$work/short.graph" >"$work/out" 2>"$work/said"
check 'a graph that lacks a ring: status 2' [ $? -eq 2 ]
check 'and one line, which names the port' [ "$(grep -c 'http.sent is not connected\|netout.sent is not connected' \
	"$work/said")" = 1 ]

# The drawing of a graph: each module, each ring, and no server.
draw()
{
	"$build/servers/graph" --draw "$1" >"$work/out" 2>"$work/said"
}
draw "${DUALITY_SOURCE:-.}/servers/graphs/web-2cores.graph"
check 'a drawing: status 0' [ $? -eq 0 ]
check 'it begins and ends as dot(1) wants it' \
	[ "$(sed -n '1p;$p' "$work/out" | xargs)" = 'digraph { }' ]
check 'it has each ring' [ "$(grep -c '" -> ".*label="' "$work/out")" = \
	"$(grep -c ^ring "${DUALITY_SOURCE:-.}/servers/graphs/web-2cores.graph")" ]
check 'and nothing of a server' [ "$(grep -c ready "$work/out")" = 0 ]
draw "$work/short.graph"
check 'of a graph that is wrong: status 2' [ $? -eq 2 ]
check 'nothing is drawn' [ ! -s "$work/out" ]
check 'and one line says why' [ "$(wc -l <"$work/said")" = 1 ]
echo "1..$count"
