# SPDX-License-Identifier: BSD-2-Clause
# lib.sh - for the tests of the figures: TAP, a folder to work in, and looks into what was drawn.
# shellcheck shell=sh disable=SC2034 # variables are for who sources this
set -u
plots=$DUALITY_SOURCE/plots
awk=${AWK:-awk}
gnuplot=${GNUPLOT:-gnuplot}
if ! command -v "$gnuplot" >/dev/null; then
	echo "1..0 # SKIP $gnuplot was not found"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
tests=0

# $1: what is claimed; the rest: a command that must succeed.
ok()
{
	tests=$((tests + 1))
	claim=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok $tests - $claim"
	else
		echo "not ok $tests - $claim"
		sed 's/^/# /' "$work/out"
	fi
}

well_formed()
{
	if command -v xmllint >/dev/null; then
		xmllint --noout "$1"
	else
		head -c 5 "$1" | grep -q '<?xml' && tail -n 2 "$1" | grep -q '</svg>'
	fi
}

contains()
{
	grep -qF -- "$2" "$1" || {
		echo "no \"$2\" in $1"
		return 1
	}
}

lacks()
{
	! contains "$1" "$2" >/dev/null
}

# The exit status $1 is what the rest gives, with a line on standard error that has $2.
refuses()
{
	wanted=$1
	word=$2
	shift 2
	"$@" 2>"$work/refusal"
	[ $? -eq "$wanted" ] && contains "$work/refusal" "$word" &&
		[ "$(wc -l <"$work/refusal")" -eq 1 ]
}
