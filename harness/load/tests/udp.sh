#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality-load udp://...: what a scripted echo server does to its datagrams is what the result
# says; refusals; and an end by its own clock, however much is lost.
# shellcheck source=harness/load/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/load/tests/lib.sh"
scripted=$DUALITY_BUILD/harness/load/tests/udp-scripted
server=

# start MODE [NUMBER]: a scripted server; sets $server and $url.
start() {
	[ -z "$server" ] || kill "$server" 2>/dev/null
	begin "$scripted" "$@"
	server=$pid
	url=udp://$at
}

# run ARGUMENT...: 600 datagrams in the window; sets $status and the JSON file.
run() {
	timeout 60 "$load" --quiet --rate 400 --arrivals fixed --size 64 --warmup 0.2 \
		--duration 1.5 --json "$folder/json" "$@" "$url" 2>"$folder/err"
	status=$?
}

# value NAME: of the result.
value() {
	sed -n "s/^ *\"$1\": \\([0-9.]*\\),*\$/\\1/p" "$folder/json"
}

# holds DESCRIPTION EXPRESSION: of names of the result, in awk.
holds() {
	for name in planned sent received good lost bad_body errors duplicates reordered \
		corrupt stale unsent send_failed client_socket elsewhere; do
		echo "$name=$(value "$name")"
	done >"$folder/values"
	good=$(tr '\n' ';' <"$folder/values" | {
		read -r values
		awk "BEGIN { $values print (($2) ? 1 : 0) }"
	})
	[ "$status" -eq "${3:-0}" ] || good=0
	[ "$good" = 1 ] || echo "# exit status $status; wanted $2"
	result "$1" "$good"
}

echo 1..29

nobody=udp://127.0.0.1:1
expect 2 'needs --rate or --mbps' 'neither rate nor Mb/s is refused' $nobody
expect 2 'needs --rate or --mbps' 'both are refused' --rate 5 --mbps 5 $nobody
expect 2 '--closed: not with udp' 'a closed loop is refused' --closed $nobody
expect 2 '--verify: not with udp' 'everything is verified anyway' --rate 5 --verify 1 $nobody
expect 2 'size.*16 to 65507' 'less than a head is refused' --rate 5 --size 15 $nobody
expect 2 'size.*16 to 65507' 'more than a datagram is refused' --rate 5 --size 65508 $nobody
expect 2 'mbps: only with udp' 'Mb/s are not for http' --mbps 5 http://127.0.0.1:1/
expect 2 'stands alone' 'a second URL is refused' --rate 5 $nobody $nobody
expect 2 'stands alone' 'one among http is refused' --rate 5 http://127.0.0.1:1/ $nobody
expect 2 'port is missing' 'no port is refused' --rate 5 udp://127.0.0.1
expect 2 'no path' 'a path is refused' --rate 5 $nobody/x
expect 1 'cannot reach 127.0.0.1:1: Connection refused' 'nobody there is an error' --rate 5 $nobody

start silent
expect 1 'Connection timed out' 'silence is an error' --rate 5 "$url"
start babble
expect 1 'Bad message' 'another answer is an error' --rate 5 "$url"

start echo
run
holds 'an echo server is given what was planned' \
	'planned >= 598 && planned <= 602 && good == planned && sent == planned &&
	lost + corrupt + duplicates + reordered + stale + errors == 0'
timeout 60 "$load" --quiet --mbps 0.4096 --arrivals fixed --size 64 --warmup 0.2 \
	--duration 1 --json "$folder/json" "$url" 2>"$folder/err"
status=$?
holds 'Mb/s are of payload' 'planned >= 798 && planned <= 802 && good == planned'
run --size 65507 --rate 50
holds 'the largest datagrams are carried' 'good == planned && planned > 70'
start lose 3
run
holds 'every third lost' 'lost >= planned / 3 - 1 && lost <= planned / 3 + 1 &&
	good + lost == planned && elsewhere == lost && unsent + client_socket == 0'
