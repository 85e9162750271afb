#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Wrong parameters: what brings something up refuses with a code and a reason that names the
# parameter, its value and what is expected, and touches nothing; what takes down does its work.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

# All that actions could leave on this host.
host() {
	find /run /etc/ovn /etc/openvswitch /var/lib/ovn /var/log/ovn /var/lib/openvswitch \
		/var/log/openvswitch -path "$work" -prune -o -print 2>/dev/null | sort
	[[ ! -e $(state_dir 1) ]] || find "$(state_dir 1)" -printf '%p %T@\n'
	processes
}

before=$(host)

refuses() { # ACTION CODE REASON NAME=VALUE
	expecting=${4#OCF_RESKEY_}
	expect 1 "$@"
}

touch "$work/pem" "$work/unreadable"
chmod 0 "$work/unreadable"
ssl=(OCF_RESKEY_nb_master_protocol=ssl OCF_RESKEY_ovn_nb_db_privkey="$work/pem"
	OCF_RESKEY_ovn_nb_db_cert="$work/pem" OCF_RESKEY_ovn_nb_db_cacert="$work/pem")
port="is not a port: expected a whole number from 1 to 65535$"
probe_interval="is not a probe interval: expected milliseconds"
boolean="is neither yes nor no: expected yes or no$"

for action in start promote reload-agent validate-all; do
	refuses $action 6 "^master_ip: 'foo' is not an address: expected a numeric IPv4 or IPv6" \
		OCF_RESKEY_master_ip=foo
	refuses $action 6 "^master_ip is needed: expected a numeric" OCF_RESKEY_master_ip=
	refuses $action 6 "^nb_master_port: '0' $port" OCF_RESKEY_nb_master_port=0
	refuses $action 6 "^manage_northd: 'maybe' $boolean" OCF_RESKEY_manage_northd=maybe
done
refuses start 6 "^master_ip: '0.0.0.0' stands for every address: expected .* of one host$" \
	OCF_RESKEY_master_ip=0.0.0.0
for name in nb_master_port sb_master_port nb_replication_port sb_replication_port; do
	for value in 0 70000 abc -1 6641x "6641 "; do
		refuses start 6 "^$name: '$value' $port" "OCF_RESKEY_$name=$value"
	done
done
refuses start 6 "^sb_master_port: '6641' is the port of nb_master_port, too: expected" \
	OCF_RESKEY_sb_master_port=6641
for name in nb_master_protocol sb_master_protocol; do
	refuses start 6 "^$name: 'udp' is not a protocol: expected tcp or ssl$" \
		"OCF_RESKEY_$name=udp"
done
for name in inactive_probe_interval inactive_probe_interval_to_master; do
	for value in -1 abc 5 5s; do
		refuses start 6 "^$name: '$value' $probe_interval" "OCF_RESKEY_$name=$value"
	done
done
for name in manage_northd listen_on_master_ip_only; do
	refuses start 6 "^$name: 'maybe' $boolean" "OCF_RESKEY_$name=maybe"
done
refuses start 6 "^northd_standby: 'warm' is none of the three: expected auto, hot or cold$" \
	OCF_RESKEY_northd_standby=warm
for name in ovn_ctl ovn_rundir ovn_dbdir; do
	refuses start 6 "^$name: 'relative/path' is not an absolute path: expected" \
		"OCF_RESKEY_$name=relative/path"
done
refuses start 6 "^node_addresses: 'node1' has a node without an address: expected" \
	OCF_RESKEY_node_addresses=node1

refuses start 5 "^ovn_ctl: '/nonexistent' cannot be executed: expected OVN's ovn-ctl script" \
	OCF_RESKEY_ovn_ctl=/nonexistent
refuses start 5 "^ovn_ctl: '/run' cannot be executed: expected" OCF_RESKEY_ovn_ctl=/run
for name in privkey cert cacert; do
	refuses start 2 "^ovn_nb_db_$name: '/nonexistent' cannot be read: expected a PEM file" \
		OCF_RESKEY_unused= "${ssl[@]}" "OCF_RESKEY_ovn_nb_db_$name=/nonexistent"
	refuses promote 2 "^ovn_nb_db_$name: '/nonexistent' cannot be read: expected a PEM file" \
		OCF_RESKEY_unused= "${ssl[@]}" "OCF_RESKEY_ovn_nb_db_$name=/nonexistent"
done
# Root may read everything, unless it gives that up.
printf '#!/bin/sh\nexec setpriv --bounding-set=-dac_override,-dac_read_search %s "$@"\n' "$agent" \
	>"$work/without-override"
chmod +x "$work/without-override"
expecting="a key that may not be read"
agent=$work/without-override expect 1 start 4 \
	"^ovn_nb_db_privkey: '$work/unreadable' cannot be read: expected" \
	"${ssl[@]}" OCF_RESKEY_ovn_nb_db_privkey="$work/unreadable"

# --- the distribution's own units -----------------------------------------------------------

# systemctl as far as it is asked; what it says of each unit is in a file of that name.
mkdir -p "$work/units" "$work/bin"
cat >"$work/bin/systemctl" <<END
#!/bin/sh
[ "\$1" = show ] || exit 1
for unit; do
	case \$unit in
	*.service)
		echo "Id=\$unit"
		cat $work/units/\$unit 2>/dev/null || printf 'ActiveState=inactive\nUnitFileState=\n'
		echo ;;
	esac
