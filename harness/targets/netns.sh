#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# duality netns [OPTION]... [COMMAND [ARG]...]: a client, a switch and a server as network
# namespaces of this machine, joined by links that carry what 1 Gb/s Ethernet does; there while
# COMMAND runs, or until a signal.  Why it is so: docs/decisions/0016-a-link-of-a-gigabit.md.
set -u

usage()
{
	cat <<-'END'
		usage: duality netns [OPTION]... [COMMAND [ARG]...]
		       duality netns --bind LIST NAMESPACE
		Makes network namespaces duality-PID-client, -switch and -server, joined by links
		of 1 Gb/s, says what it made, and runs COMMAND with DUALITY_NETNS_CLIENT,
		_SWITCH and _SERVER (namespaces), _ADDRESS (the server's), _FREE (an address to
		take), _TAP (one for who is the device "tap" in _SWITCH), _MBPS and _BILLED (server
		or sender) set; or waits.  In the end all of it goes.
		  --server-cpus LIST   whose receiving is billed to these CPUs (the last one)
		  --rate KBIT          of the links, instead of calibrating them
		  --bind LIST          no testbed, but who receives by XDP in this one is bound to
		                       these CPUs: prints the number of the kernel's thread
		  --help  --version
		Exit status: COMMAND's; 1: not calibrated; 2: bad use; 77: not possible here.
	END
}

say()
{
	echo "duality netns: $*" >&2
}

stop() # STATUS TEXT
{
	status=$1
	shift
	say "$*"
	exit "$status"
}

here=$(dirname "$(readlink -f "$0")")
blast=${DUALITY_LIBEXEC:-$here}/duality-blast
us=duality-$$
client=$us-client switch=$us-switch server=$us-server
child=

# The links (docs/decisions/0016): the wire's bytes beside a frame's, what a burst may be, and
# what a port's queue holds.
overhead=24 burst=256kb queue=512kb
size=1472 wanted=957 within=5

# --- taking down -------------------------------------------------------------------------

# What runs in a namespace keeps it alive; all of it was started there by us.
namespace_drop() # NAME
{
	for pid in $(ip netns pids "$1" 2>/dev/null); do
		kill -KILL "$pid" 2>/dev/null
	done
	ip netns delete "$1" 2>/dev/null || [ ! -e "/run/netns/$1" ] || say "cannot remove $1"
}

# shellcheck disable=SC2317 # by trap
take_down()
{
	[ -z "$child" ] || kill "$child" 2>/dev/null
	for name in $(ip netns list | awk '{ print $1 }' | grep "^$us-"); do
		namespace_drop "$name"
	done
}

