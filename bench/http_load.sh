#!/bin/sh
# Pushes a second over keep-alive connections, against a server that answers without looking.
#
#   bench/http_load.sh BUILD_DIR [ROUNDS] [SECONDS]
#
# BUILD_DIR holds the programs, built before: `bare_server` (the floor), `example_server` (the protocol alone) and
# `pushgateway` (the whole; left out if it is not there), at the top or in bench/. They run one after the other, in
# turns, on a loopback port. Needs wrk. Fails if an answer is not the expected one, or if the ratio of the medians of the
# last one is below 0.8.
set -eu

build=${1:?usage: $0 BUILD_DIR [ROUNDS] [SECONDS]}
rounds=${2:-5}
seconds=${3:-3}
port=${PORT:-19091}
threads=${THREADS:-2}
connections=${CONNECTIONS:-64}

. "$(dirname "$0")/load_steps.sh"
need wrk curl

# A push of six series, 426 bytes; every connection of wrk pushes to groups of its own thread.
cat >"$work/push.lua" <<'LUA'
local id = 0
function setup(thread)
    thread:set("id", id)
    id = id + 1
end
function init()
    local lines = {"# TYPE step_seconds gauge"}
    for i = 1, 6 do
        lines[#lines + 1] = string.format('step_seconds{step="number-%02d",host="node-%02d"} %d.25', i, i, 100 + i)
    end
    local body = table.concat(lines, "\n") .. "\n"
    body = "# " .. string.rep("x", 426 - 3 - #body) .. "\n" .. body
    assert(#body == 426)
    wrk.method = "POST"
    wrk.body = body
    wrk.path = "/metrics/job/load/thread/" .. id
    wrk.headers["Content-Type"] = "text/plain; version=0.0.4"
end
LUA

# measure NAME PROGRAM ARGUMENT...: one round.
measure() {
    name=$1
    shift
    launch "$name" "http://127.0.0.1:$port/" "$@"
    printf '# hello\n' | curl -sf -m 2 -o /dev/null --data-binary @- "http://127.0.0.1:$port/metrics/job/load" || {
        echo "$name does not take a push:" >&2
        cat "$work/$name.log" >&2
        exit 1
    }
    load "http://127.0.0.1:$port"
    stop
    note "$name"
}

bare=$(find_program bare_server)
example=$(find_program example_server)
gateway=$(find_program pushgateway)
[ -n "$bare" ] || { echo "no bare_server in $build" >&2; exit 2; }
[ -n "$example$gateway" ] || { echo "nothing to measure in $build" >&2; exit 2; }

round=0
while [ $round -lt "$rounds" ]; do
    measure bare_server "$bare" "$port" "$threads"
    [ -z "$example" ] || measure example_server "$example" "$port" "$threads"
    [ -z "$gateway" ] || measure pushgateway "$gateway" --web.listen-address="127.0.0.1:$port" --log.level=error
    round=$((round + 1))
done

floor=$(median "$work/bare_server.figures")
printf '%-16s %12s %8s   %s\n' server "pushes/s" ratio "all rounds"
ratio=1
for name in bare_server example_server pushgateway; do
    [ -f "$work/$name.figures" ] || continue
    value=$(median "$work/$name.figures")
    ratio=$(awk "BEGIN { printf \"%.2f\", $value / $floor }")
    printf '%-16s %12.0f %8s   %s\n' "$name" "$value" "$ratio" "$(all_rounds "$work/$name.figures")"
done
awk "BEGIN { exit !($ratio >= 0.8) }" || { echo "the ratio is below 0.8" >&2; exit 1; }
