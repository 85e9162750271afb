#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# ovnha backup and restore on real servers; the resident helper's answers are the test's.

# shellcheck disable=SC2317 # commands are called by ok and refused

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

command=$OVNHA_BUILDDIR/cli/.libs/ovnha
[[ -x $command ]] || command=$OVNHA_BUILDDIR/cli/ovnha
answers=$work/answers
mkdir -p "$work/run/ovndb" "$answers" "$work/durable/ovndb"

ovnha() { # ARGUMENTS...
	LD_LIBRARY_PATH=$OVNHA_BUILDDIR/libovnha/.libs OVNHA_STATE_DIR=$work/run \
		timeout 120 "$command" "$@"
}

helper_says() { # CANDIDACY REASON SERVING
	cat >"$answers/judge" <<-JSON
		{"record": "{\"format\":1,\"generation\":\"6a0d2ab2-7a3e-4c1f-9a5f-0d4b2d1f7c11\",\"counter\":7,\"revision\":3,\"active\":\"node1\",\"in-sync\":{\"node1\":\"\"},\"leaving\":{},\"attempt\":\"\",\"attempt-counter\":0,\"attempt-node\":\"\"}",
		"candidacy": "$1", "reason": "$2", "serving": $3, "node": "node1", "nodes": {},
		"databases": [{"name": "nb", "socket": "$(socket 1 nb)"}, {"name": "sb", "socket": "$(socket 1 sb)"}],
		"record-file": "$work/durable/ovndb/record.json"}
	JSON
}

says() { # TEXT COMMAND...: it fails, with this text
	local text=$1 said
	shift
	! said=$("$@" 2>&1) || { echo "it did not fail: $said"; return 1; }
	[[ $said == *"$text"* ]] || { echo "it says: $said"; return 1; }
}

rows() { # what there is, under the UUIDs it has
	local table
	for table in NB_Global Logical_Switch Logical_Switch_Port; do
		ovsdb-client -f csv dump "$(socket 1 nb)" OVN_Northbound "$table" | sort
	done
	ovsdb-client -f csv dump "$(socket 1 nb)" OVN_Northbound Connection _uuid target external_ids | sort
}

rows_are() { diff "$1" <(rows); } # FILE

expect 1 start 0
expect 1 promote 0
"$OVNHA_BUILDDIR/tests/lib/fake_helper" "$work/run/ovndb/helper.ctl" "$answers" &
wait_for 30 test -S "$work/run/ovndb/helper.ctl" || bail_out "no helper"
nbctl 1 set NB_Global . external_ids:ovnha-ovndb-generation=now external_ids:mine=A
nbctl 1 ls-add a1 -- lsp-add a1 p1 -- ls-add a2 -- set Logical_Switch a2 other_config:subnet=10.0.0.0/24

# --- backup ---------------------------------------------------------------------------------

helper_says "may not be promoted" "is not in sync with generation 6a0d2ab2" false
ok "a copy that is not in sync is not backed up" says "run it there" ovnha backup --to "$work/A"
refused "nothing is left of it" ls -d "$work/A"*
helper_says "may be promoted" "is in sync with generation 6a0d2ab2" true
rows >"$work/rows.A"
ok "one that is in sync is" ovnha backup --to "$work/A"
is "of each database, for root only" "$(stat -c '%a %n' "$work/A"/* | sed "s,$work/,,")" \
	"600 A/manifest.json"$'\n'"600 A/ovnnb_db.db"$'\n'"600 A/ovnsb_db.db"
is "an ordinary file" "$(ovsdb-tool db-name "$work/A/ovnnb_db.db")" OVN_Northbound
ok "with all the rows" grep -q '"Logical_Switch": 2' "$work/A/manifest.json"
ok "of this generation" grep -q '"counter": 7' "$work/A/manifest.json"
ok "with its sum" grep -qF "$(sha256sum <"$work/A/ovnnb_db.db" | cut -d' ' -f1)" "$work/A/manifest.json"
ok "with the version of its schema" grep -qF "\"$(ovsdb-tool db-version "$work/A/ovnnb_db.db")\"" "$work/A/manifest.json"
ok "another does not take its place" says "is there already" ovnha backup --to "$work/A"
is "nothing half made is left" "$(cd "$work" && echo A*)" A
ok "its usual place is beside the record" ovnha backup
ok "another has a place of its own, in the same second, too" ovnha backup
is "there are two" "$(find "$work/durable/ovndb/backups" -name manifest.json | wc -l)" 2
mv "$(socket 1 sb | sed s,unix:,,)" "$work/away"
ok "one database that cannot be read" says "no backup was made" ovnha backup --to "$work/C"
refused "leaves no backup" ls -d "$work/C"*
mv "$work/away" "$(socket 1 sb | sed s,unix:,,)"

