#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# One table of message formats: each is written by the agent, and doc/logging.md says what it means.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

header=$OVNHA_SRCDIR/libovnha/ovnha/log_line.h

while read -r name format; do
	ok "$name is written" grep -qw "$name" "$OVNHA_SRCDIR"/agent/*.c
	ok "$name is read" grep -qw "$name" "$OVNHA_SRCDIR/libovnha/log_line.c"
	ok "$name is explained" grep -qF "\`$format\`" "$OVNHA_SRCDIR/doc/logging.md"
	is "$name: nobody repeats its words" \
		"$(grep -lF "\"$format\"" "$OVNHA_SRCDIR"/agent/*.c "$OVNHA_SRCDIR"/cli/*.c || true)" ""
done < <(sed -n 's/^#define \(OVNHA_LINE_[A-Z_]*\)  *"\(.*\)"$/\1 \2/p' "$header")
# shellcheck disable=SC2154 # tap.sh counts
((tap_count > 60)) || fail "all formats were found"
finish
