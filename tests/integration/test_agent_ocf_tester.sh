#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What ocf-tester of the package resource-agents finds, on real servers.  Its check of the
# metadata uses the DTD of OCF 1.0, which has no place for what OCF 1.1 demands; that one
# complaint is expected, any other fails.  test_agent_commands.sh checks the metadata.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
command -v ocf-tester >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v ocf-tester >/dev/null ||
	skip_all "ocf-tester (package resource-agents) is not installed"
[[ ${OVNHA_ISOLATED-} || $(id -u) == 0 ]] || skip_all "ocf-tester becomes nobody, which needs root"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

old_dtd="Your agent produces meta-data which does not conform to ra-api-1.dtd"

# It runs meta-data as nobody, who may not be able to enter the build tree.
mkdir -p "$work/ocf" "$(state_dir 1)"
cp "$agent" "$work/ocf/ovndb-servers"
cp "$(dirname "$agent")/ovnha-helper" "$work/ocf/ovnha-helper"
cp -P "$OVNHA_BUILDDIR"/libovnha/.libs/libovnha.so* "$work/ocf"
chmod -R a+rX "$work"

tester() { # NAME=VALUE...: ocf-tester with these parameters
	local options=() parameter
	for parameter; do options+=(-o "$parameter"); done
	env -i PATH="$host_path" LD_LIBRARY_PATH="$work/ocf" OVNHA_STATE_DIR="$(state_dir 1)" \
		OVNHA_HELPER="$work/ocf/ovnha-helper" \
		OVNHA_MODULE="$module" \
		ocf-tester -n ovndb "${options[@]}" "$work/ocf/ovndb-servers" >"$work/tester" 2>&1 || true
	grep '^\* rc=' "$work/tester" | grep -vF "$old_dtd" || true
}

for parameters in "master_ip=$vip" "master_ip=$vip manage_northd=yes" "listen_on_master_ip_only=no"; do
	# shellcheck disable=SC2086 # words
	complaints=$(tester $parameters)
	is "ocf-tester has no complaint ($parameters)" "$complaints" ""
	ok "and came to its end" grep -qE 'passed all tests|failed 1 tests' "$work/tester"
	diag "$(cat "$work/tester")"
	is "nothing runs after it" "$(processes)" ""
done

finish
