# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# systems.sh - what the benchmark compares, behind one set of functions; after cluster/lib.sh.
#
# For each SYSTEM, chosen by choose_system:
#   create           start it on all hosts
#   created_at       prints when that began, in ms of uptime: of a resource, when Pacemaker was
#                    given it; what pcs takes before that is the same for all
#   remotes          prints where its clients find it: ADDRESS[,ADDRESS...]
#   active           prints the host that serves; fails when none or several do
#   settled          succeeds when one serves, all others are ready to, and nothing is under way
#   recovered        as settled, but something may have failed before (ours, stock)
#   kill_active HOST what ends the active server there
#   repair HOST      brings back what does not come back by itself
#   rows HOST        prints the names of the writer's rows there; fails where there are none
# and, if its clients need Pacemaker: the resource is ovndb-clone, its address vip.

OVN_CTL=/usr/share/ovn/scripts/ovn-ctl
STOCK_AGENT=/usr/share/ovn/scripts/ovndb-servers.ocf
BENCH=${HERE%/cluster}/bench

# As an operator would have it, and as baselines were measured.
MONITOR=10

choose_system() { # NAME: ours, ours-unguarded, stock, raft, raft-fast, floor or floor-bare
	case $1 in
	ours | ours-unguarded) family=ours ;;
	stock) family=stock ;;
	raft) family=raft timer= ;;
	raft-fast) family=raft timer=${BENCH_RAFT_TIMER:?} ;;
	floor | floor-bare) family=floor ;;
	*) bail_out "no system '$1'" ;;
	esac
	system=$1
}

# What every host has besides the agent.
system_options() { # prints options of sandbox up, one a line
	printf '%s\n' --bind "$BENCH:/opt/bench" \
		--bind "$BENCH/ocf:/usr/lib/ocf/resource.d/bench"
	case $family in
	# Debian's link to it leads nowhere.
	stock) printf '%s\n' --bind "$STOCK_AGENT:/usr/lib/ocf/resource.d/ovn/ovndb-servers" ;;
	floor) printf '%s\n' --at-boot /opt/bench/at_boot ;;
	ours | raft) ;;
	esac
}

# Before Pacemaker is given a resource, pcs has written it down for seconds.
PUSHED=/tmp/pushed-at

create() {
	read -r created _ </proc/uptime
	"${family}_create"
}
created_at() {
	[[ $family == raft ]] || created=$(on "$(observer)" cat $PUSHED) || return
	printf '%s\n' "${created/./}0"
}
remotes() { "${family}_remotes"; }
active() { "${family}_active"; }
settled() { "${family}_settled"; }
kill_active() { "${family}_kill_active" "$@"; }
recovered() { "${family}_recovered"; }
repair() { "${family}_repair" "$@"; }
rows() { "${family}_rows" "$@"; }

# --- ours -------------------------------------------------------------------------------------

ours_create() {
	local guard=yes
	[[ $system != ours-unguarded ]] || guard=no
	# shellcheck disable=SC2086 # NAME=VALUE...
	create_resource pushed=$PUSHED monitor=$MONITOR order="${BENCH_ORDER:-none}" -- \
		master_ip="$VIP" manage_northd=yes guard="$guard" ${BENCH_PARAMETERS-}
}

ours_remotes() { printf '%s\n' "$VIP"; }
ours_active() { promoted_node; }
ours_settled() { in_order && [[ $(vip_node) == "$(promoted_node)" ]]; }
ours_recovered() { all_follow && northd_is_right && is_idle; }
ours_rows() { names_on "$1"; }
ours_repair() { on "$(observer)" pcs resource cleanup ovndb-clone >&2; }

ours_kill_active() { # HOST
	# shellcheck disable=SC2016 # expanded by the shell in the host
	on "$1" sh -c 'kill -KILL "$(cat /run/ovn/ovnnb_db.pid)"'
}

# --- the agent that comes with OVN ------------------------------------------------------------

stock_create() {
	create_resource pushed=$PUSHED agent=ocf:ovn:ovndb-servers monitor=$MONITOR -- \
		master_ip="$VIP" manage_northd=yes
}

stock_remotes() { printf '%s\n' "$VIP"; }
stock_active() { promoted_node; }
stock_rows() { names_on "$1"; }
stock_repair() { ours_repair; }
stock_kill_active() { ours_kill_active "$1"; }

stock_settled() {
	local host promoted
	promoted=$(promoted_node) || return 1
	is_active "$promoted" && [[ $(vip_node) == "$promoted" ]] || return 1
	for host in $(hosts); do
		[[ $host == "$promoted" ]] || stock_follows "$host" || return 1
	done
	is_idle
}

stock_recovered() { stock_settled; }

stock_follows() { # HOST
	local db status
	for db in nb sb; do
		status=$(sync_status "$1" "$db")
		[[ $status == *"state: backup"* && $status == *"replicating: tcp:$VIP:"* ]] || return 1
	done
}

