# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# scale.sh - the events of a session that are about size (see scale); session has sourced lib.sh
# and systems.sh.  What they are called with:
#
#   SCALE_CLIENTS    1000  clients that monitor the Southbound database, each with one datapath
#   SCALE_DATAPATHS  100   logical switches for them
#   SCALE_SWITCHES   2000  logical switches with two ports each in the large database
#
# Events; the first of each group prepares for the others:
#   clients          the clients connect through the address, all at once; what they cost
#   crowd_kill       the active Southbound server, with SIGKILL: until all are served again
#   crowd_standby    a planned move, likewise
#   crowd_poweroff   the active's host, likewise
#   switches         the large database is made; what it costs
#   large_kill       the active Northbound server, with SIGKILL: outage, and the first new flow
#   large_standby, large_poweroff  likewise
#   resync           a replica reads everything again: how long, and what that costs the active
#   relay            a relay, and the clients behind it
#   relay_kill, relay_standby, relay_poweroff  what the clients see of it

# shellcheck disable=SC2034,SC2153,SC2154,SC2317,SC2329 # shared with session; questions are called by await

CLIENTS=${SCALE_CLIENTS:-1000}
DATAPATHS=${SCALE_DATAPATHS:-100}
SWITCHES=${SCALE_SWITCHES:-2000}
# Rows a second that every client of a relay is told of.
TICKS=4
RELAY_ADDRESS=10.77.0.254 RELAY_PORT=16642
# For ovn-northd to make all the flows.
COMPUTE_LIMIT=300

declare -i switches=0 flows_seen=0

# --- the databases ----------------------------------------------------------------------------

# Two ports each, and all that ovn-northd makes of them.
grow() { # SWITCHES: so many in all
	local at
	at=$("$MEASURE" now)
	sandbox client "$BENCH/client" switches "$(remotes):6641" "$switches" "$1" ||
		give_up "the switches cannot be made"
	switches=$1
	sandbox client ovn-nbctl --timeout=$COMPUTE_LIMIT --db="tcp:$VIP:6641" --wait=sb sync ||
		give_up "ovn-northd does not keep up"
	sample made_ms $((($("$MEASURE" now) - at) / 1000000))
	settle
}

sb_rows() { # TABLE: prints their UUIDs
	sandbox client ovsdb-client -f csv --no-headings -d bare dump "tcp:$VIP:6642" OVN_Southbound \
		"$1" _uuid | sed -nE '/^[0-9a-f-]{36}$/p'
}

sample_size() {
	local db
	for db in nb sb; do
		sample "${db}_file_kib" "$(on "$(active)" du -k "/var/lib/ovn/ovn${db}_db.db" | cut -f1)"
	done
	sample flows "$(sb_rows Logical_Flow | wc -l)"
}

# Of the servers, ovn-northd, the helper and a monitor, while nothing happens.
costs() {
	local host role thing promoted event=$event-costs
	local -A pids=() before=()
	promoted=$(active)
	for host in "$promoted" "$(hosts | grep -vx "$promoted" | head -n 1)"; do
		role=replica
		[[ $host != "$promoted" ]] || role=active
		[[ $family != ours ]] || begin_idle "helper_$role" "$host" ovnha-helper
		begin_idle "northd_$role" "$host" '^ovn-northd'
		begin_idle "sb_$role" "$host" '^ovsdb-server.*ovnsb_db\.db'
	done
	sleep "$IDLE_SECONDS"
	for thing in "${!pids[@]}"; do end_idle "$thing"; done
	event_monitor
}

# --- the clients ------------------------------------------------------------------------------

crowd_pid=
begin_crowd() { # ADDRESS PORT
	crowd=$scratch/crowd.$event
	{
		sb_rows Datapath_Binding | sed 's/^/datapath /'
		sb_rows Logical_DP_Group | sed 's/^/group /'
	} >"$crowd.rows"
	"$HERE/sandbox" client "$BUILDDIR/tests/bench/crowd" -n "$CLIENTS" -d "$crowd.rows" "$1" "$2" \
		"$crowd" </dev/null >&2 &
	crowd_pid=$!
}

end_crowd() {
	[[ $crowd_pid ]] || return 0
	kill -TERM "$crowd_pid" 2>/dev/null || true
	wait "$crowd_pid" || true
	crowd_pid=
}

# All of them are served, and have been since then, or updated; what else is to be said of the time
# since then is kept, for they may not all be so a moment later.
crowd_has() { # FROM-NS SINCE
	"$BENCH/crowd_times" "$crowd" "$1" --all "$CLIENTS" --by "$2" >"$crowd.times"
}

sample_crowd() { # of the last look
	local metric value said=
	while read -r metric value; do
		sample "$metric" "$value"
		said+=" $metric $value,"
	done <"$crowd.times"
	say "clients:${said%,}"
}

event_clients() {
	local at
	grow "$DATAPATHS"
	at=$("$MEASURE" now)
	begin_crowd "$VIP" 6642
	await crowd_has "$at" served
	sample_crowd
	costs
}

# What happens to the host that serves, and what undoes it.
kill_southbound() { # HOST
	# shellcheck disable=SC2016 # expanded by the shell in the host
	on "$1" sh -c 'kill -KILL "$(cat /run/ovn/ovnsb_db.pid)"'
}

power_off() { sandbox poweroff "$1"; }

power_on() { # HOST
	sandbox boot "$1"
	await sandbox wait-online --timeout 1 node1 node2 node3
}

with_crowd() { # DO UNDO
	local former at
	await crowd_has 0 served
	former=$(active)
	at=$("$MEASURE" now)
	"$1" "$former"
	await crowd_has "$at" served
	sample_crowd
	"$2" "$former"
	settle
}

