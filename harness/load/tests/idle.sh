#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# --idle: the server counts the connections that the load says it holds.
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:?}/harness/tests/tap.sh"
shown='err json counters'

start() # OPTION...
{
	rm -f "$work/counters"
	serve "$build/servers/epoll" --root "$work/files" --counters "$work/counters" "$@"
}

load()
{
	"$build/harness/duality-load" --quiet --warmup 0 --duration 0.3 --drain 0.3 \
		--json "$work/json" "$@" 2>"$work/err"
}

mkdir "$work/files"
echo hello >"$work/files/file"

start
load --rate 200 --connections 4 --idle 300 "$url/file"
check 'the load succeeds' [ $? -eq 0 ]
check 'nothing is said' [ ! -s "$work/err" ]
serve_end
for what in asked opened alive; do
	check "300 $what" [ "$(number "$work/json" $what)" = 300 ]
done
check 'the server had them and the four others' \
	[ "$(number "$work/counters" connections_peak)" = 304 ]
check 'each idle one made one request' [ "$(number "$work/counters" requests)" = \
	$(($(number "$work/json" planned) + 300)) ]

# Each takes 0.2 s: one after the other they would take 26 s.
start
begun=$(date +%s)
load --closed --connections 4 --idle 130 "$url/wait?us=200000"
check 'idle connections are opened many at once' [ $(($(date +%s) - begun)) -lt 15 ]
serve_end
check '130 alive' [ "$(number "$work/json" alive)" = 130 ]

# Four places are the load's, six are left; the next connection waits in the backlog.
start --max-connections 10
load --closed --connections 4 --idle 300 "$url/file"
check 'fewer than asked for: the run goes on' [ $? -eq 0 ]
check 'one line says so' grep -q 'idle 300: 6 were opened' "$work/err"
serve_end
check '6 opened' [ "$(number "$work/json" opened)" = 6 ]
check '6 alive' [ "$(number "$work/json" alive)" = 6 ]

# This one closes every connection after its reply.
serve "$build/harness/load/tests/scripted" once
load --rate 50 --session-requests 1 --idle 20 "$url/"
check 'what the server closed is not alive' [ "$(number "$work/json" alive)" = 0 ]
load --closed "$url/"
check 'without --idle nothing is told of it' grep -q '"idle": null' "$work/json"
echo "1..$count"
