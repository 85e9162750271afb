#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the agent makes of servers that died, hang, changed their role behind its back, left their
# pidfiles behind or are not ours: a code that is defined for each, never 7 for what may still
# run, and nothing ended that it did not start.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"
# shellcheck source=tests/lib/hosts.sh
. "$OVNHA_SRCDIR/tests/lib/hosts.sh"

# For what is not to be waited for long: a server that hangs takes half of the time to look, and
# the other one has to answer in the rest.
short=(OCF_RESKEY_CRM_meta_timeout=5000)

# From whatever there is to a node in ROLE, or bail out.
fresh() { # backup|active
	run 1 stop
	[[ $code == 0 && ! $(processes) ]] || bail_out "cannot stop: $reason"
	rm -rf /var/lib/ovn/* /run/ovn "$(state_dir 1)"
	run 1 start
	[[ $code == 0 ]] || bail_out "cannot start: $reason"
	[[ $1 == backup ]] || run 1 promote
	[[ $code == 0 ]] || bail_out "cannot promote: $reason"
}

# --- dead -----------------------------------------------------------------------------------

for db in nb sb; do
	expecting="$db was killed"
	fresh active
	kill_hard 1 $db
	expect 1 monitor 9 "$db is dead" "${as_promoted[@]}"
	expect 1 monitor 9 "$db is dead" "${probe[@]}"
	expect 1 promote 1 "$db is dead"
	refused "nothing was started by that" test "$(processes)" = "ovsdb-server ovsdb-server"
	expect 1 demote 0
	expect 1 monitor 1 "$db is dead" "${as_unpromoted[@]}"
	expect 1 stop 0
	expect 1 monitor 7 "${probe[@]}"
	expect 1 start 0
	expect 1 monitor 0 "${as_unpromoted[@]}"
done

fresh backup
kill_hard 1 nb
expecting="nb of a backup was killed"
expect 1 monitor 1 "nb is dead" "${as_unpromoted[@]}"
expect 1 monitor 1 "nb is dead" "${probe[@]}"
expecting="and started again, with sb still there"
expect 1 start 0
expect 1 monitor 0 "${as_unpromoted[@]}"

fresh active
kill_hard 1 nb
kill_hard 1 sb
expecting="both were killed"
expect 1 monitor 7 "is dead" "${as_promoted[@]}"
expect 1 promote 1 "is dead"
expect 1 demote 0
expect 1 stop 0
is "no pidfile is left" "$(ls /run/ovn/*.pid 2>/dev/null)" ""

# For a moment after that its monitor is still there, and about to end.  This one takes longer, and
# is waited for; for a second, in which it may have to wait itself on a machine that is busy.
ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

goes_on_late() { # MONITOR SINCE: fails when it was too late for who waits for it
	sleep 0.2
	kill -CONT "$1"
	wait_for 30 gone "$1" && (($(ms) - $2 < 800))
}

limit=$((SECONDS + 60))
while :; do
	fresh active
	pid=$(pid_of 1 nb)
	monitor=$(parent_of "$pid")
	kill -STOP "$monitor"
	kill -KILL "$pid"
	wait_for 30 gone "$pid" || bail_out "pid $pid outlives SIGKILL"
	goes_on_late "$monitor" "$(ms)" &
	run 1 monitor "${as_promoted[@]}"
	if wait $! || [[ $reason == *"nb is dead"* ]] || ((SECONDS > limit)); then break; fi
done
is "node1 monitor exits with 9 (nb was killed a moment ago)" \
	"$code $(grep -o "nb is dead" <<<"$reason")" "9 nb is dead"

# One that dies while it is asked hangs up, and lets go of its file last.
fresh active
kill_hard 1 nb
python3 - "$(pidfile 1 nb)" /var/lib/ovn/.ovnnb_db.db.~lock~ "$(control 1 nb)" "$work/asked" <<'PYTHON' &
import fcntl, os, socket, sys, time
pidfile, lock = [open(path, "a") for path in sys.argv[1:3]]
fcntl.lockf(pidfile, fcntl.LOCK_EX)
fcntl.lockf(lock, fcntl.LOCK_EX)
os.unlink(sys.argv[3])
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[3])
listener.listen()
listener.settimeout(120) # whoever is never asked ends all the same
open(sys.argv[4], "w").write("there\n")
client = listener.accept()[0]
while not client.recv(1): # who only looks says nothing
    client = listener.accept()[0]
open(sys.argv[4], "w").write("asked\n")
for held in pidfile, listener, client:
    held.close()
time.sleep(0.1) # of the second that it is waited for
lock.close()
PYTHON
ok_within 30 "something is there that is about to die" grep -qx there "$work/asked"
expecting="nb dies while it is asked"
expect 1 monitor 9 "nb is dead" "${as_promoted[@]}"
ok "it was asked" grep -qx asked "$work/asked"
wait

# What was acknowledged is in its file: who guards the copy may start it again, before it is demoted.
fresh active
kill_hard 1 nb
mkdir -p "$work/answers"
sed -i 's/"guarded": "[a-z]*"/"guarded": "yes"/' "$(memory 1)"
"$OVNHA_BUILDDIR/tests/lib/fake_helper" "$(state_dir 1)/ovndb/helper.ctl" "$work/answers" &
guard=$!
ok_within 30 "somebody guards the copy" test -S "$(state_dir 1)/ovndb/helper.ctl"
expecting="nb of a guarded active was killed"
expect 1 monitor 9 "nb is dead" "${as_promoted[@]}"
ok "its helper was asked to start nb again first" \
	grep -qx ovnha/recover "$work/answers/asked"

# The helper's answer comes through a pipe: when somebody has begun to restart it meanwhile.
restart_takes_the_turn() {
	exec python3 - "$(state_dir 1)/ovndb/turn" "$work/answers/recover" <<-'PYTHON'
		import fcntl, sys, time
		turn = open(sys.argv[1], "r+")
		for byte in 0, 1:
		    fcntl.lockf(turn, fcntl.LOCK_EX, 1, byte)
		open(sys.argv[2], "w").write("restarted")
		time.sleep(600)
	PYTHON
}
mkfifo "$work/answers/recover"
: >"$work/answers/asked"
{
	wait_for 60 grep -qx ovnha/recover "$work/answers/asked"
	restart_takes_the_turn
} &
restart=$!
expecting="nb is being started again"
expect 1 monitor 191 "is being started again in place" "${as_promoted[@]}" \
	OCF_RESKEY_CRM_meta_timeout=10000
expect 1 monitor 191 "is being started again in place" "${as_promoted[@]}" "${short[@]}"
kill "$restart"
wait "$restart" || true
rm "$work/answers/recover"

: >"$work/answers/asked"
expecting="nobody has started nb again"
expect 1 demote 0
ok "its helper was asked to start nb again first" \
	grep -qx ovnha/recover "$work/answers/asked"
kill "$guard"
wait

# A server that crashes is started again by its own monitor: at once, and after up to 10 s when
# it crashes again, as writable and as open as it was.  A monitor that is stopped takes longer.
fresh active
pid=$(pid_of 1 nb)
kill -STOP "$(parent_of "$pid")"
kill -SEGV "$pid"
wait_for 30 gone "$pid" || bail_out "pid $pid does not crash"
expecting="nb crashed, and its monitor is about to start it again"
expect 1 monitor 9 "nb runs but does not answer" "${as_promoted[@]}"
expect 1 monitor 9 "nb runs but does not answer" "${probe[@]}"
expect 1 start 1 "nb runs but does not answer"
expect 1 stop 0 OCF_RESKEY_CRM_meta_timeout=20000
is "nobody is left to start it" "$(supervisors)" ""
expect 1 monitor 7 "${probe[@]}"

fresh active
pid=$(pid_of 1 nb)
kill -SEGV "$pid"
wait_for 30 is_other 1 nb "$pid" || bail_out "pid $pid was not started again"
expecting="nb crashed and was started again"
expect 1 monitor 8 "${as_promoted[@]}"
pid=$(pid_of 1 nb)
kill -SEGV "$pid"
wait_for 30 gone "$pid" || bail_out "pid $pid does not crash"
expecting="nb crashed twice"
expect 1 stop 0
is "nobody is left to start it" "$(supervisors)" ""

# --- in two minds ---------------------------------------------------------------------------

fresh active
ctl 1 sb ovsdb-server/set-active-ovsdb-server unix:/nonexistent
ctl 1 sb ovsdb-server/connect-active-ovsdb-server
expecting="sb alone was turned into a backup"
expect 1 monitor 9 "nb active, sb backup" "${as_promoted[@]}"
expect 1 monitor 9 "nb active, sb backup" "${probe[@]}"
expect 1 promote 1 "nb active, sb backup"
expect 1 demote 0
expect 1 monitor 0 "${as_unpromoted[@]}"

fresh backup
ctl 1 nb ovsdb-server/disconnect-active-ovsdb-server
expecting="nb alone made itself active"
expect 1 monitor 1 "nb active, sb backup" "${as_unpromoted[@]}"

ctl 1 sb ovsdb-server/disconnect-active-ovsdb-server
expecting="a backup made itself active"
expect 1 monitor 1 "made itself active without being promoted" "${as_unpromoted[@]}"
expect 1 promote 1 "made itself active without being promoted"
expect 1 demote 0
is "it is a backup again" "$(state 1 nb) $(state 1 sb)" "backup backup"

fresh active
for db in nb sb; do
	ctl 1 $db ovsdb-server/set-active-ovsdb-server unix:/nonexistent
	ctl 1 $db ovsdb-server/connect-active-ovsdb-server
done
expecting="both were turned into backups"
expect 1 monitor 9 "is a backup though promoted" "${as_promoted[@]}"

# --- silent ---------------------------------------------------------------------------------

fresh active
stopped=$(pid_of 1 nb)
kill -STOP "$stopped"
expecting="nb hangs"
expect 1 monitor 9 "nb runs but does not answer" "${as_promoted[@]}" "${short[@]}"
expect 1 monitor 9 "nb runs but does not answer" "${probe[@]}" "${short[@]}"
expect 1 start 1 "nb runs but does not answer" "${short[@]}"
expect 1 promote 1 "nb runs but does not answer" "${short[@]}"
expect 1 demote 1 "." "${short[@]}"
expect 1 monitor 1 "nb runs but does not answer" "${as_unpromoted[@]}" "${short[@]}" \
	OVNHA_STATE_DIR="$work/forgotten"
expect 1 stop 0 OCF_RESKEY_CRM_meta_timeout=8000
ok "the server is gone" gone "$stopped"
is "so are all" "$(processes)" ""

fresh backup
ovsdb-server --detach --no-chdir --no-db --pidfile="$work/helper.pid" \
	--log-file="$work/helper.log" --unixctl="$(state_dir 1)/ovndb/helper.ctl" 2>/dev/null
stopped=$(cat "$work/helper.pid")
kill -STOP "$stopped"
expecting="what listens in the resident helper's place hangs"
expect 1 stop 0 OCF_RESKEY_CRM_meta_timeout=10000
ok_within 30 "it is gone, too" gone "$stopped"

# A wrapper that can be told to hang or to fail, and says what it was asked to do.
cat >"$work/wrapper" <<END
#!/bin/sh
echo "\$*" >>$work/wrapper.log
for word; do
	case \$word in
	start_* | stop_*) if [ -e $work/hang.\${word%%_*} ]; then exec sleep infinity; fi ;;
	esac
done
exec $ovn_ctl "\$@"
END
chmod 755 "$work/wrapper"
config+=(OCF_RESKEY_ovn_ctl="$work/wrapper")
fresh backup
ok "a wrapper around ovn-ctl is used" grep -q start_nb_ovsdb "$work/wrapper.log"
touch "$work/hang.stop"
expecting="ovn-ctl hangs"
expect 1 stop 0 OCF_RESKEY_CRM_meta_timeout=6000
is "the servers are gone" "$(processes)" ""
touch "$work/hang.start"
expect 1 start 1 "." "${short[@]}"
is "nothing of it hangs around" "$(pidof sleep)" ""
rm "$work"/hang.*

# One that starts a server when it is asked to start the other one, too; nb only if it may.
cat >"$work/patient" <<END
#!/bin/sh
for word; do
	case \$word in
	start_nb_ovsdb) own=nb other=sb ;;
	start_sb_ovsdb) own=sb other=nb ;;
	esac
done
if [ "\$own" ]; then
	touch $work/begun.\$own
	for i in \$(seq 300); do
		[ -e $work/begun.\$other ] || sleep 0.1
	done
	[ -e $work/begun.\$other ] && [ ! -e $work/fail.\$own ] || exit 1
fi
exec $ovn_ctl "\$@"
END
chmod 755 "$work/patient"
run 1 stop
expecting="each server when the other one is asked for"
expect 1 start 0 OCF_RESKEY_ovn_ctl="$work/patient"
ok "both were" ls "$work/begun.nb" "$work/begun.sb"
expect 1 monitor 0 "${as_unpromoted[@]}"
run 1 stop
touch "$work/fail.nb"
expecting="nb does not start"
expect 1 start 1 "patient failed" OCF_RESKEY_ovn_ctl="$work/patient" \
	HA_LOGFILE="$work/patient.log" HA_LOGFACILITY=none
ok "both results are told" test "$(grep -c 'start-server [ns]b: ' "$work/patient.log")" = 2
ok "sb was started all the same" grep -q 'start-server sb: done' "$work/patient.log"
is "and runs" "$(processes)" ovsdb-server
expect 1 stop 0

# --- the cluster hangs ----------------------------------------------------------------------

mkdir "$work/bin"
printf '#!/bin/sh\nexec sleep infinity\n' >"$work/bin/crm_mon"
chmod 755 "$work/bin/crm_mon"
host_path=$work/bin:$host_path
expecting="crm_mon hangs"
expect 1 start 0 OCF_RESKEY_CRM_meta_timeout=20000
is "nothing of it hangs around" "$(pidof sleep)" ""
host_path=${host_path#*:}

# --- the node list --------------------------------------------------------------------------

# That there is no corosync is an answer; that nobody can ask it is none.
addresses=("${config[@]}")
config+=(OCF_RESKEY_node_addresses='')
fresh backup
run 1 stop
expecting="nobody can be asked for the nodes"
expect 1 start 1 "^cannot load /nonexistent.so: .*set node_addresses" \
	OVNHA_MODULE=/nonexistent.so
is "nothing was started" "$(processes)" ""
expecting="a copy that is not guarded"
expect 1 start 0 OVNHA_MODULE=/nonexistent.so OCF_RESKEY_guard=no

config+=(OCF_RESKEY_guard=no)
fresh active
is "without an address it listens for no replica" "$(listening)" "$vip:6641 $vip:6642"
cat >"$work/bin/crm_mon" <<END
#!/bin/sh
cat <<XML
<pacemaker-result><summary><cluster_options maintenance-mode="false"/></summary>
<nodes><node name="node1" maintenance="false"/></nodes>
<resources><clone id="c" managed="true">
<resource id="ovndb" role="Promoted" managed="true"><node name="node1"/></resource>
</clone></resources></pacemaker-result>
XML
END
host_path=$work/bin:$host_path
expecting="its address is not known"
expect 1 monitor 8 "${as_promoted[@]}"
is "nothing was opened" "$(listening)" "$vip:6641 $vip:6642"
expecting="its address is known now"
expect 1 monitor 8 "${as_promoted[@]}" OCF_RESKEY_node_addresses=node1:127.0.0.1
is "it listens" "$(listening)" "$vip:6641 $vip:6642 127.0.0.1:6643 127.0.0.1:6644"
for db in nb sb; do
	ok "and $db has the row" grep -qF :127.0.0.1 \
		<("${db}ctl" 1 --bare --columns=target list Connection)
done
host_path=${host_path#*:}
config=("${addresses[@]}")

# --- gone from the host ---------------------------------------------------------------------

fresh backup
config+=(OCF_RESKEY_ovn_ctl=/nonexistent/ovn-ctl)
expecting="ovn-ctl is not installed"
expect 1 monitor 0 "${as_unpromoted[@]}"
expect 1 stop 0
is "the servers are gone" "$(processes)" ""
expect 1 monitor 7 "${probe[@]}"
expect 1 start 5 "^ovn_ctl: '/nonexistent/ovn-ctl' cannot be executed"
expect 1 stop 0
config+=(OCF_RESKEY_ovn_ctl="$ovn_ctl")

# --- pidfiles -------------------------------------------------------------------------------

sleep infinity &
bystander=$!
for content in "" "not a pid" 1 "$bystander" -1 0 4194303 "$bystander $$"; do
	fresh backup
	run 1 stop
	for db in nb sb; do printf '%s' "$content" >"$(pidfile 1 $db)"; done
	expecting="a pidfile of '$content'"
	expect 1 monitor 7 "its pidfile was left behind" "${as_unpromoted[@]}"
	expect 1 monitor 7 "${probe[@]}"
	expect 1 start 0
	for db in nb sb; do
		is "$db runs, and its pidfile is its own" \
			"$(cat "/proc/$(pid_of 1 $db)/comm") $(state 1 $db)" "ovsdb-server backup"
	done
	expect 1 stop 0
	printf '%s' "$content" >"$(pidfile 1 nb)"
	expect 1 stop 0
	ok "the bystander lives" alive "$bystander"
done

fresh backup
run 1 stop
echo "$bystander" >"$(pidfile 1 nb)"
(exec -a "ovs-vswitchd: monitoring pid $bystander (healthy)" sleep infinity) &
monitor=$!
expecting="a pidfile with the pid of what someone else monitors"
expect 1 monitor 7 "its pidfile was left behind" "${as_unpromoted[@]}"
expect 1 stop 0
ok "the bystander lives" alive "$bystander"
ok "so does its monitor" alive "$monitor"
kill "$monitor"

fresh active
pids="$(pid_of 1 nb) $(pid_of 1 sb)"
rm "$(pidfile 1 nb)" "$(pidfile 1 sb)"
expecting="pidfiles were deleted"
expect 1 monitor 8 "${as_promoted[@]}"
expect 1 stop 0
for pid in $pids; do ok "the server is gone" gone "$pid"; done
expect 1 monitor 7 "${probe[@]}"

fresh active
pids="$(pid_of 1 nb) $(pid_of 1 sb)"
for db in nb sb; do
	rm "$(pidfile 1 $db)"
	echo "$bystander" >"$(pidfile 1 $db)"
done
expecting="pidfiles were replaced, with a bystander's pid"
expect 1 monitor 8 "${as_promoted[@]}"
expect 1 stop 0
for pid in $pids; do ok "the server is gone" gone "$pid"; done
ok "the bystander lives" alive "$bystander"
kill "$bystander"

# --- not ours -------------------------------------------------------------------------------

fresh backup
run 1 stop
ovsdb-server --detach --no-chdir --pidfile="$work/foreign.pid" --unixctl="$work/foreign.ctl" \
	--remote="punix:$work/foreign.sock" --log-file="$work/foreign.log" /var/lib/ovn/ovnnb_db.db
foreign=$(cat "$work/foreign.pid")
expecting="someone else's server has the file"
expect 1 start 1 "nb has its database file held by a server this resource did not start"
expect 1 monitor 1 "did not start" "${probe[@]}"
expect 1 promote 1 "did not start"
expect 1 stop 0
ok "it was left alone" alive "$foreign"
kill "$foreign"
wait_for 30 gone "$foreign" || bail_out "cannot end it"
expect 1 start 0

# --- ovn-northd -----------------------------------------------------------------------------

config+=(OCF_RESKEY_manage_northd=yes)
fresh active
northd=$(northd_pid 1)
monitor=$(parent_of "$northd")
kill -9 "$northd"
wait_for 30 gone "$northd" || bail_out "pid $northd outlives SIGKILL"
wait_for 30 gone "$monitor" || bail_out "pid $monitor outlives its child"
expecting="northd was killed"
expect 1 monitor 191 "ovn-northd is absent" "${as_promoted[@]}"
expect 1 monitor 8 "${probe[@]}"
expect 1 promote 0
is "it runs again" "$(northd_status 1)" "Status: active"
northd=$(northd_pid 1)
kill -STOP "$northd"
expecting="northd hangs"
expect 1 monitor 191 "ovn-northd is silent" "${as_promoted[@]}" "${short[@]}"
expect 1 demote 0 OCF_RESKEY_CRM_meta_timeout=10000
ok "it is gone" gone "$northd"
is "the databases are backups" "$(state 1 nb) $(state 1 sb)" "backup backup"
expect 1 stop 0

finish
