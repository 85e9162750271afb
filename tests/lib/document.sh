# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# document.sh - the commands of a document, to be run as they stand there.
#
# A block of commands begins with one of these lines:
#
#   ```sh step=NAME on=WHERE    is run, by the test that follows the document, at NAME
#   ```sh not-run               is not, and says so to whoever reads the source
#
# WHERE is a node's name, or client.

document_steps() { # FILE: prints the names, in their order
	sed -n 's/^ *```sh step=\([a-z0-9-]*\) .*/\1/p' "$1"
}

document_where() { # FILE STEP
	sed -n "s/^ *\`\`\`sh step=$2 on=\([a-z0-9]*\)\$/\1/p" "$1"
}

document_commands() { # FILE STEP: prints them
	awk -v step="$2" '
		inside && /^ *```$/ { exit }
		inside { print }
		$1 == "```sh" && $2 == "step=" step { inside = 1 }' "$1"
}

# Blocks of commands that neither are run nor say that they are not.
document_unmarked() { # FILE: prints LINE: TEXT
	grep -nE '^ *```(sh|console|bash|shell)\>' "$1" |
		grep -vE '```sh (step=[a-z0-9-]+ on=[a-z0-9]+|not-run)$' || true
}
