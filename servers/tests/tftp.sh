#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Other people's TFTP clients, curl and atftp, get and put files of every variant that speaks
# TFTP.
set -u
# shellcheck source=harness/tests/tap.sh
. "${DUALITY_SOURCE:-.}/harness/tests/tap.sh"

stop()
{
	serve_end
	report $? "$name: stops"
	[ ! -s "$work/err" ]
	report $? "$name: says nothing"
}

# The bytes asked for arrive, and nothing else.
same() # STATUS FILE FILE TEXT
{
	[ "$1" -eq 0 ] && cmp "$2" "$3" >>"$work/said" 2>&1
	report $? "$name: $4"
}

curl_it() # ARGS
{
	curl -sS --max-time 120 "$@" >"$work/said" 2>&1
}

with_curl()
{
	url=tftp://127.0.0.1:$port
	for file in one exact big vast; do
		curl_it -o "$work/got" "$url/$file"
		same $? "$work/root/$file" "$work/got" "curl gets $file"
	done
	for size in 8 1428 65464; do
		curl_it -o "$work/got" --tftp-blksize "$size" "$url/big"
		same $? "$work/root/big" "$work/got" "curl gets blocks of $size"
	done
	# curl takes an agreed tsize of 0 for an error.
	: >"$work/got"
	curl_it -o "$work/got" --tftp-no-options "$url/empty"
	same $? "$work/root/empty" "$work/got" 'curl gets an empty file'
	curl_it -o "$work/got" "$url/text;mode=netascii"
	same $? "$work/text.wire" "$work/got" 'curl gets a text'
	curl_it -T "$work/root/big" "$url/dir/curl"
	same $? "$work/root/big" "$work/root/dir/curl" 'curl puts a file'
	curl_it -T "$work/root/exact" "$url/dir/curl"
	[ $? -eq 73 ] && cmp "$work/root/big" "$work/root/dir/curl"
	report $? "$name: curl is told that a file exists"
	curl_it "$url/none"
	[ $? -eq 68 ]
	report $? "$name: curl is told that a file does not exist"
	curl_it --path-as-is "$url//../secret"
	[ $? -eq 69 ]
	report $? "$name: curl is told of an access violation"
}

atftp_it() # ARGS
{
	timeout 120 atftp "$@" 127.0.0.1 "$port" </dev/null >"$work/said" 2>&1
}

with_atftp()
{
	for option in 'blksize 512' 'blksize 1428' 'blksize 8192' 'tsize 0' 'timeout 2'; do
		atftp_it --option "$option" -g -r big -l "$work/got"
		same $? "$work/root/big" "$work/got" "atftp gets with $option"
		rm -f "$work/got"
	done
	for file in empty exact; do
		atftp_it -g -r "$file" -l "$work/got"
		same $? "$work/root/$file" "$work/got" "atftp gets $file"
		rm -f "$work/got"
	done
	atftp_it --option 'blksize 1428' -p -l "$work/root/big" -r dir/atftp
	same $? "$work/root/big" "$work/root/dir/atftp" 'atftp puts a file'
	atftp_it -p -l "$work/root/exact" -r exact.new
	same $? "$work/root/exact" "$work/root/exact.new" 'atftp puts whole blocks'
	atftp_it -p -l "$work/root/exact" -r ../evil
	[ ! -e "$work/evil" ] && grep -q 'Access violation' "$work/said"
	report $? "$name: atftp is told of an access violation"
}

with() # CLIENT
{
	if command -v "$1" >/dev/null; then
		"with_$1"
	else
		skip "$name: $1" "$1 is not installed"
	fi
}

variant_run() # COMMAND
{
	rm -rf "$work/root"
	mkdir -p "$work/root/dir"
	printf x >"$work/root/one"
	head -c 51200 "$build/servers/core/core.o" >"$work/root/exact"
	cp "$build/servers/core/core.o" "$work/root/big"
	head -c 36000000 /dev/zero | tr '\0' '#' >"$work/root/vast" # past 65,535 blocks
	: >"$work/root/empty"
	printf 'one\ntwo\rthree\n' >"$work/root/text"
	printf 'one\r\ntwo\r\000three\r\n' >"$work/text.wire"
	echo secret >"$work/secret"
	# shellcheck disable=SC2086 # the command and its arguments
	serve $1 --port 0 --root "$work/root"
	port=${at##*:}
	with curl
	with atftp
	stop
}

"$build/servers/tests/conformance" --protocol tftp --list "$build/servers" >"$work/variants" ||
	exit 99
while read -r name command; do
	variant_run "$command" </dev/null
done <"$work/variants"
if [ "$count" -eq 0 ]; then
	count=1
	echo 'not ok 1 - some variant was found'
fi
echo "1..$count"
