#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# --idle: the server counts the connections that the load says it holds.
build=$DUALITY_BUILD
folder=$(mktemp -d) || exit 99
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$folder"' EXIT
number=0

check() # TEXT COMMAND...
{
	text=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $text"
	else
		echo "not ok $number - $text"
		sed 's/^/# /' "$folder/json" "$folder/err" "$folder/counters"
	fi
}

# start OPTION...: the server; sets $server and $url.
start()
{
	rm -f "$folder/counters"
	: >"$folder/ready"
	"$build/servers/epoll" --root "$folder/root" --counters "$folder/counters" "$@" \
		>"$folder/ready" 2>"$folder/err" &
	server=$!
	tries=0
	until grep -q ready "$folder/ready" || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
	url=http://$(sed 's/ready //' "$folder/ready")
}

stop()
{
	kill "$server"
	wait "$server"
	server=
}

load()
{
	"$build/harness/duality-load" --quiet --warmup 0 --duration 0.3 --drain 0.3 \
		--json "$folder/json" "$@" 2>"$folder/err"
}

# A number of one line of JSON, or of lines of it.
value() # FILE NAME
{
	tr ',{' '[\n*]' <"$1" | sed -n "s/^ *\"$2\": \([0-9]*\).*/\1/p"
}

mkdir "$folder/root"
echo hello >"$folder/root/file"

start
load --rate 200 --connections 4 --idle 300 "$url/file"
check 'the load succeeds' [ $? -eq 0 ]
check 'nothing is said' [ ! -s "$folder/err" ]
stop
for what in asked opened alive; do
	check "300 $what" [ "$(value "$folder/json" $what)" = 300 ]
done
check 'the server had them and the four others' \
	[ "$(value "$folder/counters" connections_peak)" = 304 ]
check 'each idle one made one request' [ "$(value "$folder/counters" requests)" = \
	$(($(value "$folder/json" planned) + 300)) ]

# Each takes 0.2 s: one after the other they would take 26 s.
start
begun=$(date +%s)
load --closed --connections 4 --idle 130 "$url/wait?us=200000"
check 'idle connections are opened many at once' [ $(($(date +%s) - begun)) -lt 15 ]
stop
check '130 alive' [ "$(value "$folder/json" alive)" = 130 ]

# Four places are the load's, six are left; the next connection waits in the backlog.
start --max-connections 10
load --closed --connections 4 --idle 300 "$url/file"
check 'fewer than asked for: the run goes on' [ $? -eq 0 ]
check 'one line says so' grep -q 'idle 300: 6 were opened' "$folder/err"
stop
check '6 opened' [ "$(value "$folder/json" opened)" = 6 ]
check '6 alive' [ "$(value "$folder/json" alive)" = 6 ]

# This one closes every connection after its reply.
: >"$folder/ready"
"$build/harness/load/tests/scripted" once >"$folder/ready" &
server=$!
tries=0
until grep -q ready "$folder/ready" || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
load --rate 50 --session-requests 1 --idle 20 "http://$(sed 's/ready //' "$folder/ready")/"
check 'what the server closed is not alive' [ "$(value "$folder/json" alive)" = 0 ]
load --closed "http://$(sed 's/ready //' "$folder/ready")/"
check 'without --idle nothing is told of it' grep -q '"idle": null' "$folder/json"
echo "1..$number"
