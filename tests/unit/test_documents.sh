#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The documents: every block of commands is run by a cluster test, or says that it is not; every
# link leads somewhere; every page can be found from the README; every module is explained.

# shellcheck disable=SC2317 # is_followed is called by ok

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/document.sh
. "$OVNHA_SRCDIR/tests/lib/document.sh"

cd "$OVNHA_SRCDIR"

pages() {
	find README doc -name '*.md' -o -name README | sort
}

commands_without_a_block() { # FILE: indented ones, which no test finds
	awk '/^ *```/ { inside = !inside } !inside && /^ {4,}(sudo )?(pcs|crm|ovnha|crm_[a-z]+|ovn-[a-z]+|systemctl|\.\/bootstrap|make) / { print FILENAME ":" FNR ": " $0 }' "$1"
}

is_followed() { # PAGE STEP
	grep -rqE "follow(_until_well)? ${1%.md} $2( |\$)" tests/cluster
}

dead_links() { # FILE
	local target
	{ grep -oE '\]\([^)#:]+' "$1" || true; } | cut -c3- | grep -vE '^https?$' | while read -r target; do
		[[ -e ${1%/*}/$target || ($1 == README && -e $target) ]] || echo "$1: $target"
	done
}

modules_without_a_row() { # in a table of doc/architecture.md
	local file module
	for file in libovnha/*.c agent/*.c cli/*.c; do
		module=${file##*/}
		grep -qE "^\|.*\`${module%.c}\`.*\|" doc/architecture.md || echo "$file"
	done
}

# One a line, whatever lines they are broken into.
commands_of() { # PREFIX FILE
	sed -z 's/\\\n//g' "$2" | sed -n "s/^[[:space:]]*$1//p" | tr -s ' \t' ' '
}

packages_but_for_headers() { # as a shell's pattern finds their files
	sed -n 's/^Package: \(.*\)/\1_*.deb/p' debian/control | grep -v -- '-dev_' | sort
}

is "doc/architecture.md has all modules" "$(modules_without_a_row)" ""
is "the demonstration types what the README has" \
	"$(commands_of 'type_on node1 ' tests/cluster/demo | grep '^pcs ' | sed 's/[$]VIP/192.0.2.10/')" \
	"$(commands_of '' README | grep '^pcs ')"
is "doc/install.md installs what is needed on a node" \
	"$(grep -oE '[a-z0-9-]+_\*\.deb' doc/install.md | sort)" "$(packages_but_for_headers)"
for page in $(pages); do
	is "$page: its commands are run, or say that they are not" "$(document_unmarked "$page")" ""
	is "$page: no commands beside" "$(commands_without_a_block "$page")" ""
	is "$page: no dead links" "$(dead_links "$page")" ""
	for step in $(document_steps "$page"); do
		ok "$page: $step is run" is_followed "${page##*/}" "$step"
	done
	if [[ $page == doc/*.md ]]; then
		ok "$page: the README leads there" grep -q "$page" README
	fi
done
finish
