# SPDX-License-Identifier: BSD-2-Clause
# lib.sh - for the tests of the harness: TAP, a folder of made-up servers, a tiny suite.
# shellcheck shell=sh disable=SC2034
: "${DUALITY_BUILD:?}" "${DUALITY_SOURCE:?}"
DUALITY_LIBEXEC=$DUALITY_BUILD/harness
DUALITY_PLOTS=/nonexistent
export DUALITY_LIBEXEC DUALITY_PLOTS

here=$(mktemp -d "${TMPDIR:-/tmp}/duality-test-XXXXXX") || exit 99
FAKE_PIDS=$here/pids
export FAKE_PIDS
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 99
: >"$FAKE_PIDS"

count=0
# check NAME COMMAND...: one line of TAP.
check() {
	name=$1
	shift
	count=$((count + 1))
	if "$@"; then echo "ok $count - $name"; else echo "not ok $count - $name"; fi
}

plan_end() {
	echo "1..$count"
}

# servers NAME...: a folder of made-up variants.
servers() {
	rm -rf "$here/servers"
	mkdir "$here/servers"
	for name in "$@"; do
		ln -s "$DUALITY_BUILD/harness/tests/fake" "$here/servers/$name"
	done
}

bench() {
	"$DUALITY_BUILD/harness/duality-bench" --servers "$here/servers" "$@"
}

# The same in the background: $pid is the program itself, not a shell around it.
bench_begin() {
	"$DUALITY_BUILD/harness/duality-bench" --servers "$here/servers" "$@" >out 2>err &
	pid=$!
}

# column NAME: from trials.tsv on standard input, one column by its name.
column() {
	awk -F'\t' -v name="$1" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
		{ print $c }'
}

# where COLUMN VALUE: how many rows of trials.tsv on standard input have it.
where() {
	column "$1" | grep -c -x -e "$2"
}

# until_true SECONDS COMMAND...: wait for it, within a time.
until_true() {
	tries=$(($1 * 20))
	shift
	while [ "$tries" -gt 0 ]; do
		if "$@"; then return 0; fi
		sleep 0.05
		tries=$((tries - 1))
	done
	return 1
}

# The processes of all made-up servers so far are gone: their numbers may be others' by now.
all_gone() {
	while read -r pid; do
		case $(readlink "/proc/$pid/exe") in
		*/fake) return 1 ;;
		esac
	done <"$FAKE_PIDS"
}

# suite_begin BLOCKS AA: a suite's first section.  No rule makes a trial void, as the machine may be
# busy.
suite_begin() {
	cat <<-END
		[suite]
		blocks = $1
		budget_s = 100
		aa = $2
		canary_every = 0
		void_steal = 1
		void_late = 1
		void_stranger = 1
		void_gap = 1
	END
}

# suite_equal BLOCKS WINDOW RATES: tiny.suite with one experiment at fixed rates.
suite_equal() {
	cat >equal.conf <<-END
		[experiment]
		kind = equal
		request = /
		session_requests = 2
		think_us = 1000
		limit_us = 1000000
	END
	suite_begin "$1" none >tiny.suite
	cat >>tiny.suite <<-END
		[equal]
		budget_s = 100
		warmup_s = 0.05
		window_s = $2
		drain_s = 0.1
		rates_rps = $3
	END
}
