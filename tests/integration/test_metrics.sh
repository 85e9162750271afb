#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `ovnha metrics --listen` with clients that are slow and a look that takes its time, and the units
# that doc/metrics.md has copied.  What takes its time is Pacemaker: crm_mon waits until it may go on.

# shellcheck disable=SC2317 # questions are called by ok and wait_for

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

ovnha=$OVNHA_BUILDDIR/cli/.libs/ovnha
[[ -x $ovnha ]] || ovnha=$OVNHA_BUILDDIR/cli/ovnha
work=$(mktemp -d)
on_exit rm -rf "$work"
on_exit kill_jobs
export LD_LIBRARY_PATH=$OVNHA_BUILDDIR/libovnha/.libs OVNHA_STATE_DIR=$work/state

mkdir -p "$work/bin" "$work/state"
cat >"$work/bin/crm_mon" <<SCRIPT
#!/bin/sh
echo . >>"$work/looks"
while [ -e "$work/wait" ]; do sleep 0.1; done
cat "$OVNHA_SRCDIR/tests/data/pacemaker/plain.crm_mon.xml"
SCRIPT
cat >"$work/bin/cibadmin" <<SCRIPT
#!/bin/sh
cat "$OVNHA_SRCDIR/tests/data/pacemaker/plain.cib.xml"
SCRIPT
ln -s "$(readlink -f "$ovnha")" "$work/bin/ovnha"
chmod +x "$work/bin/crm_mon" "$work/bin/cibadmin"
export PATH=$work/bin:$PATH

listens() {
	port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$work/log")
	[[ $port ]]
}

fetch() { # PATH: what the server says
	exec 7<>"/dev/tcp/127.0.0.1/$port" || return
	printf 'GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n' "$1" >&7
	cat <&7
	exec 7>&-
}

answers() { # STATUS TEXT PATH
	local answer
	answer=$(fetch "$3") || return
	[[ $answer == "HTTP/1.0 $1"* && $answer == *"$2"* ]] || { echo "it says: $answer"; return 1; }
}

is_hung_up_on() { # what fd 6 is connected to says nothing, and ends
	[[ ! $(timeout 60 cat <&6) ]]
}

is_refused() { # what fd 6 has asked
	timeout 60 cat <&6 2>/dev/null | grep -q "^HTTP/1.0 400"
}

looks_now() {
	[[ -s $work/looks ]]
}

has_page() { # FILE
	grep -q '^# EOF' "$1"
}

# --- a look that takes its time -----------------------------------------------------------------

ovnha metrics --listen 0 2>"$work/log" &
server=$!
wait_for 30 listens || bail_out "no server"

touch "$work/wait"
exec 6<>"/dev/tcp/127.0.0.1/$port"
fetch /metrics >"$work/first" &
fetch /metrics >"$work/second" &
ok_within 30 "it looks" looks_now
ok "meanwhile others are answered" answers 404 "only /metrics" /
ok "one that says nothing is hung up on" is_hung_up_on
is "and those who wait for the page are waiting" "$(cat "$work/first" "$work/second")" ""
exec 6>&-
rm "$work/wait"
ok_within 60 "they get it when it is there" has_page "$work/first"
ok_within 60 "both of them" has_page "$work/second"
is "it has looked once for both" "$(wc -l <"$work/looks")" 1

# --- more clients than it has places for --------------------------------------------------------

silent=()
for ((i = 0; i < 8; i++)); do
	exec {fd}<>"/dev/tcp/127.0.0.1/$port"
	silent+=("$fd")
done
ok "eight that say nothing keep nobody out" answers 200 "# EOF" /metrics
for fd in "${silent[@]}"; do exec {fd}>&-; done
exec 6<>"/dev/tcp/127.0.0.1/$port"
head -c 5000 /dev/zero | tr '\0' x >&6 || true
ok "a request without end is refused" is_refused
exec 6>&-

# --- it ends at any time ------------------------------------------------------------------------

touch "$work/wait"
: >"$work/looks"
sleep 1.1 # the page is not fresh any more
fetch /metrics >"$work/third" &
ok_within 30 "it looks again" looks_now
kill "$server"
if wait "$server"; then pass "a signal ends it amid a look"; else fail "a signal ends it amid a look" "exit code $?"; fi
rm "$work/wait"

# --- the units ----------------------------------------------------------------------------------

units=$OVNHA_SRCDIR/cli/examples
unit_says() { # KEY FILE
	sed -n "s/^$1=//p" "$units/$2"
}

# What systemd makes of a line: words as in a shell, $$ for $.
runs_as_written() {
	local line
	line=$(unit_says ExecStart ovnha-metrics.service)
	line=${line//'$$'/'$'}
	env DIRECTORY="$work/collector" PATH="$PATH" sh -c "$line"
}

mkdir "$work/collector"
ok "the command of ovnha-metrics.service works as it is written" runs_as_written
ok "the collector's file is whole" has_page "$work/collector/ovnha.prom"
is "and nothing is beside it" "$(ls "$work/collector")" ovnha.prom
rm -r "$work/collector"
refused "without the directory it fails" runs_as_written
is "the timer is the service's" \
	"$(basename "$units"/*.timer .timer)" "$(basename "$units"/*.service .service)"
if command -v systemd-analyze >/dev/null; then
	is "systemd has nothing to say of the units" \
		"$(systemd-analyze verify --man=no "$units"/ovnha-metrics.service "$units"/ovnha-metrics.timer 2>&1 |
			grep ovnha-metrics || true)" ""
fi
finish