# Of runs that were killed (SIGKILL): their number is nobody's, or somebody else's by now.
leftovers_drop()
{
	for name in $(ip netns list | awk '$1 ~ /^duality-[0-9]+-(client|switch|server)$/ { print $1 }'); do
		pid=${name#duality-}
		pid=${pid%%-*}
		if ! tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q netns; then
			say "removing $name, left by a run that was killed"
			namespace_drop "$name"
		fi
	done
}

# --- making ------------------------------------------------------------------------------

within() # NAMESPACE COMMAND...
{
	ip netns exec "$@"
}

# No segments, no checksums left to a card that is not there: each frame is what it is on a wire.
offloads_off() # NAMESPACE DEVICE
{
	within "$1" ethtool -K "$2" tx off rx off sg off tso off gso off gro off >/dev/null 2>&1 ||
		stop 1 "$1: ethtool -K $2 failed"
}

namespace_make() # NAME
{
	ip netns add "$1" && ip -n "$1" link set lo up &&
		within "$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null; true'
}

# A link from the switch's device of this name to the namespace's eth0.
link_make() # NAMESPACE NAME ADDRESS MAC
{
	ip -n "$switch" link add "$2" type veth peer name eth0 address "$4" netns "$1" &&
		ip -n "$switch" link set "$2" master bridge up &&
		ip -n "$1" address add "$3/24" dev eth0 &&
		ip -n "$1" link set eth0 up || return 1
	offloads_off "$switch" "$2"
	offloads_off "$1" eth0
}

# What leaves the switch by its port is what the link carries.
shape() # NAME KBIT
{
	tc -n "$switch" qdisc replace dev "$1" root tbf rate "$2kbit" overhead "$overhead" \
		burst "$burst" limit "$queue"
}

# For who is a device himself (tuntap), a port of the switch that waits for him.
tap_make()
{
	ip -n "$switch" tuntap add dev tap mode tap && ip -n "$switch" link set tap master bridge up
}

make_all()
{
	namespace_make "$client" && namespace_make "$switch" && namespace_make "$server" &&
		ip -n "$switch" link add bridge type bridge stp_state 0 forward_delay 0 \
			mcast_snooping 0 &&
		ip -n "$switch" link set bridge up &&
		link_make "$client" client 198.18.0.1 02:00:c6:12:00:01 &&
		link_make "$server" server 198.18.0.2 02:00:c6:12:00:02 &&
		for name in "$client" "$server"; do # who is not there: the switch floods it
			ip -n "$name" neighbor add 198.18.0.9 dev eth0 \
				lladdr 02:00:c6:12:00:09 nud permanent || return 1
		done
}

# --- calibrating -------------------------------------------------------------------------

# Mb/s of payload that come out at the one when the other sends all it can.
measure() # FROM TO
{
	within "$1" "$blast" 198.18.0.9 2 >/dev/null &
	sender=$!
	# shellcheck disable=SC2016 # for the inner shell
	within "$2" sh -c '
		packets=/sys/class/net/eth0/statistics/rx_packets
		sleep 0.3
		date +%s%N
		read -r before <"$packets"
		sleep 1.5
		read -r after <"$packets"
		date +%s%N
		echo $((after - before))' | awk -v size="$size" '
		{ seen[NR] = $1 }
		END { printf "%.1f\n", seen[3] * size * 8000 / (seen[2] - seen[1]) }'
	wait "$sender"
}

is_near() # MBPS
{
	awk -v is="$1" -v wanted="$wanted" -v within="$within" \
		'BEGIN { exit !(is >= wanted - within && is <= wanted + within) }'
}

# The most of three: whoever is kept from a CPU makes it less, nothing makes it more (the clock is
# read first and last).
# Returns whether the last was near enough; sets mbps.
measure_well() # FROM TO
{
	mbps=0
	for _ in 1 2 3; do
		once=$(measure "$1" "$2")
		mbps=$(awk -v a="$mbps" -v b="$once" 'BEGIN { print (a > b ? a : b) }')
		is_near "$mbps" && return
	done
	false
}

# Sets `rate` (kbit/s) and `mbps` for the link to the one that the other sends to.
calibrate() # PORT FROM TO
{
	rate=1000000
	for _ in 1 2 3 4; do
		shape "$1" "$rate" || stop 1 "the port to the $1 cannot be shaped"
		measure_well "$2" "$3" && return
		rate=$(awk -v rate="$rate" -v is="$mbps" -v wanted="$wanted" \
			'BEGIN { printf "%d\n", (is > 100 ? rate * wanted / is : rate) }')
	done
	stop 1 "the link to the $1 carries $mbps Mb/s, not $wanted +-$within: is this machine busy?"
}

# A tap has no receiver whose frames could be counted: it gets the server's rate.
tap_shape() # KBIT
{
	tap=
	if why=$(tap_make 2>&1 && shape tap "$1" 2>&1); then
		tap=198.18.0.11
		echo "tap     $switch tap, like the link to the server" >&3
	else
		echo "tap     none: $why" >&3
	fi
}

links_shape()
{
	if [ -n "$kbit" ]; then
		if ! { shape client "$kbit" && shape server "$kbit"; }; then
			stop 2 "--rate $kbit: no rate that tbf takes"
		fi
		rate=$kbit
		mbps=nan
		echo "links   $kbit kbit/s, not calibrated" >&3
		return
	fi
	calibrate client "$server" "$client"
	echo "link    to the client: $mbps Mb/s of $size-byte payloads at $rate kbit/s" >&3
	calibrate server "$client" "$server"
	echo "link    to the server: $mbps Mb/s of $size-byte payloads at $rate kbit/s" >&3
}

# --- who pays for receiving --------------------------------------------------------------

# A mask as of rps_cpus: 32 bits a word, the highest first.
cpu_mask() # LIST
{
	echo "$1" | awk -F, '{
		for (i = 1; i <= NF; i++) {
			n = split($i, range, "-")
			for (cpu = range[1] + 0; cpu <= range[n] + 0; cpu++) {
				word = int(cpu / 32)
				bits[word] += set[cpu]++ ? 0 : 2 ^ (cpu % 32)
				if (word > most) most = word
			}
		}
		for (word = most + 0; word >= 0; word--)
			printf "%08x%s", bits[word], word ? "," : "\n"
	}'
}