event_crowd_kill() { with_crowd kill_southbound repair; }
event_crowd_standby() { with_crowd standby unstandby; }

event_crowd_poweroff() {
	make_coordinator_active
	with_crowd power_off power_on
}

# --- the large database -----------------------------------------------------------------------

event_switches() {
	end_crowd
	grow "$SWITCHES"
	sample_size
	costs
}

with_large() { # DO UNDO
	local former at first now=$scratch/now
	flows_seen+=1
	former=$(active)
	rm -f "$now"
	begin_load
	sandbox client "$BENCH/client" flow "$now" $((round * 100 + flows_seen)) \
		"$(remotes):6641" "$(remotes):6642" >"$scratch/flow" &
	first=$!
	at=$("$MEASURE" now)
	"$1" "$former"
	: >"$now"
	wait "$first" || give_up "no flow"
	sample flow_ms $((($(<"$scratch/flow") - at) / 1000000))
	say "first flow after $((($(<"$scratch/flow") - at) / 1000000)) ms"
	end_load
	at=$("$MEASURE" now)
	"$2" "$former"
	settle
	sample settled_ms $((($("$MEASURE" now) - at) / 1000000))
}

event_large_kill() { with_large kill_active repair; }
event_large_standby() { with_large standby unstandby; }

event_large_poweroff() {
	make_coordinator_active
	with_large power_off power_on
}

root_row() { # HOST nb|sb: prints its external_ids
	local schema=OVN_Northbound table=NB_Global
	[[ $2 == nb ]] || schema=OVN_Southbound table=SB_Global
	on "$1" ovsdb-client transact "unix:/run/ovn/ovn$2_db.sock" \
		"[\"$schema\",{\"op\":\"select\",\"table\":\"$table\",\"where\":[],\"columns\":[\"external_ids\"]}]"
}

has_mark() { # HOST nb|sb MARK
	[[ $(root_row "$1" "$2") == *"\"$3\""* ]]
}

mark() { # nb|sb MARK
	case $1 in
	nb) nbctl set NB_Global . external_ids:resync="$2" ;;
	sb) sbctl set SB_Global . external_ids:resync="$2" ;;
	esac
}

# A replica that connects again reads everything, and shows nothing newer before it has.
read_again() { # HOST nb|sb
	local at mark=$round-$2-$RANDOM$RANDOM ms
	at=$("$MEASURE" now)
	await control "$1" "$2" ovsdb-server/connect-active-ovsdb-server
	await mark "$2" "$mark"
	await has_mark "$1" "$2" "$mark"
	ms=$((($("$MEASURE" now) - at) / 1000000))
	sample "resync_$2_ms" "$ms"
	say "$2: read again in $ms ms"
}

event_resync() {
	local replica asked=$scratch/asked asking
	replica=$(hosts | grep -vx "$(active)" | head -n 1)
	begin_load
	"$HERE/sandbox" client "$BENCH/client" ask "$VIP:6642" "$asked" </dev/null >&2 &
	asking=$!
	for db in nb sb; do read_again "$replica" "$db"; done
	kill -TERM "$asking" 2>/dev/null || true
	wait "$asking" || true
	end_load
	sample sb_silence_ms "$("$HISTORY" pause "$asked" | cut -d' ' -f1)"
	settle
}

# --- clients behind a relay -------------------------------------------------------------------

stop_relay() {
	local pid
	pid=$(cat "$scratch/relay.pid" 2>/dev/null) || return 0
	kill -TERM "$pid" 2>/dev/null || true
}

event_relay() {
	local at
	end_crowd
	((switches)) || grow "$DATAPATHS"
	on_exit stop_relay
	sandbox client ovsdb-server --detach --no-chdir --pidfile="$scratch/relay.pid" \
		--unixctl="$scratch/relay.ctl" --log-file="$scratch/relay.log" -vconsole:off -vsyslog:off \
		--remote="ptcp:$RELAY_PORT:$RELAY_ADDRESS" "relay:OVN_Southbound:tcp:$VIP:6642" >&2
	at=$("$MEASURE" now)
	begin_crowd $RELAY_ADDRESS $RELAY_PORT
	await crowd_has "$at" served
	sample_crowd
	acks=$scratch/acks.relay
	"$HERE/sandbox" client "$WRITER" -r $TICKS -n relay "$VIP" 6641 "$acks" </dev/null >&2 &
	writer=$!
	await crowd_has "$at" update
}

# The relay's log has the time of day.
relay_connected() { # MS-SINCE-THE-EPOCH: sets connected to when it last did, if that was later
	local line
	line=$(grep -E "tcp:$VIP:6642: connected\$" "$scratch/relay.log" | tail -n 1) &&
		connected=$(date -d "${line%%|*}" +%s%3N) && ((connected > $1))
}

# Until news of later than the relay's return have reached every client.
with_relay() { # DO UNDO
	local former at clock connected
	former=$(active)
	at=$("$MEASURE" now) clock=$(clock_ms)
	"$1" "$former"
	await relay_connected "$clock"
	sample relay_connected_ms $((connected - clock))
	say "the relay connected after $((connected - clock)) ms"
	await crowd_has "$("$MEASURE" now)" update
	"$BENCH/crowd_times" "$crowd" "$at" >"$crowd.times"
	sample_crowd
	"$2" "$former"
	settle
}

event_relay_kill() { with_relay kill_southbound repair; }
event_relay_standby() { with_relay standby unstandby; }

event_relay_poweroff() {
	make_coordinator_active
	with_relay power_off power_on
}
