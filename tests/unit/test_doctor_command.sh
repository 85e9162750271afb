#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `ovnha doctor` on configurations in files: its words, its exit codes, its page.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

data=$OVNHA_SRCDIR/tests/data/pacemaker
ovnha=$OVNHA_BUILDDIR/cli/.libs/ovnha
[[ -x $ovnha ]] || ovnha=$OVNHA_BUILDDIR/cli/ovnha
work=$(mktemp -d)
on_exit rm -rf "$work"

doctor() { # ARGUMENT...
	LD_LIBRARY_PATH="$OVNHA_BUILDDIR/libovnha/.libs" "$ovnha" doctor "$@" 2>&1
}

ends_with() { # CODE PATTERN ARGUMENT...
	local wanted=$1 pattern=$2 code=0 told
	shift 2
	told=$(doctor "$@") || code=$?
	if [[ $code == "$wanted" && $told =~ $pattern ]]; then
		pass "doctor ${*##*/} ends with $wanted"
	else
		fail "doctor ${*##*/} ends with $wanted" "$code: $told"
	fi
}

# The one of the data with a fencing device.
sed -e '/"stonith-enabled"/s/false/true/' \
	-e 's|</resources>|<primitive id="fence" class="stonith" type="fence_x"/>&|' \
	"$data/plain.cib.xml" >"$work/good.xml"
sed '/name="notify" value/d' "$work/good.xml" >"$work/warning.xml"
echo '<cib/>' >"$work/empty.xml"

ends_with 0 "no known mistake" --cib "$work/good.xml"
ends_with 1 "warning   notify: .*pcs: pcs resource meta.*crm: crm resource meta" --cib "$work/warning.xml"
ends_with 2 "critical  fencing: " --cib "$data/plain.cib.xml"
ends_with 3 "no resource of ocf:ovnha:ovndb-servers" --cib "$work/empty.xml"
ends_with 3 "cannot read" --cib "$work/nothing.xml"
ends_with 3 "takes no 'node1'" --cib "$work/good.xml" node1

is "--json" "$(doctor --json --cib "$data/plain.cib.xml" | python3 -c 'import json, sys
all = json.load(sys.stdin)
print(all["schema"], all["resource"], *[(one["check"], one["severity"]) for one in all["findings"]])')" \
	"2 ovndb ('fencing', 'critical')"

# shellcheck disable=SC2016
is "doc/doctor.md has the checks of --list, in its order" \
	"$(sed -n 's/^| \(`[^|]*`\) |.*/\1/p' "$OVNHA_SRCDIR/doc/doctor.md" | tr -d '`,' | xargs)" \
	"$(doctor --list | cut -d' ' -f1 | xargs)"
finish
