# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# amounts.sh - amounts that differ from one LAB_SEED to another, and how verdicts are given.

amount() { # SALT: from 5 to 94
	sum=$(echo "${LAB_SEED-1} $1" | cksum | cut -d ' ' -f 1)
	echo $((sum % 90 + 5))
}

# Runs lab-step: 0 no schedule breaks it; 1 one does; all else is no verdict (77: not here).
step() {
	"$LAB_ENGINE/lab-step" "$@" 2>&1
}

fails() { # WHY: for the student to read
	echo "$1"
	exit 1
}
