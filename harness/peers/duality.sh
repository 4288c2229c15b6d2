# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2154 # read by bench-peers.sh, which sets what is not set here
# duality.sh - the duality itself, for a quick look (make bench SUITE=duality has intervals): what
# user-level threads do with a CPU second over what epoll does; and fibers on two CPUs.

# What starts this variant.
variant_words() {
	case $1 in
	fiber-mn) echo fiber --mn --workers 1 ;;
	fiber-*) echo fiber "--${1#fiber-}" ;;
	again) echo epoll ;;
	*) echo "$1" ;;
	esac
}

variant_cost() {
	# shellcheck disable=SC2046 # words
	start_variant $(variant_words "$1")
	server_cost --closed >"$work/cost.$1"
	stop_server
}

# In each round all of them, in an order of its own; epoll twice: what differs by no more is
# the same.  Columns: CPU us a request of epoll, of the variant, of fiber.
compare_duality() {
	for _ in $(seq "$rounds"); do
		# shellcheck disable=SC2086 # words
		for variant in $(shuf -e epoll $duals); do
			variant_cost "$variant"
		done
		for variant in $duals; do
			cut -d' ' -f1 "$work/cost.epoll" "$work/cost.$variant" \
				"$work/cost.fiber" | paste -sd' ' >>"$work/dual.$variant"
		done
	done
	echo "threads against events, requests per second of server CPU, cached 1 KiB file, closed, $connections connections"
	for variant in $duals; do
		printf '  %-16s over epoll  %s%s\n' "$variant" \
			"$(ratio "$work/dual.$variant" 1 2 3)" "$(dual_goal "$variant")"
	done
	for variant in pth st; do
		if [ -s "$work/dual.$variant" ]; then
			printf '  fiber            over %-5s  %s   at least 1.0\n' "$variant" \
				"$(ratio "$work/dual.$variant" 2 3)"
		fi
	done
}

dual_goal() {
	case $1 in
	fiber) echo "   floor 0.95, goal 0.97 to 1.03" ;;
	again) echo "   epoll itself: what cannot be told apart" ;;
	esac
}

# Replies per second to a request that is nearly all the server's, and the client's share of
# its CPU.
spin_rate() {
	on_client "$build/harness/duality-load" --quiet --closed --connections $connections \
		--warmup 0.3 --duration "$seconds" --drain 0.5 --json "$work/json" \
		"$url/spin?us=300" >"$work/out"
	echo "$(json_number achieved_rps) $(json_number cpu_share)"
}

# The second worker shares its CPU with the client: what that takes it cannot have.
# Columns: rate, client's share; both with two workers; the CPUs that were left to these.
compare_scaling() {
	echo "fiber-mn on CPUs $client_cpu and $server_cpu, the client on $client_cpu, over one worker on $server_cpu, /spin?us=300"
	if [ "$client_cpu" = "$server_cpu" ]; then
		echo "  n/a: there is no second CPU"
		return
	fi
	for _ in $(seq "$rounds"); do
		start_on "$server_cpu" fiber --mn --workers 1
		one=$(spin_rate)
		stop_server
		start_on "$client_cpu,$server_cpu" fiber --mn --workers 2
		echo "$one $(spin_rate)" | awk '{ print $0, 2 - $4 }' >>"$work/scaling"
		stop_server
	done
	awk '{ print $3 / $1, 1, $5 }' "$work/scaling" >"$work/scaled"
	echo "  requests/s            $(ratio "$work/scaled" 1 2)"
	echo "  over the CPUs left    $(ratio "$work/scaled" 1 3)   ideal 1.0"
	awk '{ print $4 * 100 }' "$work/scaling" | median |
		awk '{ printf "  the client took       %.0f %% of its CPU\n", $1 }'
}

duals=
for variant in fiber fiber-uring fiber-relinquish fiber-mn pth st; do
	# shellcheck disable=SC2046 # words
	set -- $(variant_words "$variant")
	[ ! -x "$build/servers/$1" ] || duals="$duals $variant"
done
case $duals in
*fiber*)
	duals="$duals again"
	compare_duality
	compare_scaling
	;;
*) echo "threads against events: n/a: fiber is not built" ;;
esac
