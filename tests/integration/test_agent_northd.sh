#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# ovn-northd beside a real server that changes its role again and again: waiting hot, and cold.

# shellcheck disable=SC2317 # questions are called by ok_within

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

config+=(OCF_RESKEY_manage_northd=yes OCF_RESKEY_northd_standby=hot)
short=(OCF_RESKEY_CRM_meta_timeout=10000)

now_ms() { date +%s%3N; }

# One move: promote, until northd answers a switch, and demote.
switch=0
move() { # STANDBY
	local began
	began=$(now_ms)
	run 1 promote OCF_RESKEY_northd_standby="$1"
	took=$(($(now_ms) - began))
	[[ $code == 0 && $(northd_status 1) == "Status: active" ]] || return
	nbctl 1 ls-add "sw$((++switch))" || return
	began=$(now_ms)
	wait_for 30 has_datapath 1 "sw$switch" || return
	flow=$(($(now_ms) - began))
	run 1 demote OCF_RESKEY_northd_standby="$1"
	[[ $code == 0 ]]
}

moves() { # STANDBY N
	local i moved=0 promotes=() flows=()
	for ((i = 0; i < $2; i++)); do
		if move "$1"; then moved=$((moved + 1)); fi
		promotes+=("$took")
		flows+=("$flow")
	done
	is "$1: northd is active after every promote" "$moved" "$2"
	diag "$1: promote took ${promotes[*]} ms, the first flow ${flows[*]} ms more"
}

# --- a backup of node 2 ---------------------------------------------------------------------

expecting="node 2, without northd"
expect 2 start 0 OCF_RESKEY_manage_northd=no
expect 2 promote 0 OCF_RESKEY_manage_northd=no

expecting="hot"
expect 1 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node2
ok_within 30 "it follows" follows 1 nb tcp:127.0.0.2:6643
is "northd waits, paused" "$(northd_status 1)" "Status: paused"
expect 1 monitor 0 "${as_unpromoted[@]}"
northd=$(northd_pid 1)

expecting="its northd is killed"
kill -9 "$northd"
wait_for 30 gone "$northd" || bail_out "pid $northd outlives SIGKILL"
expect 1 monitor 190 "ovn-northd is absent" "${as_unpromoted[@]}"
post_promote 1 2
is "it waits again" "$(northd_status 1)" "Status: paused"
expect 1 monitor 0 "${as_unpromoted[@]}"

expecting="its northd hangs"
northd=$(northd_pid 1)
kill -STOP "$northd"
expect 1 monitor 190 "ovn-northd is silent" "${as_unpromoted[@]}" "${short[@]}"
post_promote 1 2
ok "it is gone" gone "$northd"
is "another one waits" "$(northd_status 1)" "Status: paused"

expecting="looking only"
northd=$(northd_pid 1)
kill -9 "$northd"
wait_for 30 gone "$northd" || bail_out "pid $northd outlives SIGKILL"
expect 1 monitor 0 "${probe[@]}"
is "a probe starts nothing" "$(processes)" "ovsdb-server ovsdb-server ovsdb-server ovsdb-server"

expecting="cold"
post_promote 1 2
is "it waits" "$(northd_status 1)" "Status: paused"
expect 1 reload-agent 0 OCF_RESKEY_northd_standby=cold
is "it does not wait any more" "$(processes)" \
	"ovsdb-server ovsdb-server ovsdb-server ovsdb-server"
expecting="hot again"
post_promote 1 2
is "it waits again, once told whom to follow" "$(northd_status 1)" "Status: paused"
expecting="a stop"
expect 1 stop 0
is "it ends with the servers" "$(processes)" "ovsdb-server ovsdb-server"
expect 2 stop 0

# --- back and forth -------------------------------------------------------------------------

rm -rf /var/lib/ovn/*
expecting="to move"
expect 1 start 0
moves hot 1
northd=$(northd_pid 1)
moves hot 20
is "hot: it was the same one throughout" "$(northd_pid 1) $(northd_status 1)" \
	"$northd Status: paused"

expecting="to wait cold"
expect 1 demote 0 OCF_RESKEY_northd_standby=cold
is "cold: it does not wait" "$(processes)" "ovsdb-server ovsdb-server"
moves cold 5
is "cold: it ran in between only" "$(processes)" "ovsdb-server ovsdb-server"

# --- what goes wrong ------------------------------------------------------------------------

# A wrapper whose own options come last: northd does not start paused.
cat >"$work/wrapper" <<-END
	#!/bin/sh
	exec $ovn_ctl "\$@" --ovn-northd-log=-vconsole:emer
END
chmod +x "$work/wrapper"
expecting="ovn-ctl takes our option away"
expect 1 promote 0 OCF_RESKEY_ovn_ctl="$work/wrapper"
is "northd is active all the same" "$(northd_status 1)" "Status: active"
expect 1 demote 0

expecting="northd crashes on the active"
expect 1 stop 0
expect 1 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node2
is "it was started paused" "$(northd_status 1)" "Status: paused"
expect 1 promote 0
northd=$(northd_pid 1)
kill -SEGV "$northd"
restarted() { [[ $(northd_pid 1) != "$northd" && $(northd_status 1) ]]; }
ok_within 60 "its monitor starts it again" restarted
is "as it was started at first" "$(northd_status 1)" "Status: paused"
expect 1 monitor 191 "ovn-northd is paused" "${as_promoted[@]}"
expect 1 promote 0
is "it was resumed" "$(northd_status 1)" "Status: active"

expecting="northd hangs while it is to be paused"
northd=$(northd_pid 1)
kill -STOP "$northd"
expect 1 demote 0 "${short[@]}"
is "the databases are backups all the same" "$(state 1 nb) $(state 1 sb)" "backup backup"
ok "it is gone" gone "$northd"

expecting="northd hangs while it is to be resumed"
expect 1 promote 0
expect 1 demote 0
northd=$(northd_pid 1)
kill -STOP "$northd"
expect 1 promote 0
is "another one is active" "$(northd_status 1)" "Status: active"
ok "it is gone" gone "$northd"

# As `ovnha-helper keep-northd` does while it puts northd right.
expecting="somebody else to be at northd"
expect 1 demote 0
is "it waits" "$(northd_status 1)" "Status: paused"
(
	flock 9
	: >"$work/at-it"
	sleep 2
	northd_status 1 >"$work/meanwhile"
) 9>"$(state_dir 1)/ovndb/northd.lock" &
keeper=$!
ok_within 30 "its lock is held" test -e "$work/at-it"
expect 1 promote 0
wait "$keeper"
is "a promote leaves it alone until then" "$(cat "$work/meanwhile")" "Status: paused"
is "and resumes it" "$(northd_status 1)" "Status: active"

# It says that it is paused before it lets its lock go; only the lock itself tells.
expecting="to have somebody wait for northd's lock"
expect 1 stop 0
expect 1 start 0
expect 1 promote 0
ovsdb-client lock "$(socket 1 sb)" ovn_northd >"$work/lock" 2>&1 &
locker=$!
has_asked() { [[ -s $work/lock ]]; }
ok_within 30 "somebody waits for it" has_asked
expect 1 demote 0
is "a northd whose lock is not seen to be free does not stay" "$(processes)" \
	"ovsdb-server ovsdb-server"
kill "$locker"
expecting="at last"
expect 1 stop 0
is "nothing runs" "$(processes)" ""

finish
