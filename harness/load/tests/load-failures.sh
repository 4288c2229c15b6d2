#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality-load's refusals and failures: the exit status, one clear line, and no hang.
# shellcheck source=harness/load/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/load/tests/lib.sh"
scripted=$DUALITY_BUILD/harness/load/tests/scripted
server=

# start MODE [NUMBER]: a scripted server; sets $server and $url.
start() {
	[ -z "$server" ] || kill "$server"
	begin "$scripted" "$@"
	server=$pid
	url=http://$at/
}

# until_said FILE PATTERN: it is there, or 20 s are over.
until_said() {
	tries=400
	while ! grep -q -e "$2" "$1" && [ "$tries" -gt 0 ]; do
		sleep 0.05
		tries=$((tries - 1))
	done
}

short="--duration 0.3 --warmup 0.1 --drain 0.3"
echo 1..32

expect 2 'no URL' 'no URL is refused' --rate 5
expect 2 'ftp://127.0.0.1:9: only http:// and udp://' 'ftp is refused' ftp://127.0.0.1:9
expect 2 'the port is not a number' 'a bad port is refused' http://127.0.0.1:99999/
expect 2 'same host and port' 'two servers are refused' http://127.0.0.1:1/ http://127.0.0.1:2/
expect 2 'rate' 'a rate of 0 is refused' --rate 0 http://127.0.0.1:1/
expect 2 'rate' 'a rate of nan is refused' --rate nan http://127.0.0.1:1/
expect 2 'rate' 'a rate with a unit is refused' --rate 5k http://127.0.0.1:1/
expect 2 'connections.*whole' 'half a connection is refused' --connections 1.5 http://127.0.0.1:1/
expect 2 'poisson or fixed' 'an unknown process is refused' --arrivals u http://127.0.0.1:1/
expect 2 'closed loop has no --rate' 'closed and open exclude each other' \
	--closed --rate 5 http://127.0.0.1:1/
expect 2 'sessions need --rate or --closed' 'sessions need a rate' --session-requests 2 http://127.0.0.1:1/
expect 2 'max-live' 'a pool is not a session' \
	--rate 5 --session-requests 2 --connections 3 http://127.0.0.1:1/
expect 2 'think' 'thinking needs sessions' --rate 5 --think 3 http://127.0.0.1:1/
expect 2 'think' 'a closed loop does not think' \
	--closed --session-requests 2 --think 3 http://127.0.0.1:1/
expect 2 'not an open descriptor' 'a closed events descriptor is refused' \
	--events 77 http://127.0.0.1:1/
expect 2 'unrecognized option' 'an unknown option is refused' --frob http://127.0.0.1:1/
expect 2 'cpu 9999' 'a CPU that is not there is refused' --cpu 9999 http://127.0.0.1:1/
printf '#!/bin/sh\nulimit -n 50\nexec "%s" "$@"\n' "$load" >"$folder/few"
chmod +x "$folder/few"
load=$folder/few
expect 2 'connections 19: the descriptor limit is 50' 'connections beyond the limit are refused' \
	--connections 19 http://127.0.0.1:1/
expect 2 'max-live 500: the descriptor limit is 50' 'live sessions beyond it are refused' \
	--rate 5 --session-requests 1 --max-live 500 http://127.0.0.1:1/
load=$DUALITY_BUILD/harness/duality-load

printf '1 http://127.0.0.1:1/a\n2 nonsense\n' >"$folder/mix"
expect 2 "$folder/mix:2: nonsense" 'a bad mix names file and line' --mix "$folder/mix"
expect 2 'no-such-file: No such file' 'a missing mix is named' --mix no-such-file
printf '1 /a\n' >"$folder/mix"
expect 1 'cannot reach 127.0.0.1:1: Connection refused' \
	'the URL names the server of the paths in a mix' --mix "$folder/mix" http://127.0.0.1:1/

for mode in --closed '--rate 50' '--rate 50 --session-requests 2'; do
	# shellcheck disable=SC2086 # several words
	expect 1 'cannot reach 127.0.0.1:1: Connection refused' \
		"a dead port is an error ($mode)" $mode http://127.0.0.1:1/
done

start garbage
expect 1 'errors; first /: the reply is not HTTP' 'garbage is an error' --closed --warmup 0.1 \
	--duration 1 --drain 10 "$url"
start never
# shellcheck disable=SC2086
expect 1 'nothing was answered' 'silence is an error' --closed $short "$url"

start normal
# shellcheck disable=SC2086
expect 2 'no/such: No such file' 'an output that cannot be written is refused' \
	$short --json "$folder/no/such" "$url"

: >"$folder/err"
"$load" --ping-ms 100 --closed --warmup 0 --duration 60 --json "$folder/json" "$url" >"$folder/out" \
	2>"$folder/err" &
pid=$!
until_said "$folder/err" 'measure .* left *[1-9][0-9]* replies'
kill -INT "$pid"
wait "$pid"
status=$?
good=0
[ "$status" -eq 130 ] && grep -q '"good": [1-9]' "$folder/json" && good=1
result 'SIGINT ends a run with what was measured and exit status 130' "$good"

# Stopped during the warm-up, it goes on 1.5 s later, in the window: what is missing of that is
# told, though nothing was sent meanwhile.
start never
: >"$folder/err"
"$load" --ping-ms 20 --closed --warmup 1 --duration 60 --json "$folder/json" "$url" \
	2>"$folder/err" &
pid=$!
until_said "$folder/err" .
kill -STOP "$pid"
sleep 1.5
kill -INT "$pid"
kill -CONT "$pid"
wait "$pid"
good=0
gap_us=$(sed -n 's/.*"largest_gap_us": \([0-9]*\).*/\1/p' "$folder/json")
[ "${gap_us:-0}" -ge 400000 ] && good=1
result 'a client that was held up when the window began tells the gap' "$good"

start normal
# The limit is lowered while sessions come and go: EMFILE is counted, and the run goes on.
if command -v prlimit >"$folder/err"; then
	: >"$folder/err"
	"$load" --ping-ms 100 --rate 200 --session-requests 1 --warmup 0.1 --duration 3 \
		--json "$folder/json" "$url" >"$folder/out" 2>"$folder/err" &
	pid=$!
	until_said "$folder/err" measure
	prlimit --pid "$pid" --nofile=3:
	until_said "$folder/err" ' [1-9][0-9]* failed'
	prlimit --pid "$pid" --nofile=100:
	wait "$pid"
	status=$?
	good=0
	[ "$status" -eq 0 ] && grep -q '"errors": [1-9]' "$folder/json" && good=1
	result 'no descriptors left is counted, not fatal' "$good"
else
	number=$((number + 1))
	echo "ok $number - no descriptors left is counted # SKIP no prlimit"
fi

"$load" --closed --duration 2 --warmup 0 --ping-ms 100 "$url" >"$folder/out" 2>"$folder/err"
good=0
grep -q 's left' "$folder/err" && grep -q '^planned' "$folder/out" && good=1
result 'the live line tells the time left' "$good"