done
END
chmod 755 "$work/bin/systemctl"
host_path=$work/bin:$host_path
unit() { printf 'ActiveState=%s\nUnitFileState=%s\n' "$2" "$3" >"$work/units/$1.service"; } # NAME ...

unit ovn-central inactive enabled
unit ovn-ovsdb-server-nb inactive masked
expecting="systemd does not run this host"
expect 1 validate-all 0 OCF_CHECK_LEVEL=10
mkdir -p /run/systemd/system
before=$(host)
for action in start validate-all; do
	expecting="a unit is enabled"
	expect 1 $action 5 "^ovn-central.service is enabled .*: systemctl mask --now ovn-central" \
		OCF_CHECK_LEVEL=10
done
unit ovn-ovsdb-server-sb active static
unit ovn-northd inactive enabled-runtime
expecting="several are enabled or active"
expect 1 start 5 "mask --now ovn-central.service ovn-ovsdb-server-sb.service ovn-northd.service$"
unit ovn-central inactive masked
unit ovn-northd inactive disabled
expecting="one is active"
expect 1 start 5 "^ovn-ovsdb-server-sb.service is active .*: systemctl mask --now ovn-ovsdb"
expecting="what looks or takes down does not mind"
expect 1 monitor 7 "${probe[@]}"
expect 1 stop 0
rm -r "$(state_dir 1)"
is "none of that touched the host" "$(host)" "$before"
unit ovn-ovsdb-server-sb inactive masked

expecting="a probe with a wrong configuration"
before=$(host)
expect 1 monitor 7 "${probe[@]}" OCF_RESKEY_master_ip=foo
is "none of that touched the host" "$(host)" "$before"

# --- on a copy that runs --------------------------------------------------------------------

# All but what the server says of them itself, some seconds later.
connections() {
	nbctl 1 --columns=_uuid,target,inactivity_probe,max_backoff,external_ids,other_config list Connection
}

# Each of them breaks start, and says nothing of where the servers are.
broken=(OCF_RESKEY_master_ip=foo OCF_RESKEY_nb_master_port=0 OCF_RESKEY_sb_master_protocol=udp
	OCF_RESKEY_inactive_probe_interval=abc OCF_RESKEY_manage_northd=maybe
	OCF_RESKEY_node_addresses=node1)
expecting="a good configuration"
expect 1 start 0
expect 1 promote 0
rows=$(connections)
expecting="promoted, with a broken configuration"
expect 1 monitor 8 "${as_promoted[@]}" "${broken[@]}"
expect 1 promote 6 "^master_ip: 'foo'" "${broken[@]}"
expect 1 reload-agent 6 "^master_ip: 'foo'" "${broken[@]}"
is "nothing was changed by that" "$(connections)" "$rows"
expect 1 demote 0 "${broken[@]}"
is "it is a backup" "$(state 1 nb) $(state 1 sb) $(listening)" "backup backup "
expecting="unpromoted, with a broken configuration"
expect 1 monitor 0 "${as_unpromoted[@]}" "${broken[@]}"
expect 1 notify 0 "${broken[@]}" OCF_RESKEY_CRM_meta_notify_type=post \
	OCF_RESKEY_CRM_meta_notify_operation=promote OCF_RESKEY_CRM_meta_notify_promote_uname=node2
expect 1 stop 0 "${broken[@]}"
is "nothing runs" "$(processes)" ""
expect 1 stop 0 "${broken[@]}"

finish
