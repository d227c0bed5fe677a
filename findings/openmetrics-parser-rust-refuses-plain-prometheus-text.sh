#!/bin/sh
# openmetrics-parser 0.4.4 (Rust): its parser for the Prometheus text format refuses what most exporters write.
#
# Guess: there is parse_prometheus() beside parse_openmetrics() because the text format allows more than OpenMetrics, and
#   it accepts what the text format allows.
# Truth: it has rules of OpenMetrics and some of its own. A counter must end in _total, all series of a family must have
#   the same label names, samples without TYPE must share one name, names have no capital letters, HELP has no quotes,
#   and "untyped", the text format's word for a metric without a type, is unknown.
#
# Seen:
# > gauge: read
# > counter without _total: refused
# > series with other labels: refused
# > two names without TYPE: refused
# > capital letter in a name: refused
# > quotes in HELP: refused
# > TYPE untyped: refused
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
mkdir src
cat >Cargo.toml <<'EOF'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
openmetrics-parser = "=0.4.4"
EOF
cat >src/main.rs <<'EOF'
use openmetrics_parser::prometheus::parse_prometheus;

fn main() {
    for (name, text) in [
        ("gauge", "# HELP g Help.\n# TYPE g gauge\ng{a=\"1\"} 1\n"),
        ("counter without _total", "# TYPE c counter\nc 1\n"),
        ("series with other labels", "# TYPE g gauge\ng{a=\"1\"} 1\ng{b=\"1\"} 1\n"),
        ("two names without TYPE", "a 1\nb 1\n"),
        ("capital letter in a name", "# TYPE G gauge\nG 1\n"),
        ("quotes in HELP", "# HELP g The \"best\".\n# TYPE g gauge\ng 1\n"),
        ("TYPE untyped", "# TYPE g untyped\ng 1\n"),
    ] {
        println!("{name}: {}", if parse_prometheus(text).is_ok() { "read" } else { "refused" });
    }
}
EOF
export CARGO_HOME="$dir/cargo" CARGO_TARGET_DIR="$dir/target"
timeout 300 cargo --quiet fetch
out=$(timeout 900 cargo --quiet run --offline)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
