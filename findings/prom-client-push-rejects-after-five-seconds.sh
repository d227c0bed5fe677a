#!/bin/sh
# prom-client 15.1.3 (npm) on Node.js 20: push() is rejected after five seconds, though no timeout was set.
#
# Guess: without the option "timeout" a request waits for its answer. The five seconds of Node's global agent (since Node
#   19) are the time that an idle socket is kept for the next request.
# Truth: they are the timeout of sockets in use as well. After five seconds without data a request gets the event
#   "timeout", which does nothing unless somebody listens. prom-client listens and destroys the request, so it loses
#   pushes to a gateway that takes six seconds to answer; a plain http.request() gets its answer.
#
# Seen (the server answers after seven seconds):
# > prom-client: Pushgateway request timed out
# > prom-client with timeout 30000: 200
# > Node's http.request: 200
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" prom-client@15.1.3 >/dev/null

cat >"$dir/try.js" <<'EOF'
const http = require('http');
const { Gauge, Pushgateway, Registry } = require('prom-client');

const registry = new Registry();
new Gauge({ name: 'jobs_done', help: 'Jobs done.', registers: [registry] }).set(1);
const server = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => setTimeout(() => response.end(), 7000));
});
const push = (url, options) =>
  new Pushgateway(url, options, registry).push({ jobName: 'backup' }).then(
    ({ resp }) => resp.statusCode, error => error.message);
const plain = url => new Promise(resolve =>
  http.request(url, { method: 'PUT' }, response => resolve(response.statusCode))
    .on('error', error => resolve(error.message)).end('jobs_done 1\n'));

server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const [bare, patient, own] = await Promise.all([push(url, {}), push(url, { timeout: 30000 }), plain(url)]);
  console.log(`prom-client: ${bare}\nprom-client with timeout 30000: ${patient}\nNode's http.request: ${own}`);
  process.exit();
});
EOF
out=$(timeout 60 node "$dir/try.js")
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
