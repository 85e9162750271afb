# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# lib.sh - what the cluster tests share: a sandbox with the agent in it, and questions to it.
#
#   . tests/cluster/lib.sh               # tap.sh comes along
#   cluster_up 3                         # a sandbox of this test's own; down at exit
#   create_resource monitor=2 -- master_ip=10.77.0.100 manage_northd=yes
#   ok_within 60 "all in order" in_order # what is promoted is active, served and followed
#   on node1 crm_mon -1                  # run something in a host
#
# The agent is taken from $OVNHA_PREFIX, the writer from $OVNHA_BUILDDIR.  The words of
# $OVNHA_SANDBOX_UP_OPTIONS, as --root DIR, are options of every `sandbox up`.  When a test fails,
# the state of the cluster is shown on standard error, and the logs are kept in
# $OVNHA_BUILDDIR/cluster-logs/TEST.
#
# Questions are functions that succeed or fail: for ok, ok_within and refused.  What comes a moment
# later is for ok_within.  A question never pipes into `grep -q`: that ends at the first match, and
# under pipefail whoever writes on into the pipe then makes the answer a no.

HERE=$(cd -- "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/lib/tap.sh
. "$HERE/../lib/tap.sh"
# shellcheck source=tests/lib/document.sh
. "$HERE/../lib/document.sh"

SOURCE=${OVNHA_SRCDIR:-${HERE%/tests/cluster}}
BUILDDIR=${OVNHA_BUILDDIR:-$SOURCE/_build/gcc}
PREFIX=${OVNHA_PREFIX:-$SOURCE/_build/prefix}
WRITER=$BUILDDIR/tests/lib/writer
HISTORY=$SOURCE/tests/lib/history
TEST=${0##*/}
followed= # steps of documents

# What a test may change: where clients find the databases and how; the resource's name,
# and whether it is to run northd.
VIP=10.77.0.100
PROTOCOL=tcp
TLS=()
RESOURCE=ovndb
NORTHD=yes
# MIN-MAX, in ms: how long everything takes from the active to a replica, if set before cluster_up.
REPLICATION_DELAY=

SERVERS=(nb sb)
# Generous: what is waited for normally comes within seconds.
LIMIT=${OVNHA_LIMIT:-150}

export OVNHA_SANDBOX=${TEST#test-}-$$

# --- the sandbox ------------------------------------------------------------------------------

sandbox() {
	"$HERE/sandbox" "$@"
}

on() { # HOST COMMAND...
	sandbox exec "$@"
}

as_member() { # HOST COMMAND...: of haclient, and as nobody else
	on "$1" setpriv --reuid=65534 --regid=haclient --clear-groups "${@:2}"
}

need_cluster_software() {
	local tool
	((EUID == 0)) || skip_all "namespaces need root"
	PATH=$PATH:/usr/sbin:/sbin
	for tool in corosync pacemakerd pcs crm_mon ovn-nbctl ovsdb-client xmllint ip; do
		command -v "$tool" >/dev/null || skip_all "$tool is not installed"
	done
	[[ -x $PREFIX/lib/ocf/resource.d/ovnha/ovndb-servers ]] ||
		bail_out "no agent in $PREFIX: install one there, or set OVNHA_PREFIX"
}

cluster_up() { # N [OPTIONS OF sandbox up...]
	local size=$1
	local -a everywhere
	shift
	read -ra everywhere <<<"${OVNHA_SANDBOX_UP_OPTIONS-}"
	need_cluster_software
	if [[ ! ${scratch-} ]]; then
		scratch=$(mktemp -d)
		on_exit rm -rf "$scratch"
		on_exit sandbox down
		on_exit show_on_failure
	fi
	if [[ $REPLICATION_DELAY ]]; then
		delay_replication "$size"
		set -- "$@" --at-boot /opt/at-boot --bind "$scratch/at-boot:/opt/at-boot" \
			--bind "$BUILDDIR/tests/lib/delay_proxy:/opt/delay_proxy"
	fi
	sandbox up "$size" --bind "$PREFIX:$PREFIX" \
		--bind "$PREFIX/lib/ocf/resource.d/ovnha:/usr/lib/ocf/resource.d/ovnha" \
		--bind "$PREFIX/libexec/ovnha:/usr/libexec/ovnha" \
		"${everywhere[@]}" "$@" >&2 ||
		bail_out "the sandbox does not come up"
}

# Replicas find the active at 10.78.0.N, which is an address of each host's own: the active's server
# listens there, and on the others a proxy, which goes by the network to one on the active's host.
# That one holds back what it sends: it is lost when the active's host loses power or is cut off.
delay_replication() { # SIZE
	{
		printf '#!/bin/bash\nsize=%d delay=%s\n' "$1" "$REPLICATION_DELAY"
		cat <<-'SCRIPT'
			[[ $HOSTNAME == node* ]] || exit 0
			for ((n = 1; n <= size; n++)); do
			 ip address add 10.78.0.$n/32 dev lo || exit
			 for port in 6643 6644; do
			  here=10.78.0.$n:$port network=10.77.0.$n:$port
			  if [[ $HOSTNAME == node$n ]]; then own+=($network=$here); else others+=($here=$network); fi
			 done
			done
			setsid /opt/delay_proxy -d "$delay" "${own[@]}" </dev/null >>/var/log/delay_proxy 2>&1 &
			setsid /opt/delay_proxy "${others[@]}" </dev/null >>/var/log/delay_proxy 2>&1 &
		SCRIPT
	} >"$scratch/at-boot"
	chmod +x "$scratch/at-boot"
	NODE_ADDRESSES=
	for ((n = 1; n <= $1; n++)); do NODE_ADDRESSES+="node$n:10.78.0.$n;"; done
	NODE_ADDRESSES="node_addresses='${NODE_ADDRESSES%;}'"
}

hosts() { # those of the cluster that are on
	sandbox status | awk '$1 ~ /^node/ && $2 == "on" { print $1 }'
}

observer() { # one that is on
	hosts | head -n 1
}

address() { # HOST: where replicas find it
	if [[ $REPLICATION_DELAY ]]; then
		printf '10.78.0.%s\n' "${1#node}"
	else
		printf '10.77.0.%s\n' "${1#node}"
	fi
}

show_on_failure() { # runs first of all that is done on exit
	local host logs=$BUILDDIR/cluster-logs/$TEST
	# shellcheck disable=SC2154 # code is tap_clean_up's
	if ((code == 0 && tap_failed == 0)); then return 0; fi
	show_state
	rm -rf -- "$logs"
	mkdir -p "$logs" || return 0
	for host in $(sandbox status | awk '$1 ~ /^node/ { print $1 }'); do
		sandbox logs "$host" >"$logs/$host.log" 2>/dev/null || true
	done
	echo "logs of all hosts: $logs"
}

show_state() {
	local host db
	on "$(observer)" crm_mon -1 -Arf 2>&1 || true
	for host in $(hosts); do
		for db in "${SERVERS[@]}"; do
			printf '%s %s: %s\n' "$host" "$db" "$(sync_status "$host" "$db" 2>&1 | tr '\n' ' ')"
		done
	done
}

# --- the resource -----------------------------------------------------------------------------

# create_resource [NAME=VALUE...] -- PARAMETER...: the clone ovndb-clone, and vip.
#   order=promote-vip|vip-promote|none  notify=true|false  vip=ADDRESS|none
#   monitor=SECONDS  of the promoted role; the other role's is a second longer, since Pacemaker
#                    tells the two apart by their intervals
#   agent=STANDARD:PROVIDER:TYPE  for the benchmark, which compares agents
#   pushed=FILE      of the host: the uptime at which Pacemaker gets it, without the time of pcs
create_resource() {
	local order=promote-vip notify=true monitor=2 vip=$VIP prefix=24 agent=ocf:ovnha:ovndb-servers
	local pushed=
	local -a script
	while (($#)) && [[ $1 != -- ]]; do
		case $1 in
		order=*) order=${1#*=} ;;
		notify=*) notify=${1#*=} ;;
		monitor=*) monitor=${1#*=} ;;
		vip=*) vip=${1#*=} ;;
		agent=*) agent=${1#*=} ;;
		pushed=*) pushed=${1#*=} ;;
		*) bail_out "create_resource: $1?" ;;
		esac
		shift
	done
	shift
	[[ $vip != *:* ]] || prefix=64
	script=("pcs cluster cib /tmp/cib"
		"pcs -f /tmp/cib resource create ovndb $agent $* \
			op monitor interval=${monitor}s timeout=60s role=Promoted \
			monitor interval=$((monitor + 1))s timeout=60s role=Unpromoted \
			promotable notify=$notify")
	if [[ $vip != none ]]; then
		script+=("pcs -f /tmp/cib resource create vip ocf:heartbeat:IPaddr2 ip=$vip \
				cidr_netmask=$prefix op monitor interval=5s"
			"pcs -f /tmp/cib constraint colocation add vip with Promoted ovndb-clone \
				score=INFINITY")
	fi
	case $order in
	promote-vip) script+=("pcs -f /tmp/cib constraint order promote ovndb-clone then start vip") ;;
	vip-promote) script+=("pcs -f /tmp/cib constraint order start vip then promote ovndb-clone") ;;
	none) ;;
	esac
	if [[ $pushed ]]; then
		script+=("cut -d' ' -f1 /proc/uptime >$pushed"
			"cibadmin --replace --scope configuration --xml-file /tmp/cib")
	else
		script+=("pcs cluster cib-push /tmp/cib --config")
	fi
	configure "${script[@]}"
}

configure() { # COMMAND...: lines of shell, on one host, until one fails
	on "$(observer)" sh -ec "$(printf '%s\n' "$@")" </dev/null
}

# Everything away, disks and the record of promotions included: the next starts from nothing.
remove_resource() {
	local name host
	for name in $(on "$(observer)" crm_resource --list-raw | sed 's/:.*//' | grep -vx fencing | sort -u); do
		configure "pcs resource delete $name --force" || return
	done
	wait_for "$LIMIT" nothing_runs || return
	on "$(observer)" crm_attribute -t crm_config -n "ovnha-$RESOURCE-record" -D || true
	for host in $(hosts); do
		on "$host" sh -c 'rm -rf /var/lib/ovn/* /var/lib/ovnha/* /run/ovn/* /run/ovnha'
	done
}

# One of our examples, into /root of node1, with this test's address.
example() { # FILE
	sed "s/192\.0\.2\.10/$VIP/g; s/2001:db8::10/$VIP/g" "$SOURCE/crm-examples/$1" |
		on node1 sh -c "cat >/root/$1"
}

nothing_runs() {
	local host
	is_idle || return 1
	for host in $(hosts); do
		has_no_process "$host" 'ovsdb-server|ovn-northd|ovnha-helper' || return 1
	done
}

# By exact name; that it cannot be asked is no answer.
has_no_process() { # HOST NAME|NAME...
	local found
	# shellcheck disable=SC2016 # the host's
	found=$(on "$1" sh -c 'pgrep -xl "$1"; [ $? -le 1 ] && echo asked' sh "$2") || return
	[[ $found == asked ]] || { echo "$1: $found"; return 1; }
}

# --- what Pacemaker says ----------------------------------------------------------------------

# Questions that ask several things look once: seen, of whoever calls, has the answer then.
crm_xml() {
	if [[ ${seen-} ]]; then
		printf '%s\n' "$seen"
	else
		on "$(observer)" crm_mon -1 --output-as=xml
	fi
}

ask_xml() { # XPATH: prints its string value
	crm_xml | xmllint --xpath "string($1)" -
}

promoted_node() { # prints the one; fails when none or several are promoted
	local xml promoted="//resource[@id='$RESOURCE' and (@role='Promoted' or @role='Master')]"
	xml=$(crm_xml)
	[[ $(xmllint --xpath "count($promoted)" - <<<"$xml") == 1 ]] || return 1
	xmllint --xpath "string($promoted/node/@name)" - <<<"$xml"
}

# For everything that is not asked again: while the role moves there is none for a moment.
the_promoted() {
	local deadline=$((SECONDS + LIMIT))
	until promoted_node; do
		((SECONDS <= deadline)) || { echo "nobody is promoted" >&2; return 1; }
		sleep 0.2
	done
}

# By somebody's word: no answer is not the answer that there is none.
nobody_is_promoted() {
	[[ $(ask_xml "boolean(//nodes/node) and not(//resource[@id='$RESOURCE' and
		(@role='Promoted' or @role='Master')])") == true ]]
}

is_promoted() { # [NODE | not NODE]
	local node
	node=$(promoted_node) || return 1
	case ${1-} in
	'') ;;
	not) [[ $node != "$2" ]] ;;
	*) [[ $node == "$1" ]] ;;
	esac
}

