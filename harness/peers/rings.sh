# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# rings.sh - the part of bench-peers on rings: ours beside ck_ring and rte_ring, each ratio
# within a round; wake-ups, and those that were not needed.  Hardware threads of one core are no
# two processors here.
# Environment: RING_ROUNDS (120).

# shellcheck disable=SC2154 # work, build and the processors are bench-peers'

# The ratio of the columns of $work/pairs: its median, and the 95 % interval of that, by order
# statistics as in harness/stats/describe.c; the range of fewer than six.
ring_middle() {
	awk '{ print $1 / $2 }' "$work/pairs" | sort -n | awk '{ v[NR] = $1 }
		END { n = NR; tail = ways = 0.5 ^ n
			for (k = 0; tail + (ways *= (n - k) / (k + 1)) <= 0.025; k++) tail += ways
			printf "%.2f x (%.2f to %.2f, %s of %d rounds)",
				(v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2, v[k + 1], v[n - k],
				n < 6 ? "range" : "95 %", n }'
}

# WHAT@BATCH of one ring over another's, round by round: nanoseconds, or whatever it is.
ring_ratio() {
	awk -F'\t' -v what="$1" -v a="$2" -v b="$3" '{ key = $2 "@" $5 }
		$3 != "cores" && $3 != "thread" { next }
		key == what && $4 == a && $7 != "nan" { x[$1] = $7 }
		key == what && $4 == b && $7 != "nan" { y[$1] = $7 }
		END { for (i in x) if (i in y) print x[i], y[i] }' "$work/rings.tsv" >"$work/pairs"
	if [ -s "$work/pairs" ]; then
		ring_middle
	else
		printf 'n/a: %s' "$(awk -F'\t' -v what="$1" -v a="$2" '$2 "@" $5 == what && $3 == "cores" &&
			($4 == a || $4 == "-") && $7 == "nan" { reason = $8 }
			END { print reason ? reason : "never both in a round" }' "$work/rings.tsv")"
	fi
}

ring_median() {
	awk -F'\t' -v what="$1" -v ring="$2" '$2 "@" $5 == what && $4 == ring &&
		($3 == "cores" || $3 == "thread") && $7 != "nan" { print $7 }' "$work/rings.tsv" | median
}

# Of a ring and a shape, over the batches: a row.
ring_row() {
	printf '  %-12s %-10s' "$1" "$2"
	for batch in 1 2 4 8 16 32 64; do
		printf '%8.2f' "$(ring_median "$1@$batch" "$2")"
	done
	echo
}

compare_rings() {
	if [ "$(nproc)" -lt 2 ]; then
		echo "rings: n/a: two processors are needed"
		return
	fi
	"$build/harness/duality-rings" --rounds "${RING_ROUNDS:-120}" \
		--cpus "$client_cpu,$server_cpu" >"$work/rings.tsv"
	echo "rings of 1024 slots between processors $client_cpu and $server_cpu, ns a message by batch"
	printf '  %-22s%9d%8d%8d%8d%8d%8d%8d\n' '' 1 2 4 8 16 32 64
	for shape in never-empty often-empty often-full ping-pong same-thread; do
		for ring in ring ring-items ck_ring rte_ring; do
			ring_row $shape $ring
		done
	done
	echo "  never-empty: who finds nothing rests; often-empty: nobody does; often-full: nor here, and the"
	echo "  consumer has some 25 ns to do for each; ping-pong: two lines of memory cross over, whose ring it is matters little;"
	echo "  ring-items: slots of 16 bytes, the others' have 8."
	echo "  Goals are for slots of 8 bytes, as in duality bench rings:"
	for peer in ck_ring rte_ring; do
		for batch in 1 8 32; do
			ring_line never-empty $peer $batch ring "$(ring_floor $peer $batch)"
			ring_line never-empty $peer $batch ring-items '   no goal'
			ring_line often-empty $peer $batch ring '   no goal'
			for shape in often-full ping-pong; do
				ring_line $shape $peer $batch ring "$(ring_floor $peer $batch)"
			done
		done
	done
	echo "  same thread, a message, ns         ring $(ring_median same-thread@1 ring)   at most 10;" \
		"ring-items $(ring_median same-thread@1 ring-items), ck_ring" \
		"$(ring_median same-thread@1 ck_ring), rte_ring $(ring_median same-thread@1 rte_ring)"
	echo "  wake-up, ns                        doorbell $(ring_median wake@1 doorbell), futex (not" \
		"private) $(ring_median wake@1 futex)"
	echo "  wake-up by doorbell over futex     $(ring_ratio wake@1 doorbell futex)   at most 1.05 (not slower, within 5 %)"
	echo "  signals elided, saturated link, 8  $(ring_median elided@8 link)   at least 0.9"
}

# SHAPE PEER BATCH OURS GOAL: one ratio.
ring_line() {
	printf '  %-8s over %-10s  %-17s %s%s\n' "$2" "$4" "$1@$3" "$(ring_ratio "$1@$3" "$2" "$4")" "$5"
}

# What is asked for: PEER BATCH.
ring_floor() {
	case $1-$2 in
	rte_ring-32) echo '   at least 1.0' ;;
	*-1 | *-8) echo '   at least 2.0' ;;
	esac
}

compare_rings
