#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Moves of the role that are interrupted, that have no time left, and that meet another one: what
# they leave behind, and what they say.  Pacemaker's tools are replaced by some that hang when they
# are told to, and write down what they were asked to change.

# shellcheck disable=SC2317 # questions are called by ok and wait_for

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

ovnha=$OVNHA_BUILDDIR/cli/.libs/ovnha
[[ -x $ovnha ]] || ovnha=$OVNHA_BUILDDIR/cli/ovnha
work=$(mktemp -d)
on_exit rm -rf "$work"
on_exit kill_jobs
export LD_LIBRARY_PATH=$OVNHA_BUILDDIR/libovnha/.libs OVNHA_STATE_DIR=$work/state
readonly DATA=$OVNHA_SRCDIR/tests/data/pacemaker

mkdir -p "$work/bin" "$work/state"
# Each hangs for as long as there is a file of its name.
cat >"$work/bin/crm_mon" <<SCRIPT
#!/bin/sh
echo crm_mon >>"$work/looks"
while [ -e "$work/hang.crm_mon" ]; do sleep 0.1; done
[ ! -e "$work/slow" ] || sleep 20
cat "$DATA/plain.crm_mon.xml"
SCRIPT
cat >"$work/bin/cibadmin" <<SCRIPT
#!/bin/sh
case "\$1" in
--query) exec cat "$work/cib" ;;
esac
echo "cibadmin \$*" >>"$work/changes"
while [ -e "$work/hang\$1" ]; do sleep 0.1; done
if [ "\$1" = --create ] && [ -e "$work/cib.other" ]; then
	mv "$work/cib.other" "$work/cib"
	exit 76
fi
SCRIPT
cat >"$work/bin/crmadmin" <<'SCRIPT'
#!/bin/sh
echo '<pacemaker-result><crmd state="S_IDLE"/></pacemaker-result>'
SCRIPT
cat >"$work/bin/crm_attribute" <<SCRIPT
#!/bin/sh
echo "crm_attribute \$*" >>"$work/changes"
while [ -e "$work/hang.crm_attribute" ]; do sleep 0.1; done
SCRIPT
chmod +x "$work/bin"/*
PATH=$work/bin:$PATH

begin() { # TITLE: nothing has happened yet
	expecting=$1
	rm -f "$work"/hang* "$work/slow" "$work/cib.other"
	: >"$work/changes"
	: >"$work/looks"
	cp "$DATA/plain.cib.xml" "$work/cib"
}

with_move() { # TO UNTIL: the CIB that has another one's constraint
	sed "s|<constraints>|&<rsc_location id=\"ovnha-move-ovndb-clone\" rsc=\"ovndb-clone\" role=\"Promoted\"><rule id=\"another-rule\" score=\"INFINITY\" boolean-op=\"and\"><expression id=\"another-node\" attribute=\"#uname\" operation=\"eq\" value=\"$1\" type=\"string\"/><date_expression id=\"another-until\" operation=\"lt\" end=\"$2\"/></rule></rsc_location>|" \
		"$DATA/plain.cib.xml"
}

run() { # ARGUMENT...: in the background
	"$ovnha" "$@" >"$work/out" 2>&1 </dev/null &
	pid=$!
}

ends() { # CODE PATTERN
	local code=0
	wait "$pid" || code=$?
	if [[ $code == "$1" && $(<"$work/out") =~ $2 ]]; then
		pass "$expecting: it ends with $1"
	else
		fail "$expecting: it ends with $1" "it is $code: $(<"$work/out")"
	fi
}

asks_to() { # PATTERN: some change was begun
	grep -q -e "$1" "$work/changes"
}

is_awaited() { # the move: two looks were before it
	(($(wc -l <"$work/looks") > 2))
}

rule_of() { # --create|--delete: the rule that it is about
	sed -n "s/^cibadmin $1.*\(ovnha-move-ovndb-clone-by-[^'\"]*\).*/\1/p" "$work/changes" | sort -u
}

begin "no time"
touch "$work/slow"
run --timeout 2 switchover node1
ends 3 "crm_mon did not end in time"
is "no time: nothing is changed" "$(<"$work/changes")" ""

