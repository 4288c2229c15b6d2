#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-peers - the suite beside what people use: duality load and wrk on one server, epoll and
# nginx under one load, other loops and epoll, the memory of an idle connection, what fibers
# cost beside Boost.Context, Go and State Threads, user-level threads beside epoll, and rings
# beside ck_ring and rte_ring.
# Everything is a ratio of medians from interleaved rounds of one run: absolute numbers of a
# shared machine mean nothing tomorrow.  Environment: ROUNDS (5), SECONDS_EACH (2),
# IDLE (5000), RING_ROUNDS (120), SERVER_CPU, CLIENT_CPU; ONLY=rings, ONLY=load: that part alone.
set -eu

build=${DUALITY_BUILD:-.}
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-2}
idle=${IDLE:-5000}
last_cpu=$(($(nproc) - 1))
server_cpu=${SERVER_CPU:-$last_cpu}
client_cpu=${CLIENT_CPU:-0}
connections=64

work=$(mktemp -d)
server=
trap 'stop_server; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

stop_server() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	server=
}

# Start a variant, the program and its further arguments, pinned; sets server (its process)
# and url.
start_variant() {
	start_on "$server_cpu" "$@"
}

# The same on CPUs $1.
start_on() {
	cpus=$1
	program=$2
	shift 2
	: >"$work/ready"
	taskset -c "$cpus" "$build/servers/$program" --root "$work/root" "$@" >"$work/ready" \
		2>"$work/server.log" &
	server=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		url=$(sed -n 's|^ready |http://|p' "$work/ready")
		if [ -n "$url" ]; then
			return
		fi
		sleep 0.2
	done
	echo "bench-peers: $program did not get ready:" >&2
	cat "$work/server.log" >&2
	exit 1
}

# nginx as its own manual would have it for this: one worker, no access log, files kept
# open.  Its master is left out so that the process started is the worker.
start_nginx() {
	port=$((20000 + $$ % 10000))
	cat >"$work/nginx.conf" <<END
daemon off;
master_process off;
worker_processes 1;
error_log $work/nginx.log;
pid $work/nginx.pid;
events { use epoll; worker_connections 16384; }
http {
	access_log off;
	sendfile on;
	tcp_nodelay on;
	keepalive_requests 1000000000;
	keepalive_timeout 75s;
	open_file_cache max=1000 inactive=60s;
	open_file_cache_valid 60s;
	types { text/plain txt; }
	client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work;
	uwsgi_temp_path $work; scgi_temp_path $work;
	server { listen 127.0.0.1:$port backlog=4096; root $work/root; }
}
END
	taskset -c "$server_cpu" nginx -e "$work/nginx.log" -c "$work/nginx.conf" &
	server=$!
	url=http://127.0.0.1:$port
	sleep 0.5
}

on_client() {
	taskset -c "$client_cpu" "$@"
}

# duality load on the server's file, its result in $work/json.
load_it() {
	on_client "$build/harness/duality-load" --quiet --connections $connections \
		--warmup 0 --json "$work/json" "$@" "$url/1k.txt" >"$work/out"
}

