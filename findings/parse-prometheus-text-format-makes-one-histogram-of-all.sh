#!/bin/sh
# parse-prometheus-text-format 1.1.1 (npm): all series of a histogram or summary become one, without labels.
#
# Guess: the parser returns one metric for each set of labels, as it does for gauges.
# Truth: for histograms and summaries it drops all labels but le and quantile. The series overwrite each other's buckets,
#   the last one wins, and _sum and _count are gone. There is no error.
#
# Seen, for code 200 with buckets 1, 2 and code 500 with buckets 10, 20:
# > gauge: [{"value":"1","labels":{"code":"200"}},{"value":"2","labels":{"code":"500"}}]
# > histogram: [{"buckets":{"1":"10","+Inf":"20"}}]
# > histogram, 500 first: [{"buckets":{"1":"1","+Inf":"2"}}]
# > summary: [{"quantiles":{"0.5":"10"}}]
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" parse-prometheus-text-format@1.1.1 >/dev/null

cat >"$dir/try.js" <<'EOF'
const parse = require('parse-prometheus-text-format');

const histogram = (code, low, all) =>
  `h_bucket{code="${code}",le="1"} ${low}\nh_bucket{code="${code}",le="+Inf"} ${all}\n` +
  `h_sum{code="${code}"} 3\nh_count{code="${code}"} ${all}\n`;
const summary = (code, median) =>
  `s{code="${code}",quantile="0.5"} ${median}\ns_sum{code="${code}"} 3\ns_count{code="${code}"} 2\n`;
const show = (name, text) => console.log(`${name}: ${JSON.stringify(parse(text)[0].metrics)}`);

show('gauge', '# TYPE g gauge\ng{code="200"} 1\ng{code="500"} 2\n');
show('histogram', '# TYPE h histogram\n' + histogram('200', 1, 2) + histogram('500', 10, 20));
show('histogram, 500 first', '# TYPE h histogram\n' + histogram('500', 10, 20) + histogram('200', 1, 2));
show('summary', '# TYPE s summary\n' + summary('200', 1) + summary('500', 10));
EOF
out=$(timeout 60 node "$dir/try.js")
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
