# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# hosts.sh - the real agent by hand, against real ovsdb-servers, without a cluster.
#
#   . "$OVNHA_SRCDIR/tests/lib/hosts.sh"     # after tap.sh; the test runs again, isolated
#   expect 1 start 0                         # node 1: the agent's start exits with 0
#   expect 1 monitor 9 "reason" VAR=value    # and its exit reason matches the pattern
#   ctl 1 nb ovsdb-server/sync-status        # ask node 1's Northbound server
#   nbctl 1 ls-add sw0                       # through node 1's unix socket
#
# The test moves into namespaces of its own: network (only a loopback interface), processes,
# mounts (empty /run, /etc/ovn, /var/lib/ovn, ...), IPC and host name.  Nothing of it can reach
# the machine, and whatever way it ends, the kernel takes all of it away.  Without root it needs
# user namespaces; where there are none it is skipped.
#
# Node 1 uses OVN's own directories.  Nodes 2 and 3 share its file system and its pids, with
# directories of their own, and each node has an address of its own on the loopback interface.

: "${OVNHA_SRCDIR:?}" "${OVNHA_BUILDDIR:?}"

agent=$OVNHA_BUILDDIR/agent/.libs/ovndb-servers
[[ -x $agent ]] || agent=$OVNHA_BUILDDIR/agent/ovndb-servers
helper=${agent%ovndb-servers}ovnha-helper
module=$OVNHA_BUILDDIR/tests/lib/ovnha_cluster.so
session_program=$OVNHA_BUILDDIR/tests/lib/ovsdb_session
work=/run/test
ovn_ctl=/usr/share/ovn/scripts/ovn-ctl
vip=127.0.0.100
host_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# --- isolation ------------------------------------------------------------------------------

isolate() { # COMMAND...: run it in namespaces of its own
	local user=()
	(($(id -u) == 0)) || user=(--user --map-root-user)
	PATH=$PATH:/usr/sbin:/sbin exec unshare "${user[@]}" --mount --net --pid --ipc --uts \
		--fork --kill-child --mount-proc -- "$@"
}

furnish() { # in the namespaces: empty directories, addresses
	local directory
	export PATH=$host_path LC_ALL=C
	for directory in /run /dev/shm /etc/{ovn,openvswitch} /var/{lib,log}/{ovn,openvswitch}; do
		[[ ! -d $directory ]] || mount -t tmpfs -o mode=755 tmpfs "$directory"
	done
	mkdir -p "$work"
	cd "$work" || exit 1
	hostname node1
	ip link set lo up
}

if [[ ! ${OVNHA_ISOLATED-} ]]; then
	[[ -x $ovn_ctl ]] || skip_all "OVN is not installed: no $ovn_ctl"
	[[ -x $agent ]] || skip_all "not built: $agent"
	if ! (isolate bash -c 'mount -t tmpfs tmpfs /run && ip link set lo up') >/dev/null 2>&1; then
		skip_all "neither root nor user namespaces: servers cannot be kept apart from the machine's"
	fi
	OVNHA_ISOLATED=1 isolate bash "$0" "$@"
fi
furnish

# --- the agent ------------------------------------------------------------------------------

# What Pacemaker would pass with every action; a test changes it as it needs.
config=(OCF_RESKEY_master_ip="$vip"
	OCF_RESKEY_node_addresses="node1:127.0.0.1;node2:127.0.0.2;node3:127.0.0.3"
	OCF_RESOURCE_INSTANCE=ovndb:0 OCF_RESOURCE_PROVIDER=ovnha OCF_RESOURCE_TYPE=ovndb-servers
	OCF_ROOT=/usr/lib/ocf OCF_RA_VERSION_MAJOR=1 OCF_RA_VERSION_MINOR=1
	OCF_RESKEY_CRM_meta_timeout=60000)

rundir() { if (($1 == 1)); then echo /run/ovn; else echo "$work/node$1/run"; fi; } # NODE
dbdir() { if (($1 == 1)); then echo /var/lib/ovn; else echo "$work/node$1/db"; fi; } # NODE
state_dir() { echo "$work/node$1/state"; }                                          # NODE
memory() { echo "$(state_dir "$1")/ovndb/memory.json"; }                            # NODE

