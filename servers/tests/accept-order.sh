#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What comes first where new clients wait and live ones ask: with --accept-first accepting, for
# all who wait; without it serving (Knot-A and Knot-C).
set -u
build=${DUALITY_BUILD:-.}
count=0

comes_first() # WHAT NAME [ARG]...
{
	want=$1
	shift
	text="$*: $want comes first"
	server=$build/servers/$1
	shift
	count=$((count + 1))
	said=$("$build/servers/tests/accept-order" "$server" "$@" 2>&1)
	if [ "$said" = "$want" ]; then
		echo "ok $count - $text"
	else
		echo "# said: $said"
		echo "not ok $count - $text"
	fi
}

for name in epoll pth; do
	[ -x "$build/servers/$name" ] || continue
	case " ${CONFORMANCE_VARIANTS-} " in *" -$name "*) continue ;; esac
	comes_first serving "$name"
	comes_first accepting "$name" --accept-first
done
echo "1..$count"
