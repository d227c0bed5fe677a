#!/bin/sh
# Pushes a second with and without a persistence file, and the syncs a second that the disk can do.
#
#   bench/persistence_load.sh BUILD_DIR [ROUNDS] [SECONDS]
#
# BUILD_DIR holds `pushgateway` and `bench/fsync_rate`, built before. FOLDER (default: a temporary one) says on which disk.
# With SYNC_DELAY_US=1000 every sync takes a millisecond instead of what the disk needs, by bench/libsync_delay.so; FOLDER is
# best one in memory then, like /dev/shm. Each connection pushes to groups of its own. Needs wrk. Fails if an answer is not the
# expected one, or if --persistence.sync=always keeps too little of the rate in memory: less than a third where a sync takes
# 1 ms or less; where it takes longer, less than two thirds of what a journal would keep that costs nothing but one sync for
# all clients.
set -eu

build=${1:?usage: $0 BUILD_DIR [ROUNDS] [SECONDS]}
rounds=${2:-3}
seconds=${3:-3}
port=${PORT:-19092}
connections=${CONNECTIONS:-64}

. "$(dirname "$0")/load_steps.sh"
need wrk curl
[ -x "$build/pushgateway" ] || { echo "no pushgateway in $build" >&2; exit 2; }
syncs=$build/bench/fsync_rate
[ -x "$syncs" ] || { echo "no bench/fsync_rate in $build" >&2; exit 2; }
preload=
if [ -n "${SYNC_DELAY_US:-}" ]; then
    preload=$(realpath "$build")/bench/libsync_delay.so
    [ -e "$preload" ] || { echo "no bench/libsync_delay.so in $build" >&2; exit 2; }
fi

folder=${FOLDER:-$work}
litter=$folder/load.db

# Six series; every thread of wrk goes through 32 groups in turn.
cat >"$work/push.lua" <<'LUA'
local id = 0
function setup(thread)
    thread:set("id", id)
    id = id + 1
end
local n = 0
function init()
    local lines = {"# TYPE step_seconds gauge"}
    for i = 1, 6 do
        lines[#lines + 1] = string.format('step_seconds{step="number-%02d",host="node-%02d"} %d.25', i, i, 100 + i)
    end
    body = table.concat(lines, "\n") .. "\n"
    requests = {}
    for i = 0, 31 do
        requests[i] = wrk.format("POST", "/metrics/job/load/thread/" .. id .. "/group/" .. i, nil, body)
    end
end
function request()
    n = (n + 1) % 32
    return requests[n]
end
LUA

# measure NAME ARGUMENT...: one round.
measure() {
    name=$1
    shift
    rm -f "$folder"/load.db*
    launch "$name" "http://127.0.0.1:$port/-/ready" env LD_PRELOAD="$preload" "$build/pushgateway" \
        --web.listen-address="127.0.0.1:$port" --log.level=error "$@"
    load "http://127.0.0.1:$port"
    stop
    note "$name"
}

round=0
while [ $round -lt "$rounds" ]; do
    LD_PRELOAD=$preload "$syncs" "$folder" >>"$work/syncs.figures"
    measure memory
    for sync in off interval always; do
        measure "$sync" --persistence.file="$folder/load.db" --persistence.sync="$sync"
    done
    round=$((round + 1))
done

rate=$(median "$work/syncs.figures")
memory=$(median "$work/memory.figures")
printf 'the disk syncs %.0f times a second (%s)%s\n' "$rate" "$(awk "BEGIN { printf \"%.2f ms\", 1000 / $rate }")" \
    "${SYNC_DELAY_US:+, which is a delay of $SYNC_DELAY_US us}; load $(cut -d ' ' -f 1 /proc/loadavg)"
printf '%-10s %12s %8s %14s   %s\n' kept "pushes/s" ratio "pushes a sync" "all rounds"
for name in memory off interval always; do
    value=$(median "$work/$name.figures")
    ratio=$(awk "BEGIN { printf \"%.2f\", $value / $memory }")
    printf '%-10s %12.0f %8s %14.1f   %s\n' "$name" "$value" "$ratio" "$(awk "BEGIN { print $value / $rate }")" \
        "$(all_rounds "$work/$name.figures")"
done
always=$(median "$work/always.figures")
bound=$(awk "BEGIN { print 1 / (1 + $memory / ($rate * $connections)) }")
printf 'a journal that costs nothing but a sync for all clients: %.2f\n' "$bound"
least=$(awk "BEGIN { print ($rate >= 1000) ? 1 / 3 : $bound * 2 / 3 }")
awk "BEGIN { exit !($always / $memory >= $least) }" || { echo "the ratio of always is below $least" >&2; exit 1; }
