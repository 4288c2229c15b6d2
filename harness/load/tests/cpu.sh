#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality load --cpu ipbench://...: refusals before any load, an agent that goes away during
# it, and a real one: a CPU that is kept busy is told to be busier.
# shellcheck source=harness/load/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/load/tests/lib.sh"
agent=$DUALITY_BUILD/harness/duality-agent
tests=$DUALITY_BUILD/harness/load/tests

# field NAME: of server_cpu in the result, as text.
field() {
	sed -n '/"server_cpu": {/,/}/s/^ *"'"$1"'": \(.*[^,]\),*$/\1/p' "$folder/json"
}

# measure URL: sets $share, which is empty without a number.  The agent may be kept from its CPU for
# most of the two seconds.
measure() {
	timeout 60 "$load" --quiet --rate 50 --warmup 0.1 --duration 2 --drain 1 \
		--json "$folder/json" --cpu "ipbench://$told_at" "$1" 2>"$folder/err"
	status=$?
	share=$(field share)
	[ "$share" != null ] || share=
}

# is EXPRESSION: of numbers.
is() {
	[ "$(awk "BEGIN { print (($*) ? 1 : 0) }")" = 1 ]
}

echo 1..13

expect 2 'http://127.0.0.1:1: only a number, or ipbench' 'another scheme is refused' \
	--cpu http://127.0.0.1:1 http://127.0.0.1:1/
expect 2 'ipbench://127.0.0.1:0: the port' 'port 0 is refused' \
	--cpu ipbench://127.0.0.1:0 http://127.0.0.1:1/
expect 2 'ipbench://: the host' 'no host is refused' --cpu ipbench:// http://127.0.0.1:1/
expect 1 'cannot ask 127.0.0.1:1 for its CPU use: Connection refused' \
	'nobody there is told before the server is tried' \
	--cpu ipbench://127.0.0.1:1 http://127.0.0.1:1/

begin "$tests/scripted" normal
url=http://$at/
expect 1 'no greeting of an ipbench target: Connection timed out' \
	'who does not greet is given up' --cpu "ipbench://$at" "$url"

"$load" --quiet --rate 50 --warmup 0 --duration 0.2 --json "$folder/json" "$url" 2>"$folder/err"
good=0
grep -q '"server_cpu": null' "$folder/json" && good=1
result 'null where nobody is asked' "$good"

# One CPU of those this process may use.
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
begin "$agent" --port 0 --cpus "$cpu"
told_at=$at told_by=$pid
measure "$url"
good=0
[ "$status" -eq 0 ] && [ -n "$share" ] && is "$share >= 0 && $share <= 1" &&
	[ "$(field why)" = null ] && is "$(field total) >= 0.5e9" && good=1
result 'the agent tells a share' "$good"
idle_share=$share

# Whoever else runs there makes it busier still.
if command -v taskset >/dev/null; then
	timeout 60 taskset -c "$cpu" sh -c 'echo ready; while :; do :; done' >"$folder/burn" &
	burner=$!
	started="$started $burner"
	tries=0
	while ! grep -q ready "$folder/burn" && [ "$tries" -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	measure "$url"
	kill "$burner"
	good=0
	[ -n "$share" ] && is "${idle_share:-1} <= $share + 0.05 && $share > 0.9" && good=1
	result 'a CPU kept busy is told to be busy, and busier' "$good"
else
	number=$((number + 1))
	echo "ok $number - a CPU kept busy is told to be busier # SKIP no taskset"
fi

timeout 60 "$load" --quiet --rate 50 --warmup 0.1 --duration 0.5 --cpu "$cpu" \
	--cpu "ipbench://$told_at" "$url" >"$folder/out" 2>"$folder/err"
good=0
grep -q '^server .* % of its CPUs busy$' "$folder/out" && good=1
result 'so does the report, with both forms of --cpu' "$good"

begin "$tests/udp-scripted" echo
measure "udp://$at"
good=0
[ "$status" -eq 0 ] && [ -n "$share" ] && good=1
result 'datagrams likewise' "$good"

# The window has opened when the agent goes; the load goes on to its end.
mkfifo "$folder/events"
timeout 60 "$load" --quiet --rate 50 --warmup 0 --duration 3 --json "$folder/json" \
	--events 3 --cpu "ipbench://$told_at" "$url" 3>"$folder/events" 2>"$folder/err" &
pid=$!
started="$started $pid"
exec 4<"$folder/events"
read -r event <&4
kill -KILL "$told_by"
wait "$pid"
status=$?
good=0
[ "${event%% *}" = start ] && [ "$status" -eq 0 ] && [ "$(field share)" = null ] && good=1
result 'an agent that dies costs the share alone' "$good"
good=0
field why | grep -q '^".*[a-z]' && grep -q 'no CPU use of the server: .*[a-z]' "$folder/err" && good=1
result 'and the reason is told' "$good"
good=0
grep -q '"good": [1-9]' "$folder/json" && grep -q '"window_s": 3[.,]' "$folder/json" && good=1
result 'and the window was whole' "$good"
