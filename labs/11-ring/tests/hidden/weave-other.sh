#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# weave-other.sh - the models once more, with other rings, batches and beginnings; the test is
# called NAME-other.  LAB-SECRET
set -u
name=${LAB_TEST%-other}
other=$LAB_SCRATCH/model-$name.c

for file in ring doorbell relay; do
	[ -f $file.weave.o ] && continue
	echo "There is no $file.weave.o: \`make\` says why."
	exit 1
done

# model CHANGE OPTION...: the model, changed so, with the student's objects.
model()
{
	sed -e "$1" -e 's|"\.\./|"|; s|"bell\.h"|"given/bell.h"|' \
		"given/model-$name.c" >"$other" || exit 2
	shift
	"$LAB_ENGINE/weave-cc" -c -o "$LAB_SCRATCH/model.o" "$other" -I. || exit 2
	if ! "$LAB_ENGINE/weave-cc" -o "$LAB_SCRATCH/model" "$LAB_SCRATCH/model.o" ring.weave.o \
		doorbell.weave.o relay.weave.o given/bell-weave.weave.o \
		given/work.weave.o 2>/dev/null; then
		echo "ring.c, doorbell.c and relay.c do not link with the model."
		exit 1
	fi
	"$LAB_ENGINE/lab-weave" --states 1000000 "$@" "$LAB_SCRATCH/model" >"$LAB_SCRATCH/out"
	status=$?
	grep -v '^replay:' "$LAB_SCRATCH/out"
	case $status in
	0) return 0 ;;
	1 | 2) exit 1 ;;
	*) exit 2 ;;
	esac
}

case $name in
ring)
	model 's/SLOTS = 2, MESSAGES = 5, BATCH = 2/SLOTS = 4, MESSAGES = 9, BATCH = 3/' \
		--input 8,6,7,5,3,0,9,1,2
	model 's/SLOTS = 2, MESSAGES = 5, BATCH = 2/SLOTS = 1, MESSAGES = 4, BATCH = 2/' \
		--input 8,6,7,5
	;;
wake)
	model 's/SLOTS = 2, MESSAGES = 3/SLOTS = 1, MESSAGES = 3/' --input 8,6,7
	model 's/SLOTS = 2, MESSAGES = 3/SLOTS = 4, MESSAGES = 3/' --input 8,6,7
	;;
relay)
	model 's/IN_SLOTS = 2, OUT_SLOTS = 1/IN_SLOTS = 2, OUT_SLOTS = 2/'
	;;
*) exit 2 ;;
esac
