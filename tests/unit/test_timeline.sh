#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `ovnha timeline` on logs and a CIB that a cluster of three hosts has left: the active's server
# was killed (on_crash=move), the role was banned from a node, and a host lost power.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

data=$OVNHA_SRCDIR/tests/data/timeline
ovnha=$OVNHA_BUILDDIR/cli/.libs/ovnha
[[ -x $ovnha ]] || ovnha=$OVNHA_BUILDDIR/cli/ovnha
work=$(mktemp -d)
on_exit rm -rf "$work"
export TZ=UTC LC_ALL=C

timeline() { # ARGUMENTS...
	LD_LIBRARY_PATH="$OVNHA_BUILDDIR/libovnha/.libs" "$ovnha" timeline "$@" 2>&1
}

says() { # DESCRIPTION PATTERN...: the text of $told matches each of these, in this order
	local description=$1 rest=$told
	shift
	while (($#)); do
		if [[ ! $rest =~ $1 ]]; then
			fail "$description" "no match for: $1"$'\n'"$told"
			return
		fi
		rest=${rest#*"${BASH_REMATCH[0]}"}
		shift
	done
	pass "$description"
}

says_not() { # DESCRIPTION PATTERN
	if [[ $told =~ $2 ]]; then fail "$1" "$told"; else pass "$1"; fi
}

# Without the history, which has the year of its time, and logs have none.
sed '/<status>/,/<\/status>/d' "$data/move-cib.xml" >"$work/cib.xml"

told=$(timeline --cib "$work/cib.xml" "$data"/kill-node?.txt)
says "kill: who, and for how long" "role went from node2 to node1" "outage    1384 ms: from " \
	"node2: process 218 has ended" "node1: start vip"
says "kill: detection, decisions, operations in their order" "node2 .*process 218 has ended" \
	"a server of the active has died: the role moves: on_crash is move" \
	"score -INFINITY: " "stop vip: 280 ms" "demote ovndb: 308 ms" "promote ovndb: 184 ms" \
	"may be promoted: is in sync" "node1 attempts generation" "promote: open-clients sb: done" \
	"score 100: is active" "start vip: 168 ms"
says_not "kill: details are left out" "notify ovndb"
says_not "kill: nothing is missing" "missing "
told=$(timeline --all --cib "$work/cib.xml" "$data"/kill-node?.txt)
says "kill: --all has details" "notify ovndb" "obeys "


# What a monitor of the active says, in both vocabularies.
{
	cat "$data/kill-node2.txt"
	for result in "promoted (failed) | rc=9" "master (failed) | rc=9" "promoted | rc=8" "master | rc=8"; do
		echo "Nov 21 16:53:53.340 node2 pacemaker-controld  [112] (log_executor_event) 	notice: Result of monitor operation for ovndb on node2: $result"
	done
} >"$work/monitors.txt"
told=$(timeline --cib "$work/cib.xml" "$data/kill-node1.txt" "$work/monitors.txt")
says "a monitor that fails on the active is told of" "node2: promoted \(failed\)"
says "... in the older vocabulary" "node2: master \(failed\)"
says_not "one that succeeds is not" "node2: (promoted|master) \|"

# Of lines of any length those are read that can be ours.
score() { # REASON: a line of the agent
	echo "Nov 21 16:53:53.340 node2 ovndb-servers(ovndb)[282] (publish_if_changed) 	notice: score 100: $1"
}
blanks=$(printf '%4096s' '')
{
	cat "$data/kill-node2.txt"
	score "has ${blanks:200} blanks"
	score "has too many ${blanks} blanks"
} >"$work/long.txt"
told=$(timeline --cib "$work/cib.xml" "$data/kill-node1.txt" "$work/long.txt")
says "a long line is read" "node2 +decision +score 100: has  "
says_not "one that is too long to be the agent's is not" "too many"

# Whatever a log has: characters of four bytes, one of which is cut by the limit of a text, and
# bytes of another encoding.
characters=$(printf '\360\237\230\200%.0s' {1..100})
{
	cat "$data/kill-node2.txt"
	score "reads $characters"
	score $'reads \xe4hnlich'
} >"$work/characters.txt"
told=$(timeline --cib "$work/cib.xml" --json "$data/kill-node1.txt" "$work/characters.txt" |
	python3 -c 'import json, sys
points = json.loads(sys.stdin.buffer.read().decode())["failovers"][-1]["points"]
texts = [point["what"][len("score 100: reads "):] for point in points if point["what"].startswith("score 100: reads ")]
print(*sorted(ascii(text[0]) + " " + str(len(text)) for text in texts), sep="\n")' 2>&1)
is "--json has a text that was cut, and one of another encoding" "$told" "'?' 7"$'\n'"'\U0001f600' 95"
timeline --cib "$work/cib.xml" --svg "$work/characters.svg" "$data/kill-node1.txt" "$work/characters.txt" \
	>"$work/characters.out"
for printed in "$work"/characters.{out,svg}; do
	ok "${printed##*.}: texts are cut between characters" iconv -f UTF-8 -t UTF-8 "$printed"
done

told=$(timeline --cib "$work/cib.xml" --log "$data/kill-node1.txt")
says "the new active's log alone" "from node2 to node1" "not known" "missing   the log of node2"
told=$(timeline --cib "$work/cib.xml" --since 0s "$data"/kill-node?.txt) || true
says "--since: too long ago" "no promotion of ovndb is found since then"
told=$(timeline --cib "$work/cib.xml" --since noon "$data"/kill-node?.txt 2>&1) || true
says "--since: no time" "is no time"
told=$(timeline --cib "$work/cib.xml" --since 400d "$data"/kill-node?.txt "$data"/power-off-node1*.txt)
says "--since: all of them" "from nobody to node2" "from node2 to node1" "from node2 to node1"

told=$(timeline --cib "$work/cib.xml" "$data"/power-off-node1*.txt)
says "power-off: by the log of a node that is left" "from node2 to node1" "link: host: 2 link: 0 is down" \
	"A processor failed" "Node node2 state is now lost" "promote ovndb: 116 ms" \
	"start vip: 168 ms"

told=$(timeline --cib "$data/move-cib.xml")
says "move: by the CIB alone" "2026-11-21 16:54:00.000  the role went from node1 to node2" \
	"outage    at most 2334 ms" "demote ovndb: 49 ms" "promote ovndb: 151 ms" "missing   the log of node1" \
	"missing   the log of node2"

# An address of something else, up on the same node later.
sed -e 's|</resources>|<primitive id="web" class="ocf" type="IPaddr2" provider="heartbeat"><instance_attributes id="w"><nvpair id="w-ip" name="ip" value="10.77.0.200"/></instance_attributes></primitive>&|' \
	-e '0,/<lrm_resources>/s||&<lrm_resource id="web" type="IPaddr2" class="ocf" provider="heartbeat"><lrm_rsc_op id="web_last_0" operation="start" rc-code="0" last-rc-change="1795280043" exec-time="500"/></lrm_resource>|' \
	"$data/move-cib.xml" >"$work/web.xml"
told=$(timeline --cib "$work/web.xml")
says "another address is not waited for" "outage    at most 2334 ms"
says_not "another address is not told of" "start web"
told=$(timeline --cib - <"$data/move-cib.xml")
says "move: by a CIB on standard input" "the role went from node1 to node2"
told=$(timeline --cib "$data/kill-node1.txt" --resource ovndb) || true
says "a file that is no CIB" "no promotion of ovndb is found"
told=$(timeline --cib "$data/kill-node1.txt") || true
says "a file that is no CIB, and no name" "the CIB is no XML"
told=$(timeline --cib "$data/move-cib.xml" --resource ovndb-clone)
says "the clone's name is as good" "the role went from node1 to node2"
sed -e 's|<primitive id="ovndb" [^>]*>|<primitive id="ovndb" template="databases">|' \
	-e 's|<resources>|&<template id="databases" class="ocf" type="ovndb-servers" provider="ovnha"/>|' \
	"$data/move-cib.xml" >"$work/template.xml"
told=$(timeline --cib "$work/template.xml")
says "of a template" "the role went from node1 to node2"
sed 's|<resources>|&<primitive id="other" class="ocf" type="ovndb-servers" provider="ovnha"/>|' \
	"$data/move-cib.xml" >"$work/two.xml"
told=$(timeline --cib "$work/two.xml") || true
says "one of two is not taken without a word" "has 2 resources .*name one with --resource"
told=$(timeline --cib "$work/two.xml" --resource ovndb)
says "the one that is named is" "the role went from node1 to node2"
told=$(timeline --cib "$data/move-cib.xml" --log "$work/nothing") || true
says "a log that is not there" "cannot read the log .*/nothing"

# --- who was the active: by the log of a node that had no part in it ---------------------------

# Of node1 and node2 it has what the CIB knows, which has a year, so its own lines need one.
sed -E 's/^Nov 21 ([0-9:.]+)/2026-11-21T\1000+0000/' "$data/kill-node3.txt" >"$work/node3.txt"
signs='attached to|ovnha_resident_obey_record'
grep -Ev "$signs" "$work/node3.txt" >"$work/no-signs.txt"
grep -v '"attempt-node":"node1"' "$work/node3.txt" >"$work/no-attempt.txt"
grep -v 'attached to' "$work/no-attempt.txt" >"$work/records.txt"
grep -v 'obey_record' "$work/no-attempt.txt" >"$work/attached.txt"

operation_of() { # HOST ACTION TIME: what a detail log says of it
	echo "2026-11-21T$3.000000+0000 $1 pacemaker-execd [109] (log_execute) info: executing - rsc:ovndb action:$2 call_id:9"
	echo "2026-11-21T$3.200000+0000 $1 pacemaker-execd [109] (log_finished) info: ovndb $2 (call 9, PID 9) exited with status 0 (execution time 200ms)"
}

history() { # [HOST ACTION TIME]...: a CIB that knows these operations, to the second
	local states=
	while (($#)); do
		states+="<node_state uname=\"$1\"><lrm><lrm_resources><lrm_resource id=\"ovndb\"><lrm_rsc_op operation=\"$2\" rc-code=\"0\" last-rc-change=\"$(date -d "2026-11-21 $3" +%s)\" exec-time=\"177\"/></lrm_resource></lrm_resources></lrm></node_state>"
		shift 3
	done
	sed "s|</cib>|<status>$states</status>&|" "$work/cib.xml" >"$work/history.xml"
}

history node2 promote 16:53:47
told=$(timeline --cib "$work/history.xml" "$work/node3.txt")
says "bystander: by the record, that nobody was" "from nobody to node2"
history node1 promote 16:53:54
told=$(timeline --cib "$work/history.xml" "$work/node3.txt" <(operation_of node3 promote 16:53:40))
says "bystander: by the record of the attempt" "from node2 to node1"
told=$(timeline --cib "$work/history.xml" "$work/records.txt" <(operation_of node3 promote 16:53:40))
says "bystander: by the record's generation, not by its own promotion of before" "from node2 to node1"
told=$(timeline --cib "$work/history.xml" "$work/attached.txt" <(operation_of node3 promote 16:53:40))
says "bystander: by whom it followed, not by its own promotion of before" "from node2 to node1"
history node1 promote 16:53:54 node2 demote 16:53:53
told=$(timeline --cib "$work/history.xml" "$work/no-signs.txt" <(operation_of node3 promote 16:53:40))
says "bystander: by the demotion seconds before" "from node2 to node1"
told=$(timeline --cib "$work/history.xml" "$work/no-signs.txt" <(operation_of node3 demote 16:53:40))
says "bystander: by the last of two demotions" "from node2 to node1"
history node1 promote 16:53:54 node2 demote 16:52:53
told=$(timeline --cib "$work/history.xml" "$work/no-signs.txt" <(operation_of node3 promote 16:52:40))
says "bystander: a demotion of long before is no sign" \
	"the role went to node1 \(from whom, this node's logs do not know\)" "outage    not known"
told=$(timeline --cib "$work/history.xml" --json "$work/no-signs.txt" |
	python3 -c 'import json, sys; one = json.load(sys.stdin)["failovers"][-1]; print([one["former"], one["former_known"]])')
is "bystander: --json says that it is not known" "$told" "['', False]"
timeline --cib "$work/history.xml" --svg "$work/unsure.svg" "$work/no-signs.txt" >"$work/unsure.out"
ok "bystander: so does the picture" grep -q ': not known to node1<' "$work/unsure.svg"
history node1 promote 16:53:54
told=$(timeline --cib "$work/history.xml" "$work/no-signs.txt" <(operation_of node3 promote 16:52:40))
says "bystander: by a promotion, where there is nothing else" "from node3 to node1"

# --- whose loss was the outage: node2 was the active, node3 was not ----------------------------

at() { # SECOND HOST PROGRAM TEXT...
	echo "Nov 21 16:53:$1 $2 $3 [86] notice: ${*:4}"
}

loss_of() { # KIND N: how node1 tells that the host nodeN is lost
	case $1 in
	link) at 50.000 node1 corosync "link: host: $2 link: 0 is down" ;;
	sync) at 50.000 node1 corosync "Sync left[1]: $2" ;;
	members) at 50.000 node1 corosync "A new membership (1.11) was formed. Members left: $2" ;;
	processor)
		at 50.000 node1 corosync "A processor failed, forming new configuration: token timed out (1650ms)"
		at 51.000 node1 corosync "Sync left[1]: $2"
		;;
	token)
		at 50.000 node1 corosync "Token has not been received in 1237 ms"
		at 50.500 node2 corosync "Sync left[2]: 1 3"
		at 51.000 node1 corosync "A new membership (1.11) was formed. Members left: $2"
		;;
	state) at 50.000 node1 pacemaker-controld "Node node$2 state is now lost" ;;
	dc) at 50.000 node1 pacemaker-controld "Our peer on the DC (node$2) is dead" ;;
	fenced) at 50.000 node1 pacemaker-fenced "Operation 'reboot' targeting node$2 by node1 for pacemaker-controld.9@node1: OK" ;;
	terminated) at 50.000 node1 pacemaker-controld "Peer node$2 was terminated (reboot) by node1 on behalf of pacemaker-controld.9: OK" ;;
	quorum) at 50.000 "node$2" pacemaker-controld "Quorum lost" ;;
	esac
}

