#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Two clients behind one driver: one crashes every second, or does not drain, and the other
# loses nothing.  What is wrong with a command line, a graph or an interface is told.
set -u
tests=${DUALITY_SOURCE:-.}/servers/network/tests
graphs=${DUALITY_SOURCE:-.}/servers/graphs
# shellcheck source=servers/network/tests/wire.sh
. "$tests/wire.sh"

# Datagrams to the second client for some seconds, while the first has some too, and this
# happens to it once a second.  Neither sends more than the driver's ring has room for while
# it waits for a processor, for 2 s.
meanwhile() # COMMAND...
{
	peer echo 10.99.0.2 1235 3000 1472 500 >"$work/first" &
	first=$!
	peer echo 10.99.0.3 1235 100000 1472 0 & # 16 at once
	second=$!
	for i in 1 2 3 4 5; do
		"$@"
		sleep 1
	done
	wait $first
	wait $second
}

# Stopped, it stops draining.
freeze()
{
	kill -STOP "$(process client0)"
}

thaw()
{
	kill -CONT "$(process client0)"
}

# What comes while it has yet to drain what was there before, or before the kernel has let go of
# the last one's queue, may be lost.
answers()
{
	tries=0
	until peer ping 10.99.0.2 3 500; do
		[ $((tries += 1)) -lt 60 ] || return 1
	done
}

driver=packet
check "two clients: are ready" start --graph "$graphs/net-two.graph"
check "the first answers" peer ping 10.99.0.2 1
check "the second answers" peer ping 10.99.0.3 1
check "one crashes each second: the other loses nothing" meanwhile crash client0
check "it was begun anew each time" [ "$(times_anew client0)" -eq 5 ]
check "the crashed one answers" answers
check "and has its buffers" peer echo 10.99.0.2 1235 5000 1472 0
check "one does not drain: the other loses nothing" meanwhile freeze
check "it drains again" thaw
check "and answers" answers
check "and has its buffers still" peer echo 10.99.0.2 1235 5000 1472 0
check "both end when told" stop
check "what was not drained was dropped" [ "$(counter drops_client_full)" -gt 1000 ]
check "nothing else was" [ "$(counter drops_no_buffer)$(counter drops_malformed)" = 00 ]

sed 's/ virt_tx virt_tx$/ virt_tx virt_tx_priority/' "$graphs/net-two.graph" >"$work/priority.graph"
check "the other policy is a word in the graph" grep -q virt_tx_priority "$work/priority.graph"
check "with it they are ready" start --graph "$work/priority.graph"
check "the first has an echo" peer echo 10.99.0.2 1235 2000 1472 0
check "and so has the second" peer echo 10.99.0.3 1235 2000 1472 0
check "both end" stop

# An interface whose socket was let go of a moment before.
driver=xdp
again()
{
	setpriv --pdeathsig KILL nsenter --net="/proc/$keeper/ns/net" "$build/servers/net" \
		--driver xdp --interface wired --address 10.99.0.2 >"$work/ready" 2>"$work/err" &
	server=$!
	is_ready
}
unshare --net sleep 60 &
keeper=$!
server=$keeper
plug
nsenter --net="/proc/$keeper/ns/net" ip link set wired up
for i in 1 2 3; do
	check "XDP, time $i: is ready" again
	check "XDP, time $i: answers" answers
	kill -9 "$server"
done
wait "$server" 2>/dev/null
server=$keeper
ip link delete wire

# It ends by itself, though it may take its time: its status.
ended()
{
	tries=0
	while [ -e "/proc/$server/exe" ] && [ $((tries += 1)) -lt 300 ]; do
		sleep 0.1
	done
	kill -9 "$server" 2>/dev/null
	wait "$server"
}

# An interface that goes while it is used ends it, with one line that says so; one that
# goes down, and comes up again, does not.
for driver in packet xdp tap; do
	check "$driver: is ready" start
	if [ "$driver" != tap ]; then
		nsenter --net="/proc/$server/ns/net" ip link set wired down
		sleep 0.2
		nsenter --net="/proc/$server/ns/net" ip link set wired up
		check "$driver: the interface was down, and answers" answers
	fi
	ip link delete wire
	ended
	check "$driver: without the interface it ends" [ $? -eq 1 ]
	server=
	check "$driver: it says why" grep -q "cannot go on without wire" "$work/err"
done

# What only shows once there is something to send ends it too: soon, as Linux may ask who is
# there before anybody else does.
driver=tap
sed 's/^grant goes driver.tx.0 read$//' "$graphs/net-1core.graph" >"$work/lies.graph"
start --graph "$work/lies.graph"
peer ping 10.99.0.2 1 500
ended
status=$? # 2: it had not said to be ready yet
check "a driver without the client's memory: it ends" [ $((status == 1 || status == 2)) -eq 1 ]
server=
check "it says why" grep -q "'driver'.*a client's tx is not granted" "$work/err"
ip link delete wire 2>/dev/null

