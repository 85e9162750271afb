#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What `ovnha` makes of a helper that is not there, says no, or hangs.  An ovsdb-server's control
# socket takes the helper's place: it speaks the same, and knows none of its commands.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

ovnha=$OVNHA_BUILDDIR/cli/.libs/ovnha
[[ -x $ovnha ]] || ovnha=$OVNHA_BUILDDIR/cli/ovnha

says() { # CODE PATTERN ARGUMENTS...: exits with CODE, and what it says matches
	local wanted=$1 pattern=$2 code=0
	shift 2
	timeout -k 5 180 env LD_LIBRARY_PATH="$OVNHA_BUILDDIR/libovnha/.libs" \
		OVNHA_STATE_DIR="$work/state" "$ovnha" "$@" >"$work/out" 2>&1 </dev/null || code=$?
	if [[ $code == "$wanted" && $(cat "$work/out") =~ $pattern ]]; then
		pass "${expecting:-ovnha}: $1 exits with $wanted"
	else
		fail "${expecting:-ovnha}: $1 exits with $wanted" "exit code: $code"$'\n'"$(cat "$work/out")"
	fi
}

expecting="no helper"
says 3 "no resource has a resident helper" status
says 3 "no resource has a resident helper" accept-loss --yes
says 2 "not done: nobody listens" accept-loss --yes --resource ovndb
says 3 "too long" status --resource "$(printf 'x%.0s' {1..300})"
says 3 "no command .surrender" surrender

mkdir -p "$work/state/ovndb"
ovsdb-server --detach --no-chdir --no-db --pidfile="$work/fake.pid" --log-file="$work/fake.log" \
	--unixctl="$work/state/ovndb/helper.ctl" 2>/dev/null ||
	bail_out "cannot start what takes the helper's place"
expecting="one that says no"
says 3 "not a valid command" status
says 2 "not done: .*not a valid command" accept-loss --yes

kill -STOP "$(cat "$work/fake.pid")"
expecting="one that hangs"
says 3 "not known whether it is done" accept-loss --yes

finish