for kind in link sync members processor token state dc fenced terminated quorum; do
	loss_of "$kind" 3 >"$work/loss.txt"
	told=$(timeline --cib "$work/cib.xml" "$data"/kill-node?.txt "$work/loss.txt")
	says "the loss of another, $kind: is not the outage" "outage    1384 ms: from "
	says_not "the loss of another, $kind: is a detail" "16:53:50"
	told=$(timeline --cib "$work/cib.xml" --all --since 400d "$data"/kill-node?.txt "$work/loss.txt")
	says "the loss of another, $kind: --all has it" "16:53:50.000"
	told=$(timeline --cib "$work/cib.xml" "$data"/kill-node?.txt <(loss_of "$kind" 2))
	says "the loss of the active, $kind: is the outage" "outage    4715 ms: from " "16:53:50.000 "
done
told=$(timeline --cib "$work/cib.xml" "$data"/kill-node?.txt <(at 50.000 node1 corosync "Sync left[2]: 2 3"))
says "the loss of both is the outage" "outage    4715 ms: from "
told=$(timeline --cib "$work/cib.xml" "$data"/kill-node?.txt <(at 50.000 node1 corosync "Sync left[2]: 12 3"))
says "the loss of one with an id like that is not" "outage    1384 ms: from "
told=$(timeline --cib "$work/cib.xml" "$data"/kill-node?.txt <(at 50.000 node1 pacemaker-controld "Node node state is now lost"))
says "the loss of one with a name like that is not" "outage    1384 ms: from "
{
	at 50.000 node2 "ovndb-servers(ovndb)" "score -INFINITY: nobody is told of it"
	loss_of state 3 | sed s/50.000/51.000/
} >"$work/loss.txt"
told=$(timeline --cib "$work/cib.xml" --all "$data"/kill-node?.txt "$work/loss.txt")
says "the loss of another, after the first cause: is not the outage" "outage    1384 ms: from " \
	"score -INFINITY: nobody" "node3 state is now lost"
