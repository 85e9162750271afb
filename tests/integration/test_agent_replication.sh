#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Several nodes: who follows whom, at which address and over what; a node that starts, one that
# takes over; TLS; and two resources on one host.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

# --- three nodes ----------------------------------------------------------------------------

config+=(OCF_RESKEY_manage_northd=yes OCF_RESKEY_inactive_probe_interval_to_master=60000)
expecting="three nodes"
for node in 1 2 3; do expect $node start 0; done
expect 1 promote 0
nbctl 1 ls-add before
for node in 1 2 3; do
	post_promote $node 1
	is "node$node notify exits with 0 (post-promote)" "$code" 0
done
for node in 2 3; do
	ok_within 30 "node$node follows node1's own address" follows $node nb tcp:127.0.0.1:6643
	ok_within 30 "with Southbound, too" follows $node sb tcp:127.0.0.1:6644
	ok_within 30 "node$node has what was written before" has_switches $node before
	ok "node$node remembers whom it follows" remembers $node promoted '"node1"'
	ok "and at which address" remembers $node nb '"tcp:127.0.0.1:6643"'
	ok "and at which probe interval" remembers $node probe_ms 60000
	expect $node monitor 0 "${as_unpromoted[@]}"
done
is "the promoted one follows nobody" "$(state 1 nb) $(state 1 sb)" "active active"
nbctl 1 ls-add after
ok_within 30 "rows arrive at node2" has_switches 2 "after before"
ok_within 30 "and at node3" has_switches 3 "after before"
ok_within 30 "what northd makes of them arrives, too" has_datapath 2 after
refused "a replica cannot be written" nbctl 2 ls-add elsewhere
is "only the promoted node listens" "$(listening)" \
	"$vip:6641 $vip:6642 127.0.0.1:6643 127.0.0.1:6644"

expecting="its probe interval changed"
expect 2 reload-agent 0 OCF_RESKEY_inactive_probe_interval_to_master=31000
ok "a replica takes a new probe interval" remembers 2 probe_ms 31000
ok_within 30 "and goes on" follows 2 nb tcp:127.0.0.1:6643

expecting="started while node1 is promoted"
expect 3 stop 0
expect 3 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node1
ok_within 30 "it follows node1 at once" follows 3 nb tcp:127.0.0.1:6643
expect 3 stop 0
expecting="started, with a name like that of a promoted one"
expect 3 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node11
is "it follows nobody at node1's address" \
	"$(source_of 3 nb | grep -cF 127.0.0.1:6643)" 0
expect 3 stop 0
expecting="started while node1 is to be demoted"
expect 3 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname="node1" \
	OCF_RESKEY_CRM_meta_notify_demote_uname="node1"
is "it is held" "$(source_of 3 nb)" "unix:$(state_dir 3)/nobody:0"
post_promote 3 1
ok_within 30 "until it is told whom to follow" follows 3 nb tcp:127.0.0.1:6643

# --- another one takes over -----------------------------------------------------------------

expecting="node2 takes over"
expect 1 demote 0
ok_within 30 "a replica keeps its data" has_switches 2 "after before"
expect 2 promote 0
for node in 1 2 3; do post_promote $node 2; done
is "node2 is active" "$(state 2 nb) $(state 2 sb)" "active active"
is "its northd is" "$(northd_status 2)" "Status: active"
nbctl 2 ls-add second
for node in 1 3; do
	ok_within 30 "node$node follows node2" follows $node nb tcp:127.0.0.2:6643
	ok_within 30 "with Southbound, too" follows $node sb tcp:127.0.0.2:6644
	ok_within 30 "and has its rows" has_switches $node "after before second"
	ok "memory says so" remembers $node promoted '"node2"'
	expect $node monitor 0 "${as_unpromoted[@]}"
done
is "only node2 listens" "$(listening)" "$vip:6641 $vip:6642 127.0.0.2:6643 127.0.0.2:6644"
is "and only its replicas' row is there" \
	"$(nbctl 2 --bare --columns=target find Connection external_ids:ovnha-owner=ovndb/replicas)" \
	ptcp:6643:127.0.0.2

expecting="node2 dies, node3 takes over"
kill_hard 2 nb
kill_hard 2 sb
ok_within 30 "a replica of a dead node keeps its data" has_switches 3 "after before second"
expect 3 promote 0
post_promote 1 3
ok_within 30 "node1 follows node3" follows 1 nb tcp:127.0.0.3:6643
expect 2 stop 0
expect 2 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node3
nbctl 3 ls-add third
ok_within 30 "the dead one came back and has it all" has_switches 2 "after before second third"

expecting="the end"
for node in 1 2 3; do expect $node stop 0; done
is "nothing runs, northd neither" "$(processes)" ""

# --- without the nodes' own addresses -------------------------------------------------------

