# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Completion of `ovnha` in bash.  Commands and options are what `ovnha --help` lists, nodes what
# the cluster says, resources those that have a helper on this node.

_ovnha_commands() {
	ovnha --help 2>/dev/null | sed -n '/^usage/,/^  --/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

_ovnha_options() {
	ovnha --help 2>/dev/null | grep -oE -e '--[a-z][a-z-]*' | sort -u
}

_ovnha_nodes() {
	crm_node --list 2>/dev/null | awk '{ print $2 }'
}

_ovnha_resources() {
	local directory
	for directory in "${OVNHA_STATE_DIR:-/run/ovnha}"/*/; do
		[[ ! -d $directory ]] || basename "$directory"
	done
}

# What follows the command, as words; `files` when it is a file's name.
_ovnha_operands() { # COMMAND NUMBER
	case $1:$2 in
	switchover:1 | promote:1 | demote:1 | maintenance:2) _ovnha_nodes ;;
	maintenance:1) printf '%s\n' on off ;;
	restore:1) echo files ;;
	esac
}

_ovnha() {
	local current=${COMP_WORDS[COMP_CWORD]} command='' number=0 words i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--resource | --to | --timeout | --since | --log | --svg | --cib | --listen | -r | -t | -T) i=$((i + 1)) ;;
		-*) ;;
		*) if [[ $command ]]; then number=$((number + 1)); else command=${COMP_WORDS[i]}; fi ;;
		esac
	done
	case ${COMP_WORDS[COMP_CWORD - 1]}:$current in
	--resource:* | -r:*) words=$(_ovnha_resources) ;;
	--to:* | -t:* | --log:* | --svg:* | --cib:*) words=files ;;
	--timeout:* | -T:* | --since:* | --listen:*) return ;;
	*:-*) words=$(_ovnha_options) ;;
	*) if [[ $command ]]; then words=$(_ovnha_operands "$command" $((number + 1))); else words=$(_ovnha_commands); fi ;;
	esac
	if [[ $words == files ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		compopt -o filenames 2>/dev/null || : # not while a test asks
	else
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	fi
}

complete -F _ovnha ovnha
