#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Variants of family reference do what the experiments rely on.  They are not our bytes, so
# statuses and bodies are compared, not heads; one that does stand on the core has to pass
# the gate as well.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"
trap 'test -z "$server" || serve_end 2>/dev/null; rm -rf "$work"' EXIT

if ! command -v curl >/dev/null; then
	echo '1..0 # SKIP curl is not here'
	exit 0
fi

# Named after the variant.
check() # TEXT COMMAND...
{
	claim="$name: $1"
	shift
	"$@"
	report $? "$claim"
}

ended()
{
	! kill -0 "$server" 2>/dev/null
}

is_ready()
{
	url=$(sed -n 's|^ready \([0-9.]*:[0-9]*\)$|http://\1|p' "$work/ready")
	[ -n "$url" ]
}

start()
{
	: >"$work/ready"
	"$program" --root "$work/tree" --counters "$work/counters" "$@" \
		>"$work/ready" 2>"$work/err" &
	server=$!
	within is_ready
}

# The exit status of a program that should not get ready.
ends_with() # ARG...
{
	timeout 20 "$program" "$@" >"$work/out" 2>"$work/err" </dev/null
}

one_line()
{
	[ "$(wc -l <"$work/err")" -eq 1 ] && [ ! -s "$work/out" ]
}

refuses() # ARG...
{
	ends_with "$@"
	[ $? -eq 2 ] && one_line
}

# fetch PATH [ARG...]: sets status; the body is in $work/body.
fetch()
{
	path=$1
	shift
	made=$((made + 1))
	: >"$work/body"
	status=$(curl -sS --path-as-is --max-time 20 -o "$work/body" -w '%{http_code}' \
		"$@" "$url$path" 2>"$work/err")
}

answers() # STATUS BODY PATH [ARG...]
{
	want="$1 $2"
	shift 2
	fetch "$@"
	[ "$status $(cat "$work/body")" = "$want" ] && return
	echo "# $1: $status $(head -c 200 "$work/body")"
	return 1
}

serves() # FILE
{
	fetch "/$1"
	[ "$status" = 200 ] && cmp -s "$work/body" "$work/tree/$1"
}

heads() # FILE
{
	fetch "/$1" --head
	[ "$status" = 200 ] && tr -d '\r' <"$work/body" |
		grep -qi "^content-length: $(wc -c <"$work/tree/$1")\$"
}

is_missing()
{
	fetch "$1"
	[ "$status" = 404 ]
}

stays_open()
{
	made=$((made + 3))
	connects=$(curl -sS --max-time 20 -o "$work/1" -o "$work/2" -o "$work/3" \
		-w '%{num_connects} ' "$url/page.html" "$url/none" "$url/page.html")
	[ "$connects" = '1 0 0 ' ]
}

keeps() # PATH: it does not lead out of the root
{
	fetch "$1"
	[ "$status" != 000 ] && [ "$status" != 200 ] && ! grep -q secret "$work/body"
}

lacks()
{
	sed -n 's/.*"lacks": *\(\[[^]]*\]\).*/\1/p' "$work/about" | grep -qF "\"$1\""
}

# part PATH TEXT COMMAND...: a part of the service, or a file that is not there.
part()
{
	if lacks "$1"; then
		check "$1 is lacking, as it says" is_missing "$1"
	else
		shift
		check "$@"
	fi
}

spins()
{
	answers 200 'spun 1000' '/spin?us=1000' &&
		answers 400 '400 Bad Request' '/spin?us=1x' &&
		answers 400 '400 Bad Request' '/spin?us=10000001'
}

waits()
{
	answers 200 'waited 1000' '/wait?us=1000' &&
		answers 400 '400 Bad Request' /wait &&
		answers 400 '400 Bad Request' '/wait?us=1&us=1'
}

fans()
{
	answers 200 'joined 3' '/fan?n=3&us=2000' &&
		answers 502 '502 Bad Gateway' '/fan?n=3&us=2000&fail=2' &&
		answers 400 '400 Bad Request' '/fan?n=65&us=1'
}

transfers()
{
	answers 200 'moved 600' '/transfer?from=1&to=2&n=600' -X POST &&
		answers 409 '409 Conflict' '/transfer?from=1&to=2&n=600' -X POST &&
		answers 200 'moved 1600' '/transfer?from=2&to=1&n=1600' -X POST &&
		answers 400 '400 Bad Request' '/transfer?from=1024&to=2&n=1' -X POST &&
		answers 405 '405 Method Not Allowed' '/transfer?from=1&to=2&n=1'
}

# SIGTERM while a reply is on its way, slower than any socket buffer could hide.
finishes()
{
	made=$((made + 1))
	rm -f "$work/body"
	curl -sS --max-time 20 --limit-rate 16M -o "$work/body" "$url/large" \
		2>"$work/err" &
	client=$!
	within test -s "$work/body"
	kill -TERM "$server"
	wait "$client" && cmp -s "$work/body" "$work/tree/large"
}

ends_well()
{
	within ended
	wait "$server"
	status=$?
	server=
	[ "$status" -eq 0 ]
}

counts()
{
	told=$(sed -n 's/^{.*"requests": *\([0-9]*\).*}$/\1/p' "$work/counters")
	echo "# $name: requests $told, made $made"
	[ "${told:-0}" -ge "$made" ]
}

taken()
{
	ends_with --port "${url##*:}"
	status=$?
	[ "$status" -eq 1 ] || [ "$status" -eq 2 ] && one_line
}

told_in_list()
{
	mkdir -p "$work/alone"
	ln -sf "$program" "$work/alone/"
	"$build/harness/duality" list --servers "$work/alone" >"$work/list" 2>"$work/err"
	listed=$?
	rm -r "$work/alone"
	[ "$listed" -eq 0 ] && grep -q "^$name  *reference " "$work/list"
}

