# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
# rings.sh - the part of bench-peers on rings: ours beside ck_ring and rte_ring, each ratio
# within a round; wake-ups, and those that were not needed.
# Environment: RING_ROUNDS (15).

# shellcheck disable=SC2154 # work, build and the processors are bench-peers'

# WHAT@BATCH of one ring over another's, round by round: nanoseconds, or whatever it is.
ring_ratio() {
	awk -F'\t' -v what="$1" -v a="$2" -v b="$3" '{ key = $2 "@" $5 }
		$3 == "processes" { next }
		key == what && $4 == a && $7 != "nan" { x[$1] = $7 }
		key == what && $4 == b && $7 != "nan" { y[$1] = $7 }
		END { for (i in x) if (i in y) print x[i], y[i] }' "$work/rings.tsv" >"$work/pairs"
	if [ -s "$work/pairs" ]; then
		ratio "$work/pairs" 1 2
	else
		printf 'n/a: %s' "$(awk -F'\t' -v what="$1" -v a="$2" '$2 "@" $5 == what &&
			($4 == a || $4 == "-") && $7 == "nan" { reason = $8 }
			END { print reason ? reason : "never both in a round" }' "$work/rings.tsv")"
	fi
}

ring_median() {
	awk -F'\t' -v what="$1" -v ring="$2" '$2 "@" $5 == what && $4 == ring &&
		$3 != "processes" && $7 != "nan" { print $7 }' "$work/rings.tsv" | median
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
	"$build/harness/duality-rings" --rounds "${RING_ROUNDS:-15}" \
		--cpus "$client_cpu,$server_cpu" >"$work/rings.tsv"
	echo "rings of 1024 slots between processors $client_cpu and $server_cpu, ns a message by batch"
	printf '  %-22s%9d%8d%8d%8d%8d%8d%8d\n' '' 1 2 4 8 16 32 64
	for shape in never-empty often-empty often-full ping-pong same-thread; do
		for ring in ring ring-items ck_ring rte_ring; do
			ring_row $shape $ring
		done
	done
	echo "  never-empty: who finds nothing rests; often-empty: nobody does; often-full: nor here, and the"
	echo "  consumer has 30 ns to do for each; ping-pong: two lines of memory cross over, whose ring it is matters little;"
	echo "  ring-items: slots of 16 bytes, the others' have 8."
	for shape in never-empty often-empty; do
		for peer in ck_ring rte_ring; do
			for batch in 1 8 32; do
				printf '  %-8s over ring  %-17s %s%s\n' $peer "$shape@$batch" \
					"$(ring_ratio $shape@$batch $peer ring)" \
					"$(ring_floor $peer $batch)"
			done
		done
	done
	echo "  same thread, a message             $(ring_median same-thread@1 ring) ns, an item $(ring_median same-thread@1 ring-items) ns   at most 10"
	echo "  wake-up by doorbell over futex     $(ring_ratio wake@1 doorbell futex)   at most 1.0"
	echo "  signals elided, batches of 8       $(ring_median elided@8 link)   at least 0.9"
}

# What is asked for: PEER BATCH.
ring_floor() {
	case $1-$2 in
	rte_ring-32) echo '   at least 1.0' ;;
	*-1 | *-8) echo '   at least 2.0' ;;
	esac
}

compare_rings