# A graph is drawn, of all its rings, and that is all.
draws() # GRAPH
{
	"$build/servers/net" --draw "$1" >"$work/out" 2>"$work/err" &&
		[ "$(sed -n '1p;$p' "$work/out" | xargs)" = 'digraph { }' ] &&
		[ "$(grep -c '" -> ".*label="' "$work/out")" = "$(grep -c ^ring "$1")" ]
}
for graph in "$graphs"/net-*.graph; do
	check "${graph##*/} is drawn" draws "$graph"
done

# Refused with one line that says what; 2.
refused() # TEXT OPTION...
{
	want=$1
	shift
	"$build/servers/net" "$@" >"$work/out" 2>"$work/err"
	[ $? -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && [ ! -s "$work/out" ] &&
		grep -q "$want" "$work/err"
}

# On the graph of two, as the lines of sed make it.
lies() # TEXT SED
{
	want=$1
	sed "$2" "$graphs/net-two.graph" >"$work/lies.graph"
	refused "$want" --interface lo --address 10.99.0.2 --graph "$work/lies.graph"
}

check "no interface" refused '^--interface'
check "an interface that is not there" refused 'nowhere' --interface nowhere
check "a driver that there is not" refused 'packet, xdp or tap' --interface lo --driver slip
check "a bad prefix" refused '^--prefix 33' --interface lo --prefix 33
check "a bad MAC" refused '^--mac' --interface lo --mac 01:00:00:00:00:01
check "IPv6" refused '^--address' --interface lo --address ::1
check "an address of no host" refused 'its address' --interface lo --address 10.99.0.0
check "nor is the default one" refused 'its address' --interface lo
check "two clients, and one address" refused "'client1'.*its address" --interface lo --address 10.99.0.254 --graph "$graphs/net-two.graph"
ip tuntap add tunnel mode tun
check "an interface without frames" refused 'no Ethernet frames' --interface tunnel --address 10.99.0.2
ip link delete tunnel
check "an MTU that XDP cannot have" refused 'MTU of 65536 (at most 1500, at both ends) on lo' --driver xdp --interface lo --address 10.99.0.2
check "a drawing of no graph" refused 'nothing.graph' --draw "$work/nothing.graph"
check "a graph that never ends" refused '/dev/zero:1: a graph of more than 256 KiB' --interface lo --graph /dev/zero
check "no graph" refused 'nothing.graph' --interface lo --graph "$work/nothing.graph"
check "two clients in one process" lies 'lwIP is there once' 's/^placement.*/placement one/'
check "a client without its way back" lies "copier1.in_free is not connected" '/^ring copied1/d; s/ answers=copied1//'
check "a client that may not write its region" lies 'granted read' 's/^grant goes1 client1.tx write/grant goes1 client1.tx read/'
check "a region that is too small" lies 'needs 1048576' 's/^region came1 1M/region came1 512K/'
check "what cannot be begun again" lies ':8: a copier has no restart=' 's/^module copier0.*/& restart=1/'
check "two clients of one number" lies ":48: module 'client1' is number 1 by this, and 0 by line 7" 's/client=1/client=0/'
swap() # A B: of sed, one for the other
{
	echo "s/$1/NEITHER/; s/$2/$1/; s/NEITHER/$2/"
}
check "two that are each other's for virt_tx" lies ":34: module 'client0' is number 1" \
	"$(swap tx.client_active.0 tx.client_active.1)"
check "two that are given back each other's buffers" lies ":35: module 'client0' is number 1" \
	"$(swap tx.client_free.0 tx.client_free.1)"
check "two that are sent each other's frames" lies ":31: module 'copier0' is number 0 by this, and 1 by line 30" \
	"$(swap rx.client_active.0 rx.client_active.1)"
check "two whose copiers are each other's" lies ":32: module 'client1' is number 0 by this, and 1" \
	's/^\(ring come0.*\) client0/\1 client2/; s/^\(ring come1.*\) client1/\1 client0/; s/client2/client1/'
check "two whose memory the driver takes for each other's" lies ":27: module 'client0' is number 1" \
	"$(swap driver.tx.0 driver.tx.1)"
# The same number behind other virtualisers than the first's.
check "two clients of one address" lies "its client= is another module's" \
	's/client=1/client=0/; s/virt_\([rt]x\)\.\(client_[a-z]*\)\.1/virt_\1b.\2.0/
	/^grant goes1 driver/d; s/^module driver.*/&\nmodule virt_rxb virt_rx\nmodule virt_txb virt_tx/
	s/^ring go-free1.*/&\ngrant rx virt_rxb.rx read\
ring ra virt_rx.client_active.1 virt_rxb.active slots=512\
ring rf virt_rxb.free virt_rx.client_free.1 slots=512 answers=ra\
ring ta virt_txb.active virt_tx.client_active.1 slots=512\
ring tf virt_tx.client_free.1 virt_txb.free slots=512 answers=ta/'
check "two clients that keep in one region" lies "'keep0' is for one alone: 'client0' has it" 's/^grant keep1 client1/grant keep0 client1/'
check "two that write to one region" lies "'came0' is for one alone" 's/^grant came1 client1/grant came0 client1/'
check "a client's region as another's" lies "'goes0' is for one alone: 'driver' has it" 's/^grant goes1 driver/grant goes0 driver/'
check "too few buffers in the ring" lies 'cannot begin' 's/^\(ring rx-free.*\)slots=512/\1slots=64/'
echo "1..$count"
