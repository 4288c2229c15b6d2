#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# audit-touched.sh - audits the labs that have changed since the commit $1, and two others, which
# are others with each commit; all of them if nothing is known of that commit, or if engines or
# the grader have changed.  Run as `make audit-touched AUDIT_SINCE=COMMIT`.
set -eu
since=${1-}
: "${DUALITY_BUILD:?}" "${DUALITY_SOURCE:?}"
cd "$DUALITY_SOURCE/labs"
all=$(for lab in [0-9][0-9]-*; do echo "${lab%%-*}"; done)
if [ -n "$since" ] && changed=$(git diff --name-only --relative "$since" -- . 2>/dev/null); then
	touched=$(echo "$changed" | sed -n 's/^\([0-9][0-9]\)-.*/\1/p' | sort -u)
	if echo "$changed" | grep -q '^engine/\|^grade/'; then
		touched=$all
	fi
else
	touched=$all
fi

# Two of the others: the turn is the number of commits.
turn=$(git rev-list --count HEAD 2>/dev/null || echo 0)
chosen=$(echo "$all" | awk -v touched="$touched" -v turn="$turn" '
	BEGIN { n = split(touched, list); for (i = 1; i <= n; i++) is[list[i]] = 1 }
	is[$1] { print; next }
	{ other[others++] = $1 }
	END {
		for (i = 0; i < 2 && i < others; i++)
			print other[(turn * 2 + i) % others]
	}' | sort -u)
# shellcheck disable=SC2086 # on one line
echo "audit of" $chosen
# shellcheck disable=SC2086 # one word for each lab
exec "$DUALITY_BUILD/harness/duality" lab audit $chosen