# Frames that these CPUs were handed by others (softnet_stat: columns 10 and 13, in hex).
handed_over() # LIST
{
	total=0
	while read -r _ _ _ _ _ _ _ _ _ handed _ _ cpu _; do
		case ,$cpus, in
		*",$((0x$cpu)),"*) total=$((total + 0x$handed)) ;;
		esac
	done </proc/net/softnet_stat
	echo "$total"
}

# 0,2-3 as 0,2,3.
cpus_spell() # LIST
{
	echo "$1" | tr ',' '\n' | awk -F- '{
		for (cpu = $1 + 0; cpu <= $NF + 0; cpu++) printf "%s%d", some++ ? "," : "", cpu
	}'
}

# This process's CPUs that are not the server's.
cpus_other()
{
	others=
	for cpu in $(cpus_spell "$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)" | tr ',' ' '); do
		case ,$cpus, in
		*",$cpu,"*) ;;
		*) others=$others${others:+,}$cpu ;;
		esac
	done
	echo "$others"
}

rps_set() # NAMESPACE DEVICE LIST
{
	within "$1" sh -c "echo $(cpu_mask "$3") >/sys/class/net/$2/queues/rx-0/rps_cpus" 2>/dev/null
}

# What the switch does, and the client's receiving, is not the server's, whose CPU sent the frame.
others_bill()
{
	others=$(cpus_other)
	if [ -n "$others" ] && rps_set "$switch" client "$others" && rps_set "$switch" server "$others" &&
		rps_set "$client" eth0 "$others"; then
		echo "switch  and the client's receiving: on CPUs $others" >&3
	else
		echo "switch  and the client's receiving: on the CPU of who sends" >&3
	fi
}

# Have the server's CPUs do the server's receiving, and see whether they do.
receiving_bill()
{
	billed=sender
	other=${others%%,*}
	if [ -z "$other" ]; then
		why="there is no CPU but the server's"
	elif ! rps_set "$server" eth0 "$cpus"; then
		why="rps_cpus cannot be set"
	else
		before=$(handed_over)
		within "$client" taskset -c "$other" "$blast" 198.18.0.9 0.3 >/dev/null
		after=$(handed_over)
		why="CPUs $server_cpus were handed $((after - before)) times frames that CPU $other sent"
		[ "$((after - before))" -lt 10 ] || billed=server
	fi
	echo "receive $billed-billed: $why" >&3
}

