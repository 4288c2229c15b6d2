#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# variants.sh NAMES COMMAND [ARG]...: COMMAND prints TAP about one variant, whose program and
# arguments it is given last; run it for each variant found, and print one TAP.  NAMES: only
# those; or, each as -NAME, all but those.  VARIANTS_JOBS at a time (one for each processor).
# They are those that speak VARIANTS_PROTOCOL (http).
set -u
names=$1
shift
build=${DUALITY_BUILD:-.}
jobs=${VARIANTS_JOBS:-$(getconf _NPROCESSORS_ONLN)}
runner=
work=$(mktemp -d) || exit 99
# The processes of one that runs end with it: theirs is this shell's process group.
trap 'test -z "$runner" || kill "$runner" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$build/servers/tests/conformance" --protocol "${VARIANTS_PROTOCOL:-http}" \
	--list "$build/servers" >"$work/all" || exit 99
awk -v names="$names" '
	BEGIN {
		for (n = split(names, list); n > 0; n--) {
			if (sub(/^-/, "", list[n])) without[list[n]]; else only[list[n]]
			some += list[n] in only
		}
	}
	some ? $1 in only : !($1 in without)' "$work/all" >"$work/variants"

# Each variant's results are put aside; they are whole when they have their name.
cat >"$work/turn" <<'END'
results=$1/$2
shift 2
"$@" </dev/null >"$results.part" 2>&1
status=$?
[ "$status" -le 1 ] || echo "not ok 0 - $1 ended with status $status" >>"$results.part"
mv "$results.part" "$results"
END
while read -r name program; do
	echo "$work $name $* $program"
done <"$work/variants" | xargs -L 1 -P "$jobs" sh "$work/turn" &
runner=$!

# They go on in order, numbered through and named after it.
while read -r name program; do
	echo "variant $name"
	while [ ! -e "$work/$name" ] && kill -0 "$runner" 2>/dev/null; do
		sleep 0.1
	done
	cat "$work/$name" || echo "not ok 0 - $program has no results"
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