score() { # NODE
	ask_xml "//node_attributes/node[@name='$1']/attribute[@name='master-$RESOURCE']/@value"
}

score_is() { # NODE SCORE
	[[ $(score "$1") == "$2" ]]
}

# 100 for the active, 50 for those that follow it, on every host that is on; nothing else.
scores_are_right() {
	local host wanted promoted got
	promoted=$(promoted_node) || return 1
	for host in $(hosts); do
		wanted=50
		[[ $host != "$promoted" ]] || wanted=100
		got=$(score "$host")
		[[ $got == "$wanted" ]] || { echo "$host has $got, not $wanted"; return 1; }
	done
}

no_failed_actions() {
	local xml
	xml=$(crm_xml) || return
	[[ $(xmllint --xpath 'boolean(//nodes/node) and not(//failures/failure)' - <<<"$xml") == true ]] ||
		{ xmllint --xpath '//failures/failure' - <<<"$xml"; return 1; }
}

# Nothing is under way and nothing is left to do.
is_idle() {
	local dc state
	dc=$(ask_xml '//current_dc/@name')
	[[ $dc ]] || { echo "there is no DC"; return 1; }
	state=$(on "$dc" crmadmin -S "$dc" 2>&1) || true
	[[ $state == *S_IDLE* ]] || { echo "the DC: $state"; return 1; }
}