# --- what is not restored -------------------------------------------------------------------

nbctl 1 ls-del a1 -- set Logical_Switch a2 other_config:subnet=10.9.0.0/24 -- ls-add b1
nbctl 1 set NB_Global . external_ids:ovnha-ovndb-generation=later external_ids:mine=B
rows >"$work/rows.B"
helper_says "may be promoted" "is in sync with generation 6a0d2ab2" false
ok "a replica says where to restore" says "run it on node1" ovnha restore --yes "$work/A"
helper_says "may be promoted" "is in sync with generation 6a0d2ab2" true
ok "restore asks first" says "ovnha restore --yes $work/A" ovnha restore "$work/A"
cp -r "$work/A" "$work/bad"
echo >>"$work/bad/ovnnb_db.db"
ok "a file that is not what was saved" says "sha256" ovnha restore --yes "$work/bad"
cp -r "$work/A" "$work/when"
sed -i 's/"taken": [0-9]*/"taken": 99999999999999999/' "$work/when/manifest.json"
ok "one of a time that nobody can name" says "when it was taken" ovnha restore "$work/when"
cp -r "$work/A" "$work/whose"
sed -i '/"resource":/d' "$work/whose/manifest.json"
ok "one that does not say whose it is" says "of which resource" ovnha restore "$work/whose"
sed 's/"cksum": "[^"]*"/"cksum": "1 2"/' /usr/share/ovn/ovn-nb.ovsschema >"$work/other.ovsschema"
ovsdb-tool create "$work/other.db" "$work/other.ovsschema"
ok "a file of another schema" says "needs conversion" ovnha restore --yes "$work/other.db"
ovsdb-tool create "$work/foreign.db" /usr/share/openvswitch/vswitch.ovsschema
ok "a file of another database" says "Open_vSwitch" ovnha restore --yes "$work/foreign.db"
ok "a file that is none" says "not done" ovnha restore --yes "$work/rows.A"
# Killed while it reads what there is now, which is in no directory of the test's.
mkdir -p "$work/bin"
cat >"$work/bin/ovsdb-tool" <<-SCRIPT
	#!/bin/sh
	case \$1:\$2 in
	query:$work/*) ;;
	query:*)
		readlink "\$2" >"$work/read" || echo "\$2" >"$work/read"
		kill -KILL \$PPID
		exit 1
		;;
	esac
	exec "$(command -v ovsdb-tool)" "\$@"
SCRIPT
chmod +x "$work/bin/ovsdb-tool"
PATH=$work/bin:$PATH refused "a restore that is killed" ovnha restore --yes "$work/A"
ok "... while it reads what there is" test -s "$work/read"
refused "... leaves no copy of that" test -e "$(sed 's/ (deleted)$//' "$work/read")"
ok "nothing of this has changed anything" rows_are "$work/rows.B"
refused "nor begun a generation" grep renew "$answers/asked"

# --- restore --------------------------------------------------------------------------------

ok "a generation that does not begin" says "refused by the test" ovnha restore --yes "$work/A"
echo '{}' >"$answers/renew"
echo '{}' >"$answers/renew-open"
: >"$answers/asked"
ok "it is said again" ovnha restore --yes "$work/A"
sed 's/ovnha-ovndb-generation=now/ovnha-ovndb-generation=later/' "$work/rows.A" >"$work/rows.wanted"
ok "exactly what was saved is there, but for our own key" rows_are "$work/rows.wanted"
is "a generation was begun" "$(grep renew "$answers/asked" | paste -sd' ')" "ovnha/renew ovnha/renew-open"
before=$(find "$work/durable/ovndb/backups" -name 'before-restore-*' | sort | head -n 1)
ok "what was there was saved, and is a file to restore" ovnha restore --yes "$before/ovnnb_db.db"
ok "it is back" rows_are "$work/rows.B"
expect 1 monitor 8 "${as_promoted[@]}"

finish
