#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The manual pages: nothing that roff complains about, and nothing missing: every command and
# every option of `ovnha --help`, every parameter and operation of the agent, every header.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

ovnha=$OVNHA_BUILDDIR/cli/.libs/ovnha
[[ -x $ovnha ]] || ovnha=$OVNHA_BUILDDIR/cli/ovnha
agent=$OVNHA_BUILDDIR/agent/.libs/ovndb-servers
[[ -x $agent ]] || agent=$OVNHA_BUILDDIR/agent/ovndb-servers
export LD_LIBRARY_PATH="$OVNHA_BUILDDIR/libovnha/.libs"

commands_page=$OVNHA_SRCDIR/man/ovnha.8
agent_page=$OVNHA_BUILDDIR/ocf/ovnha_ovndb-servers.7
library_page=$OVNHA_BUILDDIR/man/libovnha.3

section() { # PAGE NAME: its lines
	awk -v name="$2" '/^\.SH/ { inside = $0 == ".SH " name; next } inside' "$1"
}

lint() { # PAGE: what groff has to say
	groff -man -ww -z -Tutf8 -rLL=100n "$1" 2>&1
}

work=$(mktemp -d)
on_exit rm -rf "$work"
env -u OVNHA_STATE_DIR "$ovnha" --help >"$work/help"

for page in "$OVNHA_SRCDIR"/man/*.[1-8] "$agent_page" "$library_page"; do
	if command -v groff >/dev/null; then
		is "${page##*/}: roff has nothing to complain about" "$(lint "$page")" ""
	else
		skip "${page##*/}: roff has nothing to complain about" "groff (groff-base) is not installed"
	fi
	refused "${page##*/}: nothing is left to be filled in" grep -n '^@' "$page"
done

is "ovnha(8) has the commands of ovnha --help, in its order" \
	"$(section "$commands_page" COMMANDS | sed -n 's/^\.SS //p')" \
	"$(sed -n '/^usage/,/^  --/s/^  \([a-z][a-z-]*\) .*/\1/p' "$work/help")"
is "ovnha(8) has the options of ovnha --help" \
	"$(section "$commands_page" OPTIONS | sed -n '/^\.TP/{n;s/\\//g;s/.*\(--[a-z-]*\).*/\1/p}' | sort)" \
	"$(grep -oE -e '--[a-z][a-z-]*' "$work/help" | sort -u)"

# "--force maintenance demote": an option, and the commands that it is of.
commands_by_help() {
	sed -nE 's/^  (--[a-z-]+) .*of ([a-z, -]+): .*/\1 \2/p' "$work/help" | tr -d ','
}

commands_by_page() { # of an option that is of several things only the first
	section "$commands_page" OPTIONS | sed 's/\\//g' | awk '
		/^\.TP/ { option = ""; next }
		!option { match($0, /--[a-z-]+/); option = line = substr($0, RSTART, RLENGTH); next }
		$0 == "Of" { inside = 1; next }
		inside && /^\.BR? / { line = line " " $2 }
		inside && /:$/ { print line; inside = 0 }'
}

commands_by_help >"$work/of"
ok "ovnha --help says of which commands an option is" grep -qx -e '--force maintenance demote' "$work/of"
is "ovnha(8) says the same" \
	"$(commands_by_page | grep -E -e "^($(cut -d' ' -f1 "$work/of" | paste -sd'|')) " | sort)" "$(sort "$work/of")"

"$agent" meta-data >"$work/metadata"
is "ovnha_ovndb-servers(7) has every parameter of the metadata" \
	"$(section "$agent_page" PARAMETERS | sed -n 's/\\-/-/g;s/^\.B //p')" \
	"$(sed -n 's/.*<parameter name="\([^"]*\)".*/\1/p' "$work/metadata")"
is "ovnha_ovndb-servers(7) has every operation of the metadata" \
	"$(section "$agent_page" OPERATIONS | sed -n 's/\\-/-/g;s/^\.B //p')" \
	"$(sed -n 's/.*<action name="\([^"]*\)".*/\1/p' "$work/metadata")"

is "libovnha(3) has every public header" \
	"$(section "$library_page" HEADERS | sed -n 's/\\-/-/g;s|^\.B ovnha/||p' | LC_ALL=C sort)" \
	"$(cd "$OVNHA_SRCDIR/libovnha/ovnha" && printf '%s\n' *.h | LC_ALL=C sort)"

finish