# Run a command; prints the CPU seconds it took.
cpu_seconds_of() {
	(
		"$@" >"$work/out" 2>"$work/err"
		times
	) | awk 'NR == 2 { for (i = 1; i <= 2; i++) {
			split($i, t, "[ms]"); cpu += t[1] * 60 + t[2] }; print cpu }'
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { if (!NR) print "nan"; else if (NR % 2)
		print v[(NR + 1) / 2]; else print (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# Column $2 over column $3 of the rounds in file $1: the median of the ratios, and their
# range, with $4 digits (2).
ratio() {
	awk -v a="$2" -v b="$3" '{ print $a / $b }' "$1" | sort -n >"$work/ratios"
	printf "%.${4:-2}f x (%.${4:-2}f to %.${4:-2}f in %d rounds)" "$(median <"$work/ratios")" \
		"$(head -n 1 "$work/ratios")" "$(tail -n 1 "$work/ratios")" \
		"$(wc -l <"$work/ratios")"
}

compare_load() {
	: >"$work/load.tsv"
	start_variant epoll
	for _ in $(seq "$rounds"); do
		cpu_wrk=$(cpu_seconds_of on_client wrk -t1 -c$connections -d"${seconds}s" "$url/1k.txt")
		rate_wrk=$(awk '/^Requests\/sec:/ { print $2 }' "$work/out")
		n_wrk=$(awk '/requests in/ { print $1 }' "$work/out")
		cpu_load=$(cpu_seconds_of load_it --closed --drain 0.1 --duration "$seconds")
		n_load=$(json_number good)
		echo "$(json_number goodput_rps) $rate_wrk $(per_request "$cpu_load" "$n_load") \
			$(per_request "$cpu_wrk" "$n_wrk")" >>"$work/load.tsv"
	done
	stop_server
	echo "duality load --closed against wrk, $connections connections, cached 1 KiB file"
	echo "  requests/s            $(ratio "$work/load.tsv" 1 2)   floor 1.0, goal 1.2"
	echo "  client CPU/request    $(ratio "$work/load.tsv" 3 4)   at most 1.0"
}

per_request() {
	awk -v cpu="$1" -v n="$2" 'BEGIN { printf "%.4f", cpu / n * 1e6 }'
}

json_number() {
	tr ',{}' '\n' <"$work/json" | awk -F: -v key="\"$1\"" '{ gsub(/[ \t]/, "", $1) }
		$1 == key { print $2 + 0; exit }'
}

# CPU nanoseconds the server's threads have had (proc(5): schedstat); none of them ends
# under load.
server_ns() {
	cat "/proc/$server/task/"*/schedstat | awk '{ ns += $1 } END { printf "%.0f\n", ns }'
}

# Load the server with the generator's arguments; prints its CPU us a request, and the
# requests per second.
server_cost() {
	load_it --closed --duration 0.2
	before=$(server_ns)
	load_it --duration "$seconds" "$@"
	after=$(server_ns)
	echo "$((after - before)) $(json_number good) $(json_number achieved_rps)" |
		awk '{ print $1 / $2 / 1e3, $3 }'
}

# Both under the closed loop, where neither ever idles, and at one rate, 0.9 of what
# nginx can do, where each also pays for going to sleep and waking up.  The client spins
# then: waking it is no work of a server's, but on loopback whoever sends does it
# (docs/decisions/0007).  The third line is the same with a client that sleeps.
compare_nginx() {
	: >"$work/closed.tsv"
	: >"$work/rate.tsv"
	: >"$work/waking.tsv"
	for _ in $(seq "$rounds"); do
		start_nginx
		theirs=$(server_cost --closed)
		rate=$(echo "$theirs" | awk '{ printf "%d", $2 * 0.9 }')
		theirs_rate=$(server_cost --spin --rate "$rate")
		theirs_waking=$(server_cost --rate "$rate")
		stop_server
		start_variant epoll
		echo "$theirs $(server_cost --closed)" >>"$work/closed.tsv"
		echo "$theirs_rate $(server_cost --spin --rate "$rate")" >>"$work/rate.tsv"
		echo "$theirs_waking $(server_cost --rate "$rate")" >>"$work/waking.tsv"
		stop_server
	done
	echo "epoll against nginx, requests per second of server CPU, cached 1 KiB file, same core"
	echo "  closed, $connections connections $(ratio "$work/closed.tsv" 1 3)   floor 1.4, goal 1.6"
	echo "  at $rate/s          $(ratio "$work/rate.tsv" 1 3)   floor 1.4, goal 1.6"
	echo "  waking the client    $(ratio "$work/waking.tsv" 1 3)"
}

# The other loops that claim to cost no more than epoll.
compare_loops() {
	for _ in $(seq "$rounds"); do
		start_variant epoll
		plain=$(server_cost --closed)
		stop_server
		for variant in $loops; do
			start_variant "$variant"
			echo "$plain $(server_cost --closed)" >>"$work/$variant.tsv"
			stop_server
		done
	done
	echo "other loops against epoll, the same measure, closed, $connections connections"
	for variant in $loops; do
		printf '  %-16s      %s   at least 1.0\n' "$variant" "$(ratio "$work/$variant.tsv" 1 3)"
	done
}

# Two things of duality micro's rows, PRIMITIVE@LIVE:RUNTIME, round by round: the ratio.
micro_ratio() {
	awk -F'\t' -v a="$1" -v b="$2" '{ key = $2 "@" $4 ":" $3 }
		key == a && $6 > 0 { x[$1] = $6 }
		key == b && $6 > 0 { y[$1] = $6 }
		END { for (i in x) if (i in y) print x[i], y[i] }' "$work/micro.tsv" >"$work/pairs"
	if [ -s "$work/pairs" ]; then
		ratio "$work/pairs" 1 2
	else
		printf 'n/a: %s or %s was not measured' "$1" "$2"
	fi
}

# The median of one of them.
micro_median() {
	awk -F'\t' -v a="$1" '$2 "@" $4 ":" $3 == a && $6 > 0 { print $6 }' "$work/micro.tsv" | median
}

# Of 10^6 fibers each has its memory, as has the control: 4.3 GiB in all.
compare_fibers() {
	most=$(awk '/^MemAvailable/ { print ($2 > 6 * 1024 * 1024) ? 1000000 : 100000 }' \
		/proc/meminfo)
	"$build/harness/duality" micro --rounds "$rounds" --most "$most" --cpu "$server_cpu" \
		--runtimes "fiber boost go st pth call" --tsv "$work/micro.tsv" create jump \
		switch switch-cold chase memory >"$work/micro.out" || cat "$work/micro.out" >&2
	if [ ! -s "$work/micro.tsv" ]; then
		echo "fibers: n/a: duality micro failed"
		return
	fi
	echo "fibers, CPU time; each ratio within a round"
	echo "  switch over Boost.Context's        $(micro_ratio jump@0:fiber jump@0:boost)   at most 0.5, goal 0.3"
	for n in 2 1000; do
		printf '  yield among %-4s over that         %s   at most 1.0\n' "$n" \
			"$(micro_ratio "switch@$n:fiber" jump@0:boost)"
	done
	echo "  yield among 1000 over Boost's      $(micro_ratio switch@1000:fiber jump@1000:boost)   of as many contexts"
	echo "  spawn and join over Go's           $(micro_ratio create@0:fiber create@0:go)   at most 0.3"
	for peer in go st pth; do
		printf '  yield among 1000 of %-3s over it     %s\n' "$peer" \
			"$(micro_ratio "switch@1000:$peer" switch@1000:fiber)"
	done
	echo "  memory of an idle one              $(micro_median memory@100000:fiber) KiB   at most 4.5"
	echo "yield among $most fibers, which no cache holds"
	echo "  over 1000, caches as cold          $(micro_ratio "switch@$most:fiber" "switch-cold@$most:fiber")   at most 1.3"
	echo "  over 1000, caches warm             $(micro_ratio "switch@$most:fiber" switch@1000:fiber)"
	echo "  their lines of memory alone        $(micro_ratio "chase@$most:call" chase@1000:call)"
	echo "  cold: before each round of the 1000, a walk over the lines that so many fibers would have"
	echo "  touched since, so that both find their own lines in the same cache, or none."
	chase_subtracted
	grep -c 'steal in' "$work/micro.out" | awk '$1 > 0 { print "  (steal in samples of " $1 \
		" of these: see duality micro)" }'
}

# The cost beyond the walk's own over those lines, at both numbers.  The walk overlaps
# more of its misses than 70 instructions a step can: what is left is an upper bound.
chase_subtracted() {
	for n in "$most" 1000; do
		echo "$(micro_median "switch@$n:fiber") $(micro_median "chase@$n:call")"
	done | awk '{ d[NR] = $1 - $2 } END { printf "  less those lines%25.1f ns, among 1000 %.1f ns\n",
		d[1], d[2] }'
}

resident_kib() {
	awk '/^RssAnon/ { print $2 }' "/proc/$server/status"
}

descriptors() {
	find "/proc/$server/fd" -mindepth 1 | wc -l
}

# Hold $idle connections that have each made a request, and see what the server grew by.
idle_memory() {
	if [ ! -x "$build/servers/$1" ]; then
		echo "  $1: n/a: not built"
		return
	fi
	start_variant "$1"
	before="$(resident_kib) $(descriptors)"
	load_it --rate $((idle / 2)) --arrivals fixed --connections "$idle" --duration 5 \
		--drain 2 &
	client=$!
	sleep 4
	after="$(resident_kib) $(descriptors)"
	wait $client || true
	stop_server
	echo "$1 $before $after" | awk '$5 == $3 { print "  " $1 ": n/a: no connection was held"
		next } { printf "  %-10s %6.0f bytes each, over %d connections\n", $1,
			($4 - $2) * 1024 / ($5 - $3), $5 - $3 }'
}