# What has failed with good reason is forgotten, when no more of it can come.
clean_up_failures() {
	wait_for "$LIMIT" has_settled || { echo "it does not settle"; return 1; }
	on "$(observer)" pcs resource cleanup
}

has_settled() {
	local seen
	seen=$(crm_xml) && all_follow && is_idle
}

sees_offline() { # HOST: the others do
	[[ $(ask_xml "//nodes/node[@name='$1']/@online") == false ]]
}

no_constraints_of_moves() {
	local constraints
	constraints=$(on "$(observer)" cibadmin -Q -o constraints) || return
	[[ $constraints == *'<constraints'* ]] && ! grep -E 'cli-(ban|prefer)|ovnha-move' <<<"$constraints"
}

vip_node() {
	ask_xml '//resource[@id="vip" and @role="Started"]/node/@name'
}

# --- what the servers say ---------------------------------------------------------------------

# What COMMAND prints once it succeeds: for what is asked once, of whom may be busy just then.
answer() { # COMMAND...
	local deadline=$((SECONDS + LIMIT)) text
	until text=$("$@"); do
		((SECONDS <= deadline)) || return 1
		sleep 0.2
	done
	printf '%s\n' "$text"
}

control() { # HOST nb|sb COMMAND...
	local host=$1 db=$2
	shift 2
	on "$host" ovs-appctl -T 5 -t "/run/ovn/ovn${db}_db.ctl" "$@"
}

