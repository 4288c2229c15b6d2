#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every variant found in the servers folder passes the gate.  CONFORMANCE_VARIANTS names some
# of them; CONFORMANCE_FULL=1 cuts every stream everywhere.
set -u
build=${DUALITY_BUILD:-.}
gate=$build/servers/tests/conformance
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

"$gate" --list "$build/servers" >"$work/variants" || exit 99

# Each variant's results go on as they come, numbered through and named after it.
while read -r name command; do
	case " ${CONFORMANCE_VARIANTS:-$name} " in
	*" $name "*) ;;
	*) continue ;;
	esac
	echo "variant $name"
	# shellcheck disable=SC2086 # the command and its arguments
	"$gate" $command </dev/null 2>&1
	status=$?
	[ "$status" -le 1 ] || echo "not ok 0 - the gate ended with status $status"
done <"$work/variants" | awk '
	$1 == "variant" { name = $2; next }
	/^1\.\.[0-9]+$/ { next }
	/^(not )?ok [0-9]+ - / {
		verdict = /^not/ ? "not ok" : "ok"
		sub(/^(not )?ok [0-9]+ - /, "")
		print verdict, ++count, "-", name ": " $0
		fflush()
		next
	}
	{ sub(/^# /, ""); print "# " name ": " $0; fflush() }
	END {
		if (count == 0)
			print "not ok", ++count, "- some variant was found"
		print "1.." count
	}'
