#!/bin/sh
# How long a start takes with a million series in the persistence file: until the server answers, and until it is ready.
#
#   bench/persistence_start.sh BUILD_DIR [ROUNDS]
#
# BUILD_DIR holds `pushgateway` and `bench/kept_groups`, built before. FOLDER (default: a temporary one) says on which disk.
# Prints the load of the machine beside it. Fails if a shape of a million series is not ready within 3 s at the median.
set -eu

build=${1:?usage: $0 BUILD_DIR [ROUNDS]}
rounds=${2:-5}
port=${PORT:-19093}

for program in pushgateway bench/kept_groups; do
    [ -x "$build/$program" ] || { echo "no $program in $build" >&2; exit 2; }
done

. "$(dirname "$0")/load_steps.sh"
need curl
folder=${FOLDER:-$work}
litter=$folder/start.db

now() { date +%s%N; }

# start NAME: one start, to the figures of NAME.
start() {
    rm -f "$work/log"
    mkfifo "$work/log"
    begun=$(now)
    "$build/pushgateway" --web.listen-address="127.0.0.1:$port" --persistence.file="$folder/start.db" 2>"$work/log" &
    pid=$!
    answers=
    ready=
    while read -r line; do
        case $line in
        *"Listening on"*)
            curl -sf -m 5 -o /dev/null "http://127.0.0.1:$port/-/healthy"
            answers=$((($(now) - begun) / 1000000))
            ;;
        *"changes are being kept"*)
            ready=$((($(now) - begun) / 1000000))
            break
            ;;
        esac
    done <"$work/log"
    [ -n "$ready" ] || { echo "the server did not become ready" >&2; exit 1; }
    cpu=$(awk '{ print ($14 + $15) * 10 }' "/proc/$pid/stat")
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    pid=
    echo "$ready" >>"$work/$1.ready"
    echo "$answers" >>"$work/$1.answers"
    echo "$cpu" >>"$work/$1.cpu"
}

slow=0
printf '%-44s %8s %9s %8s %8s   %s\n' "groups x families x series" "file MiB" "answers" "ready" "cpu" "ready in all rounds; load"
for shape in "10000 1 100" "10000 100 1" "100 100 100" "100000 10 1"; do
    rm -f "$folder"/start.db*
    # shellcheck disable=SC2086
    "$build/bench/kept_groups" "$folder/start.db" $shape
    name=$(echo "$shape" | tr ' ' x)
    round=0
    while [ $round -lt "$rounds" ]; do
        start "$name"
        round=$((round + 1))
    done
    ready=$(median "$work/$name.ready")
    printf '%-44s %8d %6.0f ms %5.0f ms %5.0f ms   %s; %s\n' "$name" $(($(stat -c %s "$folder/start.db") / 1048576)) \
        "$(median "$work/$name.answers")" "$ready" "$(median "$work/$name.cpu")" \
        "$(all_rounds "$work/$name.ready")" "$(cut -d ' ' -f 1 /proc/loadavg)"
    [ "$(echo "$ready" | cut -d . -f 1)" -lt 3000 ] || slow=1
done
[ $slow = 0 ] || { echo "a shape is not ready within 3 s" >&2; exit 1; }
