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

command -v wrk >/dev/null || { echo "wrk is not installed (Debian: apt-get install wrk)" >&2; exit 2; }

find_program() {
    for candidate in "$build/$1" "$build/bench/$1"; do
        if [ -x "$candidate" ]; then
            echo "$candidate"
            return
        fi
    done
}

work=$(mktemp -d)
pid=
finish() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

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

# start NAME PROGRAM ARGUMENT...: runs it until it answers.
start() {
    name=$1
    shift
    if curl -s -m 2 -o /dev/null "http://127.0.0.1:$port/"; then
        echo "something else answers on port $port" >&2
        exit 2
    fi
    "$@" >"$work/$name.log" 2>&1 &
    pid=$!
    tries=0
    until printf '# hello\n' | curl -sf -m 2 -o /dev/null --data-binary @- "http://127.0.0.1:$port/metrics/job/load" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "$name does not answer:" >&2
            cat "$work/$name.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

stop() {
    kill "$pid"
    wait "$pid" 2>/dev/null || true
    pid=
}

# measure NAME PROGRAM ARGUMENT...: one round; appends requests a second to NAME.figures.
measure() {
    start "$@"
    wrk -t 2 -c "$connections" -d "${seconds}s" -s "$work/push.lua" "http://127.0.0.1:$port" >"$work/wrk.out"
    if ! kill -0 "$pid"; then
        echo "$1 has ended:" >&2
        cat "$work/$1.log" >&2
        exit 1
    fi
    stop
    if grep -Eq "Non-2xx|Socket errors" "$work/wrk.out"; then
        echo "$1: not every push was answered as it should be:" >&2
        cat "$work/wrk.out" >&2
        exit 1
    fi
    awk '/^Requests\/sec:/ { print $2 }' "$work/wrk.out" >>"$work/$1.figures"
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

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
    printf '%-16s %12.0f %8s   %s\n' "$name" "$value" "$ratio" "$(tr '\n' ' ' <"$work/$name.figures")"
done
awk "BEGIN { exit !($ratio >= 0.8) }" || { echo "the ratio is below 0.8" >&2; exit 1; }
