# shellcheck shell=sh
# shellcheck disable=SC2154 # who sources it sets $build and $port, and before a load $connections and $seconds
# What the scripts of this folder that measure servers have in common. Makes a folder $work, which goes when the script
# ends, as do the server $pid and the files whose names begin with $litter.

work=$(mktemp -d)
pid=
litter=
finish() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    rm -rf "$work"
    [ -z "$litter" ] || rm -f "$litter"*
}
trap finish EXIT
trap 'exit 130' INT TERM

# need TOOL...
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { echo "$tool is not installed (Debian: apt-get install $tool)" >&2; exit 2; }
    done
}

# find_program NAME: where it is in the build, or nothing.
find_program() {
    for candidate in "$build/$1" "$build/bench/$1"; do
        if [ -x "$candidate" ]; then
            echo "$candidate"
            return
        fi
    done
}

answers() {
    case $(curl -sk -m 2 -o /dev/null -w '%{http_code}' "$1") in
    000 | 503) false ;;
    esac
}

# launch NAME URL PROGRAM ARGUMENT...: starts a server, and waits until a GET of the URL is answered, and not with 503.
launch() {
    name=$1
    url=$2
    shift 2
    if curl -sk -m 2 -o /dev/null "$url"; then
        echo "something else answers on port $port" >&2
        exit 2
    fi
    "$@" >"$work/$name.log" 2>&1 &
    pid=$!
    tries=0
    until answers "$url"; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
            echo "$name does not answer:" >&2
            cat "$work/$name.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# Ends the server in order, or by SIGTERM if it knows no other way.
stop() {
    status=0
    kill "$pid" || status=gone
    wait "$pid" 2>/dev/null || status=$?
    pid=
    case $status in
    0 | 143) ;;
    *)
        echo "the server ended with status $status:" >&2
        cat "$work"/*.log >&2
        exit 1
        ;;
    esac
}

# load URL: lets wrk send what $work/push.lua says, to $work/wrk.out.
load() { wrk -t 2 -c "$connections" -d "${seconds}s" -s "$work/push.lua" "$1" >"$work/wrk.out"; }

# note NAME: appends the requests a second of the last load to NAME.figures, if all were answered as they should be.
note() {
    if grep -Eq "Non-2xx|Socket errors" "$work/wrk.out"; then
        echo "$1: not every request was answered as it should be:" >&2
        cat "$work/wrk.out" >&2
        exit 1
    fi
    awk '/^Requests\/sec:/ { print $2 }' "$work/wrk.out" >>"$work/$1.figures"
}

# median FILE
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

# all_rounds FILE: its figures in their order.
all_rounds() { tr '\n' ' ' <"$1"; }
