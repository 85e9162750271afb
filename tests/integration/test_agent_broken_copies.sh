#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What ovsdb-server itself makes of a copy: killed between the two halves of a resync, out of disk
# in the middle of one, connected to itself.  Each leaves a copy that is empty, or active without
# having been promoted: nobody can connect to it, it is not promoted, and a resync repairs it.

# shellcheck disable=SC2317 # questions are called by ok, ok_within and refused

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

# N rows of 2 kB each, NAME-1 to NAME-N, in transactions of a thousand.
write_rows() { # METHOD NAME N
	python3 - "$2" "$3" <<'END' | "$session_program" "$1" >"$work/answers"
import json, sys
name, n = sys.argv[1], int(sys.argv[2])
for first in range(1, n + 1, 1000):
    print("OVN_Northbound", json.dumps([
        {"op": "insert", "table": "Logical_Switch",
         "row": {"name": f"{name}-{i}", "external_ids": ["map", [["x", "x" * 2000]]]}}
        for i in range(first, min(first + 1000, n + 1))]))
END
	! grep -v '^ok\|^open' "$work/answers"
}

count_rows() { # NODE
	ovsdb-client -f csv --no-headings dump "$(socket "$1" nb)" OVN_Northbound Logical_Switch _uuid |
		grep -c '^[0-9a-f-]\{36\}$' || true
}

has_rows() { [[ $(count_rows "$1") == "$2" ]]; } # NODE N

is_active() { [[ $(state "$1" nb) == active ]]; } # NODE

file_of() { echo "$(dbdir "$1")/ovnnb_db.db"; } # NODE
size_of() { stat -c %s "$(file_of "$1")"; }     # NODE

# It loads everything anew.
reconnect() { # NODE
	post_promote "$1" 3
	post_promote "$1" 1
}

config+=(OCF_RESKEY_manage_northd=no)

# --- killed between reset and load ----------------------------------------------------------

# Each transaction is a record of its own: the reset's is there, the load's is not.
kill_at_reset() { # NODE PID SIZE: the server, when its file is larger than that
	local limit=$((SECONDS + 60))
	while (($(size_of "$1") == $3 && SECONDS < limit)); do :; done
	kill -9 "$2"
}

kill_in_mid_resync() { # NODE: fails when it was too late
	local before pid monitor
	before=$(size_of "$1")
	pid=$(pid_of "$1" nb)
	monitor=$(parent_of "$pid")
	kill_at_reset "$1" "$pid" "$before" &
	reconnect "$1"
	wait $!
	wait_for 30 gone "$pid" || bail_out "pid $pid outlives SIGKILL"
	wait_for 30 gone "$monitor" || bail_out "pid $monitor outlives its child"
	(($(size_of "$1") < 2 * before))
}

# On a machine that is busy it may have loaded all before it is killed: then once more.
until_killed_in_mid_resync() { # NODE
	local limit=$((SECONDS + 120))
	until kill_in_mid_resync "$1"; do
		((SECONDS < limit)) || return 1
		run "$1" stop
		run "$1" start
		post_promote "$1" 1
		wait_for 60 has_rows "$1" 20000 || return 1
	done
}

expecting="a database of 40 MB"
expect 1 start 0
expect 1 promote 0
ok "20000 rows are written" write_rows "$(socket 1 nb)" row 20000
expect 2 start 0
post_promote 2 1
ok_within 60 "a replica has them" has_rows 2 20000
ok "it is killed in the middle of a resync" until_killed_in_mid_resync 2
expecting="a replica was killed in the middle of a resync"
expect 2 monitor 1 "nb is dead" "${as_unpromoted[@]}"
expect 2 promote 1 "nb is dead"
expect 2 stop 0
expect 2 start 0
is "what it has on disk is empty" "$(count_rows 2)" 0
is "it is a backup" "$(state 2 nb) $(state 2 sb)" "backup backup"
is "nobody can replicate from it" "$(listening)" \
	"$vip:6641 $vip:6642 127.0.0.1:6643 127.0.0.1:6644"
expect 2 monitor 0 "${as_unpromoted[@]}"
post_promote 2 1
ok_within 60 "a resync repairs it" has_rows 2 20000
expect 2 stop 0
expect 1 stop 0

# --- a replica's disk is full ---------------------------------------------------------------

