#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What `ovnha` makes of a helper that is not there, says no, or hangs.  An ovsdb-server's control
# socket takes the helper's place: it speaks the same, and knows none of its commands.

# shellcheck disable=SC2317 # questions are called by ok and wait_for

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

# --- ovnha metrics ----------------------------------------------------------------------------

fetch() { # REQUEST-LINE [PORT]: what the server says to it
	exec 7<>"/dev/tcp/127.0.0.1/${2:-$port}" || return
	printf '%s\r\nHost: localhost\r\n\r\n' "$1" >&7
	cat <&7
	exec 7>&-
}

answers() { # STATUS TEXT REQUEST-LINE
	local answer
	answer=$(fetch "$3") || return
	[[ $answer == "HTTP/1.0 $1"* && $answer == *"$2"* ]] || { echo "it says: $answer"; return 1; }
}

listens() {
	port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$work/metrics.log")
	[[ $port ]]
}

expecting="metrics of nothing"
says 0 'ovnha_status.* 3' metrics
says 0 '# EOF$' metrics
expecting="an address that others reach"
says 3 "others reach 0.0.0.0" metrics --listen 0.0.0.0:0
says 3 "say .ADDRESS:.PORT" metrics --listen nowhere
env LD_LIBRARY_PATH="$OVNHA_BUILDDIR/libovnha/.libs" OVNHA_STATE_DIR="$work/state" \
	"$ovnha" metrics --listen 0 2>"$work/metrics.log" &
server=$!
on_exit kill_jobs
wait_for 30 listens || bail_out "no server"
ok "it is scraped" answers "200 OK" "# EOF" "GET /metrics HTTP/1.1"
ok "... and says which text it is" answers 200 "application/openmetrics-text; version=1.0.0" \
	"GET /metrics HTTP/1.1"
ok "there is nothing else" answers 404 "only /metrics" "GET / HTTP/1.1"
ok "nor another method" answers 405 "only GET" "DELETE /metrics HTTP/1.1"
ok "nonsense is refused" answers 400 "no HTTP" "hello"
exec 8<>"/dev/tcp/127.0.0.1/$port"
ok "one that says nothing holds up nobody" answers 200 "# EOF" "GET /metrics HTTP/1.1"
exec 8>&-
kill "$server"
if wait "$server"; then pass "a signal ends it in good order"; else fail "a signal ends it in good order" "exit code $?"; fi

# --- ovnha status --watch ---------------------------------------------------------------------

expecting="no terminal"
says 3 "takes a terminal" status --watch

# On a terminal of its own: q, or a signal, ends it, and the terminal is as it was.
watch() { # KEY
	python3 - "$1" "$ovnha" "$OVNHA_BUILDDIR/libovnha/.libs" "$work/state" <<-'PYTHON'
		import fcntl, os, pty, sys, termios
		key, ovnha, libraries, state = sys.argv[1:]
		master, slave = pty.openpty()
		before = termios.tcgetattr(slave)
		pid = os.fork()
		if pid == 0:
		    os.setsid()
		    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
		    for fd in 0, 1, 2:
		        os.dup2(slave, fd)
		    os.environ.update(LD_LIBRARY_PATH=libraries, OVNHA_STATE_DIR=state)
		    os.execv(ovnha, [ovnha, "status", "--watch"])
		seen = b""
		while b"no resource" not in seen:
		    seen += os.read(master, 65536)
		during = termios.tcgetattr(slave)
		os.write(master, key.encode().decode("unicode_escape").encode())
		while b"\x1b[?1049l" not in seen:
		    seen += os.read(master, 65536)
		status = os.waitpid(pid, 0)[1]
		assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3, status
		assert seen.startswith(b"\x1b[?1049h"), seen
		assert during[3] != before[3], "the terminal was never changed"
		assert termios.tcgetattr(slave) == before, "the terminal is not as it was"
	PYTHON
}

if command -v python3 >/dev/null; then
	ok "q ends --watch" watch q
	ok "so does Ctrl-C" watch '\x03'
fi

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

