#!/bin/sh
# metrics-exporter-prometheus 0.18.3 (Rust): label values \\srv\logs and \srv\logs are one, and backslashes move.
#
# Guess: in a label value each backslash and quote gets a backslash, and a line feed becomes \n, so that a reader has
#   the value that the program gave.
# Truth: the exporter allows for values that are escaped already. Of two backslashes one is lost, as is one before a
#   quote; one before a line feed goes behind it. Series whose values differ in this are shown as one series twice, for
#   which the Pushgateway refuses the push. Single backslashes, as in C:\logs, arrive.
#
# Seen:
# > C:\logs: files{path="C:\\logs"} 1
# > \\srv\logs and \srv\logs: files{path="\\srv\\logs"} 1; files{path="\\srv\\logs"} 1
# > say \"hi\" and say "hi": files{path="say \"hi\""} 1; files{path="say \"hi\""} 1
# > tar \, line feed, -x: files{path="tar \n\\-x"} 1
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
metrics = "=0.24.6"
metrics-exporter-prometheus = { version = "=0.18.3", default-features = false }
EOF
cat >src/main.rs <<'EOF'
use metrics_exporter_prometheus::PrometheusBuilder;

fn main() {
    for (what, values) in [
        (r"C:\logs", vec![r"C:\logs"]),
        (r"\\srv\logs and \srv\logs", vec![r"\\srv\logs", r"\srv\logs"]),
        (r#"say \"hi\" and say "hi""#, vec![r#"say \"hi\""#, r#"say "hi""#]),
        (r"tar \, line feed, -x", vec!["tar \\\n-x"]),
    ] {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            values.into_iter().for_each(|value| metrics::gauge!("files", "path" => value).set(1));
        });
        let text = recorder.handle().render();
        let series: Vec<_> = text.lines().filter(|line| line.starts_with("files")).collect();
        println!("{what}: {}", series.join("; "));
    }
}
EOF
export CARGO_HOME="$dir/cargo" CARGO_TARGET_DIR="$dir/target"
timeout 300 cargo --quiet fetch
out=$(timeout 900 cargo --quiet run --offline)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