sync_status() { # HOST nb|sb
	control "$1" "$2" ovsdb-server/sync-status
}

server_pid() { # HOST nb|sb|northd
	case $2 in
	northd) on "$1" cat /run/ovn/ovn-northd.pid ;;
	*) on "$1" cat "/run/ovn/ovn$2_db.pid" ;;
	esac
}

all_pids() { # of the servers on all hosts that are on, as one text
	local host
	for host in $(hosts); do
		printf '%s %s %s\n' "$host" "$(server_pid "$host" nb)" "$(server_pid "$host" sb)"
	done
}

local_nbctl() { # HOST ARGUMENTS...: without the network
	on "$1" ovn-nbctl --timeout=10 --db=unix:/run/ovn/ovnnb_db.sock "${@:2}"
}

has_switch() { # HOST NAME
	local_nbctl "$1" get Logical_Switch "$2" name >/dev/null
}

peer_of() { # HOST
	if [[ $1 == node1 ]]; then echo node2; else echo node1; fi
}

sees_promoted() { # HOST NODE: by its own cluster's word
	[[ $(on "$1" crm_mon -1) == *"Promoted: [ $2 ]"* ]]
}

clock_ms() {
	date +%s%3N
}

helper_pid() { # HOST: of the resident one; what it starts for a moment has its name
	on "$1" pgrep -o -x ovnha-helper
}

