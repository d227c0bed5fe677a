#!/bin/sh
# prom-client 15.1.3 (npm), aggregation over workers: the 0.99 quantiles of a summary are added up.
#
# Guess: quantiles of several workers cannot be put together, so they are left out, or one stands for all: the least, the
#   largest or a mean. The library's own percentiles of the event loop's lag are averaged.
# Truth: they are summed as sum and count are: with four workers that each took 100 ms, the 0.99 quantile is 400 ms. The
#   option "aggregator" is for all of a summary, so with "average" or "max" the quantiles are plausible, but then sum
#   and count are no longer totals. Histograms, whose buckets may be summed, are right.
#
# Seen (each worker observed 0.1):
# > 1 worker: {quantile="0.5"} 0.1, {quantile="0.99"} 0.1, _sum 0.1, _count 1
# > 4 workers: {quantile="0.5"} 0.4, {quantile="0.99"} 0.4, _sum 0.4, _count 4
# > 4 workers, average: {quantile="0.5"} 0.1, {quantile="0.99"} 0.1, _sum 0.1, _count 1
# > 4 workers, max: {quantile="0.5"} 0.1, {quantile="0.99"} 0.1, _sum 0.1, _count 1
# > 4 workers, histogram: _bucket{le="0.2"} 4, _bucket{le="+Inf"} 4, _sum 0.4, _count 4
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" prom-client@15.1.3 >/dev/null

cat >"$dir/try.js" <<'EOF'
const { AggregatorRegistry, Histogram, Registry, Summary } = require('prom-client');

async function show(what, workers, Metric, options) {
  const registries = Array.from({ length: workers }, () => {
    const registry = new Registry();
    new Metric({ name: 'seconds', help: 'Time.', registers: [registry], ...options }).observe(0.1);
    return registry;
  });
  const all = AggregatorRegistry.aggregate(await Promise.all(registries.map((registry) => registry.getMetricsAsJSON())));
  const lines = (await all.metrics()).split('\n').filter((line) => line.startsWith('seconds'));
  console.log(`${what}: ${lines.map((line) => line.slice('seconds'.length)).join(', ')}`);
}

(async () => {
  const percentiles = [0.5, 0.99];
  await show('1 worker', 1, Summary, { percentiles });
  await show('4 workers', 4, Summary, { percentiles });
  await show('4 workers, average', 4, Summary, { percentiles, aggregator: 'average' });
  await show('4 workers, max', 4, Summary, { percentiles, aggregator: 'max' });
  await show('4 workers, histogram', 4, Histogram, { buckets: [0.2] });
})();
EOF
out=$(timeout 60 node "$dir/try.js")
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
