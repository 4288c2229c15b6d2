#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# commands.sh - duality, duality list, duality serve.
# shellcheck source=harness/tests/lib.sh
. "${DUALITY_SOURCE:?}/harness/tests/lib.sh"
duality=$DUALITY_BUILD/harness/duality
DUALITY_SERVERS=$here/servers
export DUALITY_SERVERS
servers steady even

"$duality" --help >out
check "--help lists the commands" grep -q '^  bench$' out
check "--help leaves helpers out" sh -c '! grep -q -e reflector -e blast out'
"$duality" nonsense 2>err
check "an unknown command is status 2" [ $? -eq 2 ]
check "and is named in one line" [ "$(grep -c nonsense err)" -eq 1 ]
DUALITY_LIBEXEC=$here/gone "$duality" list >out 2>err
check "commands that are not there are status 2" [ $? -eq 2 ]
check "and one line says where they were looked for" \
	[ "$(cat err)" = "duality: $here/gone: no such folder; the commands should be there" ]
DUALITY_LIBEXEC=$here/gone "$duality" --help >out 2>err
check "nor is a list of them made up" [ $? -eq 2 ]
"$duality" >out 2>err
check "no command is status 2" [ $? -eq 2 ]
printf '#!/bin/sh\necho "[]"\n' >servers/none
chmod +x servers/none
"$duality" list >out 2>err
check "list ends with status 0" [ $? -eq 0 ]
check "and says nothing of a program without variants" [ ! -s err ]
rm servers/none
check "list names both variants" [ "$(grep -c -E '^(steady|even) ' out)" -eq 2 ]

printf 'absent\twas not found\n' >servers/missing.tsv
printf '#!/bin/sh\nexit 3\n' >servers/broken
printf '#!/bin/sh\necho not json\n' >servers/wrong
printf '#!/bin/sh\nexec sleep 30\n' >servers/hangs
chmod +x servers/broken servers/wrong servers/hangs
"$duality" list >out 2>err
check "programs that fail are a finding" [ $? -eq 1 ]
check "all three are reported" [ "$(grep -c -E 'broken|wrong|hangs' err)" -eq 3 ]
check "the others are listed" [ "$(grep -c -E '^(steady|even) ' out)" -eq 2 ]
check "what is missing is listed with its reason" \
	grep -q '^absent .*was not found' out
"$duality" list --json >out 2>err
check "--json tells both" grep -q '"reason": "was not found"' out
rm servers/broken servers/wrong servers/hangs

cp "$DUALITY_BUILD/harness/tests/fake" servers/twice 2>/dev/null
mkdir servers/sub
"$duality" list >out 2>err
check "folders are passed over" [ $? -eq 0 ]
check "serve hands over the variant's arguments and the user's" \
	[ "$("$duality" serve steady --tell "a b")" = "--as|made up|a b" ]
"$duality" serve absent 2>err
check "serve of a missing variant is status 2" [ $? -eq 2 ]
check "and says why" grep -q 'was not found' err
plan_end