is_active() { # HOST
	local db
	for db in "${SERVERS[@]}"; do
		[[ $(sync_status "$1" "$db") == *"state: active"* ]] || return 1
	done
}

# By the promoted node's own address, not by the virtual one.
follows() { # HOST NODE
	local db port=6643 status
	for db in "${SERVERS[@]}"; do
		status=$(sync_status "$1" "$db")
		[[ $status == *"state: backup"* && $status == *"replicating: $PROTOCOL:$(address "$2"):$port"* ]] ||
			{ echo "$1 $db: $status"; return 1; }
		port=$((port + 1))
	done
}

all_follow() { # the promoted node is active, everyone else that is on follows it
	local host promoted
	promoted=$(promoted_node) || return 1
	is_active "$promoted" || return 1
	for host in $(hosts); do
		[[ $host == "$promoted" ]] || follows "$host" "$promoted" || return 1
	done
}

northd_status() { # HOST
	on "$1" ovn-appctl -T 5 -t ovn-northd status
}

waits_or_is_gone() { # HOST: its northd
	has_no_process "$1" ovn-northd || [[ $(northd_status "$1") == *"Status: paused"* ]]
}

northd_is_right() { # active on the promoted node, paused or not running on the others
	local host promoted
	promoted=$(promoted_node) || return 1
	if [[ $NORTHD == no ]]; then promoted=; fi
	[[ ! $promoted || $(northd_status "$promoted") == *"Status: active"* ]] || return 1
	for host in $(hosts); do
		[[ $host == "$promoted" ]] || waits_or_is_gone "$host" || return 1
	done
}

# No backup listens, to clients or to replicas.
backups_are_closed() {
	local host db promoted remotes
	promoted=$(the_promoted) || return 1
	for host in $(hosts); do
		[[ $host != "$promoted" ]] || continue
		for db in "${SERVERS[@]}"; do
			remotes=$(answer control "$host" "$db" ovsdb-server/list-remotes) || return
			! grep -v '^punix:' <<<"$remotes" || return 1
		done
	done
}

# --- what is on their disks -------------------------------------------------------------------

files_of() { # HOST: what its helper says of them
	on "$1" ovs-appctl -T 5 -t "/run/ovnha/$RESOURCE/helper.ctl" ovnha/judge |
		python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["files"]["nb"]))'
}

file_of() { # HOST: its inode and its size
	on "$1" stat -c '%i %s' /var/lib/ovn/ovnnb_db.db
}

is_synced() { # HOST: all of its file
	local size
	size=$(file_of "$1") || return
	[[ $(files_of "$1") == *"\"synced\": ${size#* },"* ]] || { files_of "$1"; return 1; }
}

all_are_synced() {
	local host
	for host in $(hosts); do is_synced "$host" || return 1; done
}

# --- clients ----------------------------------------------------------------------------------

url() { # ADDRESS
	if [[ $1 == *:* ]]; then printf '[%s]\n' "$1"; else printf '%s\n' "$1"; fi
}

nbctl() { # ARGUMENTS...: through the virtual address
	sandbox client ovn-nbctl --timeout=10 "${TLS[@]}" --db="$PROTOCOL:$(url "$VIP"):6641" "$@"
}

sbctl() {
	sandbox client ovn-sbctl --timeout=10 "${TLS[@]}" --db="$PROTOCOL:$(url "$VIP"):6642" "$@"
}

