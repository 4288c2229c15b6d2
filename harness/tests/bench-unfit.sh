#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-unfit.sh - one program that offers several variants, some of which do not speak http or
# do not serve every request: each runs under its own name with its own arguments, and only
# where it has a part.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
duality=$DUALITY_BUILD/harness/duality
DUALITY_SERVERS=$here/servers
export DUALITY_SERVERS
servers steady
ln -s "$DUALITY_BUILD/harness/tests/fake" even
cat >servers/many <<END
#!/bin/sh
if [ "\$1" = --about ]; then
	cat <<-ABOUT
	[{"name": "many-plain", "args": [], "family": "event", "style": "event",
	  "summary": "as it is", "protocols": ["http"]},
	 {"name": "many-accept", "args": ["--accept-first", "a b"], "family": "event",
	  "style": "event", "summary": "with arguments", "protocols": ["http", "tftp"]},
	 {"name": "files", "args": ["--files"], "family": "reference", "style": "event",
	  "summary": "files only", "protocols": ["http"], "lacks": ["/wait", "/spin"]},
	 {"name": "packets", "args": ["--packets"], "family": "staged", "style": "direct",
	  "summary": "no http", "protocols": ["tftp"]}]
	ABOUT
	exit
fi
printf '%s|' "\$@" >>$here/told
echo >>$here/told
case " \$* " in *" --tell "*) exit ;; esac
exec $here/even "\$@"
END
chmod +x servers/many

"$duality" list >out 2>err
check "list takes them all" [ $? -eq 0 ]
check "it names each" [ "$(grep -c -E '^(many-plain|many-accept|files|packets|steady) ' out)" -eq 5 ]
check "protocols other than http are shown" grep -q '^packets .*no http \[speaks tftp, not http\]$' out
check "also beside http" grep -q '^many-accept .*with arguments \[also speaks tftp\]$' out
check "http alone is not" grep -q '^many-plain .*as it is$' out

"$duality" serve many-accept --tell x
check "serve puts the variant's arguments first" [ "$(cat told)" = '--accept-first|a b|--tell|x|' ]
: >told
"$duality" serve many-plain --tell x
check "a variant without arguments gets none" [ "$(cat told)" = '--tell|x|' ]
: >told

cat >knee.conf <<-END
	[experiment]
	kind = knee
	request = /spin?us=30
	limit_us = 1000000
	session_requests = 2
	think_us = 1000
	connections = 4
END
suite_equal 1 0.2 100
cat >>tiny.suite <<-END
	[knee]
	budget_s = 100
	warmup_s = 0.05
	window_s = 0.5
	window_most_s = 0.5
	drain_s = 0.1
	probe_s = 0.5
	ladder_points = 2
END
sed -i 's/^aa = none/aa = packets/' tiny.suite
bench ./tiny.suite --variants "many-plain many-accept files packets" --out run >out 2>err
check "the run ends well" [ $? -eq 0 ]
rows=run/trials.tsv

# tried VARIANT EXPERIMENT: how many trials.
tried() {
	awk -F'\t' -v variant="$1" -v experiment="$2" '
		$5 == variant && $2 == experiment { n++ } END { print n + 0 }' $rows
}
check "who serves all ran in both" [ "$(tried many-plain knee)" -gt 1 ]
check "and in the other" [ "$(tried many-plain equal)" -eq 1 ]
check "so did the second of the program" [ "$(tried many-accept knee)" -gt 1 ]
check "each with its own arguments in front of the others" \
	[ "$(grep -c '^--accept-first|a b|--root|' told)" -eq \
	"$(($(tried many-accept knee) + $(tried many-accept equal)))" ]
check "and the other without" [ "$(grep -c '^--root|' told)" -ge "$(tried many-plain knee)" ]
check "who lacks the request is left out there" [ "$(tried files knee)" -eq 0 ]
check "but not of the other experiment" [ "$(tried files equal)" -eq 1 ]
check "who does not speak http is left out of both" \
	[ "$(where variant packets <$rows)" -eq 0 ]
check "the table says why" grep -q \
	'^note: knee: files left out: it does not serve this request (/spin?us=30)$' out
check "of each" [ "$(grep -c '^note: [a-z]*: packets left out: it does not speak http' out)" -eq 2 ]
check "the manifest too" [ "$(grep -c 'left out: it does not' run/manifest.json)" -eq 3 ]
check "its numbers are n/a" grep -q -E '^packets( +n/a){5}$' out
check "the summary flags them" \
	[ "$(awk -F'\t' 'NR == 1 { while ($++flags != "flags") continue } $flags ~ /unfit/ { print $1 }' \
		run/summary.tsv | sort | tr '\n' ' ')" = \
	"files packets packets@aa " ]
check "no process stayed behind" all_gone

printf '#!/bin/sh\necho %s\n' "'[{\"name\":\"odd\",\"args\":[],\"family\":\"x\",\"style\":\"x\",\"summary\":\"x\",\"lacks\":\"/spin\"}]'" >servers/odd
chmod +x servers/odd
"$duality" list >out 2>err
check "lacks must be an array" grep -q 'odd: --about: protocols or lacks is not an array' err
plan_end
