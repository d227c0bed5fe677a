// client.js ADDRESS PHASE: what a job in JavaScript does.
const { Counter, Gauge, Histogram, Pushgateway, Registry, Summary } = require('prom-client');

const [address, phase] = process.argv.slice(2);
const key = { jobName: 'client', groupings: { instance: 'js', path: 'a b' } };

function metrics() {
  const registers = [new Registry()];
  new Counter({ name: 'client_jobs_total', help: 'Jobs done.', labelNames: ['kind'], registers }).inc({ kind: 'a' }, 4);
  new Gauge({ name: 'client_temperature', help: 'How warm.', registers }).set(21.5);
  const sizes = new Histogram({ name: 'client_size', help: 'Sizes.', buckets: [0.5, 1], registers });
  const times = new Summary({ name: 'client_time', help: 'Times.', percentiles: [0.5], registers });
  [0.25, 0.75, 2].forEach((value) => sizes.observe(value));
  [3, 3].forEach((value) => times.observe(value));
  return registers[0];
}

async function main() {
  const gateway = new Pushgateway(`http://${address}`, {}, metrics());
  if (phase === 'push') await gateway.push(key);
  if (phase === 'delete') await gateway.delete(key);
  if (phase === 'add') {
    const registry = new Registry();
    new Gauge({ name: 'client_temperature', help: 'How warm.', registers: [registry] }).set(5);
    await new Pushgateway(`http://${address}`, {}, registry).pushAdd(key);
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