writes_work() { # northd's answer included, if there is one
	local wait=sb
	if [[ $NORTHD == no ]]; then wait=none; fi
	nbctl --wait="$wait" set NB_Global . "external_ids:probe=$RANDOM$RANDOM"
}

names_on() { # HOST: the rows of the writer
	on "$1" ovsdb-client -f csv --no-headings -d bare dump unix:/run/ovn/ovnnb_db.sock \
		OVN_Northbound Address_Set name
}

has_row() { # HOST NAME
	grep -qxF -- "$2" < <(names_on "$1")
}

save_names() { # HOST [FILE]: of its rows, into FILE, by default $scratch/names
	wait_for "$LIMIT" write_names "$1" "${2:-$scratch/names}"
}

write_names() { # HOST FILE
	names_on "$1" >"$2"
}

data_of() { # HOST nb|sb: the same text for the same data
	local schema=OVN_Northbound text
	[[ $2 == nb ]] || schema=OVN_Southbound
	text=$(on "$1" ovsdb-client -f csv dump "unix:/run/ovn/ovn$2_db.sock" "$schema") || return
	sort <<<"$text" | md5sum
}

data_is_equal() { # on all hosts that are on
	local host db first text
	for db in "${SERVERS[@]}"; do
		first=
		for host in $(hosts); do
			text=$(data_of "$host" "$db") || return
			[[ $text == "${first:=$text}" ]] || { echo "$db differs on $host"; return 1; }
		done
	done
}

# The writer runs in the background; its acknowledgements are in $acks.  No command for ok, which
# runs in a subshell, from which neither $acks nor $writer would come back.
start_writer() { # NAME [OPTIONS...]
	acks=$scratch/acks.$1
	"$HERE/sandbox" client "$WRITER" -r 100 -n "$@" "$VIP" 6641 "$acks" </dev/null >"$acks.log" 2>&1 &
	writer=$!
	ok_within "$LIMIT" "$1: a client writes" has_acknowledged 50
}

stop_writer() {
	kill -TERM "$writer" 2>/dev/null || true
	wait "$writer" || true
}

has_acknowledged() { # N
	[[ -r $acks ]] && (($("$HISTORY" count "$acks") >= $1))
}

# Until writes made from now on are acknowledged.
writer_goes_on() {
	wait_for "$LIMIT" has_acknowledged $(($("$HISTORY" count "$acks") + 50))
}

# Several writers at once; their acknowledgements are in the array all_acks, their files' names
# begin with NAME.  As start_writer, no command for ok.
start_writers() { # NAME N RATE-OF-EACH [OPTIONS...]
	local i
	all_acks=() writers=()
	for ((i = 1; i <= $2; i++)); do
		all_acks+=("$scratch/acks.$1.$i")
		"$HERE/sandbox" client "$WRITER" -r "$3" -n "$1.$i" "${@:4}" "$VIP" 6641 "$scratch/acks.$1.$i" \
			</dev/null >"$scratch/acks.$1.$i.log" 2>&1 &
		writers+=($!)
	done
	: >"$scratch/events"
	ok_within "$LIMIT" "$1: $2 clients write" have_acknowledged $(($2 * $3))
}

stop_writers() {
	kill -TERM "${writers[@]}" 2>/dev/null || true
	wait "${writers[@]}" || true
}

have_acknowledged() { # N
	(($("$HISTORY" count "${all_acks[@]}" 2>/dev/null) >= $1))
}

writers_go_on() { # [N]: until so many more are acknowledged
	wait_for "$LIMIT" have_acknowledged $(($("$HISTORY" count "${all_acks[@]}") + ${1:-500}))
}

# In the last seconds, of all writers together.
writes_come_at() { # ROWS A SECOND
	local rate
	rate=$("$HISTORY" rate -l 3 "${all_acks[@]}")
	((rate >= $1)) || { echo "$rate a second"; return 1; }
}

# Called right before what may cost the last writes: rows that were acknowledged up to so long
# before or after may be lost.
event() { # WITHIN-MS WHAT...
	local up
	read -r up _ </proc/uptime
	printf '%s0000000 %s\n' "${up/./}" "$*" >>"$scratch/events"
}

