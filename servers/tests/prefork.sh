#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The workers of prefork are killed while each has a connection: those connections end and
# are counted, each worker is replaced, and none outlives the server, however that ends.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"
shown='err counters'
WORKERS=4

start()
{
	mkdir -p "$work/root"
	serve "$build/servers/prefork" --root "$work/root" --workers $WORKERS \
		--counters "$work/counters"
}

workers()
{
	tr ' ' '\n' <"/proc/$server/task/$server/children" | sed '/^$/d'
}

are_there() # NUMBER
{
	[ "$(workers | wc -l)" = "$1" ]
}

# Descriptors of all workers, of which each connection takes one.
descriptors()
{
	for pid in $(workers); do ls "/proc/$pid/fd"; done | wc -l
}

have_connections()
{
	[ "$(descriptors)" = $(($1 + WORKERS)) ]
}

# A process that nobody buries (zombie) has ended too.
have_ended() # PID...
{
	for pid; do
		case $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) in
		'' | Z*) ;;
		*) return 1 ;;
		esac
	done
}

is_replaced() # PID
{
	are_there $WORKERS && ! workers | grep -qx "$1"
}

answers() # PATH BODY
{
	[ "$(curl -s --max-time 20 "$url$1")" = "$2" ]
}

counter() # NAME
{
	number "$work/counters" "$1"
}

start
check 'workers are there before the first connection' are_there $WORKERS
idle=$(descriptors)
clients=
for i in $(seq $WORKERS); do
	curl -s --max-time 60 -o "$work/reply.$i" "$url/wait?us=50000000" &
	clients="$clients $!"
done
check 'each has a connection' within have_connections "$idle"

first=$(workers)
# shellcheck disable=SC2086 # several numbers
kill -9 $first
for client in $clients; do
	wait "$client"
	check 'the connection of a killed worker breaks off' [ $? -ne 0 ]
done
check 'all are replaced' within is_replaced "$(echo "$first" | sed -n "${WORKERS}p")"
for i in $(seq 20); do
	check "request $i after that is answered" answers '/wait?us=1' 'waited 1'
done
check 'the total is what it was' answers /total 'total 1024000'

one=$(workers | sed -n 1p)
kill "$one"
check 'SIGTERM to one worker: replaced' within is_replaced "$one"
check 'and the server serves on' answers '/wait?us=1' 'waited 1'

last=$(workers)
check 'SIGTERM: status 0' serve_end
check 'nothing said' [ ! -s "$work/err" ]
check 'every connection opened was closed' [ "$(counter connections_opened)" = \
	"$(counter connections_closed)" ]
check 'as many as were made' [ "$(counter connections_opened)" = $((WORKERS + 22)) ]
check 'all places taken was told' [ "$(counter deferred)" -ge 1 ]
check 'and is the peak' [ "$(counter connections_peak)" = $WORKERS ]
# shellcheck disable=SC2086
check 'no worker outlives the server' have_ended $last

# A worker that is told to stop while its client says nothing takes no further client.
start
idle=$(descriptors)
clients=
for i in $(seq $WORKERS); do
	sleep 60 | nc "${at%:*}" "${at#*:}" >"$work/reply.$i" &
	clients="$clients $!"
done
check 'each has a silent client' within have_connections "$idle"
last=$(workers)
# shellcheck disable=SC2086
kill $last
for i in $(seq $WORKERS); do
	check "request $i after SIGTERM to all is answered" answers '/wait?us=1' 'waited 1'
done
check 'all were replaced' within is_replaced "$(echo "$last" | sed -n 1p)"
# shellcheck disable=SC2086
kill $clients
check 'SIGTERM again: status 0' serve_end

start
check 'workers are there again' are_there $WORKERS
last=$(workers)
kill -9 "$server"
wait "$server" 2>/dev/null
server=
# shellcheck disable=SC2086
check 'nor one that was killed' within have_ended $last
echo "1..$count"