# When it began: 20 fields after its name (proc_pid_stat(5)).
began() # PID
{
	sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# XDP on a veth is run by its NAPI, which is where the sender is, whatever rps_cpus says.  As a
# thread it can be bound (the kernel's Documentation/networking/napi.rst, "Threaded NAPI").  It is
# there while the program is; other devices' threads are older than our namespaces.
napi_bind() # LIST NAMESPACE
{
	us=${2#duality-}
	us=${us%-server}
	since=$(began "$us")
	[ -n "$since" ] || stop 2 "--bind: $2: no server's namespace of a testbed"
	within "$2" sh -c 'echo 1 >/sys/class/net/eth0/threaded' 2>/dev/null ||
		stop 1 "$2: nobody receives by NAPI, or it cannot be a thread"
	bound=$(grep -l '^napi/eth0-' /proc/[0-9]*/comm 2>/dev/null | while IFS=/ read -r _ _ thread _; do
		[ "$(began "$thread")" -ge "$since" ] && taskset -cp "$1" "$thread" >/dev/null 2>&1 &&
			echo "$thread"
	done)
	[ -n "$bound" ] || stop 1 "$2: the thread that receives cannot be bound to CPUs $1"
	echo "$bound"
}

# --- the whole ---------------------------------------------------------------------------

server_cpus='' kbit='' bind=''
while [ $# -gt 0 ]; do
	case $1 in
	--server-cpus | --rate | --bind)
		[ $# -gt 1 ] || stop 2 "$1: needs a value"
		case $1 in
		--rate) kbit=$2 ;;
		--bind) bind=$2 ;;
		*) server_cpus=$2 ;;
		esac
		shift 2
		;;
	--help) usage && exit 0 ;;
	--version) echo "duality-netns @PACKAGE_VERSION@" && exit 0 ;;
	--)
		shift
		break
		;;
	-*) stop 2 "$1: no such option; see --help" ;;
	*) break ;;
	esac
done
case $kbit in
*[!0-9]* | 0*) stop 2 "--rate $kbit: not a number of kbit/s" ;;
esac
highest=$(awk -F'[-,]' '{ print $NF }' /sys/devices/system/cpu/online)
: "${server_cpus:=$highest}"
echo "$server_cpus" | grep -Eqx '[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*' ||
	stop 2 "--server-cpus $server_cpus: not a list of CPUs such as 0,2-3"
for cpu in $(cpus_spell "$server_cpus" | tr ',' ' '); do
	[ "$cpu" -le "$highest" ] || stop 2 "--server-cpus $server_cpus: there is no CPU $cpu"
done

for tool in ip tc ethtool setpriv taskset; do
	command -v "$tool" >/dev/null || stop 77 "$tool is not installed: no testbed"
done
[ "$(id -u)" -eq 0 ] || stop 77 "needs root to make network namespaces: no testbed"
if [ -n "$bind" ]; then
	[ $# -eq 1 ] || stop 2 "--bind: needs one namespace"
	napi_bind "$bind" "$1"
	exit
fi
[ -x "$blast" ] || stop 2 "$blast is not there"
cpus=$(cpus_spell "$server_cpus")
# What a shell begins with & it gives /dev/null; COMMAND is to have ours, if there is one.
[ -e /proc/self/fd/0 ] || exec </dev/null
exec 4<&0 </dev/null

# What is told: to standard output, if nobody else's stands there.
if [ $# -gt 0 ]; then exec 3>&2; else exec 3>&1; fi

leftovers_drop
trap take_down EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
why=$(make_all 2>&1) || stop 77 "cannot make it here: $why"
echo "client  $client eth0 198.18.0.1" >&3
echo "switch  $switch bridge of client and server, tbf overhead $overhead burst $burst limit $queue" >&3
echo "server  $server eth0 198.18.0.2; free: 198.18.0.10 to .99" >&3
others_bill
links_shape
tap_shape "$rate"
[ -z "$tap" ] || [ -z "$others" ] || rps_set "$switch" tap "$others"
receiving_bill

export DUALITY_NETNS_CLIENT="$client" DUALITY_NETNS_SWITCH="$switch" DUALITY_NETNS_SERVER="$server" \
	DUALITY_NETNS_ADDRESS=198.18.0.2 DUALITY_NETNS_FREE=198.18.0.10 DUALITY_NETNS_TAP="$tap" \
	DUALITY_NETNS_MBPS="$mbps" DUALITY_NETNS_BILLED="$billed"
if [ $# -gt 0 ]; then
	setpriv --pdeathsig TERM -- "$@" <&4 3>&- 4<&- & # should we be killed, it is not left
	child=$!
	wait "$child"
	status=$?
	child=
	exit "$status"
fi
echo ready
while true; do # whoever kills us with SIGKILL leaves no sleep behind for long
	sleep 1 3>&- &
	child=$!
	wait "$child"
done
