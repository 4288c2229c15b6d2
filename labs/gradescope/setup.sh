#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# setup.sh - Gradescope runs this once, as root, while it builds the autograder's image: what
# the labs need, then the suite from the tarball beside this script.
set -eu

source=${AUTOGRADER:-/autograder}/source
packages="gcc make pkg-config libc6-dev libjansson-dev libinih-dev libhttp-parser-dev
	binutils patch gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user"

if [ -z "${AUTOGRADER_NO_PACKAGES-}" ]; then
	apt-get update
	# shellcheck disable=SC2086 # a list
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages
fi
set -- "$source"/duality-*.tar.gz
if [ $# -ne 1 ] || [ ! -f "$1" ]; then
	echo "setup.sh: one duality-VERSION.tar.gz is wanted in $source" >&2
	exit 2
fi
build=$(mktemp -d)
tar -xzf "$1" -C "$build" --strip-components=1
cd "$build"
./configure -q --prefix="${AUTOGRADER_PREFIX:-/usr/local}"
make -s -j"$(nproc)"
make -s install
# Gradescope's containers may refuse namespaces.  Submissions are another user then, too, but
# only this keeps that user from the hidden tests.
chmod 700 "${AUTOGRADER_PREFIX:-/usr/local}/share/duality/labs" "$source"
cd /
rm -rf "$build"
