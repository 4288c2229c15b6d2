#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# CHURN connections (1,000) to every variant found, or those CHURN_VARIANTS names.
exec "$(dirname "$0")/variants.sh" "${CHURN_VARIANTS:-}" \
	"${DUALITY_BUILD:-.}/servers/tests/churn" "${CHURN:-1000}"