uptime_ms() {
	local up
	read -r up _ </proc/uptime
	printf '%s0\n' "${up/./}"
}

# As event, of what took from BEGAN to ENDED, by uptime_ms: whatever was acknowledged meanwhile may
# be lost, too.
event_between() { # BEGAN ENDED WITHIN-MS WHAT...
	printf '%s000000 %s\n' "$((($1 + $2) / 2))" "$(($3 + ($2 - $1 + 1) / 2)) ${*:4}" >>"$scratch/events"
}

# The last acknowledged row is not there, though it is asked for only now.
lacks_the_last() { # HOST
	local row
	row=$(tail -n 1 "${all_acks[0]}" | cut -d' ' -f2)
	[[ $row && $(on "$1" ovsdb-client transact unix:/run/ovn/ovnnb_db.sock \
		'["OVN_Northbound",{"op":"select","table":"Address_Set","where":[["name","==","'"$row"'"]],
		"columns":["name"]}]') == '[{"rows":[]}]' ]]
}

# After the faults, with writers stopped and all hosts up to date: every acknowledged row is on
# each, or was acknowledged near an event, and can be salvaged on one of them.  An event that cost
# nothing had nothing to cost, and proves nothing.
nothing_else_is_lost() {
	local host
	local -a copies=()
	for host in $(hosts); do
		names_on "$host" >"$scratch/$host" || return
		copies+=("$scratch/$host")
		salvageable "$host" || return
	done >"$scratch/salvageable"
	"$HISTORY" check -t -e "$scratch/events" -s "$scratch/salvageable" "${all_acks[@]}" -- "${copies[@]}"
}

salvage() { # HOST ARGUMENT...
	local host=$1
	shift
	on "$host" "$PREFIX/sbin/ovnha" salvage "$@"
}

# The names of what only the copies that are set aside on HOST have.
salvageable() { # HOST
	local copy copies rows
	copies=$(salvage "$1" | awk '/^nb-/ {print $1}') || return
	for copy in $copies; do
		rows=$(salvage "$1" --json "$copy") || return
		{ grep -o '"name": "[^"]*"' <<<"$rows" || true; } | cut -d'"' -f4
	done
}

# What `ovnha status` says on HOST.  What is wrong is said by its exit code, too, which is no reason
# to end a test; that nothing is known is one.
status_of() { # HOST
	on "$1" "$PREFIX/sbin/ovnha" status || (($? <= 2))
}

status_exits() { # HOST CODE [TEXT...]: with that, and says all of it
	local text code=0 wanted=$2 part
	text=$(on "$1" "$PREFIX/sbin/ovnha" status 2>&1) || code=$?
	for part in "${@:3}"; do
		[[ $text == *"$part"* ]] || code+=", and it lacks '$part'"
	done
	[[ $code == "$wanted" ]] || { echo "$1 exits with $code: $text"; return 1; }
}

status_says() { # HOST TEXT
	[[ $(status_of "$1") == *"$2"* ]]
}

in_sync_are() { # HOST...
	local listed
	listed=$(status_of "$(observer)" | sed -n 's/^in sync *//p' | tr ' ' '\n' | sort | xargs)
	[[ $listed == "$(printf '%s\n' "$@" | sort | xargs)" ]] || { echo "in sync: $listed"; return 1; }
}

# --- documents --------------------------------------------------------------------------------

# The commands of doc/DOCUMENT.md at STEP, as they stand there but for the address.
follow() { # DOCUMENT STEP
	followed+=" $1:$2 "
	ok "doc/$1.md: $2" run_step "$@"
}

# Those of a step that only looks, until its exit code says that all is well: it is a warning, too,
# that somebody was late with an answer.
follow_until_well() { # DOCUMENT STEP
	followed+=" $1:$2 "
	ok_within "$LIMIT" "doc/$1.md: $2" run_step "$@"
}

run_step() { # DOCUMENT STEP
	local file=$SOURCE/doc/$1.md where commands
	where=$(document_where "$file" "$2")
	commands=$(document_commands "$file" "$2")
	run_commands "$where" "${commands//192.0.2.10/$VIP}"
}

run_commands() { # WHERE COMMANDS
	[[ $1 && $2 ]] || { echo "there is no such step"; return 1; }
	if [[ $1 == client ]]; then
		sandbox client bash -ec "$2" </dev/null
	else
		on "$1" env PATH="$PREFIX/sbin:$PREFIX/bin:/usr/sbin:/usr/bin:/sbin:/bin" bash -ec "$2" </dev/null
	fi
}

all_steps_were_followed() { # DOCUMENT
	local step missing=
	for step in $(document_steps "$SOURCE/doc/$1.md"); do
		[[ ${followed-} == *" $1:$step "* ]] || missing+=" $step"
	done
	is "doc/$1.md: nothing was left out" "$missing" ""
}

# `ovnha timeline` on HOST, with what that host has: these patterns, in this order.
timeline_tells() { # HOST PATTERN...
	local told rest
	told=$(on "$1" "$PREFIX/sbin/ovnha" timeline) || return
	rest=$told
	shift
	while (($#)); do
		[[ $rest =~ $1 ]] || { printf 'no %s in:\n%s\n' "$1" "$told"; return 1; }
		rest=${rest#*"${BASH_REMATCH[0]}"}
		shift
	done
}

# What `ovnha doctor` says on HOST; it warns by its exit code.
doctor() { # HOST ARGUMENT...
	local host=$1
	shift
	on "$host" "$PREFIX/sbin/ovnha" doctor "$@" || (($? <= 2))
}

# Exactly these checks find something, but for what depends on the machine that this runs on.
doctor_finds() { # HOST CHECK...
	local host=$1 found
	shift
	found=$(doctor "$host" --json | python3 -c 'import json, sys
print(*sorted({one["check"] for one in json.load(sys.stdin)["findings"]} - {"clock", "disk"}))') || return
	[[ $found == "$(printf '%s\n' "$@" | sort | xargs)" ]] || { echo "found: $found"; return 1; }
}

# What it says mends them is done, in its own words.
mend() { # HOST pcs|crm CHECK...
	local host=$1 tool=$2 commands
	shift 2
	commands=$(doctor "$host" --json | python3 -c 'import json, sys
for one in json.load(sys.stdin)["findings"]:
    if one["check"] in sys.argv[2:]:
        print(one[sys.argv[1]].replace("crm ", "crm --force ") + " </dev/null")' "$tool" "$@") || return
	[[ $commands ]] || { echo "nothing to do"; return 1; }
	echo "$commands"
	on "$host" sh -ec "$commands"
}

# --- all of it at once ------------------------------------------------------------------------

# Of copies that were overwritten with ones that have all of it, nothing is kept.
nothing_is_set_aside() {
	local host copies
	for host in $(hosts); do
		copies=$(on "$host" find /var/lib/ovn /var/lib/ovnha -ignore_readdir_race \
			-name 'ovnha-aside.*' -o \
			-path '*/aside/*.db') || return
		[[ ! $copies ]] || { echo "$host: $copies"; return 1; }
	done
}

# What is promoted is active, followed by everyone, and served; Pacemaker is content.
in_order() {
	local seen
	seen=$(crm_xml) || return
	all_follow && northd_is_right && scores_are_right && is_idle && no_failed_actions
}

# For use after every change: waits until all is in order, then looks whether it is useful.  What is
# wrong is said once: what has failed by then is cleaned up, for it would fail all that comes later.
all_is_well() { # DESCRIPTION
	local failed
	ok_within "$LIMIT" "$1: the promoted node is active, all others follow it" all_follow
	failed=$tap_failed
	ok_within "$LIMIT" "$1: northd runs there only; scores; no failed actions; idle" in_order
	((tap_failed == failed)) || diag "cleaned up: $(clean_up_failures 2>&1)"
	ok_within "$LIMIT" "$1: a client writes, northd answers" writes_work
	ok_within "$LIMIT" "$1: the same data everywhere" data_is_equal
}
