#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the gate does not ask of graph: that its processes are the protection domains its graph
# says, by what they have mapped and opened while clients are served; that the server tells of
# one that is killed and serves on; that none is left; and that a bad graph is refused.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"
shown='err said load.said'
load=
trap 'for p in $server $load; do kill -9 "$p"; done 2>/dev/null; rm -rf "$work"' EXIT

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
	serve "$build/servers/graph" --root "$work/tree" "$@"
}

have_clients()
{
	[ "$(sockets netin)" -ge 16 ] && [ "$(sockets netout)" -ge 16 ]
}

are_gone() # PID...
{
	for p; do
		[ ! -d "/proc/$p" ] || return 1
	done
}

is_there() # MODULE
{
	[ -n "$(process "$1")" ]
}

answers()
{
	"$build/harness/duality-load" --closed --connections 1 --warmup 0 --duration 0.2 \
		--drain 20 --quiet --json "$work/load" "$url/file" 2>"$work/load.said"
}

mkdir "$work/tree" && echo text >"$work/tree/file" || exit 99
start --processes
"$build/harness/duality-load" --closed --connections 16 --warmup 0 --duration 60 --quiet \
	--json "$work/load" "$url/file" 2>"$work/load.said" &
load=$!
check 'clients are served' within have_clients
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
	check "$module is killed: the others end" within are_gone $children
	within is_there $module
	check 'all are there again, and serve' answers
	check 'the server tells of it' \
		grep -q "web-processes.graph:[0-9]*: module '$module' .* was killed by SIGKILL" \
		"$work/err"
done

children=$(cat "/proc/$server/task/$server/children")
check 'SIGTERM: status 0' serve_end
# shellcheck disable=SC2086
check 'none is left' within are_gone $children
start --processes
children=$(cat "/proc/$server/task/$server/children")
kill -9 "$server"
wait "$server" 2>/dev/null
# shellcheck disable=SC2086
check 'the server itself is killed: none is left' within are_gone $children
server=

# Signals between threads are counted, and none is needed on one.
for way in --2cores ''; do
	# shellcheck disable=SC2086
	start $way --counters "$work/counters"
	answers
	serve_end
	if [ "$way" ] && [ "$(nproc)" -gt 1 ]; then
		check 'signals between cores are counted' [ "$(number "$work/counters" signals_filled)" -gt 0 ]
		check 'and those that were not needed' [ "$(number "$work/counters" elided_empty)" -ge 0 ]
	elif [ ! "$way" ]; then
		check 'on one thread none is sent' [ "$(number "$work/counters" signals_filled)" = 0 ]
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