begin "no time for a change"
touch "$work/hang--create"
run --timeout 15 switchover node1
ends 3 "Pacemaker was not told: cibadmin did not end in time"
ok "no time for a change: what may be there is removed" asks_to "--delete.*$(rule_of --create)"

for signal in INT TERM HUP; do
	begin "$signal amid a look"
	touch "$work/hang.crm_mon"
	run switchover node1
	ok_within 30 "$signal amid a look: it looks" test -s "$work/looks"
	kill "-$signal" "$pid"
	ends 3 "interrupted, and nothing is changed: crm_mon was interrupted"
	is "$signal amid a look: nothing is changed" "$(<"$work/changes")" ""
done

begin "amid the change"
touch "$work/hang--create"
run switchover node1
ok_within 30 "amid the change: it is begun" asks_to --create
kill -INT "$pid"
ends 3 "Pacemaker was not told: cibadmin was interrupted"
ok "amid the change: what may be there is removed" asks_to "--delete.*$(rule_of --create)"

begin "amid the move"
run switchover node1
ok_within 30 "amid the move: Pacemaker is told" asks_to --create
ok_within 30 "amid the move: it is awaited" is_awaited
kill -INT "$pid"
ends 3 "constraint ovnha-move-ovndb-clone is removed.*the role is not on node1: interrupted: .*the active is node3 now"
is "amid the move: its own constraint is removed" "$(rule_of --delete)" "$(rule_of --create)"

begin "nobody can remove it"
touch "$work/hang--delete"
run switchover node1
ok_within 30 "nobody can remove it: Pacemaker is told" asks_to --create
ok_within 30 "nobody can remove it: it is awaited" is_awaited
touch "$work/hang.crm_mon"
kill -INT "$pid"
ends 3 "not removed yet, and process [0-9]+ goes on trying.*the active is not known now"
guard=$(sed -n 's/.*and process \([0-9]*\) goes on.*/\1/p' "$work/out")
ok "nobody can remove it: that process is there" kill -0 "$guard"
rm "$work/hang--delete" "$work/hang.crm_mon"
ok_within 60 "nobody can remove it: it ends when somebody can" sh -c "! kill -0 $guard"

begin "maintenance, interrupted"
touch "$work/hang.crm_attribute"
run maintenance on node1
ok_within 30 "maintenance, interrupted: it is begun" asks_to "crm_attribute.*standby.*--update on"
kill -INT "$pid"
ends 3 "not known whether it is done .crm_mon -1.: crm_attribute was interrupted"

begin "the active's maintenance, interrupted"
run maintenance on node3
ok_within 30 "the active's maintenance, interrupted: Pacemaker is told" asks_to --create
ok_within 30 "the active's maintenance, interrupted: it is awaited" is_awaited
kill -INT "$pid"
ends 3 "node3 was not put into standby"
refused "the active's maintenance, interrupted: that is so" asks_to crm_attribute

begin "another one is under way"
with_move node2 "2099-01-01 00:00:00Z" >"$work/cib"
run switchover node1
ends 2 "refused +another move, to node2, is under way.*constraint ovnha-move-ovndb-clone, until 2099"
is "another one is under way: nothing is changed" "$(<"$work/changes")" ""

begin "another one has just begun"
with_move node2 "2099-01-01 00:00:00Z" >"$work/cib.other"
run switchover node1
ends 2 "not done: another move, to node2, has just begun"
refused "another one has just begun: its constraint stays" asks_to "--delete.*another-rule"

begin "another one was cut off"
with_move node2 "2020-01-01 00:00:00Z" >"$work/cib"
run switchover node1
ok_within 30 "another one was cut off: Pacemaker is told" asks_to --create
ok "another one was cut off: what it has left was removed before" \
	sh -c "head -n 1 '$work/changes' | grep -q -e '--delete.*another-rule'"
ok_within 30 "another one was cut off: the move is awaited" is_awaited
kill -INT "$pid"
ends 3 "constraint ovnha-move-ovndb-clone, left by another move, is removed"

finish
