#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Nothing is silently discarded: what a copy holds when it is overwritten is set aside.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

aside() { echo "$(state_dir "$1")/ovndb/aside"; } # NODE

copies() { # NODE: names, in one line
	(cd "$(aside "$1")" 2>/dev/null && find . -name '*.db' -printf '%f\n') | sort | paste -sd' '
}

marks() { # NODE: names, in one line
	find "$(dbdir "$1")" -name 'ovnha-aside.*' -printf '%f\n' | sort | paste -sd' '
}

how_many() { # NODE nb|sb: copies
	copies "$1" | tr ' ' '\n' | grep -c "^$2-" || true
}

saved_switches() { # FILE
	ovsdb-tool query "$1" '["OVN_Northbound",{"op":"select","table":"Logical_Switch",
		"where":[],"columns":["name"]}]' | grep -o '"name":"[^"]*"' | cut -d'"' -f4 |
		sort | paste -sd' '
}

cli=$OVNHA_BUILDDIR/cli/.libs/ovnha
[[ -x $cli ]] || cli=$OVNHA_BUILDDIR/cli/ovnha

salvage() { # NODE ARGUMENT...
	local node=$1
	shift
	OVNHA_DURABLE_DIR=$(state_dir "$node") LD_LIBRARY_PATH=$OVNHA_BUILDDIR/libovnha/.libs \
		"$cli" salvage "$@"
}

# Node 1 is active and acknowledges rows that node 2 never gets; it is lost, and node 2 is
# promoted.
lose_the_active() { # ROWS
	local db name
	expect 2 stop 0
	for name in "$@"; do nbctl 1 ls-add "$name"; done
	nbctl 1 lsp-add tail5 port5 -- lsp-set-addresses port5 "00:00:00:00:00:05 10.0.0.5" -- \
		set Logical_Switch tail5 "external_ids:odd=\"it's {a}, \\\"b\\\"=\\\\c @d\"" -- \
		set Logical_Switch_Port port5 tag=5 enabled=true
	nbctl 1 lsp-add before port0 -- acl-add before to-lport 100 'ip4.src == 10.0.0.0/8' drop
	nbctl 1 set Logical_Switch before other_config:mcast_snoop=true
	for db in nb sb; do kill_hard 1 $db; done
	expect 1 stop 0
	expect 2 start 0
	expect 2 promote 0
}

# --- a first start --------------------------------------------------------------------------

expecting="two nodes"
expect 1 start 0
expect 2 start 0
expect 1 promote 0
nbctl 1 ls-add before
post_promote 2 1
ok_within 30 "node2 has what was written before" has_switches 2 before
expect 2 monitor 0 "${as_unpromoted[@]}"
is "of an empty copy that is overwritten, nothing is kept" "$(copies 2)$(marks 2)" ""

# --- the former active comes back -----------------------------------------------------------

expecting="the active is lost"
lose_the_active tail1 tail2 tail3 tail4 tail5
is "node2 lacks the tail" "$(switches 2)" before
nbctl 2 ls-add after
expecting="the former active comes back"
expect 1 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node2
ok_within 30 "it follows" has_switches 1 "after before"
ok_within 30 "with Southbound, too" follows 1 sb tcp:127.0.0.2:6644
is "what it held is marked, in each database" "$(marks 1 | wc -w)" 2
expect 1 monitor 0 "${as_unpromoted[@]}"
is "a monitor makes a copy of what has rows of its own" \
	"$(how_many 1 nb) $(how_many 1 sb)" "1 0"
is "which take the place of the marks" "$(marks 1)" ""
saved=$(aside 1)/$(copies 1 | tr ' ' '\n' | grep '^nb-')
is "the copy has all it had" "$(saved_switches "$saved")" "before tail1 tail2 tail3 tail4 tail5"
is "only root reads it" "$(stat -c %a "$saved") $(stat -c %a "$(aside 1)")" "600 700"

# --- what only the saved copy has -----------------------------------------------------------

missing() { # NODE NAME: of what kinds, and how many
	salvage "$1" --json "$2" | python3 -c 'import json,sys
d=json.load(sys.stdin)
assert d["schema"] == 1 and d["resource"] == "ovndb", d
print(*[len(d[k]) for k in ("rows","links","changed")])'
}

name=$(basename "$saved" .db)
is "it is listed, with how many rows are its own" \
	"$(salvage 1 | awk -v name="$name" '$1 == name {print $3}')" 9
is "and as JSON" "$(salvage 1 --json | python3 -c 'import json, sys
list = json.load(sys.stdin)
print(list["schema"], list["resource"], *[copy["rows"] for copy in list["copies"] if copy["name"] == sys.argv[1]])' "$name")" \
	"1 ovndb 9"
is "five switches, two ports and an ACL are missing, two rows that point to them, and a value" \
	"$(missing 1 "$name")" "8 2 1"
salvage 1 "$name" >"$work/replay"
ok "the commands name them" grep -q "create Logical_Switch 'name=\"tail1\"'" "$work/replay"
ok "what was changed is a remark" grep -q "^# ovn-nbctl set Logical_Switch .*mcast_snoop" \
	"$work/replay"
