#!/bin/sh
# What TLS costs: requests a second over kept connections, plain and inside of TLS, and handshakes a second.
#
#   bench/tls_load.sh BUILD_DIR [ROUNDS] [SECONDS]
#
# BUILD_DIR holds `example_server` and `tls_example_server`, built before, at the top or in bench/: the same protocol with
# a handler that does nothing. They run in turns on a loopback port. Beside the handshakes stand those of `openssl
# s_server` (one thread, which answers with a page of its own), taken by the same clients, and what the library needs for
# the server's signature and key exchange alone. The processor time of the server for one of them is told too: it varies
# less than the rate if the machine has other things to do. Needs wrk, curl and openssl. Fails if an answer is not the
# expected one.
set -eu

build=${1:?usage: $0 BUILD_DIR [ROUNDS] [SECONDS]}
rounds=${2:-3}
seconds=${3:-3}
port=${PORT:-19191}
threads=${THREADS:-2}
connections=${CONNECTIONS:-64}

. "$(dirname "$0")/load_steps.sh"
need wrk curl openssl
plain=$(find_program example_server)
tls=$(find_program tls_example_server)
for program in "$plain" "$tls"; do
    [ -n "$program" ] || { echo "no example_server or tls_example_server in $build" >&2; exit 2; }
done

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ec.key" -out "$work/ec.crt" \
    -days 2 -subj /CN=localhost 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/rsa.key" -out "$work/rsa.crt" \
    -days 2 -subj /CN=localhost 2>/dev/null

cat >"$work/push.lua" <<'LUA'
wrk.method = "POST"
wrk.body = string.rep("x", 426)
LUA

# begin NAME SCHEME PROGRAM ARGUMENT...: runs it until it answers.
begin() {
    round_of=$1
    scheme=$2
    shift 2
    launch "$round_of" "$scheme://127.0.0.1:$port/" "$@"
    used=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
}

# finish_round NAME COUNT: ends it; appends the microseconds of processor time for each of COUNT to NAME.cpu.
finish_round() {
    awk -v ticks="$(getconf CLK_TCK)" -v count="$2" -v before="$used" \
        '{ print ($14 + $15 - before) * 1000000 / ticks / count }' "/proc/$pid/stat" >>"$work/$1.cpu"
    stop
}

# requests NAME SCHEME PROGRAM ARGUMENT...: one round; appends requests a second to NAME.figures.
requests() {
    begin "$@"
    load "$2://127.0.0.1:$port"
    finish_round "$1" "$(awk '/requests in/ { print $1 }' "$work/wrk.out")"
    note "$1"
}

# handshakes NAME PROGRAM ARGUMENT...: one round of full handshakes of TLS 1.3, a request after each.
handshakes() {
    name=$1
    shift
    begin "$name" https "$@"
    clients=
    for client in 1 2 3 4; do
        openssl s_time -connect "127.0.0.1:$port" -new -time "$seconds" -www / >"$work/time.$client" 2>/dev/null &
        clients="$clients $!"
    done
    # shellcheck disable=SC2086 # a list of process ids
    wait $clients
    # "N connections in T real seconds, ...": with the time that passed, and not only that of the client.
    sed -n 's/^\([0-9]*\) connections in \([0-9]*\) real seconds.*/\1 \2/p' "$work"/time.? >"$work/counts"
    finish_round "$name" "$(awk '{ n += $1 } END { print n }' "$work/counts")"
    awk '{ rate += $1 / $2 } END { print rate }' "$work/counts" >>"$work/$name.figures"
}

round=0
while [ $round -lt "$rounds" ]; do
    requests plain http "$plain" "$port" "$threads"
    requests tls https "$tls" "$port" "$threads" "$work/ec.crt" "$work/ec.key"
    for key in ec rsa; do
        handshakes "handshakes_$key" "$tls" "$port" "$threads" "$work/$key.crt" "$work/$key.key"
        handshakes "s_server_$key" openssl s_server -accept "127.0.0.1:$port" -www -quiet \
            -cert "$work/$key.crt" -key "$work/$key.key"
    done
    round=$((round + 1))
done

printf '%-16s %10s %8s   %s\n' what "a second" "CPU us" "a second in all rounds"
for name in plain tls handshakes_ec s_server_ec handshakes_rsa s_server_rsa; do
    printf '%-16s %10.0f %8.1f   %s\n' "$name" "$(median "$work/$name.figures")" "$(median "$work/$name.cpu")" \
        "$(all_rounds "$work/$name.figures")"
done
awk "BEGIN { printf \"tls / plain: %.2f\n\", $(median "$work/tls.figures") / $(median "$work/plain.figures") }"
echo "the library alone, operations a second on one core:"
openssl speed -seconds 1 ecdsap256 rsa2048 ecdhx25519 2>/dev/null | grep -E 'sign|op/s|256 bits|rsa 2048|X25519' || true