fresh() {
	rm -rf /var/lib/ovn/* "$work"/node*
}

small_disk() { # NODE SIZE
	mkdir -p "$(dbdir "$1")"
	mount -t tmpfs -o "size=$2" tmpfs "$(dbdir "$1")"
}

fresh
small_disk 2 6m
expecting="a replica on a small disk"
expect 1 start 0
expect 1 promote 0
ok "2000 rows are written" write_rows "$(socket 1 nb)" row 2000
expect 2 start 0
post_promote 2 1
ok_within 30 "the replica has them" has_rows 2 2000
reconnect 2
ok_within 30 "the disk is full in the middle of a resync: it made itself active" is_active 2
is "with nothing in it" "$(count_rows 2)" 0
expecting="out of disk, self-promoted"
expect 2 monitor 1 "nb active, sb backup" "${as_unpromoted[@]}"
expect 2 monitor 9 "nb active, sb backup" "${probe[@]}"
expect 2 promote 1 "nb active, sb backup"
is "nobody can connect to it" "$(listening)" "$vip:6641 $vip:6642 127.0.0.1:6643 127.0.0.1:6644"
expect 2 stop 0
expect 2 start 0
is "it is a backup again" "$(state 2 nb) $(state 2 sb)" "backup backup"
post_promote 2 1
ok_within 30 "with the disk still full, it makes itself active again" is_active 2
expect 2 monitor 1 "nb active, sb backup" "${as_unpromoted[@]}"
mount -o remount,size=40m "$(dbdir 2)"
expecting="there is room again"
expect 2 stop 0
expect 2 start 0
post_promote 2 1
ok_within 30 "a resync repairs it" has_rows 2 2000
expect 2 monitor 0 "${as_unpromoted[@]}"
expect 2 stop 0
expect 1 stop 0
umount "$(dbdir 2)"

# --- the active's disk is full --------------------------------------------------------------

fresh
umount /var/lib/ovn
small_disk 1 4m
expecting="the active on a small disk"
expect 1 start 0
expect 1 promote 0
expect 2 start 0
post_promote 2 1
ok "1000 rows are written" write_rows "$(socket 1 nb)" row 1000
refused "1000 more do not fit" write_rows "$(socket 1 nb)" more 1000
expecting="the active is out of disk"
is "nothing of them is there" "$(count_rows 1)" 1000
ok_within 30 "nor on the replica" has_rows 2 1000
expect 1 monitor 8 "${as_promoted[@]}"
mount -o remount,size=40m "$(dbdir 1)"
ok "with room again, they are written" write_rows "$(socket 1 nb)" more 1000
ok_within 30 "on the replica, too" has_rows 2 2000
kill_hard 1 nb
expect 1 stop 0
expect 1 start 0
ok "what was acknowledged is on disk" has_rows 1 2000
expect 2 stop 0
expect 1 stop 0
umount "$(dbdir 1)"
mount -t tmpfs -o mode=755 tmpfs /var/lib/ovn

# --- from itself ----------------------------------------------------------------------------

fresh
expecting="the virtual address is its own"
expect 1 start 0
expect 1 promote 0
nbctl 1 ls-add kept
expect 1 demote 0
run 1 notify OCF_RESKEY_CRM_meta_notify_type=post OCF_RESKEY_CRM_meta_notify_operation=promote \
	OCF_RESKEY_CRM_meta_notify_promote_uname=node2 \
	OCF_RESKEY_node_addresses=
is "it tries" "$(source_of 1 nb)" "tcp:$vip:6641"
expect 1 monitor 0 "${as_unpromoted[@]}"
is "in vain: a backup listens nowhere" "$(listening) $(state 1 nb) $(switches 1)" " backup kept"
expecting="connected to itself by hand"
ctl 1 nb ovsdb-server/disconnect-active-ovsdb-server
ctl 1 nb ovsdb-server/set-active-ovsdb-server "$(socket 1 nb)"
ctl 1 nb ovsdb-server/connect-active-ovsdb-server
ok_within 30 "it made itself active" is_active 1
expect 1 monitor 1 "nb active, sb backup" "${as_unpromoted[@]}"
expect 1 promote 1 "nb active, sb backup"
expect 1 demote 0
is "it is a backup again, and has what it had" "$(state 1 nb) $(state 1 sb) $(switches 1)" \
	"backup backup kept"
expect 1 stop 0

finish
