#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_completion - what bash completes after `ovnha`.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

work=$(mktemp -d)
on_exit rm -rf "$work"
mkdir -p "$work/bin" "$work/state/ovndb" "$work/state/other" "$work/files"
touch "$work/files/backup-1"
cat >"$work/bin/ovnha" <<SCRIPT
#!/bin/sh
exec "$OVNHA_BUILDDIR/cli/ovnha" "\$@"
SCRIPT
cat >"$work/bin/crm_node" <<'SCRIPT'
#!/bin/sh
[ "$*" = --list ] && printf '%s\n' '1 alpha member' '2 beta lost'
SCRIPT
chmod +x "$work/bin/"*
PATH=$work/bin:$PATH
export OVNHA_STATE_DIR=$work/state

# shellcheck source=cli/ovnha.bash
. "$OVNHA_SRCDIR/cli/ovnha.bash"

completes() { # DESCRIPTION WANTED WORD...: the last word is the one that is typed
	local description=$1 wanted=$2
	shift 2
	COMP_WORDS=(ovnha "$@")
	COMP_CWORD=$#
	_ovnha
	is "$description" "${COMPREPLY[*]}" "$wanted"
}

completes "a command" "switchover" sw
completes "a command, behind options" "demote" --yes --resource x dem
completes "an option" "--dry-run" --dr
completes "an option, behind a command" "--timeout --to" switchover --t
completes "a resource" "other" --resource ot
completes "a resource, behind a command" "ovndb" status -r ovn
completes "nodes of a switchover" "alpha beta" switchover ""
completes "a node, behind an option with a word" "beta" --timeout 10 switchover b
completes "a node to promote" "alpha" promote a
completes "a node to demote" "alpha" demote a
completes "no second node" "" demote alpha ""
completes "on or off" "on off" maintenance ""
completes "a node in maintenance" "beta" maintenance off b
completes "nothing for a time" "" switchover --timeout ""
completes "a backup's file" "$work/files/backup-1" restore "$work/files/b"
completes "a backup's place" "$work/files/backup-1" backup --to "$work/files/b"
completes "nothing where nothing fits" "" status x
is "bash knows where to ask" "$(complete -p ovnha)" "complete -F _ovnha ovnha"
finish
