#!/bin/sh
# opentelemetry-exporter-prometheus 0.66b2 (PyPI): with two meters the attribute code=500 is shown as host="500".
#
# Guess: if two libraries in a program use one metric name, each with its own attributes, every series has the labels
#   and values that were given, beside the name of its library, the scope.
# Truth: the metric has the label names of the scope that comes first. Of the others only the values are kept, and they
#   are put under these names in order: they move to another label, even to the one for the scope, and those too many
#   are cut off, by which different series become one that is shown twice. Within one scope missing labels are filled
#   in and all is right, so tests with one meter pass.
#
# Seen (the calls with scope and attributes, then the labels without those of the scope's schema and version):
# > counter, x host=db1, x code=500: {code="",host="db1",otel_scope_name="x"} {code="500",host="",otel_scope_name="x"}
# > counter, x host=db1, y code=500: {host="db1",otel_scope_name="x"} {host="500",otel_scope_name="y"}
# > counter, y code=500, x host=db1: {code="500",otel_scope_name="y"} {code="db1",otel_scope_name="x"}
# > counter, x, y code=500: {otel_scope_name="x"} {otel_scope_name="500"}
# > counter, x, y code=500 to=a, y code=500 to=b: {otel_scope_name="x"} {otel_scope_name="500"} {otel_scope_name="500"}
# > histogram, x host=db1, y code=500: {host="db1",otel_scope_name="x"} {host="500",otel_scope_name="y"}
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 python3 -m pip -q --disable-pip-version-check install --root-user-action=ignore --target "$dir" \
    opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 prometheus_client==0.26.0

out=$(PYTHONPATH="$dir" timeout 60 python3 - <<'EOF'
from re import findall, sub
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import CollectorRegistry, generate_latest

def show(kind, *calls):
    registry = CollectorRegistry()
    reader = PrometheusMetricReader(disable_target_info=True, registry=registry)
    provider = MeterProvider(metric_readers=[reader])
    for call in calls:
        scope, *attributes = call.split()
        attributes = dict(attribute.split("=") for attribute in attributes)
        if kind == "counter":
            provider.get_meter(scope).create_counter("calls").add(1, attributes)
        else:
            provider.get_meter(scope).create_histogram("calls").record(1, attributes)
    text = sub(r',otel_scope_(schema_url|version)="\w*"', "", generate_latest(registry).decode())
    print(f"{kind}, {', '.join(calls)}:", *findall(r"calls_(?:total|count)(\{.*\})", text))
    provider.shutdown()

show("counter", "x host=db1", "x code=500")
show("counter", "x host=db1", "y code=500")
show("counter", "y code=500", "x host=db1")
show("counter", "x", "y code=500")
show("counter", "x", "y code=500 to=a", "y code=500 to=b")
show("histogram", "x host=db1", "y code=500")
EOF
)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