passes_gate()
{
	"$build/servers/tests/conformance" --quick "$program" >"$work/err" 2>&1
}

# The body of a request that is refused is not taken for the next request.
body_is_no_request() # PATH
{
	made=$((made + 2))
	printf 'GET /folder/ HTTP/1.1\r\nHost: a\r\n\r\n' >"$work/smuggled"
	curl -sS --max-time 20 -o "$work/body" --data-binary "@$work/smuggled" \
		"$url$1" --next -sS --max-time 20 -o "$work/next" \
		"$url/page.html" 2>"$work/err"
	! grep -q index "$work/body" && cmp -s "$work/next" "$work/tree/page.html"
}

# Refused for its body, or with it, and then the connection ends: nobody reads that body.
# The client has not sent it yet, and must not be waited for.
closes_on_body() # STATUS PATH [ARG...]
{
	want=$1
	shift
	fetch "$@" -i -H 'Expect: 100-continue' --expect100-timeout 15 \
		--data-binary "@$work/tree/page.html"
	[ "$status" = "$want" ] && tr -d '\r' <"$work/body" |
		grep -qix 'connection: close'
}

# What architecture.md says about bodies.
bodies_close()
{
	closes_on_body 413 '/transfer?from=1&to=2&n=1' &&
		closes_on_body 405 /page.html &&
		closes_on_body 405 '/transfer?from=1&to=2&n=1' -X PUT &&
		closes_on_body 400 /page.html -X GET &&
		closes_on_body 501 /page.html -H 'Transfer-Encoding: chunked'
}

# The process of that name below the program.
find_child() # NAME
{
	read -r children <"/proc/$server/task/$server/children"
	for child in $children; do
		[ "$(cat "/proc/$child/comm")" = "$1" ] || continue
		[ "$(readlink "/proc/$child/exe")" = "$(readlink -f "$program")" ] ||
			return 0
	done
	return 1
}

# The server behind the program is killed: the program must not pretend to serve.
notices()
{
	find_child nginx || return 1
	kill -KILL "$child"
	within ended
	wait "$server"
	status=$?
	server=
	[ "$status" -eq 1 ] && [ "$(wc -l <"$work/err")" -eq 1 ]
}

# Nothing is left of the server behind it: its master and worker, one process group (the
# dead among it are not ours to reap), and the folder.
all_gone()
{
	! sed -n 's/.*) \([A-Z]\) [0-9]* \([0-9]*\) .*/\1 \2/p' \
		/proc/[0-9]*/stat 2>/dev/null | grep -q "^[^XZ] $child\$" &&
		[ ! -e "${conf%/*}" ]
}

# The program has no chance to tidy up.
leaves_nothing()
{
	find_child nginx || return 1
	conf=$(tr '\0' '\n' <"/proc/$child/cmdline" | grep -o '/[^ ]*/nginx\.conf')
	[ -e "$conf" ] || return 1
	kill -KILL "$server"
	wait "$server" 2>/dev/null
	server=
	within all_gone
}

mkdir "$work/tree" "$work/tree/folder"
chmod -R a+rX "$work"
echo secret >"$work/secret"
echo '<p>page' >"$work/tree/page.html"
echo '<p>index' >"$work/tree/folder/index.html"
head -c 33554432 /dev/zero | tr '\0' 'x' >"$work/tree/large"
ln -s ../secret "$work/tree/link"
ln -s .. "$work/tree/up"

for program in "$build"/servers/*; do
	if [ ! -f "$program" ] || [ ! -x "$program" ]; then
		continue
	fi
	"$program" --about >"$work/about" 2>/dev/null
	grep -q '"family": *"reference"' "$work/about" || continue
	name=$(sed -n 's/^\[{"name": *"\([^"]*\)".*/\1/p' "$work/about")
	made=0
	: >"$work/err"
	check 'duality list understands --about' told_in_list
	check 'an unknown option: one line, status 2' refuses --nonsense
	check 'a bad port: one line, status 2' refuses --port 65536
	check 'a bad root: one line, status 2' refuses --root "$work/none"
	check 'an argument: one line, status 2' refuses extra
	check 'is ready' start
	check 'a port in use: one line, status 1 or 2' taken
	check 'a file' serves page.html
	check 'a large file' serves large
	check 'HEAD' heads large
	check 'a folder is its index.html' \
		answers 200 '<p>index' /folder/
	check 'a missing file' is_missing /none
	check 'a connection is kept, also by a 404' stays_open
	for path in /../secret /%2e%2e/secret /folder/../../secret /link /up/secret; do
		check "$path stays in the root" keeps "$path"
	done
	part /spin spin spins
	part /wait wait waits
	part /fan fan fans
	part /transfer transfer transfers
	part /total total answers 200 'total 1024000' /total
	check 'a body is not taken for a request' body_is_no_request /page.html
	part /transfer 'nor at /transfer' body_is_no_request '/transfer?from=1&to=2&n=1'
	part /transfer 'a body ends the connection' bodies_close
	check 'SIGTERM lets a reply in flight finish' finishes
	check 'and ends it with status 0' ends_well
	check 'its counters have every request' counts
	if grep -q '"core":' "$work/about"; then
		check 'stands on the core, passes the gate' passes_gate
	fi
	if [ "$name" = nginx ]; then
		check 'is ready again' start
		check 'ends with status 1 if the server behind it does' notices
		check 'is ready once more' start
		check 'killed, it leaves no process and no folder' leaves_nothing
	fi
done
if [ "$count" -eq 0 ]; then
	echo '1..0 # SKIP no variant of family reference is here'
else
	echo "1..$count"
fi
