#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_responder - the floor's server acknowledges what the writer writes; and of several servers
# the writer finds the one that answers.

set -euo pipefail

SOURCE=${OVNHA_SRCDIR:-${BASH_SOURCE[0]%/tests/bench/*}}
# shellcheck source=tests/lib/tap.sh
. "$SOURCE/tests/lib/tap.sh"
writer=${OVNHA_BUILDDIR:?}/tests/lib/writer

command -v python3 >/dev/null || skip_all "python3 is not installed"

directory=$(mktemp -d)
on_exit rm -rf "$directory"

"$SOURCE/tests/bench/responder" 0 127.0.0.1 >"$directory/port" &
on_exit kill $!
wait_for 30 test -s "$directory/port"
port=$(<"$directory/port")

ok "one server" "$writer" -c 5 -d 30 -n one 127.0.0.1 "$port" "$directory/one"
acknowledged=$(grep -o 'one-.*' "$directory/one")
is "five rows are acknowledged" "$(wc -l <<<"$acknowledged")" 5
# One whose answer is late is not the writer's any more, and has a number, too.
ok "each once, in turn" sort -uVc <<<"$acknowledged"
ok "of three servers, the last one runs" \
	"$writer" -c 5 -d 30 -n three 127.0.0.3,127.0.0.2,127.0.0.1 "$port" "$directory/three"
is "its acknowledgements count" "$("$SOURCE/tests/lib/history" count "$directory/three")" 5
refused "of two servers, none runs" \
	"$writer" -c 5 -d 1 -n two 127.0.0.3,127.0.0.2 "$port" "$directory/two"
finish