if [ "${ONLY-}" = rings ]; then
	# shellcheck source=harness/peers/rings.sh
	. "$(dirname "$0")/rings.sh"
	exit
fi
case $seconds$rounds in
*[!0-9]* | '')
	echo "bench-peers: ROUNDS and SECONDS_EACH are whole numbers (wrk knows no others)" >&2
	exit 2
	;;
esac
tools="wrk nginx taskset"
[ "${ONLY-}" != load ] || tools="wrk taskset"
for tool in $tools; do
	if ! command -v "$tool" >/dev/null; then
		echo "bench-peers: $tool is missing; ./bootstrap bench-peers installs it" >&2
		exit 2
	fi
done
mkdir "$work/root"
head -c 768 /dev/urandom | od -An -v -tx1 | tr -d ' \n' | head -c 1024 >"$work/root/1k.txt"

echo "server on CPU $server_cpu, client on CPU $client_cpu, $rounds rounds of $seconds s, interleaved"
compare_load
[ "${ONLY-}" != load ] || exit 0
compare_nginx
loops=
for variant in epoll-edge loops uring uring-multishot; do
	[ ! -x "$build/servers/$variant" ] || loops="$loops $variant"
done
compare_loops
echo "private memory of an idle connection (RssAnon; event loops: at most 1024 bytes)"
for variant in epoll libev libuv poll uring uring-multishot staged thread pth st; do
	idle_memory $variant
done
compare_fibers
# shellcheck source=harness/peers/duality.sh
. "$(dirname "$0")/duality.sh"
# shellcheck source=harness/peers/rings.sh
. "$(dirname "$0")/rings.sh"
