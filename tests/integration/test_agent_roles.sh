#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# One node through all of its roles: what it listens on, who may write, which sessions live on,
# and what becomes of other people's rows.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

# --- start ----------------------------------------------------------------------------------

expecting=nothing
expect 1 monitor 7 "${probe[@]}"
expect 1 start 0 HA_LOGFILE="$work/agent.log" HA_LOGFACILITY=none
ok "what it did is in the log" grep -q 'ovndb-servers(ovndb).* start: start-server nb: done' \
	"$work/agent.log"
is "it starts as a backup" "$(state 1 nb) $(state 1 sb)" "backup backup"
is "nobody is followed" "$(source_of 1 nb) $(source_of 1 sb)" \
	"unix:$(state_dir 1)/nobody:0 unix:$(state_dir 1)/nobody:0"
is "a backup has no TCP listener" "$(listening)" ""
is "and no remote but its socket" "$(ctl 1 nb ovsdb-server/list-remotes)" \
	"p$(socket 1 nb | sed 's,/run,/var/run,')"
refused "it cannot be written" nbctl 1 ls-add too-early
expecting="a backup"
expect 1 monitor 0 "${as_unpromoted[@]}"
expect 1 monitor 0 "${probe[@]}"
expect 1 status 0

# They take as long to load as all that such a monitor does.
is "which loads neither libqb nor corosync's libraries" \
	"$(LD_LIBRARY_PATH="$OVNHA_BUILDDIR/libovnha/.libs" ldd "$agent" |
		grep -oE 'lib(qb|cmap|systemd)\.' || true)" ""
expecting="its module is missing"
expect 1 monitor 0 "${as_unpromoted[@]}" OVNHA_MODULE=/nonexistent.so
expect 1 start 0 OVNHA_MODULE=/nonexistent.so

before=$(pid_of 1 nb)
expecting="a second time"
expect 1 start 0
is "the same server goes on" "$(pid_of 1 nb) $(processes)" \
	"$before ovsdb-server ovsdb-server"

# --- promote --------------------------------------------------------------------------------

opens early "$(socket 1 nb)"
is "it cannot write yet" "$(session_word early OVN_Northbound "$(insert_switch no)")" refused

config+=(OCF_RESKEY_manage_northd=yes OCF_RESKEY_inactive_probe_interval=60000)
expecting="from a backup"
expect 1 promote 0
is "both are active" "$(state 1 nb) $(state 1 sb)" "active active"
is "clients and replicas have their listeners" "$(listening)" \
	"$vip:6641 $vip:6642 127.0.0.1:6643 127.0.0.1:6644"
ok "Northbound accepts writes at master_ip" \
	ovn-nbctl --timeout=30 --db="tcp:$vip:6641" ls-add sw0
ok "so does Southbound" \
	ovn-sbctl --timeout=30 --db="tcp:$vip:6642" chassis-add ch0 geneve 192.0.2.1
is "the session of before promote can write now" \
	"$(session_word early OVN_Northbound "$(insert_switch early)")" ok
is "northd is active" "$(northd_status 1)" "Status: active"
ok_within 60 "northd fills Southbound" has_datapath 1 sw0

rows() { # NODE nb|sb: target, probe and owner of each Connection row
	"$2ctl" "$1" --bare --no-headings --format=csv --data=bare \
		--columns=target,inactivity_probe,external_ids list Connection | sort
}
is "our rows are in Northbound" "$(rows 1 nb)" \
	"ptcp:6641:$vip,60000,ovnha-owner=ovndb/clients
ptcp:6643:127.0.0.1,60000,ovnha-owner=ovndb/replicas"
is "and in Southbound" "$(rows 1 sb)" \
	"ptcp:6642:$vip,60000,ovnha-owner=ovndb/clients
ptcp:6644:127.0.0.1,60000,ovnha-owner=ovndb/replicas"
ok "memory says active" grep -q '"role": "active"' "$(memory 1)"

expecting="an active"
expect 1 monitor 8 "${as_promoted[@]}"
expect 1 monitor 8 "${probe[@]}"

northd=$(northd_pid 1)
opens tcp "tcp:$vip:6641"
uuids=$(nbctl 1 --bare --columns=_uuid list Connection | sort)
expecting="a second time"
expect 1 promote 0
is "the rows are the same" "$(nbctl 1 --bare --columns=_uuid list Connection | sort)" "$uuids"
is "northd is the same" "$(northd_pid 1) $(northd_status 1)" "$northd Status: active"
is "the session is still there" "$(session_word tcp OVN_Northbound "$(insert_switch tcp)")" ok
is "and the listeners" "$(listening)" "$vip:6641 $vip:6642 127.0.0.1:6643 127.0.0.1:6644"

config+=(OCF_RESKEY_manage_northd=no)
expecting="northd is not managed any more"
expect 1 reload-agent 0
ok "the northd that was started here is gone" gone "$northd"
config+=(OCF_RESKEY_manage_northd=yes)
expecting="northd is managed again"
expect 1 promote 0
northd=$(northd_pid 1)
is "northd is active again" "$(northd_status 1)" "Status: active"

