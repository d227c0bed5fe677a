#!/bin/sh
# prometheus_client 0.26.0 (PyPI), multiprocess mode: a gauge counts as 0 in each process that has not set it.
#
# Guess: a gauge with multiprocess_mode="min" shows the least of the values that were set; a worker that has had no work
#   yet adds nothing, as with "mostrecent". In "max" this only matters for values below 0.
# Truth: a gauge without labels writes 0 to the file of its process when it is created, and "min", "max" and their live
#   modes take this for a value. As every worker imports every module, an oldest entry, a lowest stock or a free
#   space is 0 until the last worker has set it. The same gauge with a label is right.
#
# Seen (the modes without and with a label, for the values that the workers set):
# > 5 and 7: min 5 5, livemin 5 5, max 7 7, mostrecent 7 7
# > 5 and not set: min 0 5, livemin 0 5, max 5 5, mostrecent 5 5
# > -5 and not set: min -5 -5, livemin -5 -5, max 0 -5, mostrecent -5 -5
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 python3 -m pip -q --disable-pip-version-check install --root-user-action=ignore --no-deps \
    --target "$dir/packages" prometheus_client==0.26.0
cat >"$dir/worker.py" <<'EOF'
import sys
from prometheus_client import Gauge

for mode in "min", "livemin", "max", "mostrecent":
    plain = Gauge("plain_" + mode, "Without a label.", multiprocess_mode=mode)
    labelled = Gauge("labelled_" + mode, "With a label.", ["queue"], multiprocess_mode=mode)
    for value in sys.argv[1:]:
        plain.set(float(value))
        labelled.labels("a").set(float(value))
EOF
cat >"$dir/scrape.py" <<'EOF'
from prometheus_client import CollectorRegistry, multiprocess

registry = CollectorRegistry()
multiprocess.MultiProcessCollector(registry)
modes = []
for mode in "min", "livemin", "max", "mostrecent":
    plain = registry.get_sample_value("plain_" + mode)
    modes.append(f"{mode} {plain:g} {registry.get_sample_value('labelled_' + mode, {'queue': 'a'}):g}")
print(", ".join(modes))
EOF
export PYTHONPATH="$dir/packages" PROMETHEUS_MULTIPROC_DIR="$dir/values"
try() {  # NAME FIRST SECOND: the values that two workers set; nothing is set for an empty one
    mkdir "$dir/values"
    timeout 60 python3 "$dir/worker.py" "$2"
    timeout 60 python3 "$dir/worker.py" ${3:+"$3"}
    echo "$1: $(timeout 60 python3 "$dir/scrape.py")"
    rm -r "$dir/values"
}
out=$(try '5 and 7' 5 7 && try '5 and not set' 5 '' && try '-5 and not set' -5 '')
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
