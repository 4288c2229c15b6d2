# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# amounts.sh - amounts that differ from one LAB_SEED to another, and how verdicts are given.

amount() { # SALT: from 5 to 94
	sum=$(echo "${LAB_SEED-1} $1" | cksum | cut -d ' ' -f 1)
	echo $((sum % 90 + 5))
}

# No function of the student's may stand for one of the C library's, its threads' above all: with
# a pthread_create() of its own the bank would say which schedules there are.
names_own() { # OBJECT
	command -v nm >/dev/null || exit 77
	{
		nm -D --defined-only "$($CC -print-file-name=libc.so.6)" | sed -n '/@@/s/^/libc /p'
		nm -g --defined-only "$1"
	} | awk -v object="$1" '
		{ sub(/@.*/, "", $NF) }
		$1 == "libc" { libc[$NF] = 1; next }
		$NF in libc || $NF ~ /^(pthread|sem|mtx|thrd)_/ {
			print object " defines " $NF ", which is the C library\047s: take another name."
			wrong = 1
		}
		END { exit wrong }'
}

# Runs lab-step: 0 no schedule breaks it; 1 one does; all else is no verdict (77: not here).
step() {
	case " $* " in *" --object bank.o "*) names_own bank.o || return 1 ;; esac
	"$LAB_ENGINE/lab-step" "$@" 2>&1
}

fails() { # WHY: for the student to read
	echo "$1"
	exit 1
}
