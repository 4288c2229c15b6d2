#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The networking subsystem on a wire: each driver and each placement between a Linux socket and
# lwIP.
set -u
tests=${DUALITY_SOURCE:-.}/servers/network/tests
graphs=${DUALITY_SOURCE:-.}/servers/graphs
# shellcheck source=servers/network/tests/wire.sh
. "$tests/wire.sh"

# All that a driver and a placement have to carry.
carries() # NAME OPTION...
{
	name=$1
	shift
	check "$name: is ready" start "$@"
	check "$name: ARP, and ICMP echo" peer ping 10.99.0.2 10
	check "$name: 10,000 datagrams of all sizes" peer echo 10.99.0.2 1235 10000 0 0
	check "$name: datagrams of 8 bytes" peer echo 10.99.0.2 1235 1000 8 0
	check "$name: datagrams in six fragments" peer echo 10.99.0.2 1235 100 8000 1000 1
	check "$name: paced" peer echo 10.99.0.2 1235 1000 1472 2000 16
	check "$name: ends when told" stop
	check "$name: loses nothing" lossless
	check "$name: counts frames" [ "$(counter frames_in)" -ge 12610 ]
	check "$name: counts requests" [ "$(counter requests)" -eq 12100 ]
}

for driver in packet xdp tap; do
	carries "$driver"
	check "$driver: one thread needs no fences" [ "$(counter fences)" -eq 0 ]
	carries "$driver, 2 cores" --2cores
	check "$driver, 2 cores: two do" [ "$(counter fences)" -gt 0 ]
	carries "$driver, processes" --processes
	carries "$driver, no copier" --graph "$graphs/net-direct.graph"
done
carries "all fences" --fences all
check "all fences: are there" [ "$(counter fences)" -gt 0 ]
check "all fences: and no signals" [ "$(counter signals_sent)" -eq 0 ]
echo "1..$count"
