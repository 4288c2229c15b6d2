#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The helpers of amped are killed, one after the other, while each request needs one: no
# request may notice, each is replaced, and none outlives the server.  And they are asked for
# what is not in memory only.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"
shown='err load.said load counters'
KILLS=40

# The processes the server has begun, which are its helpers.
helpers()
{
	cat "/proc/$server/task/$server/children"
}

# As many as at first, none of whom was killed.
are_all()
{
	helpers | tr -s ' ' '\n' >"$work/now"
	[ "$(wc -w <"$work/now")" = 4 ] && ! grep -qxFf "$work/killed" "$work/now"
}

# More than a quarter of the cache: each is brought by a helper, every time.
mkdir "$work/root"
for i in 1 2 3 4 5 6 7 8; do
	seq $((i * 1000)) $((i * 1000 + 9999)) >"$work/root/$i" || exit 99
	echo "1 /$i"
done >"$work/mix"

start() # OPTION...
{
	serve "$build/servers/amped" --counters "$work/counters" "$@"
}

start --root "$work/root" --cache 64K --workers 4
helpers >"$work/first"
check 'helpers are there before the first connection' [ "$(wc -w <"$work/first")" = 4 ]

"$build/harness/duality-load" --closed --connections 16 --verify 1 --warmup 0 --duration 600 \
	--drain 20 --quiet --json "$work/load" --mix "$work/mix" "$url" 2>"$work/load.said" &
load=$!
turn=0
: >"$work/killed"
# One that is dead already, and not buried, may be hit again: it counts once.
while [ "$(sort -u "$work/killed" | wc -l)" -lt $KILLS ] && kill -0 $load; do
	turn=$((turn + 1))
	next=$(helpers | tr ' ' '\n' | sed -n "$((turn % 4 + 1))p")
	[ -n "$next" ] && kill -9 "$next" 2>/dev/null && echo "$next" >>"$work/killed"
	sleep 0.02
done
check 'in the end there are as many as before' within are_all
helpers >"$work/last"
kill $load
wait $load
check 'the load ends when told to' [ $? -eq 143 ]
check 'requests were answered' [ "$(number "$work/load" good)" -gt 0 ]
for what in bad_status bad_body errors resets refused no_connection lost; do
	check "$what: 0" [ "$(number "$work/load" $what)" = 0 ]
done

check 'SIGTERM: status 0' serve_end
check 'nothing said' [ ! -s "$work/err" ]
check 'helpers loaded' [ "$(number "$work/counters" helper_loads)" -gt 0 ]
check 'each death is counted' [ "$(number "$work/counters" helper_deaths)" = $KILLS ]
check 'no helper outlives the server' [ -z "$(tr ' ' '\n' <"$work/last" |
	xargs -I{} find /proc/{} -maxdepth 0 2>/dev/null)" ]
echo "# $(number "$work/counters" helper_loads) by helpers," \
	"$(number "$work/counters" blocking_loads) blocking"

# Told twice to end, it waits for a helper that is slow to.  After 5 s it would not, in which
# nothing is shown.
one_is_left()
{
	[ "$(helpers | wc -w)" = 1 ]
}

start --workers 2
slow=$(helpers | cut -d ' ' -f 1)
began=$(date +%s)
kill -STOP "$slow"
kill "$server"
within one_is_left
kill "$server"
sleep 0.2
left=$(helpers)
if [ $(($(date +%s) - began)) -lt 4 ]; then
	check 'a second SIGTERM: it still waits for its last helper' [ "$left" = "$slow " ]
fi
kill -CONT "$slow"
wait "$server"
check 'and ends well' [ $? -eq 0 ]
server=

# A second of load over the file set.
load_set()
{
	start --root "$work/set"
	"$build/harness/duality-load" --closed --verify 1 --warmup 0 --duration 1 --drain 20 --quiet \
		--json "$work/load" --mix "$work/set.mix" "$url" 2>"$work/load.said"
	check 'all of the set is served' [ $? -eq 0 ]
	check 'and well' [ "$(number "$work/load" good)" = "$(number "$work/load" planned)" ]
	serve_end
}

"$build/harness/duality-fileset" "$work/set" --bytes 5M --mix "$work/set.mix" || exit 99
if "$build/harness/duality-fileset" "$work/set" --drop >"$work/dropped"; then
	load_set
	dropped=$(number "$work/counters" helper_loads)
	check 'what was dropped from memory helpers bring' [ "$dropped" -gt 0 ]
	check 'and the loop never waits' [ "$(number "$work/counters" blocking_loads)" = 0 ]
	find "$work/set" -type f -exec cat {} + >"$work/all"
	load_set
	check 'what is in memory it loads itself' \
		[ "$(number "$work/counters" helper_loads)" -lt "$dropped" ]
	echo "# $dropped by helpers, then $(number "$work/counters" helper_loads)"
fi
echo "1..$count"
