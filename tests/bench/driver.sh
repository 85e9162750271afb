# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# driver.sh - how sessions are run, one after the other, and the facts of a run: for bench and
# scale.  Who sources it has set HERE (this directory), SOURCE, BUILDDIR and OUT.

# Ends a session that hangs; the events have limits of their own.
SESSION_LIMIT=1500

export OVNHA_SRCDIR=$SOURCE OVNHA_BUILDDIR=$BUILDDIR

say() {
	printf 'bench: %s\n' "$*"
}

die() {
	printf 'bench: %s\n' "$*" >&2
	exit 1
}

# --- sessions ---------------------------------------------------------------------------------

session=
end_session() {
	local code=$?
	trap - EXIT
	if [[ $session ]]; then
		kill -TERM "$session" 2>/dev/null || true
		wait "$session" || true
	fi
	exit "$code"
}

# In the background, so that a signal ends it as well: its own trap brings the sandbox down.  Only
# one that had to be killed leaves that to us.
run_session() { # DIRECTORY ROUND SYSTEM TOKEN EVENT...
	local out=$1 log=$1/logs/$2-$3-${4//\//_}.log pid=$1/session.pid code=0
	shift
	mkdir -p "$out/logs"
	# shellcheck disable=SC2016,SC2094 # expanded by that shell; both append to the log
	BENCH_OUT=$out timeout --kill-after=60 "$SESSION_LIMIT" bash -c 'echo $$ >"$1"; exec "${@:2}"' \
		bash "$pid" "$HERE/session" "$@" </dev/null 2>>"$log" > >(tee -a "$log") &
	session=$!
	wait "$session" || code=$?
	session=
	OVNHA_SANDBOX=session-$(<"$pid") "$HERE/../cluster/sandbox" down
	if ((code)); then
		printf '%s\t%s\tsession\tfailed\t1\n' "$1" "$2" >>"$out/samples.tsv"
		say "the session of $2 in round $1 broke off ($code); see $log"
	fi
}

end_sessions_on_exit() {
	trap end_session EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

need_root_and_tools() {
	((EUID == 0)) || die "namespaces need root"
	[[ -x $BUILDDIR/tests/bench/measure ]] || die "no $BUILDDIR/tests/bench/measure: run make"
}

# --- facts ------------------------------------------------------------------------------------

fact() { # NAME VALUE
	printf '%s\t%s\n' "$1" "$2" >>"$OUT/facts.tsv"
}

version_of() { # COMMAND...: the first number in what it prints
	"$@" 2>&1 | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1
}

machine_facts() {
	local memory
	memory=$(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)
	fact date "$(date -u '+%Y-%m-%d %H:%M UTC')"
	fact ovnha "$(git -C "$SOURCE" describe --always --dirty 2>/dev/null || echo 'not a clone')"
	fact machine "$(nproc) x $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $memory"
	fact kernel "$(uname -r)"
	fact distribution "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)"
	fact Pacemaker "$(version_of pacemakerd --version)"
	fact corosync "$(version_of corosync -v)"
	fact "Open vSwitch" "$(version_of ovsdb-server --version)"
	fact OVN "$(version_of ovn-northd --version)"
}
