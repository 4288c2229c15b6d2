#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The drivers by themselves (drivers_test.c), on wires of their own.
set -u
tests=${DUALITY_SOURCE:-.}/servers/network/tests
# shellcheck source=servers/network/tests/wire.sh
. "$tests/wire.sh"

test=$build/servers/network/tests/drivers_test
[ -x "$test" ] || skip_all "cmocka is missing"

pair() # NAME MTU OTHER-NAME MTU
{
	ip link add "$1" mtu "$2" type veth peer name "$3" mtu "$4" &&
		ip link set "$1" up && ip link set "$3" up || exit 99
}

pair wire 1500 wired 1500
pair vast 9000 vaster 9000
pair vast-long 9000 vast-short 1500
ip tuntap add tapped mode tap && ip link set tapped up || exit 99
"$test"