# Pacemaker's tools, in their place: what they say of one state, and that they change nothing.
mkdir -p "$work/bin"
cat >"$work/bin/crm_mon" <<SCRIPT
#!/bin/sh
cat "$OVNHA_SRCDIR/tests/data/pacemaker/\$STATE.crm_mon.xml"
SCRIPT
cat >"$work/bin/cibadmin" <<SCRIPT
#!/bin/sh
[ "\$1" = --query ] || exit 1
sed "s|</constraints>|\$CONSTRAINT&|" "$OVNHA_SRCDIR/tests/data/pacemaker/\$STATE.cib.xml"
SCRIPT
cat >"$work/bin/crmadmin" <<'SCRIPT'
#!/bin/sh
[ ! "$ASKED" ] || echo asked >>"$ASKED"
echo "<pacemaker-result><crmd state=\"${DC:-S_IDLE}\"/></pacemaker-result>"
SCRIPT
printf '#!/bin/sh\nexit 1\n' >"$work/bin/crm_attribute"
cp "$work/bin/crm_attribute" "$work/bin/crm_resource"
chmod +x "$work/bin"/*
PATH=$work/bin:$PATH

export STATE=plain
expecting="all in order"
says 0 "ovndb: from node3 to node1.*node1 is in sync" --dry-run switchover node1
says 0 "from node3 to node1" --dry-run switchover
says 0 '"to": "node2".*"result": "done"' --json --dry-run switchover node2
says 0 "node3 is the active already" switchover node3
says 2 "no node 'node4'" switchover node4
says 3 "takes one node" switchover node1 node2
says 3 "usage: ovnha maintenance" maintenance node1
says 3 "none of it: 'soon'" --timeout soon switchover
says 3 "none of it: '25h'" --timeout 25h switchover
says 3 "none of it: '99999999999999999999'" --timeout 99999999999999999999 switchover
says 3 "none of it: '9223372036854776'" --timeout 9223372036854776 switchover
says 3 "the cluster has no resource 'vip'" --resource vip promote
says 0 "node1 can serve without node3" --dry-run maintenance on node3
says 2 "node3 loses the role until .ovnha promote node3.*--yes" demote
says 2 "node1 is not the active, node3 is" --yes demote node1
touch "$work/state/ovndb/northd-costly"
says 2 "northd-standby: ovn-northd of this version costs too much" doctor
rm "$work/state/ovndb/northd-costly"
expecting="tools that fail"
says 2 "Pacemaker was not told" --timeout 20 switchover node1
says 2 "not done" maintenance on node1
says 2 "not done" --yes demote
says 2 "not done" promote
STATE=busy
expecting="failures and constraints"
says 2 "doubt +1 failures.*refused +constraint cli-ban-ovndb-clone-on-node2" --dry-run switchover node2
says 2 "refused +constraint location-ovndb-clone keeps ovndb from node3" switchover node3
says 2 "refused +without node1 nobody could serve.*not done: .*--force" --yes demote
says 2 "refused +without node1 nobody could serve.*not done: .*crm_resource" --force --yes demote
STATE=plain
expecting="another move"
export ASKED=$work/asked DC=S_TRANSITION_ENGINE
export CONSTRAINT="<rsc_location id='ovnha-move-ovndb-clone' rsc='ovndb-clone' role='Promoted'>\
<rule id='ovnha-move-ovndb-clone-by-node2-1' score='INFINITY' boolean-op='and'>\
<expression id='e' attribute='#uname' operation='eq' value='node2' type='string'/>\
<date_expression id='d' operation='lt' end='2199-01-31 09:30:00Z'/></rule></rsc_location>"
says 2 "refused +another move, to node2, is under way.*refused +Pacemaker is at work" switchover node1
is "its end is not waited for" "$(cat "$ASKED")" asked
unset ASKED DC CONSTRAINT
STATE=nothing
expecting="no answer"
says 3 "Pacemaker does not answer" switchover

# --- who is not root --------------------------------------------------------------------------

# Somebody else than whoever runs this, if that is root; with files that everybody may read.
STATE=plain
other=$(mktemp -d)
on_exit rm -rf "$other"
cp "$ovnha" "$OVNHA_BUILDDIR"/libovnha/.libs/libovnha.so.1 "$work/bin"/* \
	"$OVNHA_SRCDIR"/tests/data/pacemaker/plain.*.xml "$other"
sed -i "s|$OVNHA_SRCDIR/tests/data/pacemaker|$other|" "$other/crm_mon" "$other/cibadmin"
mkdir -p "$other/state/ovndb" "$other/durable/ovndb/aside"
python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$other/state/ovndb/helper.ctl"
chmod -R a+rX "$other"
chmod 000 "$other/state/ovndb/helper.ctl" "$other/durable/ovndb/aside"
identity=()
if ((EUID == 0)); then identity=(setpriv --reuid=65534 --regid=65534 --clear-groups --); fi

says_to_other() { # CODE PATTERN ARGUMENTS...
	local wanted=$1 pattern=$2 code=0 said
	shift 2
	said=$(cd / && timeout -k 5 180 env PATH="$other:$PATH" LD_LIBRARY_PATH="$other" OVNHA_STATE_DIR="$other/state" \
		OVNHA_DURABLE_DIR="$other/durable" "${identity[@]}" "$other/ovnha" "$@" 2>&1 </dev/null) || code=$?
	if [[ $code == "$wanted" && $said =~ $pattern ]]; then
		pass "not root: ${1#--} exits with $wanted"
	else
		fail "not root: ${1#--} exits with $wanted" "exit code: $code"$'\n'"$said"
	fi
}

says_to_other 0 "only what Pacemaker knows is shown: the resident helper answers to root only" status
says_to_other 0 "from node3 to node1" --dry-run switchover node1
says_to_other 2 "critical +fencing.*what only root sees there .*was left out" doctor
says_to_other 3 "this takes root: the resident helper answers to nobody else" backup
says_to_other 3 "this takes root: the resident helper answers to nobody else" restore "$other"
says_to_other 2 "not done: this takes root" accept-loss --yes
says_to_other 3 "this takes root: .*/aside is closed to others" salvage
# As Pacemaker's umask leaves them: nobody else sees what is in there.
chmod 700 "$other/state/ovndb" "$other/durable/ovndb"
if ((EUID != 0)); then chmod 000 "$other/state" "$other/durable"; fi
says_to_other 3 "this takes root: others do not see what runs on this node" backup
says_to_other 3 "this takes root: others do not see what runs on this node" accept-loss --yes
says_to_other 3 "this takes root: .*/durable is closed to others" salvage
if ((EUID != 0)); then chmod 700 "$other/state" "$other/durable"; fi