# What the last action of the agent came to.
code=
reason=

# run NODE ACTION [NAME=VALUE...]
run() {
	local node=$1 action=$2 place=()
	shift 2
	mkdir -p "$work/node$node"
	if ((node != 1)); then
		place=(OCF_RESKEY_ovn_rundir="$(rundir "$node")" OCF_RESKEY_ovn_dbdir="$(dbdir "$node")"
			OCF_RESKEY_ovn_logdir="$work/node$node/log")
	fi
	code=0
	# The limit only ends a hopeless wait: it is well beyond the operation's own timeout.
	timeout -k 5 180 env -i PATH="$host_path" LD_LIBRARY_PATH="$OVNHA_BUILDDIR/libovnha/.libs" \
		OCF_RESKEY_CRM_meta_on_node="node$node" OVNHA_STATE_DIR="$(state_dir "$node")" \
		OVNHA_HELPER="$helper" OVNHA_MODULE="$module" \
		OVNHA_DURABLE_DIR="$(state_dir "$node")" \
		"${place[@]}" "${config[@]}" "$@" "$agent" "$action" \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	reason=$(sed -n 's/^ocf-exit-reason://p' "$work/err")
}

# expect NODE ACTION CODE [REASON] [NAME=VALUE...]: REASON is an extended regular expression that
# the exit reason must match; without it there must be none.
expect() {
	local node=$1 action=$2 wanted=$3 pattern='^$' shown
	shift 3
	if (($#)) && [[ $1 != [A-Z]*=* ]]; then
		pattern=$1
		shift
	fi
	run "$node" "$action" "$@"
	shown="node$node $action exits with $wanted${expecting:+ ($expecting)}"
	if [[ $code != "$wanted" ]]; then
		fail "$shown" "exit code: $code"$'\n'"$(cat "$work/out" "$work/err")"
	elif [[ ! $reason =~ $pattern ]]; then
		fail "$shown" "reason: $reason"$'\n'"wanted: $pattern"
	else
		pass "$shown"
	fi
}

# What kind of monitor it is.
# shellcheck disable=SC2034 # for tests
probe=(OCF_RESKEY_CRM_meta_interval=0)
# shellcheck disable=SC2034
as_promoted=(OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_CRM_meta_role=Promoted)
# shellcheck disable=SC2034
as_unpromoted=(OCF_RESKEY_CRM_meta_interval=30000 OCF_RESKEY_CRM_meta_role=Unpromoted)

# post_promote NODE PROMOTED: tell NODE that PROMOTED was promoted
post_promote() {
	run "$1" notify OCF_RESKEY_CRM_meta_notify_type=post \
		OCF_RESKEY_CRM_meta_notify_operation=promote \
		OCF_RESKEY_CRM_meta_notify_promote_uname="node$2"
}

# --- the servers ----------------------------------------------------------------------------

control() { echo "$(rundir "$1")/ovn$2_db.ctl"; } # NODE nb|sb
socket() { echo "unix:$(rundir "$1")/ovn$2_db.sock"; } # NODE nb|sb
pidfile() { echo "$(rundir "$1")/ovn$2_db.pid"; } # NODE nb|sb

ctl() { # NODE nb|sb COMMAND...
	local target
	target=$(control "$1" "$2")
	shift 2
	ovs-appctl --timeout=30 --target="$target" "$@"
}

nbctl() { # NODE COMMAND...
	local db
	db=$(socket "$1" nb)
	shift
	ovn-nbctl --timeout=30 --no-leader-only --db="$db" "$@"
}

sbctl() { # NODE COMMAND...
	local db
	db=$(socket "$1" sb)
	shift
	ovn-sbctl --timeout=30 --no-leader-only --db="$db" "$@"
}

switches() { # NODE: the names of all logical switches, sorted, in one line
	nbctl "$1" --format=csv --data=bare --no-headings --columns=name list Logical_Switch |
		sort | paste -sd' '
}

has_switches() { [[ $(switches "$1") == "$2" ]]; } # NODE NAMES

has_datapath() { # NODE NAME
	sbctl "$1" --bare --columns=external_ids list Datapath_Binding | grep -qw "name=$2"
}

remembers() { # NODE KEY VALUE
	grep -qF "\"$2\": $3" "$(memory "$1")"
}

state() { # NODE nb|sb: active or backup
	ctl "$1" "$2" ovsdb-server/sync-status | sed -n 's/^state: //p'
}

source_of() { # NODE nb|sb: whom it follows
	ctl "$1" "$2" ovsdb-server/get-active-ovsdb-server | tr -d '\n'
}

follows() { # NODE nb|sb ADDRESS: with a session
	ctl "$1" "$2" ovsdb-server/sync-status | grep -qxF "replicating: $3"
}

pid_of() { # NODE nb|sb: of the server itself
	cat "$(pidfile "$1" "$2")"
}

alive() { # PID
	[[ -d /proc/$1 && $(sed 's/.*) //; s/ .*//' "/proc/$1/stat") != [ZX] ]]
}

gone() { ! alive "$1"; } # PID

processes() { # the daemons there are, without their monitors: names, sorted, in one line
	local process name
	for process in /proc/[0-9]*; do
		name=$(cat "$process/comm" 2>/dev/null) || continue
		case $name in
		ovsdb-server | ovn-northd) if alive "${process#/proc/}"; then echo "$name"; fi ;;
		esac
	done | sort | paste -sd' '
}

supervisors() { # the monitors of daemons there are, by what they say
	local process
	for process in /proc/[0-9]*; do
		if alive "${process#/proc/}"; then tr '\0' '\n' <"$process/cmdline"; fi
	done 2>/dev/null | grep -o '^[a-z-]*: monitoring pid [0-9]*' || true
}

is_other() { # NODE nb|sb PID: this server answers, as another process
	[[ $(pid_of "$1" "$2") != "$3" && $(state "$1" "$2") ]]
}

listening() { # all TCP listeners of this network, sorted, in one line
	ss -Hltn | awk '{print $4}' | sort | paste -sd' '
}

listens() { listening | grep -qwF -- "$1"; } # ADDRESS:PORT

parent_of() { # PID
	sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f2
}

# Kill a server for good: its monitor ends, too, when its child was killed by SIGKILL.
kill_hard() { # NODE nb|sb
	local pid monitor
	pid=$(pid_of "$1" "$2")
	monitor=$(parent_of "$pid")
	kill -9 "$pid"
	wait_for 30 gone "$pid" || bail_out "pid $pid outlives SIGKILL"
	wait_for 30 gone "$monitor" || bail_out "pid $monitor outlives its child"
}

northd_pid() { cat "$(rundir "$1")/ovn-northd.pid"; } # NODE
northd_status() { # NODE
	local pid
	pid=$(northd_pid "$1") || return 1
	ovs-appctl --timeout=30 --target="$(rundir "$1")/ovn-northd.$pid.ctl" status
}

# --- sessions that stay open ----------------------------------------------------------------

# A session that stays open: the test that it opens, and from then on `session NAME SCHEMA
# OPERATIONS` asks in it and prints the answer, and `session_word` only its first word: "ok",
# "refused" when the server said no, or what the end of the session is called (it is then over).
declare -A session_in session_out
opens() { # NAME METHOD
	local in out line
	mkfifo "$work/session.$1.in" "$work/session.$1.out"
	"$session_program" "$2" <"$work/session.$1.in" >"$work/session.$1.out" &
	exec {in}>"$work/session.$1.in" {out}<"$work/session.$1.out"
	session_in[$1]=$in session_out[$1]=$out
	read -r -t 60 line <&"$out" || line=
	is "the session '$1' opens" "$line" open
}

session() { # NAME SCHEMA OPERATIONS
	local line
	printf '%s %s\n' "$2" "$3" >&"${session_in[$1]}" || return
	read -r -t 60 line <&"${session_out[$1]}" && printf '%s\n' "$line"
}

session_word() { # NAME SCHEMA OPERATIONS
	session "$@" | cut -d' ' -f1
}

# An operation that leaves a row of this name behind.
insert_switch() { # NAME
	printf '[{"op":"insert","table":"Logical_Switch","row":{"name":"%s"}}]' "$1"
}

insert_zone() { # NAME
	printf '[{"op":"insert","table":"DNS","row":{"records":["map",[["%s","x"]]]}}]' "$1"
}
