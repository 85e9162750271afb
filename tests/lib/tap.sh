# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# tap.sh - Test Anything Protocol, waiting and cleaning up, for tests written in bash.
#
#   . tests/lib/tap.sh
#   on_exit rm -rf "$directory"          # run when the test ends, last registered first
#   ok "a file" test -e "$file"          # passes if the command succeeds
#   refused "no entry" grep x "$file"    # passes if the command fails
#   is "the answer" "$got" "$wanted"     # passes if the two texts are the same
#   ok_within 30 "a VIP" ping -c1 ...    # passes if the command succeeds before the limit
#   finish                               # prints the plan; the exit code is 1 if a test failed
#
# Time limits are there to end a hopeless wait; how long something took is never a result.
# `plan N` may be called first instead of counting; `skip_all REASON` ends a test that cannot run.

tap_count=0
tap_failed=0
tap_planned=
tap_cleanups=()

plan() { # N
	tap_planned=$1
	printf '1..%d\n' "$1"
}

skip_all() { # REASON
	printf '1..0 # SKIP %s\n' "$*"
	exit 0
}

bail_out() { # REASON
	printf 'Bail out! %s\n' "$*"
	exit 1
}

diag() { # TEXT...: a remark, every line of it behind a #
	local line
	while IFS= read -r line; do printf '# %s\n' "$line"; done <<<"$*"
}

pass() { # DESCRIPTION
	printf 'ok %d - %s\n' "$((++tap_count))" "$1"
}

fail() { # DESCRIPTION [REMARK...]
	printf 'not ok %d - %s\n' "$((++tap_count))" "$1"
	tap_failed=$((tap_failed + 1))
	shift
	if (($#)); then diag "$*"; fi
}

skip() { # DESCRIPTION REASON
	printf 'ok %d - %s # SKIP %s\n' "$((++tap_count))" "$1" "$2"
}

# The functions that judge return true in either case, so that `set -e` does not end the test.

ok() { # DESCRIPTION COMMAND...
	local description=$1 output
	shift
	if output=$("$@" 2>&1); then
		pass "$description"
	else
		fail "$description" "exit code $? of: $*"$'\n'"$output"
	fi
}

refused() { # DESCRIPTION COMMAND...
	local description=$1 output
	shift
	if output=$("$@" 2>&1); then
		fail "$description" "succeeded: $*"$'\n'"$output"
	else
		pass "$description"
	fi
}

is() { # DESCRIPTION GOT WANTED
	if [[ $2 == "$3" ]]; then
		pass "$1"
	else
		fail "$1" "got:"$'\n'"$2"$'\n'"wanted:"$'\n'"$3"
	fi
}

wait_for() { # SECONDS COMMAND...: until the command succeeds; fails when the limit has passed
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS <= deadline)) || return 1
		sleep 0.1
	done
}

ok_within() { # SECONDS DESCRIPTION COMMAND...
	local limit=$1 description=$2 output
	shift 2
	if wait_for "$limit" "$@"; then
		pass "$description"
	else
		output=$("$@" 2>&1) || true
		fail "$description" "not within ${limit}s: $*"$'\n'"$output"
	fi
}

on_exit() { # COMMAND...: arguments are kept as they are
	local words
	printf -v words '%q ' "$@"
	tap_cleanups+=("$words")
}

# What runs in the background of the test is ended with it: `on_exit kill_jobs`.  The pid of one
# that has been waited for may be anybody's by then.
kill_jobs() {
	local still
	mapfile -t still < <(jobs -rp)
	if ((${#still[@]})); then kill -KILL "${still[@]}" 2>/dev/null || true; fi
}

tap_clean_up() { # THE COMMAND THAT RAN LAST
	local code=$? index words
	trap - EXIT
	# Under `set -e` a test may end without a word: at least say at what.
	if ((code && !tap_failed)); then diag "ended with $code at: $1"; fi
	for ((index = ${#tap_cleanups[@]} - 1; index >= 0; index--)); do
		# Quoted by on_exit, so that this splits into the very words it was given.
		declare -a words="(${tap_cleanups[index]})"
		"${words[@]}" >&2 || true
	done
	exit "$code"
}

trap 'tap_clean_up "$BASH_COMMAND"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

finish() {
	if [[ ! $tap_planned ]]; then printf '1..%d\n' "$tap_count"; fi
	if [[ $tap_planned && $tap_planned != "$tap_count" ]]; then
		diag "planned $tap_planned tests, ran $tap_count"
		exit 1
	fi
	if ((tap_failed)); then
		diag "$tap_failed of $tap_count failed"
		exit 1
	fi
	exit 0
}
