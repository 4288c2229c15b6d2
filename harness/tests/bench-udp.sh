#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-udp.sh - an experiment of kind udp: where there can be no testbed, where it fails, and, for
# root, a short run of it that is resumed.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
DUALITY_WORKLOADS=$DUALITY_SOURCE/workloads
export DUALITY_WORKLOADS
mkdir servers programs
for name in udp-thread udp-epoll net; do
	[ ! -x "$DUALITY_BUILD/servers/$name" ] || ln -s "$DUALITY_BUILD/servers/$name" servers/
done
ln -s "$DUALITY_BUILD/harness/duality-load" programs/
DUALITY_LIBEXEC=$here/programs

cat >udp.conf <<-END
	[experiment]
	summary = made up
	kind = udp
	variants = udp-thread udp-epoll net-1core net-2cores
	points = 20 50
	connections = 2
	warmup_s = 0.1
	window_s = 0.2
	window_most_s = 0.2
	drain_s = 0.1
	link_kbit = 1000000
	published = a board, once
	pairs = net-1core/xdp:udp-epoll/socket
	pair_mbps = 30
	pair_blocks = 1
	ratio_goal = 1 1.5
	budget_s = 100
END
cat >tiny.suite <<-END
	[suite]
	blocks = 1
	budget_s = 100
	aa = none
	canary_every = 0
	void_steal = 1
	void_late = 1
	void_stranger = 1
	retries = 3
	[udp]
END

fake_netns() # STATUS
{
	printf '#!/bin/sh\necho duality netns: no testbed on the moon >&2\nexit %s\n' "$1" \
		>programs/duality-netns
	chmod +x programs/duality-netns
}

fake_netns 77
bench ./tiny.suite --out skipped >out 2>err
check "without a testbed it is skipped" [ $? -eq 77 ]
check "with the reason" grep -q '^note: udp skipped: duality netns: no testbed on the moon' out
check "and nothing is made up" [ "$(wc -l <skipped/trials.tsv)" -eq 1 ]
fake_netns 1
bench ./tiny.suite --out failed >out 2>err
check "a testbed that fails is a finding" [ $? -eq 1 ]
check "with the reason, too" grep -q '^note: udp failed: duality netns: no testbed' out
printf '#!/bin/sh\necho ADDRESS=1\n' >programs/duality-netns
bench ./tiny.suite --out silent >out 2>err
check "so is one that is not ready" [ $? -ne 0 ]
sed -i 's/^points.*/points =/' udp.conf
bench ./tiny.suite --out none >out 2>err
check "an experiment without rates is refused" grep -q 'points is empty' err
sed -i 's/^points.*/points = 20 50/' udp.conf
sed -i 's/^pairs.*/pairs = net-1core:udp-epoll/' udp.conf
bench ./tiny.suite --out none >out 2>err
check "so is a pair that names no ways" grep -q 'VARIANT/WAY' err
sed -i 's|^pairs.*|pairs = net-1core/xdp:udp-epoll/socket|' udp.conf

rm programs/duality-netns
ln -s "$DUALITY_BUILD/harness/duality-netns" "$DUALITY_BUILD/harness/duality-blast" programs/
bench ./tiny.suite --out real >out 2>err
status=$?
if [ "$status" -eq 77 ]; then
	echo "# $(grep '^note: udp skipped' out)"
	plan_end
	exit
fi

# Of the trials of block 1 that are not void: COLUMN where VARIANT and WAY are these, one line a rate.
of() # COLUMN VARIANT WAY
{
	awk -F'\t' -v name="$1" -v variant="$2" -v way="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["block"] == 1 && $at["void"] == "0" && $at["variant"] == variant && $at["phase"] == way { print $at[name] }' real/trials.tsv
}

# A load that is not void had at least one echo before it began; in so short a window a busy machine may
# have left the server none of its CPU.
measured() # NUMBERS, one a line
{
	[ "$(grep -c '^[0-9]')" -eq 2 ]
}

check "a real run ends well" [ "$status" -eq 0 ]
check "each variant is tried at each rate" [ "$(of point udp-epoll socket | sort -n | xargs)" = "20 50" ]
of achieved_mbps udp-epoll socket >values
check "echoes come back" measured <values
of server_busy udp-epoll socket >values
check "it is told how busy the server's CPUs were" measured <values
check "and whom receiving was billed to" \
	[ "$(of billed udp-epoll socket | grep -c -x -e server -e sender)" -eq 2 ]
of socket_drops udp-epoll socket >values
check "drops at the server's sockets are counted" [ "$(grep -c '^[0-9]' values)" -eq 2 ]
check "what a server has no counter of is not 0" \
	[ "$(of ring_drops udp-epoll socket | grep -c -x nan)" -eq 2 ]
if [ -x servers/net ]; then
	for way in packet xdp tap packet-direct xdp-direct packet-fences; do
		[ "$way" != tap ] || ! grep -q 'tap n/a' out || continue
		of achieved_mbps net-1core "$way" >values
		check "net-1core goes by $way" measured <values
	done
	of achieved_mbps net-2cores packet-1cpu >values
	check "net-2cores goes by one CPU" measured <values
	check "the pair has a block of its own, at its rate" \
		[ "$(awk -F'\t' '$4 == 2 { print $3, $5 }' real/trials.tsv | sort -u | xargs)" = \
		"socket udp-epoll xdp net-1core" ]
	check "of which nothing is concluded" grep -q 'floor 1: cannot be told; goal 1.5: cannot be told' out
	check "as the table says" [ "$(grep -c 'cannot be told' real/udp-pairs.tsv)" -eq 1 ]
	of ring_drops net-1core packet >values
	check "drops at its ring are counted" [ "$(grep -c '^[0-9]' values)" -eq 2 ]
	check "it is compared" grep -q '^datagrams a CPU second, net-1core xdp over udp-epoll: ' out
	check "and fences with none" \
		grep -q '^datagrams a CPU second, net-1core packet-fences over packet: ' out
fi
check "the table has a row for each" [ "$(wc -l <real/udp.tsv)" -eq \
	"$(($(awk -F'\t' '$4 == 1' real/trials.tsv | cut -f 8 | grep -c -x 0) + 1))" ]
check "what was published is told" grep -q '^published: a board' out
before=$(cksum <real/trials.tsv)
bench ./tiny.suite --resume real >out 2>err
check "resumed, nothing is measured again" [ "$(cksum <real/trials.tsv)" = "$before" ]
plan_end