# --- OVSDB's RAFT -----------------------------------------------------------------------------

# What ovn-ctl is told on HOST.  The first one makes the cluster, the others join it.
raft_options() { # HOST: sets the array options
	local db number=${1#node} all
	all=$(raft_remotes)
	all=tcp:${all//,/:PORT,tcp:}:PORT
	options=("--ovn-northd-nb-db=${all//PORT/6641}" "--ovn-northd-sb-db=${all//PORT/6642}")
	for db in nb sb; do
		options+=("--db-$db-create-insecure-remote=yes"
			"--db-$db-cluster-local-addr=10.77.0.$number")
		if ((number > 1)); then options+=("--db-$db-cluster-remote-addr=10.77.0.1"); fi
		if [[ $timer ]]; then options+=("--db-$db-election-timer=$timer"); fi
	done
}

raft_ctl() { # HOST COMMAND
	local -a options
	raft_options "$1"
	on "$1" "$OVN_CTL" "${options[@]}" "$2" </dev/null >&2
}

raft_create() {
	local host
	local -a starting=()
	for host in $(hosts); do
		raft_ctl "$host" start_northd &
		starting+=($!)
	done
	wait "${starting[@]}"
}

raft_status() { # HOST nb|sb
	local schema=OVN_Northbound
	[[ $2 == nb ]] || schema=OVN_Southbound
	control "$1" "$2" cluster/status "$schema"
}

# The leader first: that is where clients end up.
raft_remotes() {
	local leader all=
	leader=$(raft_active) || leader=node1
	for number in 1 2 3; do
		[[ $leader == "node$number" ]] || all+=,10.77.0.$number
	done
	printf '10.77.0.%s%s\n' "${leader#node}" "$all"
}

raft_active() {
	local host leader=
	for host in $(hosts); do
		[[ $(raft_status "$host" nb 2>/dev/null) == *"Role: leader"* ]] || continue
		[[ ! $leader ]] || return 1
		leader=$host
	done
	[[ $leader ]] && printf '%s\n' "$leader"
}

raft_settled() {
	local host db status
	raft_active >/dev/null || return 1
	for host in $(hosts); do
		for db in nb sb; do
			status=$(raft_status "$host" "$db")
			[[ $status == *"Status: cluster member"* && $status != *"Leader: unknown"* ]] || return 1
		done
	done
}

raft_rows() { names_on "$1"; }
raft_kill_active() { ours_kill_active "$1"; }
raft_repair() { raft_ctl "$1" start_northd; }

raft_term() { # HOST
	raft_status "$1" nb | sed -n 's/^Term: //p'
}

# The host whose ovn-northd works; the others wait for its lock.
raft_northd() {
	local host
	for host in $(hosts); do
		if [[ $(northd_status "$host") == *"Status: active"* ]]; then
			printf '%s\n' "$host"
			return 0
		fi
	done
	return 1
}

# --- the floor: Pacemaker and the address, with an agent that does nothing ---------------------

floor_create() {
	local notify=true
	[[ $system != floor-bare ]] || notify=false
	create_resource pushed=$PUSHED agent=ocf:bench:null monitor=$MONITOR \
		order="${BENCH_ORDER:-none}" notify=$notify -- || return
	wait_for "$LIMIT" is_idle
	floor_scores node1
}

# A null agent publishes none.  The ones that ours has; the active's first, so that nothing moves.
floor_scores() { # ACTIVE
	local host
	on "$1" attrd_updater -n master-ovndb -U 100 || return
	for host in $(hosts); do
		[[ $host == "$1" ]] || on "$host" attrd_updater -n master-ovndb -U 50 || return
	done
}

floor_remotes() { printf '%s\n' "$VIP"; }
floor_active() { promoted_node; }

floor_settled() {
	local promoted
	promoted=$(promoted_node) || return 1
	[[ $(vip_node) == "$promoted" ]] && is_idle && has_responder "$promoted"
}

floor_rows() { return 1; }

# The server's end and the notice of it are one command: detection takes no time.
floor_kill_active() { # HOST
	# shellcheck disable=SC2016 # expanded by the shell in the host
	on "$1" sh -c 'kill -KILL $(cat /run/responder.pid); attrd_updater -n master-ovndb -U -INFINITY'
}

floor_fail_active() { # HOST
	# shellcheck disable=SC2016 # expanded by the shell in the host
	on "$1" sh -c 'kill -KILL $(cat /run/responder.pid); crm_resource --fail -r ovndb -N "$(hostname)"' >&2
}

has_responder() { # HOST
	# shellcheck disable=SC2016 # expanded by the shell in the host
	on "$1" sh -c 'kill -0 $(cat /run/responder.pid)' 2>/dev/null
}

floor_repair() { # HOST
	has_responder "$1" || on "$1" /opt/bench/at_boot
	floor_scores "$(promoted_node)" && on "$(observer)" pcs resource cleanup ovndb-clone >&2
}
