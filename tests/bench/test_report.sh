#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_report - the page, the JSON and the charts that made-up samples lead to.

# shellcheck disable=SC2317,SC2329 # questions are called by ok

set -euo pipefail

SOURCE=${OVNHA_SRCDIR:-${BASH_SOURCE[0]%/tests/bench/*}}
# shellcheck source=tests/lib/tap.sh
. "$SOURCE/tests/lib/tap.sh"

command -v python3 >/dev/null || skip_all "python3 is not installed"

directory=$(mktemp -d)
on_exit rm -rf "$directory"

samples() { # lines of words; the first word of each is the round
	tr ' ' '\t' >"$directory/samples.tsv"
}

report() {
	"$SOURCE/tests/bench/report" "$directory"
}

target() { # WHAT: "VALUE REACHED" of the one whose name begins so
	python3 - "$directory/results.json" "$1" <<-'PYTHON'
		import json, sys
		for target in json.load(open(sys.argv[1]))["targets"]:
		    if target["what"].startswith(sys.argv[2]):
		        value = target["value"]
		        print("-" if value is None else round(value, 3), target["reached"])
	PYTHON
}

is_well_formed() { # FILE...
	python3 -c 'import sys, xml.dom.minidom as dom
for path in sys.argv[1:]: dom.parse(path)' "$@"
}

printf 'date\t2026-01-01\nraft-fast timer\t300 ms\n' >"$directory/facts.tsv"

# Of three rounds, one is bad; it counts in the spread, not in the median.
samples <<'SAMPLES'
1 ours kill outage_ms 500
2 ours kill outage_ms 400
3 ours kill outage_ms 9000
1 raft kill outage_ms 1000
2 raft kill outage_ms 1100
3 raft kill outage_ms 900
1 floor kill outage_ms 250
2 floor kill outage_ms 200
3 floor kill outage_ms 300
1 ours standby outage_ms 300
1 ours standby lost 0
1 ours standby acknowledged 1000
1 stock standby outage_ms 3000
1 stock standby lost 7
1 stock standby acknowledged 900
1 ours role outage_ms 300
1 stock role outage_ms 1000
1 floor role outage_ms 250
1 ours monitor active_cpu_us 2000
1 ours monitor empty_cpu_us 500
1 stock monitor active_cpu_us 50000
1 ours northd flow_ms 700
1 ours northd failed_writes 2
2 stock session failed 1
SAMPLES
ok "a report" report
is "a ratio of medians that is reached" "$(target 'active ovsdb-server killed, against RAFT')" "0.5 True"
is "one that is not" "$(target 'active ovsdb-server killed, against the floor')" "2.0 False"
is "a figure" "$(target 'northd killed: first')" "700.0 True"
is "of what must not happen, each time counts" "$(target 'northd killed: writes')" "2.0 False"
is "nothing lost" "$(target 'planned move (standby): acknowledged')" "0.0 True"
is "CPU against the stock agent" "$(target 'one monitor of the active, CPU, against the stock')" "0.04 True"
is "what was not measured is neither" "$(target 'active host powered off')" "- None"
ok "the page says what is not reached" grep -q 'against the floor | 1.30 x | 2.00 x .* | \*\*not reached\*\* |' \
	"$directory/benchmark.md"
ok "and lists it" grep -qx '[*] active ovsdb-server killed, against the floor' "$directory/benchmark.md"
ok "with what nobody can go below" grep -qx '[*] planned move (role only), against the stock agent (Pacemaker and the address alone: 0.25 x)' \
	"$directory/benchmark.md"
ok "with the spread of the rounds" grep -q '0.50 x (0.36 x - 10 x)' "$directory/benchmark.md"
ok "and what was lost" grep -q '| 0 of 1000 | 7 of 900 |' "$directory/benchmark.md"
ok "and what broke off" grep -q 'stock, session: did not come to its end, 1 time' "$directory/benchmark.md"
ok "charts without a timeline" is_well_formed "$directory"/benchmark-{outage,timeline}.svg

mkdir "$directory/timelines"
cat >"$directory/timelines/ours.kill.1.json" <<'JSON'
{"event": "kill", "system": "ours", "round": 1, "former": "node1", "now": "node2",
 "last_write": 5.0, "first_write": 505.0,
 "points": [{"host": "node1", "what": "it <ends> & is noticed", "at": 7.0}],
 "spans": [{"host": "node2", "what": "ovndb promote", "from": 200.0, "to": 300.0, "exit": 0},
           {"host": "node2", "what": "vip start", "from": 350.0, "to": 450.0, "exit": 0}],
 "graphs": [{"at": 100.0, "number": 1, "operations": ["ovndb_promote_0 node2", "ovndb_notify_0 node1"]}]}
JSON
ok "a report with a timeline" report
ok "charts with one" is_well_formed "$directory"/benchmark-{outage,timeline}.svg
ok "the promote is in it" grep -q 'node2: ovndb promote' "$directory/benchmark-timeline.svg"
ok "its transition is counted" grep -q '1 transition(s) until the first write, of 2 operations; 1 of them' \
	"$directory/benchmark.md"
ok "where the time went" grep -qF '| ours, kill | 95 | 100 | 100 | 50 | 100 | 55 |' "$directory/benchmark.md"

printf '200\t30\t4\t2\t1\t900\n300\t30\t0\t0\t0\t40\n' >"$directory/soak.tsv"
ok "a report with a soak" report
is "of which the last token counts" "$(target 'false failovers')" "0 True"
ok "and all are shown" grep -qx '| 200 | 30 | 4 | 2 | 1 | 900 |' "$directory/benchmark.md"

samples </dev/null
rm -r "$directory/timelines"
ok "a report of nothing" report
ok "is well-formed, too" is_well_formed "$directory"/benchmark-{outage,timeline}.svg
finish
