#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# variants.sh NAMES COMMAND [ARG]...: COMMAND prints TAP about one variant, whose program and
# arguments it is given last; run it for each variant found, or those NAMES names, as one TAP.
set -u
names=$1
shift
build=${DUALITY_BUILD:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$build/servers/tests/conformance" --list "$build/servers" >"$work/variants" || exit 99

# Each variant's results go on as they come, numbered through and named after it.
while read -r name command; do
	case " ${names:-$name} " in
	*" $name "*) ;;
	*) continue ;;
	esac
	echo "variant $name"
	# shellcheck disable=SC2086 # the command and its arguments
	"$@" $command </dev/null 2>&1
	status=$?
	[ "$status" -le 1 ] || echo "not ok 0 - $1 ended with status $status"
done <"$work/variants" | awk '
	$1 == "variant" { name = $2; next }
	/^1\.\.[0-9]+$/ { next }
	/^(not )?ok [0-9]+ - / {
		verdict = /^not/ ? "not ok" : "ok"
		sub(/^(not )?ok [0-9]+ - /, "")
		print verdict, ++count, "-", name ": " $0
		bad += verdict != "ok"
		fflush()
		next
	}
	{ sub(/^# /, ""); print "# " name ": " $0; fflush() }
	END {
		if (count == 0) {
			print "not ok", ++count, "- some variant was found"
			bad++
		}
		print "1.." count
		exit bad > 0
	}'