# --- demote ---------------------------------------------------------------------------------

opens south "tcp:$vip:6642"
opens south-unix "$(socket 1 sb)"
opens replica tcp:127.0.0.1:6643
expecting="from active"
expect 1 demote 0
is "both are backups" "$(state 1 nb) $(state 1 sb)" "backup backup"
is "no TCP listener is left" "$(listening)" ""
is "a unix session of before demote is refused" \
	"$(session_word early OVN_Northbound "$(insert_switch late)")" refused
is "so is one with Southbound" \
	"$(session_word south-unix OVN_Southbound "$(insert_zone late)")" refused
for name in tcp replica; do
	is "the TCP session '$name' of before demote is over" \
		"$(session_word $name OVN_Northbound "$(insert_switch late)")" lost
done
is "so is the one with Southbound" \
	"$(session_word south OVN_Southbound "$(insert_zone late)")" lost
is "nothing was written, nothing is lost" "$(switches 1)" "early sw0 tcp"
ok "northd is gone" gone "$northd"
expecting="after demote"
expect 1 monitor 0 "${as_unpromoted[@]}"
expecting="a second time"
expect 1 demote 0

# --- other people's rows --------------------------------------------------------------------

config+=(OCF_RESKEY_manage_northd=no)
expecting="again"
expect 1 promote 0
nbctl 1 -- --id=@c create Connection 'target="ptcp:7001:127.0.0.7"' inactivity_probe=7000 \
	external_ids:mine=yes -- add NB_Global . connections @c >/dev/null
nbctl 1 set-ssl /key /cert /ca
expect 1 demote 0
expect 1 promote 0
ok "the user's row survives" grep -qx 'ptcp:7001:127.0.0.7,7000,mine=yes' <(rows 1 nb)
ok_within 30 "and is listened on" listens 127.0.0.7:7001
is "so do the SSL settings" \
	"$(nbctl 1 --bare --columns=private_key,certificate,ca_cert list SSL | paste -sd' ')" \
	"/key /cert /ca"
is "ours are not there twice" "$(rows 1 nb | grep -c ovnha-owner)" 2

# --- a changed configuration ----------------------------------------------------------------

expecting="a changed probe interval"
expect 1 reload-agent 0 OCF_RESKEY_inactive_probe_interval=17000
is "it is in our clients' rows, and in no other" "$(rows 1 nb) $(rows 1 sb)" \
	"ptcp:6641:$vip,17000,ovnha-owner=ovndb/clients
ptcp:6643:127.0.0.1,60000,ovnha-owner=ovndb/replicas
ptcp:7001:127.0.0.7,7000,mine=yes ptcp:6642:$vip,17000,ovnha-owner=ovndb/clients
ptcp:6644:127.0.0.1,60000,ovnha-owner=ovndb/replicas"
expecting="a changed probe interval towards replicas"
expect 1 reload-agent 0 OCF_RESKEY_inactive_probe_interval_to_master=23000
ok "it is in the replicas' row" \
	grep -qx 'ptcp:6643:127.0.0.1,23000,ovnha-owner=ovndb/replicas' <(rows 1 nb)

# A row at all addresses serves ours, too; two listeners on one port there cannot be.
nbctl 1 -- --id=@c create Connection 'target="ptcp:6641"' -- add NB_Global . connections @c \
	>/dev/null
expecting="a user's wildcard row"
expect 1 demote 0
expect 1 promote 0
refused "our row is left out" grep -q "ptcp:6641:$vip" <(rows 1 nb)
ok "the replicas' one is not" grep -q "ptcp:6643:127.0.0.1" <(rows 1 nb)
ok_within 30 "the user's row serves" ovn-nbctl --timeout=30 --db="tcp:$vip:6641" ls-add wild

expecting="and then to stop"
expect 1 stop 0
is "nothing runs" "$(processes)" ""
expect 1 monitor 7 "nb is not running" "${as_unpromoted[@]}"
expect 1 monitor 7 "${probe[@]}"
expecting="a second time"
expect 1 stop 0

# --- other listeners ------------------------------------------------------------------------

rm -rf /var/lib/ovn/*
config+=(OCF_RESKEY_listen_on_master_ip_only=no)
expecting="with listen_on_master_ip_only=no"
expect 1 start 0
expect 1 promote 0
is "clients are served at every address" "$(listening)" \
	"0.0.0.0:6641 0.0.0.0:6642 127.0.0.1:6643 127.0.0.1:6644"
expect 1 stop 0

config+=(OCF_RESKEY_listen_on_master_ip_only=yes OCF_RESKEY_master_ip=::1)
expecting="with an IPv6 master_ip"
expect 1 start 0
expect 1 promote 0
is "clients are served there" "$(listening)" \
	"127.0.0.1:6643 127.0.0.1:6644 [::1]:6641 [::1]:6642"
ok "and can write" ovn-nbctl --timeout=30 --db="tcp:[::1]:6641" ls-add six
expect 1 monitor 8 "${as_promoted[@]}"
expect 1 stop 0

finish
