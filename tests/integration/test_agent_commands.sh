#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The agent's program where it needs no cluster and no OVN: metadata, usage,
# validation, unknown actions.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

# The program itself rather than libtool's wrapper, which needs a PATH.
agent=$OVNHA_BUILDDIR/agent/.libs/ovndb-servers
[[ -x $agent ]] || agent=$OVNHA_BUILDDIR/agent/ovndb-servers
libs=$OVNHA_BUILDDIR/libovnha/.libs
pcs_schema=/usr/share/pcs/data/ocf-1.1.rng

work=$(mktemp -d)
on_exit rm -rf "$work"

# run ACTION [NAME=VALUE...]: exit code, stdout and stderr into $work.  Nothing
# of our own environment comes along, and there is no PATH to find programs in.
run() {
	local action=$1 code=0
	shift
	env -i PATH=/nonexistent LD_LIBRARY_PATH="$libs" "$@" "$agent" "$action" extra \
		>"$work/out" 2>"$work/err" </dev/null || code=$?
	printf '%d' "$code" >"$work/code"
}

code() { cat "$work/code"; }
reason() { sed -n 's/^ocf-exit-reason://p' "$work/err"; }

# validates DESCRIPTION SCHEMA
validates() {
	if ! command -v xmllint >/dev/null; then
		skip "$1" "xmllint (libxml2-utils) is not installed"
	elif [[ ! -r $2 ]]; then
		skip "$1" "$2 is not installed"
	else
		ok "$1" xmllint --noout --relaxng "$2" "$work/metadata.xml"
	fi
}

run meta-data
is "meta-data succeeds" "$(code)" 0
is "meta-data says nothing on stderr" "$(cat "$work/err")" ""
cp "$work/out" "$work/metadata.xml"
validates "the metadata is what OCF 1.1 asks for" "$OVNHA_SRCDIR/tests/lib/ocf-metadata.rng"
validates "pcs can process the metadata" "$pcs_schema"
is "the name is the file's" \
	"$(sed -n 's/.*<resource-agent name="\([^"]*\)".*/\1/p' "$work/metadata.xml")" \
	"$(basename "$agent")"

if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null && [[ -r /tmp ]]; then
	# The build tree may be closed to others: let nobody run a copy.
	nobody=$(mktemp -d)
	on_exit rm -rf "$nobody"
	chmod 755 "$nobody"
	cp "$agent" "$nobody/ovndb-servers"
	cp -P "$libs"/libovnha.so* "$nobody" 2>/dev/null || true
	chmod 755 "$nobody"/*
	ok "meta-data works for nobody" env -i LD_LIBRARY_PATH="$nobody" \
		setpriv --reuid=65534 --regid=65534 --clear-groups --reset-env \
		env LD_LIBRARY_PATH="$nobody" "$nobody/ovndb-servers" meta-data
fi

run usage
is "usage succeeds" "$(code)" 0
ok "usage names actions" grep -q 'validate-all' "$work/out"

run no-such-action
is "an unknown action is not implemented" "$(code)" 3
run ""
is "so is no action" "$(code)" 3

run validate-all OCF_RESKEY_master_ip=192.0.2.10 OCF_RESKEY_ovn_ctl=/nonexistent/ovn-ctl
is "validate-all at level 0 does not touch the host" "$(code)" 0
run validate-all OCF_RESKEY_master_ip=192.0.2.10 OCF_RESKEY_ovn_ctl=/nonexistent/ovn-ctl \
	OCF_CHECK_LEVEL=10
is "at level 10 it does" "$(code)" 5
is "and names the program" "$(reason)" \
	"ovn_ctl: '/nonexistent/ovn-ctl' cannot be executed: expected OVN's ovn-ctl script \
(package ovn-common): No such file or directory"

# wrong CODE REASON NAME=VALUE...: what validate-all says
wrong() {
	local want=$1 text=$2
	shift 2
	run validate-all OCF_RESKEY_master_ip=192.0.2.10 "$@"
	is "$*: code" "$(code)" "$want"
	is "$*: reason" "$(reason)" "$text"
}

wrong 6 "nb_master_port: '0' is not a port: expected a whole number from 1 to 65535" \
	OCF_RESKEY_nb_master_port=0
wrong 6 "sb_master_port: '70000' is not a port: expected a whole number from 1 to 65535" \
	OCF_RESKEY_sb_master_port=70000
wrong 6 "nb_master_protocol: 'udp' is not a protocol: expected tcp or ssl" \
	OCF_RESKEY_nb_master_protocol=udp
wrong 6 "master_ip: '192.0.2.300' is not an address: expected a numeric IPv4 or IPv6 address \
of one host" OCF_RESKEY_master_ip=192.0.2.300
wrong 2 "ovn_nb_db_privkey: '/nonexistent/key' cannot be read: expected a PEM file: No such \
file or directory" OCF_CHECK_LEVEL=10 OCF_RESKEY_ovn_ctl=/bin/true \
	OCF_RESKEY_nb_master_protocol=ssl OCF_RESKEY_ovn_nb_db_privkey=/nonexistent/key

run validate-all OCF_RESKEY_master_ip=x OCF_EXIT_REASON_PREFIX=why:
ok "the prefix of the reason is Pacemaker's choice" grep -q '^why:master_ip' "$work/err"

# Without a server, it says at least what it goes on without.
# shellcheck disable=SC2317 # called by ok
traces() { # NAME=VALUE...
	rm -rf "$work/trace"
	run monitor OCF_RESOURCE_INSTANCE=ovndb:1 OCF_RESKEY_trace_dir="$work/trace/deep" \
		OCF_RESKEY_ovn_rundir="$work/run" OVNHA_STATE_DIR="$work/state" \
		OVNHA_DURABLE_DIR="$work/durable" OVNHA_MODULE="$OVNHA_MODULE" "$@"
	grep -q "debug: " "$work"/trace/deep/ovndb-servers/ovndb.monitor.*
}
ok "OCF_TRACE_RA: a file of the action's own, down to debug" traces OCF_TRACE_RA=1
ok "trace_ra: the same" traces OCF_RESKEY_trace_ra=true
refused "neither: none" traces OCF_RESKEY_trace_ra=0

finish
