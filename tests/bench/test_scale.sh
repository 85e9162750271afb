#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_scale - the clients of the scale benchmark against real servers: they monitor, hear of
# changes, come back, leave a relay that has lost its source, and see what ovn-controller sees; and
# what their log comes to.

# shellcheck disable=SC2317,SC2329 # questions are called by ok and ok_within

set -euo pipefail

SOURCE=${OVNHA_SRCDIR:-${BASH_SOURCE[0]%/tests/bench/*}}
# shellcheck source=tests/lib/tap.sh
. "$SOURCE/tests/lib/tap.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
# shellcheck source=tests/lib/hosts.sh
. "$SOURCE/tests/lib/hosts.sh"

crowd_program=$OVNHA_BUILDDIR/tests/bench/crowd
times=$SOURCE/tests/bench/crowd_times
schema=/usr/share/ovn/ovn-sb.ovsschema
[[ -r $schema ]] || skip_all "no $schema"
# More than the server's queue of new connections holds.
CLIENTS=30

# --- what a log comes to ----------------------------------------------------------------------

says() { # WANTED ARGUMENTS-OF-crowd_times...
	local wanted=$1
	shift
	[[ $("$times" "$@" | xargs) == "$wanted" ]] || { "$times" "$@"; return 1; }
}

# Client 1 is lost and comes back after 5 ms; client 2 never leaves, and hears nothing for 20 ms.
# The last line is not all there yet.
cat >"$work/log" <<'LOG'
1000000 1 served 100
1000000 2 served 100
9000000 2 update 10
11000000 1 lost 0
12000000 1 failed 0
15000000 1 served 200
21000000 1 update 30
29000000 2 update 40
LOG
printf '39000000 2 upda' >>"$work/log"
ok "times and sizes since the event" says "lost 1 failed 1 served 1 served_median_ms 5 served_last_ms 5 \
served_bytes 200 updated 2 update_bytes 35 pause_median_ms 17 pause_longest_ms 20" "$work/log" 10000000
refused "not all were served anew" "$times" "$work/log" 10000000 --all 2
ok "all have heard of something" "$times" "$work/log" 10000000 --all 2 --by update
refused "later, only one has" "$times" "$work/log" 22000000 --all 2 --by update
printf '%s\n' '1000000 1 served 9' '2000000 1 update 9' '5000000 1 lost 0' '6000000 1 served 9' >"$work/again"
ok "one has come back" "$times" "$work/again" 4000000 --all 1
refused "what it has asked for is no news" "$times" "$work/again" 4000000 --all 1 --by update

# --- against servers --------------------------------------------------------------------------

serve() { # NAME PORT DATABASE
	ovsdb-server --detach --no-chdir --pidfile="$work/$1.pid" --unixctl="$work/$1.ctl" \
		--log-file="$work/$1.log" -vconsole:off -vsyslog:off --remote="ptcp:$2:127.0.0.1" "$3"
}

end_server() { # NAME
	local pid
	pid=$(<"$work/$1.pid")
	kill -KILL "$pid"
	wait_for 30 gone "$pid"
}

insert() { # TABLE ROW
	ovsdb-client transact tcp:127.0.0.1:7001 \
		"[\"OVN_Southbound\",{\"op\":\"insert\",\"table\":\"$1\",\"row\":$2}]"
}

count_of() { # METRIC LOG FROM
	"$times" "$2" "$3" | sed -n "s/^$1 //p"
}

now() { "$OVNHA_BUILDDIR/tests/bench/measure" now; }

run_crowd() { # NAME PORT OPTION...
	"$crowd_program" -n "$CLIENTS" "${@:3}" 127.0.0.1 "$2" "$work/$1" &
}

all_served() { "$times" "$work/$1" "$2" --all "$CLIENTS"; } # NAME FROM
all_heard() { "$times" "$work/$1" "$2" --all "$CLIENTS" --by update; } # NAME FROM

ovsdb-tool create "$work/sb.db" "$schema"
serve source 7001 "$work/sb.db"
serve relay 7002 relay:OVN_Southbound:tcp:127.0.0.1:7001
run_crowd direct 7001
run_crowd relayed 7002
ok_within 120 "all connect" all_served direct 0
ok_within 120 "all connect to the relay" all_served relayed 0

at=$(now)
insert Address_Set '{"name":"a"}' >"$work/out"
ok_within 60 "all hear of a change" all_heard direct "$at"
ok_within 60 "so do those behind the relay" all_heard relayed "$at"

# A client with datapath A is not told of datapath B's ports.
insert Datapath_Binding '{"tunnel_key":1}' >"$work/a"
insert Datapath_Binding '{"tunnel_key":2}' >"$work/b"
a=$(grep -oE '[0-9a-f-]{36}' "$work/a") b=$(grep -oE '[0-9a-f-]{36}' "$work/b")
printf 'datapath %s\n' "$a" >"$work/rows"
run_crowd chassis 7001 -d "$work/rows"
ok_within 120 "clients with a datapath connect" all_served chassis 0
at=$(now)
insert Port_Binding "{\"logical_port\":\"b1\",\"tunnel_key\":1,\"datapath\":[\"uuid\",\"$b\"]}" >"$work/out"
ok_within 60 "those that monitor all hear of a port" all_heard direct "$at"
is "those with another datapath do not" "$(count_of updated "$work/chassis" "$at")" 0
insert Port_Binding "{\"logical_port\":\"a1\",\"tunnel_key\":1,\"datapath\":[\"uuid\",\"$a\"]}" >"$work/out"
ok_within 60 "of their own they do" all_heard chassis "$at"

at=$(now)
end_server source
serve source 7001 "$work/sb.db"
ok_within 120 "the server is another one: all come back" all_served direct "$at"
is "each was lost once" "$(count_of lost "$work/direct" "$at")" $CLIENTS
ok_within 120 "the relay is back: its clients hear of it" all_heard relayed "$at"
is "none of them was lost" "$(count_of lost "$work/relayed" "$at")" 0

# 30 s later it says that it is disconnected.
at=$(now)
end_server source
everyone_left() { (($(count_of lost "$work/relayed" "$at") == CLIENTS)); }
ok_within 120 "a relay that has no source for long is left" everyone_left
serve source 7001 "$work/sb.db"
ok_within 120 "and taken again when it has" all_served relayed "$at"
finish
