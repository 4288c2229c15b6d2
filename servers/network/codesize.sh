#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# codesize - how long the networking subsystem is, beside LionsOS's and the lecture's numbers.
# --check: TAP, of what is to stay small.
set -u
source=${DUALITY_SOURCE:-.}
folder=$source/servers/network
slides=$source/results/published/slides-code-size.tsv
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Without comments and blank lines; headers too.
if command -v cloc >/dev/null; then
	tool="cloc $(cloc --version)"
	(cd "$folder" && cloc --quiet --csv --by-file ./*.c ./*.h) | awk -F, '
		$2 ~ /\.[ch]$/ { sub(/.*\//, "", $2); print $2, $5 }' >"$work/lines"
elif command -v gcc >/dev/null; then
	tool="gcc -fpreprocessed -P (comments out, then lines that are not blank)"
	for file in "$folder"/*.[ch]; do
		echo "${file##*/} $(gcc -fpreprocessed -dD -E -P "$file" 2>/dev/null | grep -c .)"
	done >"$work/lines"
else
	tool=
fi

lines() # FILE...
{
	for file; do echo "$file"; done | awk '
		NR == FNR { lines[$1] = $2; next }
		!($1 in lines) { print "codesize: no " $1 >"/dev/stderr"; exit 1 }
		{ n += lines[$1] }
		END { print n }' "$work/lines" -
}

slide() # COMPONENT
{
	awk -F '\t' -v component="$1" '$1 == component { print $2 }' "$slides"
}

row() # NAME LIONSOS SLIDE FILE...
{
	name=$1 sddf=$2 slide=$3
	shift 3
	printf '%-34s %6s %8s %8s\n' "$name" "$(lines "$@")" "$sddf" "$slide"
}

common="driver.c driver.h"
# shellcheck disable=SC2086 # one word a file
all()
{
	packet=$(lines $common packet.c)
	tap=$(lines $common tap.c)
	xdp=$(lines $common xdp.c)
	virt_rx=$(lines virt_rx.c)
	virt_tx=$(lines virt_tx.c)
	copier=$(lines copier.c)
	shared=$((packet + virt_rx + virt_tx + copier + $(lines network.h)))
}

# shellcheck disable=SC2086
table()
{
	echo "Lines by $tool, headers counted."
	printf '%-34s %6s %8s %8s\n' component here sDDF lecture
	row "driver: packet socket" "243+180" "$(slide 'LionsOS network driver')" $common packet.c
	row "driver: TAP" "" "" $common tap.c
	row "driver: AF_XDP" "" "" $common xdp.c
	row "  of each, what drivers share" "" "" $common
	row "  beside it, loading XDP's program" "" "" xdp_redirect.c xdp_redirect.h
	row "virt_rx" 142 "$(slide 'LionsOS virtualiser')" virt_rx.c
	row "virt_tx (both policies)" 131 "$(slide 'LionsOS virtualiser')" virt_tx.c
	row "copier" 77 "$(slide 'LionsOS copier')" copier.c
	row "what they say to each other" "" "" network.h
	printf '%-34s %6s %8s %8s\n' "all of that, with one driver" "$shared" "" \
		"<$(slide 'LionsOS network system, shared part, less than')"
	row "client: glue to lwIP, echo" "" "" client.c client.h echo.c keep.c keep.h
	row "client: HTTP on top of it" "" "" http.c connection.c connection.h
	echo "sDDF's driver, 243 lines and 180 of a header, drives a card.  A packet-socket driver is"
	echo "an adapter on Linux's own driver, and the other two are: these numbers are not of a kind."
	echo "XDP's program hands a queue's frames to the driver's socket: it is the kernel's to run, and its"
	echo "loading, by others left to libxdp, has no counterpart there: it is not in the driver's."
	echo "The rings and who calls the modules (runtimes/ring, runtimes/graph) are not in them, as"
	echo "seL4 and Microkit are not in LionsOS's."
}

number=0
within() # TEXT LINES MOST
{
	number=$((number + 1))
	[ "$2" -gt 0 ] && [ "$2" -le "$3" ] || printf 'not '
	echo "ok $number - $1: $2 lines, at most $3"
}

case ${1-} in
--check)
	if [ -z "$tool" ]; then
		echo "1..0 # SKIP neither cloc nor gcc is here to count"
		exit 0
	fi
	all
	within "driver, packet socket" "$packet" 400
	within "driver, TAP" "$tap" 400
	within "driver, AF_XDP" "$xdp" 400
	within virt_rx "$virt_rx" 160
	within virt_tx "$virt_tx" 160
	within copier "$copier" 80
	most=$((shared - packet + xdp + $(lines xdp_redirect.c xdp_redirect.h)))
	within "the shared part" "$shared" 999
	within "the shared part, with AF_XDP and its program" "$most" 999
	echo "1..$number"
	;;
'')
	if [ -z "$tool" ]; then
		echo "codesize: needs cloc or gcc to count" >&2
		exit 2
	fi
	all
	table
	;;
*)
	echo "codesize: $1: not an option" >&2
	exit 2
	;;
esac
