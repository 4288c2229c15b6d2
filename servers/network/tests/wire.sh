# SPDX-License-Identifier: BSD-2-Clause
# wire.sh - for scripts that test net, which source it: a wire of their own.  Its network
# namespaces have no name, and go with the last process in them, however that ends.
# shellcheck shell=sh
build=${DUALITY_BUILD:-.}
program=${program:-net}

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

[ -x "$build/servers/$program" ] || skip_all "$program is not built: $(grep "$program" "$build/servers/missing.tsv")"
for tool in ip ethtool unshare setpriv; do
	command -v "$tool" >/dev/null || skip_all "$tool is not here"
done
if [ -z "${DUALITY_ON_WIRE-}" ]; then
	export DUALITY_ON_WIRE=yes
	if [ -z "${mapped-}" ] && unshare --net true 2>/dev/null; then
		exec unshare --net sh "$0" "$@"
	elif unshare --map-root-user --net true 2>/dev/null; then
		exec unshare --map-root-user --net sh "$0" "$@"
	fi
	skip_all "network namespaces are not permitted"
fi

# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"
driver=packet

# What it says is told only if it fails.
check() # TEXT COMMAND...
{
	claim=$1
	shift
	"$@" >"$work/said" 2>&1
	report $? "$claim"
}

peer()
{
	"$build/servers/network/tests/peer" "$@"
}

# A TAP: its other end is here.
plug_tap()
{
	ip tuntap add wire mode tap && ip address add 10.99.0.1/24 dev wire &&
		ip link set wire up
}

# The server's end of a wire, where this shell has "wire", 10.99.0.1.
plug()
{
	if [ "$driver" = tap ]; then
		plug_tap
		return
	fi
	tries=0
	until [ "$(readlink "/proc/$server/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
		[ $((tries += 1)) -lt 100 ] || return 1
		sleep 0.05
	done
	ip link add wire type veth peer name wired netns "$server" || return 1
	ip address add 10.99.0.1/24 dev wire
	ethtool -K wire tx off >/dev/null # lwIP looks at checksums
	ip link set wire up
}

is_ready()
{
	tries=0
	until grep -q "^ready ${ready_at:-10.99.0.2:1235}\$" "$work/ready"; do
		[ $((tries += 1)) -lt 300 ] && kill -0 "$server" || return 1
		sleep 0.1
	done
}

start() # OPTION...
{
	: >"$work/ready"
	set -- "$build/servers/$program" --driver "$driver" --address 10.99.0.2 \
		--counters "$work/counters" "$@"
	if [ "$driver" = tap ]; then
		plug || return
		setpriv --pdeathsig KILL "$@" --interface wire \
			>"$work/ready" 2>"$work/err" &
		server=$!
	else
		# shellcheck disable=SC2016 # $@ is for the inner shell
		setpriv --pdeathsig KILL unshare --net sh -c '
			until ip link set wired up 2>/dev/null; do sleep 0.05; done
			exec "$@"' sh "$@" --interface wired >"$work/ready" 2>"$work/err" &
		server=$!
		plug || return
	fi
	is_ready
}

stop()
{
	serve_end
	status=$?
	ip link delete wire 2>/dev/null
	return $status
}

times_anew() # MODULE
{
	grep -c "'$1'.*begins anew" "$work/err"
}

is_anew() # MODULE TIMES
{
	[ "$(times_anew "$1")" -gt "$2" ] && [ -n "$(process "$1")" ]
}

# It is killed, and begun anew.
crash() # MODULE
{
	times=$(times_anew "$1")
	kill -9 "$(process "$1")"
	within is_anew "$1" "$times"
}

counter() # NAME
{
	number "$work/counters" "$1"
}

# Nothing came that was not for the client, and nothing was lost on the way.
lossless()
{
	cat "$work/counters"
	for drop in no_buffer client_full malformed no_tx_buffer device; do
		[ "$(counter "drops_$drop")" -eq 0 ] || return 1
	done
}
