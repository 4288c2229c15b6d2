#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Being small is required: the modules are no longer than LionsOS's are said to be.
exec "${DUALITY_SOURCE:-.}/servers/network/codesize.sh" --check
