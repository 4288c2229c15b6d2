#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# peers.sh - bench-peers takes the rate that wrk tells, and not the requests of a run that went on
# after its time: beside a made-up wrk that tells one request a second, and a hundred thousand done.
# shellcheck disable=SC2016 # the dollars are awk's
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
if ! command -v taskset >/dev/null; then
	echo "1..0 # SKIP taskset was not found"
	exit 0
fi
mkdir bin
cat >bin/wrk <<'END'
#!/bin/sh
n=0
while [ $n -lt 50000 ]; do n=$((n + 1)); done # some CPU time
echo '  100000 requests in 2.10s, 1.00GB read'
echo 'Requests/sec:      1.00'
END
chmod +x bin/wrk
cpu=$(taskset -cp $$ | sed 's/.*[^0-9]//')
PATH=$here/bin:$PATH ONLY=load ROUNDS=1 SECONDS_EACH=1 SERVER_CPU=$cpu CLIENT_CPU=$cpu \
	sh "$DUALITY_SOURCE/harness/peers/bench-peers.sh" >out 2>err
check "the part runs alone" [ $? -eq 0 ]
check "and does not need the other tools" [ "$(grep -c nginx out)" -eq 0 ]
check "wrk's rate is the one it tells" \
	awk '$1 == "requests/s" { n++; if (!($2 > 1000)) bad = 1 } END { exit bad || n != 1 }' out
plan_end