nbctl 2 ls-add tail1
ok_within 30 "what somebody made again" has_switches 1 "after before tail1"
is "is not missing" "$(missing 1 "$name")" "7 2 1"
salvage 1 "$name" >"$work/replay"
ok "all others are put back by the commands" env OVN_NB_DB="$(socket 2 nb)" \
	bash -e "$work/replay"
nbctl 2 set Logical_Switch before other_config:mcast_snoop=true
ok_within 30 "and reach the replica" has_switches 1 "after before tail1 tail2 tail3 tail4 tail5"
is "then nothing is missing" "$(missing 1 "$name")" "0 0 0"
is "an odd value has survived" "$(nbctl 2 get Logical_Switch tail5 external_ids:odd)" \
	'"it'"'"'s {a}, \"b\"=\\c @d"'
is "and so has a port" "$(nbctl 2 get Logical_Switch_Port port5 addresses tag enabled |
	paste -sd' ')" '["00:00:00:00:00:05 10.0.0.5"] 5 true'
ok "it is done with" salvage 1 --done "$name"
ok "and says so" grep -q "$name.*salvaged" <(salvage 1)
refused "what is not there has no rows" salvage 1 nb-0-0

# --- the process that copies is killed ------------------------------------------------------

# As node 2 is lost now, node 1 has its rows and is promoted.
back_and_forth() { # ROWS: on node 2, which alone has them when it comes back
	local name
	expect 1 stop 0
	for name in "$@"; do nbctl 2 ls-add "$name"; done
	for name in nb sb; do kill_hard 2 $name; done
	expect 2 stop 0
	expect 1 start 0
	expect 1 promote 0
	expect 2 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node1
	ok_within 30 "node2 follows" follows 2 nb tcp:127.0.0.1:6643
	ok_within 30 "with Southbound, too" follows 2 sb tcp:127.0.0.1:6644
}

expecting="node2 is lost"
back_and_forth other
is "what node2 held is marked" "$(marks 2 | wc -w)" 2
# A file that becomes larger than allowed ends the process that writes it, in mid-write.
(
	ulimit -f 4
	run 2 monitor "${as_unpromoted[@]}"
)
is "the process that copies is killed: no copy is there" "$(copies 2)" ""
is "and the marks still are" "$(marks 2 | wc -w)" 2
expect 2 monitor 0 "${as_unpromoted[@]}"
is "the next one goes on" "$(how_many 2 nb) $(marks 2)" "1 "
saved=$(aside 2)/$(copies 2 | tr ' ' '\n' | grep '^nb-')
is "and copies all of it" "$(saved_switches "$saved")" \
	"after before other tail1 tail2 tail3 tail4 tail5"
is "nothing else is left behind" "$(find "$(aside 2)" -name '*.new')" ""

# --- a replica that somebody wrote to -------------------------------------------------------

expecting="made active by hand"
ctl 2 nb ovsdb-server/disconnect-active-ovsdb-server
nbctl 2 ls-add stray
refused "nothing is doubted before it is seen" test -e "$(aside 2)/nb.doubted"
run 2 monitor "${as_unpromoted[@]}"
refused "such a replica is not in order" test "$code" = 0
ok "and its copy is doubted" test -e "$(aside 2)/nb.doubted"
refused "the other one is not" test -e "$(aside 2)/sb.doubted"
expect 2 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node1
ok_within 30 "told to follow as before, it does" follows 2 nb tcp:127.0.0.1:6643
expect 2 monitor 0 "${as_unpromoted[@]}"
is "and what it had is set aside" "$(how_many 2 nb) $(how_many 2 sb)" "2 0"
saved=$(aside 2)/$(copies 2 | tr ' ' '\n' | grep '^nb-' | tail -n 1)
ok "with the row that somebody wrote" grep -qw stray <(saved_switches "$saved")
refused "then it is trusted again" test -e "$(aside 2)/nb.doubted"
ctl 2 nb ovsdb-server/disconnect-active-ovsdb-server
ctl 2 nb ovsdb-server/connect-active-ovsdb-server
expect 2 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node1
is "one that attached again by itself is not marked" "$(marks 2)" ""

# --- too many of them -----------------------------------------------------------------------

expecting="too many copies that nobody salvaged"
for number in {01..12}; do
	cp "$saved" "$(aside 1)/nb-00000000-20200101T0000${number}Z.db"
done
expect 2 stop 0
nbctl 1 ls-add late
for db in nb sb; do kill_hard 1 $db; done
expect 1 stop 0
expect 2 start 0
expect 2 promote 0
expect 1 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node2
is "it is not overwritten" "$(switches 1)" \
	"after before late tail1 tail2 tail3 tail4 tail5"
expect 1 monitor 190 "cannot follow node2: .*ovnha salvage" "${as_unpromoted[@]}"
is "nor any copy given up for it" "$(how_many 1 nb)" 13
rm "$(aside 1)"/nb-00000000-*
post_promote 1 2
ok_within 30 "when there is room again, it follows" follows 1 nb tcp:127.0.0.2:6643
expect 1 monitor 0 "${as_unpromoted[@]}"
is "and what it had is set aside" "$(how_many 1 nb)" 2

expecting="the end"
expect 1 stop 0
expect 2 stop 0
is "nothing runs" "$(processes)" ""

finish
