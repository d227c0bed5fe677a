#!/bin/sh
# prometheus_client 0.26.0 (PyPI): after a negative observation the library cannot parse the OpenMetrics that it writes.
#
# Guess: the library's parser reads what the library writes.
# Truth: a summary that observed -1 is written with a negative _sum, which the parser refuses. A histogram with a negative
#   bound is written without _sum, as OpenMetrics demands; the parser then complains that _sum is missing. Either way
#   the whole exposition is refused. In the text format the same registries can be read.
#
# Seen:
# > summary of 1: OpenMetrics is read, text is read
# > summary of -1: OpenMetrics: Counter-like samples cannot be negative: t_sum -1.0, text is read
# > histogram of -1, bounds 1 2: OpenMetrics: Counter-like samples cannot be negative: t_sum -1.0, text is read
# > histogram of -1, bounds -2 2: OpenMetrics: _sum/_gsum must be present if _count is present: t, text is read
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 python3 -m pip -q --disable-pip-version-check install --root-user-action=ignore --no-deps \
    --target "$dir" prometheus_client==0.26.0

out=$(PYTHONPATH="$dir" timeout 60 python3 - <<'EOF'
from prometheus_client import CollectorRegistry, Histogram, Summary, exposition, parser
from prometheus_client.openmetrics import exposition as openmetrics, parser as openmetrics_parser

def reading(write, read, registry):
    try:
        list(read(write(registry).decode()))
        return " is read"
    except ValueError as error:
        return f": {error}"

def try_with(name, observed, metric, **options):
    registry = CollectorRegistry()
    metric("t", "Degrees.", registry=registry, **options).observe(observed)
    strict = reading(openmetrics.generate_latest, openmetrics_parser.text_string_to_metric_families, registry)
    plain = reading(exposition.generate_latest, parser.text_string_to_metric_families, registry)
    print(f"{name}: OpenMetrics{strict}, text{plain}")

try_with("summary of 1", 1, Summary)
try_with("summary of -1", -1, Summary)
try_with("histogram of -1, bounds 1 2", -1, Histogram, buckets=[1, 2])
try_with("histogram of -1, bounds -2 2", -1, Histogram, buckets=[-2, 2])
EOF
)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
