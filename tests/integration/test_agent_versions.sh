#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Nodes of two versions: a replica whose schema does not fit the active's is held, says so, and
# follows when it fits; a database that is converted is kept as it was before; and an upgrade of
# all nodes in the right order (doc/upgrade.md).
#
# The other version is made from the installed schemas, as OVN's own versions differ: tables and
# columns are added, a column's type changes.  With OVNHA_OTHER_SCHEMAS=DIRECTORY it is that
# directory's ovn-nb.ovsschema and ovn-sb.ovsschema.

# shellcheck disable=SC2317 # questions are called by ok and ok_within

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

schemas=/usr/share/ovn

# What a newer version has more ("later"), and has otherwise ("changed").
make_schemas() {
	python3 - "$schemas" "$work" <<'END'
import json, sys

def convert(source, target, kind, name):
    with open(f"{source}/{name}.ovsschema") as f:
        schema = json.load(f)
    major, minor, rest = schema["version"].split(".")
    schema["version"] = f"{major}.{int(minor) + 100}.{rest}"
    del schema["cksum"]
    column = {"type": {"key": "string", "value": "string", "min": 0, "max": "unlimited"}}
    schema["tables"]["Later"] = {"columns": {"external_ids": column}, "isRoot": True}
    if kind == "changed":
        root = "NB_Global" if name == "ovn-nb" else "SB_Global"
        schema["tables"][root]["columns"]["ipsec"]["type"] = {
            "key": {"type": "boolean"}, "min": 0, "max": 1}
    with open(f"{target}/{kind}/{name}.ovsschema", "w") as f:
        json.dump(schema, f)

for kind in "later", "changed":
    for name in "ovn-nb", "ovn-sb":
        convert(sys.argv[1], sys.argv[2], kind, name)
END
}

mkdir -p "$work"/{later,changed}
make_schemas || bail_out "cannot make schemas"
changed=${OVNHA_OTHER_SCHEMAS:-$work/changed}

# As what `ovn-ctl` of that version does.
for kind in later changed; do
	directory=$work/$kind
	[[ $kind == later ]] || directory=$changed
	printf '#!/bin/sh\nexec %s --db-nb-schema=%s --db-sb-schema=%s "$@"\n' "$ovn_ctl" \
		"$directory/ovn-nb.ovsschema" "$directory/ovn-sb.ovsschema" >"$work/$kind/ovn-ctl"
	chmod 755 "$work/$kind/ovn-ctl"
done

version_of() { # NODE
	ovsdb-client get-schema-version "$(socket "$1" nb)" OVN_Northbound
}

schema_version() { # DIRECTORY
	ovsdb-tool schema-version "$1/ovn-nb.ovsschema"
}

old=$(schema_version "$schemas")
later=$(schema_version "$work/later")
other=$(schema_version "$changed")

runs_version() { # NODE KIND VERSION: start it with that version's ovn-ctl
	expect "$1" start 0 OCF_RESKEY_ovn_ctl="$work/$2/ovn-ctl" \
		OCF_RESKEY_CRM_meta_notify_promoted_uname=node1
	is "node$1 runs $3" "$(version_of "$1")" "$3"
}

is_held() { [[ $(source_of "$1" nb) == "unix:$(state_dir "$1")/nobody:0" ]]; } # NODE

aside() { # NODE: what was set aside, the time left out
	(cd "$(state_dir "$1")/ovndb/aside" 2>/dev/null && ls) | sed 's/-[0-9TZ]*\.db$//' | paste -sd' '
}

# What the cluster would say and take, for the monitors of NODE.
mkdir "$work/bin"
host_path=$work/bin:$host_path
cluster_says_promoted() { # NODE PROMOTED
	cat >"$work/bin/crm_mon" <<END
#!/bin/sh
cat <<XML
<pacemaker-result><summary><cluster_options maintenance-mode="false"/></summary>
<nodes><node name="node$1" maintenance="false"/><node name="node$2" maintenance="false"/></nodes>
<resources><clone id="c" managed="true">
<resource id="ovndb" role="Promoted" managed="true"><node name="node$2"/></resource>
<resource id="ovndb" role="Unpromoted" managed="true"><node name="node$1"/></resource>
</clone></resources></pacemaker-result>
XML
END
	chmod 755 "$work/bin/crm_mon"
}
printf '#!/bin/sh\necho "$*" >>%s/scores\n' "$work" >"$work/bin/attrd_updater"
chmod 755 "$work/bin/attrd_updater"

# What the helper notes of database files (agent/file_notes.h).
last_record() { # NODE nb|sb
	grep -a '^OVSDB JSON ' "$(dbdir "$1")/ovn$2_db.db" | tail -n 1 | cut -d ' ' -f 4
}

noted() { # NODE nb|sb
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]]["last"])' \
		"$(state_dir "$1")/ovndb/files.json" "$2"
}

note() { # NODE NB'S-LAST-RECORD SB'S-LAST-RECORD
	printf '{"%s": {"first": "0", "last": "%s", "date": 1}, "%s": {"first": "0", "last": "%s", "date": 1}}\n' \
		nb "$2" sb "$3" >"$(state_dir "$1")/ovndb/files.json"
}

# --- one that has more ----------------------------------------------------------------------

expecting="a replica's schema has more"
expect 1 start 0
expect 1 promote 0
nbctl 1 ls-add before
runs_version 2 later "$later"
ok_within 30 "it follows" follows 2 nb tcp:127.0.0.1:6643
ok_within 30 "and has its rows" has_switches 2 before
expect 2 monitor 0 "${as_unpromoted[@]}"
is "nothing was converted, nothing set aside" "$(aside 2)" ""