fresh_nodes() {
	rm -rf /var/lib/ovn/* "$work"/node*
}

fresh_nodes
config+=(OCF_RESKEY_manage_northd=no OCF_RESKEY_node_addresses=)
expecting="addresses of nodes are not known"
expect 1 start 0
expect 1 promote 0
expect 2 start 0
post_promote 2 1
ok_within 30 "node2 follows master_ip" follows 2 nb "tcp:$vip:6641"
nbctl 1 ls-add x
ok_within 30 "and has its rows" has_switches 2 x
expect 1 monitor 8 "${as_promoted[@]}"
expect 2 monitor 0 "${as_unpromoted[@]}"
expect 2 stop 0
expect 1 stop 0

# --- IPv6 addresses of nodes ----------------------------------------------------------------

fresh_nodes
for address in fd00::1 fd00::2 fd00::100; do ip -6 address add "$address/128" dev lo nodad; done
config+=(OCF_RESKEY_master_ip=fd00::100
	OCF_RESKEY_node_addresses="node1:[fd00::1] node2:fd00::2")
expecting="IPv6"
expect 1 start 0
expect 1 promote 0
expect 2 start 0
post_promote 2 1
ok_within 30 "node2 follows node1" follows 2 nb "tcp:[fd00::1]:6643"
nbctl 1 ls-add six
ok_within 30 "and has its rows" has_switches 2 six
expect 2 monitor 0 "${as_unpromoted[@]}"
expect 2 stop 0
expect 1 stop 0

# --- TLS ------------------------------------------------------------------------------------

certificates() { # an authority, and one certificate for all
	cd "$work"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem &&
		openssl req -newkey rsa:2048 -nodes -subj /CN=ovn -keyout key.pem -out req.pem &&
		openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
			-out cert.pem
} >"$work/openssl.log" 2>&1

fresh_nodes
config+=(OCF_RESKEY_master_ip="$vip" OCF_RESKEY_node_addresses="node1:127.0.0.1;node2:127.0.0.2")
for db in nb sb; do
	config+=("OCF_RESKEY_${db}_master_protocol=ssl" "OCF_RESKEY_ovn_${db}_db_privkey=$work/key.pem"
		"OCF_RESKEY_ovn_${db}_db_cert=$work/cert.pem" "OCF_RESKEY_ovn_${db}_db_cacert=$work/ca.pem")
done
tls=(-p "$work/key.pem" -c "$work/cert.pem" -C "$work/ca.pem")
expecting="over TLS"
if ! command -v openssl >/dev/null; then
	skip "promote and replication over TLS" "openssl is not installed"
elif ! certificates; then
	fail "certificates can be made" "$(cat "$work/openssl.log")"
else
	expect 1 start 0
	expect 1 promote 0
	expect 2 start 0
	post_promote 2 1
	ok "a client with the certificate writes" \
		ovn-nbctl --timeout=30 "${tls[@]}" --db="ssl:$vip:6641" ls-add secret
	refused "one that speaks no TLS does not" ovn-nbctl --timeout=3 --db="tcp:$vip:6641" ls-add no
	ok_within 30 "node2 follows node1" follows 2 nb ssl:127.0.0.1:6643
	ok_within 30 "with Southbound, too" follows 2 sb ssl:127.0.0.1:6644
	ok_within 30 "and has its rows" has_switches 2 secret
	expect 1 monitor 8 "${as_promoted[@]}"
	expect 2 monitor 0 "${as_unpromoted[@]}"
	expect 1 demote 0
	is "no listener is left" "$(listening)" ""
	expect 2 promote 0
	post_promote 1 2
	ok_within 30 "node1 follows node2" follows 1 nb ssl:127.0.0.2:6643
	expect 2 stop 0
	expect 1 stop 0
fi

# --- two resources on one host --------------------------------------------------------------

# Node 2 plays the second resource of node 1 here: it has directories of its own.
fresh_nodes
config+=(OCF_RESKEY_nb_master_protocol=tcp OCF_RESKEY_sb_master_protocol=tcp
	OCF_RESKEY_manage_northd=yes)
other=(OCF_RESOURCE_INSTANCE=other OCF_RESKEY_CRM_meta_on_node=node1
	OVNHA_STATE_DIR="$(state_dir 1)" OCF_RESKEY_nb_master_port=16641
	OCF_RESKEY_sb_master_port=16642 OCF_RESKEY_nb_replication_port=16643
	OCF_RESKEY_sb_replication_port=16644)
expecting="the first resource"
expect 1 start 0
expect 1 promote 0
nbctl 1 ls-add mine
pids="$(pid_of 1 nb) $(pid_of 1 sb) $(northd_pid 1)"
expecting="a second resource on the host"
expect 2 monitor 7 "${probe[@]}" "${other[@]}"
expect 2 start 0 "${other[@]}"
expect 2 promote 0 "${other[@]}"
is "both listen" "$(listening | wc -w)" 8
nbctl 2 ls-add others
is "each has its own data" "$(switches 1), $(switches 2)" "mine, others"
is "each has its own memory" "$(cd "$(state_dir 1)" && echo */memory.json)" \
	"other/memory.json ovndb/memory.json"
expect 2 demote 0 "${other[@]}"
expect 2 stop 0 "${other[@]}"
expect 2 monitor 7 "${probe[@]}" "${other[@]}"
expecting="the first resource, after all that"
expect 1 monitor 8 "${as_promoted[@]}"
is "the same servers go on" "$(pid_of 1 nb) $(pid_of 1 sb) $(northd_pid 1)" "$pids"
is "and northd is active" "$(northd_status 1)" "Status: active"
expecting="the second resource, with the first one stopped"
expect 2 start 0 "${other[@]}"
expect 1 stop 0
expect 2 monitor 0 "${as_unpromoted[@]}" "${other[@]}"
expect 2 stop 0 "${other[@]}"

finish
