#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-reference.sh - other people's server beside ours: it is measured, its trial is valid,
# and what it alone could tell is not known, rather than 0.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"

if [ ! -x "$DUALITY_BUILD/servers/nginx" ]; then
	echo '1..0 # SKIP nginx is not here'
	exit 0
fi
mkdir servers
ln -s "$DUALITY_BUILD/servers/epoll" "$DUALITY_BUILD/servers/nginx" servers/
suite_equal 1 0.3 200
# A file: the made-up servers of the other tests answer anything.
sed 's|^request = .*|request = /file|' equal.conf >file.conf
echo 'file_bytes = 64' >>file.conf
mv file.conf equal.conf

bench ./tiny.suite --out mine >out 2>err
check "it does not run unless it is asked for" \
	[ "$(where variant nginx <mine/trials.tsv)" -eq 0 ]

bench ./tiny.suite --variants "epoll nginx" --out both >out 2>err
check "asked for, it runs" [ "$(where variant nginx <both/trials.tsv)" -gt 0 ]
check "no trial is void" [ "$(where void 0 <both/trials.tsv)" -eq \
	"$(($(wc -l <both/trials.tsv) - 1))" ]
awk 'NR == 1 || /\tnginx\t/' both/trials.tsv >nginx.tsv
awk 'NR == 1 || /\tepoll\t/' both/trials.tsv >epoll.tsv
for counter in requests loads deferred refused connections_peak; do
	check "$counter: not known of it" \
		[ "$(where "$counter" nan <nginx.tsv)" -eq "$(($(wc -l <nginx.tsv) - 1))" ]
	check "$counter: known of epoll" [ "$(where "$counter" nan <epoll.tsv)" -eq 0 ]
done
check "what the kernel tells of it is known" [ "$(where cpu_us nan <nginx.tsv)" -eq 0 ]
check "and what the client saw" [ "$(where good 0 <nginx.tsv)" -eq 0 ]
plan_end