grep -q '"little": "not-run"' "$folder/json"
result 'and the certificate does not judge by them' "$((1 - $?))"
start lose 1
run --drain 0.5
holds 'all lost: it ends by its own clock' 'lost == planned && good == 0' 1
start twice 2
run
holds 'every second twice' 'good == planned && duplicates >= planned / 2 - 2 &&
	duplicates <= planned / 2 + 1'
start swap
run --connections 1
holds 'every two swapped' 'reordered >= planned / 2 - 2 && reordered <= planned / 2 + 1 &&
	good >= planned - 1'
start corrupt 5
run
holds 'every fifth corrupted' 'bad_body >= planned / 5 - 1 && bad_body <= planned / 5 + 1 &&
	corrupt >= bad_body && good + bad_body == planned'
start cut 5
run
holds 'every fifth cut' 'bad_body >= planned / 5 - 1 && good + bad_body == planned'
start forge 5
run
holds 'every fifth under another name' 'corrupt >= planned / 5 - 1 && lost >= planned / 5 - 1 &&
	good + lost == planned'
start dies 300
run
good=0
grep -q 'the server went away: datagrams were refused' "$folder/err" && [ "$status" -eq 1 ] &&
	[ "$(value good)" -gt 0 ] && good=1
result 'a server that dies is missed' "$good"

# In a network of our own whose one device passes next to nothing.
if unshare -n true 2>/dev/null && command -v tc >/dev/null; then
	kill "$server" 2>/dev/null
	# shellcheck disable=SC2016 # for the inner shell
	unshare -n sh -c 'ip link set lo up && tc qdisc add dev lo root tbf rate 200kbit \
			burst 4kb limit 8kb && {
		: >"$3/ready"; "$1" echo >"$3/ready" & server=$!
		tries=0
		until grep -q ready "$3/ready" || [ "$tries" -ge 100 ]; do
			tries=$((tries + 1))
			sleep 0.1
		done
		timeout 60 "$2" --quiet --rate 2000 --size 1400 --warmup 0.2 --duration 1 \
			--json "$3/json" "udp://$(sed "s/ready //" "$3/ready")"
		status=$?
		kill "$server"
		exit "$status"
	}' sh "$scripted" "$load" "$folder" 2>"$folder/err"
	status=$?
	server=
	holds 'what its own machine drops on the way out is told' \
		'send_failed > 0 && send_failed == errors && good > 0'
else
	number=$((number + 1))
	echo "ok $number - what its own machine drops is told # SKIP no network namespace, or no tc"
fi

# A client that is kept from its CPU until all is over, and by then its sockets are full.
start echo
: >"$folder/events"
"$load" --quiet --rate 400 --size 1472 --connections 1 --duration 2 --drain 0 --events 9 \
	--json "$folder/json" "$url" 2>"$folder/err" 9>"$folder/events" &
pid=$!
tries=0
until grep -q start "$folder/events" || [ "$tries" -ge 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
kill -STOP "$pid"
kill -USR1 "$server"
sleep 2.5
tries=0
until grep -q flooded "$folder/ready" || [ "$tries" -ge 300 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
kill -CONT "$pid"
wait "$pid"
status=$?
holds 'what it never sent, and what its sockets dropped, is told' \
	'unsent > 0 && unsent <= lost && client_socket > 10000 && good + lost == planned'

start echo
: >"$folder/err"
"$load" --ping-ms 100 --rate 400 --warmup 0 --duration 60 --json "$folder/json" "$url" \
	>"$folder/out" 2>"$folder/err" &
pid=$!
tries=0
until grep -q 'measure .* left *[1-9][0-9]* replies' "$folder/err" || [ "$tries" -ge 200 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
kill -INT "$pid"
wait "$pid"
status=$?
holds 'SIGINT ends a run with what was measured' 'good > 0 && good <= planned' 130
