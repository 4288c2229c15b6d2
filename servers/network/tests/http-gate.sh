#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The service over lwIP's TCP passes the gate of all variants (servers/tests/conformance.c), over a
# TAP whose other end is Linux's own stack, in this namespace.  CONFORMANCE_DEPTH: as there.
set -u
tests=${DUALITY_SOURCE:-.}/servers/network/tests
program=net-http
# As root the gate would run the server as somebody else, who need not reach device and program:
# here it is root of a namespace, but for its power over files.
mapped=yes
# shellcheck source=servers/network/tests/wire.sh
. "$tests/wire.sh"

plug_tap || exit 99
cat >"$work/net-http" <<END
#!/bin/sh
exec setpriv --bounding-set -dac_override,-dac_read_search -- \\
	'$build/servers/net-http' --driver tap --interface wire --address 10.99.0.2 "\$@"
END
chmod +x "$work/net-http"
export CONFORMANCE_ADDRESS=10.99.0.2 CONFORMANCE_DEPTH="${CONFORMANCE_DEPTH:-short}"
"$build/servers/tests/conformance" "$work/net-http" "$@"