# --- --json -----------------------------------------------------------------------------------

# One object that begins with the number of its schema; doc/status-json.md has that number, and a
# key has small letters and "_" only.
answers_programs() { # NAME-IN-THE-DOCUMENT ARGUMENTS...
	local name=$1
	shift
	env LD_LIBRARY_PATH="$OVNHA_BUILDDIR/libovnha/.libs" OVNHA_STATE_DIR="$work/no-helper" \
		OVNHA_DURABLE_DIR="$work/durable" "$ovnha" --json "$@" </dev/null >"$work/json" 2>"$work/out" || true
	python3 - "$name" "$OVNHA_SRCDIR/doc/status-json.md" "$work/json" <<-'PYTHON'
		import json, re, sys
		name, document, printed = sys.argv[1:]
		answer = json.load(open(printed))
		documented = re.search(r"^\|.*`%s`.* \| ([0-9]+) \|" % name, open(document).read(), re.M)
		assert next(iter(answer)) == "schema", answer
		assert documented and int(documented[1]) == answer["schema"], (documented, answer["schema"])

		def check(value):
		    if isinstance(value, dict):
		        for key, one in value.items():
		            assert re.fullmatch("[a-z_]+", key), key
		            check(one)
		    elif isinstance(value, list):
		        for one in value:
		            check(one)

		check(answer)
	PYTHON
}

STATE=busy
ok "--json: status" answers_programs status status
ok "--json: doctor" answers_programs doctor doctor --cib "$OVNHA_SRCDIR/tests/data/pacemaker/busy.cib.xml"
ok "--json: timeline" answers_programs timeline timeline --cib "$OVNHA_SRCDIR/tests/data/timeline/move-cib.xml"
ok "--json: salvage" answers_programs salvage salvage
ok "--json: switchover" answers_programs switchover --dry-run switchover node1
ok "--json: maintenance" answers_programs maintenance --dry-run maintenance on node3
ok "--json: promote" answers_programs promote promote node9
ok "--json: demote" answers_programs demote demote

finish