at 53.900 node1 pacemaker-controld "Node node3 state is now lost" >"$work/loss.txt"
told=$(timeline --cib "$work/cib.xml" --svg "$work/loss.svg" "$data"/kill-node?.txt "$work/loss.txt")
says_not "the loss of another amid the role change is a detail" "node3 state is now lost"
refused "... and not drawn" grep -q "node3 state is now lost" "$work/loss.svg"
told=$(timeline --cib "$work/cib.xml" --all "$data"/kill-node?.txt "$work/loss.txt")
says "... but told of by --all" "outage    1384 ms: from " "node3 state is now lost"
told=$(timeline --cib "$data/kill-node1.txt" --resource ovndb "$data"/power-off-node1*.txt)
says "without a CIB, a log tells whose id it is" "outage    [0-9]+ ms: from .*link: host: 2 link: 0 is down" \
	"Members left: 2"

# --- without --cib: what this node has, its journal where there is no detail log --------------

mkdir "$work/bin"
cat >"$work/bin/cibadmin" <<SCRIPT
#!/bin/sh
cat "$work/live.xml"
SCRIPT
cat >"$work/bin/journalctl" <<SCRIPT
#!/bin/sh
echo "\$*" >"$work/asked"
cat "$work/journal"
SCRIPT
chmod +x "$work/bin"/*
here() { # LOG ARGUMENTS...: Pacemaker's detail log is that
	PATH=$work/bin:$PATH PCMK_logfile=$1 timeline "${@:2}"
}

# As syslog has it: nothing below "notice", no functions; and as the journal prints it, in its zone.
cat "$data"/kill-node?.txt |
	sed -nE 's/^Nov 21 ([0-9:.]+) ([^ ]+) ([^[]*[^[ ]) *\[([0-9]+)\] \([^)]*\) *\s*(notice|warning|error): (.*)/2026-11-21T\1000+0000 \2 \3[\4]:  \5: \6/p' \
		>"$work/journal"
cp "$work/cib.xml" "$work/live.xml"
told=$(here "$work/no.log")
says "journal: who, and for how long" "role went from node2 to node1" "outage    [0-9]+ ms: from " \
	"node2: process 218 has ended"
says "journal: what it has" "16:53:53.331 .*process 218 has ended" "stop vip: " "demote ovndb: " "promote ovndb: " \
	"node1 attempts generation" "start vip: "
says_not "journal: steps are not in it" "open-clients"
is "journal: it is asked for" "$(<"$work/asked")" \
	"-q -o short-iso-precise -S -7d -n 500000 -u pacemaker -u corosync"
told=$(TZ=CET-1 here none)
says "journal: its stamps have a zone" "17:53:53.331 .*process 218 has ended"
rm "$work/asked"
told=$(here "$data/kill-node1.txt")
says "the detail log: it is read" "from node2 to node1"
refused "the detail log: the journal is not asked then" test -e "$work/asked"
: >"$work/journal"
told=$(here "$work/no.log") || true
says "journal: empty" "neither Pacemaker's detail log nor the journal can be read" "no promotion of ovndb is found"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/journalctl"
cp "$data/move-cib.xml" "$work/live.xml"
told=$(here "$work/no.log")
says "journal: it fails" "neither Pacemaker's detail log nor the journal can be read" \
	"the role went from node1 to node2" "outage    at most 2334 ms"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/cibadmin"
told=$(here "$data/kill-node1.txt") || true
says "no CIB" "the history in the CIB is missing" "name the resource with --resource"
told=$(here "$data/kill-node1.txt" --resource ovndb)
says "no CIB, a name" "from node2 to node1"

told=$(timeline --cib "$work/cib.xml" --json "$data"/kill-node?.txt --svg "$work/kill.svg" |
	python3 -c 'import json, sys
all = json.load(sys.stdin)
one = all["failovers"][-1]
print(all["schema"], all["resource"], one["former"], one["now"], one["outage_ms"])
print([span["to"] - span["from"] for span in one["spans"] if span["what"] == "promote ovndb"])')
is "--json" "$told" "2 ovndb node2 node1 1384
[184]"
if command -v xmllint >/dev/null; then
	ok "--svg is XML" xmllint --noout "$work/kill.svg"
fi
# A log may have anything in it.
sed 's/ in 1237 ms/& <\xff\x01\&/' "$data/power-off-node1-corosync.txt" >"$work/odd.txt"
ok "--svg of odd words" timeline --cib "$work/cib.xml" --svg "$work/odd.svg" "$data/power-off-node1.txt" "$work/odd.txt"
ok "... is XML" python3 -c 'import sys, xml.dom.minidom
assert "1237 ms &lt;??&amp;" in xml.dom.minidom.parse(sys.argv[1]).toxml()' "$work/odd.svg"
ok "--svg has the operations" grep -q 'node1: promote ovndb' "$work/kill.svg"
finish
