#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# doctor.sh - duality-doctor: a verdict for each facility, a fix for each that is not ok.
set -u
# shellcheck source=harness/tests/tap.sh
. "$DUALITY_SOURCE/harness/tests/tap.sh"
doctor=$build/harness/duality-doctor
mounts=$work/mounts

usage() { # ARGUMENT
	"$doctor" "$1" >"$work/out" 2>"$work/err"
	[ $? -eq 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ]
}

echo 1..6
# In mounts of its own, where that is allowed: other tests mount things too.
alone=
if unshare -m true 2>/dev/null; then
	alone="unshare -m"
fi
# shellcheck disable=SC2016,SC2086 # for the inner shell; two words, or none
$alone sh -c 'cat /proc/self/mounts >"$2.before"; "$1"; status=$?
	cat /proc/self/mounts >"$2.after"; exit "$status"' sh "$doctor" "$mounts" >"$work/out" 2>"$work/err"
status=$?
cat /proc/self/mounts >"$mounts.outside"
report $status "exits 0"
awk '/^(ok|limited|missing) / { seen++; next } !/^         fix: ./ { exit 1 }
	END { exit !(seen >= 20) }' "$work/out"
report $? "a verdict on every line, or a fix"
awk 'due && !/^         fix: ./ { bad = 1 }
	!due && /^ / { bad = 1 }
	{ due = /^(limited|missing) / }
	END { exit bad || due }' "$work/out"
report $? "a fix below each that is not ok, and none elsewhere"
# Where others remove a folder, what is mounted there goes in every namespace
# (mount_namespaces(7)): what is gone must be gone outside, too.  Options are not compared, as who
# remounts something changes them everywhere.
awk '{ place = $2 " " $3 }
	FILENAME ~ /before$/ { was[place]++ }
	FILENAME ~ /after$/ { is[place]++ }
	FILENAME ~ /outside$/ { outside[place]++ }
	END {
		for (place in is)
			if (is[place] > was[place]) exit 1
		for (place in was)
			if (was[place] > is[place] && outside[place] > is[place]) exit 1
	}' "$mounts.before" "$mounts.after" "$mounts.outside"
report $? "mounts are left as they were"
usage --nonsense
report $? "an unknown option is refused"
usage nonsense
report $? "an argument is refused"
