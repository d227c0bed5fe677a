#!/bin/sh
# @opentelemetry/sdk-metrics 2.12.1 (npm): a view that leaves an attribute out loses the values of observable counters.
#
# Guess: with a view that leaves out the attribute "cpu", the values of all processors are added up, as OpenTelemetry's
#   data model has it for sums. Whether the program counts or is asked for a total makes no difference.
# Truth: counters are added up. Of the values that a callback of an observable one reports, the last
#   stays and the others are lost: four processors show the time of one. There is no warning, and it still goes up.
#
# Seen (processor 0 has 300, processor 1 has 40, reported in this order):
# > all attributes, counter: cpu 0 300, cpu 1 40
# > all attributes, observable counter: cpu 0 300, cpu 1 40
# > without cpu, counter: 340
# > without cpu, observable counter: 40
# > without cpu, observable up-down counter: 40
# > without cpu, observable counter, processor 1 first: 300
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" \
    @opentelemetry/api@1.9.0 @opentelemetry/sdk-metrics@2.12.1 >/dev/null
cat >"$dir/try.js" <<'EOF'
const { createDenyListAttributesProcessor, MeterProvider, MetricReader } = require('@opentelemetry/sdk-metrics');

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

const times = [[300, { cpu: 0 }], [40, { cpu: 1 }]];
const add = (instrument) => times.forEach(([value, attributes]) => instrument.add(value, attributes));
const observe = (instrument, values = times) =>
  instrument.addCallback((result) => values.forEach(([value, attributes]) => result.observe(value, attributes)));

async function show(what, views, use) {
  const reader = new Reader();
  use(new MeterProvider({ readers: [reader], views }).getMeter('m'));
  const { resourceMetrics } = await reader.collect();
  const points = resourceMetrics.scopeMetrics[0].metrics[0].dataPoints;
  const text = points.map(({ attributes, value }) => ('cpu' in attributes ? `cpu ${attributes.cpu} ` : '') + value);
  console.log(`${what}: ${text.join(', ')}`);
}

(async () => {
  await show('all attributes, counter', [], (meter) => add(meter.createCounter('t')));
  await show('all attributes, observable counter', [], (meter) => observe(meter.createObservableCounter('t')));
  const views = [{ instrumentName: '*', attributesProcessors: [createDenyListAttributesProcessor(['cpu'])] }];
  await show('without cpu, counter', views, (meter) => add(meter.createCounter('t')));
  await show('without cpu, observable counter', views, (meter) => observe(meter.createObservableCounter('t')));
  await show('without cpu, observable up-down counter', views, (meter) => observe(meter.createObservableUpDownCounter('t')));
  await show('without cpu, observable counter, processor 1 first', views, (meter) =>
    observe(meter.createObservableCounter('t'), [...times].reverse()));
})();
EOF
out=$(timeout 60 node "$dir/try.js")
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
