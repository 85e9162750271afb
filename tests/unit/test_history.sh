#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_history - the judge of the cluster tests, before made-up histories.

set -euo pipefail

SOURCE=${OVNHA_SRCDIR:-${BASH_SOURCE[0]%/tests/unit/*}}
# shellcheck source=tests/lib/tap.sh
. "$SOURCE/tests/lib/tap.sh"

directory=$(mktemp -d)
on_exit rm -rf "$directory"
cd "$directory"

history() {
	"$SOURCE/tests/lib/history" "$@"
}

# Two clients that write a row every 100 ms from 1000000 s on; times no double holds in ns.
{
	echo "# clock 1000000000000000 1700000000000000000"
	for ((i = 1; i <= 20; i++)); do echo "$((1000000000000000 + i * 100000000)) a-$i"; done
	printf '1000002100000000 '
} >a
for ((i = 1; i <= 20; i++)); do echo "$((1000000000000000 + i * 100000000 + 50000000)) b-$i"; done >b
for ((i = 1; i <= 20; i++)); do printf 'a-%d\nb-%d\n' "$i" "$i"; done >all

is "rows are counted, of a cut line nothing" "$(history count a b)" 40
is "the rate is that of all clients together" "$(history rate a b)" 20
is "or that of the last second" "$(history rate -l 1 a b)" 21
printf '1000002500000000 b-21\n' >late
is "which is another when there was a pause" "$(history rate -l 1 a b late)" 13
is "the clock" "$(history clock a a-1)" 1700000000.100

ok "all rows everywhere" history check a b -- all all
is "and it says so" "$(history check a b -- all all)" "rows 40"

grep -vx b-7 all >lacks-one
refused "a row is lost" history check a b -- lacks-one
refused "a row is lost on one copy only" history check a b -- all lacks-one
is "it is named, with the copy" "$(history check a b -- all "$PWD/lacks-one" || true)" \
	"lost b-7 lacks-one - -"$'\n'"rows 40"
refused "no rows at all are no proof" history check /dev/null -- all
refused "a copy that cannot be read" history check a -- missing
refused "no copy" history check a b

# At 1.4 s: a-14; b-13 and b-14 are 50 ms from it, a-13 and a-15 100 ms.
echo "1000001400000000 100 power-off of node1" >events
grep -vxE 'a-1[345]|b-1[34]' all >lacks-tail
ok "a tail is lost within W of a crash" history check -e events a b -- all lacks-tail
is "how far it goes is said" "$(history check -e events a b -- lacks-tail)" \
	"rows 40"$'\n'"excused 5 a-15 100 power-off of node1"
grep -vx b-12 lacks-tail >lacks-more
refused "one more is lost, outside of W" history check -e events a b -- lacks-more
is "it is named with the nearest event" "$(history check -e events a b -- lacks-more | head -n 1)" \
	"lost b-12 lacks-more 150 power-off of node1"
refused "an event excuses nothing far from it" history check -e events a b -- lacks-one
echo "1000000700000000 60 cut of node2" >>events
ok "of two events, each excuses what is near it" history check -e events a b -- lacks-tail lacks-one

# What is lost must be salvaged.
printf '%s\n' a-13 a-14 a-15 b-13 b-14 >salvaged
ok "the tail can be had from a saved copy" history check -e events -s salvaged a b -- lacks-tail
is "that is counted" "$(history check -e events -s salvaged a b -- lacks-tail | tail -n 1)" "salvaged 5"
sed -i 1d salvaged
refused "one row of it cannot" history check -e events -s salvaged a b -- lacks-tail
printf '%s\n' b-7 >salvaged
: >no-events
refused "what was salvaged is no excuse far from events" history check -e no-events -s salvaged a b -- lacks-one

# A crash that cost nothing had nothing to cost.
ok "an event with a tail" history check -t -e events a b -- lacks-tail lacks-one
refused "one without" history check -t -e events a b -- lacks-tail
is "it is named" "$(history check -t -e events a b -- lacks-tail | tail -n 1)" "no tail at cut of node2"

finish