# The other way round it cannot work.
expecting="the active's schema has more"
expect 1 demote 0
expect 2 promote 0
post_promote 1 2
ok "node1 is held" is_held 1
is "and a backup" "$(state 1 nb) $(state 1 sb)" "backup backup"
expect 1 reload-agent 0
ok "reloaded, it is held" is_held 1
ok "it keeps what it has" has_switches 1 before
expect 2 stop 0
expect 1 stop 0

# --- one that has it otherwise --------------------------------------------------------------

expecting="a replica's schema has it otherwise"
expect 1 start 0
expect 1 promote 0
rm -rf "$(dbdir 2)"
runs_version 2 changed "$other"
ok "node2 is held" is_held 2
is "and a backup" "$(state 2 nb) $(state 2 sb)" "backup backup"
post_promote 2 1
ok "told of the active, it is held" is_held 2
cluster_says_promoted 2 1
expect 2 monitor 190 "^nb cannot replicate: .*\($old\).*\($other\)" "${as_unpromoted[@]}"
ok "it is no candidate" remembers 2 score -1000000
expect 2 monitor 0 "${probe[@]}"
ok "looked at, it is held" is_held 2

# Without the comparison, this is what its server does.
ctl 2 nb ovsdb-server/set-active-ovsdb-server tcp:127.0.0.1:6643
ctl 2 nb ovsdb-server/disconnect-active-ovsdb-server
ctl 2 nb ovsdb-server/connect-active-ovsdb-server
self_promoted() { [[ $(state 2 nb) == active ]]; }
ok_within 30 "connected by hand, it makes itself active" self_promoted
expect 2 stop 0

# --- all nodes, in the right order ----------------------------------------------------------

expecting="an upgrade: replicas first"
rm -rf "$(dbdir 2)" "$(state_dir 2)/ovndb/aside"
expect 2 start 0 OCF_RESKEY_CRM_meta_notify_promoted_uname=node1
ok_within 30 "node2 follows" has_switches 2 before
nbctl 1 ls-add last
ok_within 30 "node2 has all" has_switches 2 "before last"
expect 2 stop 0
mkdir -p "$(state_dir 2)/ovndb"
note 2 "$(last_record 2 nb)" abcdef
runs_version 2 changed "$other"
ok "it is held" is_held 2
ok "its data was converted" has_switches 2 "before last"
is "what came of the file that was noted is noted" "$(noted 2 nb)" "$(last_record 2 nb)"
is "what came of another one is not" "$(noted 2 sb)" abcdef
is "as it was before, it is set aside" "$(aside 2)" \
	"nb-before-conversion-$old sb-before-conversion-$(ovsdb-tool schema-version $schemas/ovn-sb.ovsschema)"
saved=$(echo "$(state_dir 2)"/ovndb/aside/nb-*)
is "for nobody but root" "$(stat -c %a "$saved")" 600
is "in its old version" "$(ovsdb-tool db-version "$saved")" "$old"
ok "with all its rows" grep -q '"last"' "$saved"
is "no second name is left" "$(find "$(dbdir 2)" -name '*ovnha*')" ""
expecting="then the active"
nbctl 1 ls-add meanwhile
expect 1 demote 0
expect 1 stop 0
runs_version 1 changed "$other"
ok "it has everything" has_switches 1 "before last meanwhile"
expect 1 promote 0
post_promote 2 1
ok_within 30 "the replica has what it missed" has_switches 2 "before last meanwhile"
cluster_says_promoted 2 1
expect 2 monitor 0 "${as_unpromoted[@]}"
expect 2 stop 0
expect 1 stop 0

# --- what may go wrong ----------------------------------------------------------------------

expecting="the start broke off after the conversion"
cp "$saved" "$(dbdir 1)/ovnnb_db.db.ovnha-before"
rm -rf "$(state_dir 1)/ovndb/aside"
expect 1 start 0 OCF_RESKEY_ovn_ctl="$work/changed/ovn-ctl"
is "what it left is set aside" "$(aside 1)" "nb-before-conversion-$old"
expect 1 stop 0
expecting="ovn-ctl makes an empty database where it cannot convert"
cat >"$work/changed/ovn-ctl" <<END
#!/bin/sh
case "\$*" in
*start_nb*)
	rm -f $(dbdir 1)/ovnnb_db.db
	ovsdb-tool create $(dbdir 1)/ovnnb_db.db $work/later/ovn-nb.ovsschema ;;
esac
exec $ovn_ctl --db-nb-schema=$work/later/ovn-nb.ovsschema --db-sb-schema=$changed/ovn-sb.ovsschema "\$@"
END
rm -rf "$(state_dir 1)/ovndb/aside"
expect 1 start 0 OCF_RESKEY_ovn_ctl="$work/changed/ovn-ctl"
is "the data is set aside" "$(aside 1)" "nb-before-conversion-$other"
expect 1 stop 0
expecting="the file cannot be kept"
mkdir "$(dbdir 1)/ovnnb_db.db.ovnha-before"
expect 1 start 1 "^cannot keep $(dbdir 1)/ovnnb_db.db as it is before ovn-ctl may convert" \
	OCF_RESKEY_ovn_ctl="$work/changed/ovn-ctl"
refused "it is not served" test -e "$(pidfile 1 nb)"

finish
