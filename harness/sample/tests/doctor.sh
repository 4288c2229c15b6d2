#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# doctor.sh - duality-doctor: a verdict for each facility, a fix for each that is not ok.
set -u
doctor=$DUALITY_BUILD/harness/duality-doctor
out=$(mktemp) || exit 99
mounts=$out.mounts
trap 'rm -f "$out" "$out.err" "$mounts.before" "$mounts.after"' EXIT
n=0

check() { # NAME STATUS
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		sed 's/^/# /' "$out" "$out.err"
	fi
}

usage() { # ARGUMENT
	"$doctor" "$1" >"$out" 2>"$out.err"
	[ $? -eq 2 ] && [ ! -s "$out" ] && [ "$(wc -l <"$out.err")" -eq 1 ]
}

echo 1..6
# In mounts of its own, where that is allowed: other tests mount things too.
alone=
if unshare -m true 2>/dev/null; then
	alone="unshare -m"
fi
# shellcheck disable=SC2016,SC2086 # for the inner shell; two words, or none
$alone sh -c 'cat /proc/self/mounts >"$2.before"; "$1"; status=$?
	cat /proc/self/mounts >"$2.after"; exit "$status"' sh "$doctor" "$mounts" >"$out" 2>"$out.err"
check "exits 0" $?
awk '/^(ok|limited|missing) / { seen++; next } !/^         fix: ./ { exit 1 }
	END { exit !(seen >= 20) }' "$out"
check "a verdict on every line, or a fix" $?
awk 'due && !/^         fix: ./ { bad = 1 }
	!due && /^ / { bad = 1 }
	{ due = /^(limited|missing) / }
	END { exit bad || due }' "$out"
check "a fix below each that is not ok, and none elsewhere" $?
cmp "$mounts.before" "$mounts.after"
check "mounts are left as they were" $?
usage --nonsense
check "an unknown option is refused" $?
usage nonsense
check "an argument is refused" $?
