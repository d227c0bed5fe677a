#!/bin/sh
# @opentelemetry/otlp-transformer 0.223.0 and sdk-metrics 2.12.1 (npm): OTLP in JSON has null for NaN and infinities.
#
# Guess: OTLP's JSON is protobuf's, which writes "NaN", "Infinity" and "-Infinity" as strings, so that the JSON and the
#   protobuf encoding of one SDK carry the same values.
# Truth: the value goes through JSON.stringify(), which writes null. To a protobuf JSON parser null means that the field
#   is not set: the point has no value. The protobuf encoding of the same point has it.
#
# Seen:
# > 1.5: JSON "asDouble":1.5, protobuf has it
# > NaN: JSON "asDouble":null, protobuf has it
# > Infinity: JSON "asDouble":null, protobuf has it
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" \
    @opentelemetry/api@1.9.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/otlp-transformer@0.223.0 >/dev/null

cat >"$dir/try.js" <<'EOF'
const { MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');
const { JsonMetricsSerializer, ProtobufMetricsSerializer } = require('@opentelemetry/otlp-transformer');

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

(async () => {
  for (const value of [1.5, NaN, Infinity]) {
    const reader = new Reader();
    new MeterProvider({ readers: [reader] }).getMeter('m').createGauge('share').record(value);
    const { resourceMetrics } = await reader.collect();
    const json = Buffer.from(JsonMetricsSerializer.serializeRequest(resourceMetrics)).toString();
    const bytes = Buffer.from(ProtobufMetricsSerializer.serializeRequest(resourceMetrics));
    const field = Buffer.alloc(9, 0x21);  // as_double: field 4, 64 bits
    field.writeDoubleLE(value, 1);
    console.log(`${value}: JSON ${/"asDouble":[^,}]*/.exec(json)[0]}, protobuf ${bytes.includes(field) ? 'has' : 'lacks'} it`);
  }
})();
EOF
out=$(timeout 60 node "$dir/try.js")
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
