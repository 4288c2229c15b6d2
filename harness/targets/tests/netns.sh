#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality netns: what it makes carries datagrams, and goes again however it ends.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"
netns=$build/harness/duality-netns
DUALITY_LIBEXEC=$build/harness
export DUALITY_LIBEXEC
pid=
trap 'test -z "$pid" || kill "$pid" 2>/dev/null; rm -rf "$work"' EXIT

# One line on standard error with PATTERN, and this exit status.
refused() # STATUS PATTERN TEXT ARGUMENT...
{
	wanted=$1 pattern=$2 text=$3
	shift 3
	timeout 60 "$netns" "$@" >"$work/out" 2>"$work/err"
	status=$?
	[ "$status" -eq "$wanted" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
		grep -q -e "$pattern" "$work/err"
	report $? "$text"
}

none_left() # PID
{
	! ip netns list | grep -q "^duality-$1-"
}

refused 2 'no such option' 'an unknown option is refused' --frob
refused 2 'not a list of CPUs' 'what is no list of CPUs is refused' --server-cpus 1,x
refused 2 'there is no CPU 9999' 'a CPU that is not there is refused' --server-cpus 9999
refused 2 'kbit/s' 'what is no rate is refused' --rate 1gbit
refused 2 'needs a value' 'a missing value is told' --rate

if [ "$(id -u)" -ne 0 ]; then
	refused 77 'needs root' 'without root it says so' true
	echo "1..$count"
	exit 0
fi
if command -v setpriv >/dev/null; then
	cp "$netns" "$work/netns" && chmod 755 "$work" "$work/netns"
	setpriv --reuid 65534 --clear-groups "$work/netns" true >"$work/out" 2>"$work/err"
	[ $? -eq 77 ] && grep -q 'needs root' "$work/err"
	report $? 'without root it says so'
fi
if ! ip netns add "duality-test-$$" 2>"$work/err"; then
	skip 'the testbed' "no network namespaces: $(cat "$work/err")"
	echo "1..$count"
	exit 0
fi
ip netns delete "duality-test-$$"

refused 2 "no server's namespace" 'only in a testbed can a receiver be bound' --bind 0 nobody

# A server, and load over the link: few enough datagrams for any machine.
cat >"$work/carry" <<'END'
ip netns exec "$DUALITY_NETNS_SERVER" "$1/servers/udp-epoll" \
	--address "$DUALITY_NETNS_ADDRESS" >"$2/ready" &
server=$!
tries=0
until grep -q ready "$2/ready" || [ "$tries" -ge 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
ip netns exec "$DUALITY_NETNS_CLIENT" "$1/harness/duality-load" --quiet --rate 200 \
	--duration 1 --json "$2/json" "udp://$(sed 's/ready //' "$2/ready")" || exit 9
kill "$server"
env | grep DUALITY_NETNS >"$2/env"
ip netns list >"$2/namespaces"
ip netns exec "$DUALITY_NETNS_SERVER" ethtool -k eth0 >"$2/offloads"
tc -n "${DUALITY_NETNS_SERVER%-server}-switch" -s qdisc show dev server >"$2/qdisc"
read -r said
echo "$said" >"$2/said"
exit 5
END
echo 'from outside' | timeout 120 "$netns" --rate 1000000 sh "$work/carry" "$build" "$work" \
	>"$work/out" 2>"$work/err"
[ $? -eq 5 ]
report $? "it ends with the command's status"
[ "$(cat "$work/said")" = 'from outside' ]
report $? 'the command has its standard input'
grep -q '"good": [1-9]' "$work/json" && grep -q '"duplicates": 0' "$work/json"
report $? 'datagrams go there and back'
pid=$(sed -n 's/^DUALITY_NETNS_SERVER=duality-\([0-9]*\)-server$/\1/p' "$work/env")
[ "$(grep -c "^duality-$pid-" "$work/namespaces")" -eq 3 ]
report $? 'three namespaces bear its number'
none_left "$pid"
report $? 'none is left'
pid=
grep -q 'DUALITY_NETNS_MBPS=nan' "$work/env" && grep -q 'not calibrated' "$work/err"
report $? 'a rate that was given is not called calibrated'
grep -q 'tx-checksumming: off' "$work/offloads" &&
	grep -q 'generic-segmentation-offload: off' "$work/offloads"
report $? 'offloads are off'
grep -q 'tbf.*rate 1Gbit.*overhead 24' "$work/qdisc" &&
	[ "$(awk '/Sent/ { print $4 }' "$work/qdisc")" -gt 200 ]
report $? 'and the shaped port was passed'

# Billed to the server only if its CPU was seen to be handed the frames.
billed=$(sed -n 's/^DUALITY_NETNS_BILLED=//p' "$work/env")
if [ "$(nproc)" -gt 1 ]; then
	grep -q "^receive $billed-billed: CPUs [0-9,-]* were handed" "$work/err"
	report $? 'who pays for receiving was looked at'
	grep -q "^switch  and the client's receiving: on CPUs [0-9]" "$work/err"
	report $? "switch and client are on other CPUs than the server's"
fi
# shellcheck disable=SC2016 # for the inner shell
timeout 60 "$netns" --rate 1000000 --server-cpus "$(cat /sys/devices/system/cpu/online)" \
	sh -c 'test "$DUALITY_NETNS_BILLED" = sender' >"$work/out" 2>"$work/err"
report $? 'and with no other CPU it is the sender'

# Calibrated, or said not to be: what it tells is near 957 Mb/s whenever it goes on.
# shellcheck disable=SC2016 # for the inner shell
timeout 200 "$netns" sh -c 'echo "$DUALITY_NETNS_MBPS"' >"$work/out" 2>"$work/err"
status=$?
if [ "$status" -eq 0 ]; then
	awk '{ exit !($1 >= 952 && $1 <= 962) }' "$work/out" &&
		[ "$(grep -c 'link .*Mb/s of 1472-byte payloads' "$work/err")" -eq 2 ]
	report $? "it is calibrated: $(cat "$work/out") Mb/s"
else
	[ "$status" -eq 1 ] && grep -q 'not 957' "$work/err"
	report $? "it says that it cannot be calibrated"
fi

# Waiting, ended by a signal; and killed.
wait_for() # SIGNAL [COMMAND...]: sets pid and status
{
	signal=$1
	shift
	"$netns" --rate 1000000 "$@" >"$work/out" 2>"$work/err" &
	pid=$!
	tries=0
	until grep -q '^ready' "$work/out" || [ "$tries" -ge 300 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	kill "-$signal" "$pid"
	wait "$pid"
	status=$?
}
wait_for TERM
[ "$status" -eq 143 ] && none_left "$pid"
report $? 'SIGTERM takes it down'
# shellcheck disable=SC2016 # for the inner shell
wait_for KILL sh -c 'echo "ready $$"; exec sleep 60' 2>/dev/null
killed=$pid pid=
cp "$work/out" "$work/out.killed"
timeout 60 "$netns" --rate 1000000 true >"$work/out" 2>"$work/err"
none_left "$killed" # unless somebody else's run has been quicker it said so
report $? 'the next run removes what SIGKILL left'
left=$(sed -n 's/^ready //p' "$work/out.killed")
[ -n "$left" ] && ! grep -q sleep "/proc/$left/cmdline" 2>/dev/null # a zombie has none
report $? 'and its command was ended'
echo "1..$count"
